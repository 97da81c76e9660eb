"""The statements of a plan as SQL: the page first, then the joins for the rows of that page alone.

    WITH page AS (SELECT <columns of the row> FROM <row> WHERE <scopes, filters, cursor> ORDER BY … LIMIT n)
    SELECT <columns> FROM page LEFT JOIN <steps> … ORDER BY …

Where many rows are candidates, and each is sorted or ranked, the page is narrow: it has the keys and the order alone,
and `FROM page JOIN <row>` fetches the wide columns of the rows that are shown.

On PostgreSQL the children of a row are one more column of it, an array of records, and so are their children in turn:

    SELECT <columns>, ARRAY(SELECT ROW(<columns of the child>) FROM (<its page, of this parent>) …)
    FROM page … CROSS JOIN LATERAL (SELECT <key of the parent> AS parent) AS key_1

So a list, its children and all their figures are one statement: one round trip, and a snapshot by itself. SQLite has no
LATERAL, and no round trips; there the children of all parents are a statement of their own, in the same snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from credit.subjects.subject import SubjectKind
from queryplan.entities import Entity
from queryplan.plan import Column, Figure, QueryPlan, SelectPlan
from queryplan.row_layouts import Layout, PlainValue, SealedValue
from queryplan.scopes import Scope
from storage.errors import InvalidPlan, NoConsentJoined, UnknownColumn
from storage.queries.conditions.entry_delays import running_delay
from storage.queries.entity_map import SHAPES, ToMany
from storage.queries.statements.fragments import Expression, Fragment, FragmentStore, either, joined, text
from storage.queries.statements.from_clause import FromBuilder
from storage.queries.statements.log_page import AccessLogPage
from storage.queries.statements.page_conditions import AGAIN, is_rest_of_walk
from storage.queries.statements.page_query import AUTHORISATION, GRANTED, OF_PAGE, RANK, PageQuery, parent_relation
from storage.queries.statements.read_model import model_of
from storage.tables import authorisations


@dataclass(frozen=True, slots=True)
class Nested:
    """The children of each row of a statement, as they lie in the driver's row.

    *statement* is the index of the child statement in the plan. *key*, *rows* and *figures* are indexes in the row of
    the parent: of its key, of the array of its children, and of what it says of their list. Where several rows have one
    key, the array is in one of these rows, and the others have None.
    """

    statement: int
    key: int
    rows: int
    figures: Mapping[Figure, int]
    nested: tuple["Nested", ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """A statement as SQL text. The rows of a child, and of its figures, begin with the key of the parent.

    *layouts* are those of the statement and of all that is nested in it, by their index in the plan. *figures* are
    statements of their own. *counted* are the indexes of a value that no row lacks, and of figures that are in each
    row: then one row of NULLs stands for an empty list.
    """

    rows: Fragment
    layouts: dict[int, Layout]
    figures: Mapping[Figure, Fragment] = field(default_factory=dict)
    counted: tuple[int, Mapping[Figure, int]] | None = None
    nested: tuple[Nested, ...] = ()


def select_of(plan: QueryPlan, index: int, store: FragmentStore) -> Selected | None:
    """Turn a statement of *plan* into SQL; None for one that is nested in its parent's. Raises InvalidPlan."""
    if plan.statements[index].parent is None or store.is_sqlite:
        return _Select(plan, index, store).outermost()
    return None


@dataclass(slots=True)
class _Chosen:
    """The expressions to select, each once."""

    expressions: list[Expression] = field(default_factory=list)
    _places: dict[Fragment, int] = field(default_factory=dict)

    def place(self, expression: Expression) -> PlainValue:
        """Select *expression*, unless it is selected already, and return its place."""
        index = self._places.setdefault(expression.sql, len(self.expressions))
        if index == len(self.expressions):
            self.expressions.append(expression)
        return PlainValue(index, expression.python_type, expression.convert)

    def number(self, sql: Fragment) -> int:
        """Select a count or a nested array, and return its index."""
        return self.place(Expression(sql, object, None)).index


