"""Cleaning the text of a cell or a field as spreadsheets and people leave it.

A cell that is read with `clean` and written with `guarded` stays the same.
"""

import re
import unicodedata
from typing import Final

_FORMULA_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)

_FORMULA_START: Final = frozenset("=+-@＝＋－＠")

# Characters that start a formula when a spreadsheet opens the file, and the sign that prevents it.
_GUARD: Final = "'"


def clean(raw: str | None, *, lines: bool = False) -> str:
    """Return the text of a cell without a spreadsheet's wrapping, invisible characters and superfluous space.

    Characters keep their width: the brackets of a registered name are properly full-width. With *lines*, line breaks
    stay.
    """
    text = _visible(_unwrapped((raw or "").strip().strip("\ufeff")))
    parts = text.splitlines() if lines else [text]
    return "\n".join(line for line in (" ".join(part.split()) for part in parts) if line)


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


def _visible(text: str) -> str:
    """Drop controls, invisible format characters and lone surrogates; keep space."""
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
