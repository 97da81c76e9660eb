"""Signs and verifies notes and checkpoints. No other module of consent imports cryptography.

    kind 0x01   Ed25519 over the text of a note [c2sp.org/signed-note]
    kind 0x04   Ed25519 over a checkpoint and a time [c2sp.org/tlog-cosignature]
    kind 0x06   ML-DSA-44 over the same and the cosigner's name

A private key is made of a seed of 32 bytes, which nothing keeps: a signer holds the key inside the library, shows
no part of it, and cannot be pickled. Ed25519 is deterministic, ML-DSA-44 is not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from consent.errors import CheckpointRefused, NoteRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.cosignatures import cosigned_message, join_cosignature, split_cosignature
from consent.ledger.notes.signed_notes import KeyKind, SignatureLine, SignedNote, VerifierKey

SEED_BYTES: Final = 32
CLOCK_SECONDS: Final = 300
"""How far the clock of whoever signed may be ahead of the reader's."""


class Signer:
    """Holds a private key, and tells the public one: *key*. It cannot be copied or pickled."""

    __slots__ = ("_private", "key")

    key: VerifierKey

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is not to be copied or pickled")


class NoteSigner(Signer):
    """Signs notes as the key *key*. For a log, the name of the key is its origin."""

    __slots__ = ()

    def __init__(self, name: str, seed: bytes) -> None:
        """Make the key of a name and a seed of 32 bytes. Raises NoteRefused for another name or length."""
        _must_be_seed(seed)
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = VerifierKey(name, KeyKind.ED25519, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> SignatureLine:
        """Return the signature of a text."""
        return SignatureLine(self.key.name, self.key.key_id, self._private.sign(text.encode()))

    def signed(self, text: str) -> SignedNote:
        """Return *text* as a note with this signature. Raises NoteRefused where it can be the text of none."""
        return SignedNote(text, (self.sign(text),))


class CheckpointCosigner(Signer):
    """Cosigns checkpoints as the key *key*, of kind 0x04 or 0x06."""

    __slots__ = ()

    def __init__(self, name: str, seed: bytes, kind: KeyKind = KeyKind.COSIGNER_ED25519) -> None:
        """Make the key of a name and a seed of 32 bytes. Raises NoteRefused for another name, length or kind."""
        _must_be_seed(seed)
        self._private: Ed25519PrivateKey | MLDSA44PrivateKey
        if kind is KeyKind.COSIGNER_ML_DSA_44:
            self._private = MLDSA44PrivateKey.from_seed_bytes(seed)
        elif kind is KeyKind.COSIGNER_ED25519:
            self._private = Ed25519PrivateKey.from_private_bytes(seed)
        else:
            raise NoteRefused(LedgerFlaw.KEY_KIND)
        self.key = VerifierKey(name, kind, self._private.public_key().public_bytes_raw())

    def cosign(self, checkpoint: Checkpoint, time: int) -> SignatureLine:
        """Return the cosignature at *time*, in seconds since 1970 UTC. Raises CheckpointRefused for another time."""
        signature = self._private.sign(cosigned_message(self.key, checkpoint, time))
        return SignatureLine(self.key.name, self.key.key_id, join_cosignature(time, signature))


def _must_be_seed(seed: bytes) -> None:
    if len(seed) != SEED_BYTES:
        raise NoteRefused(LedgerFlaw.KEY_LENGTH)


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature of *key* that verifies; *time* is that of a cosignature, in seconds since 1970 UTC, else None."""

    key: VerifierKey
    time: int | None


def verified_signatures(note: SignedNote, keys: Iterable[VerifierKey]) -> tuple[VerifiedSignature, ...]:
    """Return the signatures of *keys* that *note* has, in its order. Every one of them is valid.

    A line is that of a key that has both its name and its id; other lines are ignored. A key may have signed twice.
    Raises NoteRefused where one does not verify, or where there is none; CheckpointRefused where a cosigner has signed
    what is no checkpoint.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found = tuple(
        _verified(key, note.text, line.signature)
        for line in note.signatures
        if (key := known.get((line.name, line.key_id))) is not None
    )
    if not found:
        raise NoteRefused(LedgerFlaw.NO_KNOWN_KEY)
    return found


def _verified(key: VerifierKey, text: str, written: bytes) -> VerifiedSignature:
    try:
        if key.kind is KeyKind.ED25519:
            time = None
            Ed25519PublicKey.from_public_bytes(key.public_key).verify(written, text.encode())
        else:
            time, signature = split_cosignature(key, written)
            public = MLDSA44PublicKey if key.kind is KeyKind.COSIGNER_ML_DSA_44 else Ed25519PublicKey
            message = cosigned_message(key, Checkpoint.parse(text), time)
            public.from_public_bytes(key.public_key).verify(signature, message)
    except UnsupportedAlgorithm as error:
        raise NoteRefused(LedgerFlaw.KEY_KIND) from error
    except (InvalidSignature, ValueError) as error:
        raise NoteRefused(LedgerFlaw.BAD_SIGNATURE) from error
    return VerifiedSignature(key, time)


def require_past(signatures: Iterable[VerifiedSignature], now: float) -> None:
    """Return nothing if none of *signatures* is later than *now*, in seconds since 1970 UTC, and CLOCK_SECONDS.

    Raises CheckpointRefused: a checkpoint from the future would stand above every later one.
    """
    if any(each.time is not None and each.time > now + CLOCK_SECONDS for each in signatures):
        raise CheckpointRefused(LedgerFlaw.FROM_THE_FUTURE)


def verified_checkpoint(note: SignedNote, log: VerifierKey) -> Checkpoint:
    """Return the checkpoint of *log*, whose name is its origin. Raises NoteRefused, CheckpointRefused."""
    verified_signatures(note, [log])
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log.name:
        raise CheckpointRefused(LedgerFlaw.OTHER_LOG)
    return checkpoint
