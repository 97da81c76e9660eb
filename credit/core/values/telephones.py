"""Telephone numbers of the mainland."""

import re
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.characters import clean, squashed

_DRESS: Final = re.compile(r"[\s()\-\u2010-\u2015\u2212]")
_MOBILE: Final = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})")
_LANDLINE: Final = re.compile(r"(?:\+86|0086|86)?(010|02[0-9]|0[3-9][0-9]{2})([2-9][0-9]{6,7})")


def parse_phone(raw: str) -> str:
    """Read a mainland number: mobile (11 digits) or landline with its area code. Raises InvalidItem."""
    text = squashed(clean(raw))
    if not text:
        raise InvalidItem(Flaw.REQUIRED)
    if "*" in text:
        raise InvalidItem(Flaw.MASKED)
    digits = _DRESS.sub("", text)
    if mobile := _MOBILE.fullmatch(digits):
        return mobile[1]
    if landline := _LANDLINE.fullmatch(digits):
        return f"{landline[1]}-{landline[2]}"
    raise InvalidItem(Flaw.PHONE)
