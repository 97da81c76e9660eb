"""What the repositories share: rows by column names, the update of one row, and columns of several values."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, exists, literal, select, tuple_, update
from sqlalchemy.engine import Dialect

from credit.calendar.deadlines import civil_date
from credit.cases.case import Fact
from credit.subjects.subject import SealedText
from storage.database.array_binds import among
from storage.database.session import Session
from storage.tables import subjects

T = TypeVar("T")
BETWEEN: Final = "\n"
"""The separator of references in one column; no reference contains a line break."""
AT_ONCE: Final = 1_000
"""How many values one statement searches for: databases limit the number of binds."""


class SqlRepository:
    """A repository in one transaction or snapshot."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def _rows(self, wanted: Select[Any]) -> list[dict[str, Any]]:
        """Return the rows of *wanted* as mappings, by the names of its columns."""
        return named(wanted.selected_columns.keys(), await self._session.fetch(wanted))

    async def _row(self, wanted: Select[Any]) -> dict[str, Any] | None:
        """Return the first row of *wanted* as a mapping, or None where there is none."""
        return next(iter(await self._rows(wanted)), None)

    async def _is_there(self, *conditions: ColumnElement[bool]) -> bool:
        """Return whether any row meets all *conditions*."""
        return bool(await self._session.fetch(select(literal(1)).where(exists().where(*conditions))))

    async def _lock_subject(self, subject_id: UUID) -> bool:
        """Let other transactions that lock this subject wait until this one ends; False where there is no subject."""
        row = select(literal(1)).where(subjects.c.subject_id == subject_id).with_for_update(key_share=True)
        return bool(await self._session.fetch(row))

    async def _update_row(
        self, table: Table, own: Mapping[str, object], values: Mapping[str, object], *also: ColumnElement[bool]
    ) -> bool:
        """Update the row in which these columns have these values; False where none has, as at another version."""
        conditions = [table.c[name] == value for name, value in own.items()]
        return await self._session.execute(update(table).where(*conditions, *also).values(dict(values))) > 0


async def known_subjects(session: Session, dialect: Dialect, subject_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return those of *subject_ids* that are on record."""
    wanted = select(subjects.c.subject_id).where(among(subjects.c.subject_id, "these", dialect))
    return frozenset(row[0] for row in await session.fetch(wanted, {"these": sorted(subject_ids)}))


def field_names(record: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass."""
    return tuple(field.name for field in fields(record))


def column_names(table: Table) -> tuple[str, ...]:
    """Return the names of all columns of a table."""
    return tuple(column.name for column in table.c)


def unsealed_names(table: Table) -> tuple[str, ...]:
    """Return the names of the columns without the sealed texts, their masks, and the version that is bound to them."""
    return tuple(name for name in column_names(table) if not name.endswith(("_sealed", "_mask")) and name != "version")


def attributes(record: object, names: Sequence[str]) -> dict[str, Any]:
    """Return the attributes of these names."""
    return {name: getattr(record, name) for name in names}


def select_named(table: Table, names: Sequence[str]) -> Select[Any]:
    """Select the columns of these names, in this order."""
    return select(*(table.c[name] for name in names))


def named(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Return rows as mappings, given the names of their columns."""
    return [dict(zip(names, row, strict=True)) for row in rows]


def these(table: Table, keys: Sequence[tuple[UUID, UUID]], row_id: str) -> ColumnElement[bool]:
    """Return the condition that a row has one of these keys: its subject, and its *row_id*."""
    return tuple_(table.c.subject_id, table.c[row_id]).in_(keys)


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Give the values in parts that one statement can search for."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def sealed_text_columns(**items: SealedText | None) -> dict[str, object]:
    """Return the two columns of each item: its box and its mask."""
    columns: dict[str, object] = {}
    for item, value in items.items():
        columns |= {f"{item}_sealed": value and value.sealed, f"{item}_mask": value and value.mask}
    return columns


def joined(references: Sequence[str]) -> str | None:
    """Return references as one column stores them."""
    return BETWEEN.join(references) or None


def split(references: str | None) -> tuple[str, ...]:
    """Return the references of a column."""
    return tuple(references.split(BETWEEN)) if references else ()


def fact_of(on: date, at: datetime, by: str | None, department: str | None, references: str | None) -> Fact:
    """Return a dated fact. The instant is used only if it is of the day itself: paper may be entered later."""
    return Fact(on, by, department, split(references), at if civil_date(at) == on else None)


def of_application(subject_id: UUID, application_id: UUID) -> dict[str, object]:
    """Return the key of a row that an application has one of."""
    return {"subject_id": subject_id, "application_id": application_id}
