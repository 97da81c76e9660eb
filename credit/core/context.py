"""What every action is given besides its own arguments: who acts, when, and by which rules of this deployment.

An action is called as `action(work, context, ...)`. The same object goes to the actions of `consent`, which read a part
of it (`consent.context.ConsentContext`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from credit.calendar.calendar import Calendar
    from credit.cases.status import UnrectifiedPolicy
    from credit.incentives.incentive import GrantingRules


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts, in which role. *subject* is whom a `subject` is; a delegate is known by *ref*."""

    ref: str
    role: str
    department: str | None = None
    subject: UUID | None = None


@dataclass(frozen=True, slots=True)
class ActionContext:
    """The caller, the instant (UTC), the day in Asia/Shanghai, sources of ids and random bytes, and the rules.

    *calendar* holds the official working days, *unrectified* what a deployment does with a restraint whose breach is
    not rectified, *granting* the incentives that there are and how long a credit check counts.
    """

    actor: Caller
    now: datetime
    today: date
    new_id: Callable[[], UUID]
    random: Callable[[int], bytes]
    calendar: Calendar
    unrectified: UnrectifiedPolicy
    granting: GrantingRules

    def acting_as(self, actor: Caller) -> ActionContext:
        """Return the same for another caller."""
        return replace(self, actor=actor)
