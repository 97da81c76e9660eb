"""Keyset cursors: where a page ended, in the values that the list is ordered by.

    base64url( tag ‖ 0x1f ‖ value ‖ 0x1f ‖ value … )   without padding

*tag* names the list and its order, so that a cursor of one list is refused by another. Lists are ordered only by
columns that everybody who may ask for the list sees clear, so a cursor tells nothing that the page does not.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from schema.errors import BadCursor

_SEPARATOR = "\x1f"


def cursor(tag: str, values: Sequence[object]) -> str:
    """Return the cursor of a row with these order values."""
    return urlsafe_b64encode(_SEPARATOR.join([tag, *map(_text, values)]).encode()).rstrip(b"=").decode()


def position(tag: str, text: str) -> list[object]:
    """Return the order values in a cursor of the list *tag*; raises BadCursor for any other text."""
    try:
        found, *values = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(_SEPARATOR)
        if found != tag:
            raise BadCursor
        return [_value(value) for value in values]
    except (binascii.Error, ValueError, KeyError) as unreadable:
        raise BadCursor from unreadable


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return f"t{value.isoformat()}"
    if isinstance(value, date):
        return f"d{value.isoformat()}"
    if isinstance(value, UUID):
        return f"u{value.hex}"
    return f"s{value}"


def _value(text: str) -> object:
    kind, rest = text[:1], text[1:]
    if kind == "t":
        return datetime.fromisoformat(rest)
    if kind == "d":
        return date.fromisoformat(rest)
    if kind == "u":
        return UUID(rest)
    if kind == "s":
        return rest
    raise ValueError(kind)
