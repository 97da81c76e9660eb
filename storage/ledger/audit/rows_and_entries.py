"""Rows against entries: a row without an entry was added, an entry without a row was deleted, another one was changed.

Both ways are needed: from the rows of every table to the ledger, and from the ledger to the rows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, select

from consent.ports import LOG_CODES, Log
from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.audit.known_entries import KnownEntry, known_entries, split_group
from storage.ledger.recomputed_entries import Key, key_columns, keys_after, source_rows
from storage.queries.conditions.counted_entries import counts_one
from storage.repositories.rows import in_parts
from storage.tables import (
    erased_access_entries,
    erasures,
    ledger_entries,
    ledger_restores,
    mismatched_leaves,
    pending_entries,
)

ERASED: Final = UUID(int=0)
"""What stands for the subject of an entry once it was erased; its row stays."""
READ: Final[tuple[Log, ...]] = ("access", "consent")
"""The logs whose entries commit to rows; those of `system` are readable and commit to none."""


async def added_rows(
    session: Session, table: Table, after: Key | None, limit: int
) -> tuple[list[Contradiction], Key | None]:
    """Return the rows of the next page of *table* that have no entry, and where the page ends; None at the end."""
    keys = await keys_after(session, table, after, limit)
    return await added_among(session, table, keys), keys[-1] if len(keys) == limit else None


async def added_among(session: Session, table: Table, keys: Sequence[Key]) -> list[Contradiction]:
    """Return those of the rows with these keys that have no entry."""
    known = await known_entries(session, [key[-1] for key in keys])
    named = {column.name for column in key_columns(table)}
    lacking = [key for key in keys if key[-1] not in known]
    old = await _mismatched(session, [key[-1] for key in lacking])
    return [
        Contradiction(ContradictionCode.ROW_ADDED, table.name, key[-1], key[0] if "subject_id" in named else None)
        for key in lacking
        if key[-1] not in old
    ]


async def entries_of_log(session: Session, log: Log, start: int, limit: int) -> tuple[list[Contradiction], int | None]:
    """Compare the next *limit* integrated entries of *log* with their rows; return where to go on, None at the end."""
    table = ledger_entries.c
    wanted = select(table.source, table.owner, table.leaf, table.leaf_index)
    page = wanted.where(table.log == LOG_CODES[log], table.leaf_index >= start).order_by(table.leaf_index).limit(limit)
    entries = [KnownEntry(log, row[0], row[1], bytes(row[2]), row[3]) for row in await session.fetch(page)]
    restored = await _restored(session, log)
    own = [entry for entry in entries if not any(first <= _at(entry) < end for first, end in restored)]
    return await compare(session, log, own), _at(entries[-1]) + 1 if len(entries) == limit else None


async def entries_that_wait(session: Session, log: Log) -> list[Contradiction]:
    """Compare every entry that waits for *log* with its row."""
    table = pending_entries.c
    groups = await session.fetch(select(table.log, table.sources, table.owners, table.leaves).where(table.log == log))
    return await compare(session, log, [entry for group in groups for entry in split_group(*group)])


async def compare(session: Session, log: Log, entries: Sequence[KnownEntry]) -> list[Contradiction]:
    """Return what contradicts these entries among the rows that they commit to."""
    rows = await source_rows(session, log, [each.source for each in entries], [each.owner for each in entries])
    elsewhere = [each for each in entries if each.source not in rows and each.owner is not None]
    # An owner that was changed hides the row: it is found by its id alone.
    rows |= await source_rows(session, log, [each.source for each in elsewhere])
    lacking = [each.source for each in entries if each.source not in rows]
    # A stub without an entry of its own stands for nothing: somebody put it there.
    stubs = await _among(
        session, erased_access_entries.c.entry_id, lacking, erased_access_entries.c.stub_id.is_not(None)
    )
    owners = [row.owner for row in rows.values() if row.owner is not None]
    erased = await _among(session, erasures.c.subject_id, owners) if _has_erased(entries) else set[UUID]()
    findings = []
    for entry in entries:
        row = rows.get(entry.source)
        if row is None and (entry.source in stubs or entry.owner == ERASED):
            continue  # of an erased subject: a read of which who and when are kept, or the secret (`erased_entries`)
        if row is None:
            findings.append(_finding(ContradictionCode.ROW_DELETED, log, entry, "ledger_entries"))
        elif row.entry != entry.leaf or not _is_owned(entry.owner, row.owner, erased):
            findings.append(_finding(ContradictionCode.ROW_CHANGED, log, entry, row.table))
    return findings + _repeated(log, entries)


async def erased_entries(session: Session) -> list[Contradiction]:
    """Return a contradiction where other entries name nobody than those that erasures counted.

    An erasure takes its subject's id out of the entries, and deletes one row: that of its secret.
    """
    table = ledger_entries.c
    of_nobody = table.owner == ERASED, table.log == LOG_CODES["consent"], counts_one(table.leaf)
    disowned = select(func.count()).where(*of_nobody)
    ((named_nobody,),) = await session.fetch(disowned)
    ((counted,),) = await session.fetch(select(func.coalesce(func.sum(erasures.c.consent_count), 0)))
    if int(counted) == named_nobody:
        return []
    return [Contradiction(ContradictionCode.ERASED_DIFFER, ledger_entries.name, log="consent")]


def _is_owned(named: UUID | None, owner: UUID | None, erased: Collection[UUID]) -> bool:
    """Return whether an entry names the subject of its row: nobody, once that was erased."""
    return named is None or owner is None or named == owner or (named == ERASED and owner in erased)


def _has_erased(entries: Iterable[KnownEntry]) -> bool:
    return any(entry.owner == ERASED for entry in entries)


async def _among(
    session: Session, column: ColumnElement[Any], ids: Collection[UUID], *conditions: ColumnElement[bool]
) -> set[UUID]:
    """Return which of the ids a column has, in rows that meet the conditions."""
    found: set[UUID] = set()
    for part in in_parts(sorted(ids)):
        found |= {row[0] for row in await session.fetch(select(column).where(column.in_(part), *conditions))}
    return found


async def kept_mismatches(session: Session) -> list[Contradiction]:
    """Return the leaves that did not fit their row when they were converted to entries."""
    table = mismatched_leaves.c
    return [
        Contradiction(ContradictionCode.LEAF_MISMATCHED, "mismatched_leaves", source, log=log)
        for source, log in await session.fetch(select(table.entry_id, table.log))
    ]


def _repeated(log: Log, entries: Iterable[KnownEntry]) -> list[Contradiction]:
    seen: dict[UUID, KnownEntry] = {}
    return [
        _finding(ContradictionCode.ENTRY_REPEATED, log, entry, "pending_entries")
        for entry in entries
        if seen.setdefault(entry.source, entry) is not entry
    ]


def _finding(code: ContradictionCode, log: Log, entry: KnownEntry, table: str) -> Contradiction:
    return Contradiction(code, table, entry.source, entry.owner, log, entry.leaf_index)


async def _mismatched(session: Session, sources: Sequence[UUID]) -> Mapping[UUID, str]:
    if not sources:
        return {}
    table = mismatched_leaves.c
    rows = await session.fetch(select(table.entry_id, table.reason).where(table.entry_id.in_(sources)))
    return {source: reason for source, reason in rows}  # noqa: C416 - a row of the database is no pair


async def _restored(session: Session, log: Log) -> list[tuple[int, int]]:
    """Return the places whose rows a restore lost: they have none, as the log `system` says."""
    table = ledger_restores.c
    rows = await session.fetch(select(table.first_index, table.end_index).where(table.log == LOG_CODES[log]))
    return [(first, end) for first, end in rows]


def _at(entry: KnownEntry) -> int:
    return -1 if entry.leaf_index is None else entry.leaf_index
