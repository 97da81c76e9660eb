"""The dates of a determination in a row: determined, published, valid until [5.1.3] [5.1.5]."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from credit.cases.status import MONTHS, period_end
from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.characters import clean, squashed
from credit.core.values.dates import parse_date

_MONTHS: Final = re.compile(r"([0-9]{1,3}|[一二两三四五六七八九十]{1,3})个?月")
_YEARS: Final = re.compile(r"([0-9]{1,2}|[一二两三四五六七八九十]{1,3})年")
_TENS: Final = re.compile(r"([一二三四五六七八九])?(十)?([一二两三四五六七八九])?")
_NUMERALS: Final = "一二三四五六七八九"
_HALF_YEAR: Final = "半年"
_MOST_MONTHS: Final = 120


@dataclass(frozen=True, slots=True)
class Period:
    """When a restraint ends, if known; else how many months it will last after publication."""

    ends_on: date | None
    months: int | None


def parse_validity(raw: str) -> date | int:
    """Read an end date, or a length in months: `6个月`, `六个月`, `半年`, `1年`. Raises InvalidItem."""
    text = squashed(clean(raw)).removeprefix("至")
    if text == _HALF_YEAR:
        return 6
    if match := _MONTHS.fullmatch(text):
        months = _number(match[1])
    elif match := _YEARS.fullmatch(text):
        months = 12 * _number(match[1])
    else:
        return _end_date(text)
    if not 1 <= months <= _MOST_MONTHS:
        raise InvalidItem(Flaw.VALIDITY_FORM)
    return months


def period(determined_on: date, published_on: date | None, validity: date | int, *, by_law: bool) -> Period:
    """Compute the management period [5.1.5]. It is counted from publication; an unpublished restraint has no end yet.

    Raises InvalidItem for an end before the beginning, and for more than six months unless that is *by law*. The
    authority may set a shorter period.
    """
    if isinstance(validity, int):
        if validity > MONTHS and not by_law:
            raise InvalidItem(Flaw.PERIOD_BASIS)
        if published_on is None:
            return Period(None, validity)
        return Period(period_end(published_on, validity), None)
    if validity < (published_on or determined_on):
        raise InvalidItem(Flaw.ENDS_TOO_EARLY)
    if published_on is not None and validity > period_end(published_on) and not by_law:
        raise InvalidItem(Flaw.PERIOD_BASIS)
    return Period(validity, None)


def _end_date(text: str) -> date:
    try:
        return parse_date(text)
    except InvalidItem as error:
        if error.flaw is Flaw.DATE_FORM:
            raise InvalidItem(Flaw.VALIDITY_FORM) from None
        raise


def _number(text: str) -> int:
    """Return the number written in digits, or in Chinese numerals below one hundred: 十二, 二十."""
    if text.isdecimal():
        return int(text)
    match = _TENS.fullmatch(text.replace("两", "二"))
    if match is None:
        raise InvalidItem(Flaw.VALIDITY_FORM)
    before, ten, after = match.groups()
    if ten is None:
        if before and after:
            raise InvalidItem(Flaw.VALIDITY_FORM)
        return _numeral(before or after)
    return 10 * (_numeral(before) or 1) + _numeral(after)


def _numeral(character: str | None) -> int:
    return 0 if character is None else _NUMERALS.index(character) + 1
