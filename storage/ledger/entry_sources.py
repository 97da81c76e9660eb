"""The tables whose rows have entries in a log, and how the entry of a row is recomputed from its columns.

`consent/leaves` and `consent/disclosures` say what an entry is. A row that nobody changed gives the bytes that
its transaction appended. Disclosures refer to two other tables; `storage.ledger.recomputed_entries` reads them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import Table

from consent.leaves.access_entries import AccessEntry, erased_access_entry_bytes
from consent.leaves.canonical_form import NOBODY, commitment
from consent.leaves.clock_recounts import clock_recount_bytes
from consent.leaves.consent_events import ConsentEvent
from consent.leaves.delegation_events import DelegationEvent
from consent.leaves.documents import file_attachment_bytes, issued_notice_bytes
from consent.leaves.effects import consultation_line_bytes, focused_check_bytes
from consent.leaves.guard_refusals import GuardRefusals
from consent.leaves.number_lookups import Entrance, LookupOutcome, NumberLookup
from consent.leaves.provenance import COLUMNS as PROVENANCE
from consent.leaves.provenance import CONTENT, Content, Provenance, content_of, provenance_of
from consent.leaves.registrations import registration_bytes
from consent.leaves.steps import StepFields, application_step_bytes, case_step_bytes, hearing_step_bytes
from consent.leaves.subject_events import AttestedRow, SubjectEvent
from consent.leaves.subject_secrets import subject_secret_bytes
from consent.ledger.entry_openings import entry_opened_bytes
from consent.ports import Log
from consent.vocabulary import Purpose
from storage.repositories.rows import split
from storage.tables import (
    access_entries,
    application_steps,
    attested_rows,
    case_steps,
    clock_recounts,
    consent_events,
    consultation_lines,
    delegation_events,
    disclosure_openings,
    disclosures,
    entry_openings,
    erased_access_entries,
    file_attachments,
    files,
    focused_checks,
    guard_refusals,
    hearing_steps,
    issued_notices,
    number_lookups,
    registrations,
    subject_events,
    subject_secrets,
)

Row = Mapping[str, Any]
"""A row by the names of its columns."""


@dataclass(frozen=True)
class EntrySource:
    """A table whose rows have an entry each: its log, the column of the entry's source, and what is committed to.

    *columns* are the committed ones besides the owner, the source and the salt; *joined* those of the subject's file.
    """

    table: Table
    key: str
    log: Log
    columns: Sequence[str]
    written: Callable[[Row, Provenance | None, Content], bytes]
    """Gives the canonical bytes of a row, by which way its act came in, and what that sealed.

    It raises whatever a value raises that no act can have written.
    """
    joined: Sequence[str] = ()
    counts: bytes = b""
    """What stands before the commitment: nothing, or the count of nobody."""

    @property
    def is_owned(self) -> bool:
        """Whether its rows belong to one subject each, whose id begins their key."""
        return "subject_id" in self.table.c

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of its key, in order."""
        return ("subject_id", self.key) if self.is_owned else (self.key,)

    @property
    def made(self) -> tuple[str, ...]:
        """The columns that decide the version of the entry, where the table has them (`consent.leaves.provenance`)."""
        return tuple(name for name in _MADE if name in self.table.c)

    def entry(self, row: Row) -> bytes:
        """Return the entry of a row; raises whatever a value raises that no act can have written."""
        return self.counts + commitment(*self.opened(row))

    def opened(self, row: Row) -> tuple[bytes, bytes]:
        """Return salt and canonical bytes of a row, of which its entry is the commitment; raises as `entry` does."""
        fields = {name: value for name, value in row.items() if name not in _MADE}
        return bytes(row["salt"]), self.written(fields, provenance_of(row), content_of(row))


def _named(written: Callable[..., bytes]) -> Callable[[Row, Provenance | None, Content], bytes]:
    """Return the writer of a row whose columns are the fields of the entry, and whose act seals nothing."""
    return lambda row, request, _: written(request, **_unsalted(row))


def _sealing(written: Callable[..., bytes]) -> Callable[[Row, Provenance | None, Content], bytes]:
    """Return the writer of a row whose columns are the fields of the entry, and whose act can seal."""
    return lambda row, request, content: written(request, content, **_unsalted(row))


def _unsalted(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "salt"}


def _step(row: Row) -> StepFields:
    found: Any = SimpleNamespace(**{**row, "evidence": split(row["evidence"])})
    step: StepFields = found
    return step


def _number_lookup(row: Row, _: Provenance | None, __: Content) -> bytes:
    words = {
        "purpose": Purpose(row["purpose"]),
        "entrance": Entrance(row["entrance"]),
        "outcome": LookupOutcome(row["outcome"]),
    }
    return NumberLookup(**{**row, **words}).canonical_bytes()


def _columns(record: type[Any], *others: str) -> tuple[str, ...]:
    """Return the fields of an entry without those that every source has, and without *others*."""
    return tuple(field.name for field in fields(record) if field.name not in {"subject_id", "salt", *others})


