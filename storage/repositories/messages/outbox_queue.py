"""Reads and updates the outbox for delivery: lease, sent, failed, dead letter, counts.

A message may be sent when it is due and no earlier message of its lane and route still waits. A short transaction
leases it: no transaction is open while a message is sent, and the messages of a killed relay are due again when the
lease ends. A dead letter blocks no later message: each message is filled in with the state at the time of sending.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update

from storage.repositories.rows import SqlRepository, field_names, select_named
from storage.tables import outbox, restraint_cases

PLATFORM, SUPERVISION, SUPERVISORS = "platform", "supervision", "supervisors"
CARRIED: Final = (PLATFORM, SUPERVISION, SUPERVISORS)
"""The routes that the relay serves. Messages to subjects wait for a channel of their own."""
IN_FLIGHT: Final = "IN_FLIGHT"
NOTHING_TO_TELL: Final = "NOTHING_TO_TELL"
SPLIT: Final = "SPLIT"
"""The outcome of a message about several cases, which was split into one for each case."""


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A leased message. *place* is its number within its lane; *attempts* includes the current one."""

    message_id: UUID
    topic: str
    about: Mapping[str, Any]
    created_at: datetime
    route: str
    lane: UUID | None
    place: int
    attempts: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, without the subject that it is about."""

    message_id: UUID
    topic: str
    route: str
    created_at: datetime
    attempts: int
    dead_at: datetime
    failure: str | None


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """The number of waiting messages of one kind, the oldest of them, and the most attempts."""

    route: str | None
    topic: str
    department_code: str | None
    failure: str | None
    count: int
    oldest: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class OpenRoutes:
    """Routes with a configured recipient, and the departments whose supervisors have one."""

    routes: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()


_IS_DEAD: Final = (outbox.c.sent_at.is_(None), outbox.c.dead_at.is_not(None))
_UNSENT: Final = and_(outbox.c.sent_at.is_(None), outbox.c.dead_at.is_(None))
_DEPARTMENT: Final = outbox.c.about["department_code"].as_string()
# By name, because PostgreSQL takes two binds of one key for two expressions.
_KINDS: Final = (outbox.c.route, outbox.c.topic, _DEPARTMENT.label("department_code"), outbox.c.failure)


class OutboxQueue(SqlRepository):
    """The table `outbox`, in one transaction."""

    async def lease(
        self, recipients: OpenRoutes, limit: int, *, now: datetime, until: datetime
    ) -> Sequence[OutboxMessage]:
        """Lease the oldest due messages until *until*, one of each partition.

        On PostgreSQL a second relay that runs at the same time gets other messages.
        """
        due = (
            select_named(outbox, field_names(OutboxMessage))
            .where(_UNSENT, or_(outbox.c.next_at.is_(None), outbox.c.next_at <= now), _is_open(recipients), _is_first())
            .order_by(outbox.c.created_at, outbox.c.place, outbox.c.message_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        taken = [OutboxMessage(*row) for row in await self._session.fetch(due)]
        if taken:
            these = outbox.c.message_id.in_([message.message_id for message in taken])
            held = {"next_at": until, "failure": IN_FLIGHT, "attempts": outbox.c.attempts + 1}
            await self._session.execute(update(outbox).where(these).values(held))
        return taken

    async def give_back(self, message_ids: Sequence[UUID]) -> None:
        """End the lease of messages that were not tried."""
        if message_ids:
            these = and_(outbox.c.message_id.in_(message_ids), outbox.c.failure == IN_FLIGHT)
            untried = {"next_at": None, "failure": None, "attempts": outbox.c.attempts - 1}
            await self._session.execute(update(outbox).where(these).values(untried))

    async def sent(self, message_id: UUID, at: datetime, *, failure: str | None = None) -> None:
        """Note that a message was delivered, or (NOTHING_TO_TELL) that it had no content for its recipient."""
        await self._note(message_id, sent_at=at, next_at=None, dead_at=None, failure=failure)

    async def failed(self, message_id: UUID, failure: str, next_at: datetime) -> None:
        """Note a failed attempt; the message is due again at *next_at*."""
        await self._note(message_id, next_at=next_at, failure=failure)

    async def died(self, message_id: UUID, failure: str, at: datetime) -> None:
        """Give a message up: it becomes a dead letter and waits for a person."""
        await self._note(message_id, dead_at=at, next_at=None, failure=failure)

    async def revive(self, message_id: UUID) -> Mapping[str, Any] | None:
        """Put a dead letter back, at the end of its lane; return what it is about, or None where none has this id.

        The messages that its lane has sent since are newer. It is filled in with the state at the time of sending, so
        it belongs after them.
        """
        later = outbox.alias("later")
        end = (
            select(func.coalesce(func.max(later.c.place), 0) + 1).where(later.c.lane == outbox.c.lane).scalar_subquery()
        )
        this = and_(outbox.c.message_id == message_id, outbox.c.dead_at.is_not(None), outbox.c.sent_at.is_(None))
        hit = await self._session.execute(update(outbox).where(this).values(dead_at=None, next_at=None, place=end))
        if hit == 0:
            return None
        [(about,)] = await self._session.fetch(select(outbox.c.about).where(outbox.c.message_id == message_id))
        found: Mapping[str, Any] = about
        return found

    async def has_notified(self, message: OutboxMessage) -> bool:
        """Return whether an earlier message of the same lane and route was delivered with content."""
        delivered = select(outbox.c.message_id).where(
            outbox.c.lane == message.lane,
            outbox.c.route == message.route,
            outbox.c.sent_at.is_not(None),
            outbox.c.failure.is_(None),
            outbox.c.message_id != message.message_id,
        )
        return bool(await self._session.fetch(delivered.limit(1)))

    async def may_be_announced(self, message: OutboxMessage) -> bool:
        """Return whether the case of a determination is still valid and not confidential [5.1.4(5)] [5.1.6]."""
        case = restraint_cases.c
        valid = select(case.case_id).where(
            case.subject_id == UUID(str(message.about["subject_id"])),
            case.case_id == UUID(str(message.about["case_id"])),
            case.confidential.is_(False),
            *(case[name].is_(None) for name in ("removed_on", "dropped_on", "referred_on")),
        )
        return bool(await self._session.fetch(valid))

    async def is_last_of(self, telling_id: str, message_id: UUID) -> bool:
        """Return whether no other message to the same recipient about the same correction still waits."""
        others = select(outbox.c.message_id).where(
            outbox.c.sent_at.is_(None),
            outbox.c.message_id != message_id,
            outbox.c.about["telling_id"].as_string() == telling_id,
        )
        return not await self._session.fetch(others.limit(1))

    async def given_up(self, limit: int) -> Sequence[DeadLetter]:
        """Return the dead letters, the longest dead first."""
        dead = select_named(outbox, field_names(DeadLetter)).where(*_IS_DEAD)
        oldest = dead.order_by(outbox.c.dead_at, outbox.c.message_id).limit(limit)
        return [DeadLetter(*row) for row in await self._session.fetch(oldest)]

    async def count_given_up(self) -> int:
        """Count the dead letters."""
        ((count,),) = await self._session.fetch(select(func.count()).where(*_IS_DEAD))
        return int(count)

    async def waiting(self) -> Sequence[WaitingCount]:
        figures = (func.count(), func.min(outbox.c.created_at), func.max(outbox.c.attempts))
        names = [kind.name for kind in _KINDS]
        counted = select(*_KINDS, *figures).where(_UNSENT).group_by(*names).order_by(*names)
        return [WaitingCount(*row) for row in await self._session.fetch(counted)]

    async def _note(self, message_id: UUID, **facts: object) -> None:
        await self._session.execute(update(outbox).where(outbox.c.message_id == message_id).values(facts))


def _is_open(recipients: OpenRoutes) -> ColumnElement[bool]:
    routes = [
        and_(outbox.c.route == SUPERVISORS, _DEPARTMENT.in_(sorted(recipients.departments))),
        outbox.c.route.in_(sorted(recipients.routes)),
    ]
    return or_(*routes)


def _is_first() -> ColumnElement[bool]:
    """Return the condition that no earlier message of the same lane and route still waits."""
    earlier = outbox.alias("earlier")
    return or_(
        outbox.c.lane.is_(None),
        ~exists().where(
            earlier.c.lane == outbox.c.lane,
            earlier.c.route == outbox.c.route,
            earlier.c.sent_at.is_(None),
            earlier.c.dead_at.is_(None),
            or_(
                earlier.c.place < outbox.c.place,
                and_(earlier.c.place == outbox.c.place, earlier.c.message_id < outbox.c.message_id),
            ),
        ),
    )
