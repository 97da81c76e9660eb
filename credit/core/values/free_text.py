"""Free text: one line, or several."""

import re
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.characters import clean
from credit.core.values.garbled import require_whole

LONGEST: Final = 10_000
"""The longest statement, or account of facts."""
_REDACTED: Final = re.compile(r"[\[［]已隐去[\]］]")


def parse_line(raw: str, longest: int) -> str:
    """Read a text of one line. Raises InvalidItem."""
    return _read(clean(raw), longest)


def parse_text(raw: str, longest: int = LONGEST) -> str:
    """Read a text whose line breaks stay. Raises InvalidItem."""
    return _read(clean(raw, lines=True), longest)


def _read(text: str, longest: int) -> str:
    require_whole(text)
    flaws = ((len(text) > longest, Flaw.TOO_LONG), (_REDACTED.search(text), Flaw.MASKED))
    for found, flaw in flaws:
        if found:
            raise InvalidItem(flaw)
    return text
