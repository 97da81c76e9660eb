"""References to documents and to staff: stored in clear beside a subject's record, so without personal data."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final

from credit.core.errors import InvalidItem, NotWellFormed
from credit.core.flaws import Flaw
from credit.core.values.blanks import is_blank
from credit.core.values.characters import clean, squashed
from credit.core.values.garbled import is_garbled
from credit.core.values.identifiers import IdNumber, SocialCreditCode

LONGEST: Final = 100
LONGEST_NAME: Final = 64
"""The longest reference to staff or to a written commitment: the length of their columns."""

_OLD_LENGTH: Final = 15
_NEW_SHAPE: Final = re.compile(r"[0-9]{17}[0-9X]")
# A date from this year on is the day of a file and nobody's birth, where a number may be part of a longer one or is an
# authority's own: whoever is restrained is 16 or older [3.2]. A test fails when the year has to be moved on.
FILES_SINCE: Final = 2015
# Of fifteen digits the year has two: in an authority's own number, 15 to 35 are those of a file, and no centenarian's.
_SHORT_YEARS: Final = range(FILES_SINCE % 100, FILES_SINCE % 100 + 21)
_MARK: Final = re.compile(r"[\W_]")
_DATE: Final = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
# The runs in which a number may be, and what looks like one there, at each place: identity numbers of 18 and 15, codes.
_LOOKS: Final = (
    (re.compile(r"[0-9]+X?"), re.compile(rf"(?=([0-9]{{6}}(?:18|19|20|21)[0-9]{{2}}{_DATE}[0-9]{{3}}[0-9X]))")),
    (re.compile(r"[0-9]+"), re.compile(rf"(?=([0-9]{{8}}{_DATE}[0-9]{{3}}))")),
    (re.compile(r"[0-9A-Z]+"), re.compile(r"(?=([1-9ANY][0-9A-Z][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}))")),
)
# The first digits of a sole trader's code: it identifies one person.
_SHOP: Final = "92"
# A mobile telephone number, with or without the country code, in the groups in which people write it or digit by digit,
# and with any marks between these. The brackets of a year belong to file numbers.
_MARK_OF_GROUPS: Final = r"(?:[^\w〔〕]|_)"
_MARKS: Final = f"{_MARK_OF_GROUPS}{{0,2}}"
_GROUPS: Final = ((4, 4), (3, 5), (2, 2, 2, 2))
_IN_GROUPS: Final = "|".join("".join(f"{_MARKS}[0-9]{{{digits}}}" for digits in groups) for groups in _GROUPS)
_DIGIT_BY_DIGIT: Final = rf"1{_MARK_OF_GROUPS}{{1,2}}[3-9](?:{_MARK_OF_GROUPS}{{1,2}}[0-9]){{9}}"
_MOBILE: Final = re.compile(
    rf"(?<![0-9])(?:(?:\+|00)?86{_MARKS})?(?:1[3-9][0-9](?:{_IN_GROUPS})|{_DIGIT_BY_DIGIT})(?![0-9])"
)


def parse_reference(raw: str, longest: int = LONGEST) -> str:
    """Read the reference of a document, a file or a member of staff.

    Raises InvalidItem if it is missing, garbled, too long, or contains an identity number, a social credit code or a
    mobile telephone number [5.1.6].
    """
    text = clean(raw)
    flaws = (
        (is_blank(text), Flaw.REQUIRED),
        (is_garbled(text), Flaw.GARBLED),
        (len(text) > longest, Flaw.TOO_LONG),
        (holds_number(text), Flaw.HOLDS_NUMBER),
    )
    for found, flaw in flaws:
        if found:
            raise InvalidItem(flaw)
    return text


def holds_number(text: str, *, numbering: bool = False) -> bool:
    """Return whether *text*, which is kept in clear, contains the number of a person or a mobile telephone [5.1.6].

    An identity number is recognised by its province, birth date and check character, whatever marks stand between its
    digits; a postal item, a time stamp or an archive number of that length is none.

    *numbering*: it is an authority's own number, where eighteen digits may as well be a place, a day and a count, and
    which may name an organisation by its code. A sole trader's identifies one person.
    """
    shown = unicodedata.normalize("NFKC", text).upper()
    if _MOBILE.search(shown):
        return True
    return any(_is_number(window, whole, numbering) for window, whole in _windows(shown))


def bare(text: str) -> str:
    """Return *text* for comparison with a number: one width, one case, no spaces and no marks."""
    return _MARK.sub("", squashed(text))


def _windows(shown: str) -> Iterator[tuple[str, bool]]:
    """Yield every part of a text without its marks that looks like a number, and whether it is a whole by itself.

    A whole begins and ends at a mark, a space or the end of its run: in 2026-370305199001011234 the last 18 digits do.
    """
    parts = _MARK.split(shown)
    borders = set(accumulate((len(part) for part in parts), initial=0))
    joined = "".join(parts)
    for runs, shape in _LOOKS:
        for run in runs.finditer(joined):
            for found in shape.finditer(joined, run.start(), run.end()):
                begins = found.start(1) == run.start() or found.start(1) in borders
                yield found[1], begins and (found.end(1) == run.end() or found.end(1) in borders)


def _is_number(window: str, whole: bool, numbering: bool) -> bool:  # noqa: FBT001 - as `_windows` yields it
    """Return whether *window* is a number that *text* may not hold, by its check characters."""
    if len(window) == _OLD_LENGTH:
        # Of fifteen digits the year has two.
        return whole and not (numbering and int(window[6:8]) in _SHORT_YEARS) and _parses(IdNumber.parse, window)
    strict = whole and not numbering
    if _NEW_SHAPE.fullmatch(window) and (strict or int(window[6:10]) < FILES_SINCE) and _parses(IdNumber, window):
        return True
    return (strict or window.startswith(_SHOP)) and _parses(SocialCreditCode, window)


def _parses(parse: Callable[[str], object], window: str) -> bool:
    try:
        parse(window)
    except NotWellFormed:
        return False
    return True
