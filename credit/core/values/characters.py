"""Cleaning the text of a cell or a field as spreadsheets and people leave it, and folding its characters.

`fold` is the one form of a text in which it is compared, sealed, indexed and printed; `clean` folds. A cell that is
read with `clean` and written with `guarded` stays the same.
"""

import re
import unicodedata
from typing import Final

from credit.core.values.character_tables import ASSIGNED, RADICALS

HAN: Final = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""The Han characters, for a class of a regular expression: all unified and compatibility blocks."""

LOST: Final = "\ufffd"
"""Stands where a character was lost. A lone surrogate is half of one."""

_FORMULA_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)

_FORMULA_START: Final = frozenset("=+-@＝＋－＠")

# Characters that start a formula when a spreadsheet opens the file, and the sign that prevents it.
_GUARD: Final = "'"

# A workbook's escape for a control character, as tools copy it into other files [ECMA-376 ST_Xstring].
_ESCAPED: Final = re.compile(r"_x00(0[9AaDd])_")

# Controls, and what Unicode shows as nothing: format characters, fillers, joiners and selectors of a variant
# [UCD DerivedCoreProperties, Default_Ignorable_Code_Point]. A variant of a character is that character.
_INVISIBLE: Final = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_DROPPED: Final = re.compile(f"[{_INVISIBLE}]")
_HALVES: Final = re.compile("[\ud800-\udfff]")
_FOLDED: Final = {key: RADICALS.get(value, value) for key, value in ASSIGNED.items()} | dict(RADICALS)
_REPLACED: Final = re.compile(f"[{''.join(_FOLDED)}]")
# Whether any of these can be in a text: one look at a plain one.
_SPECIAL: Final = re.compile(f"[{_INVISIBLE}\ud800-\udfff{''.join(_FOLDED)}]")


def clean(raw: str | None, *, lines: bool = False) -> str:
    """Return the text of a cell, folded, without a spreadsheet's wrapping and superfluous space.

    Characters keep their width: the brackets of a registered name are properly full-width. With *lines*, line breaks
    stay.
    """
    if not raw:
        return ""
    text = fold(_unwrapped(raw.strip().strip("\ufeff")))
    if "_x00" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    parts = text.splitlines() if lines else [text]
    return "\n".join(line for line in (" ".join(part.split()) for part in parts) if line)


def fold(text: str) -> str:
    """Return *text* in the one form of its characters, without invisible ones; line breaks and space stay.

    Private-use code points of GBK become the characters of [GB 18030-2022], radicals the ideographs that they mean, and
    compatibility ideographs and combining sequences their canonical form (NFC). Folding twice changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    if _SPECIAL.search(text):
        text = _REPLACED.sub(lambda match: _FOLDED[match[0]], _HALVES.sub(LOST, _DROPPED.sub("", text)))
    return unicodedata.normalize("NFC", text)


def guarded(text: str) -> str:
    """Return *text* so that a spreadsheet treats it as text; `clean` restores it."""
    return _GUARD + text if text and (text[0] in _FORMULA_START or text[0] == _GUARD) else text


def squashed(text: str) -> str:
    """Return *text* for comparison: one width, one case, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def _unwrapped(text: str) -> str:
    if wrapped := _FORMULA_TEXT.fullmatch(text):
        return wrapped[1]
    if text.startswith(_GUARD) and (text[1:2] in _FORMULA_START or text[1:2] == _GUARD or text[1:2].isdigit()):
        return text[1:]
    return text
