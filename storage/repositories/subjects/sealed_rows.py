"""Rows with sealed columns. A row is always resealed as a whole, because all its boxes are bound to its version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, Table, select

from credit.core.errors import CaseChangedMeanwhile
from credit.corrections.ports import SealedRow
from credit.subjects.subject import Place, Sealed, SealedText, SubjectKind
from storage.repositories.rows import SqlRepository, column_names, sealed_text_columns
from storage.tables import identifiers, restraint_cases, subject_keys, subjects

ROWS: Mapping[str, tuple[Table, str]] = {
    "restraint_cases": (restraint_cases, "case_id"),
    "subjects": (subjects, "subject_id"),
    "identifiers": (identifiers, "identifier_id"),
}
"""The tables whose rows are corrected, and the id column of each."""


class SealedRowRepository(SqlRepository):
    """The sealed columns of these tables. No box is opened here: storage has no key."""

    async def load(self, table: str, subject_id: UUID, row_id: UUID) -> SealedRow | None:
        of, key = ROWS[table]
        wanted = _wanted(of, key).where(of.c.subject_id == subject_id, of.c[key] == row_id)
        rows = await self._session.fetch(wanted)
        return _row(table, rows[0]) if rows else None

    async def page_of_subjects(self, after: UUID | None, first: int) -> Sequence[tuple[SubjectKind, SealedRow]]:
        """Return the kind and the row of the *first* subjects after this id, in the order of their ids."""
        wanted = _wanted(subjects, "subject_id", subjects.c.kind).order_by(subjects.c.subject_id).limit(first)
        if after is not None:
            wanted = wanted.where(subjects.c.subject_id > after)
        return [(SubjectKind(kind), _row("subjects", rest)) for *rest, kind in await self._session.fetch(wanted)]

    async def save(self, row: SealedRow, boxes: Mapping[str, SealedText | None], at: datetime) -> None:
        of, key = ROWS[row.table]
        if set(boxes) != set(items_of(of)):
            raise ValueError("a box left at the old version would never open again")
        changes = {"version": row.version + 1, **sealed_text_columns(**boxes)}
        if "changed_at" in of.c:
            changes["changed_at"] = at
        own = {"subject_id": row.subject_id, key: row.row_id, "version": row.version}
        if not await self._update_row(of, own, changes):
            raise CaseChangedMeanwhile


def items_of(table: Table) -> tuple[str, ...]:
    """Return the items that a table stores sealed."""
    return tuple(name.removesuffix("_sealed") for name in column_names(table) if name.endswith("_sealed"))


def _wanted(of: Table, key: str, *more: Column[Any]) -> Select[Any]:
    """Return what `_row` needs of the rows of a table, and *more* behind it."""
    columns = [of.c[f"{item}_{part}"] for item in items_of(of) for part in ("sealed", "mask")]
    return select(
        of.c.subject_id, of.c[key].label("row_id"), of.c.version, subject_keys.c.wrapped, *columns, *more
    ).select_from(of.join(subject_keys, subject_keys.c.subject_id == of.c.subject_id))


def _row(table: str, values: Sequence[Any]) -> SealedRow:
    subject_id, row_id, version, wrapped, *parts = values
    items = items_of(ROWS[table][0])
    pairs = dict(zip(items, zip(parts[::2], parts[1::2], strict=True), strict=True))
    places = {item: Place(table, item, subject_id, row_id, version) for item in items}
    return SealedRow(
        table=table,
        subject_id=subject_id,
        row_id=row_id,
        version=version,
        boxes={item: None if box is None else Sealed(places[item], box, wrapped) for item, (box, _) in pairs.items()},
        masks={item: mask for item, (_, mask) in pairs.items()},
    )
