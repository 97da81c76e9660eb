"""Global ids: opaque to clients, the same for everybody who reads for one purpose, without personal data.

    base64url( p ‖ tag ‖ key … )   without padding

*p* is one byte, the number of the purpose for which the row is shown (`PURPOSE_NUMBERS`, 01 to 1F): a cache that merges
objects by their ids keeps apart what was read for two purposes. *tag* is one byte, a letter, that names the entity. An
owned row's keys are 16 bytes each, its subject's id first. An id says where a row would be, never that it exists.

    base64url( tag ‖ key … )

is the canonical id of the same row, for all purposes. Every input takes an id of any purpose, or the canonical one. A
reference row has no other; its key is its code in UTF-8.

What is published carries ids of another kind, which lead to no record and are accepted nowhere [5.1.6]:

    base64url( 00 ‖ tag ‖ keyed hash of tag ‖ key … )   the hash is of 16 bytes
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, cast
from uuid import UUID

from consent.vocabulary import Purpose
from queryplan.entities import REFERENCE, Entity
from schema.core.errors import BadId

TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
"""From the alphabet of base64 to that of ids."""
PURPOSE_NUMBERS: Final[Mapping[Purpose, int]] = {
    Purpose.CREDIT_CHECK: 1,
    Purpose.APPLICATION_HANDLING: 2,
    Purpose.DETERMINATION: 3,
    Purpose.REVIEW: 4,
    Purpose.FOCUSED_CHECK: 5,
    Purpose.CONSULTATION: 6,
    Purpose.PLATFORM_EXCHANGE: 7,
    Purpose.SELF_ACCESS: 8,
    Purpose.SUPERVISION: 9,
    Purpose.AUDIT: 10,
}
"""The first byte of the ids that are shown for each purpose. A number is never given to another purpose.

For PUBLICITY there is none: its ids are made by `encode_public` alone, so that no published id holds a key.
"""
MALFORMED: Final = "An ID is a global id of this service."
MALFORMED_ZH: Final = "编号无效。"
READ_BY: Final = "read-by"
"""A key of the metadata of an input's field whose ID is no global id: what reads it, and raises ValueError."""
_NUMBERS = frozenset(PURPOSE_NUMBERS.values())
_ENTITY = {entity.spec.tag: entity for entity in Entity if entity.spec.tag is not None}


@dataclass(frozen=True, slots=True)
class GlobalId:
    """A parsed id: its entity, and the values of its key columns."""

    entity: Entity
    keys: tuple[UUID | str, ...]


def encode(entity: Entity, *keys: UUID | str, purpose: Purpose | None = None) -> str:
    """Return the id of the row of *entity* with these keys, in the order of its spec: canonical without a *purpose*.

    Raises KeyError for an entity without a tag, and for PUBLICITY.
    """
    return _text(head(entity, purpose) + _bytes(keys))


def encode_shown(purpose: Purpose | None, entity: Entity, *keys: UUID | str) -> str | None:
    """Return the id of a row that another one names, as it is shown for *purpose*; None where records are published."""
    return None if purpose is Purpose.PUBLICITY else encode(entity, *keys, purpose=purpose)


def encode_public(keyed_hash: Callable[[bytes], bytes], entity: Entity, *keys: UUID | str) -> str:
    """Return the id under which a record is published: the same for the same record, and a key to nothing."""
    tag = head(entity)
    return _text(b"\0" + tag + keyed_hash(tag + _bytes(keys)))


@cache
def head(entity: Entity, purpose: Purpose | None = None) -> bytes:
    """Return what the ids of *entity* begin with that are shown for *purpose*; raises KeyError as `encode`."""
    tag = entity.spec.tag
    if tag is None:
        raise KeyError(entity)
    return tag if purpose is None or entity in REFERENCE else bytes((PURPOSE_NUMBERS[purpose],)) + tag


def canonical(text: str) -> str:
    """Return the canonical id of the row that *text* names; a text that is no id stays as it is."""
    try:
        found = decode(text)
    except BadId:
        return text
    return encode(found.entity, *found.keys)


@lru_cache(maxsize=1_024)  # a request reads its ids more than once: to plan, to bind and to answer
def decode(text: str) -> GlobalId:
    """Return the id in *text*; raises BadId for a text that this gateway did not issue."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        start = 1 if raw[:1] and raw[0] in _NUMBERS else 0
        entity = _ENTITY[raw[start : start + 1]]
        if entity not in REFERENCE:
            keys: tuple[UUID | str, ...] = tuple(UUID(bytes=raw[at : at + 16]) for at in range(start + 1, len(raw), 16))
        elif start:
            raise BadId  # a reference row has one id for all purposes
        else:
            keys = (_code(raw[1:].decode()),)
    except (binascii.Error, KeyError, ValueError) as unreadable:
        raise BadId from unreadable
    if len(keys) != len(entity.spec.keys) or _text(raw) != text:
        raise BadId
    return GlobalId(entity, keys)


def _bytes(keys: Iterable[UUID | str]) -> bytes:
    return b"".join(key.bytes if isinstance(key, UUID) else key.encode() for key in keys)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def code_of(text: str, entity: Entity) -> str:
    """Return the code of the row of *entity*, reference data, that *text* names; raises BadId."""
    (code,) = _keys_of(text, entity)
    return str(code)


def subject_id_of(text: str) -> UUID:
    """Return the id of the subject that *text* names; raises BadId."""
    (subject_id,) = cast("tuple[UUID]", _keys_of(text, Entity.SUBJECT))
    return subject_id


def record_ids_of(text: str, entity: Entity) -> tuple[UUID, UUID]:
    """Return the subject's id and the record's own, of the record of *entity* that *text* names; raises BadId."""
    return cast("tuple[UUID, UUID]", _keys_of(text, entity))


def _keys_of(text: str, entity: Entity) -> tuple[UUID | str, ...]:
    found = decode(text)
    if found.entity is not entity:
        raise BadId
    return found.keys


def _code(text: str) -> str:
    """Return a reference's code; raises ValueError for a text that no code can be and a database may not accept."""
    if not text or not text.isprintable():
        raise ValueError
    return text
