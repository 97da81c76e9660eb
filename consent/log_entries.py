"""The entries that the ledger commits to: reads of personal data, events of authorisations, recorded steps.

An entry has exactly one written form. It is hashed with its own salt, and only that commitment becomes a leaf:

    canonical   UTF-8 JSON per RFC 8785 (JCS): keys sorted, no space between tokens, nothing escaped that need not be.
                Keys are ASCII and numbers are integers within ±(2^53 - 1), where JCS and the standard library agree
                to the byte; anything else is refused. An instant is text in UTC with six decimals and a Z; a day is
                `2026-03-05`; an id has hyphens and small letters; bytes are small hexadecimal digits.
    commitment  SHA-256(salt ‖ canonical), the salt being 16 random bytes stored with the entry
    entry       the commitment: 32 bytes, which count for exactly one subject. That of a lookup, which is about nobody,
                has its count before it, 0x0000, like that of a disclosure (`consent.disclosures.formats`)
    leaf hash   SHA-256(0x00 ‖ entry), per RFC 6962 section 2.1

So a leaf reveals nothing about a person, however few the possible entries are. Erasing destroys salt and record; the
leaf stays, so every other proof still verifies.

This page and `consent/disclosures` hold every format. A format never changes: a new format gets the next number, such
as `case-step/2`. The real bytes have no line breaks; the docstrings break them after a comma to fit the page.
`tests/vectors/entries.json` and `tests/vectors/log_entries.json` have more examples, byte for byte.

    log `access`   disclosure/1 (`consent.disclosures.formats`) · number-lookup/1
                   access-entry/1, of reads before revision 25 of the database
    log `consent`  consent-event/1 · delegation-event/1 · case-step/1 · application-step/1 · hearing-step/1
                   issued-notice/1 · focused-check/1 · consultation-line/1 · clock-recount/1 · file-attachment/1
                   registration/1
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Protocol, TypedDict, Unpack
from uuid import UUID

from consent.errors import NotCanonical
from consent.vocabulary import Basis, Purpose

SALT_BYTES = 16
NOBODY = bytes(2)
"""The count of subjects before a commitment that is about none."""
EXACT_INTEGER = 2**53 - 1
"""Beyond this, JSON readers disagree about a number [RFC 8785 section 3.2.2.3]."""


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


class DelegationStep(StrEnum):
    """What can happen to a delegation."""

    RECORDED = "RECORDED"
    ENDED = "ENDED"
    CONTESTED = "CONTESTED"
    CONTEST_DECIDED = "CONTEST_DECIDED"


def canonical_bytes(value: object) -> bytes:
    """Return *value* in its only written form; raises NotCanonical if it has none (a float, a lone surrogate)."""
    _must_be_plain(value)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical from error


def commitment(salt: bytes, canonical: bytes) -> bytes:
    """Return SHA-256(salt ‖ canonical); raises NotCanonical for a salt of another length, which could hide text."""
    if len(salt) != SALT_BYTES:
        raise NotCanonical
    return sha256(salt + canonical).digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ entry), the Merkle leaf of RFC 6962."""
    return sha256(b"\x00" + entry).digest()


