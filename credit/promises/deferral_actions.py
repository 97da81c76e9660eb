"""The actions on deferred documents: granted with their promise, handed in, reminded of, served [4.2.2] [5.1.2c].

Each loads, takes the pure step of `credit.promises.deferral`, saves, and records who took it. The caller commits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from credit.applications.application import Facilitation, Outcome, still_open
from credit.cases.actions.take_step import reference
from credit.core.context import ActionContext
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.incentives.actions import grant_incentive
from credit.incentives.refusals import NOT_ELIGIBLE, NotEligible
from credit.promises import deferral as promises_deferral
from credit.promises.deferral import Deferral
from credit.promises.take_step import (
    CLERK,
    OFFICERS,
    PromiseStep,
    for_withdrawing,
    record_step,
    require_application,
    require_version,
)

INCENTIVE = Facilitation.DEFERRED_DOCUMENTS.value


@dataclass(frozen=True, slots=True)
class DeferralRequest:
    """What the applicant promises: which documents are missing, by when, and where the written promise is filed."""

    missing: tuple[str, ...] = field(repr=False)
    due_on: date
    commitment_ref: str


async def defer(work: UnitOfWork, context: ActionContext, which: ApplicationRef, promised: DeferralRequest) -> Deferral:
    """Let the application go ahead on a written promise; the incentive is granted with it, or neither [4.2.2] [5.2.1].

    Raises what `grant_incentive` and `credit.promises.deferral.defer` raise. A matter that names no longest time offers
    none.
    """
    application = still_open(await require_application(work, context.actor, which, CLERK))
    terms = await work.applications.terms(application.matter_code)
    if terms is None or INCENTIVE not in terms.allows or terms.deferral_longest_days is None:
        raise NotEligible(NOT_ELIGIBLE, incentive=INCENTIVE)
    # What is wrong with the promise itself is said first: it tells nothing of the applicant.
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
    )  # it compares the version of the application, which is what the caller saw
    await work.deferrals.add(deferral)
    facts = {"missing": list(deferral.missing), "due_on": deferral.due_on.isoformat()}
    await record_step(work, context, PromiseStep.DEFERRED, deferral, facts=facts, evidence=(deferral.commitment_ref,))
    return deferral


@dataclass(frozen=True, slots=True)
class HandInDocument:
    """A missing document that came: by its term, with the receipt that was given; *on* is the day it came, or today."""

    application: ApplicationRef
    document: str = field(repr=False)
    receipt: str
    on: date | None = None


async def hand_in(work: UnitOfWork, context: ActionContext, command: HandInDocument) -> Deferral:
    """Take in one missing document, today or dated to the day on which it came, with its receipt [4.2.2]."""
    term, paper = reference("document", command.document), reference("receipt", command.receipt)
    day = command.on or context.today

    def take(deferral: Deferral) -> Deferral:
        by, today = context.actor.ref, context.today
        return promises_deferral.hand_in(deferral, term, on=day, received_by=by, receipt=paper, today=today)

    step, facts = PromiseStep.HANDED_IN, {"document": term}
    return await _take_step(work, context, command.application, step, take, on=day, facts=facts, evidence=(paper,))


async def remind(work: UnitOfWork, context: ActionContext, which: ApplicationRef, paper: str) -> Deferral:
    """Send the formal demand, from the day after the promised date on; the applicant is told [5.1.2c]."""
    demand = reference("paper", paper)

    def take(deferral: Deferral) -> Deferral:
        return promises_deferral.remind(deferral, by=context.actor.ref, paper=demand, today=context.today)

    return await _take_step(work, context, which, PromiseStep.REMINDED, take, evidence=(demand,), told=True)


async def serve_reminder(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, proof: str, on: date | None
) -> Deferral:
    """Record that the demand reached the applicant, with its proof; the three working days begin the day after."""
    kept, day = reference("proof", proof), on or context.today

    def take(deferral: Deferral) -> Deferral:
        return promises_deferral.serve_reminder(deferral, served_on=day, proof=kept, today=context.today)

    return await _take_step(work, context, which, PromiseStep.REMINDER_SERVED, take, on=day, evidence=(kept,))


async def withdraw(work: UnitOfWork, context: ActionContext, which: ApplicationRef) -> Deferral:
    """Record today that the applicant withdraws: nothing is owed any more. It undoes no default [5.1.2c]."""
    await for_withdrawing(work, context, which)
    deferral = require_version(await work.deferrals.load(which.subject_id, which.id), which)
    withdrawn = promises_deferral.end(deferral, on=context.today, today=context.today)
    await work.deferrals.save(withdrawn)
    await record_step(work, context, PromiseStep.DEFERRAL_WITHDRAWN, withdrawn)
    return withdrawn


async def decided(work: UnitOfWork, context: ActionContext, which: ApplicationRef, outcome: Outcome) -> None:
    """End what is still owed with an application that is refused or withdrawn; approved, it goes on being owed [4.2.2].

    Who may, has been decided there. It undoes no default that is there already.
    """
    if outcome is Outcome.APPROVED:
        return
    deferral = await work.deferrals.load(which.subject_id, which.id)
    if deferral is None or deferral.ended_on is not None or not deferral.still_missing(context.today):
        return
    ended = promises_deferral.end(deferral, on=context.today, today=context.today)
    step = PromiseStep.DEFERRAL_ENDED if outcome is Outcome.REFUSED else PromiseStep.DEFERRAL_WITHDRAWN
    await work.deferrals.save(ended)
    await record_step(work, context, step, ended)


async def _take_step(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    step: PromiseStep,
    take: Callable[[Deferral], Deferral],
    **recorded: Any,  # noqa: ANN401 - what `record_step` takes beside
) -> Deferral:
    await require_application(work, context.actor, which, *OFFICERS)
    deferral = take(require_version(await work.deferrals.load(which.subject_id, which.id), which))
    await work.deferrals.save(deferral)
    await record_step(work, context, step, deferral, **recorded)
    return deferral
