"""Of several equal requests at once exactly one succeeds, and the others are refused by name; on both databases."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text

from consent import delegation_actions
from consent.authorisations.actions import grant_authorisation, request_authorisation
from consent.delegation import EVERY_GROUP, EVERY_POWER, LONGEST_DAYS, Delegation, DelegationKind, GuardianshipFinding
from consent.delegation_rules import Terms
from consent.templates import catalogue
from consent.vocabulary import Purpose
from credit.applications import actions
from credit.applications.application import Outcome
from credit.cases.actions import procedure
from credit.cases.actions.take_step import StepDetails
from credit.cases.case import Case, Fact
from credit.cases.status import Circumstance, CollectionChannel
from credit.cases.texts import Texts, Whereabouts
from credit.core.context import ActionContext, Caller
from credit.core.late_entries import Means
from credit.core.record_refs import CaseRef
from credit.credit_checks.actions import look, save_check
from credit.incentives.actions import grant_incentive
from credit.joint_measures.source_answer import Finding, Source, SourceAnswer
from credit.promises import commitment_actions, deferral_actions
from credit.promises.deferral_actions import DeferralRequest, HandInDocument
from credit.promises.settle import settle_promises
from credit.subjects.subject import SealedText
from storage.database.database import Database
from storage.repositories.notices.number_registry import CASE, note
from storage.tables import (
    application_steps,
    applications,
    authorisations,
    case_steps,
    consent_events,
    credit_checks,
    delegation_events,
    incentive_grants,
    matters,
    restraint_cases,
    taken_numbers,
)
from storage.unit_of_work import SqlUnitOfWork
from tests.action_context import action_context
from tests.consent.samples import BUREAU, OTHER_BUREAU, OTHER_SUBJECT_ID, SUBJECT_ID
from tests.storage.access_record import pending
from tests.storage.actions.test_case_actions import CASE_ID, DETERMINED, MONDAY, put
from tests.storage.concurrent_writers import Act, race
from tests.storage.reference_fixtures import AREA, SECTOR, count
from tests.storage.window_fixtures import AUTHORISED, CLERK, FILED, MATTER, TERMS, WHICH, checked, open_window
from tests.work_of_adults import WorkOfAdults

pytestmark = pytest.mark.slow

TODAY = date(2026, 3, 9)
HANDLER = Caller("handler-1", "handler", BUREAU)
KEYS = WHICH.subject_id, WHICH.id
PROMISED = DeferralRequest(("场地证明", "验资报告"), date(2026, 3, 20), "承诺-1")


def now() -> ActionContext:
    return action_context(MONDAY, uuid4)


def committed(act: Callable[[SqlUnitOfWork], Awaitable[object]]) -> Act[str]:
    """Carry out *act* in a unit of work of its own, and commit it."""

    async def run(database: Database) -> str:
        async with WorkOfAdults(database) as work:
            await act(work)
            await work.commit()
        return "DONE"

    return run


@pytest.fixture(autouse=True)
async def opened(database):
    await open_window(database)
    await checked(database, at=MONDAY)


def file(subject_id: UUID, number: str) -> Act[str]:
    return committed(
        lambda work: actions.file(
            work, now().acting_as(CLERK), subject_id=subject_id, matter_code=MATTER, number=number
        )
    )


async def test_a_number_is_of_one_application_of_the_department(database, database_url):
    """[4.2]: whoever they are of; and none is lost or given twice."""
    acts = [
        file(subject_id, number)
        for number in ("办-7", "办-8")
        for subject_id in (SUBJECT_ID, OTHER_SUBJECT_ID)
        for _ in range(3)
    ]
    came = await race(database_url, acts)
    assert Counter(came) == {"DONE": 2, "NUMBER_TAKEN": 10}
    rows = await database.fetch(select(applications.c.number).where(applications.c.number.like("办-%")))
    assert sorted(number for (number,) in rows) == ["办-1", "办-7", "办-8"]


async def test_another_department_gives_the_same_number(database):
    """[4.2]: and a number whose application came to nothing is free again."""
    there = TERMS | {"code": "M-2", "department_code": OTHER_BUREAU}
    await database.write((insert(matters), there))
    async with SqlUnitOfWork(database) as work:
        await actions.file(work, now().acting_as(CLERK), subject_id=SUBJECT_ID, matter_code=MATTER, number="办-9")
    await file(SUBJECT_ID, "办-9")(database)
    elsewhere = Caller("clerk-2", "clerk", OTHER_BUREAU)
    await committed(
        lambda work: actions.file(
            work, now().acting_as(elsewhere), subject_id=SUBJECT_ID, matter_code="M-2", number="办-9"
        )
    )(database)
    given = select(taken_numbers.c.department_code).where(taken_numbers.c.number == "办-9")
    assert {code for (code,) in await database.fetch(given)} == {BUREAU, OTHER_BUREAU}


def collect(subject_id: UUID, number: str) -> Act[str]:
    case = Case(
        subject_id, uuid4(), number, BUREAU, Circumstance.OTHER, CollectionChannel.FACT_FINDING, "五（一）2",
        "handler-1", Fact(TODAY, "handler-1", at=MONDAY),
    )  # fmt: skip
    return committed(
        lambda work: work.cases.open(case, Whereabouts(SECTOR, AREA), Texts(SealedText(b"sealed", "*")), MONDAY)
    )


async def test_a_number_is_one_case_of_the_department(database, database_url):
    """[5.1.3]"""
    acts = [collect(subject_id, "案-7") for subject_id in (SUBJECT_ID, OTHER_SUBJECT_ID) for _ in range(4)]
    assert Counter(await race(database_url, acts)) == {"DONE": 1, "NUMBER_TAKEN": 7}
    assert await count(database, restraint_cases) == 1


async def test_what_was_imported_keeps_its_number_and_nobody_else_gets_it(database, database_url):
    """[6.2]: two imports of the same numbers at once do not wait in a ring, either."""
    numbers = [(BUREAU, f"案-{place}") for place in range(50)]

    def import_of(turn: int) -> Act[str]:
        ordered = numbers[::-1] if turn % 2 else numbers
        return committed(lambda work: note(work.session, CASE, ordered))

    assert set(await race(database_url, [import_of(turn) for turn in range(4)])) == {"DONE"}
    assert await race(database_url, [collect(SUBJECT_ID, "案-7")]) == ["NUMBER_TAKEN"]
    assert await count(database, taken_numbers) == 51  # and the application's


def grant(work: SqlUnitOfWork) -> Awaitable[object]:
    return grant_incentive(work, now().acting_as(CLERK), WHICH, "GREEN_CHANNEL", helper_ref="helper-1")


def publish(work: SqlUnitOfWork) -> Awaitable[object]:
    return procedure.publish(work, now().acting_as(HANDLER), CaseRef(SUBJECT_ID, CASE_ID))


@pytest.mark.sampled
@pytest.mark.parametrize("turn", range(4))
async def test_a_publication_comes_before_a_grant_or_after_it(database, database_url, turn):
    """[5.2.1]: never in the middle, so that nobody is granted what the list already forbids."""
    await put(database, **DETERMINED)
    acts = [committed(grant), committed(publish)]
    came = await race(database_url, acts[::-1] if turn % 2 else acts)
    granted, published = came[::-1] if turn % 2 else came
    assert published == "DONE"
    assert granted in {"DONE", "RESTRAINED"}
    assert await count(database, incentive_grants) == (1 if granted == "DONE" else 0)
    if granted == "DONE":
        assert await place_of(database, application_steps, "GRANTED") < await place_of(
            database, case_steps, "PUBLISHED"
        )
    again = await race(database_url, [committed(grant)])
    assert again == ["RESTRAINED"]


async def place_of(database, table, step: str) -> int:
    """Give the place of a step's entry: the order in which they were written."""
    ((step_id,),) = await database.fetch(select(table.c.step_id).where(table.c.step == step))
    return [source for _, source, _ in await pending(database)].index(step_id)


