"""Numbers that authorities give to cases, applications and documents: 试〔2026〕1号.

A number is stored as it is typed, and compared by its key, because people type one number in several habits:
试〔2026〕1号, 试[2026]1号, 试（２０２６）第1号, 试 ﹝2026﹞ 1号.
"""

import re
import unicodedata
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.blanks import is_blank
from credit.core.values.characters import clean, squashed
from credit.core.values.garbled import is_garbled
from credit.core.values.references import holds_number

LONGEST: Final = 40
"""The longest number of a case or an application."""
LONGEST_CITED: Final = 100
"""The longest number of a legal document, which may cite several."""
LONGEST_KEY: Final = 128

# `squashed` has made the full-width and the small forms plain already.
_BRACKETS: Final = str.maketrans(
    {**dict.fromkeys("[({【〖「『<〈", "〔"), **dict.fromkeys("])}】〗」』>〉", "〕"), **dict.fromkeys("‐‑‒–—―−", "-")}
)
# The standard form has no 第 before the serial number [GB/T 9704 7.2.5].
_ORDINAL: Final = re.compile(r"第(?=[0-9]+号)")


def parse_document_number(raw: str, longest: int = LONGEST) -> str:
    """Read the number of a document: as it is typed, in one line, without personal data [5.1.6]. Raises InvalidItem."""
    text = clean(raw)
    flaws = (
        (is_blank(text), Flaw.REQUIRED),
        (is_garbled(text), Flaw.GARBLED),
        (len(text) > longest or len(number_key(text)) > LONGEST_KEY, Flaw.TOO_LONG),
        (holds_number(text, numbering=True), Flaw.HOLDS_NUMBER),
    )
    for found, flaw in flaws:
        if found:
            raise InvalidItem(flaw)
    return text


def number_key(number: str) -> str:
    """Return what is the same for every habit of typing *number*: one width, one kind of bracket and dash, no spaces.

    Leading zeros and 号 stay: 01 and 1, and 2026-1 and 2026-1号, are different numbers. The key of a key is itself.
    """
    plain = unicodedata.normalize("NFKC", squashed(clean(number)))
    return _ORDINAL.sub("", plain.translate(_BRACKETS))
