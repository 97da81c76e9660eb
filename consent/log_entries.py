"""What the ledger commits to: every read of personal data, and everything that happened to an authorisation.

An entry is written down in one way only, hashed with its own salt, and only that commitment becomes a leaf:

    canonical   UTF-8 JSON per RFC 8785 (JCS): keys sorted, no space between tokens, nothing escaped that need not be.
                Keys are ASCII and numbers are integers within ±(2^53 - 1), where JCS and the standard library agree
                to the byte; anything else is refused. An instant is text in UTC with six decimals and a Z.
    commitment  SHA-256(salt ‖ canonical), the salt being 16 random bytes kept with the entry
    leaf hash   SHA-256(0x00 ‖ commitment), per RFC 6962 section 2.1

So a leaf tells nothing about a person, however few the possible entries are. Erasing destroys salt and record; the
leaf stays, and every other proof with it. `tests/vectors/entries.json` has examples, byte for byte.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from uuid import UUID

from consent.errors import NotCanonical
from consent.vocabulary import Basis, Purpose

SALT_BYTES = 16
EXACT_INTEGER = 2**53 - 1
"""Beyond it JSON readers disagree about a number [RFC 8785 section 3.2.2.3]."""


class Event(StrEnum):
    """What can happen to an authorisation."""

    REQUESTED = "REQUESTED"
    GRANTED = "GRANTED"
    NARROWED = "NARROWED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    RECORDED_ON_PAPER = "RECORDED_ON_PAPER"
    CONTESTED = "CONTESTED"


def canonical(value: object) -> bytes:
    """Return *value* in its one written form; raises NotCanonical for what has none (a float, a lone surrogate)."""
    _must_be_plain(value)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical from error


def commitment(salt: bytes, written: bytes) -> bytes:
    """Return SHA-256(salt ‖ canonical); raises NotCanonical for a salt of another length, which could hide text."""
    if len(salt) != SALT_BYTES:
        raise NotCanonical
    return sha256(salt + written).digest()


def leaf_hash(committed: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ commitment), the Merkle leaf of RFC 6962."""
    return sha256(b"\x00" + committed).digest()


def instant(at: datetime) -> str:
    """Write an instant as `2026-03-05T01:02:03.000004Z`; raises NotCanonical without a zone."""
    if at.tzinfo is None:
        raise NotCanonical
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One read of one subject's data, as that subject will see it. The fields are the columns of `access_entries`.

    *fields* are (Type.field, data class, form), in the order in which they were asked for.
    """

    subject_id: UUID
    entry_id: UUID
    read_id: UUID
    at: datetime
    actor_ref: str
    role: str
    department_code: str | None
    purpose: Purpose
    basis: Basis
    citation: str
    authorisation_id: UUID | None
    document_hash: str
    fields: Sequence[tuple[str, str, str]]
    salt: bytes = field(repr=False)

    def canonical(self) -> bytes:
        """Write down every field but the salt, by its own name, and `"type":"access-entry/1"`.

        The same bytes as `canonical` gives for these fields (a property test holds it), written out key by key:
        every row of every page comes through here before it is shown.
        """
        written = (
            f'{{"actor_ref":{_quoted(self.actor_ref)},"at":"{instant(self.at)}",'
            f'"authorisation_id":{_quoted_id(self.authorisation_id)},"basis":{_quoted(self.basis)},'
            f'"citation":{_quoted(self.citation)},"department_code":{_quoted(self.department_code)},'
            f'"document_hash":{_quoted(self.document_hash)},"entry_id":"{self.entry_id}",'
            f'"fields":{_written_fields(tuple(map(tuple, self.fields)))},"purpose":{_quoted(self.purpose)},'
            f'"read_id":"{self.read_id}","role":{_quoted(self.role)},"subject_id":"{self.subject_id}",'
            '"type":"access-entry/1"}'
        )
        try:
            return written.encode()
        except UnicodeEncodeError as error:
            raise NotCanonical from error

    def leaf_hash(self) -> bytes:
        """Return the leaf of this entry in the log `access`."""
        return leaf_hash(commitment(self.salt, self.canonical()))


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One thing that happened to an authorisation. The fields are the columns of `consent_events`."""

    subject_id: UUID
    event_id: UUID
    authorisation_id: UUID
    at: datetime
    actor_ref: str
    role: str
    event: Event
    facts: Mapping[str, object]
    salt: bytes = field(repr=False)

    def canonical(self) -> bytes:
        """Write down every field but the salt, by its own name, and `"type":"consent-event/1"`."""
        return canonical(
            {
                "type": "consent-event/1",
                "subject_id": str(self.subject_id),
                "event_id": str(self.event_id),
                "authorisation_id": str(self.authorisation_id),
                "at": instant(self.at),
                "actor_ref": self.actor_ref,
                "role": self.role,
                "event": self.event,
                "facts": dict(self.facts),
            }
        )

    def leaf_hash(self) -> bytes:
        """Return the leaf of this event in the log `consent`."""
        return leaf_hash(commitment(self.salt, self.canonical()))


def _must_be_plain(value: object) -> None:
    """Raise NotCanonical for anything that JSON can write in more than one way, or not at all."""
    match value:
        case None | bool() | str():
            return
        case int() if abs(value) <= EXACT_INTEGER:
            return
        case list() | tuple():
            for item in value:
                _must_be_plain(item)
        case dict():
            for key, item in value.items():
                # JCS sorts keys by UTF-16 units and Python by code points: for ASCII these are the same.
                if not isinstance(key, str) or not key.isascii():
                    raise NotCanonical
                _must_be_plain(item)
        case _:
            raise NotCanonical


def _quoted(text: str | None) -> str:
    """Return a JSON string, escaped only where it must be, or null."""
    return "null" if text is None else encode_basestring(text)


def _quoted_id(uuid: UUID | None) -> str:
    return "null" if uuid is None else f'"{uuid}"'


@lru_cache(maxsize=1_024)
def _written_fields(fields: tuple[tuple[str, str, str], ...]) -> str:
    """Return what a read showed, as JSON: the same for all subjects of a page, and for the next reader of it."""
    return canonical([list(shown) for shown in fields]).decode()
