"""Stories of the window: credit checks of every finding, incentives, deferred documents, commitments [4]."""

from datetime import date, timedelta
from uuid import UUID

from credit.applications import actions
from credit.applications.application import Outcome
from credit.calendar.deadlines import documents_due
from credit.core.record_refs import ApplicationRef
from credit.credit_checks.credit_check import Finding
from credit.incentives.actions import grant_by_name
from credit.promises import commitment_actions, deferral_actions
from credit.promises.commitment import VerificationOutcome
from credit.promises.commitment_actions import VerificationResult
from credit.promises.deferral_actions import DeferralRequest, HandInDocument
from credit.promises.open_case import PromiseCaseDetails, collect_default
from credit.promises.settle import settle_promises
from gateway.demo.district.matters import LIMIT_DAYS, VERIFY_DAYS
from gateway.demo.seed.well_known_ids import CAST, COMMITTED, DEFAULTED, OVERDUE, OWED, TO_VERIFY, TRADING, UNMET
from gateway.demo.stories.story_runner import CLERK, HANDLER, SOON, StoryRunner, each_of, papers

FIRST, _, _, _, _, _, SECOND, THIRD, FOURTH = each_of(CAST)
COMPANY, _ = each_of(TRADING)
"""None of them is restrained: the house would not grant them anything [5.2.1]."""
MISSING = ("场所使用证明", "健康证明")
PROMISE_DAYS = 10


async def at_the_window(stage: StoryRunner) -> None:
    """Play all of them."""
    await _checks(stage)
    await _deferrals(stage)
    await _commitments(stage)


async def _checks(stage: StoryRunner) -> None:
    """One application for each finding, a green channel, and every way in which an application ends [4.1] [4.2.1]."""
    for back, (subject_id, finding) in enumerate(
        ((SECOND, Finding.ADVERSE), (THIRD, Finding.UNKNOWN), (FOURTH, Finding.GOVERNED)), start=1
    ):
        day = stage.ago(back)
        await stage.checked(await stage.filed(subject_id, day), day, finding)
    day = stage.ago(6)
    fast = await stage.filed(FIRST, day)
    await stage.checked(fast, day)
    await grant_by_name(stage.work, stage.context(CLERK, day, 10), fast, "GREEN_CHANNEL", helper_ref="demo-helper")
    await actions.decide(stage.work, stage.context(CLERK, stage.ago(5), 15), fast, Outcome.APPROVED, settle_promises)
    refused = await stage.filed(SECOND, stage.ago(9))
    await actions.decide(stage.work, stage.context(CLERK, stage.ago(4)), refused, Outcome.REFUSED, settle_promises)
    taken_back = await stage.filed(THIRD, stage.ago(8))
    await actions.withdraw(stage.work, stage.context(stage.applicant(THIRD), stage.ago(7)), taken_back, settle_promises)


# --- deferred documents [4.2.2] ---------------------------------------------------------------------------------------


async def _deferrals(stage: StoryRunner) -> None:
    """Due soon with one of two supplied; late; reminded; in default, and in default with its case [5.1.2c]."""
    soon = await _deferred(stage, FIRST, stage.today + timedelta(days=SOON), OWED)
    await deferral_actions.hand_in(
        stage.work,
        stage.context(CLERK, stage.today - timedelta(days=1)),
        HandInDocument(soon, MISSING[0], "演示收件单第1号", on=None),
    )
    await _deferred(stage, SECOND, stage.ago(1), OVERDUE)

    running = await _deferred(stage, THIRD, stage.ago(4))
    await _reminded(stage, running, stage.ago(3), stage.started(documents_due), "演示催〔1912〕第2号")

    defaulted = await _deferred(stage, COMPANY, stage.ago(12), DEFAULTED)
    await _reminded(stage, defaulted, stage.ago(9), stage.ago(7), "演示催〔1912〕第3号")

    collected = await _deferred(stage, FOURTH, stage.ago(16))
    await _reminded(stage, collected, stage.ago(14), stage.ago(12), "演示催〔1912〕第4号")
    context, opening = stage.context(HANDLER, stage.ago(5)), PromiseCaseDetails("演示容缺认〔1912〕第1号")
    await collect_default(stage.work, context, collected, opening)


async def _deferred(stage: StoryRunner, subject_id: UUID, due_on: date, first: UUID | None = None) -> ApplicationRef:
    """Let an application go ahead on a written promise to hand in two documents by *due_on*."""
    day = due_on - timedelta(days=PROMISE_DAYS)
    which = await stage.filed(subject_id, day, first=first)
    await stage.checked(which, day)
    promised = DeferralRequest(MISSING, due_on, "演示容缺承诺书第1号")
    await deferral_actions.defer(stage.work, stage.context(CLERK, day, 11), which, promised)
    return which


async def _reminded(stage: StoryRunner, which: ApplicationRef, sent: date, served: date, paper: str) -> None:
    await deferral_actions.remind(stage.work, stage.context(CLERK, sent), which, paper)
    served = max(sent, served)
    (proof,) = papers("催告送达回证")
    await deferral_actions.serve_reminder(stage.work, stage.context(CLERK, served, 15), which, proof, on=None)


# --- commitments [4.2.3] ----------------------------------------------------------------------------------------------


async def _commitments(stage: StoryRunner) -> None:
    """Under way; verification due soon; verification late; met; and found not met, which may become a case [5.1.2d]."""
    await _committed(stage, SECOND, stage.ago(2), COMMITTED)
    soon = stage.started(lambda day, calendar: calendar.deadline(day, VERIFY_DAYS))
    await _completed(stage, await _committed(stage, THIRD, _before(stage, soon), TO_VERIFY), soon)
    late = stage.ago(VERIFY_DAYS + 3)
    await _completed(stage, await _committed(stage, COMPANY, _before(stage, late)), late)
    for subject_id, outcome, facts, first in (
        (FIRST, VerificationOutcome.MET, "（演示）现场布局与承诺一致。", None),
        (FOURTH, VerificationOutcome.NOT_MET, "（演示）现场未设独立操作间，与承诺不符。", UNMET),
    ):
        done = stage.ago(12)
        which = await _committed(stage, subject_id, _before(stage, done), first)
        await _completed(stage, which, done)
        found = VerificationResult(outcome, facts, papers("事后核查记录"))
        await commitment_actions.verify(stage.work, stage.context(HANDLER, stage.ago(3)), which, found)


def _before(stage: StoryRunner, day: date) -> date:
    """Return when a matter was begun that was completed in time on *day*."""
    return next(each for each in map(stage.ago, range(1, 90)) if each < day - timedelta(days=LIMIT_DAYS - 3))


async def _committed(stage: StoryRunner, subject_id: UUID, day: date, first: UUID | None = None) -> ApplicationRef:
    which = await stage.filed(subject_id, day, first=first)
    await stage.checked(which, day)
    await commitment_actions.commit(stage.work, stage.context(CLERK, day, 11), which, "演示告知承诺书第1号")
    return which


async def _completed(stage: StoryRunner, which: ApplicationRef, day: date) -> None:
    await commitment_actions.complete(
        stage.work, stage.context(CLERK, day, 14), which, on=None, evidence=papers("准予决定书")
    )
