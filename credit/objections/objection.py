"""Objections: the subject of a record may contest it at any time, and gets an answer.

The document grants this (二) and names no clock. **Reading**: 15 working days, by analogy with the review [5.1.4(4)];
as there, nobody who handled the record decides. A granted objection is a discovered error, with the clock of
corrections [5.1.4(6)] from the day of the answer. **Reading**: an objection suspends nothing while it is looked at.

A subject that does not recognise a read of its data questions the entry of its log by an objection, too: with words or
without, and in the same clock. The department that read answers it, with a finding [5.1.6].
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from credit.calendar.calendar import Calendar, Deadline
from credit.calendar.deadlines import objection_due
from credit.cases.case import Case, Fact, RemovalCause
from credit.cases.refusals import (
    ALREADY_TAKEN,
    BASIC_INFORMATION_MISSING,
    NOT_THE_AUTHORITY,
    NOT_THE_REVIEWER,
    OBJECTION_OPEN,
    REVIEWER_HANDLED_THE_CASE,
    DayOutOfOrder,
    Lacking,
    NotTheirs,
    NotYet,
    TooLate,
)
from credit.cases.rules.preconditions import require_evidence, require_not_before
from credit.core.errors import InconsistentFacts, StepNotWellFormed
from credit.core.flaws import Flaw
from credit.core.labels import Labelled
from credit.corrections.correction import IDENTITY, Correction, RecordItem, Remedy, discover


class RecordKind(Labelled):
    """The kinds of record that can be objected to: everything that is recorded about a subject."""

    RESTRAINT_CASE = "RESTRAINT_CASE", "失信制约案件"
    APPLICATION = "APPLICATION", "办件"
    CREDIT_CHECK = "CREDIT_CHECK", "信用核查记录"
    AUTHORISATION = "AUTHORISATION", "授权记录"
    ACCESS_ENTRY = "ACCESS_ENTRY", "访问记录"
    SUBJECT = "SUBJECT", "主体信息"


class ObjectionAnswer(Labelled):
    """How an objection is answered."""

    REJECTED = "REJECTED", "异议不成立", "5.1.4(4)"
    CORRECT = "CORRECT", "予以修改", "5.1.4(6)"
    REMOVE = "REMOVE", "予以移除", "5.1.4(6)"
    JUSTIFIED = "JUSTIFIED", "访问有正当理由", "5.1.6"
    MISTAKEN = "MISTAKEN", "误查", "5.1.6"
    UNJUSTIFIED = "UNJUSTIFIED", "访问无正当理由", "5.1.6"


FINDINGS: Final = frozenset({ObjectionAnswer.JUSTIFIED, ObjectionAnswer.MISTAKEN, ObjectionAnswer.UNJUSTIFIED})
"""The answers about a read of the subject's data, which no step can undo: what the department finds about it."""

DISTRICT_OFFICE: Final = "DISTRICT-OFFICE"
"""The code of the office that supervises the district, used if no department is responsible for a record [6.1]."""

