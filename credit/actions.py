"""The actions on restraint cases: load, take the pure step, save, record who took it, tell. The caller commits [5.1.4].

Who may is decided here once more, whatever the policy tables say: the handler of the case in its procedure, the head
of the authority on its reviewer, that reviewer on the review, and on the defence the subject, or a delegate whose
authority is recorded and live. What the caller may not know about is not found, whether or not it exists.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from credit import endings, steps
from credit.calendar import Calendar
from credit.case import Case, Fact, ReviewOutcome, ServiceMeans, Severity
from credit.errors import CaseChangedMeanwhile, InvalidItem, Problem, StepNotWellFormed, UnknownCase
from credit.grounds import Grounds
from credit.history import Step, StepName, decided
from credit.ports import By, CaseWork, Moment
from credit.references import parse_reference
from credit.refusals import NotTheCollector
from credit.restraint import Unrectified
from credit.term import Term

SALT_BYTES: Final = 16
SUBJECT, AGENT, HANDLER, REVIEWER, HEAD = "subject", "agent", "handler", "reviewer", "head"

TOLD: Final[Mapping[StepName, str]] = {
    StepName.NOTICED: "subject",
    StepName.REVIEWED: "subject",
    StepName.DETERMINED: "platform",
    StepName.PUBLISHED: "platform",
    StepName.RUN_ANEW: "platform",
    StepName.RECTIFIED: "platform",
}
"""Who is told of a step: the subject of what it can answer to, the city platform of what is on its list [5.1.4(5)]."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the steps are counted by: the official working days, and what a deployment does with the unrectified."""

    calendar: Calendar
    lapse: Unrectified = Unrectified.STAYS


