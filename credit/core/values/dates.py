"""Dates in the cells of a table, as spreadsheets and people write them."""

import re
import unicodedata
from datetime import date
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw

_DATE_SIGNS: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_DATE_WORDS: Final = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_DATE_DIGITS: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MIDNIGHT: Final = re.compile(r"(?<=[0-9日])(?:T|\s+)0?0:00(?::00(?:\.0+)?)?$")
_SERIAL: Final = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")


def parse_date(raw: str) -> date:
    """Read a date in one of three forms: 2026-03-05 (or / or .), 2026年3月5日, 20260305. Digits may be full-width.

    Raises InvalidItem. A spreadsheet's serial number is refused: the file does not say in which calendar it counts.
    """
    text = unicodedata.normalize("NFKC", raw).strip()
    if not text:
        raise InvalidItem(Flaw.REQUIRED)
    text = "".join(_MIDNIGHT.sub("", text).split())
    if _SERIAL.fullmatch(text):
        raise InvalidItem(Flaw.DATE_SERIAL)
    if match := _DATE_SIGNS.fullmatch(text):
        year, _, month, day = match.groups()
    elif match := _DATE_WORDS.fullmatch(text) or _DATE_DIGITS.fullmatch(text):
        year, month, day = match.groups()
    else:
        raise InvalidItem(Flaw.DATE_FORM)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        # Raised without its cause: Python's own message quotes the wrong part, and a log would store it.
        raise InvalidItem(Flaw.NO_SUCH_DATE) from None
