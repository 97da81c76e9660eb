"""Which rows each scope means, inside and outside [5.1.6] [5.2.2]. A missing meaning or a NULL bind is no row."""

from datetime import date, timedelta

import pytest

from credit.cases.status import UnrectifiedPolicy
from credit.focused_checks.actions import AREA_END
from credit.subjects.areas import township_of
from queryplan.entities import Entity
from queryplan.plan import Column, Order, SelectPlan
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.queries.entity_map import SHAPES
from storage.queries.query_runner import SqlQueryRunner
from storage.tables import focused_checks
from tests.storage import rows
from tests.storage.rows import ACTOR, TODAY, found, key, put, read

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
SUBJECTS = ("one", "two", "three", "four", "five", "six", "secret")


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    await put(
        shared_database,
        rows.subject("one"),
        rows.subject("two", area_code="370305002"),
        rows.subject("three", area_code="370306"),
        rows.subject("four"),
        rows.subject("five"),
        rows.subject("six"),
        rows.subject("secret"),
        rows.restraint("in force", of="one", reviewer_ref="reviewer-1"),
        rows.restraint("in force, other sector", of="one", sector_code="S2", department_code="D2"),
        rows.restraint("other area now", of="three", area_code="370305001"),
        rows.restraint("moved into the area", of="two", area_code="370306", handler_ref="handler-2"),
        rows.restraint("ended", of="four", ends_on=YESTERDAY, rectified_on=date(2026, 2, 1)),
        rows.restraint("not yet published", of="six", published_on=None, ends_on=None, department_code="D2"),
        rows.restraint("own review", of="six", published_on=None, ends_on=None, reviewer_ref="handler-1"),
        rows.restraint("being verified", of="six", determined_on=None, published_on=None, ends_on=None),
        rows.restraint("noticed", of="six", determined_on=None, published_on=None, ends_on=None, noticed_on=rows.TODAY),
        rows.restraint("state secret", of="secret", confidential=True, reviewer_ref="reviewer-1"),
        *(
            put_down(f"{what} of {case}", of=of, case=case, **more)
            for put_down, what, more in (
                (rows.case_step, "step", {}),
                (rows.case_step, "mark", {"step": "UNMARKED"}),
                (rows.case_statement, "words", {}),
                (rows.facts_version, "version", {}),
            )
            for case, of in (
                ("in force", "one"),
                ("noticed", "six"),
                ("being verified", "six"),
                ("state secret", "secret"),
            )
        ),
        rows.application("filed", of="four"),
        rows.application("filed elsewhere", of="five", department_code="D2"),
        rows.application("secret filing", of="secret", confidential=True),
        rows.registration("of five", of="five"),
        rows.registration("of four, who then filed", of="four"),
        rows.registration("with a case", of="six", case_id=key("noticed")),
        rows.authorisation("to us", of="one", paper_evidence="paper"),
        rows.authorisation("to others", of="one", recipient_code="D2", contested_at=rows.EARLIER),
        rows.authorisation("for a consultation", of="three", recipient_code="D2", purpose="CONSULTATION"),
        rows.access_entry("read by itself", of="six", purpose="SELF_ACCESS", role="subject", department_code=None),
        rows.access_entry("read by us", of="one"),
        rows.access_entry("read by others", of="two", department_code="D2"),
        # The day that an entry carries is that of its recording: the delay may have been extended since, or ended.
        *(
            row
            for name, opens_on, carried in (
                ("opened", rows.TODAY, rows.TODAY),
                ("opens tomorrow", TOMORROW, TOMORROW),
                ("extended", TOMORROW, YESTERDAY),
                ("ended by the notice", YESTERDAY, TOMORROW),
            )
            for row in (
                rows.entry_delay(f"delay: {name}", of="one", opens_on=opens_on, case_id=key("being verified")),
                rows.access_entry(f"delayed: {name}", of="one", delay_id=key(f"delay: {name}"), opens_on=carried),
            )
        ),
        rows.delegation("live", of="two"),
        rows.delegation("expired", of="three", expires_on=YESTERDAY),
        rows.delegation("withdrawn", of="four", withdrawn_at=rows.EARLIER),
        rows.delegation("somebody else's", of="two", delegate_ref="agent-2"),
        # IDENTITY and RESTRAINT; IDENTITY and APPLICATIONS; not begun yet. None may consent or object.
        rows.delegation("restraint", of="one", delegate_ref="agent-3", groups=5, powers=2, department_code="D1"),
        rows.delegation("applications", of="four", delegate_ref="agent-3", groups=17, powers=8),
        rows.delegation("tomorrow's", of="six", delegate_ref="agent-3", starts_on=TOMORROW),
        rows.delegation(
            "guardian in dispute",
            of="four",
            delegate_ref="agent-4",
            kind="GUARDIAN",
            contested_at=rows.EARLIER,
            department_code="D1",
        ),
        rows.delegation(
            "guardian after it",
            of="four",
            delegate_ref="agent-5",
            kind="GUARDIAN",
            contested_at=rows.EARLIER,
            contest_decided_at=rows.EARLIER,
            department_code="D2",
        ),
        rows.correction("of identity", of="one", case="", case_id=None, objection_id=key("ours to answer")),
        rows.correction("of the name", of="one", case="", case_id=None),
        rows.correction(
            "corrected",
            of="one",
            case="",
            case_id=None,
            objection_id=key("ours to answer"),
            done_on=rows.TODAY,
            completed_on=rows.TODAY,
        ),
        *rows.file("power of attorney", of="two", record="DELEGATION", to="live"),
        *rows.file("of somebody else", of="two", record="DELEGATION", to="somebody else's"),
        *rows.file("of the office", of="one", record="DELEGATION", to="restraint"),
        *rows.file("judgment", of="four", record="DELEGATION", to="guardian in dispute"),
        *rows.file("judgment after it", of="four", record="DELEGATION", to="guardian after it"),
        *rows.file("right address", of="one", record="CORRECTION", to="of identity"),
        *rows.file("another's card", of="one", record="CORRECTION", to="of the name"),
        *rows.file("corrected paper", of="one", record="CORRECTION", to="corrected"),
        rows.issued_notice("notice of one", of="one", case="in force"),
        rows.issued_notice("notice of two", of="two", case="moved into the area"),
        rows.issued_notice("before it is handed over", of="six", case="being verified"),
        rows.issued_notice("handed over", of="six", case="noticed"),
        rows.issued_notice("secret notice", of="secret", case="state secret"),
        rows.issued_notice("of no case", of="one", case="of nobody"),
        rows.issued_notice("reminder", of="four", case="", case_id=None, application_id=key("filed")),
        rows.objection("ours to answer", of="one", case="in force", assigned_ref="reviewer-1"),
        rows.objection(
            "the office's",
            of="two",
            case="",
            case_id=None,
            record="SUBJECT",
            record_id=key("two"),
            department_code="DISTRICT-OFFICE",
            assigned_ref="office-1",
        ),
        *rows.file("in evidence", of="one", record="RESTRAINT_CASE", to="in force"),
        *rows.file("given in defence", of="one", record="RESTRAINT_CASE", to="in force", uploaded_as="agent"),
        *rows.file("reviewed", of="six", record="RESTRAINT_CASE", to="own review"),
        *rows.file("before the notice", of="six", record="RESTRAINT_CASE", to="being verified", uploaded_as="subject"),
        *rows.file("secret file", of="secret", record="RESTRAINT_CASE", to="state secret", uploaded_as="subject"),
        *rows.file("with the objection", of="one", record="OBJECTION", to="ours to answer", uploaded_as="subject"),
        *rows.file("with the answer", of="one", record="OBJECTION", to="ours to answer"),
        *rows.file("for the office", of="two", record="OBJECTION", to="the office's", uploaded_as="subject"),
        *rows.file("handed in", of="four", record="APPLICATION", to="filed"),
        *rows.file("with a secret filing", of="secret", record="APPLICATION", to="secret filing"),
        *rows.file("paper to us", of="one", record="AUTHORISATION", to="to us"),
        *rows.file("paper to others", of="one", record="AUTHORISATION", to="to others"),
        rows.filled(focused_checks, "visit", of="one", check_id=key("visit"), sector_code="S1", area_code="370305001"),
        rows.filled(
            focused_checks,
            "other visit",
            of="one",
            check_id=key("other visit"),
            sector_code="S2",
            area_code="370305001",
        ),
        *rows.file("seen at a visit", of="one", record="FOCUSED_CHECK", to="visit", uploaded_as="regulator"),
        *rows.file("seen elsewhere", of="one", record="FOCUSED_CHECK", to="other visit", uploaded_as="regulator"),
        *rows.file("of nobody's record", of="one", record="RESTRAINT_CASE", to="in force elsewhere"),
        rows.issued_notice("secret reminder", of="secret", case="", case_id=None, application_id=key("secret filing")),
    )
    return SqlQueryRunner(shared_database)