def instant(at: datetime) -> str:
    """Write an instant as `2026-03-05T01:02:03.000004Z`; raises NotCanonical without a zone."""
    if at.tzinfo is None:
        raise NotCanonical
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:-6] + "Z"  # in place of +00:00


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One read of one subject's data before revision 25, as it sees it. The fields are the columns of `access_entries`.

    *fields* are (Type.field, data class, form), in the order of the request. An entry that a delay covers names it, and
    the day *opens_on* on which its subject sees it, unless the delay is extended or ends. Neither is in its leaf: they
    say when it is shown and nothing of the read, and each act of a delay has a leaf of its own.
    """

    subject_id: UUID
    entry_id: UUID
    read_id: UUID
    at: datetime
    actor_ref: str
    role: str
    department_code: str | None
    purpose: Purpose
    basis: Basis
    citation: str
    authorisation_id: UUID | None
    document_hash: str
    fields: Sequence[tuple[str, str, str]]
    salt: bytes = field(repr=False)
    delay_id: UUID | None = None
    opens_on: date | None = None

    def canonical_bytes(self) -> bytes:
        """Return every field but the salt and the delay, by its own name, and `"type":"access-entry/1"`.

            {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z","authorisation_id":null,"basis":"STATUTE",
            "citation":"[5.2.2]","department_code":"LZ-MARKET",
            "document_hash":"abababababababababababababababababababababababababababababababab",
            "entry_id":"00000000-0000-0000-0000-00000000000a","fields":[["RestraintCase.facts","FACTS","CLEAR"],
            ["Subject.name","PERSON_NAME","MASKED"]],"purpose":"FOCUSED_CHECK",
            "read_id":"00000000-0000-0000-0000-00000000000b","role":"regulator",
            "subject_id":"00000000-0000-0000-0000-000000000001","type":"access-entry/1"}

        `canonical_bytes` gives the same for these fields (a property test holds it). The keys are written out here,
        because there are many rows to verify.
        """
        text = (
            f'{{"actor_ref":{_quoted(self.actor_ref)},"at":"{instant(self.at)}",'
            f'"authorisation_id":{_quoted_id(self.authorisation_id)},"basis":{_quoted(self.basis)},'
            f'"citation":{_quoted(self.citation)},"department_code":{_quoted(self.department_code)},'
            f'"document_hash":{_quoted(self.document_hash)},"entry_id":"{self.entry_id}",'
            f'"fields":{_written_fields(tuple(map(tuple, self.fields)))},"purpose":{_quoted(self.purpose)},'
            f'"read_id":"{self.read_id}","role":{_quoted(self.role)},"subject_id":"{self.subject_id}",'
            '"type":"access-entry/1"}'
        )
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            raise NotCanonical from error

    def commitment(self) -> bytes:
        """Return what the log `access` has of this entry."""
        return commitment(self.salt, self.canonical_bytes())


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One event of an authorisation. The fields are the columns of `consent_events`."""

    subject_id: UUID
    event_id: UUID
    authorisation_id: UUID
    at: datetime
    actor_ref: str
    role: str
    event: Event
    facts: Mapping[str, object]
    salt: bytes = field(repr=False)

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
        """
        return _entry(
            "consent-event/1",
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
        )

    def commitment(self) -> bytes:
        """Return what the log `consent` has of this event."""
        return commitment(self.salt, self.canonical_bytes())


@dataclass(frozen=True, slots=True)
class DelegationEvent:
    """One event of a delegation. The fields are the columns of `delegation_events`."""

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

    def canonical_bytes(self) -> bytes:
        """Return every field but the salt, by its own name, and `"type":"delegation-event/1"`.

        The bytes are, for example:

            {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z",
            "delegation_id":"00000000-0000-0000-0000-000000000052","department_code":"LZ-APPROVAL","event":"RECORDED",
            "event_id":"00000000-0000-0000-0000-00000000000c","facts":{"delegate_ref":"agent-1",
            "evidence":["LZ-POA-1"],"expires_on":"2027-03-04","groups":["IDENTITY","RESTRAINT"],"kind":"AGENT",
            "powers":["CONSENT"],"starts_on":"2026-03-05","version":1},"role":"clerk",
            "subject_id":"00000000-0000-0000-0000-000000000001","type":"delegation-event/1"}
        """
        return _entry(
            "delegation-event/1",
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
        )

    def commitment(self) -> bytes:
        """Return what the log `consent` has of this event."""
        return commitment(self.salt, self.canonical_bytes())


class LookupOutcome(StrEnum):
    """Whether a lookup by number was told of somebody. A miss does not say that the number is not on record."""

    HIT = "HIT"
    MISS = "MISS"


class Entrance(StrEnum):
    """Where a number may be tried: each of these can tell whether it is on record."""

    SEARCH = "SEARCH"
    CONSULTATION = "CONSULTATION"
    REGISTRATION = "REGISTRATION"
    CORRECTION = "CORRECTION"
    IMPORT = "IMPORT"
    """A row of a file."""
    PUSH = "PUSH"
    """A case that another platform pushes."""


@dataclass(frozen=True, slots=True)
class NumberLookup:
    """One number that was tried, hit or miss [5.1.6]. The fields are the columns of `number_lookups`.

    *caller* is a keyed hash of the actor's reference, *neighbourhood* one of the number without its last four
    characters; *is_repeated*: the same caller had just tried the same number. The number itself is kept nowhere.
    """

    entry_id: UUID
    at: datetime
    caller: str
    role: str
    department_code: str | None
    purpose: Purpose
    entrance: Entrance
    outcome: LookupOutcome
    neighbourhood: str
    is_repeated: bool
    salt: bytes = field(repr=False)

    def canonical_bytes(self) -> bytes:
        """Return every field but the salt, by its own name, and `"type":"number-lookup/1"`.

        The bytes are, for example:

            {"at":"2026-03-05T01:02:03.000004Z","caller":"abababababababababababababababab",
            "department_code":"LZ-APPROVAL","entrance":"SEARCH","entry_id":"00000000-0000-0000-0000-00000000000a",
            "is_repeated":false,"neighbourhood":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","outcome":"MISS",
            "purpose":"CREDIT_CHECK","role":"clerk","type":"number-lookup/1"}
        """
        return _entry(
            "number-lookup/1",
            {
                "entry_id": self.entry_id,
                "at": self.at,
                "caller": self.caller,
                "role": self.role,
                "department_code": self.department_code,
                "purpose": self.purpose.value,
                "entrance": self.entrance.value,
                "outcome": self.outcome.value,
                "neighbourhood": self.neighbourhood,
                "is_repeated": self.is_repeated,
            },
        )

    def commitment(self) -> bytes:
        """Return what the entry of this lookup commits to."""
        return commitment(self.salt, self.canonical_bytes())

    def entry(self) -> bytes:
        """Return the entry in the log `access`, which counts for nobody."""
        return NOBODY + self.commitment()


class StepFields(Protocol):
    """The fields of every step: who took it, when, on which evidence, and what it decided."""

    @property
    def subject_id(self) -> UUID: ...

    @property
    def step_id(self) -> UUID: ...

    @property
    def step(self) -> str: ...

    @property
    def on(self) -> date: ...

    @property
    def at(self) -> datetime: ...

    @property
    def actor_ref(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def department_code(self) -> str | None: ...

    @property
    def evidence(self) -> Sequence[str]: ...

    @property
    def facts(self) -> Mapping[str, object]: ...


def case_step_bytes(step: StepFields, case_id: UUID) -> bytes:
    """Return the entry of a step of a case [5.1].

    The bytes are, for example:

        {"actor_ref":"staff-1","at":"2026-03-05T01:02:03.000004Z","case_id":"00000000-0000-0000-0000-000000000046",
        "department_code":"LZ-APPROVAL","evidence":["notice-7"],"facts":{},"on":"2026-03-05","role":"handler",
        "step":"NOTICED","step_id":"00000000-0000-0000-0000-00000000000a",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"case-step/1"}
    """
    return _step_entry("case-step/1", step, {"case_id": case_id})


def application_step_bytes(step: StepFields, application_id: UUID) -> bytes:
    """Return the entry of a step of an application [4].

    The bytes are, for example:

        {"actor_ref":"staff-1","application_id":"00000000-0000-0000-0000-000000000003",
        "at":"2026-03-05T01:02:03.000004Z","department_code":"LZ-APPROVAL","evidence":["form-1"],
        "facts":{"incentive":"GREEN_CHANNEL"},"on":"2026-03-05","role":"clerk","step":"GRANTED",
        "step_id":"00000000-0000-0000-0000-00000000000a","subject_id":"00000000-0000-0000-0000-000000000001",
        "type":"application-step/1"}
    """
    return _step_entry("application-step/1", step, {"application_id": application_id})


def hearing_step_bytes(step: StepFields, about: UUID, record: str, record_id: UUID) -> bytes:
    """Return the entry of a step of an objection or a correction that is about no case [5.1.4(6)].

    *about* is the id of the objection or the correction, *record* the kind of the record that it is about.

        {"about":"00000000-0000-0000-0000-000000000051","actor_ref":"account-1","at":"2026-03-05T01:02:03.000004Z",
        "department_code":null,"evidence":[],"facts":{},"on":"2026-03-05","record":"APPLICATION",
        "record_id":"00000000-0000-0000-0000-000000000003","role":"subject","step":"OBJECTED",
        "step_id":"00000000-0000-0000-0000-00000000000a","subject_id":"00000000-0000-0000-0000-000000000001",
        "type":"hearing-step/1"}
    """
    return _step_entry("hearing-step/1", step, {"about": about, "record": record, "record_id": record_id})


class IssuedNoticeFields(TypedDict):
    """The committed fields of a document: its digest represents its bytes."""

    subject_id: UUID
    notice_id: UUID
    kind: str
    number: str
    case_id: UUID | None
    application_id: UUID | None
    department_code: str
    issued_on: date
    issued_at: datetime
    issued_by: str
    issued_as: str
    code_hash: bytes
    template: str
    digest: bytes
    is_signed: bool


def issued_notice_bytes(**fields: Unpack[IssuedNoticeFields]) -> bytes:
    """Return the entry of a document that was issued [A].

    The bytes are, for example:

        {"application_id":null,"case_id":"00000000-0000-0000-0000-000000000046",
        "code_hash":"abababababababababababababababababababababababababababababababab",
        "department_code":"LZ-APPROVAL","digest":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef",
        "is_signed":false,"issued_as":"handler","issued_at":"2026-03-05T01:02:03.000004Z","issued_by":"staff-1",
        "issued_on":"2026-03-05","kind":"NOTICE","notice_id":"00000000-0000-0000-0000-00000000000d",
        "number":"临审告〔2026〕1号","subject_id":"00000000-0000-0000-0000-000000000001",
        "template":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","type":"issued-notice/1"}
    """
    return _entry("issued-notice/1", fields)


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


def focused_check_bytes(**fields: Unpack[FocusedCheckFields]) -> bytes:
    """Return the entry of a focused check [5.2.2].

    The bytes are, for example:

        {"area_code":"330000","by_ref":"regulator-1","case_id":null,"check_id":"00000000-0000-0000-0000-00000000000c",
        "checked_on":"2026-03-05","department_code":"LZ-MARKET","evidence":["检查记录-1"],"outcome":"NOTHING_FOUND",
        "recorded_at":"2026-03-05T01:02:03.000004Z","sector_code":"MARKET",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"focused-check/1"}
    """
    return _entry("focused-check/1", fields)


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


def consultation_line_bytes(**fields: Unpack[ConsultationLineFields]) -> bytes:
    """Return the entry of one line of a consultation, in the log of its subject [5.2.3].

    The bytes are, for example:

        {"at":"2026-03-05T01:02:03.000004Z","authorisation_id":null,"citation":"[5.2.3]",
        "consultation_id":"00000000-0000-0000-0000-00000000000f","ground":"STATUTE","kind":"AWARD","line":0,
        "line_id":"00000000-0000-0000-0000-00000000000e","recipient_code":"LZ-MARKET","reply":"NOT_RESTRAINED",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"consultation-line/1"}
    """
    return _entry("consultation-line/1", fields)


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


def clock_recount_bytes(**fields: Unpack[ClockRecountFields]) -> bytes:
    """Return the entry of a deadline that was recalculated [5.1.4].

    The bytes are, for example:

        {"about":"00000000-0000-0000-0000-000000000046","at":"2026-12-01T01:02:03.000004Z","clock":"STATEMENT",
        "due_after":"2027-01-06","due_before":"2027-01-05","recount_id":"00000000-0000-0000-0000-000000000010",
        "started_on":"2026-12-30","subject_id":"00000000-0000-0000-0000-000000000001","type":"clock-recount/1",
        "year":2027}
    """
    return _entry("clock-recount/1", fields)


class FileAttachmentFields(TypedDict):
    """The committed fields of a file's attachment to a record: its digest represents its bytes."""

    subject_id: UUID
    attachment_id: UUID
    file_id: UUID
    reference: str
    digest: bytes
    record: str
    record_id: UUID
    attached_at: datetime
    attached_by: str
    attached_as: str


def file_attachment_bytes(**fields: Unpack[FileAttachmentFields]) -> bytes:
    """Return the entry of a file that was attached to a record as evidence [5.1.1].

    The bytes are, for example:

        {"attached_as":"handler","attached_at":"2026-03-05T01:02:03.000004Z","attached_by":"staff-1",
        "attachment_id":"00000000-0000-0000-0000-000000000012",
        "digest":"efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef",
        "file_id":"00000000-0000-0000-0000-000000000011","record":"RESTRAINT_CASE",
        "record_id":"00000000-0000-0000-0000-000000000046","reference":"file:abcdefghijklmnopqrstuvwxyz",
        "subject_id":"00000000-0000-0000-0000-000000000001","type":"file-attachment/1"}
    """
    return _entry("file-attachment/1", fields)


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
    return _entry("registration/1", fields)


def _step_entry(kind: str, step: StepFields, about: Mapping[str, object]) -> bytes:
    return _entry(
        kind,
        {
            **about,
            "subject_id": step.subject_id,
            "step_id": step.step_id,
            "step": step.step,
            "on": step.on,
            "at": step.at,
            "actor_ref": step.actor_ref,
            "role": step.role,
            "department_code": step.department_code,
            "evidence": step.evidence,
            "facts": step.facts,
        },
    )


def _entry(kind: str, fields: Mapping[str, object]) -> bytes:
    return canonical_bytes({"type": kind} | {name: _plain(value) for name, value in fields.items()})


def _plain(value: object) -> object:
    """Return a field's value as JSON has it; the contents of a mapping or a list must be plain already."""
    match value:
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return dict(value)
        case _:
            return value


def _must_be_plain(value: object) -> None:
    """Raise NotCanonical for anything that JSON can write in more than one way, or not at all."""
    match value:
        case None | bool() | str():
            return
        case int() if abs(value) <= EXACT_INTEGER:
            return
        case list() | tuple():
            for item in value:
                _must_be_plain(item)
        case dict():
            for key, item in value.items():
                # JCS sorts keys by UTF-16 units and Python by code points: for ASCII these are the same.
                if not isinstance(key, str) or not key.isascii():
                    raise NotCanonical
                _must_be_plain(item)
        case _:
            raise NotCanonical


def _quoted(text: str | None) -> str:
    """Return a JSON string, escaped only where it must be, or null."""
    return "null" if text is None else encode_basestring(text)


def _quoted_id(uuid: UUID | None) -> str:
    return "null" if uuid is None else f'"{uuid}"'


@lru_cache(maxsize=1_024)
def _written_fields(fields: tuple[tuple[str, str, str], ...]) -> str:
    """Return the fields that a read showed, as JSON. Cached, because all subjects of a page have the same fields."""
    return canonical_bytes([list(shown) for shown in fields]).decode()
