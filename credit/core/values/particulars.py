"""What names and addresses have in common: one line that is whole, and contains no identity number."""

import re
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.characters import clean, squashed

_MASK: Final = re.compile(r"[*＊█■●]|[\[［]已隐去[\]］]")
_LONG_NUMBER: Final = re.compile(r"[0-9]{11}")


def particular(raw: str, longest: int) -> str:
    """Return one line that is not empty, garbled or masked, and contains no possible identity number.

    Raises InvalidItem.
    """
    text = clean(raw)
    flaws = (
        (not text, Flaw.REQUIRED),
        (len(text) > longest, Flaw.TOO_LONG),
        ("\ufffd" in text, Flaw.GARBLED),
        (_MASK.search(text), Flaw.MASKED),
        (_LONG_NUMBER.search(squashed(text)), Flaw.HOLDS_NUMBER),
    )
    for found, flaw in flaws:
        if found:
            raise InvalidItem(flaw)
    return text
