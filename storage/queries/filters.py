"""The filters of a reader: each compares a column with a bind. Sealed items are not among these columns.

A filter on a masked or sealed value would reveal it by trial, so there is none. A subject is found by its exact
identifier, through the blind index.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)

from credit.core.values.identifiers import IdentifierKind
from queryplan.entities import Entity
from queryplan.plan import Filter
from storage.database.array_binds import among
from storage.errors import UnknownColumn
from storage.queries.conditions.row_conditions import Condition, bind
from storage.queries.from_clause import FromBuilder
from storage.queries.literals import word
from storage.tables import identifier_terms

IDENTIFIER_TERM = "identifier_term"
"""A name that only filters subjects: the blind index gives the subject of a term."""
LATE = "is_late"

_COMPARISONS: dict[str, Callable[[ColumnElement[Any], Any], Condition]] = {
    "=": lambda column, value: column == value,
    ">=": lambda column, value: column >= value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    "<": lambda column, value: column < value,
    # Not LIKE, which has wildcards and ignores case on one database; nor a range, which depends on the collation.
    "prefix": lambda column, value: func.substr(column, 1, func.length(value)) == value,
}


def passes(frame: FromBuilder, one: Filter) -> Condition:
    """Return the condition that a row passes the filter. Raises UnknownColumn, UnknownRelation."""
    if one.name == LATE and frame.at(one.of)[0] is Entity.WORK_ITEM:
        return _is_late(frame.at(one.of)[1], one)
    if one.name == IDENTIFIER_TERM and frame.at(one.of)[0] is Entity.SUBJECT:
        return _has_identifier(frame, one)
    return _compare(frame, frame.value(one.of, one.name), one)


def _is_late(item: FromClause, one: Filter) -> Condition:
    """Return the condition on a task, and what follows from it for its place in the order.

    A task is late while the day by which it is sorted is over; so the page begins or ends at a place in the index.
    """
    late, today = bindparam(one.bind, type_=Boolean(), required=False), bind("today")
    begins = case((late, literal_column("'0001-01-01'", Date())), else_=today)
    ends = case((late, today), else_=literal_column("'9999-12-31'", Date()))
    with_clock = and_(item.c.sorts_on >= begins, item.c.sorts_on < ends)
    return and_(item.c.is_late == late, or_(item.c.due_on.is_(None), with_clock))


def _compare(frame: FromBuilder, column: ColumnElement[Any], one: Filter) -> Condition:
    if one.operator == "in":
        return among(column, one.bind, frame.context.dialect)
    return _COMPARISONS[one.operator](column, bindparam(one.bind, type_=column.type, required=False))


def _has_identifier(frame: FromBuilder, one: Filter) -> Condition:
    if one.operator not in {"=", "in"}:
        raise UnknownColumn(identifier_terms.name, one.name)
    terms = identifier_terms.alias()
    # Both kinds are named, so that the search uses the primary key, which begins with the kind.
    kinds = [word(kind) for kind in IdentifierKind]
    found = select(terms.c.subject_id).where(terms.c.kind.in_(kinds), _compare(frame, terms.c.term, one))
    return frame.at(one.of)[1].c.subject_id.in_(found)
