"""[5.1.4(4)] [5.1.6] An act of the operator counts as the act of its account wherever a rule asks who acted."""

from pathlib import Path

from sqlalchemy import select

from credit.core.operator_acts import operator_for
from credit.objections.objection import RecordKind
from gateway.services import Services
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.actors import Actor, Role
from storage import tables
from tests.gateway.import_export.synthetic_cases import HANDLER, NOW, case, put, sheet, take

BY_OPERATOR = Actor(operator_for(HANDLER.ref), Role.HANDLER, HANDLER.department)


async def test_the_account_cannot_decide_on_what_was_done_on_its_behalf(services: Services, tmp_path: Path) -> None:
    await take(services, put(tmp_path, sheet(case(1))), BY_OPERATOR)
    await take(services, put(tmp_path, sheet(case(1, 失信事实="另一事实")), "changed.csv"), BY_OPERATOR)
    async with services.database.snapshot() as session:
        ((subject_id, case_id),) = await session.fetch(
            select(tables.restraint_cases.c.subject_id, tables.restraint_cases.c.case_id)
        )
        ((entry_id,), *_) = await session.fetch(select(tables.disclosures.c.disclosure_id))
    today = services.runtime.today(NOW)
    async with SealingUnitOfWork(services.database, services.keyring) as work:
        found = await work.cases.load(subject_id, case_id)
        assert found is not None
        assert (found.handler_ref, found.handled_by) == (HANDLER.ref, {HANDLER.ref})
        for kind, record in ((RecordKind.SUBJECT, subject_id), (RecordKind.ACCESS_ENTRY, entry_id)):
            contested = await work.objections.contested(subject_id, kind, record, today)
            assert contested is not None, kind
            assert contested.handled_by == {HANDLER.ref}, kind
