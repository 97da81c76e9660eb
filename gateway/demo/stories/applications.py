"""Stories of the window: credit checks of every finding, incentives, deferred documents, commitments [4]."""

from datetime import date, timedelta
from uuid import UUID

from credit.applications import actions
from credit.applications.application import Outcome
from credit.calendar.deadlines import documents_due
from credit.cases.actions.take_step import StepDetails
from credit.core.late_entries import Means
from credit.core.record_refs import ApplicationRef
from credit.incentives.actions import grant_by_name
from credit.joint_measures.source_answer import Finding
from credit.promises import commitment_actions, deferral_actions
from credit.promises.commitment import VerificationOutcome
from credit.promises.commitment_actions import VerificationResult
from credit.promises.deferral_actions import DeferralRequest, HandInDocument
from credit.promises.open_case import PromiseCaseDetails, collect_default
from credit.promises.settle import settle_promises
from gateway.demo.district.matters import LIMIT_DAYS, VERIFY_DAYS
from gateway.demo.seed.well_known_ids import (
    CAST,
    COMMITTED,
    DEFAULTED,
    MYSELF,
    OVERDUE,
    OWED,
    TO_VERIFY,
    TRADING,
    UNMET,
    WITHDRAWN_ON_PAPER,
)
from gateway.demo.stories.story_runner import CLERK, HANDLER, SOON, StoryRunner, each_of, papers

FIRST, _, _, _, _, _, SECOND, THIRD, FOURTH = each_of(CAST)
COMPANY, _ = each_of(TRADING)
"""No subject of the stories is restrained: a grant would be refused [5.2.1]."""
MISSING = ("场所使用证明", "健康证明")
PROMISE_DAYS = 10


async def at_the_window(runner: StoryRunner) -> None:
    """Run all stories of applications."""
    await _checks(runner)
    await _deferrals(runner)
    await _commitments(runner)


async def _checks(runner: StoryRunner) -> None:
    """Make one application for each finding, a green channel, and each way an application can end [4.1] [4.2.1]."""
    for back, (subject_id, finding) in enumerate(
        ((SECOND, Finding.ADVERSE), (THIRD, Finding.UNKNOWN), (FOURTH, Finding.GOVERNED)), start=1
    ):
        day = runner.ago(back)
        await runner.checked(await runner.filed(subject_id, day), day, finding)
    day = runner.ago(6)
    fast = await runner.filed(FIRST, day)
    await runner.checked(fast, day)
    await grant_by_name(runner.work, runner.context(CLERK, day, 10), fast, "GREEN_CHANNEL", helper_ref="demo-helper")
    await actions.decide(runner.work, runner.context(CLERK, runner.ago(5), 15), fast, Outcome.APPROVED, settle_promises)
    refused = await runner.filed(SECOND, runner.ago(9))
    await actions.decide(runner.work, runner.context(CLERK, runner.ago(4)), refused, Outcome.REFUSED, settle_promises)
    taken_back = await runner.filed(THIRD, runner.ago(8))
    await actions.withdraw(
        runner.work, runner.context(runner.applicant(THIRD), runner.ago(7)), taken_back, settle_promises
    )
    # A letter that came three days after its posting: its applicant can contest it [5.1.6].
    on_paper = await runner.filed(MYSELF.subject_id, runner.ago(6), first=WITHDRAWN_ON_PAPER)
    letter = StepDetails(runner.ago(5), ("演示撤回申请书第1号",))
    context = runner.context(CLERK, runner.ago(2))
    await actions.withdraw(runner.work, context, on_paper, settle_promises, letter, Means.PAPER)


# --- deferred documents [4.2.2] ---------------------------------------------------------------------------------------


