"""In-app notifications: written with the message of the outbox, and marked as seen [5.1.6] [6.2]."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, tuple_, update

from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext
from credit.core.record_refs import NotificationRef
from credit.notifications.topics import Notification
from credit.subjects.record_events import RecordEvent
from queryplan.entities import Entity
from queryplan.scopes import Scope
from storage.database.session import Session
from storage.queries.scopes import in_scope
from storage.repositories.rows import SqlRepository
from storage.repositories.subjects.subject_events import append_subject_events, subject_event
from storage.tables import notifications

SCOPE: Final[Mapping[str, Scope]] = {
    "subject": Scope.OWN,
    "agent": Scope.DELEGATED,
    "clerk": Scope.SUBMITTED,
    "association": Scope.SUBMITTED,
    "handler": Scope.ASSIGNED,
    "head": Scope.DEPARTMENT,
}
"""The scope of each role: a role may mark the notifications that it may see."""


class NotificationRepository(SqlRepository):
    """The table `notifications`: implements `NotificationStore`."""

    async def see(self, context: ActionContext, these: Sequence[NotificationRef]) -> int:
        caller = context.actor
        scope = SCOPE.get(caller.role)
        if scope is None:
            return 0
        # A case that its subject was notified of stays so under every reading of [5.1.5].
        theirs = in_scope(scope, Entity.NOTIFICATION, notifications, UnrectifiedPolicy.STAYS)
        keys = tuple_(notifications.c.subject_id, notifications.c.notification_id)
        wanted = keys.in_([(one.subject_id, one.id) for one in these])
        actor = {
            "actor_ref": caller.ref,
            "actor_department": caller.department,
            "actor_subject": caller.subject,
            "today": context.today,
        }
        columns = (notifications.c[name] for name in ("subject_id", "notification_id", "case_id", "seen_at"))
        found = await self._session.fetch(select(*columns).where(wanted, theirs), actor)
        unseen = [row[:-1] for row in found if row[-1] is None]
        if len(found) == len(these) and unseen:
            seen = {"seen_at": context.now, "seen_by": caller.ref, "seen_as": caller.role}
            await self._session.execute(
                update(notifications).where(wanted, notifications.c.seen_at.is_(None)).values(seen)
            )
            await append_subject_events(
                self._session,
                [
                    subject_event(context, subject_id, RecordEvent.NOTIFICATION_SEEN, _facts(which, case_id))
                    for subject_id, which, case_id in unseen
                ],
            )
        return len(found)


async def insert_notifications(session: Session, by_message: Sequence[tuple[UUID, Notification]]) -> None:
    """Insert the notifications of the messages with these ids."""
    if by_message:
        await session.execute(insert(notifications), [_row(message_id, one) for message_id, one in by_message])


def _facts(notification_id: UUID, case_id: UUID | None) -> dict[str, str]:
    """Return the facts of the event; with the case, which decides when the subject may know of it [5.1.4(2)]."""
    about = {"notification_id": str(notification_id)}
    return about if case_id is None else about | {"case_id": str(case_id)}


def _row(message_id: UUID, notification: Notification) -> dict[str, Any]:
    return {
        "subject_id": notification.subject_id,
        "notification_id": message_id,
        "audience": notification.audience.value,
        "topic": notification.topic.value,
        "at": notification.at,
        "department_code": notification.department_code,
        "case_id": notification.case_id,
        "application_id": notification.application_id,
        "authorisation_id": notification.authorisation_id,
        "objection_id": notification.objection_id,
        "issued_notice_id": notification.issued_notice_id,
        "delegation_id": notification.delegation_id,
    }
