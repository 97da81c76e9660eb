"""Rows with sealed columns. A row is always resealed as a whole, because all its boxes are bound to its version."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, select

from credit.core.errors import CaseChangedMeanwhile
from credit.corrections.ports import SealedRow
from credit.subjects.subject import Place, Sealed, SealedText
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
        items = items_of(of)
        columns = [of.c[f"{item}_{part}"] for item in items for part in ("sealed", "mask")]
        rows = await self._session.fetch(
            select(of.c.version, subject_keys.c.wrapped, *columns)
            .select_from(of.join(subject_keys, subject_keys.c.subject_id == of.c.subject_id))
            .where(of.c.subject_id == subject_id, of.c[key] == row_id)
        )
        if not rows:
            return None
        version, wrapped, *parts = rows[0]
        pairs = dict(zip(items, zip(parts[::2], parts[1::2], strict=True), strict=True))
        places = {item: Place(table, item, subject_id, row_id, version) for item in items}
        return SealedRow(
            table=table,
            subject_id=subject_id,
            row_id=row_id,
            version=version,
            boxes={
                item: None if box is None else Sealed(places[item], box, wrapped) for item, (box, _) in pairs.items()
            },
            masks={item: mask for item, (_, mask) in pairs.items()},
        )

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
