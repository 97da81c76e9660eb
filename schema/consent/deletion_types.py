"""What recipients have to delete, until when, and that they did: for them, and for the subject [5.1.6] [PIPL 47]."""

from datetime import date
from uuid import UUID

import strawberry

from consent.deletions.deletion_duty import DeletionCause, DeletionOutcome
from consent.vocabulary import Purpose
from credit.cases.rules.deadlines import ClockName, of_step
from queryplan.entities import Entity
from queryplan.plan import newest
from schema.cases.deadline_types import Deadline, shown
from schema.consent.viewer_steps import DELETION_STEPS
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.day import EvaluationDay
from schema.core.enums import Group, groups_of
from schema.core.fields import FilterColumn, ManySource, column, function, global_id, one, planned
from schema.core.global_ids import encode_shown
from schema.core.viewer_steps.types import ViewerStep, viewer_can
from schema.reference.types import Department, Node, SubjectLink

NEWEST = newest("since_on", "duty_id")


def _authorisation_id(
    purpose: Purpose | None, subject_id: UUID, authorisation_id: UUID, _day: EvaluationDay
) -> str | None:
    return encode_shown(purpose, Entity.AUTHORISATION, subject_id, authorisation_id)


def _groups(_since: date, bits: int | None, _day: EvaluationDay) -> list[str] | None:
    return None if bits is None else groups_of(bits)


def _due(duty_id: UUID, started: date, acknowledged: date | None, day: EvaluationDay) -> dict[str, object] | None:
    if started > day.today:
        return None
    return shown(of_step(ClockName.DELETION, duty_id, started, day.calendar, met_on=acknowledged), day)


@strawberry.type(
    description="删除义务：what a recipient received on an authorisation, and has to delete or to stop using: once the "
    "authorisation has ended, was withdrawn or contested, or no longer covers it. The recipient acknowledges it; what "
    "is late is chased. Nothing was received where there is no duty [5.1.6] [PIPL 47]."
)
class DeletionDuty(Node):
    id: strawberry.ID = global_id(Entity.DELETION_DUTY, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whose information it is.")
    authorisation_id: strawberry.ID | None = function(
        _authorisation_id,
        "subject_id",
        "authorisation_id",
        description="The global id of the authorisation on which it was received.",
        shows_ids=True,
    )
    recipient: Department | None = one("recipient", Entity.DEPARTMENT, "接收方：who received it.")
    cause: DeletionCause | None = column("cause", "Why it may not be used any more, or, before that day, will not.")
    scope: list[Group] | None = function(
        _groups,
        "since_on",
        "groups",
        description="The groups of fields that go, where the authorisation was narrowed; null for all of them.",
    )
    since: date | None = column("since_on", "From which day on it may not be used any more.")
    due: Deadline | None = function(
        _due,
        "duty_id",
        "counts_from_on",
        "acknowledged_on",
        description="删除期限：until when; null while it may still be used.",
    )
    acknowledged_on: date | None = column("acknowledged_on", "登记日期：when the recipient acknowledged it.")
    acknowledged_by: str | None = column("acknowledged_by", "By which officer, by staff reference.")
    outcome: DeletionOutcome | None = column("outcome", "办理结果：what the recipient did.")
    reference: str | None = column(
        "reference", "The number of the record of the deletion, or of the law by which it is kept."
    )
    is_late: bool | None = column("is_late", "逾期：whether it is not acknowledged, and its last day is over.")
    viewer_can: list[ViewerStep] | None = viewer_can(DELETION_STEPS)
    version: int | None = column("version", "Counts its changes; give it back to acknowledge exactly what you saw.")


@strawberry.type(description="What recipients have to delete [5.1.6] [PIPL 47].")
class DeletionQuery:
    @planned(
        ManySource(
            Entity.DELETION_DUTY,
            NEWEST,
            None,
            {
                **OF_SUBJECT,
                "isOpen": FilterColumn("is_open", "is", "DeletionDuty.acknowledgedOn"),
                "recipient": FilterColumn("recipient_code", "=", "DeletionDuty.recipient"),
                "cause": FilterColumn("cause", "=", "DeletionDuty.cause"),
                "outcome": FilterColumn("outcome", "=", "DeletionDuty.outcome"),
                "since": FilterColumn("since_on", ">=", "DeletionDuty.since"),
                "until": FilterColumn("since_on", "<=", "DeletionDuty.since"),
                "late": FilterColumn("is_late", "is", "DeletionDuty.isLate"),
            },
        ),
        "删除义务：what recipients have to delete, the newest first: a department's or an association's own, or, for a "
        "subject, what others received about it; supervisors see all [5.1.6] [PIPL 47].",
    )
    def deletion_duties(
        self,
        subject: strawberry.ID | None = None,
        is_open: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        late: bool | None = None,  # noqa: FBT001 - as above
        recipient: strawberry.ID | None = None,
        cause: DeletionCause | None = None,
        outcome: DeletionOutcome | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> Connection[DeletionDuty]: ...
