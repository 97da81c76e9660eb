"""The actions on commitments in place of proof: made, completed, verified afterwards, withdrawn [4.2.3] [5.1.2d].

Each loads, applies the pure rule of `credit.promises.commitment`, saves, and records the step. The caller commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from credit.applications.actions import CLERK, OFFICERS
from credit.applications.application import Outcome, still_open
from credit.cases.actions.take_step import TODAY, StepDetails, reference, references, text_of
from credit.core.context import ActionContext
from credit.core.late_entries import Means, PaperWithdrawal, WithdrawalContest, days_of
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.incentives.actions import grant_incentive
from credit.promises import commitment as promises_commitment
from credit.promises.commitment import INCENTIVE, Commitment, VerificationOutcome
from credit.promises.take_step import PromiseStep, load_promise, record_step, require_application, withdraw_promise
from credit.subjects.subject import Place


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The result of verifying a commitment."""

    outcome: VerificationOutcome
    facts: str = field(default="", repr=False)
    evidence: tuple[str, ...] = field(default=(), repr=False)
    on: date | None = None


async def commit(work: UnitOfWork, context: ActionContext, which: ApplicationRef, commitment_ref: str) -> Commitment:
    """Take a written commitment in place of proof, and grant the incentive with it: both or neither [4.2.3] [5.2.1].

    Raises what `grant_incentive` and `credit.promises.commitment.commit` raise.
    """
    application = still_open(await require_application(work, context.actor, which, CLERK))
    commitment = promises_commitment.commit(
        await work.applications.terms(application.matter_code),
        application_id=which.id,
        subject_id=which.subject_id,
        department_code=application.department_code,
        commitment_ref=reference("commitment", commitment_ref),
        today=context.today,
    )
    await grant_incentive(
        work, context, which, INCENTIVE, commitment_ref=commitment.commitment_ref
    )  # it compares the version of the application that the caller saw
    await work.commitments.add(commitment)
    facts = {"limit_days": commitment.limit_days, "verify_days": commitment.verify_days}
    await record_step(
        work, context, PromiseStep.COMMITTED, commitment, facts=facts, evidence=(commitment.commitment_ref,)
    )
    return commitment


async def complete(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, on: date | None, evidence: Sequence[str]
) -> Commitment:
    """Record that the department completed the matter, on the spot or later; its time to verify begins [4.2.3]."""
    found, days = references(evidence), days_of(PromiseStep.COMPLETED, on, context.today)
    commitment = await load_promise(work, work.commitments, context.actor, which, *OFFICERS)
    done = promises_commitment.complete(commitment, on=days, today=context.today)
    await work.commitments.save(done)
    await record_step(work, context, PromiseStep.COMPLETED, done, on=days.own_day, evidence=found)
    return done


async def verify(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, found: VerificationResult
) -> Commitment:
    """Record the result of verification; NOT_MET needs facts and evidence [4.2.3] [5.1.1] [5.1.2d].

    The facts are sealed. For NOT_MET they are sealed in the form that a case starts with, so that they can be carried
    into a case without being decrypted.
    """
    evidence, facts = references(found.evidence), text_of("facts", found.facts) or ""
    days = days_of(PromiseStep.COMMITMENT_VERIFIED, found.on, context.today)
    commitment = await load_promise(work, work.commitments, context.actor, which, *OFFICERS)
    verified = promises_commitment.verify(
        commitment, found.outcome, on=days, by=context.actor.ref, today=context.today, facts_zh=facts, evidence=evidence
    )
    text = promises_commitment.unmet(verified).facts_zh if found.outcome is VerificationOutcome.NOT_MET else facts
    # A verification is recorded once, so its text is always sealed for the first version of the row.
    place = Place("commitments", "facts", verified.subject_id, verified.application_id, 1)
    await work.commitments.save(verified, await work.seal(place, text) if text else None)
    await record_step(
        work,
        context,
        PromiseStep.COMMITMENT_VERIFIED,
        verified,
        on=days.own_day,
        facts={"outcome": found.outcome.value},
        evidence=evidence,
    )
    return verified


async def withdraw(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    details: StepDetails = TODAY,
    means: Means = Means.ONLINE,
) -> Commitment:
    """Record that the applicant withdraws, before the matter is completed [4.2.3].

    The applicant or its delegate withdraws today; an officer enters a paper with its own day, which can be contested.
    """
    step, end = PromiseStep.COMMITMENT_WITHDRAWN, promises_commitment.end
    return await withdraw_promise(work, work.commitments, context, which, step, end, details, means)


async def decided(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    outcome: Outcome,
    paper: PaperWithdrawal | None = None,
) -> None:
    """Complete the commitment of an approved application, or end the commitment of any other [4.2.3].

    Permission was checked for the application. A withdrawal on *paper* counts from its own day.
    Raises MATTER_COMPLETED, COMMITMENT_FOUND_UNMET.
    """
    commitment = await work.commitments.load(which.subject_id, which.id)
    if commitment is None:
        return
    settled = promises_commitment.decided(commitment, outcome, today=context.today, paper=paper)
    if settled is not commitment:
        await work.commitments.save(settled)
        await record_step(work, context, _SETTLED[outcome], settled, on=settled.ended_on)


async def contested(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, contest: WithdrawalContest
) -> bool:
    """Take the commitment up again, if a contested paper ended it; return whether one did."""
    commitment = await work.commitments.load(which.subject_id, which.id)
    if commitment is None:
        return False
    resumed = promises_commitment.contest_withdrawal(commitment, contest)
    if resumed is commitment:
        return False
    await work.commitments.save(resumed)
    await record_step(work, context, PromiseStep.COMMITMENT_RESUMED, resumed)
    return True


_SETTLED: Final = {
    Outcome.APPROVED: PromiseStep.COMPLETED,
    Outcome.REFUSED: PromiseStep.COMMITMENT_ENDED,
    Outcome.WITHDRAWN: PromiseStep.COMMITMENT_WITHDRAWN,
}
