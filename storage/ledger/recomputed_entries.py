"""Entries recomputed from their rows: of given sources, and over a whole table in the order of its key.

    rows = await source_rows(session, "consent", sources, owners)    # what the tables have under these ids
    keys = await keys_after(session, table, None, 1_000)             # the first page of a walk

A row that holds what no act can have written has no entry, and is never an error: a word that is in no list, a date
that is none (SQLite stores any text), JSON that is cut off.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Table, bindparam, select, tuple_
from sqlalchemy.exc import StatementError

from consent.disclosures.formats import AccessContext, Ground, Part
from consent.disclosures.stored_disclosure import StoredDisclosure
from consent.disclosures.stored_parts import decode_parts
from consent.errors import NotCanonical
from consent.leaves.canonical_form import NOBODY
from consent.ports import Log
from consent.vocabulary import Basis, Channel, KnownBy, Purpose
from credit.core.errors import CreditError
from storage.database.array_binds import id_pairs, joined_pairs
from storage.database.session import Rows, Session
from storage.ledger.entry_sources import DISCLOSURES, FILES, OPENINGS, SOURCES, EntrySource, Row
from storage.repositories.rows import in_parts, named
from storage.repositories.subjects.withheld_entries import COUNTED_WITH
from storage.tables import access_contexts, access_grounds, withheld_entries

UNREADABLE: Final = (
    ValueError, TypeError, LookupError, AttributeError, OverflowError, NotCanonical, CreditError, StatementError,
)  # fmt: skip
"""What a value raises that no act has written: while it is read, or while its entry is made."""

Key = tuple[UUID, ...]
"""The key of a row: its owner and its source, or its source alone."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row that an entry commits to. *entry* is None where its values are not those of any act."""

    table: str
    source: UUID
    owner: UUID | None
    entry: bytes | None


async def recomputed(
    session: Session, log: Log, sources: Sequence[UUID], owners: Sequence[UUID | None] | None = None
) -> dict[UUID, bytes | None]:
    """Return the entry of each of *sources* as its row gives it now; None where there is no row, or a damaged one.

    *owners* are the subjects of the sources, as far as they are known: with them each row is found by its key.
    """
    rows = await source_rows(session, log, sources, owners)
    return {source: rows[source].entry if source in rows else None for source in sources}


async def source_rows(
    session: Session, log: Log, sources: Sequence[UUID], owners: Sequence[UUID | None] | None = None
) -> dict[UUID, SourceRow]:
    """Return the rows that entries of *sources* in *log* commit to; one without a row is left out."""
    owner_of = dict(zip(sources, owners or [None] * len(sources), strict=True))
    found: dict[UUID, SourceRow] = {}
    for part in in_parts(sources):
        wanted = [source for source in part if source not in found]
        if log == "access":
            found |= await _disclosures(session, wanted)
            found |= await _openings(session, [each for each in wanted if each not in found])
        for source in SOURCES:
            left = [each for each in wanted if each not in found]
            if source.log == log and left:
                found |= await _of_source(session, source, [(owner_of[each], each) for each in left])
    return found


async def rows_of_table(
    session: Session, table: Table, subject_id: UUID, sources: Sequence[UUID]
) -> dict[UUID, SourceRow]:
    """Return the rows of one table of a subject's entries, by their sources."""
    source = next(source for source in SOURCES if source.table is table)
    return await _of_source(session, source, [(subject_id, each) for each in sources]) if sources else {}


def tables_of(log: Log) -> Sequence[Table]:
    """Return the tables whose rows have an entry each in *log*."""
    own = [source.table for source in SOURCES if source.log == log]
    return [DISCLOSURES, OPENINGS, *own] if log == "access" else own


