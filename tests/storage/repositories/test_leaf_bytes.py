"""Each repository appends the entry of its vector: no leaf of an earlier version changes."""

import json
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy.dialects import sqlite

from consent.disclosures.pending_groups import split_leaves, split_sources
from consent.leaves.canonical_form import leaf_hash
from consent.leaves.formats import LOG_OF
from consent.leaves.guard_refusals import GuardRefusals
from consent.leaves.number_lookups import Entrance, LookupOutcome, NumberLookup
from consent.leaves.provenance import Provenance
from consent.leaves.subject_events import AttestedRow, SubjectEvent
from consent.templates import catalogue
from consent.vocabulary import Channel, KnownBy, Purpose
from credit.consultations.actions import LoggedConsultation
from credit.consultations.consultation import ConsultationGround, ConsultationKind, LogLine, Reply
from credit.core.evidence_files import FileFacts
from credit.core.recorded_step import RecordedStep
from credit.focused_checks.actions import Recorded
from credit.focused_checks.focused_check import CheckOutcome, FocusedCheck
from credit.notices.facts import NoticeKind
from credit.notices.issued_notice import Issued
from credit.subjects.registration_record import RegistrationChannel, RegistrationRecord
from storage.ledger.attestation.attested_rows import attest
from storage.repositories.access_record.disclosures import DisclosureRepository
from storage.repositories.applications import ApplicationRepository
from storage.repositories.cases import CaseRepository
from storage.repositories.consultations import ConsultationRepository
from storage.repositories.deadlines.working_days import CalendarYearRepository, RecountRow
from storage.repositories.files.file_repository import Attachment, FileRepository
from storage.repositories.focused_checks import FocusedCheckRepository
from storage.repositories.ledger_leaves import LedgerSession
from storage.repositories.notices.issued_notices import IssuedNoticeRepository
from storage.repositories.objections import ObjectionRepository
from storage.repositories.subjects.subject_events import append_subject_events
from storage.repositories.subjects.subject_secrets import NewSecret, SubjectSecretRepository
from storage.repositories.subjects.subjects import SubjectRepository
from storage.tables import pending_entries

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "log_entries.json").read_text(encoding="utf-8"))
# Events of authorisations and delegations, and the openings of delayed reads, have their repositories' own tests.
OF_REPOSITORIES = [
    vector
    for vector in VECTORS["formats"]
    if not vector["type"].startswith(
        ("consent-event", "delegation-event", "disclosure-opened", "entry-opened", "erased-access")
    )
]


class WrittenRows:
    """A session that lists the entries that are written; every write meets one row, and every subject is on record."""

    def __init__(self):
        self.entries = []

    async def execute(self, statement, rows=None):
        if statement.table is pending_entries:
            for row in rows:
                owners = [None] if row["owners"] is None else split_sources(row["owners"])
                entries = split_leaves(row["leaves"])
                self.entries += [(row["log"], *each) for each in zip(owners, entries, strict=True)]
        return 1

    async def fetch(self, _, parameters=None):
        return [(subject_id,) for subject_id in parameters.get("these", ())]


def parsed(vector):
    """Read the fields as a repository has them: ids, days, instants and hashes parsed, lists as tuples."""
    made = {"request", "content"}  # the transaction knows these
    return {name: _parsed(name, value) for name, value in vector["fields"].items() if name not in made} | {
        "salt": bytes.fromhex(vector["salt"])
    }


def session_of(vector, written):
    """Begin a transaction as the request of the vector did, in which the texts of the vector were sealed."""
    stated = vector["fields"].get("request")
    request = stated and Provenance(Channel(stated["channel"]), KnownBy(stated["known_by"]), UUID(stated["id"]))
    session = LedgerSession(written, None, request)
    for place, row_id, digest in reversed(vector["fields"].get("content", ())):
        session.note_sealed(UUID(vector["fields"]["subject_id"]), place, UUID(row_id), bytes.fromhex(digest))
    return session


def _parsed(name, value):
    if value is None:
        return None
    if name.endswith("_id") or name == "about":
        return UUID(value)
    if name in {"at", "hour"} or name.endswith("_at"):
        return datetime.fromisoformat(value)
    if name in {"on", "due_before", "due_after"} or name.endswith("_on"):
        return date.fromisoformat(value)
    if name in {"code_hash", "digest"}:
        return bytes.fromhex(value)
    return tuple(value) if isinstance(value, list) else value