CASES = {
    "in force",
    "in force, other sector",
    "other area now",
    "moved into the area",
    "ended",
    "not yet published",
    "own review",
    "being verified",
    "noticed",
}
DELAYED = {"delayed: opened", "delayed: opens tomorrow", "delayed: extended", "delayed: ended by the notice"}
REVIEWER, AGENT = {"actor_ref": "reviewer-1"}, {"actor_ref": "agent-1"}
NARROW = {"actor_ref": "agent-3"}
FILES_OF_HANDLER = {"in evidence", "given in defence", "before the notice", "reviewed", "right address"}
FILES_OF_REVIEWER = {"in evidence", "given in defence", "with the objection", "with the answer"}

TABLE = [
    # scope, entity, what differs from ACTOR, the rows inside
    (Scope.ALL, Entity.SUBJECT, {}, set(SUBJECTS)),
    (Scope.ALL, Entity.RESTRAINT_CASE, {}, CASES),
    (Scope.ALL, Entity.APPLICATION, {}, {"filed", "filed elsewhere"}),
    (Scope.ALL, Entity.SECTOR, {}, {"S1", "S2"}),
    (Scope.OWN, Entity.SUBJECT, {}, {"one"}),
    (Scope.OWN, Entity.RESTRAINT_CASE, {}, {"in force", "in force, other sector"}),
    (Scope.OWN, Entity.RESTRAINT_CASE, {"actor_subject": key("secret")}, set()),
    # Until its subject is notified, a case is an open investigation [5.1.4(2)].
    (Scope.OWN, Entity.RESTRAINT_CASE, {"actor_subject": key("six")}, {"not yet published", "own review", "noticed"}),
    (Scope.OWN, Entity.APPLICATION, {"actor_subject": key("four")}, {"filed"}),
    (Scope.OWN, Entity.APPLICATION, {"actor_subject": key("secret")}, set()),
    (Scope.OWN, Entity.AUTHORISATION, {}, {"to us", "to others"}),
    # What a delay hides from its subject opens by the date [5.1.6]; without a day it stays hidden.
    (Scope.OWN, Entity.ACCESS_ENTRY, {}, {"read by us", "delayed: opened", "delayed: ended by the notice"}),
    (Scope.OWN, Entity.ACCESS_ENTRY, {"today": TOMORROW}, {"read by us", *DELAYED}),
    (Scope.OWN, Entity.ACCESS_ENTRY, {"today": YESTERDAY}, {"read by us", "delayed: ended by the notice"}),
    (Scope.OWN, Entity.ACCESS_ENTRY, {"today": None}, {"read by us"}),
    (Scope.OWN, Entity.ENTRY_DELAY, {}, {"delay: opened", "delay: ended by the notice"}),
    (Scope.OWN, Entity.ENTRY_DELAY, {"today": None}, set()),
    (Scope.ALL, Entity.ENTRY_DELAY, {}, {one.replace("delayed", "delay") for one in DELAYED}),
    (Scope.OWN, Entity.DELEGATION, {"actor_subject": key("two")}, {"live", "somebody else's"}),
    (Scope.OWN, Entity.DEPARTMENT, {}, set()),
    # Files: what the subject gave itself, and what belongs to its authorisations and applications [5.1.6].
    # Of its delegations; of its corrections, but not what a window found under its number [5.1.3].
    (
        Scope.OWN,
        Entity.EVIDENCE_FILE,
        {},
        {
            "given in defence",
            "with the objection",
            "paper to us",
            "paper to others",
            "of the office",
            "right address",
            "corrected paper",
        },
    ),
    (Scope.OWN, Entity.EVIDENCE_FILE, {"actor_subject": key("four")}, {"handed in", "judgment", "judgment after it"}),
    (Scope.OWN, Entity.EVIDENCE_FILE, {"actor_subject": key("six")}, set()),
    (Scope.OWN, Entity.EVIDENCE_FILE, {"actor_subject": key("secret")}, set()),
    # A delegate reads the papers of its own delegation, whatever groups it has; what is in dispute rests.
    (Scope.DELEGATED, Entity.EVIDENCE_FILE, AGENT, {"power of attorney"}),
    (Scope.DELEGATED, Entity.EVIDENCE_FILE, NARROW, {"of the office"}),
    (Scope.DELEGATED, Entity.EVIDENCE_FILE, {"actor_ref": "agent-4"}, set()),
    (Scope.DELEGATED, Entity.EVIDENCE_FILE, {"actor_ref": "agent-5"}, {"judgment after it"}),
    (Scope.DELEGATED_FACTS, Entity.EVIDENCE_FILE, AGENT, {"for the office"}),
    (Scope.DELEGATED_FACTS, Entity.EVIDENCE_FILE, NARROW, set()),
    (Scope.RECORDED, Entity.EVIDENCE_FILE, {}, {"of the office", "judgment"}),
    (Scope.RECORDED_CONTESTED, Entity.EVIDENCE_FILE, {}, {"judgment"}),
    (Scope.RECORDED_CONTESTED, Entity.EVIDENCE_FILE, {"actor_department": "D2"}, {"judgment after it"}),
    (Scope.ASSIGNED, Entity.EVIDENCE_FILE, {}, FILES_OF_HANDLER),
    (Scope.REVIEWING, Entity.EVIDENCE_FILE, REVIEWER, FILES_OF_REVIEWER),
    (Scope.REVIEWING, Entity.EVIDENCE_FILE, {"actor_ref": "office-1"}, set()),
    (Scope.FILED, Entity.EVIDENCE_FILE, {}, {"handed in"}),
    (Scope.FILED, Entity.EVIDENCE_FILE, {"actor_department": "D2"}, set()),
    # Of who somebody is, where no case revealed the error: the head while it is open.
    (Scope.DEPARTMENT, Entity.EVIDENCE_FILE, {}, {"right address", "another's card"}),
    (Scope.DEPARTMENT, Entity.EVIDENCE_FILE, {"actor_department": "D2"}, set()),
    (Scope.ASSIGNED_OPEN, Entity.EVIDENCE_FILE, {}, FILES_OF_HANDLER),
    # No review is open; the case is contested by the objection that is to be answered [5.1.4(6)].
    (Scope.REVIEWING_OPEN, Entity.EVIDENCE_FILE, REVIEWER, FILES_OF_REVIEWER),
    (Scope.UNDER_REVIEW, Entity.RESTRAINT_CASE, REVIEWER, set()),
    (Scope.ANSWERING, Entity.EVIDENCE_FILE, {"actor_ref": "office-1"}, {"for the office"}),
    (Scope.FILED_OPEN, Entity.EVIDENCE_FILE, {}, {"handed in"}),
    (Scope.FILED_OPEN, Entity.EVIDENCE_FILE, {"actor_department": "D2"}, set()),
    (Scope.SUBMITTED, Entity.EVIDENCE_FILE, {}, {"paper to us"}),
    (Scope.CONTESTED, Entity.EVIDENCE_FILE, {}, {"paper to others", "judgment", "judgment after it"}),
    (Scope.CONTESTED, Entity.DELEGATION, {}, {"guardian in dispute", "guardian after it"}),
    (Scope.RECORDED_CONTESTED, Entity.DELEGATION, {}, {"guardian in dispute"}),
    (Scope.RECORDED_CONTESTED, Entity.SUBJECT, {}, {"four"}),
    (Scope.RECORDED_CONTESTED, Entity.SUBJECT, {"actor_department": "D3"}, set()),
    (Scope.DELEGATED, Entity.SUBJECT, {"actor_ref": "agent-4"}, set()),
    (Scope.DELEGATED, Entity.SUBJECT, {"actor_ref": "agent-5"}, {"four"}),
    (Scope.CONTESTED, Entity.AUTHORISATION, {}, {"to others"}),
    # What a head decides on, former records included; `test_content_scopes` has when that ends.
    (Scope.CONTESTED_HERE, Entity.AUTHORISATION, {}, set()),
    (Scope.CONTESTED_HERE, Entity.AUTHORISATION, {"actor_department": "D2"}, {"to others"}),
    (Scope.CONTESTED_HERE, Entity.EVIDENCE_FILE, {"actor_department": "D2"}, {"paper to others"}),
    (Scope.TO_CONFIRM, Entity.RESTRAINT_CASE, {}, set()),
    (Scope.TO_CONFIRM, Entity.EVIDENCE_FILE, {}, set()),
    (Scope.CHECKED, Entity.SUBJECT, {}, {"one"}),
    # Whom the window put on record of late, or who has something open there.
    (Scope.SUBMITTED_OPEN, Entity.SUBJECT, {}, {"four", "five"}),
    # Under CONSULTATION, not what the window asks for credit checks [5.2.3].
    (Scope.CONSULTED, Entity.AUTHORISATION, {}, set()),
    (Scope.CONSULTED, Entity.AUTHORISATION, {"actor_department": "D2"}, {"for a consultation"}),
    # A handler sees the objections to its cases; the head also those to what colleagues read.
    (Scope.ASSIGNED, Entity.OBJECTION, {}, {"ours to answer"}),
    (Scope.ASSIGNED, Entity.OBJECTION, {"actor_ref": "handler-2"}, set()),
    (Scope.ASSIGNED, Entity.OBJECTION, {"actor_department": "D2"}, set()),
    (Scope.DELEGATED, Entity.SUBJECT, AGENT, {"two"}),
    (Scope.DELEGATED, Entity.SUBJECT, {**AGENT, "today": YESTERDAY}, {"two", "three"}),
    (Scope.DELEGATED, Entity.SUBJECT, {}, set()),
    (Scope.DELEGATED, Entity.RESTRAINT_CASE, AGENT, {"moved into the area"}),
    (Scope.DELEGATED, Entity.ACCESS_ENTRY, AGENT, {"read by others"}),
    (Scope.DELEGATED, Entity.DELEGATION, AGENT, {"live"}),
    # A delegation shows the groups that it names, from its first day on.
    (Scope.DELEGATED, Entity.SUBJECT, NARROW, {"one", "four"}),
    (Scope.DELEGATED, Entity.SUBJECT, {**NARROW, "today": TOMORROW}, {"one", "four", "six"}),
    (Scope.DELEGATED_CONTACT, Entity.SUBJECT, NARROW, set()),
    (Scope.DELEGATED_CONTACT, Entity.SUBJECT, AGENT, {"two"}),
    (Scope.DELEGATED_RESTRAINT, Entity.RESTRAINT_CASE, NARROW, {"in force", "in force, other sector"}),
    (Scope.DELEGATED_FACTS, Entity.RESTRAINT_CASE, NARROW, set()),
    (Scope.DELEGATED_FACTS, Entity.ISSUED_NOTICE, AGENT, {"notice of two"}),
    (Scope.DELEGATED_FACTS, Entity.ISSUED_NOTICE, NARROW, set()),
    (Scope.DELEGATED_APPLICATIONS, Entity.APPLICATION, NARROW, {"filed"}),
    (Scope.DELEGATED_APPLICATIONS, Entity.ISSUED_NOTICE, NARROW, {"reminder"}),
    (Scope.DELEGATED_OVERSIGHT, Entity.ACCESS_ENTRY, NARROW, set()),
    (Scope.DELEGATED_OVERSIGHT, Entity.ACCESS_ENTRY, AGENT, {"read by others"}),
    (Scope.RECORDED, Entity.DELEGATION, {}, {"restraint", "guardian in dispute"}),
    (Scope.RECORDED, Entity.SUBJECT, {}, set()),
    (Scope.DEPARTMENT, Entity.SUBJECT, {}, {"one", "two", "three", "four", "six"}),
    (Scope.DEPARTMENT, Entity.SUBJECT, {"actor_department": "D2"}, {"one", "six"}),  # not an applicant
    (Scope.DEPARTMENT, Entity.APPLICATION, {}, {"filed"}),
    (
        Scope.DEPARTMENT,
        Entity.RESTRAINT_CASE,
        {"actor_department": "D2"},
        {"in force, other sector", "not yet published"},
    ),
    (Scope.DEPARTMENT, Entity.AUTHORISATION, {}, {"to us"}),
    (Scope.DEPARTMENT, Entity.ACCESS_ENTRY, {}, {"read by us", *DELAYED}),
    # What the subject or its delegate does on its own pages is nobody else's matter [5.1.6].
    (Scope.BY_OTHERS, Entity.ACCESS_ENTRY, {}, {"read by us", "read by others", *DELAYED}),
    (Scope.DEPARTMENT, Entity.DEPARTMENT, {}, {"D1"}),
    (Scope.DEPARTMENT, Entity.MATTER, {}, {"M1", "M2"}),
    (Scope.DEPARTMENT, Entity.DELEGATION, {}, set()),
    # An assignment ends with the post: the person, and the department where that person is now [5.1.1].
    (
        Scope.ASSIGNED,
        Entity.RESTRAINT_CASE,
        {},
        CASES - {"moved into the area", "in force, other sector", "not yet published"},
    ),
    (
        Scope.ASSIGNED,
        Entity.RESTRAINT_CASE,
        {"actor_department": "D2"},
        {"in force, other sector", "not yet published"},
    ),
    (Scope.ASSIGNED, Entity.RESTRAINT_CASE, {"actor_department": "D3"}, set()),
    (Scope.ASSIGNED, Entity.RESTRAINT_CASE, {"actor_department": None}, set()),
    (Scope.ASSIGNED, Entity.SUBJECT, {"actor_department": "D3"}, set()),
    (Scope.ASSIGNED, Entity.RESTRAINT_CASE, {"actor_ref": "handler-2"}, {"moved into the area"}),
    (Scope.ASSIGNED, Entity.SUBJECT, {"actor_ref": "handler-2"}, {"two"}),
    (Scope.ASSIGNED, Entity.SUBJECT, {"actor_ref": "clerk-1"}, set()),
    (Scope.ASSIGNED, Entity.APPLICATION, {}, set()),
    (Scope.REVIEWING, Entity.RESTRAINT_CASE, REVIEWER, {"in force"}),
    (Scope.REVIEWING, Entity.SUBJECT, REVIEWER, {"one"}),
    (Scope.REVIEWING, Entity.RESTRAINT_CASE, {**REVIEWER, "actor_department": "D2"}, set()),
    (Scope.REVIEWING, Entity.ISSUED_NOTICE, {**REVIEWER, "actor_department": "D2"}, set()),
    (Scope.REVIEWING, Entity.OBJECTION, REVIEWER, {"ours to answer"}),
    (Scope.REVIEWING, Entity.OBJECTION, {**REVIEWER, "actor_department": "D2"}, set()),
    # The office answers where no department does, with or without a department in its token [6.1].
    (Scope.ANSWERING, Entity.OBJECTION, {"actor_ref": "office-1", "actor_department": None}, {"the office's"}),
    (Scope.ANSWERING, Entity.OBJECTION, {"actor_ref": "office-1", "actor_department": "D9"}, {"the office's"}),
    # Who moved from the office to a department answers nothing of the office there.
    (Scope.REVIEWING, Entity.OBJECTION, {"actor_ref": "office-1", "actor_department": "D1"}, set()),
    (Scope.REVIEWING_OPEN, Entity.EVIDENCE_FILE, {"actor_ref": "office-1", "actor_department": "D1"}, set()),
    (Scope.REVIEWING, Entity.RESTRAINT_CASE, {}, set()),  # who handled a case never reviews it [5.1.4(4)]
    # A document is visible with its case, to its subject once notified, and never of a confidential one [A] [5.1.6].
    (Scope.OWN, Entity.ISSUED_NOTICE, {}, {"notice of one"}),
    (Scope.OWN, Entity.ISSUED_NOTICE, {"actor_subject": key("six")}, {"handed over"}),
    (Scope.OWN, Entity.ISSUED_NOTICE, {"actor_subject": key("secret")}, set()),
    (Scope.DELEGATED, Entity.ISSUED_NOTICE, AGENT, {"notice of two"}),
    (Scope.ASSIGNED, Entity.ISSUED_NOTICE, {"actor_ref": "handler-2"}, {"notice of two"}),
    (Scope.ASSIGNED, Entity.ISSUED_NOTICE, {}, {"notice of one", "before it is handed over", "handed over"}),
    (Scope.REVIEWING, Entity.ISSUED_NOTICE, REVIEWER, {"notice of one"}),
    # A reminder is the window's [5.1.2c]; what belongs to a case is not the department's.
    (Scope.DEPARTMENT, Entity.ISSUED_NOTICE, {}, {"reminder"}),
    (Scope.OWN, Entity.ISSUED_NOTICE, {"actor_subject": key("four")}, {"reminder"}),
    (Scope.SECTOR_AREA, Entity.ISSUED_NOTICE, {}, set()),
    (Scope.SECTOR_AREA, Entity.EVIDENCE_FILE, {}, {"seen at a visit"}),
    (Scope.SECTOR_AREA, Entity.EVIDENCE_FILE, {"actor_sector": "S2"}, {"seen elsewhere"}),
    (Scope.SECTOR_AREA, Entity.EVIDENCE_FILE, {"actor_area": "370306", "actor_area_end": "370307"}, set()),
    (Scope.SECTOR_AREA, Entity.RESTRAINT_CASE, {}, {"in force", "moved into the area"}),
    (Scope.SECTOR_AREA, Entity.RESTRAINT_CASE, {"actor_sector": "S2"}, {"in force, other sector"}),
    (
        Scope.SECTOR_AREA,
        Entity.RESTRAINT_CASE,
        {"actor_area": "370305001", "actor_area_end": "370305002"},
        {"in force"},
    ),
    (Scope.SECTOR_AREA, Entity.RESTRAINT_CASE, {"actor_area": "3704", "actor_area_end": "3705"}, set()),
    (Scope.SECTOR_AREA, Entity.SUBJECT, {}, {"one", "two"}),
    (Scope.SECTOR_AREA, Entity.SUBJECT, {"actor_area": "370306", "actor_area_end": "370307"}, {"three"}),
    (Scope.SECTOR_AREA, Entity.APPLICATION, {}, set()),
    (
        Scope.RESTRAINED,
        Entity.RESTRAINT_CASE,
        {},
        {"in force", "in force, other sector", "other area now", "moved into the area"},
    ),
    (Scope.RESTRAINED, Entity.SUBJECT, {}, {"one", "two", "three"}),
    (Scope.RESTRAINED, Entity.SUBJECT, {"today": YESTERDAY}, {"one", "two", "three", "four"}),
    (Scope.RESTRAINED, Entity.SUBJECT, {"today": date(2026, 1, 11)}, set()),
    (Scope.PUBLISHED, Entity.RESTRAINT_CASE, {"today": date(2026, 1, 11)}, set()),
    (Scope.PUBLISHED, Entity.SUBJECT, {}, {"one", "two", "three"}),
    # Put on record here, until something is filed here, and not for ever [5.1.6].
    (Scope.SUBMITTED, Entity.SUBJECT, {}, {"five"}),
    (Scope.SUBMITTED, Entity.SUBJECT, {"registered_from": date(2026, 1, 6)}, set()),
    (Scope.SUBMITTED, Entity.SUBJECT, {"actor_department": "D2"}, set()),
    (Scope.SUBMITTED, Entity.APPLICATION, {}, set()),
    (Scope.SUBMITTED, Entity.AUTHORISATION, {}, {"to us"}),
    (Scope.SUBMITTED, Entity.ACCESS_ENTRY, {}, set()),
]


