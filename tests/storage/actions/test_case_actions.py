"""Who takes which step of a case is decided by the actions themselves, whatever the policy tables say [5.1.4]."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from credit.cases.actions import confidentiality, procedure, rectification, statements
from credit.cases.actions.procedure import DetermineCase, ReviewCase, VerifyCase
from credit.cases.actions.take_step import TODAY, StepDetails
from credit.cases.case import Case, ReviewOutcome, ServiceMeans, Severity
from credit.cases.refusals import (
    ALREADY_TAKEN,
    EVIDENCE_MISSING,
    NOT_CLAIMED,
    NOT_THE_COLLECTOR,
    REVIEWER_HANDLED_THE_CASE,
    STATEMENT_EMPTY,
    STATEMENT_PERIOD_OPEN,
)
from credit.cases.rules.term import SIX_MONTHS
from credit.core.context import ActionContext, Caller
from credit.core.errors import CaseChangedMeanwhile, CreditError, InconsistentFacts, StepNotWellFormed, UnknownCase
from credit.core.late_entries import Means
from credit.core.record_refs import CaseRef
from credit.joint_measures.source_answer import DatedAnswer, Finding, Source, SourceAnswer
from storage.repositories.case_row import CaseRow
from storage.repositories.notices.number_registry import CASE, release
from storage.tables import case_steps, delegations, outbox, restraint_cases
from storage.unit_of_work import SqlUnitOfWork
from tests.action_context import action_context
from tests.builders.taken_over import PROVENANCE, take_over_in
from tests.consent.samples import BUREAU, OTHER_BUREAU, OTHER_SUBJECT_ID, SUBJECT_ID
from tests.databases import on_sqlite
from tests.refusals import refuses
from tests.storage.reference_fixtures import AREA, SECTOR, lay, settle
from tests.storage.reference_fixtures import count as rows_of
from tests.work_of_adults import WorkOfAdults

SHORT = Severity.SHORT_OF_PENALTY
CASE_ID, NUMBERS = UUID(int=70), count(5000)
WHICH = CaseRef(SUBJECT_ID, CASE_ID)
MONDAY = datetime(2026, 3, 9, 2, tzinfo=UTC)

HANDLER = Caller("handler-1", "handler", BUREAU)
COLLEAGUE = Caller("handler-2", "handler", BUREAU)
ELSEWHERE = Caller("handler-1", "handler", OTHER_BUREAU)
HEAD, OTHER_HEAD = Caller("head-1", "head", BUREAU), Caller("head-2", "head", OTHER_BUREAU)
REVIEWER, NOT_CHOSEN = Caller("reviewer-1", "reviewer", BUREAU), Caller("reviewer-2", "reviewer", BUREAU)
HANDLING_REVIEWER = Caller("handler-1", "reviewer", BUREAU)
SUBJECT, STRANGER = (
    Caller("account-1", "subject", subject=SUBJECT_ID),
    Caller("account-2", "subject", subject=OTHER_SUBJECT_ID),
)
AGENT, NO_AGENT = Caller("agent-1", "agent"), Caller("agent-9", "agent")
CLERK, NOBODYS = Caller("clerk-1", "clerk", BUREAU), Caller("handler-1", "handler")

ROW = CaseRow(
    subject_id=SUBJECT_ID, case_id=CASE_ID, number="临审〔2026〕7号", department_code=BUREAU, sector_code=SECTOR,
    area_code=AREA, circumstance="FALSE_MATERIAL", channel="FACT_FINDING", basis="五（一）2", handler_ref="handler-1",
    collected_at=MONDAY - timedelta(days=7), changed_at=MONDAY,
)  # fmt: skip
VERIFIED = {"verified_at": MONDAY - timedelta(days=5)}
NOTICED = VERIFIED | {"noticed_on": date(2026, 3, 5)}
SERVED = NOTICED | {"served_on": date(2026, 3, 5)}
STATED = SERVED | {"stated_on": date(2026, 3, 6)}
CHOSEN = STATED | {"reviewer_ref": "reviewer-1"}
CLAIMED = STATED | {"claimed_on": date(2026, 3, 6)}
SECRET = {"confidential": True}
REVIEWED = CHOSEN | {"reviewed_on": date(2026, 3, 9)}
DETERMINED = REVIEWED | {"determined_on": date(2026, 3, 9), "legal_document": "文书-1"}

Act = Callable[[SqlUnitOfWork, Caller, ActionContext], Awaitable[Case]]
UNGOVERNED = SourceAnswer(Source.JOINT_MEASURES, Finding.CLEAN)
PAPER = StepDetails(evidence=("卷宗-1",))


def verify(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.verify(work, now.acting_as(by), VerifyCase(WHICH, PAPER, SHORT))


def notice(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.notice(work, now.acting_as(by), WHICH, TODAY)


def serve(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.serve(work, now.acting_as(by), WHICH, PAPER, ServiceMeans.BY_POST)


def state(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return statements.state(work, now.acting_as(by), WHICH, StepDetails(evidence=("陈述-1",)))


def enter(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return statements.state(work, now.acting_as(by), WHICH, PAPER, means=Means.PAPER)


def enter_nothing(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return statements.state(work, now.acting_as(by), WHICH, TODAY, means=Means.PAPER)


def state_nothing(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return statements.state(work, now.acting_as(by), WHICH, StepDetails(evidence=(" ",)), "  ")


def hand_over(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.hand_over(work, now.acting_as(by), WHICH, PAPER, "handler-2")


def hand_over_to_the_reviewer(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.hand_over(work, now.acting_as(by), WHICH, PAPER, "reviewer-1")


def claim(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return rectification.claim(work, now.acting_as(by), WHICH, StepDetails(evidence=("整改-1",)))


def enter_claim(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return rectification.claim(work, now.acting_as(by), WHICH, PAPER, Means.PAPER)


def enter_claim_of_nothing(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return rectification.claim(work, now.acting_as(by), WHICH, TODAY, Means.PAPER)


def turn_down(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return rectification.refuse(work, now.acting_as(by), WHICH, PAPER)


def mark(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return confidentiality.mark(work, now.acting_as(by), WHICH, ["定密-1"])


def unmark(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return confidentiality.unmark(work, now.acting_as(by), ROW.number, ["解密-1"])


def assign(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.assign_reviewer(work, now.acting_as(by), WHICH, "reviewer-1")


def assign_the_handler(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.assign_reviewer(work, now.acting_as(by), WHICH, "handler-1")


def review(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.review(work, now.acting_as(by), ReviewCase(WHICH, PAPER, ReviewOutcome.UPHELD))


def determine(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    command = DetermineCase(WHICH, PAPER, SHORT, "文书-1", SIX_MONTHS)
    return procedure.determine(work, now.acting_as(by), command, DatedAnswer(UNGOVERNED, now.now))


def publish(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.publish(work, now.acting_as(by), WHICH)


def rectify(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.confirm_rectification(work, now.acting_as(by), WHICH, ["整改-1"])


def refer(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.refer(work, now.acting_as(by), WHICH, ["移送-1"])


def drop(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
    return procedure.drop(work, now.acting_as(by), WHICH, PAPER)


@pytest.fixture(autouse=True)
async def settled(database):
    await lay(database)
    await settle(database)
    delegation = {
        "subject_id": SUBJECT_ID, "delegation_id": UUID(int=80), "delegate_ref": "agent-1", "evidence": "委托书-1",
        "granted_at": MONDAY, "expires_on": date(2026, 3, 31),
    }  # fmt: skip
    await database.write((insert(delegations), delegation))


async def put(database, **facts: object) -> None:
    async with WorkOfAdults(database, PROVENANCE) as work:
        claimed_on = facts.pop("claimed_on", None)
        row = replace(ROW, **facts)
        await work.cases.add([row])
        if claimed_on is not None:
            await work.session.execute(update(restraint_cases).values(claimed_on=claimed_on))
        if row.confidential:  # as its marking leaves it: the number is free for another case [5.1.6]
            this = restraint_cases.c.case_id == row.case_id
            hidden = {"marked_number": row.number, "number": row.case_id.hex}
            await work.session.execute(update(restraint_cases).where(this).values(hidden))
            await release(work.session, row.department_code, CASE, row.number)
        await take_over_in(work.session, database, restraint_cases)
        await work.commit()


async def carry_out(database, act: Act, by: Caller, at: datetime = MONDAY) -> Case:
    now = action_context(at, lambda: UUID(int=next(NUMBERS)))
    async with WorkOfAdults(database) as work:
        done = await act(work, by, now)
        await work.commit()
        return done


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("act", "by", "before", "step", "recipients"),
    [
        (verify, HANDLER, {}, "VERIFIED", []),
        (notice, HANDLER, VERIFIED, "NOTICED", ["subject"]),
        (serve, HANDLER, NOTICED, "SERVED", []),
        (state, SUBJECT, SERVED, "STATED", []),
        (state, AGENT, SERVED, "STATED", []),
        (enter, HANDLER, SERVED, "STATED", ["subject"]),
        (hand_over, HEAD, {}, "HANDED_OVER", ["department"]),
        (claim, SUBJECT, STATED, "RECTIFICATION_CLAIMED", []),
        (claim, AGENT, STATED, "RECTIFICATION_CLAIMED", []),
        (enter_claim, HANDLER, STATED, "RECTIFICATION_CLAIMED", ["subject"]),
        (turn_down, HANDLER, CLAIMED, "RECTIFICATION_REFUSED", ["subject"]),
        (mark, HEAD, STATED, "MARKED", []),
        (unmark, HEAD, SECRET, "UNMARKED", []),
        (assign, HEAD, STATED, "REVIEWER_ASSIGNED", []),
        (review, REVIEWER, CHOSEN, "REVIEWED", ["subject"]),
        (determine, HANDLER, REVIEWED, "DETERMINED", ["platform", "subject"]),
        (publish, HANDLER, DETERMINED, "PUBLISHED", ["platform", "supervisors", "subject"]),
        (rectify, HANDLER, VERIFIED, "RECTIFIED", ["platform", "supervisors", "subject"]),
        (refer, HANDLER, {}, "REFERRED", []),
        (refer, HANDLER, DETERMINED, "REFERRED", ["platform"]),
        (drop, HANDLER, {}, "DROPPED", []),
        (drop, HANDLER, NOTICED, "DROPPED", ["subject"]),
    ],
)
async def test_each_step_is_taken_by_whom_it_belongs_to(
    database, act: Act, by: Caller, before, step: str, recipients: list[str]
):
    await put(database, **before)
    await carry_out(database, act, by)
    columns = case_steps.c.step, case_steps.c.actor_ref, case_steps.c.role, case_steps.c.department_code
    officer = by.role not in {"subject", "agent"}
    assert await database.fetch(select(*columns)) == [(step, by.ref, by.role, BUREAU if officer else None)]
    left = await database.fetch(select(outbox.c.about).order_by(outbox.c.place))
    assert [about["to"] for (about,) in left] == recipients
    # The end of a mark takes its count back: the mark itself had counted one.
    version = 0 if step == "UNMARKED" else 2
    assert await database.fetch(select(restraint_cases.c.version, restraint_cases.c.step_version)) == [(1, version)]


@on_sqlite
@pytest.mark.sampled
@pytest.mark.parametrize(
    ("case", "act", "by", "before", "refusal"),
    [
        ("a colleague sees the case, and does not touch it", verify, COLLEAGUE, {}, NOT_THE_COLLECTOR),
        ("nor does a colleague determine it", determine, COLLEAGUE, REVIEWED, NOT_THE_COLLECTOR),
        ("nor publish it", publish, COLLEAGUE, DETERMINED, NOT_THE_COLLECTOR),
        ("the same person for another department", verify, ELSEWHERE, {}, UnknownCase),
        ("a handler of no department", verify, NOBODYS, {}, UnknownCase),
        ("a handler of another department publishes nothing", publish, ELSEWHERE, DETERMINED, UnknownCase),
        ("a head verifies nothing", verify, HEAD, {}, UnknownCase),
        ("a clerk notifies nobody", notice, CLERK, VERIFIED, UnknownCase),
        ("a handler does not choose the reviewer", assign, HANDLER, STATED, UnknownCase),
        ("the head of another department does not, either", assign, OTHER_HEAD, STATED, UnknownCase),
        ("nobody is chosen for what they handled", assign_the_handler, HEAD, STATED, REVIEWER_HANDLED_THE_CASE),
        ("nobody reviews what they handled", review, HANDLING_REVIEWER, STATED, REVIEWER_HANDLED_THE_CASE),
        ("nobody reviews unchosen", review, NOT_CHOSEN, CHOSEN, UnknownCase),
        ("nobody reviews before anybody is chosen", review, REVIEWER, STATED, UnknownCase),
        ("a handler does not review", review, HANDLER, CHOSEN, UnknownCase),
        ("a stranger does not state", state, STRANGER, SERVED, UnknownCase),
        ("a delegate of nobody does not state", state, NO_AGENT, SERVED, UnknownCase),
        ("a handler does not state for the subject", state, HANDLER, SERVED, UnknownCase),
        ("a letter is entered by the handler alone", enter, COLLEAGUE, SERVED, NOT_THE_COLLECTOR),
        ("and not by the subject", enter, SUBJECT, SERVED, UnknownCase),
        ("a letter has its paper", enter_nothing, HANDLER, SERVED, EVIDENCE_MISSING),
        ("a statement says something", state_nothing, SUBJECT, SERVED, STATEMENT_EMPTY),
        ("a handler does not hand over", hand_over, HANDLER, {}, UnknownCase),
        ("nor does the head of another department", hand_over, OTHER_HEAD, {}, UnknownCase),
        ("nobody is handed what they review", hand_over_to_the_reviewer, HEAD, CHOSEN, REVIEWER_HANDLED_THE_CASE),
        ("a stranger claims nothing", claim, STRANGER, STATED, UnknownCase),
        ("a delegate of nobody claims nothing", claim, NO_AGENT, STATED, UnknownCase),
        ("a handler does not claim for the subject", claim, HANDLER, STATED, UnknownCase),
        ("an investigation is not claimed rectified", claim, SUBJECT, VERIFIED, UnknownCase),
        ("an open claim is answered first", claim, SUBJECT, CLAIMED, ALREADY_TAKEN),
        ("a claim on paper is entered by the handler alone", enter_claim, COLLEAGUE, STATED, NOT_THE_COLLECTOR),
        ("and not by the subject", enter_claim, SUBJECT, STATED, UnknownCase),
        ("nor by the head", enter_claim, HEAD, STATED, UnknownCase),
        ("a claim on paper has its paper", enter_claim_of_nothing, HANDLER, STATED, EVIDENCE_MISSING),
        ("an open claim is answered first, on paper too", enter_claim, HANDLER, CLAIMED, ALREADY_TAKEN),
        ("there is nothing to turn down", turn_down, HANDLER, STATED, NOT_CLAIMED),
        ("a colleague turns nothing down", turn_down, COLLEAGUE, CLAIMED, NOT_THE_COLLECTOR),
        ("a handler does not mark", mark, HANDLER, {}, UnknownCase),
        ("nor does the head of another department mark", mark, OTHER_HEAD, {}, UnknownCase),
        ("what is marked is not there to be marked", mark, HEAD, SECRET, UnknownCase),
        ("a handler does not unmark", unmark, HANDLER, SECRET, UnknownCase),
        ("the head of another department finds nothing", unmark, OTHER_HEAD, SECRET, UnknownCase),
        ("what is not marked is not found as such", unmark, HEAD, {}, UnknownCase),
        ("an investigation is not told of", state, SUBJECT, VERIFIED, UnknownCase),
        ("a subject does not drop its own case", drop, SUBJECT, NOTICED, UnknownCase),
        ("a confidential record is not there", verify, HANDLER, {"confidential": True}, UnknownCase),
        ("a rule of the procedure counts as well", determine, HANDLER, SERVED, STATEMENT_PERIOD_OPEN),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_nobody_else_takes_it_and_nothing_is_left(
    database, case: str, act: Act, by: Caller, before, refusal: type[CreditError]
):
    await put(database, **before)
    with refuses(refusal):
        await carry_out(database, act, by)
    assert await rows_of(database, case_steps) == await rows_of(database, outbox) == 0
    assert await database.fetch(select(restraint_cases.c.step_version)) == [(1,)]


async def test_what_is_not_there_is_refused_like_what_is_not_ones_own(database):
    with pytest.raises(UnknownCase):
        await carry_out(database, verify, HANDLER)
    with pytest.raises(UnknownCase):
        await carry_out(database, publish, HANDLER)


async def test_a_delegation_that_has_run_out_is_none(database):
    await put(database, **SERVED)
    with pytest.raises(UnknownCase):
        await carry_out(database, state, AGENT, datetime(2026, 4, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(("seen", "taken"), [(1, True), (None, True), (2, False), (0, False)])
async def test_a_step_is_taken_over_the_version_that_was_seen(database, *, seen: int | None, taken: bool):
    await put(database)

    def act(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
        return procedure.verify(
            work, now.acting_as(by), VerifyCase(replace(WHICH, expected_version=seen), PAPER, SHORT)
        )

    if taken:
        await carry_out(database, act, HANDLER)
        return
    with pytest.raises(CaseChangedMeanwhile):
        await carry_out(database, act, HANDLER)


@on_sqlite
@pytest.mark.parametrize("evidence", ["370305190203020012", "3703 0519 0203 0200 12"])
async def test_a_reference_that_identifies_a_person_is_refused_without_quoting_it(database, evidence: str):
    """References stand in clear beside the record [5.1.6]."""
    await put(database)

    def act(work: SqlUnitOfWork, by: Caller, now: ActionContext) -> Awaitable[Case]:
        return procedure.verify(work, now.acting_as(by), VerifyCase(WHICH, StepDetails(evidence=(evidence,)), SHORT))

    with pytest.raises(StepNotWellFormed) as refused:
        await carry_out(database, act, HANDLER)
    assert [(one.field, one.code) for one in refused.value.problems] == [("evidence", "HOLDS_NUMBER")]
    assert "3703" not in str(refused.value)


async def test_a_new_breach_lets_the_older_period_run_anew_and_says_so(database):
    """Both are sent to the platform, and the older one stores the reason [5.1.5]."""
    older = {"determined_on": date(2026, 1, 5), "published_on": date(2026, 1, 5), "ends_on": date(2026, 7, 5)}
    await put(database, case_id=UUID(int=71), number="临审〔2026〕1号", **older)
    await put(database, **DETERMINED)
    await carry_out(database, publish, HANDLER)
    taken = await database.fetch(select(case_steps.c.case_id, case_steps.c.step))
    assert set(taken) == {(UUID(int=71), "RUN_ANEW"), (CASE_ID, "PUBLISHED")}
    ends = await database.fetch(select(restraint_cases.c.ends_on, restraint_cases.c.published_on))
    assert set(ends) == {(date(2026, 9, 9), date(2026, 1, 5)), (date(2026, 9, 9), date(2026, 3, 9))}
    async with WorkOfAdults(database) as work:
        again = await work.cases.load(SUBJECT_ID, UUID(int=71))
    assert again is not None
    assert (again.term, [each.by_case_id for each in again.restarts]) == (SIX_MONTHS, [CASE_ID])


async def test_a_period_restarts_for_a_confidential_case_too_without_a_notification(database):
    """What is shut away is counted all the same [5.1.5] [5.1.6]."""
    older = {"determined_on": date(2026, 1, 5), "published_on": date(2026, 1, 5), "ends_on": date(2026, 7, 5)}
    await put(database, case_id=UUID(int=71), number="临审〔2026〕1号", **older, **SECRET)
    await put(database, **DETERMINED)
    await carry_out(database, publish, HANDLER)
    ends = select(restraint_cases.c.ends_on).where(restraint_cases.c.case_id == UUID(int=71))
    assert await database.fetch(ends) == [(date(2026, 9, 9),)]
    recipients = [
        (topic, about["case_id"]) for topic, about in await database.fetch(select(outbox.c.topic, outbox.c.about))
    ]
    assert {(topic, case_id) for topic, case_id in recipients} == {("restraint-case.published", str(CASE_ID))}


async def test_cases_of_several_subjects_under_one_number_are_not_unmarked_by_it(database):
    """Which one is meant cannot be said; nothing is done [5.1.6]."""
    await put(database, **SECRET)
    await put(database, subject_id=OTHER_SUBJECT_ID, case_id=UUID(int=72), **SECRET)
    with pytest.raises(InconsistentFacts):
        await carry_out(database, unmark, HEAD)


async def test_what_was_claimed_handed_over_and_marked_is_read_back(database):
    """The row has the last days, the steps who and on what evidence [5.1.1]."""
    await put(database, **STATED)
    for hours, (act, by) in enumerate(
        [(claim, SUBJECT), (turn_down, HANDLER), (claim, AGENT), (hand_over, HEAD), (mark, HEAD), (unmark, HEAD)]
    ):
        await carry_out(database, act, by, MONDAY + timedelta(hours=hours))
    async with WorkOfAdults(database) as work:
        case = await work.cases.load(SUBJECT_ID, CASE_ID)
    assert case is not None
    assert [(each.made.by, each.answered and each.answered.by) for each in case.claims] == [
        ("account-1", "handler-1"), ("agent-1", None),
    ]  # fmt: skip
    assert [(each.from_ref, each.to_ref, each.fact.by) for each in case.handovers] == [
        ("handler-1", "handler-2", "head-1")
    ]
    assert (case.handler_ref, "handler-1" in case.handled_by) == ("handler-2", True)
    assert case.marked is not None
    assert case.unmarked is not None
    assert (case.confidential, case.marked.evidence, case.unmarked.evidence) == (False, ("定密-1",), ("解密-1",))
