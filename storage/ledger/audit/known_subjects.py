"""Subjects that rows name and that do not exist, and subjects whose registration no entry tells of [5.1.6]."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, bindparam, exists, or_, select

from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.recomputed_entries import UNREADABLE, Key
from storage.repositories.rows import in_parts
from storage.tables import account_links, attested_rows, disclosures, identifier_terms, registrations, subjects

NAMING: Final[Sequence[Table]] = (account_links, identifier_terms)
"""The tables that lead from a number or an account to a subject, without a foreign key."""
ERASED: Final = UUID(int=0)
"""What stands for a subject that was erased."""


async def unknown_subjects(session: Session, subject_ids: Collection[UUID]) -> set[UUID]:
    """Return those of *subject_ids* that are no subjects, and were not erased."""
    found: set[UUID] = set(subject_ids) - {ERASED}
    for part in in_parts(sorted(found)):
        rows = await session.fetch(select(subjects.c.subject_id).where(subjects.c.subject_id.in_(part)))
        found.difference_update(row[0] for row in rows)
    return found


async def shown_to_nobody(session: Session, after: Key | None, limit: int) -> tuple[list[Contradiction], Key | None]:
    """Return the subjects that the next *limit* disclosures name and that do not exist."""
    table = disclosures.c
    wanted: Select[tuple[UUID, Sequence[UUID]]] = select(table.disclosure_id, table.subjects)
    wanted = wanted.order_by(table.disclosure_id).limit(limit)
    if after is not None:
        wanted = wanted.where(table.disclosure_id > after[0])
    rows = await session.fetch(wanted)
    unknown = await unknown_subjects(session, {one for row in rows for one in row[1]})
    findings = [
        Contradiction(ContradictionCode.SUBJECT_UNKNOWN, disclosures.name, row[0], one)
        for row in rows
        for one in row[1]
        if one in unknown
    ]
    return findings, (rows[-1][0],) if len(rows) == limit else None


async def named_by_nobody(session: Session, table: Table) -> list[Contradiction]:
    """Return the rows of one of `NAMING` whose subject does not exist."""
    there = exists().where(subjects.c.subject_id == table.c.subject_id)
    rows = await session.fetch(select(table.c.subject_id).where(~there).distinct())
    return _unknown(table, (row[0] for row in rows))


async def unregistered(session: Session, after: Key | None, limit: int) -> tuple[list[Contradiction], Key | None]:
    """Return those of the next *limit* subjects that nobody put on record."""
    own = subjects.c.subject_id
    wanted = select(own, _is_told()).order_by(own).limit(limit)
    if after is not None:
        wanted = wanted.where(own > bindparam(None, after[0], own.type))
    try:
        rows = await session.fetch(wanted)
    except UNREADABLE:  # an id that is none: what the subject owns is named where it is compared
        return [Contradiction(ContradictionCode.STATE_DIFFERS, subjects.name, columns=("subject_id",))], None
    findings = [
        Contradiction(ContradictionCode.STATE_ADDED, subjects.name, row[0], row[0]) for row in rows if not row[1]
    ]
    return findings, (rows[-1][0],) if len(rows) == limit else None


async def unregistered_among(session: Session, subject_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of *subject_ids* that nobody put on record."""
    own = subjects.c.subject_id
    rows = await session.fetch(select(own).where(own.in_(subject_ids), ~_is_told()))
    return {row[0] for row in rows}


def _is_told() -> ColumnElement[bool]:
    """Return the condition that a subject was registered, or taken over at an upgrade."""
    own = subjects.c.subject_id
    is_attested = exists().where(attested_rows.c.subject_id == own, attested_rows.c.record == subjects.name)
    return or_(exists().where(registrations.c.subject_id == own), is_attested)


def _unknown(table: Table, subject_ids: Iterable[UUID]) -> list[Contradiction]:
    return [Contradiction(ContradictionCode.SUBJECT_UNKNOWN, table.name, subject_id=one) for one in subject_ids]
