"""Who put a subject on record, and by which way [5.1.3] [5.1.6]."""

from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from consent.leaves.canonical_form import entry_bytes


class RegistrationFields(TypedDict):
    """The committed fields of a registration: who put a subject on record, and by which way."""

    subject_id: UUID
    registration_id: UUID
    at: datetime
    actor_ref: str
    role: str
    department_code: str | None
    channel: str
    case_id: UUID | None


def registration_bytes(**fields: Unpack[RegistrationFields]) -> bytes:
    """Return the entry of a registration [5.1.3] [5.1.6].

    The bytes are, for example:

        {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z","case_id":null,"channel":"WINDOW",
        "department_code":"LZ-APPROVAL","registration_id":"00000000-0000-0000-0000-000000000011","role":"clerk",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"registration/1"}
    """
    return entry_bytes("registration/1", fields)
