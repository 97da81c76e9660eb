"""How a step of a case is taken: load, check permission, apply the rule, save, record, notify [5.1.4].

The caller commits. Permission is checked here again, whatever the policy tables say. A case that the caller may not
know about is reported as not found, whether or not it exists.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from credit.cases.case import Case, Fact
from credit.cases.refusals import NOT_THE_COLLECTOR, NotTheirs
from credit.cases.steps import StepName, decided
from credit.core.cells import clean
from credit.core.context import ActionContext, Caller
from credit.core.errors import CaseChangedMeanwhile, InvalidItem, Problem, StepNotWellFormed, UnknownCase
from credit.core.evidence_files import FileRecord, attach_files
from credit.core.flaws import Flaw
from credit.core.outbox import enqueue, topic_of
from credit.core.record_refs import CaseRef
from credit.core.recorded_step import recorded_step
from credit.core.references import LONGEST_NAME, parse_reference
from credit.core.unit_of_work import UnitOfWork

LONGEST_TEXT: Final = 10_000
LONGEST_NUMBER: Final = 40
SHORT: Final = frozenset({"handler", "reviewer", "helper", "commitment"})
"""The fields that hold a short reference: to staff, or to a written commitment."""
SUBJECT, AGENT, HANDLER, REVIEWER, HEAD = "subject", "agent", "handler", "reviewer", "head"

LIST: Final = ("platform", "supervisors")
"""Recipients that have the list of restraints in force: the city platform, and the sector's supervisors [5.2.2]."""
RECIPIENTS: Final[Mapping[StepName, tuple[str, ...]]] = {
    StepName.HANDED_OVER: ("department",),
    StepName.NOTICED: ("subject",),
    StepName.REVIEWED: ("subject",),
    StepName.DETERMINED: ("platform", "subject"),
    StepName.PUBLISHED: (*LIST, "subject"),
    StepName.RUN_ANEW: (*LIST, "subject"),
    StepName.RECTIFIED: (*LIST, "subject"),
    StepName.RECTIFICATION_REFUSED: ("subject",),
}
"""The recipients of each step: the subject for what concerns it, the others for what is on their list [5.1.4(5)].

A department is notified of a case that one of its handlers takes over."""
TAKEN_DOWN: Final = "TAKEN_DOWN"
"""The message about a case that recipients must remove from their list. It does not say for what reason."""


@dataclass(frozen=True, slots=True)
class StepDetails:
    """The details of a step as the caller gives them: its day (today by default) and references to its evidence."""

    on: date | None = None
    evidence: tuple[str, ...] = ()


TODAY: Final = StepDetails()

Take = Callable[[Case, Fact], Case]
Admit = Callable[[Case | None, Caller], Case]


async def take_step(
    work: UnitOfWork,
    context: ActionContext,
    which: CaseRef,
    details: StepDetails,
    name: StepName,
    admit: Admit,
    step: Take,
) -> Case:
    """Take one step of one case: check permission and version, apply the rule, save the case and record the step."""
    fact = fact_of(context, details)
    case = require_version(admit(await work.cases.load(which.subject_id, which.id), context.actor), which)
    return await save_step(work, context, name, fact, step(case, fact), over=case.version)


def require_version(case: Case, which: CaseRef) -> Case:
    """Return *case* if it has the version that the caller saw; raises CaseChangedMeanwhile."""
    if not which.is_current(case.version):
        raise CaseChangedMeanwhile
    return case


def fact_of(context: ActionContext, details: StepDetails) -> Fact:
    """Return the details as a fact, with its actor."""
    actor, on = context.actor, details.on or context.today
    department = None if actor.role in {SUBJECT, AGENT} else actor.department
    return Fact(on, actor.ref, department, references(details.evidence), context.now if on == context.today else None)


# --- step details ---------------------------------------------------------------------------------------------------


def reference(field: str, raw: str) -> str:
    """Read a reference to a document or to staff, stored in clear; raises StepNotWellFormed if it is personal data."""
    try:
        return parse_reference(raw, LONGEST_NAME) if field in SHORT else parse_reference(raw)
    except InvalidItem as error:
        raise StepNotWellFormed((Problem.of(field, error),)) from None