def rows_of(entity: Entity, *scopes: Scope, **more: object) -> SelectPlan:
    return SelectPlan(entity, (Column("", SHAPES[entity].row_id),), scopes=scopes, **more)


def ids(names: set[str], entity: Entity) -> set[object]:
    return {key(name) for name in names} if SHAPES[entity].owned else set(names)


@pytest.mark.sampled
@pytest.mark.parametrize(("scope", "entity", "differs", "inside"), TABLE)
async def test_a_scope_holds_these_rows_and_no_others(query_runner, scope, entity, differs, inside):
    assert set(await found(query_runner, rows_of(entity, scope), **differs)) == ids(inside, entity)


async def test_a_delegate_lists_the_files_of_its_groups_and_of_its_own_delegation(query_runner):
    """A list finds them by the subjects that delegated, and by the condition of the scopes [5.1.6]."""
    scopes, order = (Scope.DELEGATED, Scope.DELEGATED_FACTS), (Order("file_id"),)
    files = SelectPlan(Entity.EVIDENCE_FILE, (Column("", "file_id"),), scopes=scopes, order=order, limit=1_000)
    for actor, inside in ((AGENT, {"power of attorney", "for the office"}), (NARROW, {"of the office"})):
        assert set(await found(query_runner, files, **actor)) == ids(inside, Entity.EVIDENCE_FILE)
    assert await found(query_runner, files, actor_ref="agent-4") == []


