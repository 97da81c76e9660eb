"""References to documents and to staff: stored in clear beside a subject's record, so without personal data."""

import re
import unicodedata
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.characters import clean, squashed

LONGEST: Final = 100
LONGEST_NAME: Final = 64
"""The longest reference to staff or to a written commitment: the length of their columns."""
# Every identity number, old or new, contains a run of fifteen digits; no file number needs one.
_NUMBER: Final = re.compile(r"[0-9]{15}")
# The layout of an identity number, with any marks in between: a birth date in its place.
_SHAPE: Final = re.compile(r"[0-9]{6}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")
# A social credit code.
_CODE: Final = re.compile(r"(?<![0-9A-Z])[1-9ANY][0-9A-Z][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Z])")
# That of a sole trader points at one person: with any marks in between, too.
_SHOP: Final = re.compile(r"(?<![0-9A-Z])9[\W_]?2(?:[\W_]?[0-9]){6}(?:[\W_]?[0-9A-HJ-NPQRTUWXY]){10}(?![0-9A-Z])")
# A mobile telephone number, with or without the country code, in the groups in which people write it, and with any
# marks between these. The brackets of a year belong to file numbers.
_MARKS: Final = r"(?:[^\w〔〕]|_){0,2}"
_GROUPS: Final = ((4, 4), (3, 5), (2, 2, 2, 2))
_MOBILE: Final = re.compile(
    rf"(?<![0-9])(?:(?:\+|00)?86{_MARKS})?1[3-9][0-9]"
    rf"(?:{'|'.join(''.join(f'{_MARKS}[0-9]{{{digits}}}' for digits in groups) for groups in _GROUPS)})(?![0-9])"
)
# What stands between the parts of a name, or is put there to spread it; commas and stops stand between words.
_IN_NAMES: Final = re.compile(r"[-_.·•‧・∙⋅*/\\|'’]")


def names_in_clear(name: str, text: str) -> bool:
    """Return whether *text*, which is kept in clear, contains the *name* of a person [5.1.6].

    One character is no name by itself: it would be found in every text.
    """
    sought = _joined(name)
    return len(sought) > 1 and sought in _joined(clean(text))


def holds_number(text: str, *, numbering: bool = False) -> bool:
    """Return whether *text*, which is kept in clear, contains the number of a person or a mobile telephone [5.1.6].

    *numbering*: it is an authority's own number, where a long run of digits may as well be a place, a day and a count.
    """
    plain, shown = squashed(text), unicodedata.normalize("NFKC", text).upper()
    if _MOBILE.search(shown) or _SHOP.search(shown):
        return True
    return not numbering and bool(_NUMBER.search(plain) or _SHAPE.search(bare(text)) or _CODE.search(plain))


def bare(text: str) -> str:
    """Return *text* for comparison with a number: one width, one case, no spaces and no marks."""
    return re.sub(r"[\W_]", "", squashed(text))


def parse_reference(raw: str, longest: int = LONGEST) -> str:
    """Read the reference of a document, a file or a member of staff.

    Raises InvalidItem if it is missing, too long, or contains an identity number, a social credit code or a mobile
    telephone number [5.1.6].
    """
    text = clean(raw)
    flaws = ((not text, Flaw.REQUIRED), (len(text) > longest, Flaw.TOO_LONG), (holds_number(text), Flaw.HOLDS_NUMBER))
    for found, flaw in flaws:
        if found:
            raise InvalidItem(flaw)
    return text


def _joined(text: str) -> str:
    return _IN_NAMES.sub("", squashed(text))
