"""Events of an authorisation [5.1.6]."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from consent.leaves.canonical_form import commitment
from consent.leaves.provenance import Provenance, versioned_entry


class Event(StrEnum):
    """What can happen to an authorisation."""

    REQUESTED = "REQUESTED"
    GRANTED = "GRANTED"
    NARROWED = "NARROWED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    WITHDRAWN_ON_PAPER = "WITHDRAWN_ON_PAPER"
    """An officer entered the subject's withdrawal from paper; likewise the next three."""
    REFUSED_ON_PAPER = "REFUSED_ON_PAPER"
    NARROWED_ON_PAPER = "NARROWED_ON_PAPER"
    CONTESTED_ON_PAPER = "CONTESTED_ON_PAPER"
    RECORDED_ON_PAPER = "RECORDED_ON_PAPER"
    CONTESTED = "CONTESTED"
    OFFERED = "OFFERED"
    """The subject gave it without being asked."""
    HELD = "HELD"
    """A paper waits for a second person, because the subject contested another one."""
    CONFIRMED = "CONFIRMED"
    CONTEST_DECIDED = "CONTEST_DECIDED"


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One event of an authorisation. The fields but the last are the columns of `consent_events`."""

    subject_id: UUID
    event_id: UUID
    authorisation_id: UUID
    at: datetime
    actor_ref: str
    role: str
    event: Event
    facts: Mapping[str, object]
    salt: bytes = field(repr=False)
    request: Provenance | None = None

    def canonical_bytes(self) -> bytes:
        """Return every field but the salt, by its own name, and `"type":"consent-event/1"`.

        The bytes are, for example:

            {"actor_ref":"account-1","at":"2026-03-05T01:02:03.000004Z",
            "authorisation_id":"00000000-0000-0000-0000-000000000004","event":"GRANTED",
            "event_id":"00000000-0000-0000-0000-00000000000c",
            "facts":{"application_id":"00000000-0000-0000-0000-000000000003","expires_on":"2026-04-04",
            "groups":["IDENTITY","RESTRAINT"],"means":"窗口查询","paper_evidence":null,"purpose":"CREDIT_CHECK",
            "recipient_code":"LZ-APPROVAL","starts_on":"2026-03-05","template":"credit-check/1","uses_allowed":3,
            "version":2},"role":"subject","subject_id":"00000000-0000-0000-0000-000000000001",
            "type":"consent-event/1"}

        Since revision 34, with the request:

            {"actor_ref":"account-1","at":"2026-03-05T01:02:03.000004Z",
            "authorisation_id":"00000000-0000-0000-0000-000000000004","event":"GRANTED",
            "event_id":"00000000-0000-0000-0000-00000000000c",
            "facts":{"application_id":"00000000-0000-0000-0000-000000000003","expires_on":"2026-04-04",
            "groups":["IDENTITY","RESTRAINT"],"means":"窗口查询","paper_evidence":null,"purpose":"CREDIT_CHECK",
            "recipient_code":"LZ-APPROVAL","starts_on":"2026-03-05","template":"credit-check/1","uses_allowed":3,
            "version":2},"request":{"channel":"GRAPHQL","id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},
            "role":"subject","subject_id":"00000000-0000-0000-0000-000000000001","type":"consent-event/2"}
        """
        return versioned_entry(
            "consent-event",
            {
                "subject_id": self.subject_id,
                "event_id": self.event_id,
                "authorisation_id": self.authorisation_id,
                "at": self.at,
                "actor_ref": self.actor_ref,
                "role": self.role,
                "event": self.event,
                "facts": self.facts,
            },
            self.request,
        )

    def commitment(self) -> bytes:
        """Return what the log `consent` has of this event."""
        return commitment(self.salt, self.canonical_bytes())
