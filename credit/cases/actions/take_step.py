"""How a step of a case is taken: load, check permission, apply the rule, save, record, notify [5.1.4].

The caller commits. Permission is checked here again, whatever the policy tables say. A case that the caller may not
know about is reported as not found, whether or not it exists.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from credit.cases.case import Case, Fact
from credit.cases.refusals import NOT_THE_COLLECTOR, NotTheirs
from credit.cases.rules.preconditions import require_evidence
from credit.cases.steps import StepName, decided
from credit.core.context import ActionContext, Caller
from credit.core.errors import CaseChangedMeanwhile, InvalidItem, Problem, StepNotWellFormed, UnknownCase
from credit.core.evidence_files import AttachedTo, FileRecord, attach_files, carry_files
from credit.core.late_entries import SUBJECTS_ACTS, Means, days_of
from credit.core.outbox import enqueue, topic_of
from credit.core.ports import DelegatedPower
from credit.core.record_refs import CaseRef
from credit.core.recorded_step import recorded_step
from credit.core.unit_of_work import UnitOfWork
from credit.core.values.blanks import is_blank
from credit.core.values.document_numbers import LONGEST, LONGEST_CITED, parse_document_number
from credit.core.values.free_text import parse_text
from credit.core.values.references import LONGEST_NAME, parse_reference

SHORT: Final = frozenset({"handler", "reviewer", "helper", "commitment"})
"""The fields that hold a short reference: to staff, or to a written commitment."""
SUBJECT, AGENT, HANDLER, REVIEWER, HEAD = "subject", "agent", "handler", "reviewer", "head"

LIST: Final = ("platform", "supervisors")
"""Recipients that have the list of restraints in force: the city platform, and the sector's supervisors [5.2.2]."""
RECIPIENTS: Final[Mapping[StepName, tuple[str, ...]]] = {
    StepName.HANDED_OVER: ("department",),
    StepName.NOTICED: ("subject",),
    StepName.REVIEWED: ("subject",),
    StepName.REOPENED: ("subject",),
    StepName.DROPPED: ("subject",),
    StepName.DETERMINED: ("platform", "subject"),
    StepName.PUBLISHED: (*LIST, "subject"),
    StepName.TAKEN_OVER_CONFIRMED: (*LIST, "subject"),
    StepName.RUN_ANEW: (*LIST, "subject"),
    StepName.RECTIFIED: (*LIST, "subject"),
    StepName.RECTIFICATION_REFUSED: ("subject",),
}
"""The recipients of each step: the subject for what concerns it, the others for what is on their list [5.1.4(5)].

A department is notified of a case that one of its handlers takes over."""
TAKEN_DOWN: Final = "TAKEN_DOWN"
"""The message about a case that recipients must remove from their list. It does not say for what reason."""
END_CHANGED: Final = "END_CHANGED"
"""The message about a case on their list that now leaves it, or stays on it, after its last day."""


@dataclass(frozen=True, slots=True)
class StepDetails:
    """The details of a step as the caller gives them: its day (today by default) and references to its evidence."""

    on: date | None = None
    evidence: tuple[str, ...] = ()


TODAY: Final = StepDetails()

_CLAIMS: Final = frozenset({StepName.RECTIFICATION_CLAIMED, StepName.RECTIFICATION_REFUSED})
NOTHING: Final[Mapping[str, Any]] = {}

Take = Callable[[Case, Fact], Case]
Examine = Callable[[Case], Awaitable[None]]
Admit = Callable[[Case | None, Caller], Case]


async def take_step(
    work: UnitOfWork,
    context: ActionContext,
    which: CaseRef,
    details: StepDetails,
    name: StepName,
    admit: Admit,
    step: Take,
    examine: Examine | None = None,
    further: Mapping[str, Any] = NOTHING,
) -> Case:
    """Take one step of one case: check permission and version, apply the rule, save the case and record the step.

    *examine* raises what has to be looked up before the rule can be applied. *further* are decisions of the step that
    the case has not.
    """
    fact = fact_of(context, details, name)
    case = require_version(admit(await work.cases.load(which.subject_id, which.id), context.actor), which)
    if examine is not None:
        await examine(case)
    return await save_step(work, context, name, fact, step(case, fact), over=case.version, further=further)


def require_version(case: Case, which: CaseRef) -> Case:
    """Return *case* if it has the version that the caller saw; raises CaseChangedMeanwhile."""
    if not which.is_current(case.version):
        raise CaseChangedMeanwhile
    return case


def fact_of(context: ActionContext, details: StepDetails, name: StepName) -> Fact:
    """Return the details as the fact of the step *name*, with its actor and the day from which it counts."""
    actor, days = context.actor, days_of(name, details.on, context.today)
    department = None if actor.role in {SUBJECT, AGENT} else actor.department
    at = context.now if days.counts_on == context.today else None
    return Fact(days.counts_on, actor.ref, department, references(details.evidence), at, days.late)


