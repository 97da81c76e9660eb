"""The actions on restraint cases: load, take the pure step, save, record who took it, tell. The caller commits [5.1.4].

Who may is decided here once more, whatever the policy tables say: the handler of the case in its procedure, the head
of the authority on its reviewer, that reviewer on the review, and on the defence the subject, or a delegate whose
authority is recorded and live. How a step is taken and kept is `credit.cases.actions.take_step`; how a case begins,
`credit.cases.actions.collect`; what is said in words, `credit.cases.actions.statements`; claims of rectification,
`credit.cases.actions.rectification`; secrecy, `credit.cases.actions.confidentiality`.
"""

from collections.abc import Iterable

from credit.cases.actions.take_step import (
    TODAY,
    Rules,
    Said,
    Which,
    current,
    fact_of,
    its_handler,
    its_head,
    its_reviewer,
    keep,
    reference,
    take,
)
from credit.cases.case import Case, Fact, ReviewOutcome, ServiceMeans, Severity
from credit.cases.rules import closing, transitions
from credit.cases.rules.grounds import Grounds
from credit.cases.rules.term import Term
from credit.cases.steps import StepName
from credit.core.ports import By, CaseWork, Moment

__all__ = [
    "TODAY",
    "Rules",
    "Said",
    "Which",
    "assign_reviewer",
    "confirm_rectification",
    "determine",
    "drop",
    "hand_over",
    "notice",
    "publish",
    "refer",
    "reference",
    "review",
    "serve",
    "verify",
]


async def verify(
    work: CaseWork,
    by: By,
    moment: Moment,
    rules: Rules,
    which: Which,
    said: Said,
    severity: Severity,
    grounds: Grounds | None = None,
) -> Case:
    """Complete the verification by who collected [5.1.4(1)]."""

    def step(case: Case, fact: Fact) -> Case:
        return transitions.verify(case, fact, severity, calendar=rules.calendar, today=moment.today, grounds=grounds)

    return await take(work, by, moment, which, said, StepName.VERIFIED, its_handler, step)


async def notice(work: CaseWork, by: By, moment: Moment, which: Which, said: Said) -> Case:
    """Record that the written notice was handed over or posted [5.1.4(2)]; the subject is told."""

    def step(case: Case, fact: Fact) -> Case:
        return transitions.notice(case, fact, today=moment.today)

    return await take(work, by, moment, which, said, StepName.NOTICED, its_handler, step)


async def serve(work: CaseWork, by: By, moment: Moment, which: Which, said: Said, means: ServiceMeans) -> Case:
    """Record the receipt of the notice with its proof [5.1.4(2)]."""

    def step(case: Case, fact: Fact) -> Case:
        return transitions.serve(case, fact, means, today=moment.today)

    return await take(work, by, moment, which, said, StepName.SERVED, its_handler, step)


async def hand_over(work: CaseWork, by: By, moment: Moment, which: Which, said: Said, to_ref: str) -> Case:
    """Give the case to another handler of the department, who then collected it; its head does [5.1.4(1)]."""
    to = reference("handler", to_ref)

    def step(case: Case, fact: Fact) -> Case:
        return transitions.hand_over(case, fact, to, case.department_code, today=moment.today)

    return await take(work, by, moment, which, said, StepName.HANDED_OVER, its_head, step)


async def assign_reviewer(work: CaseWork, by: By, moment: Moment, which: Which, reviewer_ref: str) -> Case:
    """Give the review to somebody of the authority who did not handle the case; its head does [5.1.4(4)]."""
    reviewer = reference("reviewer", reviewer_ref)

    def step(case: Case, fact: Fact) -> Case:
        return transitions.assign_reviewer(case, fact, reviewer, today=moment.today)

    return await take(work, by, moment, which, TODAY, StepName.REVIEWER_ASSIGNED, its_head, step)


async def review(
    work: CaseWork, by: By, moment: Moment, which: Which, said: Said, outcome: ReviewOutcome, basis: str | None = None
) -> Case:
    """Close the review; the subject is told of its outcome [5.1.4(4)]."""
    amended = None if basis is None else reference("basis", basis)

    def step(case: Case, fact: Fact) -> Case:
        return transitions.review(case, fact, outcome, today=moment.today, basis=amended)

    return await take(work, by, moment, which, said, StepName.REVIEWED, its_reviewer, step)


async def determine(
    work: CaseWork,
    by: By,
    moment: Moment,
    rules: Rules,
    which: Which,
    said: Said,
    severity: Severity,
    legal_document: str,
    term: Term,
) -> Case:
    """Determine the restraint; the city platform is told [5.1.4(5)]."""
    document = reference("legalDocument", legal_document) if legal_document.strip() else ""
    if term.citation is not None and term.citation.strip():
        reference("citation", term.citation)

    def step(case: Case, fact: Fact) -> Case:
        return transitions.determine(case, fact, severity, document, term, calendar=rules.calendar, today=moment.today)

    return await take(work, by, moment, which, said, StepName.DETERMINED, its_handler, step)


async def publish(work: CaseWork, by: By, moment: Moment, rules: Rules, which: Which) -> Case:
    """Publish a determination; periods that a new breach prolongs run anew; the platform is told [5.1.5]."""
    every = await work.procedure.all_of(which.subject_id)
    found = next((case for case in every if case.case_id == which.case_id), None)
    case = current(its_handler(found, by), which)
    fact = fact_of(by, moment, TODAY)
    published = transitions.publish(case, fact, every, today=moment.today, lapse=rules.lapse)
    before = {other.case_id: other for other in every}
    for other in published.restarted_period:
        await keep(work, by, moment, StepName.RUN_ANEW, fact, other, over=before[other.case_id].version)
    return await keep(work, by, moment, StepName.PUBLISHED, fact, published.case, over=case.version)


async def confirm_rectification(
    work: CaseWork, by: By, moment: Moment, rules: Rules, which: Which, evidence: Iterable[str]
) -> Case:
    """Confirm today, on evidence, that the breach is rectified; the platform is told [5.1.5]."""

    def step(case: Case, fact: Fact) -> Case:
        return closing.rectify(case, fact, today=moment.today, lapse=rules.lapse)

    said = Said(None, tuple(evidence))
    return await take(work, by, moment, which, said, StepName.RECTIFIED, its_handler, step)


async def refer(work: CaseWork, by: By, moment: Moment, rules: Rules, which: Which, evidence: Iterable[str]) -> Case:
    """Refer a case that reaches an administrative penalty; it leaves this procedure today [5.1.2]."""

    def step(case: Case, fact: Fact) -> Case:
        return closing.refer(case, fact, today=moment.today, lapse=rules.lapse)

    said = Said(None, tuple(evidence))
    return await take(work, by, moment, which, said, StepName.REFERRED, its_handler, step)


async def drop(work: CaseWork, by: By, moment: Moment, which: Which, said: Said) -> Case:
    """Leave it at that, before any determination [5.1.4]."""

    def step(case: Case, fact: Fact) -> Case:
        return closing.drop(case, fact, today=moment.today)

    return await take(work, by, moment, which, said, StepName.DROPPED, its_handler, step)