_REMEDY = {ObjectionAnswer.CORRECT: Remedy.CORRECT, ObjectionAnswer.REMOVE: Remedy.REMOVE}


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection of a subject to one record; *department_code* is the responsible department."""

    objection_id: UUID
    subject_id: UUID
    record: RecordKind
    record_id: UUID
    department_code: str
    raised: Fact
    answered: Fact | None = None
    answer: ObjectionAnswer | None = None
    assigned_ref: str | None = None
    """Who answers it."""
    version: int = 1

    def due(self, calendar: Calendar) -> Deadline:
        """Return the last day for the answer."""
        return objection_due(self.raised.on, calendar)


def raise_objection(
    objection: Objection, owner_id: UUID, earlier: Iterable[Objection], *, calendar: Calendar, today: date
) -> Objection:
    """Raise an *objection* of the subject of the record; it needs no evidence and has no time limit.

    Only one can be open for each record: the *earlier* ones have to be answered first.
    """
    if objection.subject_id != owner_id or objection.answered is not None:
        raise InconsistentFacts
    if objection.raised.on > today:
        raise DayOutOfOrder(today)
    for other in earlier:
        same = (other.record, other.record_id) == (objection.record, objection.record_id)
        if same and other.answered is None and other.objection_id != objection.objection_id:
            due = other.due(calendar)
            raise NotYet(OBJECTION_OPEN, until=due.on, provisional=due.provisional)
    return objection


def require_after(fact: Fact, made_on: date | None) -> None:
    """Refuse a paper that is older than the record that it contests."""
    if made_on is not None and fact.own_day < made_on:
        raise DayOutOfOrder(made_on)


def assign_objection(
    objection: Objection, fact: Fact, reviewer_ref: str, handled_by: frozenset[str], *, today: date
) -> Objection:
    """Assign it to an officer of the authority who is not in *handled*, the staff of the record; repeatable."""
    _require_to_answer(objection, fact, today)
    if reviewer_ref in handled_by:
        raise NotTheirs(REVIEWER_HANDLED_THE_CASE)
    return replace(objection, assigned_ref=reviewer_ref)


def answer_objection(
    objection: Objection,
    fact: Fact,
    answer: ObjectionAnswer,
    handled_by: frozenset[str],
    *,
    today: date,
    reasons: str | None = None,
) -> Objection:
    """Answer it, by an officer of the authority who is not in *handled*, the staff of the record. Late is a miss."""
    _require_to_answer(objection, fact, today)
    if fact.by in handled_by:
        raise NotTheirs(REVIEWER_HANDLED_THE_CASE)
    if objection.assigned_ref not in {None, fact.by}:
        raise NotTheirs(NOT_THE_REVIEWER)
    _require_fitting(objection, answer, reasons)
    if answer is ObjectionAnswer.REJECTED and not reasons:
        # A rejection needs its reasons: in words, or in a document.
        require_evidence(fact)
    return replace(objection, answered=fact, answer=answer)


def _require_fitting(objection: Objection, answer: ObjectionAnswer, reasons: str | None) -> None:
    """Refuse the answer of another kind of record, and a finding about a read without its reasons in words [5.1.6].

    The reasons of JUSTIFIED name the occasion of the read.
    """
    is_read = objection.record is RecordKind.ACCESS_ENTRY
    if (answer in FINDINGS) is not is_read:
        raise StepNotWellFormed.of("answer", Flaw.NOT_OF_RECORD)
    if is_read and not reasons:
        raise StepNotWellFormed.of("reasons", Flaw.REQUIRED)


def handled(case: Case) -> frozenset[str]:
    """Return the staff who cannot decide on an objection to *case*: they handled, review or determined it."""
    later = (case.reviewed, case.determined, case.published)
    reviewer_ref = None if case.stated is None else case.reviewer_ref
    staff = {reviewer_ref, *(fact.by for fact in later if fact is not None)}
    return case.handled_by | {ref for ref in staff if ref is not None}


def identity_correction_for(objection: Objection, *, correction_id: UUID, items: frozenset[RecordItem]) -> Correction:
    """Return the correction for a granted objection to the subject's own record [5.1.4(6)].

    A subject is never removed: its record is corrected.
    """
    if (
        objection.answered is None
        or objection.answer is not ObjectionAnswer.CORRECT
        or objection.record is not RecordKind.SUBJECT
        or not items <= IDENTITY
    ):
        raise InconsistentFacts
    if not items:
        raise Lacking(BASIC_INFORMATION_MISSING, items="items")
    return Correction(
        correction_id,
        objection.subject_id,
        None,
        Remedy.CORRECT,
        RemovalCause.WRONG,
        items,
        objection.answered,
        department_code=objection.department_code,
        objection_id=objection.objection_id,
    )


def correction_for(
    objection: Objection, case: Case, *, correction_id: UUID, items: frozenset[RecordItem], today: date
) -> Correction:
    """Return the correction for a granted objection to *case*, discovered on the day of the answer."""
    if objection.answered is None or objection.answer not in _REMEDY or objection.record_id != case.case_id:
        raise InconsistentFacts
    return discover(
        case,
        objection.answered,
        correction_id=correction_id,
        remedy=_REMEDY[objection.answer],
        cause=RemovalCause.WRONG,
        items=items,
        today=today,
        objection_id=objection.objection_id,
    )


def _require_to_answer(objection: Objection, fact: Fact, today: date) -> None:
    """Refuse a step of another department, a second answer, or a day out of order."""
    if objection.answered is not None:
        raise TooLate(ALREADY_TAKEN, since=objection.answered.on, step="ANSWERED")
    if fact.by is None or fact.department != objection.department_code:
        raise NotTheirs(NOT_THE_AUTHORITY)
    if fact.on > today:
        raise DayOutOfOrder(today)
    require_not_before(fact, objection.raised)
