"""What a record says ends with the reason to read it: which rows each scope holds then, read off the clauses by hand.

`tests/schema/test_which_content.py` asks the same as the users do; `test_scopes` and `test_open_scopes` have the rest.
"""

from dataclasses import replace
from typing import Any

import pytest

from queryplan.entities import Entity
from queryplan.plan import Column, Order, SelectPlan
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.queries.entity_map import SHAPES
from storage.queries.query_runner import SqlQueryRunner
from tests.storage import rows
from tests.storage.queries.scopes.content_of_cases import (
    DEFAULTS,
    HANDLED,
    OBJECTIONS,
    REVIEWS,
    TAKEN_OVER,
    YESTERDAY,
    default,
    handled,
    objection,
    taken_over,
)
from tests.storage.queries.scopes.content_of_requests import (
    CHECKS,
    CONTESTED,
    DELAYED,
    ELSEWHERE,
    FILED,
    PAPERS,
    check,
    checked,
    filed,
    paper,
)
from tests.storage.rows import found, key, put, read


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
