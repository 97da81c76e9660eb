"""A supervisor's visits to its list of targets, and being told when somebody joins or leaves it [5.2.2]."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol
from uuid import UUID

from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext, Caller
from credit.core.errors import UnknownCase
from credit.core.unit_of_work import UnitOfWork
from credit.focused_checks.actions import REGULATOR, SupervisionArea
from credit.focused_checks.focused_check import ChangeKind

CHANGED: Final = "focused-check.changed"
"""The topic by which a supervisor is told that its list has changed: figures, and nobody's name or id."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A supervisor who wants to be told, and how far it has been."""

    actor_ref: str
    area_of_supervision: SupervisionArea
    told_at: datetime
    told_on: date


@dataclass(frozen=True, slots=True)
class News:
    """What a subscriber was told: how many targets are new, have changed and have left, as of a day."""

    on: date
    at: datetime
    figures: Mapping[ChangeKind, int]


class VisitStore(Protocol):
    """When supervisors last looked, and who wants to be told."""

    async def mark(self, actor_ref: str, area_of_supervision: SupervisionArea, at: datetime, on: date) -> None:
        """Note that the supervisor has seen its targets as they stand."""
        ...

    async def subscribe(
        self, actor_ref: str, area_of_supervision: SupervisionArea, at: datetime | None, on: date | None
    ) -> None:
        """Note since when the supervisor wants to be told; None ends it."""
        ...

    async def subscribed(self) -> Sequence[Subscribed]:
        """Return who wants to be told, kept from other passes until this work ends."""
        ...

    async def changes(self, one: Subscribed, today: date, lapse: UnrectifiedPolicy) -> Mapping[ChangeKind, int]:
        """Count what changed since *one* was last told."""
        ...

    async def told(self, one: Subscribed, at: datetime, on: date) -> None:
        """Note that *one* has been told how it stands."""
        ...

    async def news(self, actor_ref: str, area_of_supervision: SupervisionArea) -> Sequence[News]:
        """Return what the supervisor was told and has not heard yet, the newest first."""
        ...

    async def heard(self, actor_ref: str, area_of_supervision: SupervisionArea, at: datetime) -> None:
        """Note that the supervisor has heard what it was told."""
        ...


async def mark_seen(work: UnitOfWork, context: ActionContext, area_of_supervision: SupervisionArea | None) -> None:
    """Remember that the supervisor has seen its targets as they stand now, and so heard the news of them.

    Raises UnknownCase.
    """
    own = _own(context.actor, area_of_supervision)
    await work.target_visits.mark(context.actor.ref, own, context.now, context.today)
    await work.target_visits.heard(context.actor.ref, own, context.now)


async def news(work: UnitOfWork, actor: Caller, area_of_supervision: SupervisionArea | None) -> Sequence[News]:
    """Return what the supervisor was told since it last marked its targets as seen [5.2.2]. Raises UnknownCase."""
    return await work.target_visits.news(actor.ref, _own(actor, area_of_supervision))


async def subscribe(work: UnitOfWork, context: ActionContext, area_of_supervision: SupervisionArea | None) -> None:
    """Tell the supervisor from now on when its list changes. Raises UnknownCase."""
    await work.target_visits.subscribe(
        context.actor.ref, _own(context.actor, area_of_supervision), context.now, context.today
    )


async def unsubscribe(work: UnitOfWork, actor: Caller, area_of_supervision: SupervisionArea | None) -> None:
    """Tell it no longer. Raises UnknownCase."""
    await work.target_visits.subscribe(actor.ref, _own(actor, area_of_supervision), None, None)


async def tell(
    work: UnitOfWork, now: datetime, today: date, lapse: UnrectifiedPolicy, new_id: Callable[[], UUID]
) -> int:
    """Tell every subscriber what changed since it was last told; returns how many had something to be told.

    Nobody is told the same twice: how far each has been told is kept in the same transaction as the message.
    """
    told = 0
    for one in await work.target_visits.subscribed():
        figures = await work.target_visits.changes(one, today, lapse)
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
        await work.target_visits.told(one, now, today)
        told += 1
    return told


def _own(actor: Caller, area_of_supervision: SupervisionArea | None) -> SupervisionArea:
    if actor.role != REGULATOR or area_of_supervision is None:
        raise UnknownCase
    return area_of_supervision
