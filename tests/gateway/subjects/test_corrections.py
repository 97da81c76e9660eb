"""Corrections, removals and objections over the real stores and keys, on both databases [5.1.4(6)]."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from credit.calendar.calendar import shipped
from credit.cases.actions import procedure
from credit.cases.actions.take_step import StepDetails
from credit.cases.case import RemovalCause
from credit.cases.refusals import (
    ALREADY_TAKEN,
    EVIDENCE_MISSING,
    NOT_THE_COLLECTOR,
    OBJECTION_OPEN,
    REVIEWER_HANDLED_THE_CASE,
    NumberOfAnother,
)
from credit.core.context import ActionContext, Caller
from credit.core.errors import CaseChangedMeanwhile, CreditError, StepNotWellFormed, UnknownCase
from credit.core.record_refs import CaseRef, CorrectionRef, ObjectionRef
from credit.core.values.identifiers import IdentifierKind
from credit.corrections import actions
from credit.corrections.actions import CorrectionValues, DiscoverError
from credit.corrections.correction import Correction, Delivery, RecordItem, Remedy, Route
from credit.corrections.deadlines import of_correction
from credit.corrections.deliveries import recipient_notified, record_delivery
from credit.objections import actions as objections_actions
from credit.objections.actions import ContestedRecord, ObjectionDecision
from credit.objections.objection import Objection, ObjectionAnswer, RecordKind
from credit.subjects.subject import Place, Sealed
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import Keyring
from storage import tables
from storage.database.database import Database
from storage.unit_of_work import SqlUnitOfWork
from tests.action_context import action_context
from tests.builders import NOW, SCJG, WJJ, World
from tests.builders.restraints import put_case
from tests.credit.subjects.synthetic_numbers import id_number
from tests.databases import on_sqlite
from tests.gateway.demo.districts import District
from tests.gateway.ledger.audit.recipients import check_recipients
from tests.refusals import refuses
from tests.world_snapshots import record_world

PAPER, NUMBERS = StepDetails(evidence=("卷宗-1",)), count(9000)
HANDLER, COLLEAGUE = Caller("handler-1", "handler", SCJG), Caller("handler-2", "handler", SCJG)
HEAD, OTHER_HEAD = Caller("head-1", "head", SCJG), Caller("head-2", "head", WJJ)
REVIEWER, NOT_CHOSEN = Caller("reviewer-1", "reviewer", SCJG), Caller("reviewer-2", "reviewer", SCJG)
HANDLING = Caller("handler-1", "reviewer", SCJG)
OFFICE, COURIER = Caller("office-1", "office"), Caller("courier", "courier")
RIGHT_NUMBER = id_number(area="370305", born="19050607", sequence="123")
NAME, NUMBER = RecordItem.NAME, RecordItem.NUMBER
EVERYTHING = frozenset(RecordItem)
CORRECT, REMOVE, WRONG = Remedy.CORRECT, Remedy.REMOVE, RemovalCause.WRONG

Act = Callable[[SealingUnitOfWork, ActionContext], Awaitable[Any]]


class Corrections:
    """The stores with sample data, and functions that run the steps of a correction on them."""

    def __init__(self, database: Database, world: World) -> None:
        self.database, self.world = database, world
        self.person = world.party("person-1")
        self.case = world.case("in-force")
        self.at = NOW

    @property
    def subject(self) -> Caller:
        return Caller("account-1", "subject", subject=self.person.subject_id)

    def which(self) -> CaseRef:
        return CaseRef(self.case.subject_id, self.case.case_id)

    async def act(self, act: Act) -> Any:
        moment = action_context(self.at, lambda: UUID(int=next(NUMBERS)))
        async with SealingUnitOfWork(self.database, self.world.keyring) as work:
            done = await act(work, moment)
            await work.commit()
            return done

    async def found(
        self,
        by: Caller = HANDLER,
        remedy: Remedy = CORRECT,
        items: frozenset[RecordItem] = frozenset({NUMBER}),
        **more: Any,
    ) -> Correction:
        which = more.pop("which", self.which())
        correction: Correction = await self.act(
            lambda work, now: actions.discover_error(
                work, now.acting_as(by), DiscoverError(which, PAPER, remedy, WRONG, items)
            )
        )
        return correction

    async def corrected(
        self, correction: Correction, mend: CorrectionValues, by: Caller = HANDLER, seen: int | None = None
    ) -> Correction:
        which = CorrectionRef(correction.subject_id, correction.correction_id, seen)
        done: Correction = await self.act(
            lambda work, now: actions.correct(work, now.acting_as(by), which, PAPER, mend)
        )
        return done

    async def removed(self, correction: Correction, by: Caller = HANDLER) -> Correction:
        which = CorrectionRef(correction.subject_id, correction.correction_id)
        done: Correction = await self.act(lambda work, now: actions.remove_case(work, now.acting_as(by), which, PAPER))
        return done

    async def raised(
        self, by: Caller | None = None, kind: RecordKind = RecordKind.RESTRAINT_CASE, record_id: UUID | None = None,
        text: str = "号码不是我的",
    ) -> Objection:  # fmt: skip
        record = ContestedRecord(self.person.subject_id, kind, record_id or self.case.case_id)
        made: Objection = await self.act(
            lambda work, now: objections_actions.raise_objection(
                work, now.acting_as(by or self.subject), record, text, StepDetails()
            )
        )
        return made

    async def assigned(self, objection: Objection, to: str = "reviewer-1", by: Caller = HEAD) -> Objection:
        which = ObjectionRef(objection.subject_id, objection.objection_id)
        made: Objection = await self.act(
            lambda work, now: objections_actions.assign_objection(work, now.acting_as(by), which, to)
        )
        return made

    async def answered(
        self, objection: Objection, decided: ObjectionDecision, by: Caller = REVIEWER
    ) -> tuple[Objection, Correction | None]:
        which = ObjectionRef(objection.subject_id, objection.objection_id)
        made: tuple[Objection, Correction | None] = await self.act(
            lambda work, now: objections_actions.answer_objection(
                work, now.acting_as(by), which, StepDetails(), decided
            )
        )
        return made

    async def deliver(
        self,
        recipient: str,
        route: Route,
        items: frozenset[RecordItem] = EVERYTHING,
        before: timedelta = timedelta(hours=1),
        case_id: UUID | None = None,
    ) -> None:
        delivery = Delivery(case_id or self.case.case_id, recipient, route, items, self.at - before)
        await self.act(lambda work, now: record_delivery(work, now, self.person.subject_id, delivery))

    async def all_notified(self, correction: Correction) -> list[str]:
        async with SqlUnitOfWork(self.database) as work:
            tellings = await work.corrections.recipients(correction.subject_id, correction.correction_id)
        for each in tellings:
            for _ in range(2):  # carried twice, it counts once
                await self.act(
                    lambda work, now, each=each: recipient_notified(
                        work, now.acting_as(COURIER), each.subject_id, each.telling_id
                    )
                )
        return [f"{each.message.recipient} {each.message.route}" for each in tellings]

    async def finds(self, number: str) -> UUID | None:
        terms = self.world.keyring.terms(IdentifierKind.ID_NUMBER, number)
        async with SqlUnitOfWork(self.database) as work:
            return await work.subjects.find(IdentifierKind.ID_NUMBER, terms)

    async def text(self, table: str, item: str, row_id: UUID) -> str:
        async with SqlUnitOfWork(self.database) as work:
            row = await work.sealed_rows.load(table, self.person.subject_id, row_id)
        assert row is not None
        box = row.boxes[item]
        assert box is not None
        return self.world.keyring.open(box)

    async def topics(self, prefix: str) -> list[tuple[str, str]]:
        rows = await self.database.fetch(select(tables.outbox.c.topic, tables.outbox.c.about))
        return sorted((topic, about["to"]) for topic, about in rows if topic.startswith(prefix))

    async def steps(self) -> list[str]:
        taken = select(tables.case_steps.c.step).where(tables.case_steps.c.case_id == self.case.case_id)
        return [
            step
            for (step,) in await self.database.fetch(
                taken.order_by(tables.case_steps.c.at, tables.case_steps.c.step_id)
            )
        ]

    async def completed_on(self, correction: Correction) -> date | None:
        own = tables.corrections.c.correction_id == correction.correction_id
        day: date | None = (await self.database.fetch(select(tables.corrections.c.completed_on).where(own)))[0][0]
        return day


@pytest.fixture
async def corrections(database_url: str, database: Database, kek: Path) -> Corrections:
    return Corrections(database, await record_world(database_url, Keyring.load(kek, os.urandom)))


async def test_a_wrong_identity_is_corrected_everywhere_and_each_recipient_notified_once(corrections: Corrections):
    """The subject objects, the reviewer grants, the authority corrects: the old number finds nobody [5.1.4(6)]."""
    await corrections.deliver("city-platform", Route.CITY_PLATFORM)
    await corrections.deliver("city-platform", Route.CITY_PLATFORM)
    await corrections.deliver(WJJ, Route.CONSULTATION, frozenset({RecordItem.STANDING}))
    await corrections.deliver(
        WJJ, Route.EXPORT, frozenset({NAME}), case_id=corrections.world.case("unpublished").case_id
    )
    objection = await corrections.raised()
    await corrections.assigned(objection)
    _, correction = await corrections.answered(
        objection, ObjectionDecision(ObjectionAnswer.CORRECT, None, frozenset({NAME, NUMBER}))
    )
    assert correction is not None
    assert of_correction(correction, (), shipped()).due.on == date(2026, 11, 24)

    done = await corrections.corrected(
        correction, CorrectionValues(name="演示己", number=RIGHT_NUMBER, phone="13800000000")
    )
    assert (await corrections.finds(corrections.person.number), await corrections.finds(RIGHT_NUMBER)) == (
        None,
        corrections.person.subject_id,
    )
    assert await corrections.text("subjects", "name", corrections.person.subject_id) == "演示己"
    assert await corrections.text("subjects", "address", corrections.person.subject_id) == corrections.person.address
    rows = await corrections.database.fetch(
        select(tables.subjects.c.version, tables.subjects.c.name_mask).where(
            tables.subjects.c.subject_id == corrections.person.subject_id
        )
    )
    assert rows == [(2, "演＊")]
    assert await corrections.completed_on(done) is None
    notified = await corrections.all_notified(done)
    assert notified == ["LZ-WJJ EXPORT", "city-platform CITY_PLATFORM"]
    assert await corrections.topics("correction.tell") == [
        ("correction.tell", "LZ-WJJ"),
        ("correction.tell", "city-platform"),
    ]
    assert await corrections.completed_on(done) == date(2026, 11, 20)
    assert sorted(await corrections.steps()) == sorted(
        ["OBJECTED", "OBJECTION_ASSIGNED", "OBJECTION_ANSWERED", "CORRECTION_DISCOVERED", "CORRECTED"]
        + ["RECIPIENT_TOLD"] * 2
    )
    # A delivery before the correction that is recorded only now is notified, too; a later one is right.
    corrections.at = NOW + timedelta(hours=1)
    await corrections.deliver("city-platform", Route.EXPORT, before=timedelta(hours=2))
    await corrections.deliver(SCJG, Route.EXPORT, before=timedelta(0))
    assert await corrections.completed_on(done) is None
    assert len(await corrections.topics("correction.tell")) == 3
    await check_recipients(District(corrections.database, corrections.world.keyring))


async def test_facts_are_sealed_anew_with_what_stands_beside_them(corrections: Corrections):
    correction = await corrections.found(items=frozenset({RecordItem.FACTS, RecordItem.BASIS}))
    await corrections.corrected(correction, CorrectionValues(basis="另一依据", facts="更正后的事实"))
    for item, text in (
        ("facts", "更正后的事实"),
        ("evidence", corrections.case.evidence),
        ("notes", corrections.case.notes),
    ):
        assert await corrections.text("restraint_cases", item, corrections.case.case_id) == text
    own = tables.restraint_cases.c.case_id == corrections.case.case_id
    columns = tables.restraint_cases.c.version, tables.restraint_cases.c.step_version, tables.restraint_cases.c.basis
    assert await corrections.database.fetch(select(*columns).where(own)) == [(2, 2, "另一依据")]
    old = Place("restraint_cases", "facts", corrections.case.subject_id, corrections.case.case_id, 1)
    sealed = await corrections.database.fetch(select(tables.restraint_cases.c.facts_sealed).where(own))
    with pytest.raises(SealBroken):
        corrections.world.keyring.open(Sealed(old, sealed[0][0], corrections.person.wrapped))


async def test_a_removal_takes_back_what_ran_anew_because_of_it(corrections: Corrections):
    """The older period ends when it would without the wrong one, six months after the one of 2 November [5.1.5]."""
    older = await put_case(
        corrections.database, corrections.world, corrections.person, "旧-1", published_on=date(2026, 8, 3),
        collected_at=datetime(2026, 7, 1, tzinfo=UTC), ends_on=date(2027, 2, 3),
    )  # fmt: skip
    newer = await put_case(
        corrections.database, corrections.world, corrections.person, "新-1", published_on=None,
        determined_on=date(2026, 11, 19), ends_on=None,
        collected_at=NOW - timedelta(days=9), verified_at=NOW - timedelta(days=8),
    )  # fmt: skip
    which = CaseRef(newer.subject_id, newer.case_id)
    await corrections.act(lambda work, now: procedure.publish(work, now.acting_as(HANDLER), which))
    ends = select(tables.restraint_cases.c.ends_on).where(tables.restraint_cases.c.case_id == older.case_id)
    assert await corrections.database.fetch(ends) == [(date(2027, 5, 20),)]

    corrections.at = NOW + timedelta(days=3)
    correction = await corrections.found(remedy=REMOVE, items=frozenset(), which=which)
    await corrections.removed(correction, HEAD)
    assert await corrections.database.fetch(ends) == [(date(2027, 5, 2),)]
    gone = tables.restraint_cases.c.removed_on, tables.restraint_cases.c.removal
    rows = await corrections.database.fetch(select(*gone).where(tables.restraint_cases.c.case_id == newer.case_id))
    assert rows == [(date(2026, 11, 23), "WRONG")]
    assert ("restraint-case.run-anew", "platform") in await corrections.topics("restraint-case")
    assert ("correction.removed", "subject") in await corrections.topics("correction")
    assert await corrections.completed_on(correction) == date(2026, 11, 23)


async def test_whose_record_it_is_objects_to_any_of_them(corrections: Corrections):
    """A department answers for each; what none answers for, the office does [6.1]."""
    entry = corrections.world.new_id()
    row = {
        "subject_id": corrections.person.subject_id, "entry_id": entry, "read_id": entry, "at": NOW,
        "actor_ref": "auditor-1",
        "role": "auditor", "purpose": "AUDIT", "basis": "STATUTE", "citation": "6.1", "document_hash": "0",
        "fields": [], "salt": bytes(16),
    }  # fmt: skip
    await corrections.database.write((insert(tables.access_entries), row))
    application = corrections.world.application("of person-1").row_id
    for kind, record_id, department in (
        (RecordKind.APPLICATION, application, SCJG),
        (RecordKind.SUBJECT, corrections.person.subject_id, SCJG),
        (RecordKind.ACCESS_ENTRY, entry, "DISTRICT-OFFICE"),
    ):
        objection = await corrections.raised(kind=kind, record_id=record_id)
        assert objection.department_code == department
    answered = await corrections.assigned(objection, "office-1", OFFICE)
    _, correction = await corrections.answered(
        answered, ObjectionDecision(ObjectionAnswer.JUSTIFIED, "系依法审计"), OFFICE
    )
    assert correction is None
    steps = select(tables.hearing_steps.c.step).where(tables.hearing_steps.c.about == objection.objection_id)
    assert {step for (step,) in await corrections.database.fetch(steps)} == {
        "OBJECTED", "OBJECTION_ASSIGNED", "OBJECTION_ANSWERED",
    }  # fmt: skip


async def test_who_somebody_is_is_put_right_without_a_case(corrections: Corrections):
    objection = await corrections.raised(kind=RecordKind.SUBJECT, record_id=corrections.person.subject_id)
    await corrections.assigned(objection)
    _, correction = await corrections.answered(
        objection, ObjectionDecision(ObjectionAnswer.CORRECT, None, frozenset({NUMBER}))
    )
    assert correction is not None
    await corrections.corrected(correction, CorrectionValues(number=RIGHT_NUMBER), HEAD)
    assert await corrections.finds(RIGHT_NUMBER) == corrections.person.subject_id
    assert await corrections.completed_on(correction) == date(2026, 11, 20)


STRANGER = Caller("account-9", "subject", subject=UUID(int=99))


async def _again(corrections: Corrections) -> object:
    await corrections.raised()
    return await corrections.raised()


async def _twice(corrections: Corrections) -> object:
    correction = await corrections.found()
    await corrections.corrected(correction, CorrectionValues(number=RIGHT_NUMBER))
    return await corrections.corrected(correction, CorrectionValues(number=RIGHT_NUMBER))


async def _answer(corrections: Corrections, by: Caller, decided: ObjectionDecision) -> object:
    objection = await corrections.raised()
    await corrections.assigned(objection)
    return await corrections.answered(objection, decided, by)


GRANTED = ObjectionDecision(ObjectionAnswer.CORRECT, None, frozenset({NUMBER}))
REFUSALS: list[tuple[str, Callable[[Corrections], Awaitable[object]], type[CreditError]]] = [
    ("a colleague reports no error", lambda corrections: corrections.found(COLLEAGUE), NOT_THE_COLLECTOR),
    ("another department's head knows of none", lambda corrections: corrections.found(OTHER_HEAD), UnknownCase),
    ("a subject objects and does not correct", lambda corrections: corrections.found(corrections.subject), UnknownCase),
    (
        "the authority is not corrected",
        lambda corrections: corrections.found(items=frozenset({RecordItem.AUTHORITY})),
        StepNotWellFormed,
    ),
    ("a stranger objects to nothing", lambda corrections: corrections.raised(STRANGER), UnknownCase),
    ("an officer does not object", lambda corrections: corrections.raised(HANDLER), UnknownCase),
    ("without a word", lambda corrections: corrections.raised(text="  "), StepNotWellFormed),
    (
        "to somebody else's record",
        lambda corrections: corrections.raised(record_id=corrections.world.case("overdue").case_id),
        UnknownCase,
    ),
    ("again while the last is open", _again, OBJECTION_OPEN),
    ("corrected twice", _twice, ALREADY_TAKEN),
    ("by whom it was not given to", lambda corrections: _answer(corrections, NOT_CHOSEN, GRANTED), UnknownCase),
    (
        "by whom handled the case",
        lambda corrections: _answer(corrections, HANDLING, GRANTED),
        REVIEWER_HANDLED_THE_CASE,
    ),
    (
        "turned down without a reason",
        lambda corrections: _answer(corrections, REVIEWER, ObjectionDecision(ObjectionAnswer.REJECTED)),
        EVIDENCE_MISSING,
    ),
]


@on_sqlite
@pytest.mark.parametrize(("case", "act", "refusal"), REFUSALS, ids=[case for case, _, _ in REFUSALS])
async def test_refused_by_name_and_nothing_left(
    corrections: Corrections, case: str, act: Callable[[Corrections], Awaitable[object]], refusal: type[CreditError]
):
    with refuses(refusal):
        await act(corrections)


@on_sqlite
@pytest.mark.parametrize(
    ("case", "mend", "refusal"),
    [
        ("more than was found wrong", CorrectionValues(number=RIGHT_NUMBER, name="演示己"), StepNotWellFormed),
        ("less than was found wrong", CorrectionValues(), StepNotWellFormed),
        ("a number that is none", CorrectionValues(number="370305190203040000"), StepNotWellFormed),
        ("somebody else's number", None, NumberOfAnother),
    ],
)
async def test_a_mending_is_whole_and_well_formed(
    corrections: Corrections, case: str, mend: CorrectionValues | None, refusal: type[CreditError]
):
    correction = await corrections.found()
    with refuses(refusal) as refused:
        await corrections.corrected(
            correction, mend or CorrectionValues(number=corrections.world.party("person-2").number)
        )
    assert "3703" not in str(refused.value)
    assert await corrections.finds(corrections.person.number) == corrections.person.subject_id
    with pytest.raises(CaseChangedMeanwhile):
        await corrections.corrected(correction, CorrectionValues(number=RIGHT_NUMBER), seen=7)
