"""The filters of a reader: each compares a column with a bind. Sealed items are not among these columns.

A filter on a masked or sealed value would reveal it by trial, so there is none. A subject is found by its exact
identifier, through the blind index.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

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
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.engine import Dialect

from credit.cases.status import UnrectifiedPolicy
from credit.core.values.identifiers import IdentifierKind
from queryplan.entities import Entity
from queryplan.plan import Filter
from queryplan.scopes import Scope
from storage.database.array_binds import among
from storage.errors import UnknownColumn
from storage.queries.conditions.implication import implies, one_of_several
from storage.queries.conditions.row_conditions import Condition, bind
from storage.queries.entity_map import SHAPES
from storage.queries.literals import word
from storage.queries.scopes import in_scope
from storage.queries.statements.fragments import Fragment
from storage.queries.statements.from_clause import FromBuilder, column_of
from storage.queries.work_items import work_items
from storage.tables import identifier_terms, subjects

IDENTIFIER_TERM = "identifier_term"
"""A name that only filters subjects: the blind index gives the subject of a term."""
LATE = "is_late"
"""A column of a task, whose filter also says where in the order the tasks are that pass it."""
_TRUE: Final = "true"
"""The state of a row in which a condition holds."""
_VALUE: Final = "value"
"""The bind of a comparison, until it has the name of its filter."""

_COMPARISONS: dict[str, Callable[[ColumnElement[Any], Any], Condition]] = {
    "=": lambda column, value: column == value,
    ">=": lambda column, value: column >= value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    "<": lambda column, value: column < value,
    # Not LIKE, which has wildcards and ignores case on one database; nor a range, which depends on the collation.
    "prefix": lambda column, value: func.substr(column, 1, func.length(value)) == value,
}


def passes(frame: FromBuilder, one: Filter, scopes: Sequence[Scope]) -> Fragment | None:
    """Return the condition that a row in one of *scopes* passes the filter. Raises UnknownColumn, UnknownRelation."""
    store, dialect = frame.store, frame.store.dialect
    entity, row = frame.at(one.of)
    if entity is Entity.SUBJECT and one.name == IDENTIFIER_TERM:
        if one.operator not in {"=", "in"}:
            raise UnknownColumn(identifier_terms.name, one.name)
        found = store.condition(
            (one.name, one.operator), subjects, lambda its: _has_identifier(its, one.operator, dialect)
        )
    elif entity is Entity.WORK_ITEM and one.name == LATE:
        found = store.condition(LATE, work_items, _is_late)
    elif one.operator == "is":
        if one.of or one.name not in {**SHAPES[entity].conditions, **SHAPES[entity].states}:
            raise UnknownColumn(SHAPES[entity].table.name, one.name)
        found = store.condition(
            ("is", one.name, one.states),
            frame.shape.table,
            lambda its: _is_in(its, entity, one.name, one.states, store.unrectified),
        )
    elif one.of == "" and one.operator == "=" and one.name in SHAPES[entity].answers:
        found = store.condition(
            ("answer", one.name, tuple(sorted(set(scopes)))),
            frame.shape.table,
            lambda its: _is_answered(its, entity, one.name, scopes, store.unrectified),
        )
    else:
        table, value = column_of(entity, one.name, store.unrectified)
        table, _ = frame.stored(one.of, table)
        row = frame.row_of(one.of, one.name)
        key = "filter", one.name, one.operator
        found = store.condition(key, table, lambda its: _compare(value(its), one.operator, dialect))
    return found and found.on(row).bound(_VALUE, one.bind)


def _is_in(
    row: FromClause, entity: Entity, name: str, states: Sequence[str], unrectified: UnrectifiedPolicy
) -> Condition:
    """Return the condition that the row is in one of these *states*, in a form that an index over them implies."""
    shape = SHAPES[entity]
    if name in shape.states:
        return one_of_several([shape.states[name][state](row, unrectified) for state in states])
    holds = shape.conditions[name](row)
    return one_of_several([holds if state == _TRUE else not_(holds) for state in states])


def _is_late(item: FromClause) -> Condition:
    """Return the condition on a task, and what follows from it for its place in the order.

    A task is late while the day by which it is sorted is over; so the page begins or ends at a place in the index.
    """
    late, today = bindparam(_VALUE, type_=Boolean(), required=False), bind("today")
    begins = case((late, literal_column("'0001-01-01'", Date())), else_=today)
    ends = case((late, today), else_=literal_column("'9999-12-31'", Date()))
    with_clock = and_(item.c.sorts_on >= begins, item.c.sorts_on < ends)
    return and_(item.c.is_late == late, or_(item.c.due_on.is_(None), with_clock))


def _is_answered(
    row: FromClause, entity: Entity, name: str, scopes: Sequence[Scope], unrectified: UnrectifiedPolicy
) -> Condition:
    """Return the condition that the answer is the one that is asked for; where *scopes* give it, only for `true`."""
    wanted: ColumnElement[Any] = bindparam(_VALUE, type_=Boolean(), required=False)
    answer = in_scope(SHAPES[entity].answers[name], entity, row, unrectified)
    if scopes and all(implies(in_scope(scope, entity, row, unrectified), answer) for scope in scopes):
        return wanted == true()
    _, value = column_of(entity, name, unrectified)
    return value(row) == wanted


def _compare(column: ColumnElement[Any], operator: str, dialect: Dialect) -> Condition:
    if operator == "in":
        return among(column, _VALUE, dialect)
    return _COMPARISONS[operator](column, bindparam(_VALUE, type_=column.type, required=False))


def _has_identifier(subject: FromClause, operator: str, dialect: Dialect) -> Condition:
    terms = identifier_terms.alias()
    # Both kinds are named, so that the search uses the primary key, which begins with the kind.
    kinds = [word(kind) for kind in IdentifierKind]
    found = select(terms.c.subject_id).where(terms.c.kind.in_(kinds), _compare(terms.c.term, operator, dialect))
    return subject.c.subject_id.in_(found)
