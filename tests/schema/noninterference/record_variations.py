"""What may differ of all other records, who may notice, and the clauses that say so."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, select

from consent.disclosures.formats import Ground
from consent.notices.shown_notices import ShownNotice
from consent.rules import Bounds
from consent.vocabulary import Basis
from credit.core.evidence_files import FileRecord
from queryplan.entities import Entity
from storage import tables
from tests import builders
from tests.builders import ACTORS, GUILD, MARKET, NOW, SCJG, TODAY, WENSHAO, WJJ
from tests.schema.noninterference.changes import PAST_YEAR, Change, Variation, Vary
from tests.schema.noninterference.observers import (
    ASSOCIATION,
    AUDITOR,
    COMPANY_1,
    CREDIT_CHECK,
    DEPARTMENT,
    EVERYBODY,
    NOBODY,
    OFFICE,
    OTHER_WINDOW,
    PERSON_1,
    PERSON_2,
    REVIEWER,
    SUPERVISORS,
    WINDOW,
)
from tests.storage import rows
from tests.storage.disclosure_rows import FIELDS, DisclosureRows, Page


async def _refused(change: Change) -> None:
    held = change.world.authorisation("requested")
    await builders.answer(change.database, change.world, held, "refuse", at=NOW - timedelta(days=1))


async def _asked(change: Change) -> None:
    bounds = Bounds(expires_on=TODAY + timedelta(days=7), uses=3)
    world, other = change.world, ACTORS["other clerk"]
    at = NOW - timedelta(days=2)
    world.held["asked"] = await builders.ask_for(
        change.database, world, world.party("person-1"), bounds, by=other, at=at
    )


def _filed(**facts: Any) -> Vary:
    plain = {
        "matter_code": "WJJ-01",
        "department_code": WJJ,
        "clerk_ref": "clerk-2",
        "filed_at": NOW - timedelta(days=2),
    }
    return _added(f"one more application {facts}", Entity.APPLICATION, "company-1",
                  rows.application("one", "one", **plain), **facts)  # fmt: skip


def _added(name: str, entity: Entity, whose: str, which: tuple[Table, Mapping[str, Any]], **own: Any) -> Vary:
    async def vary(change: Change) -> None:
        await change.record(name, entity, whose, which, **own)

    return vary


def _about(case: str, entity: Entity, which: tuple[Table, Mapping[str, Any]]) -> Vary:
    """Add a record of a case."""

    async def vary(change: Change) -> None:
        of = change.world.case(case)
        own = {"case_id": of.case_id, "department_code": SCJG, "record_id": of.case_id}
        await change.record(f"one more of {which}", entity, change.owner(of.subject_id), which, **own)

    return vary


async def _issued(change: Change) -> None:
    case, row_id = change.world.case("in-force"), change.world.new_id()
    own = {"notice_id": row_id, "case_id": case.case_id, "department_code": SCJG,
           "pdf_sealed": change.sealed("issued_notices", "pdf", "person-1", row_id, "5paH5Lmm")}  # fmt: skip
    await change.record("one more document", Entity.ISSUED_NOTICE, "person-1",
                        rows.issued_notice("one", "one", "case"), **own)  # fmt: skip


async def _consulted(change: Change) -> None:
    whole = change.world.new_id()
    await change.insert(
        rows.filled(tables.consultations, "one", consultation_id=whole, recipient_code=GUILD, kind="AWARD",
                    recipient_kind="ASSOCIATION", at=NOW - timedelta(days=2), occasion="评优", names=1))  # fmt: skip
    line = rows.filled(tables.consultation_lines, "one", consultation_id=whole, kind="AWARD", recipient_code=GUILD,
                       at=NOW - timedelta(days=2), line=1)  # fmt: skip
    await change.record("one more line", Entity.CONSULTATION_LINE, "company-1", line)


async def _checked(change: Change) -> None:
    row = builders.credit_check_of(change.world, change.world.application("of person-1"))
    row_id = change.world.new_id()
    await change.record("one more credit check", Entity.CREDIT_CHECK, "person-1",
                        (tables.credit_checks, row), check_id=row_id)  # fmt: skip


def _told(audience: str, whose: str) -> Vary:
    async def vary(change: Change) -> None:
        which = rows.filled(tables.notifications, "one", audience=audience, topic="CASE_NOTICED",
                            at=NOW - timedelta(days=1), department_code=SCJG)  # fmt: skip
        await change.record(f"one more notification, {audience}", Entity.NOTIFICATION, whose, which,
                            case_id=change.world.case("in-force").case_id)  # fmt: skip

    return vary


async def _questioned_read(change: Change) -> None:
    """Add a read that its subject does not recognise, and the question about it, which the reviewer answers."""
    entry_id = change.world.new_id()
    await change.entry("person-2", entry_id=entry_id, department_code=SCJG)
    own = {"record": "ACCESS_ENTRY", "record_id": entry_id, "case_id": None, "department_code": SCJG,
           "assigned_ref": "reviewer-1"}  # fmt: skip
    await change.record("one more question of a read", Entity.OBJECTION, "person-2",
                        rows.objection("one", "one", "case"), **own)  # fmt: skip


async def _received(change: Change) -> None:
    """Add a duty to delete what the department has received on an authorisation that is over."""
    own = {"authorisation_id": change.world.authorisation("live").row_id, "recipient_code": SCJG}
    await change.record("one more duty to delete", Entity.DELETION_DUTY, "company-1",
                        rows.deletion_duty("one", "one"), **own)  # fmt: skip


async def _shown_on_a_page(change: Change) -> None:
    """Add a page on which an officer has read somebody's name."""
    part = ((Ground(Basis.STATUTE, "[5.2.2]", (FIELDS["a"],)), None),)
    of = change.world.party("person-2").subject_id
    context = {"role": "regulator", "department_code": None, "purpose": "FOCUSED_CHECK"}
    at = NOW - timedelta(days=2)
    await DisclosureRows(change.database).put([Page("one more page", {of: part}, at=at, context=context)])


