"""The two boxes: a sealed text, bound to its place, and a wrapped key, bound to its subject.

A sealed text, byte for byte:

    offset  bytes                 what
    0       01                    version of this layout
    1       01                    suite: 01 AES-256-GCM-SIV [RFC 8452]; 02 is reserved for SM4-GCM
    2       00 00                 number of the subject's key; a subject has one today, number 0
    4       … (12 bytes)          nonce
    16      … (n x 32 bytes)      the padded text, encrypted: UTF-8, then 80, then 00 up to a multiple of 32 bytes
    16+32n  … (16 bytes)          tag

What it is bound to (the associated data) is not stored. Each part is preceded by its length in two bytes, because
without it ("id_no1", "2") and ("id_no", "12") would be the same place:

    01 01 00 00                   the first four bytes of the box
    00 08 "subjects"              table, as UTF-8
    00 04 "name"                  column, as UTF-8
    00 10 … (16 bytes)            subject id
    00 10 … (16 bytes)            row id
    00 08 … (8 bytes)             version of the row, big-endian: an older text of the same cell does not open

A wrapped key, under a key-encryption key (KEK):

    0       01                    version of this layout
    1       01                    suite, as above
    2       … (8 bytes)           id of the KEK
    10      … (12 bytes)          nonce
    22      … (32 bytes)          the subject's key, encrypted
    54      … (16 bytes)          tag

bound to its first ten bytes and to 00 10 and the subject id.

The digest of a text, by which an entry of the ledger commits to it (`consent/leaves/provenance.py`), is

    HMAC-SHA-256(HKDF(subject's key, "chengxin/content/1"), 00 10 "chengxin/content" ‖ table ‖ column ‖ row id ‖ text)

table, column and row id each preceded by its length in two bytes, as above; the version of the row is left out, so that
a text that is sealed anew for the next version keeps its digest.

The errors of keys and sealed values:

    SealError (a PolicyError)
    ├── SealBroken          does not open: another place, another key or a changed byte; it does not say which
    │   └── SealMalformed   is not a box of these layouts at all
    ├── TextRefused         cannot be sealed or indexed as it is
    ├── KeyFileRefused      the key file is missing, readable by others or not well formed (policy.crypto.key_file)
    └── NotAdmitted         the admission does not open this place (policy.disclosure)
"""

import hmac
import struct
from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Final, Protocol, TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credit.subjects.subject import Place
from policy.errors import PolicyError

Random: TypeAlias = Callable[[int], bytes]

KEY_BYTES: Final = 32
KEK_ID_BYTES: Final = 8

_VERSION, _SUBJECT_KEY = 1, 0
_NONCE, _TAG, _BLOCK = 12, 16, 32
_HEADER = struct.Struct(">BBH")
_BODY_AT = _HEADER.size + _NONCE
_SHORTEST = _BODY_AT + _BLOCK + _TAG
_ROW = struct.Struct(">H16sH16sHQ")
_WRAP_HEADER = struct.Struct(f">BB{KEK_ID_BYTES}s")
_KEY_AT = _WRAP_HEADER.size + _NONCE
_WRAPPED = _KEY_AT + KEY_BYTES + _TAG
_SUBJECT = struct.Struct(">H16s")
_LENGTH_OF_ID, _LENGTH_OF_VERSION = b"\x00\x10", b"\x00\x08"
_VERSIONS = [_LENGTH_OF_VERSION + version.to_bytes(8, "big") for version in range(64)]
"""The version of a row as the last part of a place, for the first ones. A later one is opened by `unseal`."""
_REPLACEMENT = "\ufffd"


class SealError(PolicyError):
    """A sealed value or a key was refused. Messages name places, never contents."""


class SealBroken(SealError):
    """It does not open. The error does not say whether key, place or bytes are wrong."""


class SealMalformed(SealBroken):
    """It is not a box of a layout that we know."""


class TextRefused(SealError):
    """It cannot be sealed or indexed as it is."""


