"""Whether one condition follows from another by its form, so that no statement checks the same twice."""

from collections.abc import Iterator

from sqlalchemy.sql.elements import BooleanClauseList
from sqlalchemy.sql.operators import and_

from storage.queries.conditions.row_conditions import Condition


def implies(condition: Condition, other: Condition) -> bool:
    """Return whether everything that *other* demands stands in *condition* too, both about the same row.

    What follows only from the meaning of a condition is not found.
    """
    demands = list(_demands(condition))
    return all(any(each.compare(demand) for each in demands) for demand in _demands(other))


def _demands(condition: Condition) -> Iterator[Condition]:
    """Return the conditions that *condition* joins by AND."""
    if isinstance(condition, BooleanClauseList) and condition.operator is and_:
        for clause in condition.clauses:
            yield from _demands(clause)
    else:
        yield condition