async def _noticed(change: Change) -> None:
    """Bind a grant to the notice that was shown for it."""
    held, notice = change.world.authorisation("live"), ShownNotice(["示例告知"])
    own = {"digest": notice.digest, "version": notice.version, "text": notice.text}
    await change.insert(rows.filled(tables.authorisation_notices, "one", **own))
    await change.update(tables.authorisations, {"authorisation_id": held.row_id}, notice_digest=notice.digest)


def _kept(table: Table, whose: str, **values: Any) -> Vary:
    """Add a row about a subject that no interface shows by itself."""

    async def vary(change: Change) -> None:
        of = change.world.party(whose).subject_id
        await change.insert(rows.filled(table, "one", subject_id=of, **values))

    return vary


OWED = [{"document": "场地证明", "handed_in_on": None, "received_by": None, "receipt": None}]


def _promised(entity: Entity, table: Table, **values: Any) -> Vary:
    """Add what rests on the application of person-1."""

    async def vary(change: Change) -> None:
        of = change.world.application("of person-1")
        own = {"application_id": of.row_id, "department_code": SCJG}
        await change.record(f"one more of {table.name}", entity, "person-1", rows.filled(table, "one", **values), **own)

    return vary


async def _told_of_a_correction(change: Change) -> None:
    """Add an error that was put right, of which a recipient has been notified."""
    await _corrected(change, "one corrected")
    correction = change.world.held["one corrected"].row_id
    which = rows.telling("one", "one", "one", "case")
    await change.record("one telling", Entity.CORRECTION_TELLING, "person-1", which, correction_id=correction,
                        case_id=change.world.case("in-force").case_id, department_code=SCJG)  # fmt: skip


async def _corrected(change: Change, name: str) -> None:
    case_id = change.world.case("in-force").case_id
    await change.record(name, Entity.CORRECTION, "person-1", rows.correction("one", "one", "case"), case_id=case_id,
                        department_code=SCJG, done_on=TODAY, completed_on=TODAY)  # fmt: skip


def _operational(table: Table, **values: Any) -> Vary:
    return lambda change: change.insert(rows.filled(table, "one", **values))


CHECK = rows.filled(tables.focused_checks, "one", sector_code=MARKET, area_code=WENSHAO,
                    checked_on=TODAY - timedelta(days=1), recorded_at=NOW - timedelta(days=1))  # fmt: skip
