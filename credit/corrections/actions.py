"""The actions on corrections: discover an error, correct our own record, notify its recipients [5.1.4(6)].

The handler of the case or the head of its authority discovers and corrects an error. A correction is one step: all
wrong items are corrected at once, sealed items included, together with the ends of the subject's other cases that
depend on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from credit.cases.actions.amend import keep_version
from credit.cases.actions.take_step import (
    HANDLER,
    HEAD,
    NOTHING,
    TODAY,
    StepDetails,
    document_number,
    fact_of,
    reference,
    require_handler,
    require_head,
    require_version,
    save_step,
    text_of,
    without_evidence,
)
from credit.cases.case import Case, RemovalCause
from credit.cases.refusals import NAME_FOR_THE_HEAD, NotTheirs
from credit.cases.rules.term import Term
from credit.cases.rules.transitions import review_open
from credit.cases.steps import StepName
from credit.core.context import ActionContext, Caller
from credit.core.errors import CaseChangedMeanwhile, InvalidItem, Problem, StepNotWellFormed, UnknownCase
from credit.core.flaws import Flaw
from credit.core.outbox import enqueue, topic_of
from credit.core.problems import Complaints
from credit.core.record_refs import CaseRef, CorrectionRef
from credit.core.unit_of_work import UnitOfWork
from credit.core.values.addresses import parse_address
from credit.core.values.telephones import parse_phone
from credit.corrections import correction as corrections_correction
from credit.corrections.correction import IDENTITY, Correction, CorrectionResult, RecordItem, Remedy
from credit.corrections.deliveries import enqueue_notifications, recipient_notified
from credit.corrections.ports import Particulars
from credit.corrections.record_step import record_correction, record_step
from credit.subjects.registration import parse_name, parse_number

VERSIONED: Final = frozenset({RecordItem.FACTS, RecordItem.BASIS})
"""The items of which every version is kept, as after a review that amends [5.1.4(4)]."""
FIXED: Final = frozenset({RecordItem.AUTHORITY, RecordItem.DETERMINED_ON, RecordItem.STANDING})
"""The items that a determination depends on: if one of them is wrong, the case is removed."""


ARGUMENT: Final[Mapping[RecordItem, str]] = {
    RecordItem.NAME: "name",
    RecordItem.NUMBER: "number",
    RecordItem.ADDRESS: "address",
    RecordItem.FACTS: "facts",
    RecordItem.BASIS: "basis",
    RecordItem.VALIDITY: "term",
    RecordItem.LEGAL_DOCUMENT: "legal_document",
}
"""The argument that corrects each item."""


@dataclass(frozen=True, slots=True)
class CorrectionValues:
    """The right values; None leaves an item unchanged. Names and numbers go into no log."""

    basis: str | None = None
    legal_document: str | None = None
    term: Term | None = None
    facts: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)

    @property
    def items(self) -> frozenset[RecordItem]:
        """The items that it corrects. A telephone is no item of basic information."""
        return frozenset(item for item, argument in ARGUMENT.items() if getattr(self, argument) is not None)


@dataclass(frozen=True, slots=True)
class DiscoverError:
    """What is wrong with a case or has changed, why, and which remedy applies."""

    case: CaseRef
    details: StepDetails
    remedy: Remedy
    cause: RemovalCause
    items: frozenset[RecordItem]


async def discover_error(work: UnitOfWork, context: ActionContext, command: DiscoverError) -> Correction:
    """Record that information about a case is wrong or has changed; two working days run from that day.

    Facts and basis of a case that a late statement reopened are the reviewer's to amend [5.1.4(3)] [5.1.4(4)].
    """
    which, remedy, items = command.case, command.remedy, command.items
    fact = fact_of(context, command.details, StepName.CORRECTION_DISCOVERED)
    case = require_version(_officer(await work.cases.load(which.subject_id, which.id), context.actor), which)
    require_correctable(remedy, items)
    if case.open_pause is not None and remedy is Remedy.CORRECT and items & VERSIONED:
        raise review_open(case, context.calendar)  # what is under review, the reviewer amends
    found = corrections_correction.discover(
        case, fact, correction_id=context.new_id(), remedy=remedy, cause=command.cause, items=items, today=context.today
    )
    return await save_discovered(work, context, found)


async def question_name(
    work: UnitOfWork, context: ActionContext, subject_id: UUID, evidence: tuple[str, ...]
) -> Correction:
    """Record that a subject's document shows another name than the record: the head of the department decides [5.1.3].

    The same question of one department is asked once. Raises StepNotWellFormed without evidence.
    """
    fact = fact_of(context, StepDetails(None, evidence), StepName.CORRECTION_DISCOVERED)
    if context.actor.department is None:
        raise UnknownCase
    if not fact.evidence:
        raise StepNotWellFormed.of("evidence", Flaw.REQUIRED)
    for asked in await work.corrections.of_subject(subject_id):
        if asked.is_question_of_name and asked.done is None and asked.department_code == context.actor.department:
            return asked
    wrong, items = RemovalCause.WRONG, frozenset({RecordItem.NAME})
    found = Correction(
        context.new_id(), subject_id, None, Remedy.CORRECT, wrong, items, fact, department_code=context.actor.department
    )
    return await save_discovered(work, context, found)


async def save_discovered(work: UnitOfWork, context: ActionContext, found: Correction) -> Correction:
    """Save a discovered error, with its discoverer."""
    await work.corrections.add(found, context.now)
    facts = {
        "remedy": found.remedy.value,
        "cause": found.cause.value,
        "items": sorted(item.value for item in found.items),
    }
    await record_step(work, context, StepName.CORRECTION_DISCOVERED, found.discovered, found, facts)
    return found


async def correct(
    work: UnitOfWork, context: ActionContext, which: CorrectionRef, details: StepDetails, values: CorrectionValues
) -> Correction:
    """Correct what was found wrong: in the case, in the identity of its subject, or in both [5.1.4(6)]."""
    correction, case, others = await require_open(work, context, which, values)
    fact = fact_of(context, replace(details, on=None), StepName.CORRECTED)
    if values.term is not None and values.term.citation:
        reference("citation", values.term.citation)
    if values.items & IDENTITY or values.phone is not None:
        await work.reidentify(correction.subject_id, await _particulars(work, context, correction, values), context.now)
    if case is None:
        done = corrections_correction.amend_identity(correction, fact, today=context.today)
        await record_step(work, context, StepName.CORRECTED, fact, done, {"items": sorted(i.value for i in done.items)})
        await _notify_subject(work, context, done, StepName.CORRECTED)
        return await enqueue_notifications(work, context, done)
    corrected = corrections_correction.amend(
        case,
        correction,
        fact,
        others,
        today=context.today,
        basis=None if values.basis is None else reference("basis", values.basis),
        legal_document=None
        if values.legal_document is None
        else document_number("legalDocument", values.legal_document),
        term=values.term,
        unrectified=context.unrectified,
    )
    version: Mapping[str, Any] = NOTHING
    if values.items & VERSIONED:
        facts = text_of("facts", values.facts)
        version = await keep_version(work, context, StepName.CORRECTED, fact, case, corrected.case, facts)
    return await _carry_out(work, context, StepName.CORRECTED, corrected, (case, *others), version)


async def require_open(
    work: UnitOfWork, context: ActionContext, which: CorrectionRef, values: CorrectionValues
) -> tuple[Correction, Case | None, tuple[Case, ...]]:
    """Return a correction that is still to be carried out, its case, and the subject's other cases.

    Raises what `correct` refuses whatever the right *values* are: only which of them are given counts.
    """
    correction, case, others = await _loaded(work, context.actor, which)
    _require_whole(correction, values)
    fact = fact_of(context, TODAY, StepName.CORRECTED)
    if case is None:
        corrections_correction.amend_identity(correction, fact, today=context.today)
    else:
        corrections_correction.amend(case, correction, fact, others, today=context.today)
    return correction, case, others


async def remove_case(
    work: UnitOfWork, context: ActionContext, which: CorrectionRef, details: StepDetails
) -> Correction:
    """Remove a restraint; periods that restarted only because of a wrong one are recalculated [5.1.4(6)]."""
    correction, case, others = await _loaded(work, context.actor, which)
    if case is None:
        raise UnknownCase
    fact = fact_of(context, replace(details, on=None), StepName.REMOVED)
    corrected = corrections_correction.remove(
        case, correction, fact, others, today=context.today, unrectified=context.unrectified
    )
    return await _carry_out(work, context, StepName.REMOVED, corrected, (case, *others))


async def record_recipient_notified(
    work: UnitOfWork, context: ActionContext, subject_id: UUID, telling_id: UUID, details: StepDetails
) -> Correction:
    """Record that an officer of the authority notified a recipient on paper [5.1.4(6)]."""
    correction_id = await work.corrections.correction_of(subject_id, telling_id)
    if correction_id is None:
        raise UnknownCase
    await _loaded(work, context.actor, CorrectionRef(subject_id, correction_id))
    return await recipient_notified(
        work, context, subject_id, telling_id, fact_of(context, details, StepName.RECIPIENT_TOLD)
    )


def require_correctable(remedy: Remedy, items: frozenset[RecordItem]) -> None:
    """Refuse items that cannot be corrected one by one."""
    if remedy is Remedy.CORRECT and items & FIXED:
        raise StepNotWellFormed.of("items", Flaw.NOT_CORRECTABLE)


# --- permission, and the record ------------------------------------------------------------------------------------


def _officer(case: Case | None, actor: Caller) -> Case:
    """Admit the handler of the case, and the head of its authority."""
    return require_head(case, actor) if actor.role == HEAD else require_handler(case, actor)


async def _loaded(
    work: UnitOfWork, actor: Caller, which: CorrectionRef
) -> tuple[Correction, Case | None, tuple[Case, ...]]:
    """Return a correction, its case, and the subject's other cases; raises UnknownCase."""
    correction = await work.corrections.load(which.subject_id, which.id)
    if correction is None:
        raise UnknownCase
    case: Case | None = None
    others: tuple[Case, ...] = ()
    if correction.case_id is None:
        if actor.role not in {HANDLER, HEAD} or actor.department != correction.department_code:
            raise UnknownCase
        if correction.is_question_of_name and actor.role != HEAD:
            raise NotTheirs(NAME_FOR_THE_HEAD)
    else:
        every = await work.cases.all_of(which.subject_id)
        case = _officer(next((each for each in every if each.case_id == correction.case_id), None), actor)
        others = tuple(each for each in every if each.case_id != correction.case_id)
    if not which.is_current(correction.version):
        raise CaseChangedMeanwhile
    return correction, case, others


