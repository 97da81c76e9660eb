"""Fragments of SQL text: SQLAlchemy compiles each once, and the text of a plan is put together from them.

A condition, a computed value or a join is written in SQLAlchemy Core, about one row. It is compiled when a plan needs
it for the first time, and is kept for every later plan: compiling a whole plan takes ten times as long as the
database takes to run it. What is kept depends on the program alone, and not on documents: `FragmentStore` has one entry
for each condition, value and join that a plan can name, however many documents come.
"""

import json
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, CompoundSelect, FromClause, Select, Table, True_, literal_column, select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.operators import and_ as and_operator
from sqlalchemy.types import TypeEngine

from consent.templates import Templates
from credit.cases.rules.next_steps import Side
from credit.cases.status import UnrectifiedPolicy
from queryplan.entities import Entity
from storage.database.array_binds import Several
from storage.database.column_types import Instant
from storage.database.statements import result_converter
from storage.errors import WrongBind
from storage.queries.conditions.row_conditions import ACTOR_BINDS
from storage.queries.entity_map import SHAPES

Convert = Callable[[Any], Any]
MakeValue = Callable[[FromClause], ColumnElement[Any]]
MakeCondition = Callable[[FromClause], ColumnElement[bool]]
MakeFrom = Callable[[FromClause], FromClause]
MakeOrder = Callable[[FromClause], Sequence[ColumnElement[Any]]]

PLACE: Final = "\0"
"""Stands in the text of a fragment where the value of an argument goes."""
ROW: Final = "the_row"
"""The alias of the row that a fragment is about, until `Fragment.on` gives it the alias that it has in a statement."""
OTHER: Final = "the_other_row"
"""The alias of the row that a fragment joins to its row, until `Fragment.on` gives it another."""
PARENTS: Final = "parents"
"""The bind that holds the keys of the parents of a child statement, as the driver gave them."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One place in the text where a value goes."""

    name: str
    python_type: type | tuple[type, ...]
    convert: Convert | None
    fixed: object = None
    """The value of a bind that SQLAlchemy added."""

    def of(self, binds: Mapping[str, object]) -> object:
        """Return the value in the form that the driver takes. Raises WrongBind, which quotes no value."""
        if self.fixed is not None:
            return self.fixed
        value = binds.get(self.name)
        if value is None:
            # An unknown fact about the actor matches no row; a missing value of a filter is a mistake.
            if self.name not in ACTOR_BINDS and self.name not in binds:
                raise WrongBind(self.name)
            return None
        if not isinstance(value, self.python_type) or (self.python_type is date and isinstance(value, datetime)):
            raise WrongBind(self.name)
        if isinstance(value, str) and not _is_storable(value):
            raise WrongBind(self.name)
        try:
            return value if self.convert is None else self.convert(value)
        except (TypeError, ValueError):
            raise WrongBind(self.name) from None


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of SQL text, with PLACE for each of *arguments*, in their order."""

    text: str
    arguments: tuple[Argument, ...] = ()

    def on(self, alias: str, other: str = OTHER) -> "Fragment":
        """Return the fragment about the row with this *alias*, which joins the row with the alias *other*."""
        return Fragment(self.text.replace(OTHER, other).replace(ROW, alias), self.arguments)

    def bound(self, old: str, new: str) -> "Fragment":
        """Return the fragment whose binds begin with *new* where their names begin with *old*."""
        return Fragment(
            self.text,
            tuple(
                replace(one, name=new + one.name[len(old) :]) if one.name.startswith(old) else one
                for one in self.arguments
            ),
        )


@dataclass(frozen=True, slots=True)
class Expression:
    """A value in SQL, its type in Python, and how the driver's value becomes one of that type."""

    sql: Fragment
    python_type: type
    convert: Convert | None

    def on(self, alias: str) -> "Expression":
        """Return the value of the row with this *alias*."""
        return self.of(self.sql.on(alias))

    def of(self, sql: Fragment) -> "Expression":
        """Return another value of the same type."""
        return Expression(sql, self.python_type, self.convert)

    def where(self, needs: Sequence[Fragment]) -> "Expression":
        """Return the value in the rows in which all *needs* hold, else NULL."""
        if not needs:
            return self
        return self.of(text("CASE WHEN (", joined(" AND ", needs), ") THEN ", self.sql, " END"))


