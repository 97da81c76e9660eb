"""Who takes which step of a promise is decided by the actions themselves, and every step leaves its proof [4.2]."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from credit.applications.refusals import ApplicationChangedMeanwhile
from credit.calendar.calendar import shipped
from credit.cases.actions.take_step import StepDetails
from credit.core.context import Caller
from credit.core.errors import CreditError, StepNotWellFormed, UnknownCase
from credit.core.late_entries import LateEntry, Means
from credit.promises import commitment_actions, deferral_actions
from credit.promises.commitment import Commitment, CommitmentState, VerificationOutcome, state
from credit.promises.commitment_actions import VerificationResult
from credit.promises.deadlines import of_commitment, of_deferral
from credit.promises.deferral import Deferral
from credit.promises.deferral_actions import DeferralRequest, HandInDocument
from credit.promises.refusals import DOCUMENT_NOT_MISSING, NOT_DUE_YET, NOT_HANDLED_YET
from storage.tables import application_steps, applications, deferrals, delegations, incentive_grants, outbox
from storage.unit_of_work import SqlUnitOfWork
from tests.consent.samples import BUREAU, NOW, OTHER_BUREAU, OTHER_SUBJECT_ID, SUBJECT_ID
from tests.databases import on_sqlite
from tests.refusals import refuses
from tests.storage.access_record import pending
from tests.storage.reference_fixtures import count
from tests.storage.window_fixtures import CLERK, OTHER_CLERK, WHICH, checked, moment, new_id, open_window

CALENDAR = shipped()
TODAY = date(2026, 3, 9)
PROMISED = DeferralRequest(("场地证明", "验资报告"), TODAY.replace(day=20), "承诺-1")
HANDLER, HEAD = Caller("handler-1", "handler", BUREAU), Caller("head-1", "head", BUREAU)
ELSEWHERE, NOBODYS = Caller("handler-1", "handler", OTHER_BUREAU), Caller("clerk-1", "clerk")
SUBJECT, STRANGER = (
    Caller("account-1", "subject", subject=SUBJECT_ID),
    Caller("account-2", "subject", subject=OTHER_SUBJECT_ID),
)
AGENT, NO_AGENT = Caller("agent-1", "agent"), Caller("agent-9", "agent")
MONDAY = datetime(2026, 3, 9, 2, tzinfo=UTC)
AFTER = datetime(2026, 3, 23, 2, tzinfo=UTC)

Act = Callable[[SqlUnitOfWork, Caller, datetime], Awaitable[Deferral | Commitment]]


def defer(work: SqlUnitOfWork, by: Caller, at: datetime) -> Awaitable[Deferral]:
    return deferral_actions.defer(work, moment(at).acting_as(by), WHICH, PROMISED)


def hand_in(work: SqlUnitOfWork, by: Caller, at: datetime) -> Awaitable[Deferral]:
    return deferral_actions.hand_in(work, moment(at).acting_as(by), HandInDocument(WHICH, "验资报告", "收件-1", None))


def hand_in_another(work: SqlUnitOfWork, by: Caller, at: datetime) -> Awaitable[Deferral]:
    return deferral_actions.hand_in(work, moment(at).acting_as(by), HandInDocument(WHICH, "身份说明", "收件-1", None))


def remind(work: SqlUnitOfWork, by: Caller, at: datetime) -> Awaitable[Deferral]:
    return deferral_actions.remind(work, moment(at).acting_as(by), WHICH, "催告-1")


def withdraw(work: SqlUnitOfWork, by: Caller, at: datetime) -> Awaitable[Deferral]:
    return deferral_actions.withdraw(work, moment(at).acting_as(by), WHICH)


def enter_withdrawal(work: SqlUnitOfWork, by: Caller, at: datetime) -> Awaitable[Deferral]:
    return deferral_actions.withdraw(work, moment(at).acting_as(by), WHICH, StepDetails(None, ("撤回-1",)), Means.PAPER)


def enter_nothing(work: SqlUnitOfWork, by: Caller, at: datetime) -> Awaitable[Deferral]:
    return deferral_actions.withdraw(work, moment(at).acting_as(by), WHICH, StepDetails(), Means.PAPER)


def commit(work: SqlUnitOfWork, by: Caller, at: datetime) -> Awaitable[Commitment]:
    return commitment_actions.commit(work, moment(at).acting_as(by), WHICH, "承诺-1")


def complete(work: SqlUnitOfWork, by: Caller, at: datetime) -> Awaitable[Commitment]:
    return commitment_actions.complete(work, moment(at).acting_as(by), WHICH, None, ["准予-1"])


def verify(work: SqlUnitOfWork, by: Caller, at: datetime) -> Awaitable[Commitment]:
    return commitment_actions.verify(work, moment(at).acting_as(by), WHICH, VerificationResult(VerificationOutcome.MET))


async def carry_out(database, act: Act, by: Caller, at: datetime = MONDAY) -> Deferral | Commitment:
    async with SqlUnitOfWork(database) as work:
        done = await act(work, by, at)
        await work.commit()
        return done


@pytest.fixture(autouse=True)
async def window(database):
    """An application of M-1, checked and clean today, and a delegate of its subject."""
    await open_window(database)
    await checked(database, at=MONDAY)
    delegation = {
        "subject_id": SUBJECT_ID, "delegation_id": new_id(), "delegate_ref": "agent-1", "evidence": "委托书-1",
        "granted_at": NOW, "expires_on": date(2026, 12, 31),
    }  # fmt: skip
    await database.write((insert(delegations), delegation))


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("before", "act", "by", "at", "step", "notified"),
    [
        ((), defer, CLERK, MONDAY, "DEFERRED", False),
        ((defer,), hand_in, CLERK, MONDAY, "HANDED_IN", False),
        ((defer,), hand_in, HANDLER, MONDAY, "HANDED_IN", False),
        ((defer,), remind, HANDLER, AFTER, "REMINDED", True),
        ((defer,), enter_withdrawal, CLERK, MONDAY, "DEFERRAL_WITHDRAWN", True),
        ((defer,), enter_withdrawal, HANDLER, MONDAY, "DEFERRAL_WITHDRAWN", True),
        ((defer,), withdraw, SUBJECT, MONDAY, "DEFERRAL_WITHDRAWN", False),
        ((defer,), withdraw, AGENT, MONDAY, "DEFERRAL_WITHDRAWN", False),
        ((), commit, CLERK, MONDAY, "COMMITTED", False),
        ((commit,), complete, HANDLER, MONDAY, "COMPLETED", False),
        ((commit, complete), verify, CLERK, MONDAY, "COMMITMENT_VERIFIED", False),
    ],
)
async def test_each_step_is_taken_by_whom_it_belongs_to(
    database,
    before,
    act: Act,
    by: Caller,
    at,
    step: str,
    notified: bool,  # noqa: FBT001 - a column of the table
):
    """Saved with actor, role and department, with its own leaf, and notified where the subject has to act on it."""
    for each in before:
        await carry_out(database, each, CLERK)
    waiting, sent = len(await pending(database)), await count(database, outbox)
    steps = await count(database, application_steps)
    await carry_out(database, act, by, at)
    columns = application_steps.c.step, application_steps.c.actor_ref, application_steps.c.role
    found = await database.fetch(select(*columns, application_steps.c.department_code))
    assert (step, by.ref, by.role, by.department) in found
    assert len(await pending(database)) - waiting == await count(database, application_steps) - steps
    granted = 0 if before else 1  # granting notifies the subject as well
    assert await count(database, outbox) - sent == notified + granted


@on_sqlite
@pytest.mark.sampled
@pytest.mark.parametrize(
    ("case", "before", "act", "by", "refusal"),
    [
        ("a handler takes no promise", (), defer, HANDLER, UnknownCase),
        ("nor does another window", (), defer, OTHER_CLERK, UnknownCase),
        ("nor a clerk of nowhere", (), commit, NOBODYS, UnknownCase),
        ("nor the applicant for itself", (), commit, SUBJECT, UnknownCase),
        ("another window takes nothing in", (defer,), hand_in, OTHER_CLERK, UnknownCase),
        ("a head takes nothing in", (defer,), hand_in, HEAD, UnknownCase),
        ("the applicant writes no hand-in", (defer,), hand_in, SUBJECT, UnknownCase),
        ("another department reminds nobody", (defer,), remind, ELSEWHERE, UnknownCase),
        ("a stranger does not withdraw", (defer,), withdraw, STRANGER, UnknownCase),
        ("a delegate of nobody does not, either", (defer,), withdraw, NO_AGENT, UnknownCase),
        ("a clerk withdraws nothing by itself", (defer,), withdraw, CLERK, UnknownCase),
        ("an applicant enters no paper", (defer,), enter_withdrawal, SUBJECT, UnknownCase),
        ("nor another window", (defer,), enter_withdrawal, OTHER_CLERK, UnknownCase),
        ("a withdrawal on paper has its paper", (defer,), enter_nothing, CLERK, StepNotWellFormed),
        ("another department verifies nothing", (commit, complete), verify, ELSEWHERE, UnknownCase),
        ("where nothing was promised there is nothing", (), hand_in, CLERK, UnknownCase),
        ("a rule counts as well: not due", (defer,), remind, CLERK, NOT_DUE_YET),
        ("a rule counts as well: not missing", (defer,), hand_in_another, CLERK, DOCUMENT_NOT_MISSING),
        ("a rule counts as well: not handled", (commit,), verify, CLERK, NOT_HANDLED_YET),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_nobody_else_takes_it_and_nothing_is_left(
    database, case: str, before, act: Act, by: Caller, refusal: type[CreditError]
):
    for each in before:
        await carry_out(database, each, CLERK)
    steps, sent = await count(database, application_steps), await count(database, outbox)
    with refuses(refusal):
        await carry_out(database, act, by)
    assert (await count(database, application_steps), await count(database, outbox)) == (steps, sent)


async def test_the_promise_and_its_incentive_are_saved_together_or_not_at_all(database):
    """[4.2.2] [5.2.1]: what is wrong with the promise grants nothing."""
    wrong = replace(PROMISED, due_on=TODAY)
    with pytest.raises(CreditError):
        async with SqlUnitOfWork(database) as work:
            await deferral_actions.defer(work, moment(MONDAY).acting_as(CLERK), WHICH, wrong)
    assert await count(database, incentive_grants) == await count(database, deferrals) == 0
    await carry_out(database, defer, CLERK)
    assert await count(database, incentive_grants) == await count(database, deferrals) == 1


async def test_a_confidential_application_has_no_promise_to_anybody(database):
    await carry_out(database, defer, CLERK)
    await database.write((update(applications).values(confidential=True), None))
    for act, by in ((hand_in, CLERK), (withdraw, SUBJECT), (remind, HANDLER)):
        with pytest.raises(UnknownCase):
            await carry_out(database, act, by, AFTER)


async def test_the_case_of_a_default_counts_no_version_and_is_saved_once(database):
    """The applicant sees the version, and an open investigation is nobody's to know of [5.1.4(2)]."""
    await carry_out(database, defer, CLERK)
    async with SqlUnitOfWork(database) as work:
        deferral = await work.deferrals.load(WHICH.subject_id, WHICH.id)
        assert deferral is not None
        case_id = new_id()
        await work.deferrals.collected(deferral, case_id)
        again = await work.deferrals.load(WHICH.subject_id, WHICH.id)
        assert again == replace(deferral, case_id=case_id)
        with pytest.raises(ApplicationChangedMeanwhile):  # who read it before the case was there
            await work.deferrals.collected(deferral, new_id())
        with pytest.raises(ApplicationChangedMeanwhile):
            await work.deferrals.save(deferral)


