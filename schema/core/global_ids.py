"""Global ids: opaque to clients, the same for everybody, without personal data.

    base64url( tag ‖ key … )   without padding

*tag* is one byte that names the entity. An owned row's keys are 16 bytes each, its subject's id first; a reference
row's key is its code in UTF-8. An id says where a row would be, never that it exists.

What is published carries ids of another kind, which lead to no record and are accepted nowhere [5.1.6]:

    base64url( 00 ‖ tag ‖ keyed hash of tag ‖ key … )   the hash is of 16 bytes
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import cast
from uuid import UUID

from queryplan.entities import REFERENCE, Entity
from schema.core.errors import BadId

TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
"""From the alphabet of base64 to that of ids."""
_ENTITY = {entity.spec.tag: entity for entity in Entity if entity.spec.tag is not None}


@dataclass(frozen=True, slots=True)
class GlobalId:
    """A parsed id: its entity, and the values of its key columns."""

    entity: Entity
    keys: tuple[UUID | str, ...]


def encode(entity: Entity, *keys: UUID | str) -> str:
    """Return the id of the row of *entity* with these keys, in the order of its spec; raises KeyError without a tag."""
    return _text(_raw(entity, keys))


def encode_public(keyed_hash: Callable[[bytes], bytes], entity: Entity, *keys: UUID | str) -> str:
    """Return the id under which a record is published: the same for the same record, and a key to nothing."""
    raw = _raw(entity, keys)
    return _text(b"\0" + raw[:1] + keyed_hash(raw))


@lru_cache(maxsize=1_024)  # a request reads its ids more than once: to plan, to bind and to answer
def decode(text: str) -> GlobalId:
    """Return the id in *text*; raises BadId for a text that this gateway did not issue."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        entity = _ENTITY[raw[:1]]
        if entity in REFERENCE:
            keys: tuple[UUID | str, ...] = (_code(raw[1:].decode()),)
        else:
            keys = tuple(UUID(bytes=raw[at : at + 16]) for at in range(1, len(raw), 16))
    except (binascii.Error, KeyError, ValueError) as unreadable:
        raise BadId from unreadable
    if len(keys) != len(entity.spec.keys) or _text(raw) != text:
        raise BadId
    return GlobalId(entity, keys)


def _raw(entity: Entity, keys: Iterable[UUID | str]) -> bytes:
    tag = entity.spec.tag
    if tag is None:
        raise KeyError(entity)
    return tag + b"".join(key.bytes if isinstance(key, UUID) else key.encode() for key in keys)


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
