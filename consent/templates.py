"""What can be requested: one template for each purpose that rests on consent [5.1.6].

A template bounds the field groups, the days, the uses and the recipients. It is enforced when a request is made, when
the subject grants it, and again by the SQL of each read: on a row that it would never have allowed nothing
 is read. What
no template allows cannot be requested. Every template has an end, so an authorisation for life cannot be expressed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from consent.errors import (
    NO_TEMPLATE,
    NO_USES,
    NOT_FOR_LIFE,
    PERIOD_IN_THE_PAST,
    PERIOD_TOO_LONG,
    SCOPE_TOO_SMALL,
    SCOPE_TOO_WIDE,
    TOO_MANY_USES,
    OutOfBounds,
)
from consent.vocabulary import FieldGroup, Purpose

TWELVE_MONTHS = 366
"""The longest authorisation by default, in days [5.1.6]: from any day to the corresponding day of the next year."""

CEILING_DAYS = 3 * TWELVE_MONTHS
"""The most that a deployment may set. A longer authorisation would in practice be for life."""


class Recipients(StrEnum):
    """Who can be authorised, and therefore who makes the request."""

    DEPARTMENTS = "departments"
    """Departments, through the clerk at their service window [4.1]."""
    ASSOCIATIONS = "associations"
    """Trade associations and chambers: outside government, so never without the subject [5.2.3]."""


ASKS: Mapping[Recipients, str] = MappingProxyType(
    {Recipients.DEPARTMENTS: "clerk", Recipients.ASSOCIATIONS: "association"}
)
"""The role that makes the request for each kind of recipient."""


@dataclass(frozen=True, slots=True)
class Template:
    """The bounds of every authorisation for one purpose.

    *required* are the groups without which the purpose cannot be served. The *default* values apply if the request
    names none; *single_application* means that this default is for one application only.
    """

    name: str
    version: int
    purpose: Purpose
    allowed: FieldGroup
    required: FieldGroup
    max_days: int
    default_days: int
    max_uses: int
    default_uses: int
    recipients: Recipients
    single_application: bool
    means_zh: str
    means_en: str
    longest_granted: int = 0
    """The most days of one that is in force, where *max_days* was more before; 0: the same."""
    ask_again_days: int = 30
    """For how many days the same may not be requested again, after the last day of a request or, if that is earlier,
    after the default days."""

    def __post_init__(self) -> None:
        bounded = (
            self.ask_again_days > 0
            and 0 < self.default_days <= self.max_days <= CEILING_DAYS
            and 0 < self.default_uses <= self.max_uses
        )
        if not bounded or not self.required or self.required | self.allowed != self.allowed:
            raise OutOfBounds(NOT_FOR_LIFE, ceiling=CEILING_DAYS)

    @property
    def ref(self) -> str:
        """Name and version, as an authorisation stores it: `credit-check/1`."""
        return f"{self.name}/{self.version}"

    @property
    def most_days(self) -> int:
        """The most days that an authorisation in force can have, from the day of its grant or of its paper."""
        return max(self.max_days, self.longest_granted)

    @property
    def asked_by(self) -> str:
        """The role that asks for it, and alone reads on it."""
        return ASKS[self.recipients]

    def latest(self, today: date) -> date:
        """Return the last day that an authorisation requested or granted *today* can have."""
        return today + timedelta(days=self.max_days)


def check(template: Template, groups: FieldGroup, expires_on: date, uses: int, today: date) -> None:
    """Return nothing if *template* allows this much on the day *today*, or raise OutOfBounds."""
    if groups | template.allowed != template.allowed:
        raise OutOfBounds(SCOPE_TOO_WIDE)
    if groups & template.required != template.required:
        raise OutOfBounds(SCOPE_TOO_SMALL)
    if expires_on < today:
        raise OutOfBounds(PERIOD_IN_THE_PAST)
    if expires_on > template.latest(today):
        raise OutOfBounds(PERIOD_TOO_LONG, latest=template.latest(today))
    if uses < 1:
        raise OutOfBounds(NO_USES)
    if uses > template.max_uses:
        raise OutOfBounds(TOO_MANY_USES, most=template.max_uses)


Templates = Mapping[Purpose, Template]


def template_for(templates: Templates, purpose: Purpose) -> Template:
    """Return the template of *purpose*; raises NO_TEMPLATE for a purpose that does not rest on consent."""
    if purpose not in templates:
        raise OutOfBounds(NO_TEMPLATE)
    return templates[purpose]


def catalogue(longest_days: int = TWELVE_MONTHS, longest_before: int | None = None) -> Templates:
    """Return all templates; none lasts longer than the setting *longest_days*.

    *longest_before*: what the setting was before it was lowered; what was granted then stays in force to its end.
    Raises NOT_FOR_LIFE for a setting below one day or above `CEILING_DAYS`.
    """
    before = longest_days if longest_before is None else longest_before
    if not (1 <= longest_days <= CEILING_DAYS and 1 <= before <= CEILING_DAYS):
        raise OutOfBounds(NOT_FOR_LIFE, ceiling=CEILING_DAYS)
    templates = (
        Template(
            name="credit-check",
            version=1,
            purpose=Purpose.CREDIT_CHECK,
            allowed=FieldGroup.IDENTITY | FieldGroup.RESTRAINT,
            required=FieldGroup.RESTRAINT,
            max_days=longest_days,
            longest_granted=before,
            default_days=min(30, longest_days),
            max_uses=100,
            default_uses=3,
            recipients=Recipients.DEPARTMENTS,
            single_application=True,
            means_zh="由窗口工作人员联网查询；结果仅用于判断能否适用守信激励，随办件留存，不作他用。",
            means_en="Looked up by window staff; used only to decide on incentives and kept with the application.",
        ),
        Template(
            name="consultation",
            version=1,
            purpose=Purpose.CONSULTATION,
            allowed=FieldGroup.IDENTITY | FieldGroup.RESTRAINT,
            required=FieldGroup.RESTRAINT,
            max_days=min(30, longest_days),
            longest_granted=min(30, before),
            default_days=min(14, longest_days),
            max_uses=3,
            default_uses=1,
            recipients=Recipients.ASSOCIATIONS,
            single_application=False,
            means_zh="仅就本次评级、评优或者选拔答复是否处于失信制约期内，不提供其他信息。",
            means_en="For this one rating, award or selection: whether the subject is restrained, and nothing else.",
        ),
    )
    return MappingProxyType({template.purpose: template for template in templates})
