"""What the log `system` says: readable, about no subject [consent/ledger/system_entries.py]."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from consent.errors import SystemEntryRefused
from consent.leaves.canonical_form import canonical_bytes
from consent.ledger.system_entries import SystemEntry, parse_system_entry
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.repositories.ledger_leaves import append_entry
from storage.tables import system_entries


async def state(session: Session, entry: SystemEntry, about: str = "") -> bool:
    """State *entry*, unless the last one of its type and *about* says the same; return whether it was stated.

    *about* tells the things of one type apart: which year, which table. Raises TypeError for a session that writes no
    entries.
    """
    last = await _last(session, entry, about)
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


async def _last(session: Session, entry: SystemEntry, about: str) -> SystemEntry | None:
    row = system_entries.c
    wanted = select(row.entry).where(row.type == entry.TYPE, row.about == about)
    found: Sequence[Sequence[Any]] = await session.fetch(wanted.order_by(row.at.desc()).limit(1))
    try:
        return parse_system_entry(str(found[0][0]).encode()) if found else None
    except SystemEntryRefused:  # somebody changed the row: what is in force is stated again
        return None