async def test_an_incentive_is_granted_once(database, database_url):
    """[4.2]"""
    assert Counter(await race(database_url, [committed(grant)] * 6)) == {"DONE": 1, "ALREADY_GRANTED": 5}
    assert await count(database, incentive_grants) == 1


async def check(database: Database) -> str:
    """Check in the two transactions of the mutation, with the city's answer between them."""
    async with SqlUnitOfWork(database) as work:
        looked = await look(work, now().acting_as(CLERK), WHICH)
        if looked is None:
            return "ORDINARY_CHANNEL"
        await work.commit()
    async with SqlUnitOfWork(database) as work:
        await save_check(
            work, now().acting_as(CLERK), WHICH, looked, SourceAnswer(Source.JOINT_MEASURES, Finding.CLEAN)
        )
        await work.commit()
    return "DONE"


async def test_ten_checks_share_the_uses_that_are_left(database, database_url):
    """[4.1] [5.1.6]: three were given; one of them was made before."""
    assert Counter(await race(database_url, [check] * 10)) == {"DONE": 2, "ORDINARY_CHANNEL": 8}
    assert await database.fetch(select(authorisations.c.uses_made)) == [(3,)]
    assert await count(database, credit_checks) == 3


def defer(work: SqlUnitOfWork) -> Awaitable[object]:
    return deferral_actions.defer(work, now().acting_as(CLERK), WHICH, PROMISED)


