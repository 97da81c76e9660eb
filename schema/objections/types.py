"""Objections: a subject contests a record about itself, at any time, and gets an answer [5.1.4(6)]."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import strawberry

from consent.vocabulary import Purpose
from credit.cases.rules.deadlines import ClockName, of_step
from credit.cases.steps import StepName
from credit.core import late_entries
from credit.objections.objection import ObjectionAnswer, RecordKind
from queryplan.entities import Entity
from queryplan.plan import newest
from schema.cases.deadline_types import Deadline, shown
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.day import EvaluationDay
from schema.core.enums import RoleName
from schema.core.fields import (
    FilterColumn,
    ManySource,
    acting_role,
    column,
    former,
    function,
    global_id,
    one,
    planned,
    role_text,
    sealed,
    step_version,
)
from schema.core.global_ids import encode_shown
from schema.core.viewer_steps.types import ViewerStep, viewer_can
from schema.objections.viewer_steps import OBJECTION_STEPS
from schema.reference.types import CaseLink, Department, Node, SubjectLink

RAISED = newest("raised_on", "objection_id")
RAISED_AS = "Whether the subject or its delegate raised it, or in which role an officer entered the paper."

ENTITY_OF = {
    RecordKind.RESTRAINT_CASE: Entity.RESTRAINT_CASE,
    RecordKind.APPLICATION: Entity.APPLICATION,
    RecordKind.CREDIT_CHECK: Entity.CREDIT_CHECK,
    RecordKind.AUTHORISATION: Entity.AUTHORISATION,
    RecordKind.ACCESS_ENTRY: Entity.ACCESS_ENTRY,
    RecordKind.SUBJECT: Entity.SUBJECT,
}
"""The entity of each kind of record."""


def _record_id(
    purpose: Purpose | None, record: str, subject_id: UUID, record_id: UUID, _day: EvaluationDay
) -> str | None:
    entity = ENTITY_OF.get(RecordKind(record))
    if entity is None:
        return None
    keys = (subject_id,) if entity is Entity.SUBJECT else (subject_id, record_id)
    return encode_shown(purpose, entity, *keys)


def _due_on(
    objection_id: UUID, raised: date, answered: date | None, entered: Mapping[str, Any] | None, day: EvaluationDay
) -> dict[str, object] | None:
    late = late_entries.of_step(entered, StepName.OBJECTION_ANSWERED) or late_entries.of_step(
        entered, StepName.OBJECTED
    )
    return shown(of_step(ClockName.OBJECTION, objection_id, raised, day.calendar, met_on=answered, late=late), day)


def _recorded_on(entered: Mapping[str, Any] | None, _day: EvaluationDay) -> date | None:
    late = late_entries.of_step(entered, StepName.OBJECTED)
    return None if late is None else late.recorded_on


@strawberry.type(
    description="异议：a subject contests a record about itself. An officer who had no part in the record answers; a "
    "granted objection is an error found on that day, with the clock of corrections. It suspends no step [5.1.4(6)]."
)
class Objection(Node):
    id: strawberry.ID = global_id(Entity.OBJECTION, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "The subject that objects to a record about itself.")
    record: RecordKind | None = column("record", "异议对象：what kind of record is contested.")
    record_id: strawberry.ID | None = function(
        _record_id, "record", "subject_id", "record_id", description="The global id of the record.", shows_ids=True
    )
    case: CaseLink | None = one("case", Entity.RESTRAINT_CASE, "The case, where one is contested.")
    department: Department | None = one(
        "department",
        Entity.DEPARTMENT,
        "答复单位：the department that answers; null where the district office answers, because no department holds "
        "the record.",
    )
    raised_on: date | None = column(
        "raised_on", "提出日期：of a paper, the day of posting or handing in; the clock runs from the day after."
    )
    recorded_on: date | None = function(
        _recorded_on,
        "late_entries",
        description="补录日期：the later day on which a paper was entered; null where it was the same day [5.1.4].",
    )
    raised_in_role: RoleName | None = acting_role("raised_as", RAISED_AS)
    raised_as: str | None = role_text(column, "raised_as", RAISED_AS, "raisedInRole")
    text: str | None = sealed(
        "objections", "text", "异议内容：the subject's own words. For itself, its delegate and who answers."
    )
    assigned_to: str | None = column("assigned_ref", "办理人员：who answers it, by staff reference.")
    answered_on: date | None = column("answered_on", "答复日期：when it was answered.")
    answer: ObjectionAnswer | None = column(
        "answer", "答复结论：rejected, or granted by a correction or a removal; of a read, what was found about it."
    )
    reasons: str | None = sealed(
        "objections", "reasons", "答复理由：the reasons, in words; a rejection always states them."
    )
    due: Deadline | None = function(
        _due_on,
        "objection_id",
        "raised_on",
        "answered_on",
        "late_entries",
        description="答复期限：15 working days, a reading by analogy with the review [5.1.4(4)].",
    )
    due_on: Deadline | None = former(due, "due")
    viewer_can: list[ViewerStep] | None = viewer_can(OBJECTION_STEPS)
    version: int | None = step_version("changes")


@strawberry.type(description="The queries for objections.")
class ObjectionQuery:
    @planned(
        ManySource(
            Entity.OBJECTION,
            RAISED,
            None,
            {
                **OF_SUBJECT,
                "record": FilterColumn("record", "=", "Objection.record"),
                "isOpen": FilterColumn("is_open", "is", "Objection.answeredOn"),
                "answer": FilterColumn("answer", "=", "Objection.answer"),
                "assignedTo": FilterColumn("assigned_ref", "=", "Objection.assignedTo"),
                "department": FilterColumn("department_code", "=", "Objection.department"),
                "raisedSince": FilterColumn("raised_on", ">=", "Objection.raisedOn"),
                "raisedUntil": FilterColumn("raised_on", "<=", "Objection.raisedOn"),
            },
        ),
        "异议：objections that this caller may see, newest first: a subject's own, those that a reviewer was given, "
        "those that a head's department has to answer [5.1.4(6)].",
    )
    def objections(
        self,
        subject: strawberry.ID | None = None,
        record: RecordKind | None = None,
        is_open: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        answer: ObjectionAnswer | None = None,
        assigned_to: str | None = None,
        department: strawberry.ID | None = None,
        raised_since: date | None = None,
        raised_until: date | None = None,
    ) -> Connection[Objection]: ...
