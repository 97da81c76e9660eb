r"""Cosignatures: what a witness signs of a checkpoint, and when [c2sp.org/tlog-cosignature].

    signature     u64 time ‖ signature of the message; 64 bytes of Ed25519, 2420 of ML-DSA-44

    Ed25519       "cosignature/v1\ntime " ‖ decimal time ‖ "\n" ‖ text of the checkpoint, extension lines included
    ML-DSA-44     "subtree/v1\n\0" ‖ u8 length ‖ cosigner's name ‖ u64 time ‖ u8 length ‖ origin
                  ‖ u64 start ‖ u64 end ‖ hash(32)

A time is in seconds since 1970-01-01 UTC, at most 2^63 - 1. That of a checkpoint has start 0 and end size. A subtree
that starts later has time 0, and no checkpoint. For example, Ed25519 signs

    cosignature/v1
    time 1679315147
    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""

from typing import Final

from consent.errors import CheckpointRefused, NoteRefused
from consent.ledger.flaws import LedgerFlaw
from consent.ledger.merkle_tree import HASH_BYTES, Subtree
from consent.ledger.notes.checkpoints import Checkpoint
from consent.ledger.notes.signed_notes import KeyKind, VerifierKey
from consent.ledger.notes.strict_text import LARGEST_NUMBER

_U64: Final = 8
_SIGNATURE_BYTES: Final = {KeyKind.COSIGNER_ED25519: 64, KeyKind.COSIGNER_ML_DSA_44: 2420}
_LONGEST_NAME: Final = 255


def cosigned_message(key: VerifierKey, checkpoint: Checkpoint, time: int) -> bytes:
    """Return what *key*, a cosigner's, signs of *checkpoint* at *time*. Raises CheckpointRefused, NoteRefused."""
    if key.kind is KeyKind.COSIGNER_ML_DSA_44:
        whole = Subtree(0, checkpoint.size)
        return cosigned_subtree(key.name, checkpoint.origin, whole, checkpoint.root, time)
    _must_be_cosigner(key)
    return f"cosignature/v1\ntime {_checked(time)}\n{checkpoint.text}".encode()


def cosigned_subtree(cosigner: str, origin: str, subtree: Subtree, root: bytes, time: int = 0) -> bytes:
    """Return what ML-DSA-44 signs of a subtree of the log *origin*. Raises CheckpointRefused."""
    start, end = subtree
    if not 0 <= start <= end <= LARGEST_NUMBER:
        raise CheckpointRefused(LedgerFlaw.OUT_OF_RANGE)
    if start and time:
        raise CheckpointRefused(LedgerFlaw.TIMESTAMP)
    if len(root) != HASH_BYTES:
        raise CheckpointRefused(LedgerFlaw.NOT_A_HASH)
    times, bounds = _checked(time).to_bytes(_U64, "big"), start.to_bytes(_U64, "big") + end.to_bytes(_U64, "big")
    return b"subtree/v1\n\0" + _counted(cosigner) + times + _counted(origin) + bounds + root


def join_cosignature(time: int, signature: bytes) -> bytes:
    """Return a time and a signature as a signature line holds them. Raises CheckpointRefused."""
    return _checked(time).to_bytes(_U64, "big") + signature


def split_cosignature(key: VerifierKey, cosignature: bytes) -> tuple[int, bytes]:
    """Return the time and the signature that a line of *key* holds. Raises NoteRefused, CheckpointRefused."""
    _must_be_cosigner(key)
    time, signature = int.from_bytes(cosignature[:_U64], "big"), cosignature[_U64:]
    if len(signature) != _SIGNATURE_BYTES[key.kind]:
        raise NoteRefused(LedgerFlaw.BAD_SIGNATURE)
    return _checked(time), signature


def _must_be_cosigner(key: VerifierKey) -> None:
    if key.kind not in _SIGNATURE_BYTES:
        raise NoteRefused(LedgerFlaw.KEY_KIND)


def _checked(time: int) -> int:
    if not 0 <= time <= LARGEST_NUMBER:
        raise CheckpointRefused(LedgerFlaw.TIMESTAMP)
    return time


def _counted(name: str) -> bytes:
    written = name.encode()
    if not 0 < len(written) <= _LONGEST_NAME:
        raise CheckpointRefused(LedgerFlaw.ORIGIN)
    return bytes([len(written)]) + written
