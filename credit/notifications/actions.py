"""The action on notifications: a recipient marks them as seen [5.1.6] [6.2]."""

from collections.abc import Sequence
from typing import Final, Protocol

from credit.core.context import ActionContext
from credit.core.errors import StepNotWellFormed, UnknownCase
from credit.core.flaws import Flaw
from credit.core.record_refs import NotificationRef
from credit.core.unit_of_work import UnitOfWork

MOST: Final = 100
"""How many may be marked at once: the size of a page."""


class NotificationStore(Protocol):
    """In-app notifications."""

    async def see(self, context: ActionContext, these: Sequence[NotificationRef]) -> int:
        """Record the caller as the first reader of those addressed to it; return how many are addressed to it."""
        ...


async def mark_seen(work: UnitOfWork, context: ActionContext, these: Sequence[NotificationRef]) -> int:
    """Mark notifications as seen; raises UnknownCase if one of them is not this caller's, and then marks none.

    A notification seen by one recipient is seen for all: a subject and its delegate, the staff of a department. The
    first reader is recorded.
    """
    wanted = set(these)
    if not wanted or len(wanted) > MOST:
        flaw = Flaw.TOO_LONG if wanted else Flaw.REQUIRED
        raise StepNotWellFormed.of("notifications", flaw)
    ordered = sorted(wanted, key=lambda one: (one.subject_id.bytes, one.id.bytes))
    if await work.notifications.see(context, ordered) != len(ordered):
        raise UnknownCase
    return len(ordered)