@dataclass(frozen=True, slots=True)
class Which:
    """Which case, and at which version the caller saw it; None where the caller does not care."""

    subject_id: UUID
    case_id: UUID
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller says about a step: its day, today by default, and references to its evidence."""

    on: date | None = None
    evidence: tuple[str, ...] = ()


TODAY: Final = Said()

Take = Callable[[Case, Fact], Case]
Admit = Callable[[Case | None, By], Case]


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

    def take(case: Case, fact: Fact) -> Case:
        return steps.verify(case, fact, severity, calendar=rules.calendar, today=moment.today, grounds=grounds)

    return await _take(work, by, moment, which, said, StepName.VERIFIED, _handler, take)


async def notice(work: CaseWork, by: By, moment: Moment, which: Which, said: Said) -> Case:
    """Record that the written notice was handed over or posted [5.1.4(2)]; the subject is told."""

    def take(case: Case, fact: Fact) -> Case:
        return steps.notice(case, fact, today=moment.today)

    return await _take(work, by, moment, which, said, StepName.NOTICED, _handler, take)


async def serve(work: CaseWork, by: By, moment: Moment, which: Which, said: Said, means: ServiceMeans) -> Case:
    """Record the receipt of the notice with its proof [5.1.4(2)]."""

    def take(case: Case, fact: Fact) -> Case:
        return steps.serve(case, fact, means, today=moment.today)

    return await _take(work, by, moment, which, said, StepName.SERVED, _handler, take)


async def state(work: CaseWork, by: By, moment: Moment, rules: Rules, which: Which, evidence: Iterable[str]) -> Case:
    """Take the statement and defence of the subject, or of its delegate, today [5.1.4(3)]."""
    if by.role == SUBJECT:
        may = by.subject == which.subject_id
    else:
        is_agent = by.role == AGENT
        may = is_agent and await work.delegations.live_delegation(which.subject_id, by.ref, moment.today)
    # INVARIANT: settled before anything is loaded, so that not even its time says whether a case exists.
    if not may:
        raise UnknownCase

    def take(case: Case, fact: Fact) -> Case:
        return steps.state(case, fact, calendar=rules.calendar, today=moment.today)

    return await _take(work, by, moment, which, Said(None, tuple(evidence)), StepName.STATED, _told, take)


async def assign_reviewer(work: CaseWork, by: By, moment: Moment, which: Which, reviewer_ref: str) -> Case:
    """Give the review to somebody of the authority who did not handle the case; its head does [5.1.4(4)]."""
    reviewer = reference("reviewer", reviewer_ref)

    def take(case: Case, fact: Fact) -> Case:
        return steps.assign_reviewer(case, fact, reviewer, today=moment.today)

    return await _take(work, by, moment, which, TODAY, StepName.REVIEWER_ASSIGNED, _head, take)


async def review(
    work: CaseWork, by: By, moment: Moment, which: Which, said: Said, outcome: ReviewOutcome, basis: str | None = None
) -> Case:
    """Close the review; the subject is told of its outcome [5.1.4(4)]."""
    amended = None if basis is None else reference("basis", basis)

    def take(case: Case, fact: Fact) -> Case:
        return steps.review(case, fact, outcome, today=moment.today, basis=amended)

    return await _take(work, by, moment, which, said, StepName.REVIEWED, _reviewer, take)


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

    def take(case: Case, fact: Fact) -> Case:
        return steps.determine(case, fact, severity, document, term, calendar=rules.calendar, today=moment.today)

    return await _take(work, by, moment, which, said, StepName.DETERMINED, _handler, take)


async def publish(work: CaseWork, by: By, moment: Moment, rules: Rules, which: Which) -> Case:
    """Publish a determination; periods that a new breach prolongs run anew; the platform is told [5.1.5]."""
    every = await work.procedure.all_of(which.subject_id)
    found = next((case for case in every if case.case_id == which.case_id), None)
    case = _current(_handler(found, by), which)
    fact = _fact(by, moment, TODAY)
    published = steps.publish(case, fact, every, today=moment.today, lapse=rules.lapse)
    before = {other.case_id: other for other in every}
    for other in published.run_anew:
        await _keep(work, by, moment, StepName.RUN_ANEW, fact, other, over=before[other.case_id].version)
    return await _keep(work, by, moment, StepName.PUBLISHED, fact, published.case, over=case.version)


async def confirm_rectification(
    work: CaseWork, by: By, moment: Moment, rules: Rules, which: Which, evidence: Iterable[str]
) -> Case:
    """Confirm today, on evidence, that the breach is rectified; the platform is told [5.1.5]."""

    def take(case: Case, fact: Fact) -> Case:
        return endings.rectify(case, fact, today=moment.today, lapse=rules.lapse)

    said = Said(None, tuple(evidence))
    return await _take(work, by, moment, which, said, StepName.RECTIFIED, _handler, take)


async def refer(work: CaseWork, by: By, moment: Moment, rules: Rules, which: Which, evidence: Iterable[str]) -> Case:
    """Refer a case that reaches an administrative penalty; it leaves this procedure today [5.1.2]."""

    def take(case: Case, fact: Fact) -> Case:
        return endings.refer(case, fact, today=moment.today, lapse=rules.lapse)

    said = Said(None, tuple(evidence))
    return await _take(work, by, moment, which, said, StepName.REFERRED, _handler, take)


async def drop(work: CaseWork, by: By, moment: Moment, which: Which, said: Said) -> Case:
    """Leave it at that, before any determination [5.1.4]."""

    def take(case: Case, fact: Fact) -> Case:
        return endings.drop(case, fact, today=moment.today)

    return await _take(work, by, moment, which, said, StepName.DROPPED, _handler, take)


def reference(field: str, raw: str) -> str:
    """Read the reference of a paper or of staff, kept in clear: raises StepNotWellFormed where it tells of a person."""
    try:
        return parse_reference(raw)
    except InvalidItem as error:
        raise StepNotWellFormed((Problem.of(field, error),)) from None


async def _take(
    work: CaseWork, by: By, moment: Moment, which: Which, said: Said, name: StepName, admit: Admit, take: Take
) -> Case:
    """Carry out one step of one case: admitted, at the version that the caller saw, refused by name or kept."""
    fact = _fact(by, moment, said)
    case = _current(admit(await work.procedure.load(which.subject_id, which.case_id), by), which)
    return await _keep(work, by, moment, name, fact, take(case, fact), over=case.version)


def _current(case: Case, which: Which) -> Case:
    if which.expected_version not in {None, case.version}:
        raise CaseChangedMeanwhile
    return case


def _fact(by: By, moment: Moment, said: Said) -> Fact:
    on = said.on or moment.today
    evidence = tuple(reference("evidence", each) for each in said.evidence if each.strip())
    department = None if by.role in {SUBJECT, AGENT} else by.department
    return Fact(on, by.ref, department, evidence, moment.now if on == moment.today else None)


# --- who may -------------------------------------------------------------------------------------------------------


def _handler(case: Case | None, by: By) -> Case:
    """Admit the handler with whom the case is; colleagues, who see it, are refused by name [5.1.1]."""
    found = _of_department(case, by, HANDLER)
    if found.handler_ref != by.ref:
        raise NotTheCollector
    return found


def _head(case: Case | None, by: By) -> Case:
    return _of_department(case, by, HEAD)


def _reviewer(case: Case | None, by: By) -> Case:
    """Admit the reviewer whom the head chose. Who handled the case knows it, and is refused by name [5.1.4(4)]."""
    found = _of_department(case, by, REVIEWER)
    if found.reviewer_ref != by.ref and by.ref not in found.handled_by:
        raise UnknownCase
    return found


def _told(case: Case | None, _: By) -> Case:
    """Admit to a case of which its subject has been told: before, it is an open investigation [5.1.4(2)]."""
    found = _open(case)
    if all(fact is None for fact in (found.noticed, found.served, found.determined, found.published)):
        raise UnknownCase
    return found


def _of_department(case: Case | None, by: By, role: str) -> Case:
    found = _open(case)
    if by.role != role or by.department is None or found.department_code != by.department:
        raise UnknownCase
    return found


def _open(case: Case | None) -> Case:
    # A record marked confidential is refused on every interface, as if it were not there [5.1.6].
    if case is None or case.confidential:
        raise UnknownCase
    return case


# --- keeping -------------------------------------------------------------------------------------------------------


async def _keep(work: CaseWork, by: By, moment: Moment, name: StepName, fact: Fact, case: Case, *, over: int) -> Case:
    """Save *case* over the version *over*, append the step, and tell whom it concerns."""
    await work.procedure.save(case, over, moment.now)
    await work.procedure.append(
        Step(
            subject_id=case.subject_id,
            step_id=moment.new_id(),
            case_id=case.case_id,
            step=name,
            on=fact.on,
            at=moment.now,
            actor_ref=by.ref,
            role=by.role,
            department_code=fact.department,
            evidence=fact.evidence,
            facts=decided(name, case),
            salt=moment.random(SALT_BYTES),
        )
    )
    told = _to_be_told(name, case)
    if told is not None:
        about = {
            "to": told,
            "subject_id": str(case.subject_id),
            "case_id": str(case.case_id),
            "department_code": case.department_code,
        }
        await work.outbox(_topic(name), about, moment.new_id(), moment.now)
    return case


def _to_be_told(name: StepName, case: Case) -> str | None:
    if case.confidential:
        return None
    if name is StepName.REFERRED:
        return "platform" if case.determined is not None else None
    if name is StepName.DROPPED:
        return "subject" if case.noticed is not None else None
    return TOLD.get(name)


def _topic(name: StepName) -> str:
    """Return the topic of the outbox, as `restraint-case.run-anew`."""
    return "restraint-case." + name.lower().replace("_", "-")
