"""Events of a delegation [5.1.6]."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from consent.leaves.canonical_form import commitment
from consent.leaves.provenance import Provenance, versioned_entry


class DelegationStep(StrEnum):
    """What can happen to a delegation."""

    RECORDED = "RECORDED"
    ENDED = "ENDED"
    CONTESTED = "CONTESTED"
    CONTEST_DECIDED = "CONTEST_DECIDED"


@dataclass(frozen=True, slots=True)
class DelegationEvent:
    """One event of a delegation. The fields but the last are the columns of `delegation_events`."""

    subject_id: UUID
    event_id: UUID
    delegation_id: UUID
    at: datetime
    actor_ref: str
    role: str
    department_code: str | None
    event: DelegationStep
    facts: Mapping[str, object]
    salt: bytes = field(repr=False)
    request: Provenance | None = None

    def canonical_bytes(self) -> bytes:
        """Return every field but the salt, by its own name, and `"type":"delegation-event/1"`.

        The bytes are, for example:

            {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z",
            "delegation_id":"00000000-0000-0000-0000-000000000052","department_code":"LZ-APPROVAL","event":"RECORDED",
            "event_id":"00000000-0000-0000-0000-00000000000c","facts":{"delegate_ref":"agent-1",
            "evidence":["LZ-POA-1"],"expires_on":"2027-03-04","groups":["IDENTITY","RESTRAINT"],"kind":"AGENT",
            "powers":["CONSENT"],"starts_on":"2026-03-05","version":1},"role":"clerk",
            "subject_id":"00000000-0000-0000-0000-000000000001","type":"delegation-event/1"}

        Since revision 34, with the request:

            {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z",
            "delegation_id":"00000000-0000-0000-0000-000000000052","department_code":"LZ-APPROVAL","event":"RECORDED",
            "event_id":"00000000-0000-0000-0000-00000000000c","facts":{"delegate_ref":"agent-1","evidence":["LZ-POA-1"],
            "expires_on":"2027-03-04","groups":["IDENTITY","RESTRAINT"],"kind":"AGENT","powers":["CONSENT"],
            "starts_on":"2026-03-05","version":1},"request":{"channel":"GRAPHQL",
            "id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},"role":"clerk",
            "subject_id":"00000000-0000-0000-0000-000000000001","type":"delegation-event/2"}
        """
        return versioned_entry(
            "delegation-event",
            {
                "subject_id": self.subject_id,
                "event_id": self.event_id,
                "delegation_id": self.delegation_id,
                "at": self.at,
                "actor_ref": self.actor_ref,
                "role": self.role,
                "department_code": self.department_code,
                "event": self.event,
                "facts": self.facts,
            },
            self.request,
        )

    def commitment(self) -> bytes:
        """Return what the log `consent` has of this event."""
        return commitment(self.salt, self.canonical_bytes())
