"""What the log `system` says: readable, about no subject [consent/ledger/system_entries.py]."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import LargeBinary, literal, select

from consent.disclosures.pending_groups import split_leaves
from consent.errors import NotCanonical, SystemEntryRefused
from consent.leaves.canonical_form import canonical_bytes
from consent.ledger.system_entries import SystemEntry, parse_system_entry
from consent.ports import LOG_CODES
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.database.sql_ids import holds_bytes
from storage.repositories.ledger_leaves import append_entry
from storage.tables import ledger_entries, ledger_restores, pending_entries, system_entries

Stated = TypeVar("Stated", bound=SystemEntry)


async def state(session: Session, entry: SystemEntry, about: str = "") -> bool:
    """State *entry*, unless the last one of its type and *about* says the same; return whether it was stated.

    *about* tells the things of one type apart: which year, which table. Raises TypeError for a session that writes no
    entries.
    """
    last = await last_stated(session, type(entry), about)
    if last is not None and replace(last, at=entry.at) == entry:
        return False
    written = entry.encode()
    row = {"entry_id": entry.source, "type": entry.TYPE, "about": about, "at": entry.at, "entry": written.decode()}
    if await session.execute(insert_once(system_entries), row) == 0:
        return False
    append_entry(session, "system", entry.source, written)
    return True


def digest_of_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return SHA-256 over rows in their order, each as JCS and ended by a line feed. Their values are plain JSON."""
    digest = sha256()
    for row in rows:
        digest.update(canonical_bytes(dict(row)) + b"\n")
    return digest.digest()


async def stated(session: Session, kind: type[Stated]) -> Sequence[Stated]:
    """Return what the log itself states of one kind, in its order, and after it what waits; nothing of a table.

    What a restore lost is left out.
    """
    type_, system = literal(kind.TYPE.encode(), LargeBinary()), LOG_CODES["system"]
    row, waits, lost = ledger_entries.c, pending_entries.c, ledger_restores.c
    in_range = lost.first_index <= row.leaf_index, lost.end_index > row.leaf_index
    is_lost = select(1).where(lost.log == system, *in_range).exists()
    integrated = select(row.leaf).where(row.log == system, holds_bytes(row.leaf, type_), ~is_lost)
    entries = [bytes(leaf) for (leaf,) in await session.fetch(integrated.order_by(row.leaf_index))]
    waiting = select(waits.leaves).where(waits.log == "system", holds_bytes(waits.leaves, type_))
    for (leaves,) in await session.fetch(waiting):
        with suppress(NotCanonical):  # such a group is named by its tag
            entries += split_leaves(bytes(leaves))
    return [found for entry in entries if isinstance(found := _parsed(entry), kind)]


async def last_stated(session: Session, kind: type[Stated], about: str = "") -> Stated | None:
    """Return what was stated last of one kind and *about*, by the table of what was stated; None before the first."""
    row = system_entries.c
    wanted = select(row.entry).where(row.type == kind.TYPE, row.about == about)
    found: Sequence[Sequence[Any]] = await session.fetch(wanted.order_by(row.at.desc()).limit(1))
    # Where somebody changed the row, what is in force is stated again.
    entry = _parsed(str(found[0][0]).encode()) if found else None
    return entry if isinstance(entry, kind) else None


def _parsed(entry: bytes) -> SystemEntry | None:
    try:
        return parse_system_entry(entry)
    except SystemEntryRefused:
        return None