class Suite(IntEnum):
    """The algorithms of a box. 2 is reserved for SM4-GCM with SM3, where the commercial-cryptography rules apply."""

    AES_256_GCM_SIV = 1


class Cipher(Protocol):
    """Authenticated encryption that returns no plaintext before the tag has been checked."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


Ciphers: TypeAlias = Mapping[int, Cipher]
"""By suite."""

OpenValue: TypeAlias = Callable[[Ciphers, bytes, bytes, bytes, int], str]
"""`open(ciphers, subject id, sealed text, row id, version)` for one column. Ids are their 16 bytes."""


def subject_ciphers(key: bytes) -> Ciphers:
    """Derive from a subject's key one cipher for each suite, so that no two suites share a key [RFC 5869]."""
    derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"chengxin/sealed/suite-1").derive(key)
    return {Suite.AES_256_GCM_SIV: AESGCMSIV(derived)}


def kek_cipher(kek: bytes) -> Cipher:
    """Return the cipher that wraps subject keys."""
    return AESGCMSIV(kek)


def content_hash(key: bytes) -> hmac.HMAC:
    """Derive from a subject's key the keyed hash of what is sealed under it; nothing has been hashed yet."""
    return hmac.new(HKDF(SHA256(), KEY_BYTES, salt=None, info=b"chengxin/content/1").derive(key), digestmod="sha256")


def content_digest(text: str, place: Place, keyed: hmac.HMAC) -> bytes:
    """Return the digest of *text* at *place*, 32 bytes, under a subject's `content_hash`."""
    mac = keyed.copy()
    for part in (b"chengxin/content", place.table.encode(), place.column.encode(), place.row_id.bytes):
        mac.update(len(part).to_bytes(2, "big") + part)
    mac.update(text.encode())
    return mac.digest()


def draw(random: Random, count: int) -> bytes:
    """Draw *count* random bytes; a shorter result is refused, because it would be a weak key or nonce."""
    drawn = random(count)
    if len(drawn) != count:
        raise ValueError("the source of randomness gave another number of bytes than asked")
    return drawn


def seal(text: str, place: Place, ciphers: Ciphers, random: Random) -> bytes:
    """Seal *text* so that it opens at *place* only. Raises TextRefused for text that UTF-8 cannot express."""
    return _seal(text, draw(random, _NONCE), place, ciphers, Suite.AES_256_GCM_SIV)


def _seal(text: str, nonce: bytes, place: Place, ciphers: Ciphers, suite: Suite) -> bytes:
    header = _HEADER.pack(_VERSION, suite, _SUBJECT_KEY)
    return header + nonce + ciphers[suite].encrypt(nonce, _pad(text), _bound_to(header, place))


def unseal(sealed: bytes, place: Place, ciphers: Ciphers) -> str:
    """Open what was sealed at *place*. Raises SealBroken, and never returns a text that was not sealed there."""
    if len(sealed) < _SHORTEST:
        raise SealMalformed(f"{place.table}.{place.column}: too short to be a sealed value")
    version, suite, key = _HEADER.unpack_from(sealed)
    cipher = ciphers.get(suite)
    if version != _VERSION or key != _SUBJECT_KEY or cipher is None:
        raise SealMalformed(f"{place.table}.{place.column}: a sealed value of unknown version, suite or key")
    try:
        padded = cipher.decrypt(
            sealed[_HEADER.size : _BODY_AT], sealed[_BODY_AT:], _bound_to(sealed[: _HEADER.size], place)
        )
    except InvalidTag:
        raise SealBroken(f"{place.table}.{place.column}: the sealed value does not open here") from None
    return _unpad(padded)


