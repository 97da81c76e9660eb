"""References to documents and to staff: stored in clear beside a subject's record, so without personal data."""

import re
import unicodedata
from typing import Final

from credit.core.cells import clean, squashed
from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw

LONGEST: Final = 100
LONGEST_NAME: Final = 64
"""The longest reference to staff or to a written commitment: the length of their columns."""
# Every identity number, old or new, contains a run of fifteen digits; no file number needs one.
_NUMBER: Final = re.compile(r"[0-9]{15}")
# The layout of an identity number, with any marks in between: a birth date in its place.
_SHAPE: Final = re.compile(r"[0-9]{6}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")
# A social credit code: that of a sole trader points at one person.
_CODE: Final = re.compile(r"(?<![0-9A-Z])[1-9ANY][0-9A-Z][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Z])")


# A mobile telephone number, with or without the country code and marks in between.
_MOBILE: Final = re.compile(r"(?<![0-9])(?:(?:\+|00)?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9])")


def names_in_clear(name: str, text: str) -> bool:
    """Return whether *text*, which is kept in clear, contains the *name* of a person [5.1.6].

    One character is no name by itself: it would be found in every text.
    """
    sought = squashed(name)
    return len(sought) > 1 and sought in squashed(clean(text))


def parse_reference(raw: str, longest: int = LONGEST) -> str:
    """Read the reference of a document, a file or a member of staff.

    Raises InvalidItem if it is missing, too long, or contains an identity number, a social credit code or a mobile
    telephone number [5.1.6].
    """
    text = clean(raw)
    plain = squashed(text)
    flaws = (
        (not text, Flaw.REQUIRED),
        (len(text) > longest, Flaw.TOO_LONG),
        (_holds_number(text, plain), Flaw.HOLDS_NUMBER),
    )
    for found, flaw in flaws:
        if found:
            raise InvalidItem(flaw)
    return text


def _holds_number(text: str, plain: str) -> bool:
    bare = re.sub(r"[\W_]", "", plain)
    mobile = _MOBILE.search(unicodedata.normalize("NFKC", text))
    return bool(_NUMBER.search(plain) or _SHAPE.search(bare) or _CODE.search(plain) or mobile)