def _require_whole(correction: Correction, values: CorrectionValues) -> None:
    """Refuse to correct less than was found wrong, or more: recipients of other items would not be notified."""
    more, less = values.items - correction.items, correction.items - values.items
    problems = [
        Problem.of(ARGUMENT[item], InvalidItem(flaw))
        for item in ARGUMENT
        for flaw, found in ((Flaw.NOT_FOUND_WRONG, more), (Flaw.STILL_WRONG, less))
        if item in found
    ]
    if values.phone is not None and not correction.is_of_identity:
        problems.append(Problem.of("phone", InvalidItem(Flaw.NOT_FOUND_WRONG)))
    if problems and correction.remedy is Remedy.CORRECT:
        raise StepNotWellFormed(tuple(problems))


async def _particulars(
    work: UnitOfWork, context: ActionContext, correction: Correction, values: CorrectionValues
) -> Particulars:
    """Read the subject's particulars as at registration; raises StepNotWellFormed with every problem."""
    kind = await work.kind_of(correction.subject_id)
    if kind is None:
        raise UnknownCase
    complaints = Complaints()
    name, number = values.name, values.number
    found = Particulars(
        # Whoever corrects a name has looked at the papers that show it.
        name=None if name is None else complaints.take("name", lambda raw: parse_name(kind, raw, confirmed=True), name),
        identifier=None
        if number is None
        else complaints.take("number", lambda raw: parse_number(kind, raw, context.today), number),
        phone=None if values.phone is None else complaints.take("phone", parse_phone, values.phone),
        address=None if values.address is None else complaints.take("address", parse_address, values.address),
    )
    if complaints.problems:
        raise StepNotWellFormed(tuple(complaints.problems))
    return found


# --- saving ----------------------------------------------------------------------------------------------------------


async def _carry_out(
    work: UnitOfWork,
    context: ActionContext,
    name: StepName,
    corrected: CorrectionResult,
    before: tuple[Case, ...],
    further: Mapping[str, Any] = NOTHING,
) -> Correction:
    """Save the corrected case and those whose end changes with it, notify the subject, and enqueue the messages."""
    versions = {case.case_id: case.version for case in before}
    fact = corrected.correction.done
    if fact is None:
        raise ValueError("only a carried out correction is saved")
    for other in corrected.reckoned:
        await save_step(work, context, StepName.RUN_ANEW, without_evidence(fact), other, over=versions[other.case_id])
    await work.cases.save(corrected.case, versions[corrected.case.case_id], context.now)
    await record_correction(work, context, name, fact, corrected.case, corrected.correction, further)
    await _notify_subject(work, context, corrected.correction, name)
    return await enqueue_notifications(work, context, corrected.correction)


async def _notify_subject(work: UnitOfWork, context: ActionContext, correction: Correction, name: StepName) -> None:
    ids = {"correction_id": correction.correction_id, "case_id": correction.case_id}
    await enqueue(work, context, topic_of("correction", name), "subject", correction, **ids)