@lru_cache(maxsize=64)  # As many as there are sealed columns.
def value_opener(table: str, column: str) -> OpenValue:
    """Return a function that opens the values of one column, as `unseal` does. Most of the place is prepared once."""
    bound_to = _column(table, column) + _LENGTH_OF_ID

    def open_value(ciphers: Ciphers, subject_id: bytes, sealed: bytes, row_id: bytes, version: int) -> str:
        try:
            marked = (
                ciphers[sealed[1]]
                .decrypt(
                    sealed[4:16],
                    sealed[16:],
                    sealed[:4] + bound_to + subject_id + _LENGTH_OF_ID + row_id + _VERSIONS[version],
                )
                .rstrip(b"\x00")
            )
            if marked.endswith(b"\x80"):
                return marked[:-1].decode()
        except (InvalidTag, LookupError, ValueError):
            pass
        # It does not open, or its row is of an unusual version. `unseal` opens the latter, and says why of the former;
        # it would raise too for a header of another version. It is called out here, so that its error keeps none that
        # has the text.
        return unseal(sealed, Place(table, column, UUID(bytes=subject_id), UUID(bytes=row_id), version), ciphers)

    return open_value


def wrap(key: bytes, subject_id: UUID, kek_id: str, kek: Cipher, random: Random) -> bytes:
    """Wrap a subject's key under the KEK of that id, for that subject only."""
    return _wrap(key, draw(random, _NONCE), subject_id, kek_id, kek)


def _wrap(key: bytes, nonce: bytes, subject_id: UUID, kek_id: str, kek: Cipher) -> bytes:
    header = _WRAP_HEADER.pack(_VERSION, Suite.AES_256_GCM_SIV, bytes.fromhex(kek_id))
    return header + nonce + kek.encrypt(nonce, key, header + _SUBJECT.pack(16, subject_id.bytes))


def unwrap(wrapped: bytes, subject_id: UUID, keks: Mapping[str, Cipher]) -> bytes:
    """Return the subject's key. Raises SealBroken for a key of another subject, an unknown KEK or changed bytes."""
    if len(wrapped) != _WRAPPED:
        raise SealMalformed("a wrapped key of another length than its layout has")
    version, suite, kek_id = _WRAP_HEADER.unpack_from(wrapped)
    kek = keks.get(kek_id.hex())
    if version != _VERSION or suite != Suite.AES_256_GCM_SIV or kek is None:
        raise SealMalformed("a wrapped key of unknown version, suite or KEK")
    header, nonce = wrapped[: _WRAP_HEADER.size], wrapped[_WRAP_HEADER.size : _KEY_AT]
    try:
        return kek.decrypt(nonce, wrapped[_KEY_AT:], header + _SUBJECT.pack(16, subject_id.bytes))
    except InvalidTag:
        raise SealBroken("the subject's key does not open under this KEK") from None


@lru_cache(maxsize=64)  # As many as there are sealed columns; they are names of the schema, never data.
def _column(table: str, column: str) -> bytes:
    return b"".join(len(part).to_bytes(2, "big") + part for part in (table.encode(), column.encode()))


def _bound_to(header: bytes, place: Place) -> bytes:
    row = _ROW.pack(16, place.subject_id.bytes, 16, place.row_id.bytes, 8, place.version)
    return header + _column(place.table, place.column) + row


def _pad(text: str) -> bytes:
    # "ignore" loses only lone surrogates. Letting the codec raise would put the text into its exception.
    plain = text.encode("utf-8", "ignore")
    if plain.decode() != text:
        raise TextRefused("text with half a character (a lone surrogate) cannot be sealed")
    return plain + b"\x80" + bytes(-(len(plain) + 1) % _BLOCK)


def _unpad(padded: bytes) -> str:
    marked = padded.rstrip(b"\x00")
    plain = marked[:-1]
    text = plain.decode("utf-8", "replace")
    # An authentic text of another form cannot come from damage, only from a bug of a writer: raise without the bytes.
    # What is no UTF-8 has become U+FFFD, which a text may have too.
    if marked[-1:] != b"\x80" or (_REPLACEMENT in text and text.encode() != plain):
        raise SealMalformed("a sealed value opened to something that is not padded UTF-8")
    return text