async def admission_of(
    work: UnitOfWork, context: ActionContext, subject_id: UUID, means: Means, power: DelegatedPower = "DEFENCE"
) -> Admit:
    """Return who is admitted to an act of the subject in a case.

    Online it is the subject, or a delegate with this *power*; a paper is entered by the handler of the case.
    """
    if means is Means.PAPER:
        return require_handler
    await require_own(work, context, subject_id, power)
    return require_subject


def act_of_subject(context: ActionContext, details: StepDetails, name: StepName, means: Means) -> Fact:
    """Return the fact of an act of the subject: online it counts from today, and a paper is its own evidence."""
    if means is Means.ONLINE:
        return fact_of(context, replace(details, on=None), name)
    fact = fact_of(context, details, name)
    require_evidence(fact)
    return fact


def without_evidence(fact: Fact) -> Fact:
    """Return *fact* for a step of another case that follows from it: its papers stay with the case they are about."""
    return replace(fact, evidence=())


# --- step details ---------------------------------------------------------------------------------------------------


def reference(field: str, raw: str) -> str:
    """Read a reference to a document or to staff, stored in clear; raises StepNotWellFormed if it is personal data."""
    try:
        return parse_reference(raw, LONGEST_NAME) if field in SHORT else parse_reference(raw)
    except InvalidItem as error:
        raise StepNotWellFormed((Problem.of(field, error),)) from None


def record_number(raw: str) -> str:
    """Read the number that an authority gives to a case or an application; raises StepNotWellFormed."""
    return document_number("number", raw, LONGEST)


def document_number(field: str, raw: str, longest: int = LONGEST_CITED) -> str:
    """Read the number of a document; raises StepNotWellFormed."""
    try:
        return parse_document_number(raw, longest)
    except InvalidItem as error:
        raise StepNotWellFormed((Problem.of(field, error),)) from None


def references(raw: Iterable[str]) -> tuple[str, ...]:
    """Read references to evidence; blank ones are left out."""
    return tuple(reference("evidence", each) for each in raw if not is_blank(each))


def text_of(field: str, raw: str | None) -> str | None:
    """Read a text that will be stored sealed, None for a blank one; raises StepNotWellFormed for one that is none."""
    if is_blank(raw):
        return None
    try:
        return parse_text(raw or "")
    except InvalidItem as error:
        raise StepNotWellFormed((Problem.of(field, error),)) from None


# --- permission
# --------------------------------------------------------------------------------------------------------


async def require_own(
    work: UnitOfWork, context: ActionContext, subject_id: UUID, power: DelegatedPower = "DEFENCE"
) -> None:
    """Refuse every caller but the subject itself, or a delegate whose recorded authority gives this *power* [5.1.6].

    INVARIANT: settled before anything is loaded, so that not even its time says whether a case exists.
    """
    actor = context.actor
    if actor.role == SUBJECT:
        may = actor.subject == subject_id
    else:
        may = actor.role == AGENT and await work.delegations.live_delegation(
            subject_id, actor.ref, context.today, power
        )
    if not may:
        raise UnknownCase


def require_handler(case: Case | None, actor: Caller) -> Case:
    """Admit the handler of the case. Colleagues can see it, so they get a named refusal [5.1.1]."""
    found = require_officer(case, actor, HANDLER)
    if found.handler_ref != actor.ref:
        raise NotTheirs(NOT_THE_COLLECTOR)
    return found


def require_head(case: Case | None, actor: Caller) -> Case:
    """Admit the head of the determining authority [5.1.1]."""
    return require_officer(case, actor, HEAD)


def require_reviewer(case: Case | None, actor: Caller) -> Case:
    """Admit the reviewer whom the head chose. The case's handlers know it, so they get a named refusal [5.1.4(4)]."""
    found = require_officer(case, actor, REVIEWER)
    if found.reviewer_ref != actor.ref and actor.ref not in found.handled_by:
        raise UnknownCase
    return found


def require_subject(case: Case | None, _: Caller) -> Case:
    """Admit the subject to a case after the notice; before, the case is an open investigation [5.1.4(2)]."""
    found = _open(case)
    if all(fact is None for fact in (found.noticed, found.served, found.determined, found.published)):
        raise UnknownCase
    return found


def require_officer(case: Case | None, actor: Caller, role: str) -> Case:
    """Admit an officer in *role* of the determining authority; all others get UnknownCase."""
    found = _open(case)
    if actor.role != role or actor.department is None or found.department_code != actor.department:
        raise UnknownCase
    return found


def _open(case: Case | None) -> Case:
    # A record marked confidential is refused on every interface, as if it did not exist [5.1.6].
    if case is None or case.confidential:
        raise UnknownCase
    return case


# --- saving --------------------------------------------------------------------------------------------------------


