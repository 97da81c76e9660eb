"""Withholds what does not open: the field is null with one error, not on record as shown, and the page is spared.

`policy.disclosure` puts the marker DAMAGED in the place of a text. Before the record of the page is written,
`fields_not_shown` names what a row does not show because of it; afterwards `withhold_damaged` takes the markers out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from policy.crypto.keyring import DAMAGED
from policy.decisions import WithheldReason
from schema.core.enums import AccessOutcome
from schema.execution.planning.decisions import FieldDecision
from schema.execution.planning.statement_builder import OpenedField, StatementBuilder

Row = Sequence[Any]


def is_damaged(builder: StatementBuilder, rows: Sequence[Row]) -> bool:
    """Return whether any of *rows* has a value that did not open."""
    return any(row[at] is DAMAGED for at in builder.opened for row in rows)


def fields_not_shown(builder: StatementBuilder, row: Row) -> set[str]:
    """Return each "Type.field" that *row* shows nowhere, because its value did not open."""
    shown = {one.decision.field for at in builder.opened if row[at] is not DAMAGED for one in _shown(builder, at, row)}
    return {field.decision.field for field in _damaged(builder, row)} - shown


def withhold_damaged(builders: Sequence[StatementBuilder], pages: Sequence[Sequence[Row]]) -> list[dict[str, object]]:
    """Put None in the place of each damaged value, and of the mask beside it; return one error for each place.

    It names the items of a root field's list: an item of a list within another has no place that a client could count.

    The rows with sealed values are lists, as `policy.disclosure` returns them.
    """
    withheld: dict[tuple[str, ...], FieldDecision] = {}
    for builder in builders:
        if not is_damaged(builder, pages[builder.index]):
            continue
        is_listed = builder.parent is None and builder.keys_asked is None
        for place, row in enumerate(cast("Sequence[list[Any]]", pages[builder.index])):
            for field in _damaged(builder, row):
                known = withheld.setdefault(field.decision.path, _withheld(field.decision))
                known.types.extend(one for one in field.decision.types if one not in known.types)
                if is_listed and place not in known.rows[-1:]:
                    known.rows.append(place)
                if field.mask_at is not None:
                    row[field.mask_at] = None
            for at in builder.opened:
                if row[at] is DAMAGED:
                    row[at] = None
    return [decision.error() for decision in withheld.values()]


def _damaged(builder: StatementBuilder, row: Row) -> Iterator[OpenedField]:
    for at in builder.opened:
        if row[at] is DAMAGED:
            yield from _shown(builder, at, row)


def _shown(builder: StatementBuilder, at: int, row: Row) -> Iterator[OpenedField]:
    for field in builder.opened[at]:
        if row[at] is not None and (field.kind is None or (field.here is not None and row[field.here] == field.kind)):
            yield field


def _withheld(decision: FieldDecision) -> FieldDecision:
    return replace(
        decision, outcome=AccessOutcome.WITHHELD, grants=(), reason=WithheldReason.DAMAGED, unlock="", types=[], rows=[]
    )