def text(*parts: str | Fragment) -> Fragment:
    """Return the fragment that *parts* make, one after the other."""
    arguments: list[Argument] = []
    for part in parts:
        if not isinstance(part, str):
            arguments += part.arguments
    return Fragment("".join([part if isinstance(part, str) else part.text for part in parts]), tuple(arguments))


def joined(separator: str, parts: Iterable[Fragment]) -> Fragment:
    """Return the fragment that *parts* make, with *separator* between them."""
    found = list(parts)
    return Fragment(
        separator.join([part.text for part in found]), tuple(one for part in found for one in part.arguments)
    )


def either(conditions: Sequence[Fragment]) -> Fragment:
    """Return the condition that one of *conditions* holds, as it stands beside an AND."""
    return conditions[0] if len(conditions) == 1 else text("(", joined(" OR ", conditions), ")")


@cache
def _row_of(table: Table) -> FromClause:
    """Return *table* under the alias of a row: an alias takes a copy of every column."""
    return table.alias(ROW)


class FragmentStore:
    """Compiles fragments for one dialect and one reading of [5.1.5], each once."""

    def __init__(self, dialect: Dialect, unrectified: UnrectifiedPolicy, templates: Templates) -> None:
        self.dialect = dialect
        self.unrectified = unrectified
        self.templates = templates
        named: Callable[..., Dialect] = type(dialect)
        self._named = named(paramstyle="named")
        self._found: dict[Hashable, Any] = {}
        self.truth = Expression(Fragment("true"), *_result(Boolean(), dialect))
        """A truth value; others of its type are made of it."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the text is for SQLite; else it is for PostgreSQL."""
        return self.dialect.name == "sqlite"

    def column(self, table: Table, name: str) -> Expression:
        """Return a column of the row."""
        key = "column", table.name, name
        if key not in self._found:
            kind = table.c[name].type
            python_type, convert = _result(kind, self.dialect)
            self._found[key] = Expression(Fragment(f"{ROW}.{self.quoted(name)}"), python_type, convert)
        found: Expression = self._found[key]
        return found

    def quoted(self, name: str) -> str:
        """Return a name as the dialect writes it."""
        return self.dialect.identifier_preparer.quote(name)

    def condition(self, key: Hashable, table: Table, make: MakeCondition) -> Fragment | None:
        """Return the condition that *make* gives for a row of *table*, as it stands beside AND and OR.

        None where it always holds. *key* names the condition.
        """
        key = "condition", table.name, key
        if key not in self._found:
            row = _row_of(table)
            made = make(row)
            first: Select[Any] = select(literal_column("1")).select_from(row)
            self._found[key] = (
                None
                if isinstance(made, True_)
                else self._rest(first.where(made.self_group(against=and_operator)), first, " \nWHERE ")
            )
        found: Fragment | None = self._found[key]
        return found

    def value(self, key: Hashable, table: Table, make: MakeValue) -> Expression:
        """Return the value that *make* gives for a row of *table*. *key* names the value."""
        key = "value", table.name, key
        if key not in self._found:
            row = _row_of(table)
            made = make(row)
            whole = self.compiled(select(made.label("value")).select_from(row))
            sql = whole.text.removeprefix("SELECT ")
            own = _about_its_row(replace(whole, text=sql[: sql.rindex(" AS value \nFROM ")]))
            self._found[key] = Expression(own, *_result(made.type, self.dialect))
        found: Expression = self._found[key]
        return found

    def join(self, key: Hashable, table: Table, make: MakeFrom) -> Fragment:
        """Return what *make* adds to a FROM that begins with a row of *table*. *key* names the join."""
        key = "join", table.name, key
        if key not in self._found:
            row = _row_of(table)
            one: Select[Any] = select(literal_column("1"))
            self._found[key] = self._rest(one.select_from(make(row)), one.select_from(row), "")
        found: Fragment = self._found[key]
        return found

    def ordering(self, key: Hashable, table: Table, make: MakeOrder) -> Fragment:
        """Return the terms of the ORDER BY that *make* gives for a row of *table*. *key* names the order."""
        key = "ordering", table.name, key
        if key not in self._found:
            row = _row_of(table)
            first: Select[Any] = select(literal_column("1")).select_from(row)
            self._found[key] = self._rest(first.order_by(*make(row)), first, " ORDER BY ")
        found: Fragment = self._found[key]
        return found

    def rows(self, entity: Entity) -> Fragment:
        """Return what stands in a FROM for the rows of *entity*: a table, or a derived table."""
        key = "rows", entity
        if key not in self._found:
            self._found[key] = self._rows(entity)
        found: Fragment = self._found[key]
        return found

    def _rows(self, entity: Entity) -> Fragment:
        if SHAPES[entity].parts is not None:
            return text("(", joined(" UNION ALL ", [part for _, part in self.parts(entity)]), f") AS {ROW}")
        one: Select[Any] = select(literal_column("1")).select_from(SHAPES[entity].rows(ROW, self.unrectified))
        whole = self.compiled(one)
        return replace(whole, text=whole.text.removeprefix("SELECT 1 \nFROM "))

    def parts(self, entity: Entity) -> Sequence[tuple[Side, Fragment]]:
        """Return each SELECT of a derived table, and the side that its tasks are for."""
        for _ in self._compiling_parts(entity):
            pass
        found: Sequence[tuple[Side, Fragment]] = self._found["parts", entity]
        return found

    def compiling_derived_tables(self) -> Iterator[None]:
        """Compile the fragments that take longest, the derived tables, with a pause after each SELECT of them."""
        for entity in Entity:
            if SHAPES[entity].derived is not None:
                yield from self._compiling_parts(entity)
                self.rows(entity)
                yield

    def _compiling_parts(self, entity: Entity) -> Iterator[None]:
        if ("parts", entity) in self._found:
            return
        make = SHAPES[entity].parts
        found: list[tuple[Side, Fragment]] = []
        for part in make(self.unrectified) if make else ():
            found.append((part.side, self.compiled(part.rows)))
            yield
        self._found["parts", entity] = found

    def select(self, key: Hashable, make: Callable[[], Select[Any]]) -> Fragment:
        """Return the SELECT that *make* gives. *key* names it."""
        if key not in self._found:
            self._found[key] = self.compiled(make())
        found: Fragment = self._found[key]
        return found

    def _rest(self, whole: Select[Any], first: Select[Any], between: str) -> Fragment:
        """Return what *whole* has in addition to *first*, after *between*."""
        compiled, beginning = self.compiled(whole), self.compiled(first)
        if not compiled.text.startswith(beginning.text + between):
            raise AssertionError("a fragment continues its statement")
        return _about_its_row(replace(compiled, text=compiled.text[len(beginning.text) + len(between) :]))

    def compiled(self, statement: Select[Any] | CompoundSelect[Any]) -> Fragment:
        """Compile a whole statement."""
        compiled = statement.compile(dialect=self._named, compile_kwargs={"render_postcompile": True})
        if not compiled.binds:
            return Fragment(str(compiled))
        fixed: Mapping[str, object] = compiled.params
        arguments: list[Argument] = []

        def place(match: re.Match[str]) -> str:
            name = match[1]
            arguments.append(_argument(name, compiled.binds[name].type, fixed.get(name), self.dialect))
            return PLACE

        names = "|".join(sorted(map(re.escape, compiled.binds), key=len, reverse=True))
        sql = re.sub(rf"(?<![\w:]):({names})\b", place, str(compiled))
        return Fragment(sql, tuple(arguments))


def _about_its_row(fragment: Fragment) -> Fragment:
    """Return *fragment*, in which no subquery selects from its row: the condition would be met by any other row.

    SQLAlchemy relates a subquery to the statement around it, and to one further out only by `correlate`.
    """
    if f" AS {ROW}" in fragment.text:
        raise AssertionError("a fragment is about one row")
    return fragment


def _is_storable(value: str) -> bool:
    """Return whether both databases can compare *value*: no NUL, no half of a surrogate pair."""
    return "\0" not in value and (value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value))


def _argument(name: str, kind: TypeEngine[Any], fixed: object, dialect: Dialect) -> Argument:
    if name == PARENTS:
        # Keys as the driver gave them, so in the form in which they are stored.
        return Argument(name, list, json.dumps if dialect.name == "sqlite" else None)
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    if fixed is not None:
        fixed = fixed if convert is None else convert(fixed)
    return Argument(name, (list, tuple) if isinstance(kind, Several) else kind.python_type, convert, fixed)


def _result(kind: TypeEngine[Any], dialect: Dialect) -> tuple[type, Convert | None]:
    if dialect.name != "sqlite" and isinstance(kind, Instant):
        return datetime, None  # the driver gives the zone
    return kind.python_type, result_converter(kind, dialect)
