"""The column `parts` of a disclosure: why each subject was shown, by the ids that the database gives to grounds.

    u8 c ‖ c × u32 ground_id ‖ per subject: u8 k ‖ k × (u8 ordinal, +0x80 where authorisation_id(16) follows)

The ordinal is the place among the c ids. Where every subject has the same single ground and no authorisation, which is
nearly every page, the column is null and `ground_id` holds it. After an erasure k is 0 for the subject that was erased.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from consent.disclosures.formats import MOST_GROUNDS, MOST_GROUNDS_OF_SUBJECT, Part
from consent.errors import NotCanonical

StoredPart = Sequence[tuple[int, UUID | None]]
"""Each ground of a subject, by its id in the database, with the authorisation that was used."""
Key = TypeVar("Key", bytes, int)
_USES = 0x80
_ID = 4


def single_ground(parts: Sequence[Part]) -> bool:
    """Return whether every part has the same one ground and no authorisation."""
    first = parts[0] if parts else ()
    return len(first) == 1 and first[0][1] is None and parts.count(first) == len(parts)


def encode_parts(parts: Sequence[Part], ids: Mapping[bytes, int]) -> tuple[int | None, bytes | None]:
    """Return the columns `ground_id` and `parts`; *ids* has the id of each ground by its digest.

    Raises NotCanonical for more grounds than the column counts.
    """
    if single_ground(parts):
        return ids[parts[0][0][0].digest], None
    ordinals: dict[bytes, int] = {}
    written: dict[int, bytes] = {}  # by the identity of a part: the parts of a page are few objects
    tail: list[bytes] = []
    for part in parts:
        known = written.get(id(part))
        if known is None:
            known = written[id(part)] = _encode_part(part, ordinals)
        tail.append(known)
    if len(ordinals) > MOST_GROUNDS:
        raise NotCanonical
    head = b"".join(ids[digest].to_bytes(_ID, "big") for digest in ordinals)
    return None, bytes([len(ordinals)]) + head + b"".join(tail)


def encode_stored_parts(parts: Sequence[StoredPart]) -> bytes:
    """Return the column `parts`, given the grounds of each subject by their ids; raises NotCanonical.

    After an erasure a page is always written so: no ground is that of all its subjects any more.
    """
    ordinals: dict[int, int] = {}
    tail = b"".join(_encode_uses(part, ordinals) for part in parts)
    return bytes([len(ordinals)]) + b"".join(each.to_bytes(_ID, "big") for each in ordinals) + tail


def decode_parts(ground_id: int | None, parts: bytes | None, subjects: int) -> list[StoredPart]:
    """Return the part of each of so many subjects, in the order of the page; raises NotCanonical for other bytes."""
    if parts is None:
        return [[] if ground_id is None else [(ground_id, None)] for _ in range(subjects)]
    ids, at = _ids(parts)
    found: list[StoredPart] = []
    for _ in range(subjects):
        part, at = _decode_part(parts, at, ids)
        found.append(part)
    if at != len(parts):
        raise NotCanonical
    return found


def part_at(ground_id: int | None, parts: bytes | None, place: int) -> StoredPart:
    """Return the part of the subject at one place of the page, counted from 0; raises NotCanonical."""
    if parts is None:
        return [] if ground_id is None else [(ground_id, None)]
    ids, at = _ids(parts)
    part: StoredPart = []
    for _ in range(place + 1):
        part, at = _decode_part(parts, at, ids)
    return part


def _encode_part(part: Part, ordinals: dict[bytes, int]) -> bytes:
    return _encode_uses([(ground.digest, used) for ground, used in part], ordinals)


def _encode_uses(part: Sequence[tuple[Key, UUID | None]], ordinals: dict[Key, int]) -> bytes:
    """Return a part, and number its grounds in *ordinals*, which has them by digest or by id."""
    if len(part) > MOST_GROUNDS_OF_SUBJECT:
        raise NotCanonical
    written = bytearray([len(part)])
    for ground, authorisation_id in part:
        ordinal = ordinals.setdefault(ground, len(ordinals))
        if ordinal >= MOST_GROUNDS:
            raise NotCanonical
        if authorisation_id is None:
            written.append(ordinal)
        else:
            written.append(ordinal | _USES)
            written += authorisation_id.bytes
    return bytes(written)


def _ids(parts: bytes) -> tuple[list[int], int]:
    """Return the ids of the grounds, and where the parts begin."""
    if not parts:
        raise NotCanonical
    end = 1 + parts[0] * _ID
    if parts[0] > MOST_GROUNDS or len(parts) < end:
        raise NotCanonical
    return [int.from_bytes(parts[at : at + _ID], "big") for at in range(1, end, _ID)], end


def _decode_part(parts: bytes, at: int, ids: Sequence[int]) -> tuple[StoredPart, int]:
    try:
        grounds, at = parts[at], at + 1
        part: list[tuple[int, UUID | None]] = []
        for _ in range(grounds):
            ordinal, at = parts[at], at + 1
            authorisation_id = None
            if ordinal & _USES:
                authorisation_id, at = UUID(bytes=parts[at : at + 16]), at + 16
            part.append((ids[ordinal & ~_USES], authorisation_id))
    except (IndexError, ValueError) as error:
        raise NotCanonical from error
    return part, at
