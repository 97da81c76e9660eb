"""Keyset cursors: the end of a page, as values of the order columns.

    base64url( tag ‖ 0x1f ‖ value ‖ 0x1f ‖ value … )   without padding

In an order that moves, a cursor carries the walk that its page belongs to, and whether the row is in the first part of
it, by the order, or among the rows that come again, by their keys (`queryplan.plan.Moving`):

    base64url( tag ‖ 0x1f ‖ "order", "again" or "back" ‖ 0x1f ‖ since ‖ 0x1f ‖ days ‖ 0x1f ‖ value … )

A walk backwards is a walk through the mirrored order: the rows that changed come again at its own end, which is the
beginning of the list. *back* is the place of such a row, and *again* that of one at the end of a walk forwards.

*tag* names the list and its order, so that a cursor of one list is refused by another. Lists are ordered only by
columns that every role with access to the list sees clear, so a cursor reveals no more than its page.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from credit.core.errors import InvalidItem
from credit.core.values.dates import parse_iso_date, parse_iso_instant
from queryplan.plan import Order
from schema.core.errors import BadCursor

_SEPARATOR = "\x1f"
BEGINNING: Final = datetime(1800, 1, 1, tzinfo=UTC)
"""An instant before every change: from it on, every row comes again."""
END: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""An instant after every change: from it on, no row comes again."""
_BY_ORDER, _AGAIN, _BACK = "order", "again", "back"
_PARTS: Final = {f"s{_BY_ORDER}": (False, False), f"s{_AGAIN}": (True, False), f"s{_BACK}": (True, True)}
"""By the word of a cursor: whether its row comes again, and whether in a walk backwards."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk over the pages of an order that moves.

    The rows that changed at *since* or later come again at its end. *days* is a digest of the calendar and the day by
    which its first page was ordered; empty where the order does not follow from them.
    """

    since: datetime
    days: str = ""


@dataclass(frozen=True, slots=True)
class WalkPosition:
    """A place in a walk: values of the order columns, or, for *is_again*, of the keys.

    *is_backward*: whether the row comes again at the end of a walk backwards.
    """

    walk: Walk
    is_again: bool
    values: Sequence[object]
    is_backward: bool = False


def cursor(tag: str, values: Sequence[object]) -> str:
    """Return the cursor of a row with these order values."""
    return urlsafe_b64encode(_SEPARATOR.join([tag, *map(_text, values)]).encode()).rstrip(b"=").decode()


def position(tag: str, text: str, columns: Sequence[str]) -> list[object]:
    """Return the values of the order *columns* in a cursor of the list *tag*; raises BadCursor for any other text."""
    try:
        return _values(_parts(tag, text), columns)
    except (binascii.Error, ValueError, InvalidItem) as invalid:
        raise BadCursor from invalid


def walk_cursor(tag: str, at: WalkPosition) -> str:
    """Return the cursor of a row of a list whose order moves."""
    part = (_BACK if at.is_backward else _AGAIN) if at.is_again else _BY_ORDER
    return cursor(tag, [part, at.walk.since, at.walk.days, *at.values])


def walk_position(tag: str, text: str, columns: Sequence[str], keys: Sequence[str]) -> WalkPosition:
    """Return the place in a cursor of the list *tag*; raises BadCursor for any other text."""
    try:
        part, since, days, *values = _parts(tag, text)
        is_again, is_backward = _PARTS[part]
        began = _value(since, "t")
        if not isinstance(began, datetime):
            raise BadCursor
        walk = Walk(began, str(_value(days, "s")))
        return WalkPosition(walk, is_again, _values(values, keys if is_again else columns), is_backward)
    except (binascii.Error, ValueError, KeyError, InvalidItem) as invalid:
        raise BadCursor from invalid


def beginning(order: Order) -> object:
    """Return a value of the first column of an order, an instant or a day, before which the order has no row."""
    if _kind(order.name) == "t":
        return BEGINNING if order.direction == "asc" else END
    if _kind(order.name) == "d":
        return date.min if order.direction == "asc" else date.max
    return lowest(order.name)


def lowest(column: str) -> object:
    """Return a value before all those of a key column."""
    return UUID(int=0) if _kind(column) == "u" else ""


def _parts(tag: str, text: str) -> list[str]:
    found, *values = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(_SEPARATOR)
    if found != tag:
        raise BadCursor
    return values


def _values(values: Sequence[str], columns: Sequence[str]) -> list[object]:
    return [_value(value, _kind(column)) for value, column in zip(values, columns, strict=True)]


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
