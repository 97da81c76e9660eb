"""What a record says ends with the reason to read it: which rows each scope holds then, read off the clauses by hand.

`tests/schema/test_which_content.py` asks the same as the users do; `test_scopes` and `test_open_scopes` have the rest.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from queryplan.entities import Entity
from queryplan.plan import Column, Order, SelectPlan
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.queries.entity_map import SHAPES
from storage.queries.query_runner import SqlQueryRunner
from storage.tables import commitments, credit_checks, deferrals, focused_checks
from tests.storage import rows
from tests.storage.rows import Row, found, key, put, read

YESTERDAY = rows.TODAY - timedelta(days=1)
ELSEWHERE: dict[str, Any] = {"area_code": "370306"}


def file(name: str, **values: Any) -> tuple[Row, Row]:
    """Give a file with its attachment, under a reference of the usual length."""
    return rows.file(name, reference=f"file:{key(name).hex}", **values)


def check(of: str, **values: Any) -> list[Row]:
    """Give a check of *of*, with a file."""
    name = f"check of {of}"
    return [
        rows.filled(focused_checks, name, of, area_code="370305", **values),
        *file(f"file of {of}", of=of, record="FOCUSED_CHECK", to=name, uploaded_as="regulator"),
    ]


CHECKS: list[tuple[str, list[Row], bool]] = [
    # Whose check, what is on record of it, and whether it is a target of the sector and area today [5.2.2].
    ("in force", [rows.restraint("r1", of="in force")], True),
    ("overdue", [rows.restraint("r2", of="overdue", ends_on=YESTERDAY)], True),
    ("repaired", [rows.restraint("r3", of="repaired", ends_on=YESTERDAY, rectified_on=YESTERDAY)], False),
    ("removed as wrong", [rows.restraint("r4", of="removed as wrong", removal="WRONG", removed_on=rows.TODAY)], False),
    ("rests for a review", [rows.restraint("r5", of="rests for a review", paused_on=YESTERDAY)], False),
    ("of another sector now", [rows.restraint("r6", of="of another sector now", sector_code="S2")], False),
    ("confidential since", [rows.restraint("r7", of="confidential since", confidential=True)], False),
    (
        "removed, in force by another",
        [
            rows.restraint("r8", of="removed, in force by another", removed_on=rows.TODAY),
            rows.restraint("r9", of="removed, in force by another"),
        ],
        True,
    ),
    ("moved away", [rows.restraint("r10", of="moved away")], False),
]


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


DECIDED_BEFORE: dict[str, Any] = {"decided_at": rows.EARLIER, "outcome": "APPROVED"}
FILED: list[tuple[str, dict[str, Any], bool]] = [
    # An application at the window, and whether the window reads what came with it. All are of one subject [4.2].
    ("undecided", {}, True),
    ("approved", DECIDED_BEFORE, False),
    ("withdrawn", DECIDED_BEFORE | {"outcome": "WITHDRAWN"}, False),
    ("owes documents", DECIDED_BEFORE, True),
    ("approved and contested", DECIDED_BEFORE, True),
    ("of another window", {"department_code": "D2"}, False),
]


def filed(name: str, values: dict[str, Any]) -> list[Row]:
    """Give an application of one subject, with what is kept with it."""
    application = f"application: {name}"
    of = {"subject_id": key("applicant"), "application_id": key(application)}
    where = {"department_code": values.get("department_code", "D1")}
    rest = {
        "owes documents": [rows.filled(deferrals, name, **of)],
        "approved and contested": [
            rows.objection(
                "objection to an application", of="applicant", case="", case_id=None, record="APPLICATION",
                record_id=key(application),
            )
        ],
    }  # fmt: skip
    return [
        rows.application(application, of="applicant", **values),
        rows.filled(credit_checks, name, **of, **where, check_id=key(f"finding: {name}")),
        rows.issued_notice(
            f"reminder: {name}", of="applicant", case="", case_id=None, application_id=key(application), **where
        ),
        *file(f"handed in: {name}", of="applicant", record="APPLICATION", to=application),
        *rest.get(name, []),
    ]  # fmt: skip


CONTESTED: dict[str, Any] = {"paper_evidence": "paper", "contested_at": rows.EARLIER}
DONE: dict[str, Any] = CONTESTED | {"contest_decided_at": rows.EARLIER, "contest_decided_by": "head-1"}
HELD: dict[str, Any] = {"paper_evidence": "paper", "held_at": rows.EARLIER}
CONFIRMED = HELD | {"confirmed_at": rows.EARLIER, "confirmed_by": "office-1"}
GONE: dict[str, Any] = {"withdrawn_at": rows.EARLIER}
PAPERS: list[tuple[str, dict[str, Any], bool, bool]] = [
    # A paper; whether somebody has to decide on it; whether the window, which relies on it, reads its file [5.1.6].
    ("live", {"paper_evidence": "paper"}, False, True),
    ("withdrawn", GONE, False, False),
    ("expired", {"expires_on": YESTERDAY}, False, False),
    ("used up", {"uses_made": 5}, False, False),
    ("contested", CONTESTED, True, False),
    ("contested and withdrawn", CONTESTED | GONE, True, False),
    ("decided", DONE, False, False),
    ("held", HELD, True, True),
    ("held and withdrawn", HELD | GONE, False, False),
    ("held and expired", HELD | {"expires_on": YESTERDAY}, False, False),
    ("held and contested", HELD | CONTESTED, True, False),
    ("confirmed", CONFIRMED, False, True),
    # The file is of its refusal on paper, which nobody but the subject knows of.
    ("given online, after a refusal on paper", {}, False, False),
]


def paper(name: str, values: dict[str, Any], **more: Any) -> list[Row]:
    """Give an authorisation of one subject, with the file of its paper."""
    return [
        rows.subject(f"giver: {name}"),
        rows.authorisation(f"paper: {name}", of=f"giver: {name}", **values, **more),
        *file(f"scan: {name}", of=f"giver: {name}", record="AUTHORISATION", to=f"paper: {name}"),
    ]


def checked(name: str) -> bool:
    """Say whether *name* is a target still; of the rest only that it was checked is known."""
    return next(still for one, _, still in CHECKS if one == name)


DELAYED: list[Row] = [
    rows.subject("investigated"),
    *(
        row
        for case in ("one delayed", "another")
        for row in (
            rows.restraint(case, of="investigated", department_code="D2", sector_code="S2"),
            *file(f"paper of {case}", of="investigated", record="RESTRAINT_CASE", to=case),
        )
    ),
    rows.entry_delay("a delay", of="investigated", case_id=key("one delayed"), opens_on=rows.TODAY + timedelta(days=9)),
]


@pytest.fixture(scope="module")
async def query_runner(shared_database: Database) -> SqlQueryRunner:
    await put(
        shared_database,
        *(
            row
            for name, records, _ in CHECKS
            for row in (rows.subject(name, **(ELSEWHERE if name == "moved away" else {})), *records, *check(name))
        ),
        rows.subject("checked elsewhere"),
        rows.restraint("r11", of="checked elsewhere"),
        *check("checked elsewhere", sector_code="S2"),
        *(row for name, values, *_ in PAPERS for row in paper(name, values)),
        *DELAYED,
        *(row for name, values, _ in TAKEN_OVER for row in taken_over(name, values)),
        *(row for name, values, _ in DEFAULTS for row in default(name, values)),
        rows.subject("offender"),
        rows.subject("applicant"),
        *(row for name, values, _ in HANDLED for row in handled(name, values)),
        *(row for name, values, _ in FILED for row in filed(name, values)),
        *paper("contested elsewhere", CONTESTED, recipient_code="D2"),
        *paper("live elsewhere", {}, recipient_code="D2"),
        *(row for name, records, _ in REVIEWS for row in (rows.subject(name), *records)),
        *(row for name, values, _ in OBJECTIONS for row in (rows.subject(name), *objection(name, values))),
    )
    return SqlQueryRunner(shared_database)


async def test_a_delay_covers_the_files_of_its_own_case(query_runner: SqlQueryRunner) -> None:
    """[5.1.6] Not the other files of the subject."""
    columns = Column("", "file_id"), Column("", "delay:delay_id")
    result = await read(query_runner, SelectPlan(Entity.EVIDENCE_FILE, columns, scopes=(Scope.ALL,)))
    assert {file for file, delay in result.rows[0] if delay is not None} == {key("paper of one delayed")}


async def inside(query_runner: SqlQueryRunner, entity: Entity, scope: Scope, **actor: Any) -> set[Any]:
    """Give the ids of the rows of *entity* that *scope* holds; a list, which looks for them otherwise, has the same."""
    row_id = SHAPES[entity].row_id
    statement = SelectPlan(entity, (Column("", row_id),), scopes=(scope,))
    ids = set(await found(query_runner, statement, **actor))
    listed = replace(statement, order=(Order(row_id),), limit=1_000)
    assert set(await found(query_runner, listed, **actor)) == ids
    return ids


async def test_a_check_says_of_a_former_target_only_that_it_was_made(query_runner: SqlQueryRunner) -> None:
    """[5.2.2] [5.1.5] Who it is, what was found and its files end with the restraint."""
    everybody = {name for name, _, _ in CHECKS}
    still = {name for name in everybody if checked(name)}
    assert await inside(query_runner, Entity.FOCUSED_CHECK, Scope.CHECKED) == {
        key(f"check of {one}") for one in everybody
    }
    assert await inside(query_runner, Entity.SUBJECT, Scope.CHECKED) == {key(one) for one in everybody}
    assert await inside(query_runner, Entity.FOCUSED_CHECK, Scope.SECTOR_AREA) == {
        key(f"check of {one}") for one in still
    }
    assert await inside(query_runner, Entity.EVIDENCE_FILE, Scope.SECTOR_AREA) == {
        key(f"file of {one}") for one in still
    }
    assert await inside(query_runner, Entity.EVIDENCE_FILE, Scope.CHECKED) == set()
    for bind in ("actor_sector", "actor_area", "actor_area_end"):
        assert await inside(query_runner, Entity.FOCUSED_CHECK, Scope.CHECKED, **{bind: None}) == set()


REVIEWER = {"actor_ref": "reviewer-1"}
UNDER_REVIEW = {name for name, _, is_open in REVIEWS if is_open}


@pytest.mark.parametrize(
    ("entity", "prefix"),
    [
        (Entity.RESTRAINT_CASE, ""),
        (Entity.CASE_STEP, "step: "),
        (Entity.CASE_STATEMENT, "words: "),
        (Entity.FACTS_VERSION, "version: "),
        (Entity.CORRECTION, "error: "),
    ],
)
async def test_a_reviewer_is_released_with_the_review(
    query_runner: SqlQueryRunner, entity: Entity, prefix: str
) -> None:
    """[5.1.4(4)] The case and what belongs to it, until the review is closed and its decision issued."""
    open_now = {key(f"{prefix}{name}") for name in UNDER_REVIEW}
    every = {key(f"{prefix}{name}") for name, _, _ in REVIEWS}
    assert every & await inside(query_runner, entity, Scope.REVIEWING_OPEN, **REVIEWER) == open_now
    assert every & await inside(query_runner, entity, Scope.UNDER_REVIEW, **REVIEWER) == open_now
    # Who answers an objection to a case has its evidence, and nothing else of it [5.1.4(6)].
    contested = {key(f"{prefix}{name}") for name, _, _ in OBJECTIONS}
    for scope in (Scope.REVIEWING_OPEN, Scope.UNDER_REVIEW):
        assert contested & await inside(query_runner, entity, scope, **REVIEWER) == set()
    # Number, dates and outcome stay with whom reviewed it, in its department.
    kept = every & await inside(query_runner, entity, Scope.REVIEWING, **REVIEWER)
    strangers = {"of another, stated", "of another department", "own case", "confidential, stated"}
    assert kept == {key(f"{prefix}{name}") for name, _, _ in REVIEWS if name not in strangers}
    for bind in REVIEWER | {"actor_department": None}:
        assert await inside(query_runner, entity, Scope.REVIEWING_OPEN, **REVIEWER | {bind: None}) == set()


async def test_files_and_names_end_with_the_review_and_with_the_answer(query_runner: SqlQueryRunner) -> None:
    """[5.1.4(4)] [5.1.6]"""
    to_answer = {name for name, _, is_open in OBJECTIONS if is_open}
    scope = Scope.REVIEWING_OPEN
    files = {key(f"evidence: {name}") for name in UNDER_REVIEW} | {key(f"objected: {name}") for name in to_answer}
    files |= {key("proof: default stated"), key("evidence: to a case")}
    assert await inside(query_runner, Entity.EVIDENCE_FILE, scope, **REVIEWER) == files
    assert await inside(query_runner, Entity.SUBJECT, scope, **REVIEWER) == {
        key(name) for name in UNDER_REVIEW | to_answer | {"default stated"}
    }
    assert await inside(query_runner, Entity.OBJECTION, scope, **REVIEWER) == {
        key(f"objection: {one}") for one in to_answer
    }
    kept = {key(f"objection: {one}") for one in ("to answer", "answered", "to a case", "to a case, answered")}
    assert await inside(query_runner, Entity.OBJECTION, Scope.REVIEWING, **REVIEWER) == kept


async def test_who_issued_a_document_has_it_on_that_day(query_runner: SqlQueryRunner) -> None:
    """[A] [5.1.4(4)] The decision itself ends the review: handed over on that day, and kept by none."""
    notices = {key(f"notice: {name}") for name in UNDER_REVIEW} | {key("d2"), key("reminder: default stated")}
    assert await inside(query_runner, Entity.ISSUED_NOTICE, Scope.REVIEWING_OPEN, **REVIEWER) == notices
    that_day = await inside(query_runner, Entity.ISSUED_NOTICE, Scope.REVIEWING_OPEN, **REVIEWER, today=YESTERDAY)
    assert {key("d1"), key("d3")} <= that_day
    elsewhere = {**REVIEWER, "actor_department": "D2", "today": YESTERDAY}
    assert not {key("d1"), key("d3")} & await inside(
        query_runner, Entity.ISSUED_NOTICE, Scope.REVIEWING_OPEN, **elsewhere
    )


async def test_an_assignment_of_the_office_ends_with_the_post_and_with_the_answer(query_runner: SqlQueryRunner) -> None:
    """[6.1] [5.1.1] Only the scope of the role office holds what no department answers for."""
    for entity, prefix in ((Entity.OBJECTION, "objection"), (Entity.EVIDENCE_FILE, "objected")):
        office = await inside(query_runner, entity, Scope.ANSWERING, **REVIEWER, actor_department=None)
        assert office == {key(f"{prefix}: at the office")}
        assert key(f"{prefix}: at the office") not in await inside(
            query_runner, entity, Scope.REVIEWING_OPEN, **REVIEWER
        )


async def test_a_paper_is_shown_to_whom_decides_on_it_and_to_whom_relies_on_it(query_runner: SqlQueryRunner) -> None:
    """[5.1.6] A contest that is decided, and a paper that allows no read any more, are read by nobody of the office."""
    to_decide = {name for name, _, waits, _ in PAPERS if waits}
    usable = {name for name, _, _, is_usable in PAPERS if is_usable}
    scans = {name: key(f"scan: {name}") for name, *_ in PAPERS}
    elsewhere = {key("scan: contested elsewhere")}
    files = {
        Scope.CONTESTED_HERE: {scans[one] for one in to_decide},
        Scope.CONTESTED: {scans[one] for one in to_decide} | elsewhere,
        Scope.SUBMITTED: {scans[one] for one in usable},
    }
    for scope, expected in files.items():
        assert await inside(query_runner, Entity.EVIDENCE_FILE, scope) == expected, scope
    subjects = await inside(query_runner, Entity.SUBJECT, Scope.CONTESTED_HERE)
    assert subjects == {key(f"giver: {name}") for name in to_decide}


@pytest.mark.parametrize(("who", "own"), [("head-1", "decided"), ("office-1", "confirmed"), ("head-2", None)])
async def test_a_decision_stays_with_whom_it_is_of(query_runner: SqlQueryRunner, who: str, own: str | None) -> None:
    """[5.1.6] Without the file: of what it decided, an officer sees that it did, and what it found."""
    here = {key(f"paper: {name}") for name, _, waits, _ in PAPERS if waits or name == own}
    seen = await inside(query_runner, Entity.AUTHORISATION, Scope.CONTESTED_HERE, actor_ref=who)
    assert seen == here
    everywhere = await inside(query_runner, Entity.AUTHORISATION, Scope.CONTESTED, actor_ref=who)
    assert everywhere == here | {key("paper: contested elsewhere")}


HANDLER = {"actor_ref": "handler-1"}


@pytest.mark.parametrize(
    ("entity", "prefix"),
    [
        (Entity.RESTRAINT_CASE, "case: "),
        (Entity.CASE_STEP, "step: "),
        (Entity.CASE_STATEMENT, "words: "),
        (Entity.FACTS_VERSION, "version: "),
        (Entity.ISSUED_NOTICE, "notice: "),
        (Entity.EVIDENCE_FILE, "evidence: "),
    ],
)
async def test_what_a_case_says_ends_with_that_case(query_runner: SqlQueryRunner, entity: Entity, prefix: str) -> None:
    """[5.1.5] An objection or an error of it opens it again [5.1.4(6)]; another case of its subject does not."""
    every = {key(f"{prefix}{name}") for name, _, _ in HANDLED}
    seen = await inside(query_runner, entity, Scope.ASSIGNED_OPEN, **HANDLER)
    assert seen & every == {key(f"{prefix}{name}") for name, _, is_open in HANDLED if is_open}


@pytest.mark.parametrize(
    ("entity", "prefix"),
    [(Entity.CREDIT_CHECK, "finding: "), (Entity.ISSUED_NOTICE, "reminder: "), (Entity.EVIDENCE_FILE, "handed in: ")],
)
async def test_what_came_with_an_application_ends_with_it(
    query_runner: SqlQueryRunner, entity: Entity, prefix: str
) -> None:
    """[4.2] [5.1.6]"""
    seen = await inside(query_runner, entity, Scope.FILED_OPEN)
    every = {key(f"{prefix}{name}") for name, _, _ in FILED}
    assert seen & every == {key(f"{prefix}{name}") for name, _, is_open in FILED if is_open}


async def test_who_issued_a_closing_document_has_it_on_that_day(query_runner: SqlQueryRunner) -> None:
    """[A] [5.1.5] A certificate of repair is handed over on the day of its issue."""
    issued_on = {"today": rows.issued_notice("", "", "")[1]["issued_on"], **HANDLER}
    that_day = await inside(query_runner, Entity.ISSUED_NOTICE, Scope.ASSIGNED_OPEN, **issued_on)
    assert key("notice: is repaired") in that_day
    assert key("notice: of another handler") not in that_day


@pytest.mark.parametrize(
    ("entity", "prefix"),
    [
        (Entity.RESTRAINT_CASE, ""),
        (Entity.SUBJECT, ""),
        (Entity.CASE_STEP, "step: "),
        (Entity.FACTS_VERSION, "version: "),
        (Entity.EVIDENCE_FILE, "evidence: "),
    ],
)
async def test_a_head_reads_what_it_has_to_confirm(query_runner: SqlQueryRunner, entity: Entity, prefix: str) -> None:
    """[5.1.4] [5.1.1] Until it has confirmed it."""
    seen = await inside(query_runner, entity, Scope.TO_CONFIRM, actor_ref="head-1")
    assert seen == {key(f"{prefix}{name}") for name, _, waits in TAKEN_OVER if waits}
    assert await inside(query_runner, entity, Scope.TO_CONFIRM, actor_department=None) == set()


@pytest.mark.parametrize(
    ("entity", "prefix"),
    [
        (Entity.APPLICATION, "application: "),
        (Entity.DEFERRAL, "application: "),
        (Entity.COMMITMENT, "application: "),
        (Entity.ISSUED_NOTICE, "reminder: "),
        (Entity.EVIDENCE_FILE, "proof: "),
    ],
)
async def test_a_reviewer_reads_the_application_of_a_breach(
    query_runner: SqlQueryRunner, entity: Entity, prefix: str
) -> None:
    """[5.1.2c] [5.1.2d] [5.1.4(4)] Whether the reminder was served decides the case."""
    seen = await inside(query_runner, entity, Scope.REVIEWING_OPEN, **REVIEWER)
    every = {key(f"{prefix}{name}") for name, _, _ in DEFAULTS}
    assert seen & every == {key(f"{prefix}{name}") for name, _, is_open in DEFAULTS if is_open}
