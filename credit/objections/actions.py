"""The actions on objections: the subject of a record raises one, and an uninvolved officer answers it [5.1.4(6)].

    raise_objection → assign_objection → answer_objection → (granted) a discovered error, with the clock of corrections
    (online or on paper)

The department responsible for the record assigns the objection to an officer. The district office, which supervises,
answers objections to records without a responsible department (reads by the city platform, by the office, by auditors)
[6.1].
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from credit.applications.actions import CLERK, OFFICERS
from credit.cases.actions.take_step import (
    HEAD,
    REVIEWER,
    TODAY,
    StepDetails,
    act_of_subject,
    fact_of,
    reference,
    require_handler,
    require_own,
    require_subject,
    text_of,
)
from credit.cases.case import Case, Fact
from credit.cases.refusals import NOT_NOTICED, REVIEWER_HANDLED_THE_CASE, NotTheirs, NotYet
from credit.cases.steps import StepName
from credit.core.context import ActionContext, Caller
from credit.core.errors import CaseChangedMeanwhile, InconsistentFacts, StepNotWellFormed, UnknownCase
from credit.core.flaws import Flaw
from credit.core.late_entries import Means
from credit.core.outbox import enqueue
from credit.core.record_refs import ObjectionRef
from credit.core.unit_of_work import UnitOfWork
from credit.corrections.actions import require_correctable, save_discovered
from credit.corrections.correction import Correction, RecordItem, Remedy
from credit.corrections.ports import Contested
from credit.corrections.record_step import record_step
from credit.objections import objection as objections_objection
from credit.objections.objection import DISTRICT_OFFICE, Objection, ObjectionAnswer, RecordKind
from credit.subjects.subject import Place, SealedText

OFFICE: Final = "office"


@dataclass(frozen=True, slots=True)
class ContestedRecord:
    """A reference to the contested record."""

    subject_id: UUID
    kind: RecordKind
    record_id: UUID


@dataclass(frozen=True, slots=True)
class ObjectionDecision:
    """The decision on an objection; *items* are what is wrong, if it is granted by a correction."""

    answer: ObjectionAnswer
    reasons: str | None = None
    items: frozenset[RecordItem] = frozenset()


async def raise_objection(
    work: UnitOfWork,
    context: ActionContext,
    contested: ContestedRecord,
    text: str | None,
    details: StepDetails,
    means: Means = Means.ONLINE,
) -> Objection:
    """Raise an objection to any record about the subject: by itself or its delegate today, or on paper.

    Online it needs words and no evidence; of a read it may only say that the subject does not recognise it [5.1.6].
    A paper is its own evidence and has its own day. An officer of the department that answers enters it, and never
    answers it; the subject is notified.
    """
    words, on_paper = text_of("text", text), means is Means.PAPER
    if not on_paper:
        await require_own(work, context, contested.subject_id, "OBJECTION")
        if words is None and contested.kind is not RecordKind.ACCESS_ENTRY:
            raise StepNotWellFormed.of("text", Flaw.REQUIRED)
    fact = act_of_subject(context, details, StepName.OBJECTED, means)
    found = await (_entered if on_paper else _contested)(work, context, contested)
    if found is None:
        raise UnknownCase
    department = found.department_code or DISTRICT_OFFICE
    if on_paper:
        fact = replace(fact, department=department)
        objections_objection.require_after(fact, found.made_on)
    earlier = await work.objections.of_record(contested.subject_id, contested.kind, contested.record_id)
    if on_paper:  # what another department has to answer is not told here
        earlier = [each for each in earlier if each.department_code == department]
    raised = objections_objection.raise_objection(
        Objection(context.new_id(), contested.subject_id, contested.kind, contested.record_id, department, fact),
        contested.subject_id,
        earlier,
        calendar=context.calendar,
        today=context.today,
    )
    sealed = None if words is None else await _sealed(work, raised, "text", words)
    await work.objections.add(raised, context.actor.role, sealed, context.now)
    await record_step(work, context, StepName.OBJECTED, fact, raised, {"department_code": raised.department_code})
    await _notify(work, context, raised, "raised", "department")
    if on_paper:
        await _notify(work, context, raised, "entered", "subject")
    return raised


async def assign_objection(
    work: UnitOfWork, context: ActionContext, which: ObjectionRef, reviewer_ref: str
) -> Objection:
    """Let the head of the department, or the office, assign an objection to an officer not involved in the record."""
    reviewer = reference("reviewer", reviewer_ref)
    stated = fact_of(context, TODAY, StepName.OBJECTION_ASSIGNED)
    objection = await _loaded(work, which)
    fact = _officers_fact(context.actor, stated, objection)
    if context.actor.role not in {HEAD, OFFICE}:
        raise UnknownCase
    handled = await _handled(work, context, objection)
    _current(objection, which)
    assigned = objections_objection.assign_objection(objection, fact, reviewer, handled, today=context.today)
    await work.objections.save(assigned, None, context.now)
    await record_step(work, context, StepName.OBJECTION_ASSIGNED, fact, assigned, {"reviewer_ref": reviewer})
    return assigned


async def answer_objection(
    work: UnitOfWork, context: ActionContext, which: ObjectionRef, details: StepDetails, decided: ObjectionDecision
) -> tuple[Objection, Correction | None]:
    """Let the assigned officer answer it. If granted, it is an error discovered on the day of the answer [5.1.4(6)]."""
    reasons, stated = text_of("reasons", decided.reasons), fact_of(context, details, StepName.OBJECTION_ANSWERED)
    objection = await _loaded(work, which)
    fact = _officers_fact(context.actor, stated, objection)
    handled = await _handled(work, context, objection)
    if context.actor.role not in {REVIEWER, OFFICE} or context.actor.ref not in {objection.assigned_ref, *handled}:
        raise UnknownCase
    _current(objection, which)
    if context.actor.ref in handled:
        raise NotTheirs(REVIEWER_HANDLED_THE_CASE)
    answered = objections_objection.answer_objection(
        objection, fact, decided.answer, handled, today=context.today, reasons=reasons
    )
    sealed = None if reasons is None else await _sealed(work, answered, "reasons", reasons)
    await work.objections.save(answered, sealed, context.now)
    facts = {"answer": decided.answer.value, "items": sorted(item.value for item in decided.items)}
    await record_step(work, context, StepName.OBJECTION_ANSWERED, fact, answered, facts)
    await _notify(work, context, answered, "answered", "subject")
    correction = await _granted(work, context, answered, decided)
    if decided.answer in {ObjectionAnswer.MISTAKEN, ObjectionAnswer.UNJUSTIFIED}:
        await _notify(work, context, answered, "access-unjustified", "department")
    if correction is not None:
        await save_discovered(work, context, correction)
        await _notify(work, context, answered, "granted", "department")
    return answered, correction


async def _granted(
    work: UnitOfWork, context: ActionContext, objection: Objection, decided: ObjectionDecision
) -> Correction | None:
    """Return the correction or removal for it. A record that cannot be corrected here only gets an answer.

    **Reading**: what others record (an application, a credit check, an authorisation, an entry of the access log) is
    corrected by them, by their own means; a log is never rewritten, and the answer is recorded beside it.
    """
    if decided.answer is ObjectionAnswer.REJECTED:
        return None
    if objection.record is RecordKind.SUBJECT:
        return objections_objection.identity_correction_for(
            objection, correction_id=context.new_id(), items=decided.items
        )
    if objection.record is not RecordKind.RESTRAINT_CASE:
        return None
    case = await work.cases.load(objection.subject_id, objection.record_id)
    if case is None or case.confidential:
        raise InconsistentFacts
    remedy = Remedy.REMOVE if decided.answer is ObjectionAnswer.REMOVE else Remedy.CORRECT
    require_correctable(remedy, decided.items)
    return objections_objection.correction_for(
        objection, case, correction_id=context.new_id(), items=decided.items, today=context.today
    )


# --- permission, and the record
# -----------------------------------------------------------------------------------------


async def _entered(work: UnitOfWork, context: ActionContext, contested: ContestedRecord) -> Contested | None:
    """Return the record that a paper contests, to an officer who may enter it; None for all others.

    For a case it is the handler, as for a statement. For any other record it is an officer of the department that keeps
    it (for an authorisation a clerk, who sees them), and the district office for what no department keeps. The
    subject's own record is answered where the paper was handed in: otherwise its way would tell which other departments
    have a record of the subject.
    """
    actor, subject_id = context.actor, contested.subject_id
    if contested.kind is RecordKind.AUTHORISATION and actor.role != CLERK:
        raise UnknownCase
    if contested.kind is RecordKind.RESTRAINT_CASE:
        case = require_handler(await work.cases.load(subject_id, contested.record_id), actor)
        if all(fact is None for fact in (case.noticed, case.served, case.determined, case.published)):
            raise NotYet(NOT_NOTICED)
        return _of_case(case)
    if actor.role not in {*OFFICERS, OFFICE} or (actor.role != OFFICE and actor.department is None):
        raise UnknownCase
    found = await work.objections.contested(subject_id, contested.kind, contested.record_id, context.today)
    if contested.kind is RecordKind.SUBJECT:
        known = found is not None and await _is_known(work, context, subject_id)
        return replace(found, department_code=actor.department) if found is not None and known else None
    department = None if actor.role == OFFICE else actor.department
    return found if found is not None and found.department_code == department else None


async def _is_known(work: UnitOfWork, context: ActionContext, subject_id: UUID) -> bool:
    """Return whether the subject is at the clerk's window, or the handler has a case of it."""
    actor = context.actor
    if actor.role == CLERK and actor.department is not None:
        registered_from = context.today - timedelta(days=context.registration_days)
        return await work.delegations.is_at_window(subject_id, actor.department, context.today, registered_from)
    return any(
        (case.handler_ref, case.department_code) == (actor.ref, actor.department) and not case.confidential
        for case in await work.cases.all_of(subject_id)
    )