def key_columns(table: Table) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of the key of a table of entries: the last one is the source."""
    if table is DISCLOSURES:
        return (table.c.disclosure_id,)
    if table is OPENINGS:
        return (table.c.source,)
    source = next(source for source in SOURCES if source.table is table)
    return tuple(table.c[name] for name in source.keys)


async def keys_after(session: Session, table: Table, after: Key | None, limit: int) -> Sequence[Key]:
    """Return the keys of the next rows of *table*, in order; the last of them is where the next page begins.

    A key that cannot be read is left out: SQLite stores any text.
    """
    columns = key_columns(table)
    wanted = select(*columns).where(columns[-1].is_not(None)).order_by(*columns).limit(limit)
    if after is not None:
        typed = [bindparam(None, value, column.type) for value, column in zip(after, columns, strict=True)]
        wanted = wanted.where(tuple_(*columns) > tuple_(*typed))
    return [tuple(row) for row in await _readable(session, wanted, limit)]


async def _readable(session: Session, wanted: Select[Any], limit: int) -> Rows:
    """Return the rows of *wanted*, without those that cannot be read."""
    try:
        return await session.fetch(wanted)
    except UNREADABLE:
        rows: list[tuple[Any, ...]] = []
        for at in range(limit):
            try:
                rows += await session.fetch(wanted.limit(1).offset(at))
            except UNREADABLE:
                continue
        return rows


# --- rows of one entry ------------------------------------------------------------------------------------------------


Wanted = tuple[UUID | None, UUID]
"""A source, after its owner where that is known."""


async def _of_source(session: Session, source: EntrySource, wanted: Sequence[Wanted]) -> dict[UUID, SourceRow]:
    found: dict[UUID, SourceRow] = {}
    names, rows, damaged = await _columns(session, source, wanted)
    pages = named(names, rows)
    withheld = await _withheld(session, source, pages)
    for row in pages:
        owner = row["subject_id"] if source.is_owned else None
        found[row[source.key]] = SourceRow(source.table.name, row[source.key], owner, _entry(source, row, withheld))
    for each in damaged:
        found[each] = SourceRow(source.table.name, each, None, None)
    return found


async def opened_records(
    session: Session, table: Table, owner: UUID, wanted: Sequence[UUID]
) -> dict[UUID, tuple[bytes, bytes]]:
    """Return salt and canonical bytes of rows of *table* that belong to *owner*, without those that are damaged."""
    source = next(source for source in SOURCES if source.table is table)
    names, rows, _ = await _columns(session, source, [(owner, each) for each in wanted])
    found: dict[UUID, tuple[bytes, bytes]] = {}
    for row in named(names, rows):
        with suppress(*UNREADABLE):
            found[row[source.key]] = source.opened(row)
    return found


def _entry(source: EntrySource, row: Row, withheld: Mapping[UUID, UUID]) -> bytes | None:
    """Return the entry of a row; None where an act writes no such row, or withholds it by another record."""
    record_id = withheld.get(row[source.key])
    try:
        entry = source.entry(row)
        if record_id is None:
            return entry
        return NOBODY + entry if record_id == COUNTED_WITH[source.table](row) else None
    except UNREADABLE:
        return None


async def _withheld(session: Session, source: EntrySource, rows: Iterable[Row]) -> dict[UUID, UUID]:
    """Return, of those of *rows* whose entries count for nobody, the record with which each is to count."""
    if source.log != "consent":
        return {}
    keys = [(row["subject_id"], row[source.key]) for row in rows]
    return dict(await session.fetch(_WITHHELD, {"pairs": joined_pairs(keys)})) if keys else {}


def _of_withheld() -> Select[Any]:
    pairs, owner, own = id_pairs("pairs")
    table = withheld_entries.c
    return select(table.source, table.record_id).select_from(
        pairs.join(withheld_entries, (table.subject_id == owner) & (table.source == own))
    )


_WITHHELD: Final = _of_withheld()


async def _columns(
    session: Session, source: EntrySource, wanted: Sequence[Wanted]
) -> tuple[Sequence[str], Sequence[Sequence[Any]], Sequence[UUID]]:
    """Return the names of the columns, the rows that can be read, and the sources of those that cannot."""
    names = [*source.keys, *source.columns, "salt", *source.made, *source.joined]
    try:
        return names, await _fetch(session, source, names, wanted), ()
    except UNREADABLE:
        pass
    rows: list[Sequence[Any]] = []
    damaged: list[UUID] = []
    for each in wanted:
        try:
            rows += await _fetch(session, source, names, [each])
        except UNREADABLE:
            damaged.append(each[1])
    return names, rows, damaged


async def _fetch(session: Session, source: EntrySource, names: Sequence[str], wanted: Sequence[Wanted]) -> Rows:
    with_owner = [(owner, each) for owner, each in wanted if owner is not None]
    if source.is_owned and len(with_owner) == len(wanted):
        statement = _statement(source.table, tuple(names), tuple(source.joined), source.key, by_pairs=True)
        return await session.fetch(statement, {"pairs": joined_pairs(with_owner)})
    statement = _statement(source.table, tuple(names), tuple(source.joined), source.key, by_pairs=False)
    return await session.fetch(statement.where(source.table.c[source.key].in_([each for _, each in wanted])))


@lru_cache(maxsize=128)
def _statement(
    table: Table, names: tuple[str, ...], joined: tuple[str, ...], key: str, *, by_pairs: bool
) -> Select[Any]:
    """Return the statement for rows of a source; made once, for making it takes longer than running it."""
    rows: FromClause = table
    if by_pairs:
        pairs, owner, own = id_pairs("pairs")
        rows = pairs.join(table, (table.c.subject_id == owner) & (table.c[key] == own))
    if joined:  # an attachment whose file is gone has no entry
        same = (FILES.c.subject_id == table.c.subject_id) & (FILES.c.file_id == table.c.file_id)
        rows = rows.outerjoin(FILES, same)
    return select(*((FILES if name in joined else table).c[name] for name in names)).select_from(rows)


# --- disclosures ------------------------------------------------------------------------------------------------------

_PAGE: Final = (
    "disclosure_id", "at", "request_id", "context_id", "ground_id", "actor_ref", "subjects", "parts", "seed",
    "opened", "delay_id",
)  # fmt: skip


async def _disclosures(session: Session, wanted: Sequence[UUID]) -> dict[UUID, SourceRow]:
    table = DISCLOSURES
    columns = [table.c[name] for name in _PAGE]
    statement = select(*columns)
    damaged: list[UUID] = []
    try:
        rows = list(await session.fetch(statement.where(table.c.disclosure_id.in_(wanted))))
    except UNREADABLE:
        rows = []
        for each in wanted:
            try:
                rows += await session.fetch(statement.where(table.c.disclosure_id == each))
            except UNREADABLE:
                damaged.append(each)
    pages = named(_PAGE, rows)
    contexts, grounds = await _contexts(session, pages), await _grounds(session, pages)
    found = {
        page["disclosure_id"]: SourceRow(table.name, page["disclosure_id"], None, _page_entry(page, contexts, grounds))
        for page in pages
    }
    return found | {each: SourceRow(table.name, each, None, None) for each in damaged}


async def _openings(session: Session, wanted: Sequence[UUID]) -> dict[UUID, SourceRow]:
    """Return the second entries of disclosures that a lawful delay covered."""
    table = OPENINGS.c
    columns = table.source, table.disclosure_id, table.first_index
    rows = await session.fetch(select(*columns).where(table.source.in_(wanted))) if wanted else ()
    stored = await stored_disclosures(session, [row[1] for row in rows])
    found: dict[UUID, SourceRow] = {}
    for source, disclosure_id, first_index in rows:
        try:
            entry = stored[disclosure_id].opening(first_index)[1]
        except UNREADABLE:
            entry = None
        found[source] = SourceRow(OPENINGS.name, source, None, entry)
    return found


async def stored_disclosures(session: Session, wanted: Sequence[UUID]) -> dict[UUID, StoredDisclosure]:
    """Return those of the disclosures *wanted* whose rows can be read."""
    columns = [DISCLOSURES.c[name] for name in _PAGE]
    pages = named(_PAGE, await session.fetch(select(*columns).where(DISCLOSURES.c.disclosure_id.in_(wanted))))
    contexts, grounds = await _contexts(session, pages), await _grounds(session, pages)
    found = {page["disclosure_id"]: _stored(page, contexts, grounds) for page in pages}
    return {key: stored for key, stored in found.items() if stored is not None}


def _page_entry(page: Row, contexts: Mapping[int, AccessContext], grounds: Mapping[int, Ground]) -> bytes | None:
    stored = _stored(page, contexts, grounds)
    try:
        return None if stored is None else stored.entry()
    except UNREADABLE:
        return None


def _stored(page: Row, contexts: Mapping[int, AccessContext], grounds: Mapping[int, Ground]) -> StoredDisclosure | None:
    try:
        subjects = page["subjects"]
        stored = decode_parts(page["ground_id"], _bytes(page["parts"]), len(subjects))
        parts: list[Part] = [tuple((grounds[ground_id], used) for ground_id, used in part) for part in stored]
        return StoredDisclosure(
            page["disclosure_id"],
            page["request_id"],
            page["at"],
            page["actor_ref"],
            contexts[page["context_id"]],
            subjects,
            parts,
            _bytes(page["seed"]),
            _bytes(page["opened"]),
            page["delay_id"] is not None,
        )
    except UNREADABLE:
        return None


async def _contexts(session: Session, pages: Iterable[Row]) -> dict[int, AccessContext]:
    names = ("context_id", "role", "department_code", "purpose", "channel", "known_by", "document_hash")
    found: dict[int, AccessContext] = {}
    for row in await _interned(session, access_contexts, names, sorted({page["context_id"] for page in pages})):
        try:
            words = {
                "purpose": Purpose(row["purpose"]),
                "channel": Channel(row["channel"]),
                "known_by": KnownBy(row["known_by"]),
            }
            context_id = row.pop("context_id")
            found[context_id] = AccessContext(**row | words)
        except UNREADABLE:
            continue
    return found


async def _grounds(session: Session, pages: Iterable[Row]) -> dict[int, Ground]:
    ids: set[int] = set()
    for page in pages:
        try:
            stored = decode_parts(page["ground_id"], _bytes(page["parts"]), len(page["subjects"]))
        except UNREADABLE:
            continue
        ids.update(ground_id for part in stored for ground_id, _ in part)
    found: dict[int, Ground] = {}
    for row in await _interned(session, access_grounds, ("ground_id", "basis", "citation", "fields"), sorted(ids)):
        try:
            fields = tuple((name, data_class, form) for name, data_class, form in row["fields"])
            found[row["ground_id"]] = Ground(Basis(row["basis"]), row["citation"], fields)
        except UNREADABLE:
            continue
    return found


async def _interned(session: Session, table: Table, names: Sequence[str], ids: Sequence[int]) -> list[dict[str, Any]]:
    rows: list[Sequence[Any]] = []
    statement = select(*(table.c[name] for name in names))
    for part in in_parts(ids):
        try:
            rows += await session.fetch(statement.where(table.c[names[0]].in_(part)))
        except UNREADABLE:
            for each in part:
                try:
                    rows += await session.fetch(statement.where(table.c[names[0]] == each))
                except UNREADABLE:
                    continue
    return named(names, rows)


def _bytes(value: Any) -> bytes | None:  # noqa: ANN401 - as the driver gives it
    return None if value is None else bytes(value)
