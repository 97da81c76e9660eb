"""Which rows a page has, in which order, and from which place on: its scopes, filters and cursors.

<cursor> AND <a reader's bounds> AND (<scope> OR <scope>) AND <filters> … ORDER BY …
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import ColumnElement, FromClause, Integer, and_, literal_column, true

from queryplan.plan import SelectPlan, mirrored
from queryplan.scopes import Scope
from storage.database.array_binds import among
from storage.errors import NotATotalOrder, UnknownColumn, Unscoped
from storage.queries import keyset
from storage.queries.conditions.row_conditions import is_open
from storage.queries.entity_map import SHAPES, ToMany
from storage.queries.filters import passes
from storage.queries.scopes import in_list, in_scope
from storage.queries.statements.fragments import PARENTS, ROW, Fragment, FragmentStore, either, joined, text
from storage.queries.statements.from_clause import FromBuilder
from storage.queries.statements.read_model import model_of

AGAIN = "page_again"
"""A further column of what is left of a walk: 1 in the rows that changed since it began, else 0."""
_NAMED = frozenset({"subject_id", "reference"})
"""Filters that name one subject or one record: their index finds the rows of a list."""
_BOUNDS = frozenset({"<", "<=", ">", ">="})
_AFTER = "after"
"""The cursor's binds begin with this word, until they have the name of the statement's cursor."""
_PUBLICATION: Final = "published_on"
_PUBLISHED: Final = re.compile(rf"\b{ROW}\.{_PUBLICATION} <= ")
"""The bound of the day of publication, as the conditions of restraints in force have it."""


class PageConditions:
    """The conditions and the order of one statement. Raises InvalidPlan where the statement is not allowed.

    *parent* is the key of the parent's row in the statement around this one; without it, a child statement takes the
    keys of all parents from the bind PARENTS. *source* is what the rows are selected from, where it is a part of the
    entity's rows.
    """

    def __init__(
        self,
        statement: SelectPlan,
        store: FragmentStore,
        relation: ToMany | None,
        parent: str | None = None,
        source: Fragment | None = None,
    ) -> None:
        self._statement = statement
        self._store = store
        model = model_of(statement)
        self._shape = SHAPES[statement.entity] if model is None else model.shape
        self._table = self._shape.table
        self._relation = relation
        self._parent = parent
        if source is None:
            source = store.rows(statement.entity) if model is None else Fragment(f"{self._table.name} AS {ROW}")
        self._frame = FromBuilder(store, statement.entity, "r", source.on("r"), model)
        for order in statement.order:
            self._must_be_own(order.name)
        self._conditions = self._which()

    def _which(self) -> list[Fragment]:
        statement, store = self._statement, self._store
        if self._shape.owned and not (statement.scopes or statement.consent or statement.parent):
            raise Unscoped(self._table.name)
        found = [store.condition("open", self._table, is_open)]
        if statement.scopes:
            # Every scope has the condition that the row is open.
            found = [either([self._in_scope(scope) for scope in dict.fromkeys(statement.scopes)])]
        if (
            self._relation is None
            and statement.limit is not None
            and not _NAMED & {one.name for one in statement.filters}
        ):
            found.append(self._in_list())
        for one in statement.filters:
            self._frame.reach(one.of, statement.joins)
            passed = passes(self._frame, one, statement.scopes)
            if passed is not None and store.is_sqlite and one.operator == "=" and one.name in self._shape.plain:
                # Who asks for one department of a list wants few of its rows, whatever SQLite counted of all of them.
                passed = text("unlikely(", passed, ")")
            # Of two bounds on a column SQLite begins at the first: a reader's comes before that of the scope.
            found.insert(0 if one.operator in _BOUNDS else len(found), passed)
        if self._relation is not None:
            found.append(self._of_parents(self._relation.theirs))
        found += self._place()
        return [one.on("r") for one in found if one is not None]

    def _in_scope(self, scope: Scope) -> Fragment:
        entity, unrectified = self._statement.entity, self._store.unrectified
        found = self._store.condition(
            ("scope", scope), self._table, lambda row: in_scope(scope, entity, row, unrectified)
        )
        if found is None:
            return Fragment("1 = 1")
        if self._store.is_sqlite and self._statement.order and self._statement.order[0].name != _PUBLICATION:
            # SQLite would begin at the day of publication, and sort. As an expression it is no bound of an index.
            found = replace(found, text=_PUBLISHED.sub(rf"+{ROW}.{_PUBLICATION} <= ", found.text))
        return found.on("r")

    def _in_list(self) -> Fragment | None:
        entity, scopes = self._statement.entity, self._statement.scopes
        unrectified, dialect = self._store.unrectified, self._store.dialect
        key = "list", frozenset(scopes)
        return self._store.condition(key, self._table, lambda row: in_list(scopes, entity, row, unrectified, dialect))

    def _of_parents(self, theirs: str) -> Fragment | None:
        if self._parent is not None:
            return Fragment(f"r.{self._store.quoted(theirs)} = {self._parent}")
        dialect = self._store.dialect
        return self._store.condition(
            ("parents", theirs), self._table, lambda row: among(row.c[theirs], PARENTS, dialect)
        )

    def _place(self) -> list[Fragment | None]:
        """Return the conditions under which a row has a position in the order. Raises NotATotalOrder."""
        statement = self._statement
        if statement.limit is None and statement.after is None and statement.until is None:
            return []
        ordered = {order.name for order in statement.order}
        if (
            ordered or statement.after is not None or statement.until is not None
        ) and self._shape.row_id not in ordered:
            raise NotATotalOrder(self._table.name, self._shape.row_id)
        key = "present", statement.order
        return [self._store.condition(key, self._table, self._present)]

    def _must_be_own(self, name: str) -> None:
        if name not in self._shape.plain:
            raise UnknownColumn(self._table.name, name)

    # --- order and cursor -----------------------------------------------------------------------------------------

    def _ordered(self, row: FromClause) -> keyset.Ordered:
        return [(row.c[order.name], order) for order in self._statement.order]

    def _present(self, row: FromClause) -> ColumnElement[bool]:
        present = keyset.present(self._ordered(row))
        return and_(*present) if present else true()

    def _after(self) -> Fragment | None:
        """Return the condition that a row comes after the cursor; in the rest of a walk, that it has not changed."""
        if self._statement.after is None:
            return None
        if self._statement.moving is not None:
            return self._walk()[0]
        inclusive = self._statement.inclusive
        key = _AFTER, self._statement.order, inclusive
        return self._named(
            self._store.condition(
                key, self._table, lambda row: keyset.after(self._ordered(row), _AFTER, inclusive=inclusive)
            )
        )

    def _within(self) -> Fragment | None:
        """Return the condition that a row comes after the cursor, and before the second one."""
        after, until = self._after(), self._statement.until
        if until is None:
            return after
        key = _AFTER, mirrored(self._statement.order), False
        before = self._store.condition(
            key, self._table, lambda row: keyset.after(keyset.backwards(self._ordered(row)), _AFTER)
        )
        return joined(" AND ", [*filter(None, [after]), self._named(before, until)])

    def _named(self, found: Fragment | None, cursor: str | None = None) -> Fragment:
        """Return a condition on the row, with the binds of the statement's cursor, or of another *cursor*."""
        if found is None:
            raise NotATotalOrder(self._table.name, self._shape.row_id)
        return found.on("r").bound(_AFTER, str(self._statement.after if cursor is None else cursor))

    def _order(self, alias: str, *, walks: bool) -> Fragment | None:
        statement = self._statement
        if not walks:
            if not statement.order:
                return None
            key = "order", statement.order
            return self._store.ordering(key, self._table, lambda row: keyset.ordering(self._ordered(row))).on(alias)

        def make(row: FromClause) -> Sequence[ColumnElement[object]]:
            again: ColumnElement[int] = literal_column(f"{ROW}.{AGAIN}", Integer())
            return keyset.walk_ordering(again, self._ordered(row), self._moving_of(row)[1])

        return self._store.ordering(self._walk_key("again"), self._table, make).on(alias)

    # --- what is left of a walk -----------------------------------------------------------------------------------

    def _walk_key(self, what: str) -> tuple[object, ...]:
        return "walk", what, self._statement.order, self._statement.moving

    def _moving_of(self, row: FromClause) -> tuple[ColumnElement[object], list[ColumnElement[object]]]:
        """Return the column of the last change and the keys of an order that moves."""
        moving = self._statement.moving
        if moving is None:
            raise UnknownColumn(self._table.name, "changed")
        for name in (moving.changed, *moving.keys):
            self._must_be_own(name)
        return row.c[moving.changed], [row.c[key] for key in moving.keys]

    def _walk_of(self, row: FromClause) -> keyset.Walk:
        return keyset.Walk(self._ordered(row), *self._moving_of(row), _AFTER)

    def _walk(self) -> tuple[Fragment, Fragment, Fragment]:
        """Return the conditions of the two parts, and the value that says to which of them a row belongs."""
        store = self._store
        first = store.condition(self._walk_key("first"), self._table, lambda row: self._walk_of(row).first)
        again = store.condition(self._walk_key("second"), self._table, lambda row: self._walk_of(row).again)
        is_again = store.value(self._walk_key("part"), self._table, lambda row: self._walk_of(row).is_again)
        return self._named(first), self._named(again), self._named(is_again.sql)

    def _behind(self) -> Sequence[Fragment]:
        """Return the conditions of the rows at the place of a walk or before it."""
        store = self._store
        found = (
            store.condition(self._walk_key("behind"), self._table, lambda row: self._walk_of(row).first_behind),
            store.condition(self._walk_key("all behind"), self._table, lambda row: self._walk_of(row).all_behind),
            store.condition(self._walk_key("again behind"), self._table, lambda row: self._walk_of(row).again_behind),
        )
        return [self._named(each) for each in found]

    def _walk_order(self) -> Fragment:
        order = self._store.ordering(self._walk_key("order"), self._table, lambda row: self._walk_of(row).ordering())
        return self._named(order)


def is_rest_of_walk(statement: SelectPlan) -> bool:
    """Return whether the page has the two parts of a walk through an order that moves."""
    return statement.after is not None and statement.moving is not None
