"""A filter by a status finds the records that have it by the pure rule, each in one status [4.2] [5.1.4] [5.1.6].

Some hundreds of random records, most of them impossible: the two have to agree on those as well. No fact of a record
lies in the future.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from consent.authorisation import Status, status_of
from credit.applications.application import ApplicationStatus
from credit.applications.application import status as status_of_application
from credit.calendar.calendar import shipped
from credit.cases.status import CaseDates, CaseStatus, UnrectifiedPolicy
from credit.promises.commitment import Commitment, CommitmentState, Verification, VerificationOutcome, state
from queryplan.entities import Entity
from queryplan.plan import Column, Filter, QueryPlan, SelectPlan
from queryplan.scopes import Scope
from schema.cases.types import STEPS
from storage import tables
from storage.errors import UnknownColumn
from storage.queries.entity_map import SHAPES
from storage.queries.query_runner import SqlQueryRunner
from tests.builders import NOW, TODAY
from tests.storage.queries.test_work_items import DAYS, facts, histories
from tests.storage.rows import application, authorisation, key, put, read, restraint, subject, subject_key

CALENDAR = shipped()
Row = Mapping[str, Any]


def listed(entity: Entity, name: str, states: Sequence[str]) -> SelectPlan:
    key_of = entity.spec.keys[-1]
    return SelectPlan(
        entity, (Column("", key_of),), scopes=(Scope.ALL,), filters=(Filter("", name, "is", "", tuple(states)),)
    )


async def by_state(
    runner: SqlQueryRunner, entity: Entity, name: str, states: Sequence[str], today: date
) -> dict[object, list[str]]:
    """Give by the key of each row the states that a filter finds it in."""
    found: dict[object, list[str]] = {}
    for each in states:
        for (row,) in (await read(runner, listed(entity, name, [each]), today=today)).rows[0]:
            found.setdefault(row, []).append(each)
    return found


@pytest.fixture(scope="module")
def made() -> Mapping[Entity, list[tuple[Any, dict[str, Any]]]]:
    chance = random.Random(20261130)  # noqa: S311 - the same records in every run
    return {entity: [make(chance, at) for at in range(150)] for entity, make in MAKE.items()}


@pytest.fixture(scope="module")
async def cases(shared_database: Any, made: Any) -> list[dict[str, Any]]:
    """Give the cases of a subject, which has the other records too."""
    found = [restraint(name, "one", **values | {"confidential": False})[1] for name, values in histories(400)]
    rows = [(tables.restraint_cases, values) for values in found]
    await put(
        shared_database, subject("one"), subject_key("one"), *rows, *(row for rows in made.values() for row in rows)
    )
    blank = {column.name: None for column in tables.restraint_cases.c}
    return [blank | dict(values) for values in found]


@pytest.mark.sampled
@pytest.mark.parametrize("unrectified", list(UnrectifiedPolicy))
@pytest.mark.parametrize("today", [*DAYS, date(2027, 9, 1)], ids=str)
async def test_a_case_is_found_by_its_status(
    shared_database: Any, cases: list[dict[str, Any]], today: date, unrectified: UnrectifiedPolicy
) -> None:
    by_now = [case for case in cases if all(fact <= today for fact in facts(case))]
    expected = {
        case["case_id"]: [CaseDates(**{name: case[name] for name in STEPS}).status(today, unrectified).value]
        for case in by_now
    }
    runner = SqlQueryRunner(shared_database, unrectified)
    found = await by_state(runner, Entity.RESTRAINT_CASE, "status", list(CaseStatus), today)
    assert {one: states for one, states in found.items() if one in expected} == expected


async def test_every_status_of_a_case_is_among_them(shared_database: Any, cases: list[dict[str, Any]]) -> None:
    """Else these histories would be no test of the statuses."""
    assert cases
    seen: set[str] = set()
    for today in (*DAYS, date(2027, 9, 1)):
        found = await by_state(
            SqlQueryRunner(shared_database), Entity.RESTRAINT_CASE, "status", list(CaseStatus), today
        )
        seen |= {one for states in found.values() for one in states}
    assert seen == set(CaseStatus)


@pytest.mark.parametrize("states", [["NOTICED", "SERVED"], ["COLLECTED", "PUBLISHED"], ["FILED", "ACCEPTED"]], ids=str)
async def test_several_statuses_find_what_each_of_them_finds(
    shared_database: Any, cases: list[dict[str, Any]], states: list[str]
) -> None:
    assert cases
    entity = Entity.APPLICATION if "FILED" in states else Entity.RESTRAINT_CASE
    runner, today = SqlQueryRunner(shared_database), DAYS[2]
    each = await by_state(runner, entity, "status", states, today)
    together = (await read(runner, listed(entity, "status", states), today=today)).rows[0]
    assert {row for (row,) in together} == set(each)


def some(chance: random.Random, *, likely: float = 0.4) -> datetime | None:
    return NOW - timedelta(days=chance.randrange(60)) if chance.random() < likely else None


def application_row(chance: random.Random, at: int) -> tuple[Any, dict[str, Any]]:
    decided = some(chance)
    outcome = chance.choice(("APPROVED", "REFUSED", "WITHDRAWN")) if decided else None
    table, row = application(f"application {at}", "one")
    return table, dict(row) | {"accepted_at": some(chance), "decided_at": decided, "outcome": outcome}


def authorisation_row(chance: random.Random, at: int) -> tuple[Any, dict[str, Any]]:
    table, row = authorisation(f"authorisation {at}", "one")
    granted = some(chance, likely=0.7)
    names = ("withdrawn_at", "contested_at", "held_at", "confirmed_at")
    ends = TODAY + timedelta(days=chance.randrange(-20, 60))
    more = {name: some(chance, likely=0.2) for name in names}
    uses = {"uses_allowed": 2, "uses_made": chance.randrange(3)}
    refused = None if granted else some(chance)
    return table, dict(row) | {"granted_at": granted, "refused_at": refused, "expires_on": ends} | more | uses


def commitment_row(chance: random.Random, at: int) -> tuple[Any, dict[str, Any]]:
    made = TODAY - timedelta(days=chance.randrange(60))
    later = [made + timedelta(days=chance.randrange(20)) for _ in range(2)]
    days = sorted(min(day, TODAY) for day in later)
    completed = days[0] if chance.random() < 0.6 else None
    verified = days[1] if completed and chance.random() < 0.4 else None
    row = {
        "subject_id": key("one"), "application_id": key(f"application {at}"), "department_code": "D1",
        "document": "M1", "commitment_ref": "c-1", "committed_on": made, "limit_days": 5, "verify_days": 10,
        "completed_on": completed, "verified_on": verified, "verified_by": "clerk-1" if verified else None,
        "outcome": chance.choice(("MET", "NOT_MET")) if verified else None,
        "ended_on": days[0] if completed is None and chance.random() < 0.3 else None,
    }  # fmt: skip
    return tables.commitments, row


MAKE: Mapping[Entity, Callable[[random.Random, int], tuple[Any, dict[str, Any]]]] = {
    Entity.APPLICATION: application_row,
    Entity.AUTHORISATION: authorisation_row,
    Entity.COMMITMENT: commitment_row,
}
COLUMNS = ("granted_at", "refused_at", "withdrawn_at", "contested_at", "held_at", "confirmed_at", "expires_on",
           "uses_allowed", "uses_made")  # fmt: skip


def of_application(row: Row) -> str:
    return status_of_application(
        accepted_at=row["accepted_at"], decided_at=row["decided_at"], outcome=row["outcome"]
    ).value


def of_authorisation(row: Row) -> str:
    return status_of(*(row[name] for name in COLUMNS), TODAY).value


def without_refusals(row: Row) -> str:
    """[5.1.6] To all but the subject a refused request was asked for and not granted."""
    return of_authorisation({**row, "refused_at": None})


def of_commitment(row: Row) -> str:
    names = ("subject_id", "application_id", "department_code", "document", "commitment_ref", "committed_on",
             "limit_days", "verify_days", "completed_on", "ended_on")  # fmt: skip
    found = None
    if row["verified_on"] is not None:
        found = Verification(row["verified_on"], row["verified_by"], VerificationOutcome(row["outcome"]))
    return state(Commitment(**{name: row[name] for name in names}, verification=found), TODAY, CALENDAR).value


@pytest.mark.parametrize(
    ("entity", "name", "states", "rule"),
    [
        (Entity.APPLICATION, "status", list(ApplicationStatus), of_application),
        (Entity.AUTHORISATION, "status", list(Status), of_authorisation),
        (Entity.AUTHORISATION, "status_without_refusals", list(Status), without_refusals),
        (Entity.COMMITMENT, "state", list(CommitmentState), of_commitment),
    ],
)
async def test_a_record_is_found_by_its_state(
    shared_database: Any,
    cases: list[dict[str, Any]],
    made: Any,
    entity: Entity,
    name: str,
    states: Sequence[Any],
    rule: Callable[[Row], str],
) -> None:
    assert cases
    expected = {row[entity.spec.keys[-1]]: [rule(row)] for _, row in made[entity]}
    assert await by_state(SqlQueryRunner(shared_database), entity, name, states, TODAY) == expected
    shown = {one for (one,) in expected.values()}
    hidden = {Status.REFUSED} if rule is without_refusals else set()
    assert shown == set(states) - hidden, "a state that no record has is not tested"


def test_every_state_has_a_condition_of_its_own() -> None:
    kinds: Mapping[Entity, Any] = {
        Entity.RESTRAINT_CASE: CaseStatus,
        Entity.APPLICATION: ApplicationStatus,
        Entity.COMMITMENT: CommitmentState,
        Entity.AUTHORISATION: Status,
    }
    with_states = {entity: shape.states for entity, shape in SHAPES.items() if shape.states}
    assert with_states.keys() == kinds.keys()
    for entity, named in with_states.items():
        assert all(rules.keys() == {one.value for one in kinds[entity]} for rules in named.values())


def test_a_record_without_states_has_none_to_ask_for(shared_database: Any) -> None:
    with pytest.raises(UnknownColumn):
        SqlQueryRunner(shared_database).prepare(QueryPlan((listed(Entity.DELEGATION, "status", ["LIVE"]),)))
