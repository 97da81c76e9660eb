"""Withholds what does not open: the field is null with an error, not on record as shown, and the page is spared.

`policy.disclosure` puts DAMAGED in the place of a text. Before the record of the page is written, `fields_not_shown`
names what a row does not show because of it; `damaged_fields` names the places of the document with such values.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from policy.crypto.keyring import DAMAGED
from policy.decisions import WithheldReason
from schema.execution.output.withheld_values import WithheldMarker
from schema.execution.planning.statement_builder import OpenedField, StatementBuilder

Row = Sequence[Any]


def is_damaged(builder: StatementBuilder, rows: Sequence[Row]) -> bool:
    """Return whether any of *rows* has a value that did not open."""
    return any(row[at] is DAMAGED for at in builder.opened for row in rows)


def fields_not_shown(builder: StatementBuilder, row: Row) -> set[str]:
    """Return each "Type.field" that *row* shows nowhere, because its value did not open."""
    shown = {one.decision.field for at in builder.opened if row[at] is not DAMAGED for one in _shown(builder, at, row)}
    return {field.decision.field for field in _damaged(builder, row)} - shown


def damaged_fields(
    builders: Sequence[StatementBuilder], pages: Sequence[Sequence[Row]]
) -> dict[tuple[str, ...], WithheldMarker]:
    """Return a marker for each place of the document where some row has a value that did not open, by its path."""
    found: dict[tuple[str, ...], WithheldMarker] = {}
    for builder in builders:
        for row in pages[builder.index] if is_damaged(builder, pages[builder.index]) else ():
            for field in _damaged(builder, row):
                decision = field.decision
                if decision.path not in found:
                    withheld = decision.withheld(WithheldReason.DAMAGED, "", [])
                    found[decision.path] = WithheldMarker(withheld, by_row=True)
                types = found[decision.path].decision.types
                types.extend(one for one in decision.types if one not in types)
    return found


def _damaged(builder: StatementBuilder, row: Row) -> Iterator[OpenedField]:
    for at in builder.opened:
        if row[at] is DAMAGED:
            yield from _shown(builder, at, row)


def _shown(builder: StatementBuilder, at: int, row: Row) -> Iterator[OpenedField]:
    for field in builder.opened[at]:
        if row[at] is not None and (field.kind is None or (field.here is not None and row[field.here] == field.kind)):
            yield field