SUPERVISED = OFFICE | {"head SUPERVISION"}
RECORDS = (
    # A refusal looks to everybody else like a request that nobody has answered.
    Variation("a request that was refused", "5.1.6", PERSON_2, _refused),
    Variation("a duty to delete what was received", "5.1.6 6.1",
              WINDOW | COMPANY_1 | AUDITOR | OFFICE | {"head SUPERVISION"}, _received),
    Variation("a request for an authorisation", "5.1.6",
              {"other clerk CREDIT_CHECK"}
              | PERSON_1 | AUDITOR, _asked),
    # The window, which may ask it for an authorisation, and its head; who determines starts from the application.
    Variation("an application at another window", "4.1 4.2 6.1",
              OTHER_WINDOW | COMPANY_1 | {"other clerk CREDIT_CHECK", "head of health SUPERVISION"}, _filed()),
    Variation("a confidential application", "5.1.6", NOBODY, _filed(confidential=True)),
    Variation("a read of another's data", "5.1.6", PERSON_2 | AUDITOR, lambda change: change.entry("person-2")),
    Variation("a page of another's data", "5.1.6", PERSON_2 | AUDITOR, _shown_on_a_page),
    # That read alone is shown to who answers; its head and the office see that there is a question.
    Variation("a question about a read", "5.1.4(6) 5.1.6",
              PERSON_2 | AUDITOR | REVIEWER | OFFICE | {"head DETERMINATION", "head SUPERVISION"}, _questioned_read),
    Variation("the notice that was shown for a grant", "5.1.6", CREDIT_CHECK | COMPANY_1 | AUDITOR, _noticed),
    Variation("an objection", "5.1.4(6) 6.1", (DEPARTMENT - {"other handler DETERMINATION"}) | OFFICE | PERSON_1,
              _about("in-force", Entity.OBJECTION, rows.objection("one", "one", "case"))),
    Variation("a correction that is due", "5.1.4(6)", DEPARTMENT | REVIEWER | OFFICE | PERSON_1,
              _about("in-force", Entity.CORRECTION, rows.correction("one", "one", "case"))),
    Variation("a statement in defence", "5.1.4(3) 5.1.4(4)", {"other handler DETERMINATION"} | PERSON_1,
              _about("unpublished", Entity.CASE_STATEMENT, rows.case_statement("one", "one", "case"))),
    Variation("a step of a case", "5.1.4 6.1", DEPARTMENT | REVIEWER | OFFICE | PERSON_1,
              _about("in-force", Entity.CASE_STEP, rows.case_step("one", "one", "case"))),
    Variation("a step that marked the case confidential, since lifted", "5.1.6", DEPARTMENT | REVIEWER | OFFICE,
              _about("in-force", Entity.CASE_STEP, rows.case_step("one", "one", "case", step="MARKED"))),
    Variation("a document of a case", "A 5.1.4(2)", {"handler DETERMINATION"} | REVIEWER | PERSON_1, _issued),
    Variation("a consultation about a company", "5.2.3 5.1.6", ASSOCIATION | COMPANY_1, _consulted),
    # Its window and its applicant; who supervises has the task, and the figures.
    Variation("documents that are owed", "4.2.2 6.1", WINDOW | PERSON_1 | SUPERVISED,
              _promised(Entity.DEFERRAL, tables.deferrals, due_on=TODAY + timedelta(days=9), documents=OWED)),
    Variation("a commitment", "4.2.3 6.1", WINDOW | PERSON_1 | SUPERVISED,
              _promised(Entity.COMMITMENT, tables.commitments, outcome=None)),
    Variation("an incentive", "4.2 5.2.1 6.1", WINDOW | PERSON_1 | SUPERVISED,
              _promised(Entity.INCENTIVE_GRANT, tables.incentive_grants, incentive="GREEN_CHANNEL")),
    Variation("a correction of which a recipient was notified", "5.1.4(6) 6.1",
              DEPARTMENT | REVIEWER | OFFICE | PERSON_1, _told_of_a_correction),
    Variation("a clock that was counted anew", "5.1.4 6.1", NOBODY, _kept(tables.clock_recounts, "person-1")),
    Variation("a visit by a supervisor", "5.2.2 5.1.6", SUPERVISORS | PERSON_1,
              _added("one more check", Entity.FOCUSED_CHECK, "person-1", CHECK)),
    Variation("the last visit of a supervisor to its list", "5.2.2", {"regulator FOCUSED_CHECK"},
              lambda change: change.insert((tables.target_visits, {
                  "actor_ref": "regulator-1", "sector_code": MARKET, "area_code": builders.DISTRICT,
                  "seen_at": NOW - timedelta(days=10), "seen_on": TODAY - timedelta(days=10)}))),
    # It is shown while its application is open: where there is one, the clerk notices the end of the application.
    Variation("a credit check that is kept with an application", "4.1", WINDOW | CREDIT_CHECK | PERSON_1, _checked,
              widens=CREDIT_CHECK),
    Variation("a notification to a subject", "5.1.6", PERSON_1, _told("SUBJECT", "person-1")),
    Variation("a notification to the authority", "5.1.4",
              {"handler DETERMINATION", "head DETERMINATION"}, _told("DEPARTMENT", "person-1")),
    Variation("a message that the platform did not take", "6.2", OFFICE,
              _operational(tables.outbox, route="platform", dead_at=NOW, failure="REFUSED",
                           created_at=NOW - timedelta(days=1))),
    Variation("a message of a platform that could not be imported", "6.2", NOBODY,
              _operational(tables.quarantine, settled_at=None)),
    # Which account is linked, who was erased and what was sent out is shown in the notices and logs about it alone.
    Variation("an account that is linked", "5.1.6", NOBODY, _kept(tables.account_links, "person-2")),
    Variation("a subject that was erased", "5.1.6", NOBODY,
              _operational(tables.erasures, subject_id=rows.key("erased"))),
    Variation("an event of a record", "5.1.6", NOBODY, _kept(tables.subject_events, "person-1")),
    Variation("a step of an error or objection to no case", "5.1.6", NOBODY, _kept(tables.hearing_steps, "person-1")),
    Variation("information that a recipient has", "5.1.4(6)", NOBODY, _kept(tables.deliveries, "person-1")),
    Variation("what the guard refused", "5.1.6", NOBODY, _operational(tables.guard_refusals, code="ROLE", count=3)),
    # Who tried which number is a matter of alarms: no interface shows it.
    Variation("a number that somebody looked up", "5.1.6", NOBODY,
              _operational(tables.number_lookups, at=NOW - timedelta(hours=1), outcome="HIT", is_repeated=False,
                           department_code=SCJG, purpose="DETERMINATION")),
)  # fmt: skip


