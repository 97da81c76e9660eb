"""The narrow inner statement: which rows, in which order, and no more of them than the page holds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, FromClause, Select, func, or_, select, true, union_all

from queryplan.entities import Entity
from queryplan.plan import QueryPlan, SelectPlan
from storage.database.array_binds import among
from storage.errors import NotATotalOrder, UnknownColumn, UnknownRelation, Unscoped
from storage.queries import keyset
from storage.queries.conditions.row_conditions import Condition, is_open
from storage.queries.consent_join import joined
from storage.queries.entity_map import SHAPES, ToMany
from storage.queries.filters import passes
from storage.queries.from_clause import FromBuilder, QueryContext
from storage.queries.literals import number
from storage.queries.scopes import in_any, may_show

PARENTS = "parents"
"""The bind that holds the keys of the parents of a child statement."""

RANK, GRANTED, AUTHORISATION = "page_rank", "page_groups", "page_authorisation"
"""Further columns of the page: the rank within the parent, and the groups and the id of the authorisation."""
AGAIN = "page_again"
"""A further column of what is left of a walk: 1 in the rows that changed since it began, else 0."""


class PageQuery:
    """The rows of one statement. Raises InvalidPlan where the statement is not allowed."""

    def __init__(
        self, statement: SelectPlan, context: QueryContext, relation: ToMany | None, row: FromClause | None = None
    ) -> None:
        self._statement = statement
        self._shape = SHAPES[statement.entity]
        self._relation = relation
        self._context = context
        self._row = self._shape.rows("r", context.unrectified) if row is None else row
        self._frame = FromBuilder(context, statement.entity, self._row)
        self._ordered = [(self._own(order.name), order) for order in statement.order]
        self._conditions = self._which(context)
        self._consent: FromClause | None = None
        if statement.consent is not None:
            self._frame.source, self._consent = joined(self._frame.source, self._own("subject_id"), statement.consent)

    def rows(self) -> FromClause:
        """Return the page as a FROM clause: keys, order columns, and the groups and id of the authorisation."""
        statement, columns = self._statement, self._columns()
        if self._relation is None and statement.limit is not None:
            if is_rest_of_walk(statement):
                again = self._part([*columns, number(1).label(AGAIN)], self._walk().again, self._walk().keys)
                return self._materialized(union_all(*self._firsts(number(0).label(AGAIN)), again))
            if self._shape.parts is not None:
                return self._materialized(union_all(*self._firsts()))
        order, after = keyset.ordering(self._ordered), self._after()
        if is_rest_of_walk(statement):
            walk = self._walk()
            order, after = walk.ordering(), or_(walk.first, walk.again)
            columns.append(walk.is_again.label(AGAIN))
        if self._relation is not None and statement.limit is not None:
            parent = self._row.c[self._relation.theirs]
            columns.append(func.row_number().over(partition_by=parent, order_by=order or None).label(RANK))
        page = select(*columns).select_from(self._frame.source).where(*self._conditions, after)
        if self._relation is not None or statement.limit is None:
            return page.subquery("page")
        return _limited(page.order_by(*order), statement).cte("page").prefix_with("MATERIALIZED")

    def _columns(self) -> list[ColumnElement[Any]]:
        statement = self._statement
        names = dict.fromkeys((*self._shape.keys, *(order.name for order in statement.order)))
        if statement.moving is not None:
            names |= dict.fromkeys(statement.moving.keys)
        if self._shape.derived is not None:
            # Finding a row of a derived table by its key would compute the table again, so the page carries the row.
            names = dict.fromkeys(column.name for column in self._shape.table.c)
        columns: list[ColumnElement[Any]] = [self._row.c[name] for name in names]
        if self._consent is not None:
            columns += [self._consent.c.groups.label(GRANTED), self._consent.c.authorisation_id.label(AUTHORISATION)]
        return columns

    def _firsts(self, *also: ColumnElement[Any]) -> list[Select[Any]]:
        """Return the first rows after the cursor, of each SELECT of a derived table in a scan of its own."""
        if self._shape.parts is None:
            return [self._part([*self._columns(), *also], self._after(), keyset.ordering(self._ordered))]
        parts = self._shape.parts(self._context.unrectified)
        shown = [part for part in parts if may_show(self._statement.scopes, part.side)] or parts[:1]
        pages = [PageQuery(self._statement, self._context, None, part.rows.subquery("r")) for part in shown]
        return [
            page._part([*page._columns(), *also], page._after(), keyset.ordering(page._ordered))  # noqa: SLF001 - of the same class
            for page in pages
        ]

    def _part(
        self, columns: Sequence[ColumnElement[Any]], after: Condition, order: Sequence[ColumnElement[Any]]
    ) -> Select[Any]:
        rows = select(*columns).select_from(self._frame.source).where(*self._conditions, after)
        return select(_limited(rows.order_by(*order), self._statement).subquery())

    def _materialized(self, parts: CompoundSelect[Any]) -> FromClause:
        found = parts.subquery("parts")
        rows = select(found).order_by(*page_order(self._statement, found))
        return _limited(rows, self._statement).cte("page").prefix_with("MATERIALIZED")

    def _walk(self) -> keyset.Walk:
        return keyset.Walk(self._ordered, *self._moving(), str(self._statement.after))

    def _moving(self) -> tuple[ColumnElement[Any], list[ColumnElement[Any]]]:
        """Return the column of the last change and the keys of an order that moves."""
        moving = self._statement.moving
        if moving is None:
            raise UnknownColumn(self._shape.table.name, "changed")
        return self._own(moving.changed), [self._own(key) for key in moving.keys]

    def total(self) -> Select[Any]:
        """Return the count of the same rows without cursor and limit; for a child statement, by parent."""
        source, conditions = self._frame.source, self._conditions
        if self._relation is None:
            return select(func.count()).select_from(source).where(*conditions)
        parent = self._row.c[self._relation.theirs]
        return select(parent, func.count()).select_from(source).where(*conditions).group_by(parent)

    def _own(self, name: str) -> ColumnElement[Any]:
        if name not in self._shape.plain:
            raise UnknownColumn(self._shape.table.name, name)
        return self._row.c[name]

    def _which(self, context: QueryContext) -> list[Condition]:
        statement = self._statement
        if self._shape.owned and not (statement.scopes or statement.consent or statement.parent):
            raise Unscoped(self._shape.table.name)
        conditions = [is_open(self._row)]
        if statement.scopes:
            conditions.append(in_any(statement.scopes, statement.entity, self._row, context.unrectified))
        for one in statement.filters:
            self._frame.reach(one.of, statement.joins)
            conditions.append(passes(self._frame, one))
        if self._relation is not None:
            conditions.append(among(self._row.c[self._relation.theirs], PARENTS, context.dialect))
        return conditions + self._place()

    def _place(self) -> list[Condition]:
        """Return the conditions under which a row has a position in the order. Raises NotATotalOrder."""
        statement = self._statement
        if statement.limit is None and statement.after is None:
            return []
        ordered = {order.name for order in statement.order}
        if (ordered or statement.after is not None) and self._shape.row_id not in ordered:
            raise NotATotalOrder(self._shape.table.name, self._shape.row_id)
        return keyset.present(self._ordered)

    def _after(self) -> Condition:
        """Return the condition that a row comes after the cursor; in the rest of a walk, that it has not changed."""
        if self._statement.after is None:
            return true()
        return self._walk().first if self._statement.moving else keyset.after(self._ordered, self._statement.after)


def is_rest_of_walk(statement: SelectPlan) -> bool:
    """Return whether the page has the two parts of a walk through an order that moves."""
    return statement.after is not None and statement.moving is not None


def page_order(statement: SelectPlan, page: FromClause) -> list[ColumnElement[Any]]:
    """Return the ORDER BY of the rows of *page*."""
    ordered = [(page.c[order.name], order) for order in statement.order]
    if statement.after is None or statement.moving is None:
        return keyset.ordering(ordered)
    return keyset.walk_ordering(page.c[AGAIN], ordered, [page.c[key] for key in statement.moving.keys])


def _limited(rows: Select[Any], statement: SelectPlan) -> Select[Any]:
    return rows if statement.limit is None else rows.limit(number(statement.limit))


def parent_relation(plan: QueryPlan, statement: SelectPlan) -> ToMany | None:
    """Return the relation from the parent statement's rows to this one's; None for a root.

    Raises UnknownRelation where the given position is not that of the key column of the relation.
    """
    if statement.parent is None:
        return None
    index, position, relation = statement.parent
    parent = plan.statements[index]
    position -= 1 if parent.parent else 0
    if not 0 <= position < len(parent.columns):
        raise UnknownRelation(SHAPES[parent.entity].table.name, relation)
    key = parent.columns[position]
    step = SHAPES[_entity_at(parent, key.of)].children(relation)
    if step.target is not statement.entity or step.ours != key.name or key.show != "plain":
        raise UnknownRelation(SHAPES[parent.entity].table.name, relation)
    return step


def _entity_at(statement: SelectPlan, alias: str) -> Entity:
    if alias == "":
        return statement.entity
    for join in statement.joins:
        if join.alias == alias:
            return SHAPES[_entity_at(statement, join.of)].step(join.relation).target
    raise UnknownRelation(SHAPES[statement.entity].table.name, alias)