_MADE: Final = (*PROVENANCE, CONTENT)
_STEP: Final = ("step", "on", "at", "actor_ref", "role", "department_code", "evidence", "facts")

_OF_STUB: Final = frozenset({"stub_id", "salt"})

SOURCES: Final[Sequence[EntrySource]] = (
    EntrySource(
        access_entries,
        "entry_id",
        "access",
        _columns(AccessEntry, "entry_id", "delay_id", "opens_on"),
        lambda row, _, __: AccessEntry(**row).canonical_bytes(),
    ),
    EntrySource(
        number_lookups, "entry_id", "access", _columns(NumberLookup, "entry_id"), _number_lookup, counts=NOBODY
    ),
    EntrySource(
        guard_refusals,
        "entry_id",
        "access",
        _columns(GuardRefusals, "entry_id"),
        lambda row, _, __: GuardRefusals(**row).canonical_bytes(),
        counts=NOBODY,
    ),
    EntrySource(
        erased_access_entries,
        "stub_id",
        "access",
        ("entry_id", "at", "actor_ref", "role", "department_code", "purpose"),
        lambda row, _, __: erased_access_entry_bytes(**{name: row[name] for name in row if name not in _OF_STUB}),
        counts=NOBODY,
    ),
    EntrySource(
        consent_events,
        "event_id",
        "consent",
        _columns(ConsentEvent, "event_id", "request"),
        lambda row, request, _: ConsentEvent(**row, request=request).canonical_bytes(),
    ),
    EntrySource(
        delegation_events,
        "event_id",
        "consent",
        _columns(DelegationEvent, "event_id", "request"),
        lambda row, request, _: DelegationEvent(**row, request=request).canonical_bytes(),
    ),
    EntrySource(
        case_steps,
        "step_id",
        "consent",
        ("case_id", *_STEP),
        lambda row, request, content: case_step_bytes(_step(row), row["case_id"], request, content),
    ),
    EntrySource(
        application_steps,
        "step_id",
        "consent",
        ("application_id", *_STEP),
        lambda row, request, content: application_step_bytes(_step(row), row["application_id"], request, content),
    ),
    EntrySource(
        hearing_steps,
        "step_id",
        "consent",
        ("about", "record", "record_id", *_STEP),
        lambda row, request, content: hearing_step_bytes(
            _step(row), row["about"], row["record"], row["record_id"], request, content
        ),
    ),
    EntrySource(
        issued_notices,
        "notice_id",
        "consent",
        (
            "kind", "number", "case_id", "application_id", "department_code", "issued_on", "issued_at", "issued_by",
            "issued_as", "code_hash", "template", "digest", "is_signed",
        ),
        _named(issued_notice_bytes),
    ),
    EntrySource(
        focused_checks,
        "check_id",
        "consent",
        (
            "department_code", "sector_code", "area_code", "checked_on", "by_ref", "outcome", "evidence",
            "recorded_at", "case_id",
        ),
        _sealing(focused_check_bytes),
    ),
    EntrySource(
        consultation_lines,
        "line_id",
        "consent",
        (
            "consultation_id", "line", "kind", "recipient_code", "at", "ground", "citation", "authorisation_id",
            "reply",
        ),
        _named(consultation_line_bytes),
    ),
    EntrySource(
        clock_recounts,
        "recount_id",
        "consent",
        ("about", "clock", "started_on", "due_before", "due_after", "year", "at"),
        _named(clock_recount_bytes),
    ),
    EntrySource(
        file_attachments,
        "attachment_id",
        "consent",
        ("file_id", "record", "record_id", "attached_at", "attached_by", "attached_as"),
        _named(file_attachment_bytes),
        joined=("reference", "digest"),
    ),
    EntrySource(
        registrations,
        "registration_id",
        "consent",
        ("at", "actor_ref", "role", "department_code", "channel", "case_id"),
        _sealing(registration_bytes),
    ),
    EntrySource(
        subject_events,
        "event_id",
        "consent",
        _columns(SubjectEvent, "event_id", "request", "content"),
        lambda row, request, content: SubjectEvent(**row, request=request, content=content).canonical_bytes(),
    ),
    EntrySource(
        attested_rows,
        "attestation_id",
        "consent",
        _columns(AttestedRow, "attestation_id", "request"),
        lambda row, request, _: AttestedRow(**row, request=request).canonical_bytes(),
    ),
    EntrySource(
        subject_secrets,
        "secret_id",
        "consent",
        ("at", "digest"),
        lambda row, _, __: subject_secret_bytes(**_unsalted(row)),
    ),
    EntrySource(
        entry_openings,
        "opening_id",
        "consent",
        ("withheld",),
        lambda row, _, __: entry_opened_bytes(bytes(row["withheld"])),
    ),
)  # fmt: skip
"""Every table of entries but `disclosures` and `disclosure_openings`."""

DISCLOSURES: Final = disclosures
OPENINGS: Final = disclosure_openings
FILES: Final = files
BY_TABLE: Final[Mapping[str, EntrySource]] = {source.table.name: source for source in SOURCES}
