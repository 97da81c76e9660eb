"""Events of an authorisation [5.1.6]."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from consent.authorisation import Authorisation
from consent.leaves.canonical_form import commitment
from consent.leaves.provenance import Provenance, versioned_entry
from consent.vocabulary import FieldGroup


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
    DELETION_ACKNOWLEDGED = "DELETION_ACKNOWLEDGED"
    """The recipient deleted what it received, or uses it no more [PIPL 47]."""


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


def terms_of(authorisation: Authorisation) -> dict[str, object]:
    """Return the terms after an event: references and bounds, nothing personal."""
    application, starts_on = authorisation.application_id, authorisation.starts_on
    return {
        "purpose": authorisation.purpose.value,
        "recipient_code": authorisation.recipient_code,
        "groups": [group.name for group in FieldGroup if group in authorisation.groups],
        "means": authorisation.means,
        "template": authorisation.template,
        "application_id": None if application is None else str(application),
        "starts_on": None if starts_on is None else starts_on.isoformat(),
        "expires_on": authorisation.expires_on.isoformat(),
        "uses_allowed": authorisation.uses_allowed,
        "paper_evidence": authorisation.paper_evidence,
        "version": authorisation.version,
    } | {name: value for name, value in _terms_of_paper(authorisation).items() if value is not None}


def _terms_of_paper(authorisation: Authorisation) -> dict[str, object]:
    """Return what only papers have, their days, references and decision on a contest; and the notice of a grant."""
    days = ("refused_on", "narrowed_on", "withdrawn_on", "contested_on", "signed_on")
    return {name: day and day.isoformat() for name in days for day in [getattr(authorisation, name)]} | {
        "is_held": None if authorisation.paper_evidence is None else authorisation.held_at is not None,
        "refusal_evidence": authorisation.refusal_evidence,
        "narrowing_evidence": authorisation.narrowing_evidence,
        "withdrawal_evidence": authorisation.withdrawal_evidence,
        "contest_paper": authorisation.contest_paper,
        "contest_finding": authorisation.contest_finding and authorisation.contest_finding.value,
        "contest_evidence": authorisation.contest_evidence,
        "notice": authorisation.notice_digest,
    }
