"""One statement of a plan as SQL: a narrow page of keys first, then the joins for the rows of that page alone.

    WITH page AS (SELECT <keys, order, authorisation> FROM <row> WHERE <scopes, filters, cursor> ORDER BY … LIMIT n)
    SELECT <columns> FROM page JOIN <row> LEFT JOIN <steps> … ORDER BY …

The page is cheap to sort and to limit, and the wide columns are fetched only for the rows that are shown.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, false, func, select

from credit.subjects.subject import SubjectKind
from queryplan.entities import Entity
from queryplan.plan import Column, QueryPlan, SelectPlan
from queryplan.scopes import Scope
from storage.errors import NoConsentJoined, UnknownColumn
from storage.queries.access_entries.log_page import AccessLogPage
from storage.queries.conditions.entry_delays import running_delay
from storage.queries.conditions.row_conditions import Condition
from storage.queries.consent_join import includes
from storage.queries.entity_map import SHAPES, ToMany
from storage.queries.from_clause import FromBuilder, QueryContext
from storage.queries.literals import number, word
from storage.queries.page_query import (
    AGAIN,
    AUTHORISATION,
    GRANTED,
    RANK,
    PageQuery,
    is_rest_of_walk,
    page_order,
    parent_relation,
)
from storage.queries.scopes import in_any, in_scope


@dataclass(frozen=True, slots=True)
class SealedColumnPositions:
    """The positions of the parts of one `Sealed` among the selected columns."""

    table: str
    item: str
    text: int
    key: int
    subject_id: int
    row_id: int
    version: int


@dataclass(frozen=True, slots=True)
class Selected:
    """A statement as SQL. The rows of a child, and of its total, begin with the key of the parent."""

    rows: Select[Any]
    outputs: tuple[int | SealedColumnPositions, ...]
    total: Select[Any] | None


@dataclass(slots=True)
class _Chosen:
    """The expressions to select, each once, and the position of the value of each requested column."""

    expressions: list[ColumnElement[Any]] = field(default_factory=list)
    outputs: list[int | SealedColumnPositions] = field(default_factory=list)
    _places: dict[int, int] = field(default_factory=dict)

    def place(self, expression: ColumnElement[Any]) -> int:
        """Select *expression*, unless it is selected already, and give back its position."""
        # By identity: a table's column is one object; other expressions are new objects for each use.
        if id(expression) not in self._places:
            self._places[id(expression)] = len(self.expressions)
            self.expressions.append(expression)
        return self._places[id(expression)]


def select_of(plan: QueryPlan, statement: SelectPlan, context: QueryContext) -> Selected:
    """Turn one *statement* of *plan* into SQL. Raises InvalidPlan."""
    relation = parent_relation(plan, statement)
    page = (AccessLogPage if statement.entity is Entity.ACCESS_ENTRY else PageQuery)(statement, context, relation)
    chosen = _Chosen()
    rows = _around(statement, context, relation, page.rows(), chosen)
    return Selected(rows, tuple(chosen.outputs), page.total() if statement.total else None)


def _around(
    statement: SelectPlan, context: QueryContext, relation: ToMany | None, page: FromClause, chosen: _Chosen
) -> Select[Any]:
    """Join the tables that the columns need to the rows of *page*."""
    shape = SHAPES[statement.entity]
    if shape.is_stored:
        row: FromClause = shape.table.alias("t")
        source: FromClause = page.join(row, and_(*(row.c[key] == page.c[key] for key in shape.keys)))
    else:
        row = source = page
    frame = FromBuilder(context, statement.entity, row, source)
    for step in statement.joins:
        frame.reach(step.alias, statement.joins)
    if relation is not None:
        chosen.outputs.append(chosen.place(row.c[relation.theirs]))
    chosen.outputs += [_output(statement, frame, page, chosen, column) for column in statement.columns]
    labelled = [expression.label(f"c{place}") for place, expression in enumerate(chosen.expressions)]
    rows = select(*labelled).select_from(frame.source)
    order = page_order(statement, page)
    if relation is not None:
        order.insert(0, row.c[relation.theirs].asc())
        if statement.limit is not None:
            rows = rows.where(page.c[RANK] <= number(statement.limit))
    return rows.order_by(*order)


def _output(
    statement: SelectPlan, frame: FromBuilder, page: FromClause, chosen: _Chosen, column: Column
) -> int | SealedColumnPositions:
    needs = _needs(statement, frame, page, column)

    def place(value: ColumnElement[Any]) -> int:
        return chosen.place(case((and_(*needs), value)) if needs else value)

    if column.show == "plain":
        return place(_value(statement, frame, page, column))
    if column.show == "mask":
        return place(frame.mask(column.of, column.name))
    box = frame.box(column.of, column.name)
    return SealedColumnPositions(
        box.table,
        box.item,
        text=place(box.text),
        key=chosen.place(box.key),
        subject_id=chosen.place(box.subject_id),
        row_id=chosen.place(box.row_id),
        version=chosen.place(box.version),
    )


def _value(statement: SelectPlan, frame: FromBuilder, page: FromClause, column: Column) -> ColumnElement[Any]:
    family, virtual, which = column.name.partition(":")
    if not virtual:
        return frame.value(column.of, column.name)
    table = SHAPES[statement.entity].table.name
    if column.of == "" and family == "scope" and which in set(Scope):
        inside = in_scope(Scope(which), statement.entity, frame.row, frame.context.unrectified)
        return func.coalesce(inside, false())
    if column.of == "" and family == "delay":
        return running_delay(statement.entity, frame.row, which)
    if column.of == "" and column.name in {"consent:groups", "consent:authorisation"}:
        if statement.consent is None:
            raise NoConsentJoined(table)
        return page.c[GRANTED if which == "groups" else AUTHORISATION]
    if column.of == "" and column.name == "walk:again":
        return page.c[AGAIN] if is_rest_of_walk(statement) else number(0)
    raise UnknownColumn(table, column.name)


def _needs(statement: SelectPlan, frame: FromBuilder, page: FromClause, column: Column) -> list[Condition]:
    """Return the conditions under which a row shows this column."""
    needs: list[Condition] = []
    # Where every scope that selects rows also shows the column, no condition is needed.
    if column.within and not (statement.scopes and set(statement.scopes) <= set(column.within)):
        needs.append(in_any(column.within, statement.entity, frame.row, frame.context.unrectified))
    if column.kinds:
        needs.append(frame.kind(column.of).in_([word(SubjectKind(kind)) for kind in column.kinds]))
    if column.groups:
        if statement.consent is None:
            raise NoConsentJoined(SHAPES[statement.entity].table.name)
        needs.append(includes(page.c[GRANTED], column.groups))
    return needs
