"""What happens to a subject's record besides steps and consent: deliveries, acknowledgements, account links.

And the rows from before their acts were kept, which an operator takes over once, as they stood at the upgrade [5.1.6].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from consent.errors import NotCanonical
from consent.leaves.canonical_form import entry_bytes
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


@dataclass(frozen=True, slots=True)
class AttestedRow:
    """A row that was taken over. The fields but the last are the columns of `attested_rows`.

    *record* is the table of the row and *record_id* its id there; *state* has its columns as JSON
    (`storage.ledger.attestation.attested_rows`), without what is sealed. *acts* are the ids of the acts that were kept
    of it nevertheless: the state has what they did, and only later acts change it.
    """

    subject_id: UUID
    attestation_id: UUID
    record: str
    record_id: UUID
    at: datetime
    actor_ref: str
    role: str
    acts: Sequence[str]
    state: Mapping[str, object]
    salt: bytes = field(repr=False)
    request: Provenance | None = None

    def canonical_bytes(self) -> bytes:
        """Return every field but the salt, by its own name, and `"type":"attested-row/1"`.

        The bytes are, for example:

            {"actor_ref":"operator/head-1","acts":[],"at":"2026-03-05T01:02:03.000004Z",
            "attestation_id":"00000000-0000-0000-0000-00000000000c","record":"restraint_cases",
            "record_id":"00000000-0000-0000-0000-000000000046","request":{"channel":"COMMAND_LINE",
            "id":"00000000-0000-0000-0000-00000000001f","known_by":"OPERATOR"},"role":"operator",
            "state":{"ends_on":"2027-03-05","published_on":"2026-03-05"},
            "subject_id":"00000000-0000-0000-0000-000000000001","type":"attested-row/1"}

        Raises NotCanonical without a request, which every attestation has.
        """
        if self.request is None:
            raise NotCanonical
        fields = {
            "subject_id": self.subject_id,
            "attestation_id": self.attestation_id,
            "record": self.record,
            "record_id": self.record_id,
            "at": self.at,
            "actor_ref": self.actor_ref,
            "role": self.role,
            "acts": list(self.acts),
            "state": self.state,
            "request": self.request.written(),
        }
        return entry_bytes("attested-row/1", fields)
