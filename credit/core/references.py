"""References to documents and to staff: stored in clear beside a subject's record, so without personal data."""

import re
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


def parse_reference(raw: str, longest: int = LONGEST) -> str:
    """Read the reference of a document, a file or a member of staff.

    Raises InvalidItem if it is missing, too long, or contains an identity number or a social credit code [5.1.6].
    """
    text = clean(raw)
    plain = squashed(text)
    bare = re.sub(r"[\W_]", "", plain)
    flaws = (
        (not text, Flaw.REQUIRED),
        (len(text) > longest, Flaw.TOO_LONG),
        (_NUMBER.search(plain) or _SHAPE.search(bare) or _CODE.search(plain), Flaw.HOLDS_NUMBER),
    )
    for found, flaw in flaws:
        if found:
            raise InvalidItem(flaw)
    return text
