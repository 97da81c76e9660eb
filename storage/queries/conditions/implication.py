"""Whether one condition follows from another by its form, and what several have in common."""

from collections.abc import Iterator, Sequence

from sqlalchemy import and_ as all_of
from sqlalchemy import false, or_, true
from sqlalchemy.sql.elements import BooleanClauseList
from sqlalchemy.sql.operators import and_

from storage.queries.conditions.row_conditions import Condition


def implies(condition: Condition, other: Condition) -> bool:
    """Return whether everything that *other* demands stands in *condition* too, both about the same row.

    What follows only from the meaning of a condition is not found.
    """
    demands = list(_demands(condition))
    return all(any(each.compare(demand) for each in demands) for demand in _demands(other))


def one_of_several(conditions: Sequence[Condition]) -> Condition:
    """Return that one of *conditions* holds, all about the same row; what all of them demand stands beside the OR.

    So an index over the rows that meet it can serve: SQLite looks for its condition among those joined by AND alone.
    """
    if not conditions:
        return false()
    demands = [list(_demands(each)) for each in conditions]
    shared = [one for one in demands[0] if all(any(one.compare(each) for each in others) for others in demands)]
    rest = [[one for one in each if not any(one.compare(common) for common in shared)] for each in demands]
    return all_of(true(), *shared, or_(*(all_of(true(), *each) for each in rest)))


def _demands(condition: Condition) -> Iterator[Condition]:
    """Return the conditions that *condition* joins by AND."""
    if isinstance(condition, BooleanClauseList) and condition.operator is and_:
        for clause in condition.clauses:
            yield from _demands(clause)
    else:
        yield condition
