"""How a recorded step is appended, to whichever table of steps it belongs: a row, and the leaf of it."""

from typing import Any

from sqlalchemy import Table, insert

from consent.log_entries import commitment, leaf_hash
from credit.cases.steps import BETWEEN
from credit.core.recorded_step import RecordedStep
from storage.database.session import Session
from storage.repositories.messages.outbox import append_pending_leaf


async def append_step(session: Session, table: Table, step: RecordedStep, leaf: bytes, *, about: str) -> None:
    """Append *step* and pend its leaf; the database itself refuses any change of it later.

    *about* is the column that holds the id of what the step is about; *leaf* is what the ledger commits to.
    """
    own: dict[str, Any] = {column.name: getattr(step, column.name) for column in table.c if column.name != about}
    written = {
        about: step.about,
        "step": str(step.step),
        "evidence": BETWEEN.join(step.evidence) or None,
        "facts": dict(step.facts),
    }
    await session.execute(insert(table), own | written)
    await append_pending_leaf(session, "access", step.step_id, leaf_hash(commitment(step.salt, leaf)), step.at)