@pytest.mark.parametrize(
    ("area", "inside"),
    [
        ("370305001", {"in force"}),
        ("370305002", {"moved into the area"}),
        ("370305001003", set()),
        ("370306", {"other area now"}),
    ],
)
async def test_a_supervisor_finds_its_targets_by_the_township(query_runner, area, inside):
    """A list looks for them by the township, and by the condition of the scope; both are about the subject's area."""
    actor = {"actor_area": area, "actor_area_end": area + AREA_END, "actor_township": township_of(area)}
    order = Order("published_on"), Order("case_id")
    targets = rows_of(Entity.RESTRAINT_CASE, Scope.SECTOR_AREA, order=order, limit=1_000)
    assert set(await found(query_runner, targets, **actor)) == ids(inside, Entity.RESTRAINT_CASE)


@pytest.mark.sampled
@pytest.mark.parametrize(("scope", "entity", "differs", "inside"), TABLE)
async def test_a_scope_says_of_each_row_whether_it_is_inside(query_runner, scope, entity, differs, inside):
    """The column `scope:…` answers what the scope's own condition would, true or false and never NULL."""
    columns = (Column("", SHAPES[entity].row_id), Column("", f"scope:{scope}"))
    result = await read(query_runner, SelectPlan(entity, columns, scopes=(Scope.ALL,)), **differs)
    assert {value for _, value in result.rows[0]} <= {True, False}
    assert {row_id for row_id, value in result.rows[0] if value} == ids(inside, entity)


