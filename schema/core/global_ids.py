"""Global ids: opaque to clients, the same for everybody, without personal data.

    base64url( tag ‖ key … )   without padding

*tag* is one byte that names the entity. An owned row's keys are 16 bytes each, its subject's id first; a reference
row's key is its code in UTF-8. An id says where a thing would be, never that it is there.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from queryplan.plan import Entity
from schema.core.errors import BadId

_TAG: dict[Entity, bytes] = {
    Entity.SUBJECT: b"S",
    Entity.APPLICATION: b"P",
    Entity.CREDIT_CHECK: b"Q",
    Entity.INCENTIVE_GRANT: b"G",
    Entity.RESTRAINT_CASE: b"R",
    Entity.AUTHORISATION: b"A",
    Entity.ACCESS_ENTRY: b"L",
    Entity.DELEGATION: b"D",
    Entity.ISSUED_NOTICE: b"N",
    Entity.CONSULTATION: b"C",
    Entity.CONSULTATION_LINE: b"c",
    Entity.DEFERRAL: b"F",
    Entity.COMMITMENT: b"K",
    Entity.CASE_STEP: b"H",
    Entity.CASE_STATEMENT: b"W",
    Entity.FOCUSED_CHECK: b"f",
    Entity.CORRECTION: b"E",
    Entity.CORRECTION_TELLING: b"e",
    Entity.OBJECTION: b"O",
    Entity.NOTIFICATION: b"T",
    Entity.DEPARTMENT: b"d",
    Entity.MATTER: b"m",
    Entity.SECTOR: b"s",
    Entity.AREA: b"a",
}
_ENTITY = {tag: entity for entity, tag in _TAG.items()}
_REFERENCE = frozenset({Entity.DEPARTMENT, Entity.MATTER, Entity.SECTOR, Entity.AREA})

KEYS: dict[Entity, tuple[str, ...]] = {
    Entity.SUBJECT: ("subject_id",),
    Entity.APPLICATION: ("subject_id", "application_id"),
    Entity.CREDIT_CHECK: ("subject_id", "check_id"),
    Entity.INCENTIVE_GRANT: ("subject_id", "grant_id"),
    Entity.RESTRAINT_CASE: ("subject_id", "case_id"),
    Entity.AUTHORISATION: ("subject_id", "authorisation_id"),
    Entity.ACCESS_ENTRY: ("subject_id", "entry_id"),
    Entity.DELEGATION: ("subject_id", "delegation_id"),
    Entity.ISSUED_NOTICE: ("subject_id", "notice_id"),
    Entity.WORK_ITEM: ("subject_id", "about_id", "step"),
    Entity.CONSULTATION: ("consultation_id",),
    Entity.CONSULTATION_LINE: ("subject_id", "line_id"),
    Entity.DEFERRAL: ("subject_id", "application_id"),
    Entity.COMMITMENT: ("subject_id", "application_id"),
    Entity.CASE_STEP: ("subject_id", "step_id"),
    Entity.CASE_STATEMENT: ("subject_id", "statement_id"),
    Entity.FOCUSED_CHECK: ("subject_id", "check_id"),
    Entity.CORRECTION: ("subject_id", "correction_id"),
    Entity.CORRECTION_TELLING: ("subject_id", "telling_id"),
    Entity.OBJECTION: ("subject_id", "objection_id"),
    Entity.NOTIFICATION: ("subject_id", "notification_id"),
    Entity.TARGET_CHANGE: ("subject_id",),
    Entity.DEPARTMENT: ("code",),
    Entity.MATTER: ("code",),
    Entity.SECTOR: ("code",),
    Entity.AREA: ("code",),
}
"""The columns that make up each entity's id, in order. A work item has no id of its own: it is gone when it is done."""


@dataclass(frozen=True, slots=True)
class GlobalId:
    """An id that has been read: which entity, and the values of its key columns."""

    entity: Entity
    keys: tuple[UUID | str, ...]


def encode(entity: Entity, *keys: UUID | str) -> str:
    """Return the id of the row of *entity* with these keys, in the order of `KEYS`."""
    tail = b"".join(key.bytes if isinstance(key, UUID) else key.encode() for key in keys)
    return urlsafe_b64encode(_TAG[entity] + tail).rstrip(b"=").decode()


def decode(text: str) -> GlobalId:
    """Return what *text* names; raises BadId for anything that this house did not make."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        entity = _ENTITY[raw[:1]]
        if entity in _REFERENCE:
            keys: tuple[UUID | str, ...] = (_code(raw[1:].decode()),)
        else:
            keys = tuple(UUID(bytes=raw[at : at + 16]) for at in range(1, len(raw), 16))
    except (binascii.Error, KeyError, ValueError) as unreadable:
        raise BadId from unreadable
    if len(keys) != len(KEYS[entity]) or encode(entity, *keys) != text:
        raise BadId
    return GlobalId(entity, keys)


def _code(text: str) -> str:
    """Return a reference's code; raises ValueError for what none can be, and a database might choke on."""
    if not text or not text.isprintable():
        raise ValueError
    return text
