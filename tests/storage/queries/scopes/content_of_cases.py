"""Cases, with something of each kind of content, and who has still a reason to read it."""

from datetime import timedelta
from typing import Any

from storage.tables import commitments, deferrals
from tests.storage import rows
from tests.storage.rows import Row, key

YESTERDAY = rows.TODAY - timedelta(days=1)


def file(name: str, **values: Any) -> tuple[Row, Row]:
    """Give a file with its attachment, under a reference of the usual length."""
    return rows.file(name, reference=f"file:{key(name).hex}", **values)


STATED: dict[str, Any] = {"stated_on": YESTERDAY, "determined_on": None, "published_on": None, "ends_on": None}
REVIEWED = STATED | {"reviewed_on": YESTERDAY, "review_outcome": "UPHELD"}
IN_FORCE = {"stated_on": YESTERDAY, "reviewed_on": YESTERDAY, "review_outcome": "UPHELD"}
DECIDED: dict[str, Any] = {"kind": "REVIEW_DECISION", "issued_on": YESTERDAY, "issued_by": "reviewer-1"}


def review(name: str, **values: Any) -> list[Row]:
    """Give a case that reviewer-1 reviews, with something of each kind; the file that began it is its evidence."""
    about = {"of": name, "case": name}
    return [
        rows.restraint(name, of=name, **{"reviewer_ref": "reviewer-1"} | values),
        rows.case_step(f"step: {name}", **about),
        rows.case_statement(f"words: {name}", **about),
        rows.facts_version(f"version: {name}", **about),
        rows.correction(f"error: {name}", done_on=YESTERDAY, completed_on=YESTERDAY, **about),
        rows.issued_notice(f"notice: {name}", **about),
        *file(f"evidence: {name}", of=name, record="RESTRAINT_CASE", to=name),
    ]


REVIEWS: list[tuple[str, list[Row], bool]] = [
    # A case that the actor was to review, and whether the review is open or its decision has still to be issued.
    ("stated", review("stated", **STATED), True),
    ("closed, not decided", review("closed, not decided", **REVIEWED), True),
    ("of another, stated", review("of another, stated", **STATED | {"reviewer_ref": "reviewer-2"}), False),
    ("of another department", review("of another department", **STATED | {"department_code": "D2"}), False),
    ("own case", review("own case", **STATED | {"handler_ref": "reviewer-1"}), False),
    ("nothing stated", review("nothing stated", **STATED | {"stated_on": None}), False),
    ("confidential, stated", review("confidential, stated", **STATED, confidential=True), False),
    ("decided", [*review("decided", **REVIEWED), rows.issued_notice("d1", "decided", "decided", **DECIDED)], False),
    (
        "another document",
        [*review("another document", **REVIEWED), rows.issued_notice("d2", "another document", "another document")],
        True,
    ),
    ("in force, not decided", review("in force, not decided", **IN_FORCE), True),
    (
        "in force, decided",
        [
            *review("in force, decided", **IN_FORCE),
            rows.issued_notice("d3", "in force, decided", "in force, decided", **DECIDED),
        ],
        False,
    ),
    # A statement that arrived after the determination reopens the case until its review closes [5.1.4(3)].
    ("reopened", review("reopened", stated_on=YESTERDAY, paused_on=YESTERDAY), True),
    ("after the end", review("after the end", **IN_FORCE | {"ends_on": YESTERDAY, "rectified_on": YESTERDAY}), False),
    (
        "dropped by it",
        review("dropped by it", **REVIEWED | {"review_outcome": "DROPPED", "dropped_on": YESTERDAY}),
        False,
    ),
    ("referred", review("referred", **STATED, referred_on=YESTERDAY), False),
    ("removed", review("removed", **IN_FORCE, removed_on=YESTERDAY), False),
]
OBJECTIONS: list[tuple[str, dict[str, Any], bool]] = [
    ("to answer", {"assigned_ref": "reviewer-1"}, True),
    ("answered", {"assigned_ref": "reviewer-1", "answered_on": YESTERDAY, "answer": "REJECTED"}, False),
    ("given to another", {"assigned_ref": "reviewer-2"}, False),
    ("given to nobody", {}, False),
    ("to a case", {"assigned_ref": "reviewer-1", "record": "RESTRAINT_CASE"}, True),
    (
        "to a case, answered",
        {"assigned_ref": "reviewer-1", "record": "RESTRAINT_CASE", "answered_on": YESTERDAY},
        False,
    ),
    ("to a case, of another", {"assigned_ref": "reviewer-2", "record": "RESTRAINT_CASE"}, False),
    ("to a confidential case", {"assigned_ref": "reviewer-1", "record": "RESTRAINT_CASE"}, False),
    ("at the office", {"assigned_ref": "reviewer-1", "department_code": "DISTRICT-OFFICE"}, False),
    ("at another department", {"assigned_ref": "reviewer-1", "department_code": "D2"}, False),
]


