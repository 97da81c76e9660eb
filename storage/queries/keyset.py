"""Pages by keyset: the next page begins after the last row that was seen, even if the list has changed since.

Where the order moves, a walk has two parts: first the rows that have not changed since it began, by the order; then
those that have, by their keys. A row changes from the first part to the second once, and moves in neither.

No OFFSET: its cost grows with the page number, and an inserted row makes a page repeat another row. NULL has no
position in an order (the two databases differ on it), so a page ordered by a nullable column holds only the rows
that have a value; `present` is this condition, for the rows and for their total.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, or_, tuple_

from queryplan.plan import Order, mirrored
from storage.queries.literals import number

Ordered = Sequence[tuple[ColumnElement[Any], Order]]


def ordering(ordered: Ordered) -> list[ColumnElement[Any]]:
    """Return the ORDER BY."""
    return [column.desc() if order.direction == "desc" else column.asc() for column, order in ordered]


def present(ordered: Ordered) -> list[ColumnElement[bool]]:
    """Return one condition for each order column that may be NULL: that it has a value."""
    return [column.is_not(None) for column, _ in ordered if getattr(column, "nullable", True)]


def backwards(ordered: Ordered) -> Ordered:
    """Return the same order from its end."""
    return list(zip((column for column, _ in ordered), mirrored([order for _, order in ordered]), strict=True))


def after(ordered: Ordered, name: str, *, inclusive: bool = False) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one whose values are in the binds `{name}_0`, `{name}_1`, ….

    With *inclusive*, that very row meets it too.

    With one direction it is a comparison of rows. With mixed directions it is `a < :0 OR (a = :0 AND b > :1)`, after a
    bound on the first column alone, so that the index scan begins in the right place.
    """
    columns = [column for column, _ in ordered]
    binds = [
        bindparam(f"{name}_{position}", type_=column.type, required=False) for position, column in enumerate(columns)
    ]
    directions = {order.direction for _, order in ordered}
    if len(directions) == 1:
        rows, last = tuple_(*columns), tuple_(*binds)
        if inclusive:
            return rows <= last if directions == {"desc"} else rows >= last
        return rows < last if directions == {"desc"} else rows > last
    strictly = [
        column < last if order.direction == "desc" else column > last
        for (column, order), last in zip(ordered, binds, strict=True)
    ]
    expanded = or_(
        *(
            and_(*(columns[before] == binds[before] for before in range(position)), strictly[position])
            for position in range(len(columns))
        ),
        *([and_(*(column == last for column, last in zip(columns, binds, strict=True)))] if inclusive else ()),
    )
    bound = columns[0] <= binds[0] if ordered[0][1].direction == "desc" else columns[0] >= binds[0]
    return and_(bound, expanded)


def walk_ordering(
    again: ColumnElement[int], ordered: Ordered, keys: Sequence[ColumnElement[Any]]
) -> list[ColumnElement[Any]]:
    """Return the ORDER BY of both parts of a walk: *again* is 0 in the first part and 1 in the second."""
    first = [(case((again == number(0), column)), order) for column, order in ordered]
    return [again.asc(), *ordering(first), *(key.asc() for key in keys)]


@dataclass(frozen=True, slots=True)
class Walk:
    """What is left of a walk that began at the bind `{name}_since`."""

    ordered: Ordered
    changed: ColumnElement[Any]
    keys: Sequence[ColumnElement[Any]]
    name: str

    @property
    def first(self) -> ColumnElement[bool]:
        """The condition of the rows that have not changed since, after the place in the order."""
        return and_(after(self.ordered, self.name), self.changed < self._since)

    @property
    def again(self) -> ColumnElement[bool]:
        """The condition of the rows that have, after the place among their keys."""
        return and_(after(self._by_key, f"{self.name}_key"), self.changed >= self._since)

    @property
    def first_behind(self) -> ColumnElement[bool]:
        """The condition of the rows that have not changed since, at the place in the order or before it."""
        return and_(after(backwards(self.ordered), self.name, inclusive=True), self.changed < self._since)

    @property
    def all_behind(self) -> ColumnElement[bool]:
        """The condition of the rows that have not changed since, where the place is among those that have."""
        column, _ = self.ordered[0]
        return and_(
            self.changed < self._since, bindparam(f"{self.name}_0", type_=column.type, required=False).is_(None)
        )

    @property
    def again_behind(self) -> ColumnElement[bool]:
        """The condition of the rows that have changed since, at the place among their keys or before it."""
        return and_(after(backwards(self._by_key), f"{self.name}_key", inclusive=True), self.changed >= self._since)

    @property
    def is_again(self) -> ColumnElement[int]:
        """1 for a row that has changed since, else 0."""
        return case((self.changed >= self._since, number(1)), else_=number(0))

    def ordering(self) -> list[ColumnElement[Any]]:
        """Return the ORDER BY."""
        return walk_ordering(self.is_again, self.ordered, self.keys)

    @property
    def _by_key(self) -> Ordered:
        return [(key, Order("")) for key in self.keys]

    @property
    def _since(self) -> ColumnElement[Any]:
        return bindparam(f"{self.name}_since", type_=self.changed.type, required=False)
