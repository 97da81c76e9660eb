"""The actions on restraint cases: load, apply the pure rule, save, record, notify. The caller commits [5.1.4].

Permission is checked here again, whatever the policy tables say. The handler takes the steps of the procedure, the head
of the authority chooses the reviewer, the reviewer closes the review, and the subject, or a delegate whose authority is
recorded and live, makes the defence. See also `credit.cases.actions.take_step` (how a step is taken and saved),
`.collect` (how a case begins), `.statements`, `.rectification` and `.confidentiality`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from credit.cases.actions.take_step import (
    TODAY,
    StepDetails,
    fact_of,
    reference,
    require_handler,
    require_head,
    require_reviewer,
    require_version,
    save_step,
    take_step,
)
from credit.cases.case import Case, Fact, ReviewOutcome, ServiceMeans, Severity
from credit.cases.rules import closing, taking_over, transitions
from credit.cases.rules.grounds import Grounds
from credit.cases.rules.term import Term
from credit.cases.steps import StepName
from credit.core.context import ActionContext
from credit.core.record_refs import CaseRef
from credit.core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class VerifyCase:
    """What a verification found."""

    case: CaseRef
    details: StepDetails
    severity: Severity
    grounds: Grounds | None = None


async def verify(work: UnitOfWork, context: ActionContext, command: VerifyCase) -> Case:
    """Complete the verification, by the handler that collected the case [5.1.4(1)]."""
    step = partial(
        transitions.verify,
        severity=command.severity,
        calendar=context.calendar,
        today=context.today,
        grounds=command.grounds,
    )
    return await take_step(work, context, command.case, command.details, StepName.VERIFIED, require_handler, step)


async def notice(work: UnitOfWork, context: ActionContext, which: CaseRef, details: StepDetails) -> Case:
    """Record that the written notice was handed over or posted [5.1.4(2)]; the subject is notified.

    A delay of access entries ends with it [5.1.6].
    """
    step = partial(transitions.notice, today=context.today)
    case = await take_step(work, context, which, details, StepName.NOTICED, require_handler, step)
    await work.cases.open_entries(case, context.today)
    return case


async def serve(
    work: UnitOfWork, context: ActionContext, which: CaseRef, details: StepDetails, means: ServiceMeans
) -> Case:
    """Record the receipt of the notice with its proof [5.1.4(2)]."""
    step = partial(transitions.serve, means=means, today=context.today)
    return await take_step(work, context, which, details, StepName.SERVED, require_handler, step)


async def hand_over(
    work: UnitOfWork, context: ActionContext, which: CaseRef, details: StepDetails, to_ref: str
) -> Case:
    """Let the head give the case to another handler, who then counts as its collector [5.1.4(1)]."""
    to = reference("handler", to_ref)

    def step(case: Case, fact: Fact) -> Case:
        return transitions.hand_over(case, fact, to, case.department_code, today=context.today)

    return await take_step(work, context, which, details, StepName.HANDED_OVER, require_head, step)


async def assign_reviewer(work: UnitOfWork, context: ActionContext, which: CaseRef, reviewer_ref: str) -> Case:
    """Let the head assign the review to an officer who did not handle the case [5.1.4(4)]."""
    reviewer = reference("reviewer", reviewer_ref)
    step = partial(transitions.assign_reviewer, reviewer_ref=reviewer, today=context.today)
    return await take_step(work, context, which, TODAY, StepName.REVIEWER_ASSIGNED, require_head, step)


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """The result of a review. *basis* is the amended one, if the review amends it."""

    case: CaseRef
    details: StepDetails
    outcome: ReviewOutcome
    basis: str | None = None


async def review(work: UnitOfWork, context: ActionContext, command: ReviewCase) -> Case:
    """Close the review; the subject is notified of its outcome [5.1.4(4)]."""
    amended = None if command.basis is None else reference("basis", command.basis)
    step = partial(transitions.review, outcome=command.outcome, today=context.today, basis=amended)
    return await take_step(work, context, command.case, command.details, StepName.REVIEWED, require_reviewer, step)


@dataclass(frozen=True, slots=True)
class DetermineCase:
    """What is determined, by which legal document and for how long."""

    case: CaseRef
    details: StepDetails
    severity: Severity
    legal_document: str
    term: Term


async def determine(work: UnitOfWork, context: ActionContext, command: DetermineCase) -> Case:
    """Determine the restraint; the city platform is notified [5.1.4(5)]."""
    term, document = command.term, command.legal_document
    document = reference("legalDocument", document) if document.strip() else ""
    if term.citation is not None and term.citation.strip():
        reference("citation", term.citation)
    step = partial(
        transitions.determine,
        severity=command.severity,
        legal_document=document,
        term=term,
        calendar=context.calendar,
        today=context.today,
    )
    return await take_step(work, context, command.case, command.details, StepName.DETERMINED, require_handler, step)


async def publish(work: UnitOfWork, context: ActionContext, which: CaseRef) -> Case:
    """Publish a determination; restart periods that a new breach prolongs; the platform is notified [5.1.5]."""
    every = await work.cases.all_of(which.subject_id)
    case = require_version(require_handler(_of(every, which), context.actor), which)
    fact = fact_of(context, TODAY)
    published = transitions.publish(case, fact, every, today=context.today, unrectified=context.unrectified)
    return await _save_publication(work, context, StepName.PUBLISHED, fact, published, every)


async def confirm_taken_over(work: UnitOfWork, context: ActionContext, which: CaseRef, evidence: Iterable[str]) -> Case:
    """Confirm, as the head, a record taken over from before the cut-over date; the subject is notified [5.1.4]."""
    every = await work.cases.all_of(which.subject_id)
    case = require_version(require_head(_of(every, which), context.actor), which)
    fact = fact_of(context, StepDetails(None, tuple(evidence)))
    confirmed = taking_over.confirm(case, fact, every, today=context.today, unrectified=context.unrectified)
    return await _save_publication(work, context, StepName.TAKEN_OVER_CONFIRMED, fact, confirmed, every)


def _of(cases: Iterable[Case], which: CaseRef) -> Case | None:
    return next((case for case in cases if case.case_id == which.id), None)


async def _save_publication(
    work: UnitOfWork,
    context: ActionContext,
    name: StepName,
    fact: Fact,
    published: transitions.Publication,
    every: Iterable[Case],
) -> Case:
    """Save a published case and those whose periods it changes, each over the version that was read."""
    before = {case.case_id: case.version for case in every}
    for other in published.restarted_period:
        await save_step(work, context, StepName.RUN_ANEW, fact, other, over=before[other.case_id])
    return await save_step(work, context, name, fact, published.case, over=before[published.case.case_id])


async def confirm_rectification(
    work: UnitOfWork, context: ActionContext, which: CaseRef, evidence: Iterable[str]
) -> Case:
    """Confirm today, with evidence, that the breach is rectified; the platform is notified [5.1.5]."""
    step = partial(closing.rectify, today=context.today, unrectified=context.unrectified)
    details = StepDetails(None, tuple(evidence))
    return await take_step(work, context, which, details, StepName.RECTIFIED, require_handler, step)


async def refer(work: UnitOfWork, context: ActionContext, which: CaseRef, evidence: Iterable[str]) -> Case:
    """Refer a case that reaches an administrative penalty; it leaves this procedure today [5.1.2]."""
    step = partial(closing.refer, today=context.today, unrectified=context.unrectified)
    details = StepDetails(None, tuple(evidence))
    return await take_step(work, context, which, details, StepName.REFERRED, require_handler, step)


async def drop(work: UnitOfWork, context: ActionContext, which: CaseRef, details: StepDetails) -> Case:
    """Drop the case, before any determination [5.1.4]."""
    step = partial(closing.drop, today=context.today)
    return await take_step(work, context, which, details, StepName.DROPPED, require_handler, step)
