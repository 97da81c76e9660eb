"""What follows from a restraint: focused checks and consultations [5.2.2] [5.2.3]."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict, Unpack
from uuid import UUID

from consent.leaves.provenance import Content, Provenance, versioned_entry


class FocusedCheckFields(TypedDict):
    """The committed fields of a focused check: everything but its sealed facts."""

    subject_id: UUID
    check_id: UUID
    department_code: str | None
    sector_code: str
    area_code: str
    checked_on: date
    by_ref: str
    outcome: str
    evidence: Sequence[str]
    recorded_at: datetime
    case_id: UUID | None


def focused_check_bytes(
    request: Provenance | None = None, content: Content = (), **fields: Unpack[FocusedCheckFields]
) -> bytes:
    """Return the entry of a focused check [5.2.2].

    The bytes are, for example:

        {"area_code":"330000","by_ref":"regulator-1","case_id":null,"check_id":"00000000-0000-0000-0000-00000000000c",
        "checked_on":"2026-03-05","department_code":"LZ-MARKET","evidence":["检查记录-1"],"outcome":"NOTHING_FOUND",
        "recorded_at":"2026-03-05T01:02:03.000004Z","sector_code":"MARKET",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"focused-check/1"}

    Since revision 34, with the request and what was sealed:

        {"area_code":"330000","by_ref":"regulator-1","case_id":null,"check_id":"00000000-0000-0000-0000-00000000000c",
        "checked_on":"2026-03-05","content":[["focused_checks.facts","00000000-0000-0000-0000-00000000000c",
        "abababababababababababababababababababababababababababababababab"]],"department_code":"LZ-MARKET",
        "evidence":["检查记录-1"],"outcome":"NOTHING_FOUND","recorded_at":"2026-03-05T01:02:03.000004Z",
        "request":{"channel":"GRAPHQL","id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},
        "sector_code":"MARKET","subject_id":"00000000-0000-0000-0000-000000000001","type":"focused-check/2"}
    """
    return versioned_entry("focused-check", fields, request, content)


class ConsultationLineFields(TypedDict):
    """The committed fields of one line of a consultation: those that the subject's own log shows."""

    subject_id: UUID
    line_id: UUID
    consultation_id: UUID
    line: int
    kind: str
    recipient_code: str
    at: datetime
    ground: str | None
    citation: str | None
    authorisation_id: UUID | None
    reply: str


def consultation_line_bytes(request: Provenance | None = None, **fields: Unpack[ConsultationLineFields]) -> bytes:
    """Return the entry of one line of a consultation, in the log of its subject [5.2.3].

    The bytes are, for example:

        {"at":"2026-03-05T01:02:03.000004Z","authorisation_id":null,"citation":"[5.2.3]",
        "consultation_id":"00000000-0000-0000-0000-00000000000f","ground":"STATUTE","kind":"AWARD","line":0,
        "line_id":"00000000-0000-0000-0000-00000000000e","recipient_code":"LZ-MARKET","reply":"NOT_RESTRAINED",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"consultation-line/1"}

    Since revision 34, with the request:

        {"at":"2026-03-05T01:02:03.000004Z","authorisation_id":null,"citation":"[5.2.3]",
        "consultation_id":"00000000-0000-0000-0000-00000000000f","ground":"STATUTE","kind":"AWARD","line":0,
        "line_id":"00000000-0000-0000-0000-00000000000e","recipient_code":"LZ-MARKET","reply":"NOT_RESTRAINED",
        "request":{"channel":"GRAPHQL","id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"consultation-line/2"}
    """
    return versioned_entry("consultation-line", fields, request)
