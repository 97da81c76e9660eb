"""Cells of a table, as spreadsheets and people leave them: text and dates.

Whoever reads a cell with this and writes it with `guarded` gets the same back.
"""

import re
import unicodedata
from datetime import date
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw

_FORMULA_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)
_FORMULA_START: Final = frozenset("=+-@＝＋－＠")
# What a spreadsheet would run as a formula when the file is opened, and the sign that keeps it from doing so.
_GUARD: Final = "'"

_DATE_SIGNS: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_DATE_WORDS: Final = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_DATE_DIGITS: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MIDNIGHT: Final = re.compile(r"(?<=[0-9日])(?:T|\s+)0?0:00(?::00(?:\.0+)?)?$")
_SERIAL: Final = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")


def clean(raw: str | None, *, lines: bool = False) -> str:
    """Return the text of a cell without a spreadsheet's wrapping, what cannot be seen, and superfluous space.

    Characters keep their width: the brackets of a registered name are full-width by right. With *lines*, line breaks
    stay.
    """
    text = _visible(_unwrapped((raw or "").strip().strip("\ufeff")))
    parts = text.splitlines() if lines else [text]
    return "\n".join(line for line in (" ".join(part.split()) for part in parts) if line)


def guarded(text: str) -> str:
    """Return *text* so that a spreadsheet takes it for text, and `clean` gives it back."""
    return _GUARD + text if text and (text[0] in _FORMULA_START or text[0] == _GUARD) else text


def squashed(text: str) -> str:
    """Return *text* for comparison: one width, one case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def parse_date(raw: str) -> date:
    """Read a date in one of three habits: 2026-03-05 (or / or .), 2026年3月5日, 20260305. Digits may be full-width.

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
        # Without its cause: Python's own message says which part is wrong, and a log would keep it.
        raise InvalidItem(Flaw.NO_SUCH_DATE) from None


def _unwrapped(text: str) -> str:
    if wrapped := _FORMULA_TEXT.fullmatch(text):
        return wrapped[1]
    if text.startswith(_GUARD) and (text[1:2] in _FORMULA_START or text[1:2] == _GUARD or text[1:2].isdigit()):
        return text[1:]
    return text


def _visible(text: str) -> str:
    """Drop controls, invisible format characters and lone surrogates; keep space."""
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
