"""Where the columns of a plan are in the rows that the driver of the database gives. Pure.

`QueryRunner.read_raw` returns the driver's rows as they are. Code that is made for one plan reads each value from its
place, and converts it only when it needs another form of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PlainValue:
    """One value of a row: its index, and the type that it has after *convert*.

    *convert* is None where the driver gives that type. It takes None as well. SQLite has no types for a `date`, a
    `datetime`, a `UUID` and a `bool`: its driver gives ISO 8601 text for the first two, 32 digits for an id, 0 or 1.
    """

    index: int
    python_type: type
    convert: Callable[[Any], Any] | None

    def of(self, row: Any) -> Any:  # noqa: ANN401 - a row of the driver has values of any type
        """Return the value of this column in *row*."""
        value = row[self.index]
        return value if self.convert is None else self.convert(value)

    def of_all(self, rows: Iterable[Any]) -> list[Any]:
        """Return the value of this column in each of *rows*."""
        index, convert = self.index, self.convert
        return [row[index] for row in rows] if convert is None else [convert(row[index]) for row in rows]


@dataclass(frozen=True, slots=True)
class SealedValue:
    """The parts of one sealed value, and the table and item of its place.

    *text*, *key* and *version* are indexes of the ciphertext, the wrapped key of the subject and the version of the
    row. A row whose text or key is None has no value to open: it has none, or the key is shredded.
    """

    table: str
    item: str
    text: int
    key: int
    subject_id: PlainValue
    row_id: PlainValue
    version: int


Layout = tuple[PlainValue | SealedValue, ...]
"""The values of one statement's rows, in the order of `SelectPlan.columns`; those of a child after its parent's key."""


def plain_value(layout: Layout | None, position: int) -> PlainValue:
    """Return where the value at *position* of a plan is; raises TypeError for a sealed one.

    Without a layout, a row has the values of the plan's columns, converted and in their order.
    """
    if layout is None:
        return PlainValue(position, object, None)
    value = layout[position]
    if isinstance(value, SealedValue):
        raise TypeError(f"{value.table}.{value.item} is sealed")
    return value
