"""What the repositories share: rows by column names, the update of one row, the append of one step."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, exists, insert, literal, select, update

from credit.calendar.deadlines import civil_date
from credit.cases.case import Fact
from credit.core.recorded_step import RecordedStep
from storage.database.session import Rows, Session
from storage.repositories.messages.outbox import pend_leaf

BETWEEN: Final = "\n"
"""The separator of references in one column; no reference contains a line break."""


def select_named(table: Table, names: Sequence[str]) -> Select[Any]:
    """Select the columns of these names, in this order."""
    return select(*(table.c[name] for name in names))


def named(names: Sequence[str], rows: Rows) -> list[dict[str, Any]]:
    """Return rows as mappings, given the names of their columns."""
    return [dict(zip(names, row, strict=True)) for row in rows]


async def is_there(session: Session, *conditions: ColumnElement[bool]) -> bool:
    """Return whether any row meets all *conditions*."""
    return bool(await session.fetch(select(literal(1)).where(exists().where(*conditions))))


async def update_row(
    session: Session, table: Table, own: Mapping[str, object], values: Mapping[str, object], *also: ColumnElement[bool]
) -> bool:
    """Update the row in which these columns have these values; False where none has, as at another version."""
    conditions = [table.c[name] == value for name, value in own.items()]
    return await session.execute(update(table).where(*conditions, *also).values(dict(values))) > 0


async def append_step(session: Session, table: Table, step: RecordedStep, entry: bytes, *, about: str) -> None:
    """Append *step* and its pending leaf, given its canonical bytes; the database refuses to change it later.

    *about* is the column for the id of the record that the step belongs to.
    """
    row: dict[str, object] = {column.name: getattr(step, column.name) for column in table.c if column.name != about}
    row |= {about: step.about, "step": str(step.step), "evidence": joined(step.evidence), "facts": dict(step.facts)}
    await session.execute(insert(table), row)
    await pend_leaf(session, step.step_id, step.salt, entry, step.at)


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
