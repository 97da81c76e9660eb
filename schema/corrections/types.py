"""Corrections: errors and changes, their correction, and the recipients to notify [5.1.4(6)]."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from credit.cases.case import RemovalCause
from credit.cases.rules.deadlines import ClockName, of_step
from credit.cases.steps import StepName
from credit.core import late_entries
from credit.corrections.correction import RecordItem, Remedy, Route
from queryplan.entities import Entity
from queryplan.plan import Order, newest
from schema.cases.deadline_types import Deadline, shown
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.day import EvaluationDay
from schema.core.fields import (
    FilterColumn,
    ManySource,
    column,
    filled_column,
    former,
    function,
    global_id,
    one,
    planned,
    step_version,
)
from schema.core.viewer_steps.types import ViewerStep, viewer_can
from schema.corrections.viewer_steps import CORRECTION_STEPS
from schema.reference.types import CaseLink, Department, Node, ObjectionLink, SubjectLink

FOUND = newest("discovered_on", "correction_id")


def _due_on(
    correction_id: UUID, discovered: date, completed: date | None, entered: Mapping[str, Any] | None, day: EvaluationDay
) -> dict[str, object] | None:
    late = late_entries.of_step(entered, StepName.CORRECTION_DISCOVERED)
    clock = of_step(ClockName.CORRECTION, correction_id, discovered, day.calendar, met_on=completed, late=late)
    return shown(clock, day)


@strawberry.type(
    description="更正告知：a recipient that received wrong information, and has to be notified of the right "
    "information by the same route [5.1.4(6)]."
)
class CorrectionTelling(Node):
    id: strawberry.ID = global_id(Entity.CORRECTION_TELLING, "The global id.")
    recipient: str | None = filled_column("recipient", "信息接收单位：who, by a reference such as a department's code.")
    route: Route | None = filled_column(
        "route", "原渠道：the route by which it received the information, and is notified."
    )
    items: list[RecordItem] | None = filled_column("items", "The wrong items among those that it received.")
    left_at: datetime | None = filled_column("left_at", "Since when it has to be notified (UTC).")
    told_on: date | None = column("told_on", "告知日期：date on which the recipient was notified; null until then.")


@strawberry.type(
    description="修改或移除：an error that was found in a case, or a change, and its correction. It is complete when "
    "the record is corrected and every recipient of the wrong information is notified [5.1.4(6)]."
)
class Correction(Node):
    id: strawberry.ID = global_id(Entity.CORRECTION, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whom it is about.")
    case: CaseLink | None = one(
        "case", Entity.RESTRAINT_CASE, "The case; null where the identity of the subject was contested, and no case."
    )
    department: Department | None = one(
        "department", Entity.DEPARTMENT, "认定单位：the department that has to correct it [5.1.1]."
    )
    objection: ObjectionLink | None = one("objection", Entity.OBJECTION, "The objection that revealed it.")
    remedy: Remedy | None = filled_column("remedy", "修改或者移除：corrected, or taken off the list.")
    cause: RemovalCause | None = filled_column("cause", "Whether the information was wrong, or has changed.")
    items: list[RecordItem] | None = filled_column("items", "What is wrong, by name and never by value.")
    discovered_on: date | None = filled_column(
        "discovered_on",
        "发现日期：the clock runs from the day after; where it was recorded late, the day of its record [5.1.4(6)].",
    )
    discovered_by: str | None = filled_column("discovered_by", "Who found it: a staff reference.")
    done_on: date | None = column("done_on", "修改或移除日期：when the record was corrected.")
    done_by: str | None = column("done_by", "Who corrected it: a staff reference.")
    completed_on: date | None = column(
        "completed_on", "办结日期：the record is corrected, and the last recipient notified."
    )
    due: Deadline | None = function(
        _due_on,
        "correction_id",
        "discovered_on",
        "completed_on",
        "late_entries",
        description="修改移除期限：2 working days after the discovery [5.1.4(6)].",
    )
    due_on: Deadline | None = former(due, "due")
    viewer_can: list[ViewerStep] | None = viewer_can(CORRECTION_STEPS)
    version: int | None = step_version("changes", filled_column)

    @planned(
        ManySource(Entity.CORRECTION_TELLING, (Order("left_at"), Order("telling_id")), "tellings"),
        "告知对象：the recipients of the wrong information, notified or not; known once the record is corrected.",
    )
    def to_tell(self) -> Connection[CorrectionTelling] | None: ...


@strawberry.type(description="The queries for corrections.")
class CorrectionQuery:
    @planned(
        ManySource(
            Entity.CORRECTION,
            FOUND,
            None,
            {
                **OF_SUBJECT,
                "isOpen": FilterColumn("is_open", "is", "Correction.completedOn"),
                "remedy": FilterColumn("remedy", "=", "Correction.remedy"),
                "department": FilterColumn("department_code", "=", "Correction.department"),
                "foundSince": FilterColumn("discovered_on", ">=", "Correction.discoveredOn"),
                "foundUntil": FilterColumn("discovered_on", "<=", "Correction.discoveredOn"),
            },
        ),
        "修改与移除：corrections and removals that this caller may see, the last found first [5.1.4(6)].",
    )
    def corrections(
        self,
        subject: strawberry.ID | None = None,
        is_open: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        remedy: Remedy | None = None,
        department: strawberry.ID | None = None,
        found_since: date | None = None,
        found_until: date | None = None,
    ) -> Connection[Correction]: ...
