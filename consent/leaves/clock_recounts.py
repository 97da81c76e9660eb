"""Deadlines that the working days of a year have moved or made certain [5.1.4]."""

from datetime import date, datetime
from typing import TypedDict, Unpack
from uuid import UUID

from consent.leaves.provenance import Provenance, versioned_entry


class ClockRecountFields(TypedDict):
    """A deadline that the calendar of a year has moved or made certain, with both last days."""

    subject_id: UUID
    recount_id: UUID
    about: UUID
    clock: str
    started_on: date
    due_before: date
    due_after: date
    year: int
    at: datetime


def clock_recount_bytes(request: Provenance | None = None, **fields: Unpack[ClockRecountFields]) -> bytes:
    """Return the entry of a deadline that was recalculated [5.1.4].

    The bytes are, for example:

        {"about":"00000000-0000-0000-0000-000000000046","at":"2026-12-01T01:02:03.000004Z","clock":"STATEMENT",
        "due_after":"2027-01-06","due_before":"2027-01-05","recount_id":"00000000-0000-0000-0000-000000000010",
        "started_on":"2026-12-30","subject_id":"00000000-0000-0000-0000-000000000001","type":"clock-recount/1",
        "year":2027}

    Since revision 34, with the request:

        {"about":"00000000-0000-0000-0000-000000000046","at":"2026-12-01T01:02:03.000004Z","clock":"STATEMENT",
        "due_after":"2027-01-06","due_before":"2027-01-05","recount_id":"00000000-0000-0000-0000-000000000010",
        "request":{"channel":"GRAPHQL","id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},
        "started_on":"2026-12-30","subject_id":"00000000-0000-0000-0000-000000000001","type":"clock-recount/2",
        "year":2027}
    """
    return versioned_entry("clock-recount", fields, request)
