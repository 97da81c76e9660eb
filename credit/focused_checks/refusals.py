"""What a focused check refuses [5.2.2]: one branch, and below it its reasons.

CreditError
└── FocusedCheckRefused   the visit cannot be recorded so; also FINDING_UNSUPPORTED and STEP_MISDATED
"""

from credit.core.errors import CreditError
from credit.core.refusals import Reason


class FocusedCheckRefused(CreditError):
    """A visit that cannot be recorded in this form, or that starts no case [5.2.2]."""


# fmt: off
# --- FocusedCheckRefused -------------------------------------------------------------------------------------------

# Only a subject that was restrained on the day of the visit was a target.
NOT_A_TARGET = Reason("NOT_A_TARGET", "5.2.2",
    "The subject was not a focused-check target on {on}.", "该主体在{on}不属于重点核查对象。",
    "Check it as any other subject, by your sector's own rules.", "请按本行业一般监管规定检查。")
# A check that found no new breach starts no case.
NO_NEW_BREACH = Reason("NO_NEW_BREACH", "5.2.2",
    "The check found no new breach: {outcome}.", "该次核查未发现新的失信行为：{outcome}。",
    "Record another check where something new is found.", "如另有发现，请登记新的核查结果。")
# fmt: on
