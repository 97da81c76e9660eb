"""Who put a subject on record, and by which way [5.1.3] [5.1.6]."""

from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from consent.leaves.provenance import Content, Provenance, versioned_entry


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


def registration_bytes(
    request: Provenance | None = None, content: Content = (), **fields: Unpack[RegistrationFields]
) -> bytes:
    """Return the entry of a registration [5.1.3] [5.1.6].

    The bytes are, for example:

        {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z","case_id":null,"channel":"WINDOW",
        "department_code":"LZ-APPROVAL","registration_id":"00000000-0000-0000-0000-000000000011","role":"clerk",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"registration/1"}

    Since revision 34, with the request and what was sealed:

        {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z","case_id":null,"channel":"WINDOW",
        "content":[["identifiers.number","00000000-0000-0000-0000-000000000022",
        "abababababababababababababababababababababababababababababababab"],["subjects.name",
        "00000000-0000-0000-0000-000000000001","cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"]],
        "department_code":"LZ-APPROVAL","registration_id":"00000000-0000-0000-0000-000000000011",
        "request":{"channel":"GRAPHQL","id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},"role":"clerk",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"registration/2"}
    """
    return versioned_entry("registration", fields, request, content)