def _of_case(case: Case) -> Contested:
    kind, made_on = RecordKind.RESTRAINT_CASE, case.collected.own_day
    return Contested(kind, case.case_id, case.department_code, objections_objection.handled(case), made_on)


async def _contested(work: UnitOfWork, context: ActionContext, contested: ContestedRecord) -> Contested | None:
    if contested.kind is not RecordKind.RESTRAINT_CASE:
        return await work.objections.contested(contested.subject_id, contested.kind, contested.record_id, context.today)
    case = await work.cases.load(contested.subject_id, contested.record_id)
    if case is None:
        return None
    return _of_case(require_subject(case, context.actor))


async def _handled(work: UnitOfWork, context: ActionContext, objection: Objection) -> frozenset[str]:
    """Return who cannot answer: the staff of the record, and the officer who entered the objection from paper."""
    entered_by = frozenset() if objection.raised.by is None else frozenset({objection.raised.by})
    if objection.record is RecordKind.RESTRAINT_CASE:
        case = await work.cases.load(objection.subject_id, objection.record_id)
        # An objection to a record that has been marked confidential since is not answered here [5.1.6].
        if case is None or case.confidential:
            raise UnknownCase
        return objections_objection.handled(case) | entered_by
    found = await work.objections.contested(objection.subject_id, objection.record, objection.record_id, context.today)
    if found is None:
        raise UnknownCase
    return found.handled_by | entered_by


