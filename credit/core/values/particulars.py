"""What names and addresses have in common: one line that is whole, and contains no identity number."""

import re
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.blanks import WORDS, has_marks_only
from credit.core.values.characters import clean, squashed
from credit.core.values.garbled import require_whole

_MASK: Final = re.compile(r"[*＊█■●]|[\[［]已隐去[\]］]")
_LONG_NUMBER: Final = re.compile(r"[0-9]{11}")


def particular(raw: str, longest: int, *, confirmed: bool = False) -> str:
    """Return one line that is not blank, garbled or masked, and contains no possible identity number.

    *confirmed*: somebody has looked at the document, and it does show a word for nothing. Raises InvalidItem.
    """
    text = clean(raw)
    # A row of stars is marks alone, but it hides something: MASKED comes first.
    if _MASK.search(text):
        raise InvalidItem(Flaw.MASKED)
    require_whole(text, is_name=True, confirmed=confirmed)
    plain = squashed(text)
    flaws = (
        (has_marks_only(text) or (plain in WORDS and not confirmed), Flaw.REQUIRED),
        (len(text) > longest, Flaw.TOO_LONG),
        (_LONG_NUMBER.search(plain), Flaw.HOLDS_NUMBER),
    )
    for found, flaw in flaws:
        if found:
            raise InvalidItem(flaw)
    return text
