"""Dates: in the cells of a table, as spreadsheets and people write them; in GraphQL and JSON, in one form alone."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.blanks import is_blank
from credit.core.values.characters import clean
from credit.core.values.garbled import require_whole

# China has kept one zone without daylight saving since 1991, so no zone database is needed on the machine.
SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The time zone of all legal clocks."""

_SIGNS: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_WORDS: Final = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]")
_DIGITS: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NUMERALS: Final = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]"
)
_WITHOUT_YEAR: Final = re.compile(
    r"[0-9一二三四五六七八九十]{1,2}月[0-9一二三四五六七八九十]{1,3}[日号]"
    r"|[0-9〇零一二三四五六七八九]{2}年.{1,8}|[0-9]{2}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}"
)
_SERIAL: Final = re.compile(r"([0-9]{5})(\.[0-9]+)?")
_TIME: Final = re.compile(
    r"(?P<half>上午|下午|中午|晚上|凌晨|早上|AM|PM)?\s*(?P<hour>[0-9]{1,2})"
    r"(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"|[时点](?:(?P<minutes>[0-9]{1,2})分?(?:(?P<seconds>[0-9]{1,2})秒)?)?)"
    r"\s*(?P<end>AM|PM)?\s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DAY_AND_TIME: Final = re.compile(rf"(?P<day>.*?[0-9日号])(?:T|\s+|(?<=[日号])){_TIME.pattern}")
_STAMP: Final = re.compile(r"([0-9]{8}) ?([0-9]{2})([0-9]{2})([0-9]{2})")
_NOON: Final = 12
_AFTERNOON: Final = frozenset({"下午", "晚上", "PM"})
# The day before the first of the calendar that spreadsheets count by, as if 1900 had been a leap year.
_SERIAL_EPOCH: Final = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = date(1980, 1, 1), date(2100, 12, 31)

_ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_RFC_3339: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def parse_date(raw: str) -> date:
    """Read the day in a cell: 2026-03-05 (or / or .), 2026年3月5日 (or 号), 20260305, 二〇二六年三月五日, 46086.

    A day with a time is its day; a time with a zone counts in Shanghai. A number of five digits is a spreadsheet's, in
    the calendar of 1900. Digits may be full-width. Raises InvalidItem.
    """
    found = parse_day_or_time(raw)
    return found.astimezone(SHANGHAI).date() if isinstance(found, datetime) else found


def parse_day_or_time(raw: str) -> date | datetime:
    """Read a day, or a second of it in UTC. Midnight is how a spreadsheet writes a day. Raises InvalidItem."""
    cleaned = clean(raw)
    require_whole(cleaned)
    text = " ".join(unicodedata.normalize("NFKC", cleaned).upper().split())
    if is_blank(text):
        raise InvalidItem(Flaw.REQUIRED)
    if serial := _SERIAL.fullmatch(text):
        return _of_serial(int(serial[1]), float(serial[2] or 0))
    try:
        if stamp := _STAMP.fullmatch(text):
            return _instant(_day(stamp[1]), time(int(stamp[2]), int(stamp[3]), int(stamp[4])), None)
        if both := _DAY_AND_TIME.fullmatch(text):
            return _instant(_day(both["day"]), _time(both), both["zone"])
        return _day(text)
    except ValueError:
        # Raised without its cause: Python's own message quotes the wrong part, and a log would store it.
        raise InvalidItem(Flaw.NO_SUCH_DATE) from None


def parse_iso_date(raw: str) -> date:
    """Read a day of GraphQL or JSON: 2026-03-05 alone, no week date and no compact form. Raises InvalidItem."""
    match = _ISO_DATE.fullmatch(raw)
    if match is None:
        raise InvalidItem(Flaw.ISO_DATE)
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        raise InvalidItem(Flaw.NO_SUCH_DATE) from None  # the cause would quote it


def parse_iso_instant(raw: str) -> datetime:
    """Read an instant of GraphQL or JSON in the form of RFC 3339, with its zone, as UTC. Raises InvalidItem."""
    match = _RFC_3339.fullmatch(raw)
    if match is None:
        raise InvalidItem(Flaw.ISO_INSTANT)
    day, at, fraction, zone = match.groups()
    try:
        read = datetime.fromisoformat(f"{day}T{at}.{(fraction or '')[:6]:0<6}{'+00:00' if zone in 'Zz' else zone}")
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidItem(Flaw.NO_SUCH_DATE) from None  # the cause would quote it


def _day(text: str) -> date:
    """Return the day that is written; raises InvalidItem for another form, ValueError for a day that is not there."""
    plain = "".join(text.split())
    if match := _SIGNS.fullmatch(plain):
        year, _, month, day = match.groups()
    elif match := _WORDS.fullmatch(plain) or _DIGITS.fullmatch(plain):
        year, month, day = match.groups()
    elif match := _NUMERALS.fullmatch(plain):
        year = "".join(str(_NUMERAL[one]) for one in match[1])
        month, day = (str(_numeral(part)) for part in match.groups()[1:])
    else:
        raise InvalidItem(Flaw.DATE_YEAR if _WITHOUT_YEAR.fullmatch(plain) else Flaw.DATE_FORM)
    return date(int(year), int(month), int(day))


_NUMERAL: Final = {**dict.fromkeys("〇零○", 0), **{one: value for value, one in enumerate("一二三四五六七八九", 1)}}


def _numeral(text: str) -> int:
    """Return a number below one hundred: 三, 十二, 二十, 三十一; raises ValueError."""
    before, ten, after = text.rpartition("十")
    if not ten and len(after) != 1:
        raise ValueError
    if len(before) > 1 or len(after) > 1:
        raise ValueError
    tens = (_NUMERAL[before] if before else 1) if ten else 0
    return 10 * tens + (_NUMERAL[after] if after else 0)


def _time(match: re.Match[str]) -> time:
    """Return the time of day; raises ValueError."""
    half = match["half"] or match["end"]
    hour = int(match["hour"])
    if half is not None and hour <= _NOON:
        is_later = half in _AFTERNOON or (half == "中午" and hour in {12, 1, 2})
        hour = hour % _NOON + (_NOON if is_later else 0)
    minute, second = match["minute"] or match["minutes"] or 0, match["second"] or match["seconds"] or 0
    return time(hour, int(minute), int(second))


def _instant(day: date, at: time, zone: str | None) -> date | datetime:
    """Return the instant in UTC, or the day of a midnight; raises ValueError."""
    if zone is None:
        return day if at == time() else datetime.combine(day, at, SHANGHAI).astimezone(UTC)
    offset = "+00:00" if zone == "Z" else zone
    return datetime.fromisoformat(f"{datetime.combine(day, at).isoformat()}{offset}").astimezone(UTC)


def _of_serial(days: int, fraction: float) -> date | datetime:
    """Return the day, or the second, that a spreadsheet's number means; raises InvalidItem for an implausible one."""
    day = _SERIAL_EPOCH + timedelta(days)
    if not _FIRST_SERIAL <= day <= _LAST_SERIAL:
        raise InvalidItem(Flaw.DATE_SERIAL)
    second = round(fraction * 86_400)
    if second in {0, 86_400}:
        return day + timedelta(second // 86_400)
    return (datetime.combine(day, time(), SHANGHAI) + timedelta(seconds=second)).astimezone(UTC)
