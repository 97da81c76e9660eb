"""Days: that of a response and how its clocks count, and the scalars of days and instants.

A scalar has one form, for variables and literals, and its refusal quotes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

from credit.calendar.calendar import Calendar
from credit.cases.status import UnrectifiedPolicy
from credit.core.errors import InvalidItem
from credit.core.values.dates import parse_iso_date, parse_iso_instant


@dataclass(frozen=True, slots=True)
class EvaluationDay:
    """The day in Asia/Shanghai that functions of columns use, and how they count days.

    *unrectified* is the reading of [5.1.5] in force; *calendar* holds the official working days [5.1.4].
    """

    today: date
    unrectified: UnrectifiedPolicy
    calendar: Calendar


_DATE: Final = "A Date is a day of the calendar as YYYY-MM-DD."
_INSTANT: Final = "A DateTime is YYYY-MM-DDThh:mm:ss with Z or an offset (RFC 3339)."
IN_CHINESE: Final[Mapping[str, str]] = {
    _DATE: "日期应为 YYYY-MM-DD，且在日历中存在。",
    _INSTANT: "时间应为 YYYY-MM-DDThh:mm:ss，并注明 Z 或时差。",
}
"""The refusals in both languages. GraphQL's own messages are ASCII, so the Chinese is added where they are shown."""


def _read(parse: Callable[[str], object], refusal: str) -> Callable[[object], object]:
    def read(value: object) -> object:
        try:
            return parse(value if isinstance(value, str) else "")
        except InvalidItem:
            raise StrawberryInputCoercionError(refusal) from None

    return read


SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    date: ScalarDefinition(
        name="Date",
        description="A day of the calendar, as YYYY-MM-DD and in no other form [ISO 8601, extended calendar date].",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        serialize=date.isoformat,
        parse_value=_read(parse_iso_date, _DATE),
        parse_literal=None,
        origin=date,
    ),
    datetime: ScalarDefinition(
        name="DateTime",
        description="An instant with its zone, as YYYY-MM-DDThh:mm:ssZ or with an offset such as +08:00 [RFC 3339].",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=datetime.isoformat,
        parse_value=_read(parse_iso_instant, _INSTANT),
        parse_literal=None,
        origin=datetime,
    ),
}