def hand_in(document: str) -> Act[str]:
    return committed(
        lambda work: deferral_actions.hand_in(
            work, now().acting_as(CLERK), HandInDocument(WHICH, document, "收件-1", None)
        )
    )


async def test_a_document_is_handed_in_once(database, database_url):
    """[4.2.2]: another one at the same time is not lost."""
    assert Counter(await race(database_url, [committed(defer)] * 3)) == {"DONE": 1, "ALREADY_GRANTED": 2}
    acts = [hand_in("场地证明")] * 4 + [hand_in("验资报告")] * 4
    assert Counter(await race(database_url, acts)) == {"DONE": 2, "DOCUMENT_NOT_MISSING": 6}
    async with SqlUnitOfWork(database) as work:
        deferral = await work.deferrals.load(*KEYS)
    assert deferral is not None
    assert deferral.still_missing(TODAY) == ()


async def test_a_commitment_is_made_once_and_the_application_ends_once(database, database_url):
    """[4.2.3]: the second one is refused by the existing record."""
    commit = committed(lambda work: commitment_actions.commit(work, now().acting_as(CLERK), WHICH, "承诺-1"))
    assert Counter(await race(database_url, [commit] * 4)) == {"DONE": 1, "ALREADY_GRANTED": 3}
    approve = committed(
        lambda work: actions.decide(work, now().acting_as(CLERK), WHICH, Outcome.APPROVED, settle_promises)
    )
    paper = StepDetails(None, ("撤回-1",))
    withdraw = committed(
        lambda work: actions.withdraw(work, now().acting_as(CLERK), WHICH, settle_promises, paper, Means.PAPER)
    )
    came = await race(database_url, [approve, withdraw] * 3)
    assert Counter(came) == {"DONE": 1, "APPLICATION_OVER": 5}
    async with SqlUnitOfWork(database) as work:
        kept_as = await work.commitments.load(*KEYS)
    assert kept_as is not None
    assert (kept_as.completed_on is None) is (kept_as.ended_on is not None)


async def test_a_subject_is_asked_once(database, database_url):
    """[5.1.6]: of two clerks at once as of one after the other; for an application that is new, anew."""

    def ask(application_id: UUID) -> Act[str]:
        return committed(
            lambda work: request_authorisation(
                work, now().acting_as(CLERK), catalogue(), subject_id=SUBJECT_ID, purpose=Purpose.CREDIT_CHECK,
                application_id=application_id,
            )
        )  # fmt: skip

    assert Counter(await race(database_url, [ask(WHICH.id)] * 5)) == {"DONE": 1, "ASKED_BEFORE": 4}
    later = FILED.filed_at + timedelta(days=30)
    anew = replace(FILED, application_id=uuid4(), number="办-50", filed_at=later)
    await committed(lambda work: work.applications.add(anew))(database)
    assert await race(database_url, [ask(anew.application_id)]) == ["DONE"]
    assert await race(database_url, [ask(uuid4())]) == ["ASKED_BEFORE"]


GUARDIAN = Delegation(
    SUBJECT_ID, uuid4(), DelegationKind.GUARDIAN, "mother", EVERY_GROUP, EVERY_POWER, "判决-1", MONDAY, TODAY,
    TODAY + timedelta(days=100), CLERK.ref, CLERK.role, BUREAU,
)  # fmt: skip
WARD = Caller("account-1", "subject", None, SUBJECT_ID)


def contest(work: SqlUnitOfWork) -> Awaitable[object]:
    which = {"subject_id": SUBJECT_ID, "delegation_id": GUARDIAN.delegation_id}
    return delegation_actions.contest_guardianship(work, now().acting_as(WARD), **which)