NEEDED = {
    Scope.OWN: ["actor_subject"],
    Scope.DELEGATED: ["actor_ref", "today"],
    Scope.DEPARTMENT: ["actor_department"],
    Scope.ASSIGNED: ["actor_ref", "actor_department"],
    Scope.REVIEWING: ["actor_ref", "actor_department"],
    Scope.DEPARTMENT_OPEN: ["actor_department"],
    Scope.FILED: ["actor_department"],
    Scope.FILED_OPEN: ["actor_department"],
    Scope.ASSIGNED_OPEN: ["actor_ref", "actor_department"],
    Scope.REVIEWING_OPEN: ["actor_ref", "actor_department"],
    Scope.UNDER_REVIEW: ["actor_ref", "actor_department"],
    Scope.SECTOR_AREA: ["actor_sector", "actor_area", "actor_area_end", "today"],
    Scope.RESTRAINED: ["today"],
    Scope.PUBLISHED: ["today"],
    Scope.SUBMITTED: ["actor_department", "registered_from"],
    Scope.SUBMITTED_OPEN: ["actor_department"],
    Scope.CONSULTED: ["actor_department"],
    Scope.RECORDED_CONTESTED: ["actor_department"],
}


@pytest.mark.parametrize(
    ("scope", "bind", "given"),
    [(scope, bind, given) for scope, binds in NEEDED.items() for bind in binds for given in ("NULL", "missing")],
)
@pytest.mark.parametrize("entity", [Entity.SUBJECT, Entity.RESTRAINT_CASE])
async def test_what_is_not_known_of_the_actor_matches_no_row(query_runner, scope, bind, given, entity):
    """Nothing is shown for want of knowing who asks [5.1.6]."""
    binds = {**ACTOR, "actor_ref": "agent-1", bind: None}
    if given == "missing":
        del binds[bind]
    prepared = query_runner.prepare(rows.QueryPlan((rows_of(entity, scope),)))
    assert (await query_runner.read(prepared, binds)).rows == [[]]


