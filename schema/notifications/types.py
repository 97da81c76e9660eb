"""In-app notifications for subjects and departments: what happened, and whether it was seen [5.1.6] [6.2]."""

from datetime import datetime
from typing import Annotated

import strawberry

from credit.core.record_refs import NotificationRef
from credit.notifications.actions import mark_seen
from credit.notifications.topics import Audience, NotificationTopic
from queryplan.entities import Entity
from queryplan.plan import newest
from schema.applications.types import Application
from schema.cases.types import RestraintCase
from schema.consent.types import Authorisation, Delegation
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.context import Info
from schema.core.day import EvaluationDay
from schema.core.fields import FilterColumn, ManySource, column, filled_column, function, global_id, one, planned
from schema.core.global_ids import record_ids_of
from schema.core.inputs import KeyedInput, mutation_input
from schema.core.mutations.mutation import MutationResult, run_mutation
from schema.core.mutations.refusals import Collision, NotFound, NotWellFormed
from schema.notices.types import IssuedNotice
from schema.objections.types import Objection
from schema.reference.types import Department, Node, SubjectLink

Seen = Annotated[
    bool | None, strawberry.argument(description="Only those that were seen, or only those that were not.")
]
Topic = Annotated[NotificationTopic | None, strawberry.argument(description="Only what is about this event.")]

_NEWEST = newest("at", "notification_id")
_CHOICES = {
    **OF_SUBJECT,
    "seen": FilterColumn("is_seen", "is", "Notification.isSeen"),
    "topic": FilterColumn("topic", "=", "Notification.topic"),
    "since": FilterColumn("at", ">=", "Notification.at"),
    "until": FilterColumn("at", "<", "Notification.at"),
}


def _text(topic: str, _day: EvaluationDay) -> str:
    return NotificationTopic(topic).zh


def _text_en(topic: str, _day: EvaluationDay) -> str:
    return NotificationTopic(topic).en


def _clause(topic: str, _day: EvaluationDay) -> str:
    return NotificationTopic(topic).clause


@strawberry.type(
    description="站内通知：somebody is notified that something happened, about what, and when. The words hold nothing "
    "personal; the thing itself is shown by its own rules. About a confidential record, or a case that its subject was "
    "not notified of yet, there is none [5.1.4(2)] [5.1.6]."
)
class Notification(Node):
    id: strawberry.ID = global_id(Entity.NOTIFICATION, "The global id; give it to `markNotificationsSeen`.")
    audience: Audience | None = filled_column("audience", "对象：whether the subject is notified, or a department.")
    topic: NotificationTopic | None = filled_column("topic", "事项：what happened.")
    text: str | None = function(_text, "topic", description="内容：what happened, as a sentence in Chinese.")
    text_en: str | None = function(_text_en, "topic", description="The same in English.")
    clause: str | None = function(_clause, "topic", description="The clause by which somebody is notified.")
    at: datetime | None = filled_column("at", "时间：when it happened (UTC).")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whom it is about.")
    department: Department | None = one(
        "department", Entity.DEPARTMENT, "部门：which department did it, or, of a department's own, whom it is for."
    )
    case: RestraintCase | None = one("case", Entity.RESTRAINT_CASE, "案件：the case that it is about, if any.")
    application: Application | None = one(
        "application", Entity.APPLICATION, "办件：the application that it is about, if any."
    )
    authorisation: Authorisation | None = one(
        "authorisation", Entity.AUTHORISATION, "授权：the authorisation that it is about, if any."
    )
    objection: Objection | None = one("objection", Entity.OBJECTION, "异议：the objection that it is about, if any.")
    issued_notice: IssuedNotice | None = one(
        "issued_notice", Entity.ISSUED_NOTICE, "文书：the document that was issued, if any."
    )
    delegation: Delegation | None = one(
        "delegation", Entity.DELEGATION, "代理：the delegation that was recorded or ended, if any."
    )
    is_seen: bool | None = column("is_seen", "已阅：whether anybody for whom it is has marked it as seen.")
    seen_at: datetime | None = column("seen_at", "When it was first marked as seen (UTC).")
    seen_by: str | None = column("seen_by", "Who marked it: a staff or account reference.")


@strawberry.type
class NotificationQuery:
    """The roots of this topic."""

    @planned(
        ManySource(Entity.NOTIFICATION, _NEWEST, None, _CHOICES),
        "我的通知：what the caller, or whom it acts for, is notified of, newest first. For a front end's bell [5.1.6].",
    )
    def my_notifications(
        self,
        subject: strawberry.ID | None = None,
        seen: Seen = None,
        topic: Topic = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Connection[Notification]: ...

    @planned(
        ManySource(Entity.NOTIFICATION, _NEWEST, None, _CHOICES),
        "部门通知：what the caller's department is notified, newest first: its window of authorisations and "
        "applications, a handler of the own cases, the head of cases and objections [4.2] [5.1.4] [5.1.6].",
    )
    def department_notifications(
        self,
        subject: strawberry.ID | None = None,
        seen: Seen = None,
        topic: Topic = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Connection[Notification]: ...


@mutation_input(description="标记已阅：marks notifications as seen.")
class MarkNotificationsSeenInput(KeyedInput):
    notifications: list[strawberry.ID] = strawberry.field(
        description="Which, by their global ids; 100 at most. One of them that is not the caller's, and none is marked."
    )


@strawberry.type(description="They are marked. One that was marked before keeps who saw it first.")
class NotificationsSeen:
    count: int = strawberry.field(description="How many were named, each counted once.")


NOTIFICATIONS_SEEN: MutationResult[int] = MutationResult(
    lambda count: {"count": str(count)}, lambda stored: NotificationsSeen(count=int(stored["count"]))
)


MarkNotificationsSeenResult = Annotated[
    NotificationsSeen | NotWellFormed | NotFound | Collision,
    strawberry.union("MarkNotificationsSeenResult", description="The result of marking notifications as seen."),
]


@strawberry.type(description="Notifications that were seen.")
class NotificationMutation:
    @strawberry.mutation(
        description="标记已阅：marks notifications as seen, for all for whom they are: a subject and its delegate, the "
        "staff of a department. Doing it again changes nothing [5.1.6]."
    )
    async def mark_notifications_seen(
        self, info: Info, input: MarkNotificationsSeenInput
    ) -> MarkNotificationsSeenResult:
        these = [NotificationRef(*record_ids_of(text, Entity.NOTIFICATION)) for text in input.notifications]
        return await run_mutation(info, input, NOTIFICATIONS_SEEN, mark_seen, these)