def record_number(raw: str) -> str:
    """Read the number that an authority gives to a case or an application; raises StepNotWellFormed."""
    number = reference("number", raw)
    if len(number) > LONGEST_NUMBER:
        raise StepNotWellFormed.of("number", Flaw.TOO_LONG)
    return number


def references(raw: Iterable[str]) -> tuple[str, ...]:
    """Read references to evidence; blank ones are left out."""
    return tuple(reference("evidence", each) for each in raw if each.strip())


def text_of(field: str, raw: str | None) -> str | None:
    """Read a text that will be stored sealed, None for a blank one; raises StepNotWellFormed for one too long."""
    text = clean(raw, lines=True)
    if len(text) > LONGEST_TEXT:
        raise StepNotWellFormed.of(field, Flaw.TOO_LONG)
    return text or None


# --- permission
# --------------------------------------------------------------------------------------------------------


async def require_own(work: UnitOfWork, context: ActionContext, subject_id: UUID) -> None:
    """Refuse every caller but the subject itself, or a delegate whose authority is recorded and live [5.1.6].

    INVARIANT: settled before anything is loaded, so that not even its time says whether a case exists.
    """
    actor = context.actor
    if actor.role == SUBJECT:
        may = actor.subject == subject_id
    else:
        may = actor.role == AGENT and await work.delegations.live_delegation(subject_id, actor.ref, context.today)
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
    work: UnitOfWork, context: ActionContext, name: StepName, fact: Fact, case: Case, *, over: int
) -> Case:
    """Save *case* over the version *over*, and record the step."""
    await work.cases.save(case, over, context.now)
    await record_step(work, context, name, fact, case)
    return case


async def record_step(work: UnitOfWork, context: ActionContext, name: StepName, fact: Fact, case: Case) -> UUID:
    """Append the step that led to the present *case*, and notify its recipients. Return the step's id."""
    step_id = await append_step(work, context, name, fact, case.subject_id, case.case_id, decided(name, case))
    for message, recipient in _messages(name, case, context.today):
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
) -> UUID:
    """Append a step of a case, with the *facts* that it decided, and attach its files. Return the step's id.

    The files of an objection belong to the objection: only who answers it reads what is said in it.
    """
    step = recorded_step(
        context,
        name,
        subject_id=subject_id,
        about=case_id,
        on=fact.on,
        department_code=fact.department,
        evidence=fact.evidence,
        facts=facts,
    )
    await work.cases.append(step)
    record = FileRecord.RESTRAINT_CASE if objection_id is None else FileRecord.OBJECTION
    await attach_files(work, context, subject_id, record, objection_id or case_id, fact.evidence)
    return step.step_id


def _messages(name: StepName, case: Case, today: date) -> list[tuple[str, str]]:
    """Return the messages to send, each with its recipient: a step, or TAKEN_DOWN."""
    if name is StepName.MARKED:
        # Recipients that have it remove it, and do not learn why [5.1.6].
        return [(TAKEN_DOWN, recipient) for recipient in _listed(case)]
    if case.confidential:
        return []
    if name is StepName.UNMARKED:
        # A case that had to be removed from the lists is announced again, if it is still in force.
        ended = case.removed or case.dropped or case.referred or (case.published and not case.is_in_force(today))
        announced = StepName.DETERMINED if case.published is None else StepName.PUBLISHED
        return [(announced, recipient) for recipient in _listed(case) if not ended]
    if name is StepName.REFERRED:
        return [(name, recipient) for recipient in _listed(case)]
    if name is StepName.DROPPED:
        return [(name, "subject")] if case.noticed is not None else []
    return [(name, recipient) for recipient in RECIPIENTS.get(name, ())]


def _listed(case: Case) -> tuple[str, ...]:
    """Return the recipients that have the case on a list. Before publication only the platform has a determination."""
    return LIST if case.published is not None else LIST[:1] if case.determined is not None else ()
