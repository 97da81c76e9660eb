"""Keyset cursors: the end of a page, as values of the order columns.

    base64url( tag ‖ 0x1f ‖ value ‖ 0x1f ‖ value … )   without padding

*tag* names the list and its order, so that a cursor of one list is refused by another. Lists are ordered only by
columns that every role with access to the list sees clear, so a cursor reveals no more than its page.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from credit.core.errors import InvalidItem
from credit.core.values.dates import parse_iso_date, parse_iso_instant
from schema.core.errors import BadCursor

_SEPARATOR = "\x1f"


def cursor(tag: str, values: Sequence[object]) -> str:
    """Return the cursor of a row with these order values."""
    return urlsafe_b64encode(_SEPARATOR.join([tag, *map(_text, values)]).encode()).rstrip(b"=").decode()


def position(tag: str, text: str, columns: Sequence[str]) -> list[object]:
    """Return the values of the order *columns* in a cursor of the list *tag*; raises BadCursor for any other text."""
    try:
        found, *values = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(_SEPARATOR)
        if found != tag:
            raise BadCursor
        return [_value(value, _kind(column)) for value, column in zip(values, columns, strict=True)]
    except (binascii.Error, ValueError, InvalidItem) as invalid:
        raise BadCursor from invalid


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return f"t{value.isoformat()}"
    if isinstance(value, date):
        return f"d{value.isoformat()}"
    if isinstance(value, UUID):
        return f"u{value.hex}"
    return f"s{value}"


def _kind(column: str) -> str:
    """Return the kind of a column's values, which its name shows: `…_at` an instant, `…_on` a day, `…_id` an id."""
    return {"at": "t", "on": "d", "id": "u"}.get(column.rpartition("_")[2], "s")


def _value(text: str, kind: str) -> object:
    rest = text[1:]
    if text[:1] != kind:
        raise ValueError(kind)
    if kind == "t":
        return parse_iso_instant(rest)
    if kind == "d":
        return parse_iso_date(rest)
    if kind == "u":
        return UUID(rest)
    if not rest.isprintable():
        raise ValueError(kind)
    return rest
