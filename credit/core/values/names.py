"""Names of persons and of organisations [3.2] [5.1.3]."""

import re
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.blanks import has_marks_only, is_word_for_nothing
from credit.core.values.characters import HAN, clean, fold, squashed
from credit.core.values.particulars import particular

LONGEST: Final = 120
_PERSON_MASK: Final = re.compile(r"[×✕○]|(?<=.)某")
# What people type for the dot between the parts of a name that is written by its sound. U+0387 is folded by NFC.
_DOTS: Final = "·•・‧∙⋅･﹒᛫⸱ꞏ⸳"
_DOT: Final = re.compile(rf"(?:\s*[{_DOTS}])+\s*")
_BETWEEN_HAN: Final = re.compile(rf"(?<=[{HAN}])(?:\s*[.．{_DOTS}])+\s*(?=[{HAN}])")


def parse_organisation_name(raw: str, *, confirmed: bool = False) -> str:
    """Read the name of an organisation. Raises InvalidItem for one that is empty, masked, or contains a number.

    It is published, so a number inside it would be published too. *confirmed* as in `parse_person_name`.
    """
    return _read(raw, is_person=False, confirmed=confirmed)


def parse_person_name(raw: str, *, confirmed: bool = False) -> str:
    """Read the name of a natural person. Raises InvalidItem.

    *confirmed*: the document shows this name, although it is a word for nothing, such as Null.
    """
    name = _read(raw, is_person=True, confirmed=confirmed)
    if _PERSON_MASK.search(name):
        raise InvalidItem(Flaw.MASKED)
    return name


def needs_confirmation(name: str) -> bool:
    """Return whether *name* is read only where somebody has confirmed it."""
    return is_word_for_nothing(name)


def fold_name(name: str, *, is_person: bool) -> str:
    """Return *name* in the one form of its characters and of the dots between its parts.

    Between two Han characters every dot is U+00B7, the full stop too. Elsewhere the full stop of J. Smith stays; a
    middle dot of a person is U+00B7 wherever it stands, an organisation's stays.
    """
    folded = _BETWEEN_HAN.sub("·", fold(name))
    return _DOT.sub("·", folded) if is_person else folded


def same_name(one: str, other: str) -> bool:
    """Return whether two names are equal except for width, case, space and dots, in whatever form either is stored."""
    return comparable(one) == comparable(other)


def comparable(name: str) -> str:
    """Return *name* for comparison with another one."""
    return squashed(fold_name(name, is_person=True))


def _read(raw: str, *, is_person: bool, confirmed: bool) -> str:
    # Folded first: whether a name looks decoded wrongly depends on its dots.
    name = particular(fold_name(clean(raw), is_person=is_person), LONGEST, confirmed=confirmed)
    # Unicode counts one of the dots as a letter.
    if has_marks_only(name):
        raise InvalidItem(Flaw.REQUIRED)
    return name
