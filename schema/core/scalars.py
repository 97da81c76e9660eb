"""The scalars of days and instants: one form each, for variables and literals, and a refusal that quotes nothing."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

from credit.core.errors import InvalidItem
from credit.core.values.dates import parse_iso_date, parse_iso_instant

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
        specified_by_url=None,
        serialize=date.isoformat,
        parse_value=_read(parse_iso_date, _DATE),
        parse_literal=None,
        origin=date,
    ),
    datetime: ScalarDefinition(
        name="DateTime",
        description="An instant with its zone, as YYYY-MM-DDThh:mm:ssZ or with an offset such as +08:00 [RFC 3339].",
        specified_by_url=None,
        serialize=datetime.isoformat,
        parse_value=_read(parse_iso_instant, _INSTANT),
        parse_literal=None,
        origin=datetime,
    ),
}