async def _loaded(work: UnitOfWork, which: ObjectionRef) -> Objection:
    objection = await work.objections.load(which.subject_id, which.id)
    if objection is None:
        raise UnknownCase
    return objection


def _current(objection: Objection, which: ObjectionRef) -> None:
    """Refuse an objection that has changed since the caller saw it. Checked last, after the permission."""
    if not which.is_current(objection.version):
        raise CaseChangedMeanwhile


def _officers_fact(actor: Caller, fact: Fact, objection: Objection) -> Fact:
    """Return the fact of an officer of the responsible department; all others get UnknownCase.

    INVARIANT: the details are read before anything is loaded, so that a flaw in them tells nobody what there is.
    """
    department = DISTRICT_OFFICE if actor.role == OFFICE else actor.department
    if department is None or department != objection.department_code:
        raise UnknownCase
    return replace(fact, department=department)


# --- saving ---------------------------------------------------------------------------------------------------------


async def _sealed(work: UnitOfWork, objection: Objection, item: str, text: str) -> SealedText:
    # Each of the two texts is written once, so both are sealed for the first version of their row.
    place = Place("objections", item, objection.subject_id, objection.objection_id, 1)
    return await work.seal(place, text)


async def _notify(work: UnitOfWork, context: ActionContext, objection: Objection, what: str, to: str) -> None:
    record_id = objection.record_id
    ids = {
        "objection_id": objection.objection_id,
        "case_id": record_id if objection.record is RecordKind.RESTRAINT_CASE else None,
        "application_id": record_id if objection.record is RecordKind.APPLICATION else None,
    }
    await enqueue(work, context, f"objection.{what}", to, objection, **ids)
