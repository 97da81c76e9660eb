"""Which entries of the log `consent` count for their subject: those without a count before the commitment."""

from sqlalchemy import ColumnElement, func

from consent.ledger.entry_counts import COMMITMENT_BYTES
from storage.queries.conditions.row_conditions import Condition
from storage.queries.literals import number


def counts_one(leaf: ColumnElement[bytes]) -> Condition:
    """Return the condition that *leaf*, an entry of `consent`, counts for its subject and not for nobody."""
    return func.length(leaf) == number(COMMITMENT_BYTES)
