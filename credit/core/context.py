"""What every action gets besides its own arguments: the caller, the time, and the rules of this deployment.

An action is called as `action(work, context, ...)`. The actions of `consent` get the same object and use a part of it
(`consent.context.ConsentContext`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from credit.calendar.calendar import Calendar
    from credit.cases.publicity import PublicityRule
    from credit.cases.status import UnrectifiedPolicy
    from credit.incentives.incentive import GrantingRules


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller and its role. *subject* is the id of a caller in the role `subject`; a delegate has a *ref* only."""

    ref: str
    role: str
    department: str | None = None
    subject: UUID | None = None


@dataclass(frozen=True, slots=True)
class ActionContext:
    """The caller, the instant (UTC), the day in Asia/Shanghai, sources of ids and random bytes, and the rules.

    *calendar* holds the official working days, *unrectified* what a deployment does with a restraint whose breach is
    not rectified, *granting* the incentives and how long a credit check is valid, *publicity* whether a restraint is
    listed and how long (without a rule while it is in force), *longest_delay_days* how many days ahead access entries
    may be delayed, *registration_days* how many days a window sees whom it has put on record.
    """

    actor: Caller
    now: datetime
    today: date
    new_id: Callable[[], UUID]
    random: Callable[[int], bytes]
    calendar: Calendar
    unrectified: UnrectifiedPolicy
    granting: GrantingRules
    publicity: Sequence[PublicityRule] = ()
    longest_delay_days: int = 30
    registration_days: int = 30

    def acting_as(self, actor: Caller) -> ActionContext:
        """Return the same context for another caller."""
        return replace(self, actor=actor)
