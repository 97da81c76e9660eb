"""Telephone numbers of the mainland, in one normal form.

13800000000                a mobile
0533-7000000转8012         a landline with its area code; any extension is kept
400-123-4567               a service number of 400 or 800
12345, 95588               a short number
0533-7000000、13800000000  several of them, three at most
"""

import re
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.characters import clean, squashed

SEPARATOR: Final = "、"
_MOST: Final = 3
_MASK: Final = re.compile(r"[*×✕＊■●]|X{2}")
# A spreadsheet writes a number that it took for an amount as 13800000000.0, or rounds it.
_AMOUNT: Final = re.compile(r"\.0+$")
_ROUNDED: Final = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+")
_BETWEEN: Final = re.compile(r"[、;,/|]|或")
_DRESS: Final = re.compile(r"[\s()\[\]\-\u2010-\u2015\u2212._]|^(?:TEL|电话|手机|联系电话|座机)[::]?")
_COUNTRY: Final = r"(?:(?:\+|00)?86)?"
_EXTENSION: Final = r"(?:(?:转|分机|EXT|#|X)[::]?([0-9]{1,6}))?"
_MOBILE: Final = re.compile(rf"{_COUNTRY}(1[3-9][0-9]{{9}})")
_LANDLINE: Final = re.compile(rf"{_COUNTRY}(010|02[0-9]|0[3-9][0-9]{{2}})([2-9][0-9]{{6,7}}){_EXTENSION}")
_SERVICE: Final = re.compile(rf"{_COUNTRY}([48]00)([0-9]{{3}})([0-9]{{4}}){_EXTENSION}")
# An extension behind a third dash: 0533-7000000-8012.
_DASHED: Final = re.compile(r"((?:0[0-9]{2,3}-[0-9]{7,8}|[48]00-[0-9]{3}-[0-9]{4}))-([0-9]{1,6})")
# Public services (110, 12345), operators (10086), nation-wide services (95588) and regional ones (96xxx).
_SHORT: Final = re.compile(r"1[12][0-9]|1[02][0-9]{3}|9[56][0-9]{3,6}")


def parse_phone(raw: str) -> str:
    """Read a telephone number, or several, as departments write them. Raises InvalidItem."""
    text = _AMOUNT.sub("", squashed(clean(raw)))
    if not text:
        raise InvalidItem(Flaw.REQUIRED)
    if _MASK.search(text):
        raise InvalidItem(Flaw.MASKED)
    if _ROUNDED.fullmatch(text):
        raise InvalidItem(Flaw.ROUNDED)
    numbers = tuple(dict.fromkeys(_one(part) for part in _BETWEEN.split(text) if part))
    if not 1 <= len(numbers) <= _MOST:
        raise InvalidItem(Flaw.PHONE)
    return SEPARATOR.join(numbers)


def _one(text: str) -> str:
    """Return one number in its normal form; raises InvalidItem."""
    digits = _DRESS.sub("", _DASHED.sub(r"\1转\2", text))
    if mobile := _MOBILE.fullmatch(digits):
        return mobile[1]
    if landline := _LANDLINE.fullmatch(digits):
        return f"{landline[1]}-{landline[2]}{_extended(landline[3])}"
    if service := _SERVICE.fullmatch(digits):
        return f"{service[1]}-{service[2]}-{service[3]}{_extended(service[4])}"
    if short := _SHORT.fullmatch(digits):
        return short[0]
    raise InvalidItem(Flaw.PHONE)


def _extended(extension: str | None) -> str:
    return "" if extension is None else f"转{extension}"
