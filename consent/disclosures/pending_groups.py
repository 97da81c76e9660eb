"""The entries of one commit, waiting for the sequencer: what a row of `pending_entries` holds.

    leaves   × (u16 length ‖ entry), as in an entry bundle [c2sp.org/tlog-tiles]
    sources  × 16 bytes: the id of the row that each entry commits to
    owners   × 16 bytes, in the log `consent`: the one subject that each entry is about; null in the other logs
    tag      HMAC-SHA256(recorder key, "chengxin/pending/1" ‖ recorder(16) ‖ u64 number ‖ u8 log ‖ previous tag(32)
             ‖ u32 |sources| ‖ sources ‖ leaves)
             With owners: HMAC-SHA256(recorder key, "chengxin/pending/2" ‖ … ‖ sources ‖ u32 |owners| ‖ owners ‖ leaves)

A row of `consent` from before revision 33 has a tag of type 1; its owners were filled in later, where they could be.
A recorder numbers its groups from 0, and each tag covers the one before (zeros before the first). The group of a
mutation belongs to no recorder: its recorder, number and previous tag are zeros in the tag, and null in the row.
"""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from consent.errors import NotCanonical
from consent.ports import LOG_CODES, Log

Tag = Callable[[bytes], bytes]
"""HMAC-SHA256 under the recorder key, which the key file alone has."""

TAG_BYTES: Final = 32
NO_TAG: Final = bytes(TAG_BYTES)
"""What stands for the tag before a recorder's first."""
_TYPE: Final = b"chengxin/pending/1"
_TYPE_WITH_OWNERS: Final = b"chengxin/pending/2"
_ID = 16
_MOST = 0xFFFF


def joined_leaves(entries: Sequence[bytes]) -> bytes:
    """Return the column `leaves`; raises NotCanonical for an entry that a length of two bytes cannot tell."""
    if any(len(each) > _MOST for each in entries):
        raise NotCanonical
    return b"".join(len(each).to_bytes(2, "big") + each for each in entries)


def split_leaves(leaves: bytes) -> list[bytes]:
    """Return the entries of a column `leaves`; raises NotCanonical for other bytes."""
    found: list[bytes] = []
    at = 0
    while at < len(leaves):
        start = at + 2
        at = start + int.from_bytes(leaves[at:start], "big")
        if at > len(leaves) or start > len(leaves):
            raise NotCanonical
        found.append(leaves[start:at])
    return found


def joined_sources(sources: Sequence[UUID]) -> bytes:
    """Return the column `sources`, or `owners`."""
    return b"".join(each.bytes for each in sources)


def split_sources(sources: bytes) -> list[UUID]:
    """Return the ids of a column `sources` or `owners`; raises NotCanonical for other bytes."""
    if len(sources) % _ID:
        raise NotCanonical
    return [UUID(bytes=sources[at : at + _ID]) for at in range(0, len(sources), _ID)]


def tagged_bytes(
    log: Log,
    sources: bytes,
    leaves: bytes,
    recorder: UUID | None = None,
    number: int = 0,
    previous: bytes = NO_TAG,
    owners: bytes | None = None,
) -> bytes:
    """Return the bytes that a tag is made of: of type 2 where the row has *owners*, else of type 1."""
    return b"".join(
        (
            _TYPE if owners is None else _TYPE_WITH_OWNERS,
            bytes(_ID) if recorder is None else recorder.bytes,
            number.to_bytes(8, "big"),
            LOG_CODES[log].to_bytes(1, "big"),
            previous,
            len(sources).to_bytes(4, "big"),
            sources,
            b"" if owners is None else len(owners).to_bytes(4, "big") + owners,
            leaves,
        )
    )
