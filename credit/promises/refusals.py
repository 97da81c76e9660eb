"""What deferred documents [4.2.2] and commitments [4.2.3] refuse: the branches, and below them their reasons.

CreditError
└── PromiseRefused          the facts of the promise do not allow it
    ├── NotDue              time has to pass first, or something else has to come first
    └── DateOutOfBounds     the day lies outside what is possible
"""

from datetime import date

from credit.core.errors import CreditError
from credit.core.refusals import STEP_MISDATED, Reason


class PromiseRefused(CreditError):
    """A step with deferred documents [4.2.2] or a commitment [4.2.3] that the facts do not allow.

    *since* is the day that decided it, if a day did.
    """

    def __init__(self, reason: Reason, since: date | None = None, **facts: object) -> None:
        super().__init__(reason, since=since, **facts)
        self.since = since


class NotDue(PromiseRefused):
    """It is too early. *until* is the last day that has to pass first, and may be *provisional* [4.2.2] [5.1.2c]."""

    def __init__(
        self, reason: Reason, until: date | None = None, *, provisional: bool = False, **facts: object
    ) -> None:
        super().__init__(reason, None, until=until, **facts)
        self.until = until
        self.provisional = provisional


class DateOutOfBounds(PromiseRefused):
    """The day lies outside what is possible: *earliest* and *latest* are the first and the last day that are."""

    def __init__(self, reason: Reason, earliest: date, latest: date) -> None:
        super().__init__(reason, earliest=earliest, latest=latest)
        self.earliest = earliest
        self.latest = latest


def require_between(day: date, earliest: date, latest: date) -> None:
    """Refuse a step on a *day* outside what is possible: raises STEP_MISDATED."""
    if not earliest <= day <= latest:
        raise DateOutOfBounds(STEP_MISDATED, earliest=earliest, latest=latest)


# fmt: off
# --- PromiseRefused ------------------------------------------------------------------------------------------------

NOTHING_MISSING = Reason("NOTHING_MISSING", "4.2.2",
    "List every missing document, each once.", "请逐项列明所缺材料，不得为空或重复。",
    "If nothing is missing, no deferral is needed.", "材料齐全的，无需容缺。")
DOCUMENT_NOT_MISSING = Reason("DOCUMENT_NOT_MISSING", "4.2.2",
    "This document is not among those still missing.", "该材料不在尚缺材料清单内。",
    "See the list of what is still missing.", "请核对尚缺材料清单。")
# The promise was kept or verified, or the application was withdrawn.
PROMISE_CLOSED = Reason("PROMISE_CLOSED", "4.2.2",
    "Nothing is open any more: {state}.", "该事项已无待办环节：{state}。")
# A second reminder would make the start of the clock unclear.
ALREADY_REMINDED = Reason("ALREADY_REMINDED", "5.1.2c",
    "A reminder reached the applicant on {since}.", "催告已于{since}送达。")
NO_REMINDER = Reason("NO_REMINDER", "5.1.2c",
    "There is no reminder that waits for proof of service.", "没有待登记送达的催告。",
    "Send a reminder first.", "请先发出催告。")
ALREADY_COLLECTED = Reason("ALREADY_COLLECTED", "5.1.3",
    "A case has been collected from this promise already.", "该承诺的失信信息已采集立案。",
    "Go on with that case.", "请在已采集的案件中继续办理。")
NOT_HANDLED_YET = Reason("NOT_HANDLED_YET", "4.2.3",
    "The application has not been completed yet; a commitment is verified afterwards.",
    "办件尚未办结，承诺内容应在办结后核验。",
    "Record the completion first.", "请先登记办结。")

# --- NotDue --------------------------------------------------------------------------------------------------------

NOT_DUE_YET = Reason("NOT_DUE_YET", "5.1.2c",
    "The applicant has time until {until}.", "承诺期限至{until}，尚未届满。",
    "Remind from the day after.", "期满次日起方可催告。")
NO_DEFAULT = Reason("NO_DEFAULT", "5.1.2c",
    "The facts make no breach: {state}.", "现有事实不构成失信情形：{state}。",
    "A reminder, its service and the three working days after it have to pass first [5.1.2c].",
    "须先催告、送达，且催告后3个工作日届满仍未提交。")
NOT_VERIFIED_AS_UNMET = Reason("NOT_VERIFIED_AS_UNMET", "5.1.2d",
    "The facts make no breach: {state}.", "现有事实不构成失信情形：{state}。",
    "Verify the commitment and record the outcome with its evidence [4.2.3].",
    "请先对承诺内容进行核验并登记结果及证据。")

# --- DateOutOfBounds -----------------------------------------------------------------------------------------------

DUE_OUT_OF_BOUNDS = Reason("DUE_OUT_OF_BOUNDS", "4.2.2",
    "The date promised must lie between {earliest} and {latest}.", "承诺补交日期应在{earliest}至{latest}之间。",
    "Promise a date within these bounds.", "请在上述期限内重新约定。")
# fmt: on