async def _deferrals(runner: StoryRunner) -> None:
    """Due soon with one of two supplied; late; reminded; in default, and in default with its case [5.1.2c]."""
    soon = await _deferred(runner, FIRST, runner.today + timedelta(days=SOON), OWED)
    await deferral_actions.hand_in(
        runner.work,
        runner.context(CLERK, runner.today - timedelta(days=1)),
        HandInDocument(soon, MISSING[0], "演示收件单第1号", on=None),
    )
    await _deferred(runner, SECOND, runner.ago(1), OVERDUE)

    running = await _deferred(runner, THIRD, runner.ago(4))
    await _reminded(runner, running, runner.ago(3), runner.started(documents_due), "演示催〔1912〕第2号")

    defaulted = await _deferred(runner, COMPANY, runner.ago(12), DEFAULTED)
    await _reminded(runner, defaulted, runner.ago(9), runner.ago(7), "演示催〔1912〕第3号")

    collected = await _deferred(runner, FOURTH, runner.ago(16))
    await _reminded(runner, collected, runner.ago(14), runner.ago(12), "演示催〔1912〕第4号")
    context, opening = runner.context(HANDLER, runner.ago(5)), PromiseCaseDetails("演示容缺认〔1912〕第1号")
    await collect_default(runner.work, context, collected, opening)


async def _deferred(runner: StoryRunner, subject_id: UUID, due_on: date, first: UUID | None = None) -> ApplicationRef:
    """Accept an application with a written promise to hand in two documents by *due_on*."""
    day = due_on - timedelta(days=PROMISE_DAYS)
    which = await runner.filed(subject_id, day, first=first)
    await runner.checked(which, day)
    promised = DeferralRequest(MISSING, due_on, "演示容缺承诺书第1号")
    await deferral_actions.defer(runner.work, runner.context(CLERK, day, 11), which, promised)
    return which


async def _reminded(runner: StoryRunner, which: ApplicationRef, sent: date, served: date, paper: str) -> None:
    await deferral_actions.remind(runner.work, runner.context(CLERK, sent), which, paper)
    served = max(sent, served)
    (proof,) = papers("催告送达回证")
    await deferral_actions.serve_reminder(runner.work, runner.context(CLERK, served, 15), which, proof, on=None)


# --- commitments [4.2.3] ----------------------------------------------------------------------------------------------


async def _commitments(runner: StoryRunner) -> None:
    """Under way; verification due soon; verification late; met; and found not met, which may become a case [5.1.2d]."""
    await _committed(runner, SECOND, runner.ago(2), COMMITTED)
    soon = runner.started(lambda day, calendar: calendar.deadline(day, VERIFY_DAYS))
    await _completed(runner, await _committed(runner, THIRD, _before(runner, soon), TO_VERIFY), soon)
    late = runner.ago(VERIFY_DAYS + 3)
    await _completed(runner, await _committed(runner, COMPANY, _before(runner, late)), late)
    for subject_id, outcome, facts, first in (
        (FIRST, VerificationOutcome.MET, "（演示）现场布局与承诺一致。", None),
        (FOURTH, VerificationOutcome.NOT_MET, "（演示）现场未设独立操作间，与承诺不符。", UNMET),
    ):
        done = runner.ago(12)
        which = await _committed(runner, subject_id, _before(runner, done), first)
        await _completed(runner, which, done)
        found = VerificationResult(outcome, facts, papers("事后核查记录"))
        await commitment_actions.verify(runner.work, runner.context(HANDLER, runner.ago(3)), which, found)


def _before(runner: StoryRunner, day: date) -> date:
    """Return the start day of a commitment that is completed in time on *day*."""
    return next(each for each in map(runner.ago, range(1, 90)) if each < day - timedelta(days=LIMIT_DAYS - 3))


async def _committed(runner: StoryRunner, subject_id: UUID, day: date, first: UUID | None = None) -> ApplicationRef:
    which = await runner.filed(subject_id, day, first=first)
    await runner.checked(which, day)
    await commitment_actions.commit(runner.work, runner.context(CLERK, day, 11), which, "演示告知承诺书第1号")
    return which


async def _completed(runner: StoryRunner, which: ApplicationRef, day: date) -> None:
    await commitment_actions.complete(
        runner.work, runner.context(CLERK, day, 14), which, on=None, evidence=papers("准予决定书")
    )
