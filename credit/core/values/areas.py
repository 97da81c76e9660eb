"""Codes of divisions: an area is part of every area whose code is a prefix of its own [5.2.2]."""

from typing import Final

STREET_DIGITS: Final = 9
"""Six digits are a district (GB/T 2260), nine a street or township, twelve a village or community (GB/T 10114)."""


def street_of(area_code: str) -> str | None:
    """Return the code of the street or township that the area is, or lies in; None for an area of several."""
    return area_code[:STREET_DIGITS] if len(area_code) >= STREET_DIGITS else None
