r"""Signed notes and verifier keys [c2sp.org/signed-note].

    note        text ‖ "\n" ‖ × signature line
    text        UTF-8 that ends in "\n"; no control characters but "\n"
    line        "— " ‖ key name ‖ " " ‖ base64(key id(4) ‖ signature) ‖ "\n"; the dash is U+2014
    key name    not empty; no space of Unicode and no "+"
    vkey        key name ‖ "+" ‖ small hexadecimal(key id(4)) ‖ "+" ‖ base64(u8 kind ‖ public key)
    key id      SHA-256(key name ‖ 0x0A ‖ u8 kind ‖ public key)[:4]

A key of Ed25519 is not of small order: under such a key anybody can sign. The last empty line divides text and
signatures. A note has at most 1,000,000 bytes and 100 signatures. For example, the key
`example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k` has signed

    This is an example message.

    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

Here a note is parsed and written; `consent.ledger.notes.signatures` signs and verifies.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from hashlib import sha256
from typing import Final

from consent.errors import NoteRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.notes.strict_text import parse_base64, parse_text, require_text, to_base64

MOST_NOTE_BYTES: Final = 1_000_000
MOST_SIGNATURES: Final = 100
KEY_ID_BYTES: Final = 4
_DASH: Final = "— "
_VKEY_PARTS: Final = 3


class KeyKind(IntEnum):
    """What a key signs, and how: the byte before its public key."""

    ED25519 = 0x01
    """The text of a note [RFC 8032]."""
    COSIGNER_ED25519 = 0x04
    """A checkpoint and a time [c2sp.org/tlog-cosignature]."""
    COSIGNER_ML_DSA_44 = 0x06
    """The same, with the cosigner's name [FIPS 204]."""


_PRIME: Final = 2**255 - 19
_SIGN: Final = 1 << 255
_ORDER_8: Final = 0x5FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER: Final = {0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8}
"""The y of the eight points of Ed25519 under which a signature that fits every text can be written [RFC 8032]."""

KEY_LENGTHS: Final = {KeyKind.ED25519: 32, KeyKind.COSIGNER_ED25519: 32, KeyKind.COSIGNER_ML_DSA_44: 1312}


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name; `str` gives the vkey."""

    name: str
    kind: KeyKind
    public_key: bytes

    def __post_init__(self) -> None:
        """Refuse a name or a length that no key has, and a key that keeps nothing secret: NoteRefused."""
        require_key_name(self.name)
        if len(self.public_key) != KEY_LENGTHS[self.kind]:
            raise NoteRefused(LedgerFlaw.KEY_LENGTH)
        if self.kind is not KeyKind.COSIGNER_ML_DSA_44 and _is_weak(self.public_key):
            raise NoteRefused(LedgerFlaw.WEAK_KEY)

    @cached_property
    def key_id(self) -> bytes:
        """The four bytes that tell this key from others of its name."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key).digest()[:KEY_ID_BYTES]

    @classmethod
    def parse(cls, vkey: str) -> "VerifierKey":
        """Read a vkey. Raises NoteRefused."""
        # The name has no "+", base64 may have some.
        parts = vkey.split("+", _VKEY_PARTS - 1)
        if len(parts) != _VKEY_PARTS:
            raise NoteRefused(LedgerFlaw.LINE)
        name, key_id, contents = parts
        require_key_name(name)
        kind, public_key = _kind_and_key(parse_base64(contents, NoteRefused))
        key = cls(name, kind, public_key)
        if key.key_id.hex() != key_id:
            raise NoteRefused(LedgerFlaw.KEY_ID)
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.kind]) + self.public_key)}"


def _is_weak(public_key: bytes) -> bool:
    """Whether a key of Ed25519 is a point of small order, or not in its only form."""
    y = int.from_bytes(public_key, "little") & ~_SIGN
    return y >= _PRIME or y in _SMALL_ORDER


def _kind_and_key(contents: bytes) -> tuple[KeyKind, bytes]:
    try:
        return KeyKind(contents[0]), contents[1:]
    except (IndexError, ValueError) as error:
        raise NoteRefused(LedgerFlaw.KEY_KIND) from error


def require_key_name(name: str) -> None:
    """Return nothing if a key can have this name. Raises NoteRefused."""
    if not name or "+" in name or any(character.isspace() for character in name):
        raise NoteRefused(LedgerFlaw.KEY_NAME)
    require_text(name, NoteRefused)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of a note, which may be of a key that the reader does not know."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        """Refuse what no line can hold: NoteRefused."""
        require_key_name(self.name)
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise NoteRefused(LedgerFlaw.SIGNATURE_LINE)

    @classmethod
    def parse(cls, line: str) -> "SignatureLine":
        r"""Read a line, which has lost its `\n`. Raises NoteRefused."""
        name, space, written = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise NoteRefused(LedgerFlaw.SIGNATURE_LINE)
        contents = parse_base64(written, NoteRefused)
        return cls(name, contents[:KEY_ID_BYTES], contents[KEY_ID_BYTES:])

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and its signatures. Nobody may trust the text before a signature of a known key has been verified."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def __post_init__(self) -> None:
        """Refuse what could not be read again: NoteRefused."""
        require_text(self.text, NoteRefused)
        if not self.text.endswith("\n"):
            raise NoteRefused(LedgerFlaw.NO_NEWLINE)
        if not self.signatures:
            raise NoteRefused(LedgerFlaw.NO_SIGNATURES)
        if len(self.signatures) > MOST_SIGNATURES:
            raise NoteRefused(LedgerFlaw.TOO_MANY_SIGNATURES)

    @classmethod
    def parse(cls, note: bytes) -> "SignedNote":
        """Read a note. Raises NoteRefused."""
        whole = parse_text(note, NoteRefused, MOST_NOTE_BYTES)
        text, divider, signatures = whole.rpartition("\n\n")
        if not divider or not signatures:
            raise NoteRefused(LedgerFlaw.NO_SIGNATURES)
        if not signatures.endswith("\n"):
            raise NoteRefused(LedgerFlaw.NO_NEWLINE)
        lines = signatures.removesuffix("\n").split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise NoteRefused(LedgerFlaw.TOO_MANY_SIGNATURES)
        return cls(text + "\n", tuple(map(SignatureLine.parse, lines)))

    def encode(self) -> bytes:
        """Return the note as bytes."""
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()

    def with_signatures(self, *more: SignatureLine) -> "SignedNote":
        """Return the note with *more* signatures, each in the place of an earlier one of its key. Raises NoteRefused.

        Some verifiers refuse a note that a key has signed twice, as a witness would that cosigns it again later.
        """
        lines = {(line.name, line.key_id): line for line in (*self.signatures, *more)}
        return replace(self, signatures=tuple(lines.values()))