def _file(name: str, whose: str, record: FileRecord, of: str, by: str = "handler") -> Vary:
    """Attach one more file to a record that the world knows by its name."""

    async def vary(change: Change) -> None:
        world = change.world
        record_id = world.cases[of].case_id if of in world.cases else world.held[of].row_id
        await change.file(name, whose, record, record_id, by=by)

    return vary


async def _questioned(change: Change) -> None:
    """Add a question of a name, with the file of the document that a window saw."""
    name = "one more question"
    await change.record(name, Entity.CORRECTION, "person-1", rows.correction("one", "one", ""), case_id=None,
                        department_code=SCJG)  # fmt: skip
    row_id = change.world.held[name].row_id
    await change.file(f"paper of {name}", "person-1", FileRecord.CORRECTION, row_id, by="clerk")


async def _other_content(change: Change) -> None:
    held = change.world.held["file of in-force"]
    box = change.sealed("files", "content", "person-1", held.row_id, "5paH5Lul")
    await change.update(tables.files, {"file_id": held.row_id}, content_sealed=box)


FILES = (
    # A file is seen with the record that it is attached to; of a case its subject sees what it gave itself.
    # The reviewer answers an objection to the case.
    Variation("a file of a case, from its handler", "5.1.1 5.1.4(4) 5.1.4(6)", {"handler DETERMINATION"} | REVIEWER,
              _file("evidence", "person-1", FileRecord.RESTRAINT_CASE, "in-force")),
    Variation("a file of a case, from its subject", "5.1.4(3) 5.1.6",
              {"handler DETERMINATION"} | REVIEWER | PERSON_1,
              _file("own evidence", "person-1", FileRecord.RESTRAINT_CASE, "in-force", by="subject")),
    Variation("other content of a file of a case", "5.1.1 5.1.4(4) 5.1.4(6)", {"handler DETERMINATION"} | REVIEWER,
              _other_content),
    Variation("a file of a case before its notice", "5.1.1 5.1.4(2)", {"other handler DETERMINATION"},
              _file("early evidence", "company-1", FileRecord.RESTRAINT_CASE, "investigated", by="subject")),
    Variation("a file of a confidential case", "5.1.6", NOBODY,
              _file("secret evidence", "club-1", FileRecord.RESTRAINT_CASE, "confidential", by="subject")),
    Variation("a file of an application", "4.2.2 5.1.6", WINDOW | PERSON_1,
              _file("document", "person-1", FileRecord.APPLICATION, "application of person-1", by="clerk")),
    Variation("a file of a paper of consent", "5.1.6", {"head SUPERVISION"} | OFFICE,
              _file("paper", "trader-2", FileRecord.AUTHORISATION, "authorisation contested", by="clerk")),
    Variation("a file of an objection", "5.1.4(6)", REVIEWER | PERSON_1,
              _file("reasons", "person-1", FileRecord.OBJECTION, "objection", by="subject")),
    Variation("a file of a visit", "5.2.2", SUPERVISORS,
              _file("picture", "person-1", FileRecord.FOCUSED_CHECK, "check of person-1", by="regulator")),
    Variation("a question of a name, with its file", "5.1.3 5.1.4(6)", DEPARTMENT | OFFICE | PERSON_1, _questioned),
    Variation("a file that is attached to nothing", "5.1.6", NOBODY,
              _operational(tables.uploads, uploaded_by="handler-1", uploaded_as="handler", content_mask="")),
)  # fmt: skip


async def _published_otherwise(change: Change) -> None:
    own = {"year": PAST_YEAR}
    ((figures,),) = await change.database.fetch(select(tables.published_figures.c.figures).filter_by(**own))
    other = json.loads(json.dumps(figures).replace(f"{PAST_YEAR}-12-31", f"{PAST_YEAR}-12-30"))
    await change.update(tables.published_figures, own, figures=other)


FIGURES = (Variation("other figures of a past year, as they were published", "6.3", EVERYBODY, _published_otherwise),)
