"""A case of the tests at each step, and each act on it, carried out by a caller."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy import update

from credit.cases.actions import confidentiality, procedure, rectification, statements
from credit.cases.actions.procedure import DetermineCase, ReviewCase, VerifyCase
from credit.cases.actions.take_step import TODAY, StepDetails
from credit.cases.case import Case, ReviewOutcome, ServiceMeans, Severity
from credit.cases.rules.term import SIX_MONTHS
from credit.core.context import ActionContext, Caller
from credit.core.late_entries import Means
from credit.core.record_refs import CaseRef
from credit.joint_measures.source_answer import DatedAnswer, Finding, Source, SourceAnswer
from storage.repositories.case_row import CaseRow
from storage.repositories.notices.number_registry import CASE, release
from storage.tables import restraint_cases
from storage.unit_of_work import SqlUnitOfWork
from tests.action_context import action_context
from tests.consent.samples import BUREAU, OTHER_BUREAU, OTHER_SUBJECT_ID, SUBJECT_ID
from tests.storage.reference_fixtures import AREA, SECTOR
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


async def put(database, **facts: object) -> None:
    async with WorkOfAdults(database) as work:
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
        await work.commit()


async def carry_out(database, act: Act, by: Caller, at: datetime = MONDAY) -> Case:
    now = action_context(at, lambda: UUID(int=next(NUMBERS)))
    async with WorkOfAdults(database) as work:
        done = await act(work, by, now)
        await work.commit()
        return done
