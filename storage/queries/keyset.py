"""Pages by keyset: the next page begins after the last row seen, however the list has changed meanwhile.

No OFFSET: its cost grows with the page number, and a row inserted meanwhile repeats another. NULL has no place in
an order (the two databases differ on it), so a page over a nullable column holds only the rows that have a value;
`present` says so in SQL, for the rows and for their total alike.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, tuple_

from queryplan.plan import Order

Ordered = Sequence[tuple[ColumnElement[Any], Order]]


def ordering(ordered: Ordered) -> list[ColumnElement[Any]]:
    """Give back the ORDER BY."""
    return [column.desc() if order.direction == "desc" else column.asc() for column, order in ordered]


def present(ordered: Ordered) -> list[ColumnElement[bool]]:
    """Say in SQL that a row has a place in the order: one condition for each column that may be NULL."""
    return [column.is_not(None) for column, _ in ordered if getattr(column, "nullable", True)]


def after(ordered: Ordered, name: str) -> ColumnElement[bool]:
    """Say in SQL that a row comes after the one whose values are in the binds `{name}_0`, `{name}_1` and so on.

    One direction: a comparison of rows. Mixed: `a < :0 OR (a = :0 AND b > :1)`, after a bound on the first column
    alone, which lets the index begin in the right place.
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
