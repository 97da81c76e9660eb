"""The actions on restraint cases: load, apply the pure rule, save, record, notify. The caller commits [5.1.4].

Permission is checked here again, whatever the policy tables say. The handler takes the steps of the procedure, the head
of the authority chooses the reviewer, the reviewer closes the review, and the subject, or a delegate whose authority is
recorded and live, makes the defence. See also `credit.cases.actions.take_step` (how a step is taken and saved),
`.collect` (how a case begins), `.statements`, `.rectification` and `.confidentiality`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from credit.cases.actions.amend import are_stored, keep_version
from credit.cases.actions.other_periods import reckon_others
from credit.cases.actions.take_step import (
    NOTHING,
    TODAY,
    Examine,
    StepDetails,
    Take,
    document_number,
    fact_of,
    reference,
    references,
    require_handler,
    require_head,
    require_reviewer,
    require_version,
    save_step,
    take_step,
    text_of,
    without_evidence,
)
from credit.cases.case import Case, Fact, ReviewOutcome, ServiceMeans, Severity
from credit.cases.publicity import publicity_of
from credit.cases.rules import closing, taking_over, transitions
from credit.cases.rules.grounds import Grounds
from credit.cases.rules.memoranda import require_not_governed
from credit.cases.rules.term import Term
from credit.cases.steps import StepName, written_answer
from credit.core.context import ActionContext
from credit.core.record_refs import CaseRef
from credit.core.unit_of_work import UnitOfWork
from credit.core.values.blanks import is_blank
from credit.joint_measures.source_answer import DatedAnswer
from credit.subjects.capacity import LegalCapacity, require_full_capacity


@dataclass(frozen=True, slots=True)
class VerifyCase:
    """What a verification found."""

    case: CaseRef
    details: StepDetails
    severity: Severity
    grounds: Grounds | None = None
    self_support: tuple[str, ...] = ()
    """References to the evidence that a person of 16 or 17 lives on its own work [Civil Code 18]."""


async def verify(work: UnitOfWork, context: ActionContext, command: VerifyCase) -> Case:
    """Complete the verification, by the handler that collected the case [5.1.4(1)]."""
    step = partial(
        transitions.verify,
        severity=command.severity,
        calendar=context.calendar,
        today=context.today,
        grounds=command.grounds,
    )
    return await take_step(
        work, context, command.case, command.details, StepName.VERIFIED, require_handler,
        _with_capacity(command, step), _examine(work, command),
    )  # fmt: skip


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
    """The result of a review. *basis* and *facts* are the amended ones, where the review amends them."""

    case: CaseRef
    details: StepDetails
    outcome: ReviewOutcome
    basis: str | None = None
    facts: str | None = field(default=None, repr=False)


async def review(work: UnitOfWork, context: ActionContext, command: ReviewCase) -> Case:
    """Close the review; the subject is notified of its outcome [5.1.4(4)]. What it amends is a version of its own."""
    which, facts = command.case, text_of("facts", command.facts)
    basis = None if command.basis is None or is_blank(command.basis) else reference("basis", command.basis)
    fact = fact_of(context, command.details, StepName.REVIEWED)
    case = require_version(require_reviewer(await work.cases.load(which.subject_id, which.id), context.actor), which)
    if facts is not None and command.outcome is ReviewOutcome.AMENDED and await are_stored(work, case, facts):
        facts = None  # the same facts amend nothing
    amended = frozenset(name for name, value in (("facts", facts), ("basis", basis)) if value is not None)
    reviewed = transitions.review(case, fact, command.outcome, today=context.today, amended=amended, basis=basis)
    if case.open_pause is not None:
        await reckon_others(work, context, reviewed)
    version = await keep_version(work, context, StepName.REVIEWED, fact, case, reviewed, facts) if amended else NOTHING
    return await save_step(work, context, StepName.REVIEWED, fact, reviewed, over=case.version, further=version)


@dataclass(frozen=True, slots=True)
class DetermineCase:
    """What is determined, by which legal document and for how long."""

    case: CaseRef
    details: StepDetails
    severity: Severity
    legal_document: str
    term: Term
    self_support: tuple[str, ...] = ()
    """As in `VerifyCase`, where verification did not find it yet."""


async def require_determinable(work: UnitOfWork, context: ActionContext, command: DetermineCase) -> None:
    """Raise what `determine` would refuse before the joint module is asked; nothing is changed."""
    which, step = command.case, _determine(context, command)
    fact = fact_of(context, command.details, StepName.DETERMINED)
    case = require_version(require_handler(await work.cases.load(which.subject_id, which.id), context.actor), which)
    await _examine(work, command)(case)
    step(case, fact)


async def determine(work: UnitOfWork, context: ActionContext, command: DetermineCase, answered: DatedAnswer) -> Case:
    """Determine the restraint, unless a national penalty memorandum governs [3.3]; the platform is notified [5.1.4(5)].

    What the joint module *answered* is recorded with the step.
    """
    step = _determine(context, command)

    def ungoverned(case: Case, fact: Fact) -> Case:
        determined = step(case, fact)
        require_not_governed(answered.answer)
        return determined

    further = {"joint_measures": written_answer(answered)}
    return await take_step(
        work, context, command.case, command.details, StepName.DETERMINED, require_handler,
        _with_capacity(command, ungoverned), _examine(work, command), further,
    )  # fmt: skip


def _determine(context: ActionContext, command: DetermineCase) -> Take:
    """Return the rule of a determination, with its references checked."""
    term, document = command.term, command.legal_document
    document = document_number("legalDocument", document) if not is_blank(document) else ""
    if term.citation is not None and not is_blank(term.citation):
        reference("citation", term.citation)
    return lambda case, fact: transitions.determine(
        case,
        fact,
        severity=command.severity,
        legal_document=document,
        term=term,
        calendar=context.calendar,
        today=context.today,
        publicity=publicity_of(context.publicity, case.circumstance, context.today),
    )


def _examine(work: UnitOfWork, command: VerifyCase | DetermineCase) -> Examine:
    """Return what refuses a step that leads to the restraint of a subject that is not restrained [3.2].

    A determination rests on what the ledger says of the subject's cases: else RecordContradictsLedger.

    What a case has from its verification need not be shown again.
    """
    shown = references(command.self_support)

    async def examine(case: Case) -> None:
        if isinstance(command, DetermineCase):
            await work.ledger.require_cases(case.subject_id)
        capacity = await _capacity(work, case, case.breach_on)
        require_full_capacity(capacity, is_self_supporting=bool(shown or case.self_support))

    return examine


async def _capacity(work: UnitOfWork, case: Case, on: date) -> LegalCapacity:
    age = await work.age_on(case.subject_id, on)
    return LegalCapacity(age, await work.delegations.is_guarded(case.subject_id, on))


def _with_capacity(command: VerifyCase | DetermineCase, step: Take) -> Take:
    """Return *step* with the evidence that a minor lives on its own work."""
    shown = references(command.self_support)
    return lambda case, fact: replace(step(case, fact), self_support=shown or case.self_support)


async def publish(work: UnitOfWork, context: ActionContext, which: CaseRef) -> Case:
    """Publish a determination; restart periods that a new breach prolongs; the platform is notified [5.1.5]."""
    every = await work.cases.all_of(which.subject_id)
    case = require_version(require_handler(_of(every, which), context.actor), which)
    await work.ledger.require_cases(which.subject_id)
    fact = fact_of(context, TODAY, StepName.PUBLISHED)
    published = transitions.publish(
        case,
        fact,
        every,
        calendar=context.calendar,
        today=context.today,
        unrectified=context.unrectified,
        publicity=publicity_of(context.publicity, case.circumstance, context.today),
    )
    return await _save_publication(work, context, StepName.PUBLISHED, fact, published, every)


async def confirm_taken_over(
    work: UnitOfWork, context: ActionContext, which: CaseRef, evidence: Iterable[str], rectified_on: date | None = None
) -> Case:
    """Confirm, as the head, a record taken over from before the cut-over date; the subject is notified [5.1.4].

    *rectified_on* is when it was rectified, by its papers, if it was.
    """
    every = await work.cases.all_of(which.subject_id)
    case = require_version(require_head(_of(every, which), context.actor), which)
    if case.taken_over is not None:
        require_full_capacity(await _capacity(work, case, case.taken_over.determined_on))
    await work.ledger.require_cases(which.subject_id)
    fact = fact_of(context, StepDetails(None, tuple(evidence)), StepName.TAKEN_OVER_CONFIRMED)
    confirmed = taking_over.confirm(
        case,
        fact,
        every,
        today=context.today,
        unrectified=context.unrectified,
        rules=context.publicity,
        rectified_on=rectified_on,
    )
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
        await save_step(work, context, StepName.RUN_ANEW, without_evidence(fact), other, over=before[other.case_id])
    return await save_step(work, context, name, fact, published.case, over=before[published.case.case_id])


async def confirm_rectification(
    work: UnitOfWork, context: ActionContext, which: CaseRef, evidence: Iterable[str]
) -> Case:
    """Confirm today, with evidence, that the breach is rectified; the platform is notified [5.1.5]."""

    def step(case: Case, fact: Fact) -> Case:
        rule = publicity_of(context.publicity, case.circumstance, context.today)
        return closing.rectify(case, fact, today=context.today, unrectified=context.unrectified, publicity=rule)

    details = StepDetails(None, tuple(evidence))
    return await take_step(work, context, which, details, StepName.RECTIFIED, require_handler, step)


async def refer(work: UnitOfWork, context: ActionContext, which: CaseRef, evidence: Iterable[str]) -> Case:
    """Refer a case that reaches a penalty or another measure; it leaves this procedure today [5.1.2]."""
    step = partial(closing.refer, today=context.today, unrectified=context.unrectified)
    details = StepDetails(None, tuple(evidence))
    return await take_step(work, context, which, details, StepName.REFERRED, require_handler, step)


async def drop(work: UnitOfWork, context: ActionContext, which: CaseRef, details: StepDetails) -> Case:
    """Drop the case, before any determination [5.1.4]."""
    step = partial(closing.drop, today=context.today)
    return await take_step(work, context, which, details, StepName.DROPPED, require_handler, step)
