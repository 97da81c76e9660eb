"""Which of the records each scope holds, read off the clauses by hand [5.1.6] [5.2.2]."""

from datetime import date

from queryplan.entities import Entity
from queryplan.scopes import Scope
from tests.storage.queries.scopes.scope_records import SUBJECTS, TOMORROW, YESTERDAY
from tests.storage.rows import key

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
    (Scope.SUBMITTED, Entity.DELETION_DUTY, {}, {"received by us"}),
    (Scope.DEPARTMENT, Entity.DELETION_DUTY, {"actor_department": "D2"}, {"received by others"}),
    (Scope.OWN, Entity.DELETION_DUTY, {}, {"received by us", "received by others"}),
]