async def test_rows_of_any_scope_named_are_read(query_runner):
    statement = rows_of(Entity.SUBJECT, Scope.OWN, Scope.SUBMITTED)
    assert set(await found(query_runner, statement)) == ids({"one", "five"}, Entity.SUBJECT)


@pytest.mark.parametrize("scope", Scope)
async def test_a_confidential_record_is_refused_everywhere(query_runner, scope):
    """State secrets stay out of every interface, whoever asks [5.1.6]."""
    everywhere = {"actor_subject": key("secret"), "actor_ref": "reviewer-1"}
    for entity in (Entity.RESTRAINT_CASE, Entity.APPLICATION):
        inside = await found(query_runner, rows_of(entity, scope), **everywhere)
        assert not {key("state secret"), key("secret filing")} & set(inside)
    if scope not in {Scope.ALL, Scope.OWN}:
        assert key("secret") not in await found(query_runner, rows_of(Entity.SUBJECT, scope), **everywhere)


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("entity", [Entity.CASE_STEP, Entity.CASE_STATEMENT, Entity.FACTS_VERSION])
async def test_what_belongs_to_a_confidential_case_is_refused_with_it(query_runner, entity, scope):
    """[5.1.6]"""
    everywhere = {"actor_subject": key("secret"), "actor_ref": "reviewer-1"}
    inside = await found(query_runner, rows_of(entity, scope), **everywhere)
    assert not {key(f"{what} of state secret") for what in ("step", "mark", "words", "version")} & set(inside)


