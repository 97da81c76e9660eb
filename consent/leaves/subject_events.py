"""What happens to a subject's record besides steps and consent: deliveries, acknowledgements, account links."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from consent.leaves.provenance import Content, Provenance, versioned_entry


@dataclass(frozen=True, slots=True)
class SubjectEvent:
    """One such event. The fields but the last two are the columns of `subject_events`.

    *event* is a word of `credit.subjects.record_events`; *facts* hold references, days and choices, nothing personal.
    """

    subject_id: UUID
    event_id: UUID
    event: str
    at: datetime
    actor_ref: str
    role: str
    department_code: str | None
    facts: Mapping[str, object]
    salt: bytes = field(repr=False)
    request: Provenance | None = None
    content: Content = ()

    def canonical_bytes(self) -> bytes:
        """Return every field but the salt, by its own name, and `"type":"subject-event/1"`.

        The bytes are, for example:

            {"actor_ref":"account-1","at":"2026-03-05T01:02:03.000004Z","department_code":null,
            "event":"NOTIFICATION_SEEN","event_id":"00000000-0000-0000-0000-00000000000c",
            "facts":{"notification_id":"00000000-0000-0000-0000-000000000013"},"role":"subject",
            "subject_id":"00000000-0000-0000-0000-000000000001","type":"subject-event/1"}

        With the request and what was sealed:

            {"actor_ref":"account-1","at":"2026-03-05T01:02:03.000004Z","content":[],"department_code":null,
            "event":"NOTIFICATION_SEEN","event_id":"00000000-0000-0000-0000-00000000000c",
            "facts":{"notification_id":"00000000-0000-0000-0000-000000000013"},"request":{"channel":"GRAPHQL",
            "id":"00000000-0000-0000-0000-00000000001f","known_by":"TOKEN"},"role":"subject",
            "subject_id":"00000000-0000-0000-0000-000000000001","type":"subject-event/2"}
        """
        return versioned_entry(
            "subject-event",
            {
                "subject_id": self.subject_id,
                "event_id": self.event_id,
                "event": self.event,
                "at": self.at,
                "actor_ref": self.actor_ref,
                "role": self.role,
                "department_code": self.department_code,
                "facts": self.facts,
            },
            self.request,
            self.content,
        )
