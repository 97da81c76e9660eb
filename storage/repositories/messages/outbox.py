"""Messages for the relay, written in the transaction of the fact itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select

from credit.notifications.topics import notification_of
from storage.repositories.messages.notifications import insert_notifications
from storage.repositories.rows import SqlRepository
from storage.tables import outbox

_ROUTES: Final[Mapping[str, str]] = {
    "CITY_PLATFORM": "platform",
    "SUPERVISION_PLATFORM": "supervision",
    "SUPERVISORS": "supervisors",
}
"""The route of the relay for each `credit.corrections.correction.Route`."""
_LONGEST_ROUTE: Final = 16

_before = outbox.alias("before")
_NEXT_PLACE: Final = (
    select(func.coalesce(func.max(_before.c.place), 0) + 1)
    .where(_before.c.lane == bindparam("of_lane", type_=outbox.c.lane.type))
    .scalar_subquery()
)
ENQUEUE: Final = insert(outbox).values(
    message_id=bindparam("of_id", type_=outbox.c.message_id.type),
    topic=bindparam("of_topic"),
    about=bindparam("of_about", type_=outbox.c.about.type),
    created_at=bindparam("of_instant", type_=outbox.c.created_at.type),
    route=bindparam("of_route"),
    lane=bindparam("of_lane", type_=outbox.c.lane.type),
    place=_NEXT_PLACE,
    sent_at=bindparam("of_sent", type_=outbox.c.sent_at.type),
)
"""Inserts a message at the end of its lane.

Two transactions that enqueue messages about one case both change that case first. So the second one waits there for
the first, and takes the next place.
"""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to enqueue. *about* holds references; the sender reads the particulars under a purpose of its own."""

    message_id: UUID
    topic: str
    about: Mapping[str, Any]
    at: datetime


class Outbox(SqlRepository):
    """Enqueues messages in the table `outbox`. `OutboxQueue` leases them for delivery."""

    async def enqueue(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        """Enqueue a message; it is stored if, and only if, the transaction commits."""
        await self.enqueue_all([NewMessage(message_id, topic, about, at)])

    async def enqueue_all(self, messages: Sequence[NewMessage]) -> None:
        """Enqueue messages in this order. An in-app notification counts as sent when the transaction commits."""
        if not messages:
            return
        notes = {one.message_id: notification_of(one.topic, one.about, one.at) for one in messages}
        await self._session.execute(ENQUEUE, [_binds(one, notes[one.message_id] is not None) for one in messages])
        await insert_notifications(
            self._session, [(message_id, note) for message_id, note in notes.items() if note is not None]
        )


def route_of(about: Mapping[str, Any]) -> str | None:
    """Return the route that carries a message, by its `route` or its `to`; None where no route carries it yet."""
    route = _ROUTES.get(str(about.get("route")), about.get("route")) or about.get("to")
    return str(route)[:_LONGEST_ROUTE] if route else None


def partition_key_of(about: Mapping[str, Any]) -> UUID | None:
    """Return the case that keys the order of messages; None where a message is about no case."""
    case_id = about.get("case_id")
    return UUID(str(case_id)) if case_id else None


def _binds(message: NewMessage, sent: bool) -> dict[str, object]:  # noqa: FBT001 - private, and read beside its one call
    return {
        "of_id": message.message_id,
        "of_topic": message.topic,
        "of_about": dict(message.about),
        "of_instant": message.at,
        "of_route": route_of(message.about),
        "of_lane": partition_key_of(message.about),
        "of_sent": message.at if sent else None,
    }