@pytest.mark.parametrize(
    ("scope", "whose", "cases"),
    [
        (Scope.ASSIGNED, {}, {"in force", "noticed", "being verified"}),
        (Scope.DEPARTMENT, {}, {"in force", "noticed", "being verified"}),
        (Scope.REVIEWING, {"actor_ref": "reviewer-1"}, {"in force"}),
        (Scope.OWN, {"actor_subject": key("one")}, {"in force"}),
        (Scope.OWN, {"actor_subject": key("six")}, {"noticed"}),
        (Scope.OWN, {"actor_subject": key("two")}, set()),
        (Scope.SECTOR_AREA, {}, set()),
    ],
)
async def test_the_parts_of_a_case_are_seen_by_whom_the_case_is(query_runner, scope, whose, cases):
    """Its subject sees them once it was notified of the case, and never that it was marked [5.1.4(2)] [5.1.6]."""
    words = await found(query_runner, rows_of(Entity.CASE_STATEMENT, scope), **whose)
    assert set(words) == {key(f"words of {case}") for case in cases}
    versions = await found(query_runner, rows_of(Entity.FACTS_VERSION, scope), **whose)
    assert set(versions) == {key(f"version of {case}") for case in cases}
    steps = {"step"} if scope is Scope.OWN else {"step", "mark"}
    expected = {key(f"{step} of {case}") for case in cases for step in steps}
    assert set(await found(query_runner, rows_of(Entity.CASE_STEP, scope), **whose)) == expected


