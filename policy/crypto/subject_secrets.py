"""The secret that blinds a subject's head in every epoch: drawn, sealed under the subject's key, opened for an epoch.

It is sealed as any text [policy/crypto/field_encryption.py], as 64 small hexadecimal digits, at the place
`subject_secrets.secret` of its subject, version 1. So shredding the subject's key shreds it too.
"""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from consent.leaves.canonical_form import SALT_BYTES
from consent.leaves.subject_secrets import secret_digest
from consent.ledger.epochs import SECRET_BYTES
from credit.subjects.subject import Place, Sealed
from policy.crypto.keyring import Keyring

TABLE: Final = "subject_secrets"


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A secret as storage gets it, with its digest, and the salt of the entry that commits to it."""

    sealed: bytes = field(repr=False)
    digest: bytes
    salt: bytes = field(repr=False)


def draw_secret(keyring: Keyring, subject_id: UUID, wrapped: bytes) -> SealedSecret:
    """Draw a secret for the subject with this wrapped key; raises SealBroken."""
    secret = keyring.random_bytes(SECRET_BYTES)
    sealed = keyring.seal(secret.hex(), _place(subject_id), wrapped)
    return SealedSecret(sealed, secret_digest(secret), keyring.random_bytes(SALT_BYTES))


def open_secret(keyring: Keyring, subject_id: UUID, wrapped: bytes, sealed: bytes) -> bytes:
    """Return the secret: for an epoch, and for its subject. Raises SealBroken, and reports it."""
    return bytes.fromhex(keyring.open(Sealed(_place(subject_id), sealed, wrapped)))


def _place(subject_id: UUID) -> Place:
    return Place(TABLE, "secret", subject_id, subject_id, 1)
