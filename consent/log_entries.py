"""The names of `consent.leaves` for what still imports them from here; it goes with the merge of the branches."""

from consent.leaves.access_entries import AccessEntry
from consent.leaves.canonical_form import (
    EXACT_INTEGER,
    NOBODY,
    SALT_BYTES,
    canonical_bytes,
    commitment,
    instant,
    leaf_hash,
)
from consent.leaves.clock_recounts import ClockRecountFields, clock_recount_bytes
from consent.leaves.consent_events import ConsentEvent, Event
from consent.leaves.delegation_events import DelegationEvent, DelegationStep
from consent.leaves.documents import (
    FileAttachmentFields,
    IssuedNoticeFields,
    file_attachment_bytes,
    issued_notice_bytes,
)
from consent.leaves.effects import (
    ConsultationLineFields,
    FocusedCheckFields,
    consultation_line_bytes,
    focused_check_bytes,
)
from consent.leaves.number_lookups import Entrance, LookupOutcome, NumberLookup
from consent.leaves.registrations import RegistrationFields, registration_bytes
from consent.leaves.steps import StepFields, application_step_bytes, case_step_bytes, hearing_step_bytes

__all__ = [
    "EXACT_INTEGER",
    "NOBODY",
    "SALT_BYTES",
    "AccessEntry",
    "ClockRecountFields",
    "ConsentEvent",
    "ConsultationLineFields",
    "DelegationEvent",
    "DelegationStep",
    "Entrance",
    "Event",
    "FileAttachmentFields",
    "FocusedCheckFields",
    "IssuedNoticeFields",
    "LookupOutcome",
    "NumberLookup",
    "RegistrationFields",
    "StepFields",
    "application_step_bytes",
    "canonical_bytes",
    "case_step_bytes",
    "clock_recount_bytes",
    "commitment",
    "consultation_line_bytes",
    "file_attachment_bytes",
    "focused_check_bytes",
    "hearing_step_bytes",
    "instant",
    "issued_notice_bytes",
    "leaf_hash",
    "registration_bytes",
]
