"""Codes of divisions: an area is part of every area whose code is a prefix of its own [5.2.2]."""

from typing import Final

TOWNSHIP_DIGITS: Final = 9
"""Six digits are a district (GB/T 2260), nine a township or subdistrict, twelve a village or community (GB/T 10114)."""


def township_of(area_code: str) -> str | None:
    """Return the code of the township or subdistrict that the area is, or lies in; None for an area of several."""
    return area_code[:TOWNSHIP_DIGITS] if len(area_code) >= TOWNSHIP_DIGITS else None
