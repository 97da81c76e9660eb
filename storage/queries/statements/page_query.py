"""The narrow inner statement: the rows of a page, and no more of them than it holds; and the figures of its list."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from consent.templates import template_for
from consent.vocabulary import Purpose
from queryplan.entities import Entity
from queryplan.plan import COUNTED_TO, Figure, QueryPlan, SelectPlan, mirrored
from queryplan.scopes import Scope
from storage.errors import UnknownRelation
from storage.queries.consent_join import with_consent
from storage.queries.entity_map import SHAPES, ToMany
from storage.queries.scopes import may_show
from storage.queries.statements.fragments import ROW, Fragment, FragmentStore, either, joined, text
from storage.queries.statements.page_conditions import AGAIN, PageConditions, is_rest_of_walk

RANK, GRANTED, AUTHORISATION = "page_rank", "page_groups", "page_authorisation"
"""Further columns of the page: the rank within the parent, and the groups and the id of the authorisation."""
ROW_NUMBER = "page_row"
"""A further column of the page on SQLite: the row's `rowid`, by which it is found in one step, and not by an index."""
OF_PAGE: Final = re.compile(r'\bpage\.("[^"]+"|\w+)')
"""A column of the page, as the text around it names it."""
_ONE: Final = Fragment("1 AS found")


