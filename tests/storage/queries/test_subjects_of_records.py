"""The scope of a record reaches no subject that the scope of SUBJECT for which it stands does not [5.1.6].

Some dozens of subjects with random records, each of one of two departments, open or closed.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from credit.calendar.calendar import shipped
from queryplan.entities import Entity
from queryplan.plan import Column, SelectPlan
from queryplan.scopes import Scope
from schema.execution.planning.due_day_binds import due_binds
from storage import tables
from storage.database.database import Database
from storage.queries.query_runner import SqlQueryRunner
from tests.architecture.sources.subject_scopes import STANDS_FOR
from tests.storage import rows
from tests.storage.rows import EARLIER, TODAY, Row, found, key, put

SUBJECTS = 150
YESTERDAY = TODAY - timedelta(days=1)
ACTORS: list[dict[str, Any]] = [
    {"actor_ref": "handler-1", "actor_department": "D1", "actor_subject": key("subject 1")},
    {"actor_ref": "handler-2", "actor_department": "D2", "actor_subject": key("subject 2")},
    {"actor_ref": "reviewer-1", "actor_department": "D1", "actor_subject": key("subject 3")},
    {"actor_ref": "agent-1", "actor_department": "D2", "actor_subject": key("subject 4")},
]
SUBJECTS_OWN = {scope for scope in Scope if scope.startswith(("own", "delegated"))}
DONE: tuple[dict[str, Any], ...] = ({}, {"done_on": YESTERDAY, "completed_on": YESTERDAY})
WITHOUT_ROWS = {
    # What this world has none of, or what has its own tests: entries, delays, registrations, consultations.
    Entity.ACCESS_ENTRY, Entity.ENTRY_DELAY, Entity.CONSULTATION_LINE, Entity.INCENTIVE_GRANT, Entity.CREDIT_CHECK,
}  # fmt: skip


def world(chance: random.Random) -> Iterator[Row]:
    for at in range(SUBJECTS):
        yield from everything_of(chance, f"subject {at}")


def everything_of(chance: random.Random, of: str) -> Iterator[Row]:
    yield rows.subject(of)
    office = chance.choice(("D1", "D2"))
    if chance.random() < 0.3:
        yield rows.registration(f"{of}: registration", of, department_code=office)
    if chance.random() < 0.5:
        office = chance.choice(("D1", "D2"))
        yield rows.delegation(
            f"{of}: delegation", of, department_code=office, groups=chance.randrange(32),
            expires_on=chance.choice((YESTERDAY, date(2026, 12, 31))), contested_at=chance.choice((None, EARLIER)),
        )  # fmt: skip
        yield from rows.file(f"{of}: delegation: file", of, "DELEGATION", f"{of}: delegation")
        yield told(of, office, delegation_id=key(f"{of}: delegation"))
    filed = [f"{of}: application {serial}" for serial in range(chance.randrange(3))]
    for name in filed:
        yield from application(chance, of, name)
    for serial in range(chance.randrange(3)):
        breach = {"application_id": key(chance.choice(filed))} if filed and chance.random() < 0.5 else {}
        yield from case(chance, of, f"{of}: case {serial}", **breach)
    if chance.random() < 0.5:
        office, name = chance.choice(("D1", "D2")), f"{of}: authorisation"
        contested = chance.choice(({}, {"contested_at": EARLIER}))
        yield rows.authorisation(name, of, recipient_code=office, paper_evidence="paper", **contested)
        yield rows.deletion_duty(name, of, recipient_code=office)
        yield told(of, office, authorisation_id=key(name))
        yield from rows.file(f"{name}: file", of, "AUTHORISATION", name)
    if chance.random() < 0.3:
        office, name = chance.choice(("D1", "D2")), f"{of}: contested entry"
        yield from objection(
            chance, of, name, office, case="", record="ACCESS_ENTRY", record_id=key(name), case_id=None
        )
    if chance.random() < 0.8:
        name, here = f"{of}: check", {"sector_code": chance.choice(("S1", "S2")), "area_code": "370305001"}
        yield rows.filled(tables.focused_checks, name, of, check_id=key(name), checked_on=YESTERDAY, **here)
        yield from rows.file(f"{name}: file", of, "FOCUSED_CHECK", name, uploaded_as="regulator")
    if chance.random() < 0.2:
        office, done = chance.choice(("D1", "D2")), chance.choice(DONE)
        yield rows.correction(
            f"{of}: correction of the name", of, case="", case_id=None, department_code=office, **done
        )
        yield from rows.file(f"{of}: paper of the name", of, "CORRECTION", f"{of}: correction of the name")


def application(chance: random.Random, of: str, name: str) -> Iterator[Row]:
    office, secret = chance.choice(("D1", "D2")), chance.random() < 0.1
    ended = chance.choice(({}, {"decided_at": EARLIER, "outcome": "APPROVED"}))
    yield rows.application(name, of, department_code=office, confidential=secret, **ended)
    yield told(of, office, application_id=key(name))
    yield from rows.file(f"{name}: file", of, "APPLICATION", name)
    filed = {"application_id": key(name), "department_code": office}
    if chance.random() < 0.5:
        owed = {"supplied_on": chance.choice((None, YESTERDAY)), "due_on": YESTERDAY, "committed_on": EARLIER.date()}
        yield rows.filled(tables.deferrals, name, of, **filed, **owed)
    if chance.random() < 0.5:
        verified = chance.choice(({"outcome": None}, {"outcome": "NOT_MET", "verified_on": YESTERDAY}))
        given = {"committed_on": EARLIER.date(), "completed_on": YESTERDAY, "limit_days": 2, "verify_days": 2}
        yield rows.filled(tables.commitments, name, of, **filed, **given, **verified)


def case(chance: random.Random, of: str, name: str, **breach: Any) -> Iterator[Row]:
    office = chance.choice(("D1", "D2"))
    state = chance.choice((
        {}, {"removed_on": YESTERDAY}, {"ends_on": YESTERDAY, "rectified_on": YESTERDAY},
        {"determined_on": None, "published_on": None, "ends_on": None},
        {"determined_on": None, "published_on": None, "ends_on": None, "taken_over_on": YESTERDAY},
        {"determined_on": None, "published_on": None, "ends_on": None, "dropped_on": YESTERDAY},
        {"determined_on": None, "published_on": None, "ends_on": None, "verified_at": EARLIER,
         "noticed_on": EARLIER.date(), "served_on": EARLIER.date(), "stated_on": EARLIER.date()},
    ))  # fmt: skip
    yield rows.restraint(
        name, of, department_code=office, handler_ref=chance.choice(("handler-1", "handler-2")),
        reviewer_ref=chance.choice((None, "reviewer-1")), confidential=chance.random() < 0.1, **state,
        **breach,
    )  # fmt: skip
    yield told(of, office, case_id=key(name))
    yield from rows.file(f"{name}: file", of, "RESTRAINT_CASE", name, uploaded_as=chance.choice(("handler", "subject")))
    if chance.random() < 0.3:
        done = chance.choice(DONE)
        yield rows.correction(f"{name}: correction", of, case=name, department_code=office, **done)
    if chance.random() < 0.3:
        yield from objection(chance, of, f"{name}: objection", office, case=name)


def objection(chance: random.Random, of: str, name: str, office: str, case: str, **values: Any) -> Iterator[Row]:
    assigned, answered = chance.choice((None, "reviewer-1")), chance.choice((None, YESTERDAY))
    given = {"department_code": office, "assigned_ref": assigned, "answered_on": answered} | values
    yield rows.objection(name, of, case=case, **given)
    yield told(of, office, objection_id=key(name), case_id=given.get("case_id", key(case)))
    yield from rows.file(f"{name}: file", of, "OBJECTION", name, uploaded_as="subject")


def told(of: str, office: str, **about: Any) -> Row:
    """Give a notification to the department, and in half of the cases one to the subject instead."""
    name = f"{of} told of {sorted(about.items(), key=str)}"
    audience = "SUBJECT" if key(name).int % 2 else "DEPARTMENT"
    plain = {"notification_id": key(name), "audience": audience, "topic": "CASE_NOTICED", "department_code": office}
    return rows.filled(tables.notifications, name, of, **plain, **about)


@pytest.fixture(scope="module")
async def database(shared_database: Database) -> Database:
    await put(shared_database, *world(random.Random(20260302)))  # noqa: S311 - the same records in every run
    return shared_database


@pytest.fixture(scope="module")
def shown(database: Database) -> dict[Any, set[Any]]:
    """Give the subjects that the scopes of SUBJECT show on that database, by scopes and actor, as far as asked for."""
    return {}


async def subjects(database: Database, entity: Entity, scopes: tuple[Scope, ...], **actor: Any) -> set[Any]:
    statement = SelectPlan(entity, (Column("", "subject_id"),), scopes=scopes)
    return set(await found(SqlQueryRunner(database), statement, **due_binds(shipped(), TODAY), **actor))


@pytest.mark.sampled
@pytest.mark.parametrize("entity", sorted({entity for entity, _ in STANDS_FOR}))
async def test_a_record_shows_subjects_of_the_scope_that_it_stands_for(
    database: Database, shown: dict[Any, set[Any]], entity: Entity
) -> None:
    for scope, stands_for in ((scope, wider) for (of, scope), wider in STANDS_FOR.items() if of is entity):
        reached = set()
        for actor in ACTORS:
            of_records = await subjects(database, entity, (scope,), **actor)
            asked = (stands_for, actor["actor_ref"])
            if asked not in shown:
                shown[asked] = await subjects(database, Entity.SUBJECT, stands_for, **actor)
            assert not of_records - shown[asked], (scope, actor)
            reached |= of_records
        assert reached or entity in WITHOUT_ROWS or scope in SUBJECTS_OWN, f"no record in {scope} to compare"