async def save_step(
    work: UnitOfWork,
    context: ActionContext,
    name: StepName,
    fact: Fact,
    case: Case,
    *,
    over: int,
    further: Mapping[str, Any] = NOTHING,
) -> Case:
    """Save *case* over the version *over*, and record the step with *further* decisions, which the case has not."""
    await work.cases.save(case, over, context.now)
    await record_step(work, context, name, fact, case, further)
    return case


async def record_step(
    work: UnitOfWork,
    context: ActionContext,
    name: StepName,
    fact: Fact,
    case: Case,
    further: Mapping[str, Any] = NOTHING,
    source: AttachedTo | None = None,
    step_id: UUID | None = None,
) -> UUID:
    """Append the step that led to the present *case*, and notify its recipients. Return the step's id."""
    facts, of_case = {**decided(name, case), **further}, (case.subject_id, case.case_id)
    step_id = await append_step(work, context, name, fact, *of_case, facts, source=source, step_id=step_id)
    for message, recipient in (*messages_of(name, case, context.today), *_confirmed_to_subject(context, name, case)):
        await enqueue(work, context, topic_of("restraint-case", message), recipient, case, case_id=case.case_id)
    return step_id


async def append_step(
    work: UnitOfWork,
    context: ActionContext,
    name: StepName,
    fact: Fact,
    subject_id: UUID,
    case_id: UUID,
    facts: Mapping[str, Any],
    objection_id: UUID | None = None,
    source: AttachedTo | None = None,
    step_id: UUID | None = None,
) -> UUID:
    """Append a step of a case, with the *facts* that it decided, and attach its files. Return the step's id.

    The files of an objection belong to the objection: only who answers it reads what is said in it. A step that another
    record led to, *source*, carries the files of its evidence over from there.
    """
    step = recorded_step(
        context,
        name,
        subject_id=subject_id,
        about=case_id,
        on=fact.own_day,
        department_code=fact.department,
        evidence=fact.evidence,
        facts=facts,
        step_id=step_id,
    )
    await work.cases.append(step)
    to = AttachedTo(FileRecord.RESTRAINT_CASE, case_id)
    if objection_id is not None:
        to = AttachedTo(FileRecord.OBJECTION, objection_id)
    if source is not None:
        await carry_files(work, context, subject_id, source, to, fact.evidence)
    else:
        await attach_files(work, context, subject_id, *to, fact.evidence)
        await attach_files(work, context, subject_id, *to, facts.get("self_support", ()), "selfSupport")
    return step.step_id


def messages_of(name: StepName, case: Case, today: date) -> list[tuple[str, str]]:
    """Return the messages to send, each with its recipient: a step, or TAKEN_DOWN."""
    taken_down = [(TAKEN_DOWN, recipient) for recipient in _listed(case)]
    if name is StepName.MARKED:
        # Recipients that have it remove it, and do not learn why [5.1.6].
        return taken_down
    if case.confidential:
        return []
    found = [(name.value, recipient) for recipient in RECIPIENTS.get(name, ())]
    match name:
        case StepName.UNMARKED:
            found = _announced_again(case, today)
        case StepName.REFERRED:
            found = [(name.value, recipient) for recipient in _listed(case)]
        case StepName.DROPPED if case.noticed is None:
            found = []
        case StepName.REOPENED:
            found = [*taken_down, *found]
        case StepName.REVIEWED if case.determined is not None:
            found = [*found, *_announced_again(case, today)]
        case _ if name in _CLAIMS and case.claims[-1] is case.timely_claim:
            # While the claim waits, the restraint rests after its last day; a refusal brings it back [5.1.5].
            found += [(END_CHANGED, recipient) for recipient in _listed(case)]
        case StepName.TAKEN_OVER_CONFIRMED if not case.is_in_force(today):
            # A former record that has ended by now comes on nobody's list; its subject is notified [5.1.4].
            found = [(message, recipient) for message, recipient in found if recipient not in LIST]
    return found


def _confirmed_to_subject(context: ActionContext, name: StepName, case: Case) -> list[tuple[str, str]]:
    """Return the message to the subject that its act was entered from paper; it knows what it did by itself."""
    is_from_paper = name in SUBJECTS_ACTS and context.actor.role not in {SUBJECT, AGENT}
    return [(name.value, "subject")] if is_from_paper and not case.confidential else []


def _announced_again(case: Case, today: date) -> list[tuple[str, str]]:
    """Return the messages about a case that had to be removed from the lists, if it is still in force."""
    ended = case.removed or case.dropped or case.referred or (case.published and not case.is_in_force(today))
    announced = StepName.DETERMINED if case.published is None else StepName.PUBLISHED
    return [] if ended else [(announced, recipient) for recipient in _listed(case)]


def _listed(case: Case) -> tuple[str, ...]:
    """Return the recipients that have the case on a list. Before publication only the platform has a determination."""
    return LIST if case.published is not None else LIST[:1] if case.determined is not None else ()
