"""Registered addresses and residences [5.1.3]."""

from typing import Final

from credit.core.values.particulars import particular

LONGEST: Final = 300


def parse_address(raw: str) -> str:
    """Read a registered address or residence. Raises InvalidItem."""
    return particular(raw, LONGEST)
