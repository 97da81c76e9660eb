"""A breach that another topic found becomes a case inside that topic's own unit of work [5.1.3]."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from credit.cases.actions.collect import collect_breach
from credit.cases.breach import Breach
from credit.cases.case import Case
from credit.cases.refusals import BASIC_INFORMATION_MISSING, NOT_REMINDED, NOT_THE_AUTHORITY, NumberTaken
from credit.cases.rules.grounds import DeferredDocuments
from credit.cases.status import Circumstance, CollectionChannel
from credit.core.context import Caller
from credit.core.errors import CreditError, InconsistentFacts, StepNotWellFormed, UnknownCase
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.tables import case_steps, outbox, restraint_cases
from tests.builders import NOW, SCJG, WJJ, World, moment
from tests.refusals import refuses
from tests.world_snapshots import record_world

NAMED = {"number": "临市监〔2026〕11号", "basis": "五（一）2", "handler_ref": "handler-2"}
CLERK, ELSEWHERE = Caller("clerk-1", "clerk", SCJG), Caller("clerk-2", "clerk", WJJ)
REGULATOR = Caller("regulator-1", "regulator")


@pytest.fixture
async def world(database_url: str, database: Database, kek: Path) -> World:
    return await record_world(database_url, Keyring.load(kek, os.urandom))


def default(world: World) -> Breach:
    """Documents that were promised, reminded of, and did not come [5.1.2c]."""
    application = world.application("of person-1")
    return Breach(
        subject_id=application.subject_id, application_id=application.row_id, department_code=SCJG,
        circumstance=Circumstance.DOCUMENTS_NOT_SUPPLIED, channel=CollectionChannel.PLATFORM_QUERY,
        established_on=date(2026, 11, 18), facts_zh="容缺材料经催告仍未提交。", evidence=("催告-1",),
        grounds=DeferredDocuments(date(2026, 11, 9), date(2026, 11, 12)),
    )  # fmt: skip


async def collected(database: Database, world: World, by: Caller, breach: Breach, **given: str) -> Case:
    async with SealingUnitOfWork(database, world.keyring) as work:
        case = await collect_breach(work, moment(world.new_id).acting_as(by), breach, **{**NAMED, **given})
        await work.commit()
        return case


async def count(database: Database, number: str = NAMED["number"]) -> int:
    rows = await database.fetch(select(func.count()).where(restraint_cases.c.number == number))
    return int(rows[0][0])


@pytest.mark.parametrize("by", [CLERK, REGULATOR], ids=["of the department", "of no department"])
async def test_who_found_it_collects_it_for_the_departments_handler(database, world: World, by: Caller):
    """That handler verifies it; nobody is notified before [5.1.4(1)] [5.1.4(2)]."""
    case = await collected(database, world, by, default(world))
    async with SealingUnitOfWork(database, world.keyring) as work:
        again = await work.cases.load(case.subject_id, case.case_id)
    assert again is not None
    assert (again.handler_ref, again.collected.by, again.department_code) == ("handler-2", by.ref, SCJG)
    assert (again.grounds, again.occurred_on) == (default(world).grounds, date(2026, 11, 18))
    assert (again.collected.evidence, again.verified, again.version) == (("催告-1",), None, 1)
    assert by.ref in again.handled_by
    steps = select(case_steps.c.step, case_steps.c.role).where(case_steps.c.case_id == case.case_id)
    assert await database.fetch(steps) == [("COLLECTED", by.role)]
    notified = await database.fetch(select(outbox.c.about))
    assert not any(about.get("case_id") == str(case.case_id) for (about,) in notified)


@pytest.mark.parametrize(
    ("by", "differs", "named", "refusal"),
    [
        (ELSEWHERE, {}, {}, NOT_THE_AUTHORITY),
        (Caller("account-1", "subject"), {}, {}, UnknownCase),
        (Caller("agent-1", "agent"), {}, {}, UnknownCase),
        (REGULATOR, {"department_code": "LZ-NONE"}, {}, UnknownCase),
        (CLERK, {"application_id": None}, {}, BASIC_INFORMATION_MISSING),
        (CLERK, {"grounds": None}, {}, NOT_REMINDED),
        (CLERK, {"circumstance": Circumstance.OTHER}, {}, InconsistentFacts),
        (CLERK, {}, {"number": " "}, StepNotWellFormed),
        (CLERK, {}, {"handler_ref": ""}, StepNotWellFormed),
        (CLERK, {}, {"number": "370305190203020012"}, StepNotWellFormed),
    ],
)
async def test_what_is_no_case_is_refused_by_name_and_leaves_nothing(
    database, world: World, by: Caller, differs: dict[str, object], named: dict[str, str], refusal: type[CreditError]
):
    with refuses(refusal):
        await collected(database, world, by, replace(default(world), **differs), **named)
    assert await count(database) == 0


async def test_one_number_is_one_case_of_a_subject(database, world: World):
    """[5.1.3]"""
    await collected(database, world, CLERK, default(world))
    with pytest.raises(NumberTaken):
        await collected(database, world, CLERK, default(world))
    assert await count(database) == 1


async def test_it_stands_or_falls_with_the_unit_of_work_that_found_it(database, world: World):
    async with SealingUnitOfWork(database, world.keyring) as work:
        await collect_breach(work, moment(world.new_id, NOW).acting_as(CLERK), default(world), **NAMED)
    assert await count(database) == 0