class _Select:
    """One statement of a plan. *parent* is the parent's key in the statement that this one is nested in."""

    def __init__(self, plan: QueryPlan, index: int, store: FragmentStore, parent: str | None = None) -> None:
        self._plan, self._index, self._store = plan, index, store
        self._statement: SelectPlan = plan.statements[index]
        model = model_of(self._statement)
        self._shape = SHAPES[self._statement.entity] if model is None else model.shape
        self._relation: ToMany | None = parent_relation(plan, self._statement)
        page = AccessLogPage if self._statement.entity is Entity.ACCESS_ENTRY else PageQuery
        self._page = page(self._statement, store, self._relation, parent)
        self._row = "page" if self._page.has_whole_rows else "t"
        self._frame = FromBuilder(store, self._statement.entity, self._row, Fragment(""), model)
        self._chosen = _Chosen()
        for step in self._statement.joins:
            self._frame.reach(step.alias, self._statement.joins)
        outputs: list[PlainValue | SealedValue] = []
        if self._relation is not None:
            outputs.append(self._chosen.place(self._own(self._relation.theirs)))
        outputs += [self._output(column) for column in self._statement.columns]
        self.layouts: dict[int, Layout] = {index: tuple(outputs)}

    # --- the whole statement --------------------------------------------------------------------------------------

    def outermost(self) -> Selected:
        """Return the statement as one that runs by itself."""
        nested = () if self._store.is_sqlite else self._nested()
        asked = self._statement.figures
        inside = () if self._store.is_sqlite else asked
        source, counted = self._source(), None
        if inside:
            present = self._chosen.place(self._own(self._shape.row_id)).index
            counted = present, {figure: self._chosen.number(Fragment(f"figures.{figure}")) for figure in inside}
        columns = [text(one.sql, f" AS c{at}") for at, one in enumerate(self._chosen.expressions)]
        if self._page.is_one_scan and not (nested or asked or self._frame.joins_records):
            # What is joined is so small that no order of joins is worse than another.
            return Selected(self._page.joined_to(columns, source), self.layouts)
        before, page = self._page_with([*columns, source])
        joins, source = source.text != "", text(page, source)
        if inside:
            rows = text("(", source, ")") if joins else source
            each = [text("(", self._page.figure(figure), f") AS {figure}") for figure in inside]
            source = text("(SELECT ", joined(", ", each), ") AS figures LEFT OUTER JOIN ", rows, " ON true")
        return Selected(
            text(before, "SELECT ", joined(", ", columns), " FROM ", source, *self._where(), *self._ordered()),
            self.layouts,
            {figure: self._alone(figure) for figure in asked if figure not in inside},
            counted,
            nested,
        )

    def array(self) -> tuple[Fragment, tuple[Nested, ...]]:
        """Return the statement as an array of the records of one parent."""
        nested = self._nested()
        columns, source = joined(", ", [one.sql for one in self._chosen.expressions]), self._source()
        _, page = self._page_with([columns, source])
        rows = text("SELECT ROW(", columns, ") FROM ", page, source, *self._ordered())
        return text("ARRAY(", rows, ")"), nested

    def figure(self, figure: Figure) -> Fragment:
        """Return a figure of the children of one parent."""
        return text("(", self._page.figure(figure), ")")

    def _alone(self, figure: Figure) -> Fragment:
        """Return a figure as a statement of its own; that of a root has one row."""
        found = self._page.figure(figure)
        return found if self._relation is not None else text("SELECT (", found, ")")

    def _page_with(self, around: Sequence[Fragment]) -> tuple[Fragment, Fragment]:
        """Return the page with the columns of its row that *around* names, as `PageQuery.rows` does."""
        if self._page.has_whole_rows:
            named = {name.strip('"') for part in around for name in OF_PAGE.findall(part.text)}
            self._page.carry([column.name for column in self._shape.table.c if column.name in named])
        return self._page.rows()

    def _source(self) -> Fragment:
        """Return what follows the page in the FROM: the row itself, unless the page has it, and the joins."""
        if self._page.has_whole_rows:
            return self._frame.source
        row = self._store.rows(self._statement.entity).on("t")
        return text(" JOIN ", row, f" ON {self._page.is_row('t')}", self._frame.source)

    def _where(self) -> Sequence[str]:
        return [f" WHERE page.{RANK} <= {int(self._statement.limit or 0)}"] if self._page.is_ranked else []

    def _ordered(self) -> Sequence[str | Fragment]:
        order = self._page.order()
        terms = [] if order is None else [order]
        if self._relation is not None and not self._page.is_of_one_parent:
            terms.insert(0, text(self._own(self._relation.theirs).sql, " ASC"))
        return [" ORDER BY ", joined(", ", terms)] if terms else []

    def _nested(self) -> tuple[Nested, ...]:
        """Select the children of each row."""
        found: list[Nested] = []
        for index, child in enumerate(self._plan.statements):
            if child.parent is None or child.parent[0] != self._index:
                continue
            key = f"key_{index}.parent"
            inner = _Select(self._plan, index, self._store, key)
            place = self.layouts[self._index][child.parent[1]]
            if not isinstance(place, PlainValue):
                raise InvalidPlan("a key is a plain column")
            parent = self._chosen.expressions[place.index].sql
            self._frame.add(text(" CROSS JOIN LATERAL (SELECT ", parent, f" AS parent) AS key_{index}"))
            array, below = inner.array()
            if parent != self._own(self._shape.row_id).sql:
                # Several rows may have one parent's key: its children are read once.
                array = text(f"CASE WHEN (row_number() OVER (PARTITION BY {key}) = 1) THEN ", array, " END")
            rows = self._chosen.number(array)
            figures = {figure: self._chosen.number(inner.figure(figure)) for figure in child.figures}
            found.append(Nested(index, place.index, rows, figures, below))
            self.layouts |= inner.layouts
        return tuple(found)

    # --- its columns ----------------------------------------------------------------------------------------------

    def _own(self, name: str) -> Expression:
        return self._store.column(self._shape.table, name).on(self._row)

    def _output(self, column: Column) -> PlainValue | SealedValue:
        needs = self._needs(column)
        if column.show == "plain":
            return self._chosen.place(self._value(column).where(needs))
        if column.show == "mask":
            return self._chosen.place(self._frame.mask(column.of, column.name).where(needs))
        box = self._frame.box(column.of, column.name)
        return SealedValue(
            box.table,
            box.item,
            text=self._chosen.place(box.text.where(needs)).index,
            key=self._chosen.place(box.key).index,
            subject_id=self._chosen.place(box.subject_id),
            row_id=self._chosen.place(box.row_id),
            version=self._chosen.place(box.version).index,
        )

    def _value(self, column: Column) -> Expression:
        family, virtual, which = column.name.partition(":")
        if not virtual:
            return self._frame.value(column.of, column.name)
        if column.of == "" and family == "scope" and which in set(Scope):
            return self._store.truth.of(text("coalesce(", self._page.scope(Scope(which)), ", false)"))
        entity, table = self._statement.entity, self._shape.table
        if column.of == "" and family == "delay":
            delay = self._store.value(("delay", which), table, lambda row: running_delay(entity, row, which))
            return delay.on(self._row)
        if column.of == "" and column.name in {"consent:groups", "consent:authorisation"}:
            if self._statement.consent is None:
                raise NoConsentJoined(table.name)
            name, label = ("groups", GRANTED) if which == "groups" else ("authorisation_id", AUTHORISATION)
            return self._store.column(authorisations, name).of(Fragment(f"page.{label}"))
        if column.of == "" and column.name == "walk:again":
            return Expression(Fragment(f"page.{AGAIN}" if is_rest_of_walk(self._statement) else "0"), int, None)
        raise UnknownColumn(table.name, column.name)

    def _needs(self, column: Column) -> list[Fragment]:
        """Return the conditions under which a row shows this column."""
        statement, needs = self._statement, []
        # Where every scope that selects rows also shows the column, no condition is needed.
        if column.within and not (statement.scopes and set(statement.scopes) <= set(column.within)):
            needs.append(either([self._page.scope(scope) for scope in dict.fromkeys(column.within)]))
        if column.kinds:
            kinds = ", ".join(f"'{SubjectKind(kind)}'" for kind in column.kinds)
            needs.append(text(self._frame.kind(column.of).sql, f" IN ({kinds})"))
        if column.groups:
            if statement.consent is None:
                raise NoConsentJoined(self._shape.table.name)
            needs.append(Fragment(f"page.{GRANTED} & {int(column.groups)} = {int(column.groups)}"))
        return needs
