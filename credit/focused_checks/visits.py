"""When a supervisor last looked at its list of targets, and notifications when the list changes [5.2.2]."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol
from uuid import UUID

from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext, Caller
from credit.core.unit_of_work import UnitOfWork
from credit.focused_checks.actions import REGULATOR, SupervisionArea, require_supervisor
from credit.focused_checks.focused_check import ChangeKind

CHANGED: Final = "focused-check.changed"
"""The topic that notifies a supervisor of changes in its list: counts, without names or ids."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A supervisor who subscribed to changes, and the time of its last notification."""

    actor_ref: str
    area_of_supervision: SupervisionArea
    told_at: datetime
    told_on: date


@dataclass(frozen=True, slots=True)
class News:
    """The content of a notification: how many targets are new, have changed and have left, as of a day."""

    on: date
    at: datetime
    figures: Mapping[ChangeKind, int]


class VisitStore(Protocol):
    """When supervisors last looked at their targets, and their subscriptions."""

    async def mark(self, actor_ref: str, area_of_supervision: SupervisionArea, at: datetime, on: date) -> None:
        """Record that the supervisor has seen its targets as they are now."""
        ...

    async def subscribe(
        self, actor_ref: str, area_of_supervision: SupervisionArea, at: datetime | None, on: date | None
    ) -> None:
        """Record since when the supervisor is subscribed; None ends the subscription."""
        ...

    async def subscribed(self) -> Sequence[Subscribed]:
        """Return the subscribers, locked against other runs until this unit of work ends."""
        ...

    async def changes(self, one: Subscribed, today: date, unrectified: UnrectifiedPolicy) -> Mapping[ChangeKind, int]:
        """Count the changes since *one* was last notified."""
        ...

    async def record_notified(self, one: Subscribed, at: datetime, on: date) -> None:
        """Record that *one* has been notified of the present state."""
        ...

    async def news(self, actor_ref: str, area_of_supervision: SupervisionArea) -> Sequence[News]:
        """Return the supervisor's notifications that it has not seen yet, the newest first."""
        ...

    async def mark_notifications_seen(self, actor_ref: str, area_of_supervision: SupervisionArea, at: datetime) -> None:
        """Record that the supervisor has seen its notifications."""
        ...


async def mark_seen(work: UnitOfWork, context: ActionContext, area_of_supervision: SupervisionArea | None) -> None:
    """Record that the supervisor has seen its targets as they are now, and with them its notifications.

    Raises UnknownCase.
    """
    own = require_supervisor(context.actor, area_of_supervision)
    await work.target_visits.mark(context.actor.ref, own, context.now, context.today)
    await work.target_visits.mark_notifications_seen(context.actor.ref, own, context.now)


async def news(work: UnitOfWork, actor: Caller, area_of_supervision: SupervisionArea | None) -> Sequence[News]:
    """Return the notifications since the supervisor last marked its targets as seen [5.2.2]. Raises UnknownCase."""
    return await work.target_visits.news(actor.ref, require_supervisor(actor, area_of_supervision))


async def subscribe(work: UnitOfWork, context: ActionContext, area_of_supervision: SupervisionArea | None) -> None:
    """Subscribe the supervisor to changes of its list from now on. Raises UnknownCase."""
    await work.target_visits.subscribe(
        context.actor.ref, require_supervisor(context.actor, area_of_supervision), context.now, context.today
    )


async def unsubscribe(work: UnitOfWork, actor: Caller, area_of_supervision: SupervisionArea | None) -> None:
    """End the supervisor's subscription. Raises UnknownCase."""
    await work.target_visits.subscribe(actor.ref, require_supervisor(actor, area_of_supervision), None, None)


async def notify_subscribers(
    work: UnitOfWork, now: datetime, today: date, unrectified: UnrectifiedPolicy, new_id: Callable[[], UUID]
) -> int:
    """Notify every subscriber of changes since its last notification; return how many were notified.

    No change is notified twice: the time of the notification is saved in the same transaction as the message.
    """
    notified = 0
    for one in await work.target_visits.subscribed():
        figures = await work.target_visits.changes(one, today, unrectified)
        if not figures:
            continue
        about = {
            "to": REGULATOR,
            "actor_ref": one.actor_ref,
            "sector_code": one.area_of_supervision.sector,
            "area_code": one.area_of_supervision.area,
            "on": today.isoformat(),
            **{kind.value.lower(): str(figures.get(kind, 0)) for kind in ChangeKind},
        }
        await work.outbox(CHANGED, about, new_id(), now)
        await work.target_visits.record_notified(one, now, today)
        notified += 1
    return notified