def objection(name: str, values: dict[str, Any]) -> list[Row]:
    """Give an objection to a subject's own record or to a case, with the file that came with it, and the case."""
    is_case = values.get("record") == "RESTRAINT_CASE"
    contested = key(f"contested: {name}")
    kept = {"case_id": contested if is_case else None, "record": "SUBJECT", "record_id": contested}
    about = {"of": name, "case": f"contested: {name}"}
    case = [
        rows.restraint(about["case"], of=name, confidential="confidential" in name),
        rows.case_step(f"step: {name}", **about),
        rows.case_statement(f"words: {name}", **about),
        rows.facts_version(f"version: {name}", **about),
        *file(f"evidence: {name}", of=name, record="RESTRAINT_CASE", to=about["case"]),
    ]
    return [
        rows.objection(f"objection: {name}", of=name, case="", **kept | values),
        *file(f"objected: {name}", of=name, record="OBJECTION", to=f"objection: {name}", uploaded_as="subject"),
        *(case if is_case else []),
    ]


UNPUBLISHED: dict[str, Any] = {"determined_on": None, "published_on": None, "ends_on": None}
OVER: dict[str, Any] = {"ends_on": YESTERDAY, "rectified_on": YESTERDAY}
HANDLED: list[tuple[str, dict[str, Any], bool]] = [
    # A case of handler-1, and whether it reads what the case says. All are of one subject, which has an open one.
    ("collected", UNPUBLISHED, True),
    ("determined", {"published_on": None, "ends_on": None}, True),
    ("restrains", {}, True),
    ("is overdue", {"ends_on": YESTERDAY}, True),
    ("is repaired", OVER, False),
    ("was dropped", UNPUBLISHED | {"dropped_on": YESTERDAY}, False),
    ("was referred", UNPUBLISHED | {"referred_on": YESTERDAY}, False),
    ("was removed", {"removed_on": YESTERDAY}, False),
    ("is repaired and contested", OVER, True),
    ("was removed, to be told", {"removed_on": YESTERDAY}, True),
    ("of another handler", {"handler_ref": "handler-2"}, False),
]


def handled(name: str, values: dict[str, Any]) -> list[Row]:
    """Give a case of one subject, with something of each kind."""
    about = {"of": "offender", "case": f"case: {name}"}
    rest = {
        "is repaired and contested": [rows.objection("objection to a repaired case", **about)],
        "was removed, to be told": [rows.correction("error of a removed case", **about)],
    }
    return [
        rows.restraint(about["case"], of="offender", **values),
        rows.case_step(f"step: {name}", **about),
        rows.case_statement(f"words: {name}", **about),
        rows.facts_version(f"version: {name}", **about),
        rows.issued_notice(f"notice: {name}", **about),
        *file(f"evidence: {name}", of="offender", record="RESTRAINT_CASE", to=about["case"]),
        *rest.get(name, []),
    ]


FORMER: dict[str, Any] = UNPUBLISHED | {"taken_over_on": YESTERDAY, "former_determined_on": YESTERDAY}
TAKEN_OVER: list[tuple[str, dict[str, Any], bool]] = [
    # A case of the department, and whether its head has to confirm it.
    ("former", FORMER, True),
    ("former, confirmed", FORMER | {"determined_on": YESTERDAY}, False),
    ("former, dropped", FORMER | {"dropped_on": YESTERDAY}, False),
    ("former, of another department", FORMER | {"department_code": "D2"}, False),
    ("former, confidential", FORMER | {"confidential": True}, False),
    ("not former", UNPUBLISHED, False),
]


def taken_over(name: str, values: dict[str, Any]) -> list[Row]:
    """Give a case, with its papers."""
    about = {"of": name, "case": name}
    return [
        rows.subject(name),
        rows.restraint(name, of=name, **values),
        rows.case_step(f"step: {name}", **about),
        rows.facts_version(f"version: {name}", **about),
        *file(f"evidence: {name}", of=name, record="RESTRAINT_CASE", to=name),
    ]


DEFAULTS: list[tuple[str, dict[str, Any], bool]] = [
    # The case of a breach in an application, and whether the reviewer reads the application [5.1.2c] [5.1.4(4)].
    ("default stated", STATED, True),
    ("default determined", {}, False),
    ("default of another reviewer", STATED | {"reviewer_ref": "reviewer-2"}, False),
    ("default, confidential", STATED | {"confidential": True}, False),
]


def default(name: str, values: dict[str, Any]) -> list[Row]:
    """Give an application with a reminder and the proof of its service, and the case that it became."""
    application = {"application_id": key(f"application: {name}")}
    own = {"subject_id": key(name)} | application
    return [
        rows.subject(name),
        rows.application(f"application: {name}", of=name, decided_at=rows.EARLIER, outcome="REFUSED"),
        rows.filled(deferrals, name, **own),
        rows.filled(commitments, name, **own, outcome=None),
        rows.restraint(name, of=name, **{"reviewer_ref": "reviewer-1"} | application | values),
        rows.issued_notice(f"reminder: {name}", of=name, case="", case_id=None, **application),
        *file(f"proof: {name}", of=name, record="APPLICATION", to=f"application: {name}"),
    ]
