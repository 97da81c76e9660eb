"""Notifications as they arrive [5.1.6] [6.2]."""

from datetime import datetime
from uuid import UUID

import strawberry

from queryplan.entities import Entity
from queryplan.plan import mirrored, newest
from queryplan.signals import SignalKind
from schema.core.connections import OF_SUBJECT, Batch
from schema.core.fields import ManySource, OnlyNew, WatchSource, planned
from schema.notifications.types import Notification


def _place(at: datetime) -> tuple[object, ...]:
    return at, UUID(int=0)


@strawberry.type
class NotificationSubscription:
    """The subscription of this topic."""

    @planned(
        WatchSource(
            ManySource(Entity.NOTIFICATION, mirrored(newest("at", "notification_id")), None, OF_SUBJECT),
            SignalKind.ACT,
            OnlyNew(("subject_id", "notification_id"), _place),
        ),
        "通知到达：what the caller, whom it acts for, or its department is notified of, as it happens: what "
        "`myNotifications` or `departmentNotifications` would list as new. About what happened earlier, and may only "
        "be seen now, there is no event [5.1.6] [6.2].",
    )
    def notification_arrived(self, subject: strawberry.ID | None = None) -> Batch[Notification]: ...