def record_guardian(by: Caller = CLERK) -> Callable[[SqlUnitOfWork], Awaitable[object]]:
    terms = Terms(
        SUBJECT_ID, DelegationKind.GUARDIAN, "father", EVERY_GROUP, EVERY_POWER, ("判决-2",), GUARDIAN.expires_on
    )
    return lambda work: delegation_actions.record_delegation(work, now().acting_as(by), LONGEST_DAYS, terms)


@pytest.fixture
async def entries_as_they_came(database):
    """Empty the heap of what waits: PostgreSQL would put new entries where deleted ones lay."""
    if database.dialect.name == "postgresql":
        await database.write((text("TRUNCATE pending_entries"), None))


async def what_happened(database) -> list[str]:
    """Give the events of authorisations and delegations in the order of their entries."""
    found: dict[UUID, str] = {}
    for table in (consent_events, delegation_events):
        found |= {row[0]: row[1] for row in await database.fetch(select(table.c.event_id, table.c.event))}
    return [found[source] for _, source, _ in await pending(database) if source in found]


@pytest.mark.sampled
@pytest.mark.parametrize("turn", range(4))
@pytest.mark.usefixtures("entries_as_they_came")
async def test_no_guardian_is_recorded_in_the_middle_of_a_contest(database, database_url, turn):
    """[5.1.6]: before it, or not at all."""
    await committed(lambda work: work.delegations.save(GUARDIAN, 0))(database)
    acts = [committed(contest), committed(record_guardian())]
    came = await race(database_url, acts[::-1] if turn % 2 else acts)
    contested, recorded = came[::-1] if turn % 2 else came
    assert contested == "DONE"
    expected = {"DONE": ["RECORDED", "CONTESTED"], "GUARDIANSHIP_IN_DISPUTE": ["CONTESTED"]}
    assert await what_happened(database) == expected[recorded]
    assert await race(database_url, [committed(record_guardian())]) == ["GUARDIANSHIP_IN_DISPUTE"]


@pytest.mark.sampled
@pytest.mark.parametrize("turn", range(2))
async def test_who_recorded_what_never_held_records_no_other_at_the_same_time(database, database_url, turn):
    """[5.1.6]"""
    contested = replace(GUARDIAN, contested_at=MONDAY, contested_by="account-1")
    await committed(lambda work: work.delegations.save(contested, 0))(database)
    head = Caller("head-1", "head", BUREAU)
    never_held = committed(
        lambda work: delegation_actions.decide_guardianship(
            work, now().acting_as(head), subject_id=SUBJECT_ID, delegation_id=GUARDIAN.delegation_id,
            finding=GuardianshipFinding.NEVER_HELD, evidence=("判决-3",),
        )
    )  # fmt: skip
    acts = [never_held, committed(record_guardian()), committed(record_guardian())]
    came = Counter(await race(database_url, acts[::-1] if turn else acts))
    assert came["DONE"] == 1
    assert set(came) <= {"DONE", "GUARDIANSHIP_IN_DISPUTE", "ANOTHER_PERSON_RECORDS"}
    assert await race(database_url, [committed(record_guardian())]) == ["ANOTHER_PERSON_RECORDS"]


@pytest.mark.sampled
@pytest.mark.parametrize("turn", range(4))
@pytest.mark.usefixtures("entries_as_they_came")
async def test_a_ward_grants_nothing_while_its_guardian_is_recorded(database, database_url, turn):
    """[5.1.6] [Civil Code 22]: what it gave just before has ended, and what comes after is refused."""
    asked = uuid4()
    request = AUTHORISED | {"authorisation_id": asked, "granted_at": None, "granted_by": None, "uses_made": 0}
    await database.write((insert(authorisations), request))
    grant_it = committed(
        lambda work: grant_authorisation(
            work, now().acting_as(WARD), catalogue(), subject_id=SUBJECT_ID, authorisation_id=asked
        )
    )
    acts = [grant_it, committed(record_guardian())]
    came = await race(database_url, acts[::-1] if turn % 2 else acts)
    granted, recorded = came[::-1] if turn % 2 else came
    assert recorded == "DONE"
    expected = {"DONE": ["GRANTED", "RECORDED", "WITHDRAWN"], "GUARDIAN_REQUIRED": ["RECORDED"]}
    assert await what_happened(database) == expected[granted]