async def append(kind, fields, session):  # noqa: C901, PLR0912 - a case for each format
    match kind.replace("/2", "/1"):
        case "case-step/1":
            await CaseRepository(session).append(RecordedStep(about=fields.pop("case_id"), **fields))
        case "application-step/1":
            await ApplicationRepository(session).append(RecordedStep(about=fields.pop("application_id"), **fields))
        case "hearing-step/1":
            await ObjectionRepository(session).append(RecordedStep(**fields))
        case "issued-notice/1":
            await IssuedNoticeRepository(session).add(Issued(**fields | {"kind": NoticeKind(fields["kind"])}))
        case "focused-check/1":
            columns = {name: fields.pop(name) for name in ("area_code", "case_id", "recorded_at", "salt")}
            by, outcome = fields.pop("by_ref"), CheckOutcome(fields.pop("outcome"))
            check = FocusedCheck(**fields, by=by, outcome=outcome)
            await FocusedCheckRepository(session).append(Recorded(check=check, facts=None, **columns))
        case "consultation-line/1":
            line_id, salt, ground = fields.pop("line_id"), fields.pop("salt"), fields.pop("ground")
            words = {"kind": ConsultationKind(fields.pop("kind")), "reply": Reply(fields.pop("reply"))}
            log = LogLine(**fields, **words, ground=ground and ConsultationGround(ground))
            await ConsultationRepository(session, sqlite.dialect(), catalogue()).save(
                HEAD, [LoggedConsultation(line_id, log, salt)]
            )
        case "number-lookup/1":
            words = {"purpose": Purpose, "entrance": Entrance, "outcome": LookupOutcome}
            fields |= {name: kind(fields[name]) for name, kind in words.items()}
            await DisclosureRepository(session, sqlite.dialect()).append_lookups([NumberLookup(**fields)])
        case "clock-recount/1":
            await CalendarYearRepository(session).append([RecountRow(**fields)])
        case "file-attachment/1":
            reference, digest = fields.pop("reference"), fields.pop("digest")
            file = FileFacts(
                reference, "image/png", 1, digest, "CLEAN", fields["attached_at"], "staff-1", "handler", None
            )
            await FileRepository(session).attach(Attachment(**fields), file)
        case "registration/1":
            channel = RegistrationChannel(fields.pop("channel"))
            await SubjectRepository(session).record([RegistrationRecord(**fields, channel=channel)])
        case "guard-refusals/1":
            await DisclosureRepository(session, sqlite.dialect()).append_refusals([GuardRefusals(**fields)])
        case "subject-secret/1":
            await SubjectSecretRepository(session).store([NewSecret(**fields, secret=b"sealed")])
        case "attested-row/1":
            await attest(session, [AttestedRow(**fields)])
        case "subject-event/1":
            await append_subject_events(session, [SubjectEvent(**fields)])


HEAD = SimpleNamespace(
    consultation_id=None, kind=ConsultationKind.AWARD, recipient_kind=SimpleNamespace(value=""), recipient_code="",
    occasion="", statute=None, by="", at=None, names=(),
)  # fmt: skip


@pytest.mark.parametrize("vector", OF_REPOSITORIES, ids=lambda vector: f"{vector['type']}: {vector['why']}")
async def test_the_leaf_is_that_of_the_vector(vector):
    written = WrittenRows()
    session = session_of(vector, written)
    await append(vector["type"], parsed(vector), session)
    await session.write_entries()
    ((log, owner, entry),) = written.entries
    if vector["type"] in {"number-lookup/1", "guard-refusals/1"}:  # about nobody: its count is 0
        assert (log, owner, entry.hex()) == ("access", None, f"0000{vector['commitment']}")
    else:
        subject_id = UUID(vector["fields"]["subject_id"])
        # Whether it counts at once: tests/storage/ledger/test_withheld_entries.py.
        assert (log, owner, leaf_hash(entry[-32:]).hex()) == ("consent", subject_id, vector["leaf_hash"])


@pytest.mark.parametrize(("log", "owner"), [("consent", None), ("access", UUID(int=1)), ("system", UUID(int=1))])
def test_an_entry_of_consent_and_of_no_other_log_is_about_one_subject(log, owner):
    with pytest.raises(TypeError):
        LedgerSession(WrittenRows(), None).append(log, UUID(int=2), bytes(32), owner)


def test_every_format_has_a_vector():
    assert {vector["type"] for vector in VECTORS["formats"]} == set(LOG_OF) - {
        "access-entry/1", "consent-event/1", "disclosure/1",  # which have other files
    }  # fmt: skip


async def test_a_sealed_text_that_no_entry_has_is_not_made_durable():
    session = LedgerSession(WrittenRows(), None, Provenance(Channel.GRAPHQL, KnownBy.TOKEN, UUID(int=1)))
    session.note_sealed(UUID(int=1), "subjects.name", UUID(int=1), bytes(32))
    with pytest.raises(TypeError):
        await session.write_entries()
