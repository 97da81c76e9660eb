"""The context of actions in tests, with a default for everything that a test does not give."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from credit.calendar.calendar import Calendar, shipped
from credit.calendar.deadlines import civil_date
from credit.cases.publicity import PublicityRule
from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext, Caller
from credit.incentives import incentive
from credit.incentives.incentive import GrantingRules

NOBODY = Caller("nobody", "nobody")
CALENDAR, GRANTING = shipped(), GrantingRules(incentive.shipped())


def action_context(
    at: datetime,
    new_id: Callable[[], UUID],
    random: Callable[[int], bytes] = os.urandom,
    *,
    actor: Caller = NOBODY,
    calendar: Calendar = CALENDAR,
    granting: GrantingRules = GRANTING,
    unrectified: UnrectifiedPolicy = UnrectifiedPolicy.STAYS,
    publicity: Sequence[PublicityRule] = (),
) -> ActionContext:
    """At an instant, for a caller who may nothing until the test says who it is (`acting_as`)."""
    return ActionContext(
        actor=actor,
        now=at,
        today=civil_date(at),
        new_id=new_id,
        random=random,
        calendar=calendar,
        unrectified=unrectified,
        granting=granting,
        publicity=publicity,
    )