class PageQuery(PageConditions):
    """The rows of one statement; without the key of a parent, a child statement ranks the rows of each."""

    def __init__(
        self,
        statement: SelectPlan,
        store: FragmentStore,
        relation: ToMany | None,
        parent: str | None = None,
        source: Fragment | None = None,
    ) -> None:
        super().__init__(statement, store, relation, parent, source)
        self._scopes: dict[Scope, str] = {}
        self._carried: Sequence[str] = ()
        if statement.consent is not None:
            self._must_be_own("subject_id")
            template = template_for(store.templates, Purpose(statement.consent))
            consent = store.join(("consent", template.ref), self._table, lambda row: with_consent(row, template))
            self._frame.add(consent.on("r"))

    def scope(self, scope: Scope) -> Fragment:
        """Return the value of the page that says whether its row is in *scope*: it is computed once for each row."""
        return Fragment(f"page.{self._scopes.setdefault(scope, f'in_{len(self._scopes)}')}")

    @property
    def has_whole_rows(self) -> bool:
        """Whether the statement around this one finds every column of the row in the page.

        The rows of a list that is limited are read in its order, and few of them are dropped: the page takes the other
        columns along. Where many candidates are ranked or sorted, it has the keys, and the rows are found by them.
        """
        return not self._shape.is_stored or (self._statement.limit is not None and not self.is_ranked)

    def carry(self, columns: Sequence[str]) -> None:
        """Let the page have these columns of its row besides those that it needs itself."""
        self._carried = columns

    @property
    def is_ranked(self) -> bool:
        """Whether the rows of many parents come together, each with its rank."""
        return self._relation is not None and self._parent is None and self._statement.limit is not None

    @property
    def is_of_one_parent(self) -> bool:
        """Whether all rows have the parent's key of the statement around this one."""
        return self._parent is not None

    @property
    def has_row_number(self) -> bool:
        """Whether the page says by ROW_NUMBER which rows of the table it has; else it says so by their keys."""
        if self.has_whole_rows or not self._store.is_sqlite:
            return False
        return bool(self._table.dialect_options["sqlite"]["with_rowid"])

    def is_row(self, alias: str) -> str:
        """Return the condition that the row of the table with this *alias* is that of the page."""
        if self.has_row_number:
            return f"{alias}.rowid = page.{ROW_NUMBER}"
        return " AND ".join(f"{alias}.{key} = page.{key}" for key in map(self._store.quoted, self._shape.keys))

    def rows(self) -> tuple[Fragment, Fragment]:
        """Return the page as what stands before a SELECT and what stands in its FROM.

        Its columns are the keys, the order, the groups and id of the authorisation, and the scopes that were named.
        """
        page = self._page()
        if self._relation is None and (self._statement.limit is not None or self._scopes):
            # It is computed once, and nothing of the statement around it is moved into it.
            return text("WITH page AS MATERIALIZED (", page, ") "), Fragment("page")
        if self._scopes and self._statement.limit is None:
            # The same, where WITH would be computed for all parents.
            page = text(page, " LIMIT -1" if self._store.is_sqlite else " OFFSET 0")
        return Fragment(""), text("(", page, ") AS page")

    @property
    def is_one_scan(self) -> bool:
        """Whether the rows come in their order from one table alone, with all their columns and nothing computed."""
        statement = self._statement
        return (
            self._shape.is_stored
            and self._relation is None
            and statement.limit is not None
            and not (statement.consent or is_rest_of_walk(statement) or self._scopes or self._frame.has_joins)
        )

    def joined_to(self, columns: Sequence[Fragment], joins: Fragment) -> Fragment:
        """Return the page as the whole statement, with *columns* of its row and of *joins* that change no row of it."""
        of_row = [replace(part, text=OF_PAGE.sub(r"r.\1", part.text)) for part in (joins, *columns)]
        conditions = [*filter(None, [self._within()]), *self._conditions]
        where: tuple[str | Fragment, ...] = (" WHERE ", joined(" AND ", conditions)) if conditions else ()
        order = _by(self._order("r", walks=False))
        chosen = text("SELECT ", joined(", ", of_row[1:]), " FROM ", self._frame.source, of_row[0])
        return text(chosen, *where, *order, self._limit())

    def figure(self, figure: Figure) -> Fragment:
        """Return a SELECT of this figure of the list; where the rows are of many parents, by parent."""
        if figure is Figure.TOTAL:
            return self._count(None)
        if figure is Figure.COUNTED:
            return self._count(COUNTED_TO + 1)
        if figure is Figure.BEHIND and is_rest_of_walk(self._statement):
            return self._behind_in_walk()
        return self._exists_from(figure)

    def _count(self, most: int | None) -> Fragment:
        """Return the count of the same rows without cursor and limit; of one list, of no more than *most*."""
        if self._is_by_parent:
            return self._by_parent("count(*)", None)
        where = self._from(None)
        if most is None:
            return text("SELECT count(*) AS total", where)
        return text("SELECT count(*) AS total FROM (SELECT 1", where, f" LIMIT {most}) AS first_rows")

    def _exists_from(self, figure: Figure) -> Fragment:
        """Return 1 where a row is behind the cursor, or beyond the second one."""
        statement = self._statement
        forward = figure is Figure.BEYOND
        place = replace(
            statement,
            after=statement.until if forward else statement.after,
            order=statement.order if forward else mirrored(statement.order),
            inclusive=True,
            until=None,
            limit=1,
        )
        page = type(self)(place, self._store, self._relation, self._parent)
        if self._is_by_parent:
            return page._by_parent("1", page._after())  # noqa: SLF001 - of the same class
        return text("SELECT 1 AS found FROM (", page._page(), ") AS page")  # noqa: SLF001 - as above

    def _behind_in_walk(self) -> Fragment:
        """Return 1 where a row is behind the cursor in either part of a walk."""
        first, every, again = self._behind()
        if self._is_by_parent:
            return self._by_parent("1", either([first, every, again]))
        one = replace(self._statement, limit=1, order=mirrored(self._statement.order))
        page = PageQuery(one, self._store, self._relation, self._parent)
        if self._relation is not None:
            return page._select([_ONE], None, either([first, every, again]))
        order = page._order("r", walks=False)
        wanted = [each._select([_ONE], order, which) for each in page._scans() for which in (first, every)]  # noqa: SLF001 - as above
        wanted.append(page._select([_ONE], None, again))
        found = [text("SELECT * FROM (", part, f") AS part_{at}") for at, part in enumerate(wanted)]
        return text("SELECT 1 AS found FROM (", joined(" UNION ALL ", found), ") AS parts LIMIT 1")

    @property
    def _is_by_parent(self) -> bool:
        return self._relation is not None and self._parent is None

    def _by_parent(self, value: str, condition: Fragment | None) -> Fragment:
        """Return *value* of the rows of each parent that meet *condition*."""
        parent = f"r.{self._store.quoted('' if self._relation is None else self._relation.theirs)}"
        return text(f"SELECT {parent} AS parent, {value} AS value", self._from(condition), f" GROUP BY {parent}")

    def _from(self, condition: Fragment | None) -> Fragment:
        conditions = [*filter(None, [condition]), *self._conditions] or [Fragment("1 = 1")]
        return text(" FROM ", self._frame.source, " WHERE ", joined(" AND ", conditions))

    def order(self, alias: str = "page") -> Fragment | None:
        """Return the ORDER BY of the rows of the page, which has this *alias*."""
        return self._order(alias, walks=is_rest_of_walk(self._statement))

    def _page(self) -> Fragment:
        statement, columns = self._statement, self._columns()
        if self._relation is None and statement.limit is not None:
            if is_rest_of_walk(statement):
                keys = self._store.ordering(self._walk_key("keys"), self._table, lambda row: self._moving_of(row)[1])
                changed = self._part([*columns, Fragment(f"1 AS {AGAIN}")], self._walk()[1], keys.on("r"))
                return self._of_parts([*self._firsts(Fragment(f"0 AS {AGAIN}")), changed])
            if self._shape.parts is not None:
                return self._of_parts(self._firsts())
        columns += self._scope_columns()
        if not is_rest_of_walk(statement):
            return self._select(columns, self._order("r", walks=False), self._within())
        first, again, is_again = self._walk()
        columns.append(text(is_again, f" AS {AGAIN}"))
        return self._select(columns, self._walk_order(), text("(", first, " OR ", again, ")"))

    def _columns(self) -> list[Fragment]:
        statement, quoted = self._statement, self._store.quoted
        has_number = self.has_row_number
        own = () if has_number else self._shape.keys
        names = dict.fromkeys((*own, *(order.name for order in statement.order), *self._carried))
        if statement.moving is not None:
            names |= dict.fromkeys(statement.moving.keys)
        if not self._shape.is_stored:
            # Finding a row of a derived table by its key would compute the table again, so the page carries the row.
            names = dict.fromkeys(column.name for column in self._table.c)
        columns = [Fragment(f"r.{quoted(name)} AS {quoted(name)}") for name in names]
        if has_number:
            columns.append(Fragment(f"r.rowid AS {ROW_NUMBER}"))
        if statement.consent is not None:
            columns.append(Fragment(f"consent.groups AS {GRANTED}, consent.authorisation_id AS {AUTHORISATION}"))
        return columns

    def _scope_columns(self) -> list[Fragment]:
        return [text(self._in_scope(scope), f" AS {name}") for scope, name in self._scopes.items()]

    def _firsts(self, *also: Fragment) -> list[Fragment]:
        """Return the first rows after the cursor, of each SELECT of a derived table in a scan of its own."""
        order = self._order("r", walks=False)
        return [page._part([*page._columns(), *also], page._within(), order) for page in self._scans()]  # noqa: SLF001 - of the same class

    def _scans(self) -> list["PageQuery"]:
        """Return a query over each SELECT of a derived table that may show rows; of a table, this one."""
        if self._shape.parts is None:
            return [self]
        parts = self._store.parts(self._statement.entity)
        shown = [rows for side, rows in parts if may_show(self._statement.scopes, side)] or [parts[0][1]]
        sources = [text("(", rows, f") AS {ROW}") for rows in shown]
        return [PageQuery(self._statement, self._store, None, source=source) for source in sources]

    def _part(self, columns: Sequence[Fragment], after: Fragment | None, order: Fragment | None) -> Fragment:
        # Each part in a scan of its own, so that an index serves it; a derived table would be computed twice.
        scopes = self._scope_columns() if self._shape.is_stored else []
        return self._select([*columns, *scopes], order, after)

    def _of_parts(self, parts: Sequence[Fragment]) -> Fragment:
        """Return the first rows of all parts together."""
        found = [text("SELECT * FROM (", part, f") AS part_{at}") for at, part in enumerate(parts)]
        rows = text(
            "SELECT * FROM (", joined(" UNION ALL ", found), ") AS parts", *_by(self.order("parts")), self._limit()
        )
        if self._shape.is_stored or not self._scopes:
            return rows
        # The page has the whole row, so the scopes of its rows alone are computed.
        return text("SELECT r.*, ", joined(", ", self._scope_columns()), " FROM (", rows, ") AS r")

    def _select(self, columns: Sequence[Fragment], order: Fragment | None, after: Fragment | None) -> Fragment:
        """Return the rows with *columns*, limited where one statement gives the rows of one list.

        Of two bounds on a column SQLite takes the first to begin at: the cursor comes before the other conditions.
        """
        selected = list(columns)
        if self.is_ranked and self._relation is not None:
            over = text(f"PARTITION BY r.{self._store.quoted(self._relation.theirs)}", *_by(order))
            selected.append(text("row_number() OVER (", over, f") AS {RANK}"))
        conditions = self._conditions if after is None else [after, *self._conditions]
        where: tuple[str | Fragment, ...] = (" WHERE ", joined(" AND ", conditions)) if conditions else ()
        ordered: tuple[str | Fragment, ...] = ()
        if self._statement.limit is not None and not self.is_ranked:
            ordered = (*_by(order), self._limit())
        return text("SELECT ", joined(", ", selected), " FROM ", self._frame.source, *where, *ordered)

    def _limit(self) -> str:
        # A literal: PostgreSQL would plan a bind again on every call.
        return "" if self._statement.limit is None else f" LIMIT {int(self._statement.limit)}"


def _by(order: Fragment | None) -> tuple[str | Fragment, ...]:
    return () if order is None else (" ORDER BY ", order)


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
