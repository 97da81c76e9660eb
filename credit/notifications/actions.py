"""The action on notifications: those for whom they are mark them as seen [5.1.6] [6.2]."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from credit.core.errors import InvalidItem, Problem, StepNotWellFormed, UnknownCase
from credit.core.flaws import Flaw
from credit.core.ports import By, Moment

MOST: Final = 100
"""How many may be marked at once: as many as a page can hold."""


@dataclass(frozen=True, slots=True)
class WhichNotification:
    """Which notification, by its keys."""

    subject_id: UUID
    notification_id: UUID


class NotificationStore(Protocol):
    """The notifications in the house."""

    async def see(self, by: By, moment: Moment, these: Sequence[WhichNotification]) -> int:
        """Note who saw those that are *by*'s to see, where nobody was noted yet; returns how many are *by*'s."""
        ...


class NotifyingWork(Protocol):
    """One unit of work; the caller commits."""

    @property
    def notifications(self) -> NotificationStore: ...


async def mark_seen(work: NotifyingWork, by: By, moment: Moment, these: Sequence[WhichNotification]) -> int:
    """Mark notifications as seen; raises UnknownCase where one of them is not this caller's, and then marks none.

    Seen by one is seen by all for whom it is: a subject and its delegate, the staff of a department. The first stands.
    """
    wanted = set(these)
    if not wanted or len(wanted) > MOST:
        flaw = Flaw.TOO_LONG if wanted else Flaw.REQUIRED
        raise StepNotWellFormed((Problem.of("notifications", InvalidItem(flaw)),))
    ordered = sorted(wanted, key=lambda one: (one.subject_id.bytes, one.notification_id.bytes))
    if await work.notifications.see(by, moment, ordered) != len(ordered):
        raise UnknownCase
    return len(ordered)
