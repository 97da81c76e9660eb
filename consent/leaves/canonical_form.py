"""The one written form of an entry, and the commitment to it that becomes a leaf.

An entry has exactly one written form. It is hashed with its own salt, and only that commitment becomes a leaf:

    canonical   UTF-8 JSON per RFC 8785 (JCS): keys sorted, no space between tokens, nothing escaped that need not be.
                Keys are ASCII and numbers are integers within ±(2^53 - 1), where JCS and the standard library agree
                to the byte; anything else is refused. An instant is text in UTC with six decimals and a Z; a day is
                `2026-03-05`; an id has hyphens and small letters; bytes are small hexadecimal digits.
    commitment  SHA-256(salt ‖ canonical), the salt being 16 random bytes stored with the entry
    entry       the commitment: 32 bytes, which count for exactly one subject. That of a lookup, which is about nobody,
                has its count before it, 0x0000, like that of a disclosure (`consent.disclosures.formats`)
    leaf hash   SHA-256(0x00 ‖ entry), per RFC 6962 section 2.1

So a leaf reveals nothing about a person, however few the possible entries are. Erasing destroys salt and record; the
leaf stays, so every other proof still verifies.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from consent.errors import NotCanonical

SALT_BYTES: Final = 16
NOBODY: Final = bytes(2)
"""The count of subjects before a commitment that is about none."""
EXACT_INTEGER: Final = 2**53 - 1
"""Beyond this, JSON readers disagree about a number [RFC 8785 section 3.2.2.3]."""


def canonical_bytes(value: object) -> bytes:
    """Return *value* in its only written form; raises NotCanonical if it has none (a float, a lone surrogate)."""
    _must_be_plain(value)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical from error


def entry_bytes(kind: str, fields: Mapping[str, object]) -> bytes:
    """Return the written form of an entry: its type and its fields, by their own names."""
    return canonical_bytes({"type": kind} | {name: plain(value) for name, value in fields.items()})


def commitment(salt: bytes, canonical: bytes) -> bytes:
    """Return SHA-256(salt ‖ canonical); raises NotCanonical for a salt of another length, which could hide text."""
    if len(salt) != SALT_BYTES:
        raise NotCanonical
    return sha256(salt + canonical).digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ entry), the Merkle leaf of RFC 6962."""
    return sha256(b"\x00" + entry).digest()


def instant(at: datetime) -> str:
    """Write an instant as `2026-03-05T01:02:03.000004Z`; raises NotCanonical without a zone."""
    if at.tzinfo is None:
        raise NotCanonical
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:-6] + "Z"  # in place of +00:00


def plain(value: object) -> object:
    """Return a field's value as JSON has it; the contents of a mapping or a list must be plain already."""
    match value:
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return dict(value)
        case _:
            return value


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
