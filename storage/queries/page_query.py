"""The narrow inner statement: which rows, in which order, and no more of them than the page holds."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, select

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
from storage.queries.scopes import in_any

PARENTS = "parents"
"""The bind that holds the keys of the parents of a child statement."""

RANK, GRANTED, AUTHORISATION = "page_rank", "page_groups", "page_authorisation"
"""Further columns of the page: the rank within the parent, and the groups and the id of the authorisation."""


class PageQuery:
    """The rows of one statement. Raises InvalidPlan where the statement is not allowed."""

    def __init__(self, statement: SelectPlan, context: QueryContext, relation: ToMany | None) -> None:
        self._statement = statement
        self._shape = SHAPES[statement.entity]
        self._relation = relation
        self._row = self._shape.rows("r", context.unrectified)
        self._frame = FromBuilder(context, statement.entity, self._row)
        self._ordered = [(self._own(order.name), order) for order in statement.order]
        self._conditions = self._which(context)
        self._consent: FromClause | None = None
        if statement.consent is not None:
            self._frame.source, self._consent = joined(self._frame.source, self._own("subject_id"), statement.consent)

    def rows(self) -> FromClause:
        """Return the page as a FROM clause: keys, order columns, and the groups and id of the authorisation."""
        statement = self._statement
        names = dict.fromkeys((*self._shape.keys, *(order.name for order in statement.order)))
        if self._shape.derived is not None:
            # Finding a row of a derived table by its key would compute the table again, so the page carries the row.
            names = dict.fromkeys(column.name for column in self._shape.table.c)
        columns: list[ColumnElement[Any]] = [self._row.c[name] for name in names]
        if self._consent is not None:
            columns += [self._consent.c.groups.label(GRANTED), self._consent.c.authorisation_id.label(AUTHORISATION)]
        order = keyset.ordering(self._ordered)
        if self._relation is not None and statement.limit is not None:
            parent = self._row.c[self._relation.theirs]
            columns.append(func.row_number().over(partition_by=parent, order_by=order or None).label(RANK))
        page = select(*columns).select_from(self._frame.source).where(*self._conditions, *self._after())
        if self._relation is not None or statement.limit is None:
            return page.subquery("page")
        return page.order_by(*order).limit(number(statement.limit)).cte("page").prefix_with("MATERIALIZED")

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

    def _after(self) -> list[Condition]:
        return [] if self._statement.after is None else [keyset.after(self._ordered, self._statement.after)]


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