async def test_a_confidential_restraint_is_not_revealed_by_its_subject(query_runner):
    columns = (Column("", "is_restrained"),)
    statement = SelectPlan(Entity.SUBJECT, columns, scopes=(Scope.OWN,))
    assert await found(query_runner, statement, actor_subject=key("secret")) == [False]
    assert await found(query_runner, statement) == [True]


async def test_restrained_or_not_is_unknown_on_an_unknown_day(query_runner):
    """Unknown is never clean [4.1]."""
    for entity, column in ((Entity.SUBJECT, "is_restrained"), (Entity.RESTRAINT_CASE, "in_force")):
        statement = SelectPlan(entity, (Column("", column),), scopes=(Scope.OWN,))
        assert set(await found(query_runner, statement, today=None)) == {None}


async def test_a_restraint_that_ended_unrectified_stays_or_lapses_as_the_deployment_chose(
    shared_database, query_runner
):
    """Two readings of [5.1.5]; the first is the default."""
    statement = rows_of(Entity.RESTRAINT_CASE, Scope.RESTRAINED)
    later = {"today": date(2026, 7, 13)}
    assert len(await found(query_runner, statement, **later)) == 4
    assert await found(SqlQueryRunner(shared_database, UnrectifiedPolicy.LAPSE), statement, **later) == []
