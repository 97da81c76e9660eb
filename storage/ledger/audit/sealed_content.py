"""What the acts say that they sealed: of each text the digest, by its last act (`consent.leaves.provenance`)."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import select

from consent.leaves.provenance import CONTENT
from storage.database.session import Session
from storage.ledger.entry_sources import SOURCES
from storage.ledger.recomputed_entries import UNREADABLE

TextPlace = tuple[str, UUID]
"""A text by its place, `table.column`, and the id of its row."""
_SEALING: Final = [source.table for source in SOURCES if CONTENT in source.table.c]


async def sealed_content(session: Session, subject_ids: Collection[UUID]) -> dict[TextPlace, set[bytes]]:
    """Return the digests of what was sealed last of each text of these subjects.

    Where two acts of one instant sealed a text, either may have been the last. Texts that were sealed before digests
    were kept are left out.
    """
    found: dict[TextPlace, tuple[object, set[bytes]]] = {}
    for table in _SEALING:
        at = table.c["at"] if "at" in table.c else table.c["recorded_at"]
        wanted = select(at, table.c[CONTENT]).where(
            table.c.subject_id.in_(sorted(subject_ids)), table.c[CONTENT].is_not(None)
        )
        try:
            for when, content in await session.fetch(wanted):
                for place, row_id, digest in content:
                    _note(found, (place, UUID(row_id)), when, bytes.fromhex(digest))
        except UNREADABLE:  # the row is named where it is compared with its entry
            continue
    return {text: digests for text, (_, digests) in found.items()}


def _note(found: dict[TextPlace, tuple[object, set[bytes]]], text: TextPlace, when: object, digest: bytes) -> None:
    last = found.get(text)
    if last is None or last[0] < when:  # type: ignore[operator] # both are instants
        found[text] = when, {digest}
    elif last[0] == when:
        last[1].add(digest)
