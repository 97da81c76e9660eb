"""Names of persons and of organisations [3.2] [5.1.3]."""

import re
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.characters import squashed
from credit.core.values.particulars import particular

LONGEST: Final = 120
_PERSON_MASK: Final = re.compile(r"[×✕○]|(?<=.)某")
_SEPARATORS: Final = re.compile(r"\s*[·•・‧∙．]\s*")


def parse_organisation_name(raw: str) -> str:
    """Read the name of an organisation. Raises InvalidItem for one that is empty, masked, or contains a number.

    It is published, so a number inside it would be published too.
    """
    return particular(raw, LONGEST)


def parse_person_name(raw: str) -> str:
    """Read the name of a natural person. Raises InvalidItem."""
    name = _SEPARATORS.sub("·", particular(raw, LONGEST))
    if _PERSON_MASK.search(name):
        raise InvalidItem(Flaw.MASKED)
    return name


def same_name(one: str, other: str) -> bool:
    """Return whether two names are equal except for width, case and space."""
    return squashed(one) == squashed(other)