async def test_a_step_is_never_changed_afterwards(database):
    await carry_out(database, commit, CLERK)
    with pytest.raises(DBAPIError):
        await database.write((update(application_steps).values(actor_ref="somebody-else"), None))


async def test_what_is_saved_is_loaded_unchanged(database):
    for act in (commit, complete, verify):
        saved = await carry_out(database, act, CLERK)
    assert isinstance(saved, Commitment)
    async with SqlUnitOfWork(database) as work:
        found = await work.commitments.load(WHICH.subject_id, WHICH.id)
    assert found is not None
    assert (found.verification, found.version) == (saved.verification, 3)
    assert state(found, TODAY, shipped()) is CommitmentState.MET


@on_sqlite
@pytest.mark.parametrize("paper", ["370305190203020012", "3703 0519 0203 0200 12"])
async def test_a_reference_that_identifies_a_person_is_refused_without_quoting_it(database, paper: str):
    with pytest.raises(StepNotWellFormed) as refused:
        async with SqlUnitOfWork(database) as work:
            await deferral_actions.defer(
                work, moment(MONDAY).acting_as(CLERK), WHICH, replace(PROMISED, commitment_ref=paper)
            )
    assert [(one.field, one.code) for one in refused.value.problems] == [("commitment", "HOLDS_NUMBER")]
    assert "3703" not in str(refused.value)


