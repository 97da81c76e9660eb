"""The secret that blinds a subject's head in every epoch [consent/ledger/epochs.py], committed when it is drawn.

secret   32 random bytes
digest   SHA-256("chengxin/subject-secret/1" ‖ secret)
"""

from datetime import datetime
from hashlib import sha256
from typing import Final, TypedDict, Unpack
from uuid import UUID

from consent.errors import NotCanonical
from consent.leaves.canonical_form import entry_bytes
from consent.ledger.epochs import SECRET_BYTES

_TYPE: Final = b"chengxin/subject-secret/1"


class SubjectSecretFields(TypedDict):
    """The committed fields of a secret."""

    subject_id: UUID
    secret_id: UUID
    at: datetime
    digest: bytes


def secret_digest(secret: bytes) -> bytes:
    """Return the digest of a secret; raises NotCanonical for one of another length."""
    if len(secret) != SECRET_BYTES:
        raise NotCanonical
    return sha256(_TYPE + secret).digest()


def subject_secret_bytes(**fields: Unpack[SubjectSecretFields]) -> bytes:
    """Return the entry of a secret: with it the subject can prove that its heads are blinded by no other one [5.1.6].

    The bytes are, for example:

        {"at":"2026-03-05T01:02:03.000004Z",
        "digest":"abababababababababababababababababababababababababababababababab",
        "secret_id":"00000000-0000-0000-0000-000000000012","subject_id":"00000000-0000-0000-0000-000000000001",
        "type":"subject-secret/1"}
    """
    return entry_bytes("subject-secret/1", fields)
