"""The actions on deferred documents: defer, hand in, remind, serve the reminder, withdraw [4.2.2] [5.1.2c].

Each loads, applies the pure rule of `credit.promises.deferral`, saves, and records the step. The caller commits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from credit.applications.actions import CLERK, OFFICERS
from credit.applications.application import Facilitation, Outcome, still_open
from credit.cases.actions.take_step import TODAY, StepDetails, reference
from credit.core.context import ActionContext
from credit.core.late_entries import Means, PaperWithdrawal, WithdrawalContest, days_of
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.incentives.actions import grant_incentive
from credit.incentives.refusals import NOT_ELIGIBLE, NotEligible
from credit.promises import deferral as promises_deferral
from credit.promises.deferral import Deferral
from credit.promises.take_step import PromiseStep, load_promise, record_step, require_application, withdraw_promise

INCENTIVE = Facilitation.DEFERRED_DOCUMENTS.value


@dataclass(frozen=True, slots=True)
class DeferralRequest:
    """The promise of the applicant: the missing documents, the date, and the file reference of the written promise."""

    missing: tuple[str, ...] = field(repr=False)
    due_on: date
    commitment_ref: str


async def defer(work: UnitOfWork, context: ActionContext, which: ApplicationRef, promised: DeferralRequest) -> Deferral:
    """Accept a written promise for missing documents, and grant the incentive with it: both or neither [4.2.2] [5.2.1].

    Raises what `grant_incentive` and `credit.promises.deferral.defer` raise. A matter without a longest time allows no
    deferral.
    """
    application = still_open(await require_application(work, context.actor, which, CLERK))
    terms = await work.applications.terms(application.matter_code)
    if terms is None or INCENTIVE not in terms.allows or terms.deferral_longest_days is None:
        raise NotEligible(NOT_ELIGIBLE, incentive=INCENTIVE)
    # Problems of the promise itself are reported first: they reveal nothing about the applicant.
    deferral = promises_deferral.defer(
        application_id=which.id,
        subject_id=which.subject_id,
        department_code=application.department_code,
        missing=tuple(reference("missing", each) for each in promised.missing),
        commitment_ref=reference("commitment", promised.commitment_ref),
        due_on=promised.due_on,
        longest_days=terms.deferral_longest_days,
        today=context.today,
    )
    await grant_incentive(
        work, context, which, INCENTIVE, commitment_ref=deferral.commitment_ref
    )  # it compares the version of the application that the caller saw
    await work.deferrals.add(deferral)
    facts = {"missing": list(deferral.missing), "due_on": deferral.due_on.isoformat()}
    await record_step(work, context, PromiseStep.DEFERRED, deferral, facts=facts, evidence=(deferral.commitment_ref,))
    return deferral


@dataclass(frozen=True, slots=True)
class HandInDocument:
    """A missing document that came in: its term and its receipt; *on* is the day it came in, by default today."""

    application: ApplicationRef
    document: str = field(repr=False)
    receipt: str
    on: date | None = None


async def hand_in(work: UnitOfWork, context: ActionContext, command: HandInDocument) -> Deferral:
    """Record one missing document as handed in, today or on an earlier day, with its receipt [4.2.2]."""
    term, paper = reference("document", command.document), reference("receipt", command.receipt)
    days = days_of(PromiseStep.HANDED_IN, command.on, context.today)
    take = partial(
        promises_deferral.hand_in,
        document=term,
        on=days,
        received_by=context.actor.ref,
        receipt=paper,
        today=context.today,
    )
    step, facts = PromiseStep.HANDED_IN, {"document": term}
    return await _take_step(
        work, context, command.application, step, take, on=days.own_day, facts=facts, evidence=(paper,)
    )


async def remind(work: UnitOfWork, context: ActionContext, which: ApplicationRef, paper: str) -> Deferral:
    """Send the formal demand, from the day after the promised date on; the applicant is notified [5.1.2c]."""
    demand = reference("paper", paper)
    take = partial(promises_deferral.remind, by=context.actor.ref, paper=demand, today=context.today)
    return await _take_step(work, context, which, PromiseStep.REMINDED, take, evidence=(demand,), notify=True)


async def serve_reminder(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, proof: str, on: date | None
) -> Deferral:
    """Record that the demand reached the applicant, with its proof; the three working days begin the day after."""
    receipt, days = reference("proof", proof), days_of(PromiseStep.REMINDER_SERVED, on, context.today)
    take = partial(promises_deferral.serve_reminder, on=days, proof=receipt, today=context.today)
    return await _take_step(
        work, context, which, PromiseStep.REMINDER_SERVED, take, on=days.own_day, evidence=(receipt,)
    )


async def withdraw(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    details: StepDetails = TODAY,
    means: Means = Means.ONLINE,
) -> Deferral:
    """Record that the applicant withdraws: no document is owed any more. A default remains [5.1.2c].

    The applicant or its delegate withdraws today; an officer enters a paper with its own day, which can be contested.
    """
    step, end = PromiseStep.DEFERRAL_WITHDRAWN, promises_deferral.end
    return await withdraw_promise(work, work.deferrals, context, which, step, end, details, means)


async def decided(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    outcome: Outcome,
    paper: PaperWithdrawal | None = None,
) -> None:
    """End the deferral of a refused or withdrawn application; after an approval the documents stay owed [4.2.2].

    Permission was checked for the application. An existing default remains. A withdrawal on *paper* counts from its
    own day.
    """
    if outcome is Outcome.APPROVED:
        return
    deferral = await work.deferrals.load(which.subject_id, which.id)
    if deferral is None or deferral.ended_on is not None or not deferral.still_missing(context.today):
        return
    on = context.today if paper is None else max(paper.on, deferral.committed_on)
    ended = promises_deferral.end(deferral, on=on, today=context.today, paper=paper)
    step = PromiseStep.DEFERRAL_ENDED if outcome is Outcome.REFUSED else PromiseStep.DEFERRAL_WITHDRAWN
    await work.deferrals.save(ended)
    await record_step(work, context, step, ended, on=on)


async def contested(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, contest: WithdrawalContest
) -> bool:
    """Take the deferral up again, if a contested paper ended it; return whether one did."""
    deferral = await work.deferrals.load(which.subject_id, which.id)
    if deferral is None:
        return False
    resumed = promises_deferral.contest_withdrawal(deferral, contest, context.calendar)
    if resumed is deferral:
        return False
    await work.deferrals.save(resumed)
    anew = resumed.reminders != deferral.reminders
    facts = {"served_on": contest.recorded_on.isoformat() if anew else None}
    await record_step(work, context, PromiseStep.DEFERRAL_RESUMED, resumed, facts=facts)
    return True


async def _take_step(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    step: PromiseStep,
    take: Callable[[Deferral], Deferral],
    **recorded: Any,  # noqa: ANN401 - further arguments of `record_step`
) -> Deferral:
    deferral = take(await load_promise(work, work.deferrals, context.actor, which, *OFFICERS))
    await work.deferrals.save(deferral)
    await record_step(work, context, step, deferral, **recorded)
    return deferral
