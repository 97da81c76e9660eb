"""Cases that a test adds to the world, or ends, so that the ledger says the same of them as their rows."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from credit.cases.case import Fact, RemovalCause
from credit.cases.steps import StepName
from credit.core.context import Caller
from credit.core.recorded_step import recorded_step
from storage.database.database import Database
from storage.tables import restraint_cases
from storage.unit_of_work import SqlUnitOfWork
from tests.builders.district import NOW, SCJG, TODAY, moment
from tests.builders.handles import Case, Party, World
from tests.builders.subjects import case_row
from tests.builders.taken_over import PROVENANCE, take_over_in

HEAD = Caller("head-1", "head", SCJG)


async def put_case(database: Database, world: World, party: Party, number: str, **facts: Any) -> Case:
    """Put a case of *party* on record as it stands; it is in force unless *facts* say otherwise."""
    case, row = case_row(world.keyring, world.new_id, party, number, **facts)
    async with SqlUnitOfWork(database, PROVENANCE) as work:
        await work.cases.add([row])
        await take_over_in(work.session, database, restraint_cases)
        await work.commit()
    return case


async def remove_restraints(database: Database, world: World) -> None:
    """Remove every case of the world that is not removed yet, with its step: it was wrong [5.1.4(6)]."""
    row = restraint_cases.c
    async with SqlUnitOfWork(database, PROVENANCE) as work:
        for key in await work.session.fetch(select(row.subject_id, row.case_id).where(row.removed_on.is_(None))):
            case = await work.cases.load(*key)
            assert case is not None
            step = recorded_step(
                moment(world.new_id).acting_as(HEAD), StepName.REMOVED, subject_id=case.subject_id, about=case.case_id,
                on=TODAY, department_code=case.department_code, facts={"cause": RemovalCause.WRONG},
            )  # fmt: skip
            removed = replace(case, removed=Fact(TODAY, HEAD.ref, SCJG, at=NOW), removal=RemovalCause.WRONG)
            await work.cases.save(removed, case.version, NOW)
            await work.cases.append(step)
        await work.commit()
