"""Pages by keyset: the next page begins after the last row that was seen, even if the list has changed since.

No OFFSET: its cost grows with the page number, and an inserted row makes a page repeat another row. NULL has no
position in an order (the two databases differ on it), so a page ordered by a nullable column holds only the rows
that have a value; `present` is this condition, for the rows and for their total.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, tuple_

from queryplan.plan import Order

Ordered = Sequence[tuple[ColumnElement[Any], Order]]


def ordering(ordered: Ordered) -> list[ColumnElement[Any]]:
    """Return the ORDER BY."""
    return [column.desc() if order.direction == "desc" else column.asc() for column, order in ordered]


def present(ordered: Ordered) -> list[ColumnElement[bool]]:
    """Return one condition for each order column that may be NULL: that it has a value."""
    return [column.is_not(None) for column, _ in ordered if getattr(column, "nullable", True)]


def after(ordered: Ordered, name: str) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one whose values are in the binds `{name}_0`, `{name}_1`, ….

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
        return rows < last if directions == {"desc"} else rows > last
    strictly = [
        column < last if order.direction == "desc" else column > last
        for (column, order), last in zip(ordered, binds, strict=True)
    ]
    expanded = or_(
        *(
            and_(*(columns[before] == binds[before] for before in range(position)), strictly[position])
            for position in range(len(columns))
        )
    )
    bound = columns[0] <= binds[0] if ordered[0][1].direction == "desc" else columns[0] >= binds[0]
    return and_(bound, expanded)