async def test_a_late_entry_counts_by_its_side_and_keeps_both_days(database):
    """[4.2.2] [4.2.3] [5.1.4] The applicant's act counts from its own day, the department's from its record."""
    friday = date(2026, 3, 13)
    at = datetime(2026, 3, 16, 2, tzinfo=UTC)
    await carry_out(database, commit, CLERK)

    def complete_late(work: SqlUnitOfWork, by: Caller, when: datetime) -> Awaitable[Commitment]:
        return commitment_actions.complete(work, moment(when).acting_as(by), WHICH, friday, ["准予-1"])

    await carry_out(database, complete_late, HANDLER, at)
    async with SqlUnitOfWork(database) as work:
        kept = await work.commitments.load(SUBJECT_ID, WHICH.id)
    assert kept is not None
    late = LateEntry(friday, date(2026, 3, 16))
    assert (kept.completed_on, kept.completed_own_day, kept.completed_late) == (late.recorded_on, friday, late)
    (completion, verification) = of_commitment(kept, CALENDAR)
    assert (completion.met_on, verification.started_on) == (late.recorded_on, late.recorded_on)
    assert completion.late == verification.late == late


async def test_a_reminder_that_is_recorded_late_gives_the_applicant_its_days(database):
    """[5.1.2c] Received on Monday, recorded on Friday: the three working days begin with the record."""
    await carry_out(database, defer, CLERK)
    await carry_out(database, remind, HANDLER, AFTER)
    received, recorded = AFTER.date(), datetime(2026, 3, 27, 2, tzinfo=UTC)

    def serve(work: SqlUnitOfWork, by: Caller, when: datetime) -> Awaitable[Deferral]:
        return deferral_actions.serve_reminder(work, moment(when).acting_as(by), WHICH, "回执-1", received)

    def hand_in_late(work: SqlUnitOfWork, by: Caller, when: datetime) -> Awaitable[Deferral]:
        given = HandInDocument(WHICH, "验资报告", "收件-1", recorded.date())
        return deferral_actions.hand_in(work, moment(when).acting_as(by), given)

    await carry_out(database, serve, HANDLER, recorded)
    await carry_out(database, hand_in_late, CLERK, datetime(2026, 3, 30, 2, tzinfo=UTC))
    async with SqlUnitOfWork(database) as work:
        kept = await work.deferrals.load(SUBJECT_ID, WHICH.id)
    assert kept is not None
    late = LateEntry(received, recorded.date())
    assert (kept.served_on(), kept.reminders[0].reached_on) == (recorded.date(), received)
    assert of_deferral(kept, CALENDAR)[-1].due.on == date(2026, 4, 1)
    assert of_deferral(kept, CALENDAR)[-1].late == late
    (came,) = kept.hand_ins
    assert (came.on, came.late) == (recorded.date(), LateEntry(recorded.date(), date(2026, 3, 30)))
