"""The plan of a guarded read: `schema` builds it, `storage` executes it.

A plan is a fixed list of statements. It contains no data: values reach the database only as named binds, and a
statement selects only the columns that it lists. The position of a column in `SelectPlan.columns` is the position of
its value in every row that comes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal, Protocol

from queryplan.entities import Entity
from queryplan.row_layouts import Layout
from queryplan.scopes import Scope

Show = Literal["plain", "sealed", "mask"]


@dataclass(frozen=True, slots=True)
class Column:
    """One value of each row.

    *of* is the alias of a join, or "" for the statement's own entity. *show* says which form of a sealed value is
    selected: the ciphertext ("sealed", returned as `Sealed`) or its stored mask. *within* and *kinds* restrict the
    rows: for other rows the statement returns NULL. *groups* are bits (`FieldGroup`) that the live authorisation of
    that row must include, else NULL.
    """

    of: str
    name: str
    show: Show = "plain"
    within: tuple[Scope, ...] = ()
    kinds: tuple[str, ...] = ()
    groups: int = 0


@dataclass(frozen=True, slots=True)
class Join:
    """A to-one relation, by its name in storage (`case`, `subject`). Always a LEFT JOIN."""

    alias: str
    of: str
    relation: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition `column operator :bind`. `in` takes a sequence. *of* as in `Column`.

    `is` has no bind: the plan itself says which *states* of the row pass, so that an index over those alone can serve.
    The states of a condition are `true` and `false`.
    """

    of: str
    name: str
    operator: Literal["=", ">=", "<=", ">", "<", "in", "prefix", "is"]
    bind: str
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One column to sort by; the last one of an order is unique."""

    name: str
    direction: Literal["asc", "desc"] = "asc"

    def __str__(self) -> str:
        """Return how a cursor names it, so that a cursor of one order is refused by another."""
        return self.name if self.direction == "asc" else f"-{self.name}"


def newest(column: str, key: str) -> tuple[Order, ...]:
    """Return the order of a list by *column*, the last first, and by the unique *key*.

    Both have one direction: so an index over both, read backwards, is in the order of the page, and a page that begins
    in the middle of a day reads no row before its cursor.
    """
    return Order(column, "desc"), Order(key, "desc")


def mirrored(order: Sequence[Order]) -> tuple[Order, ...]:
    """Return the same order from its end: an index in one of the two is in the other, read backwards."""
    return tuple(Order(each.name, "asc" if each.direction == "desc" else "desc") for each in order)


class Figure(StrEnum):
    """What a statement can say of its whole list, besides the rows of the page."""

    TOTAL = "total"
    """How many rows it has, without cursor and limit."""
    COUNTED = "counted"
    """The same, but no more than one above `COUNTED_TO`."""
    BEHIND = "behind"
    """1 where a row is at the place *after* or before it, in the order of the statement; else 0 or None."""
    BEYOND = "beyond"
    """1 where a row is at the place *until* or after it; else 0 or None."""


COUNTED_TO: Final = 10_000
"""How many rows of a list are counted one by one."""


@dataclass(frozen=True, slots=True)
class Moving:
    """What an order needs whose values change while a row stays in the list, so that the row moves.

    *changed* is a column with the instant of the row's last change: no later move has another instant. *keys* are
    columns that identify a row and never change. A walk over the pages gives the rows that changed since its first page
    at its end, in the order of *keys*: each of them may come again, and none is lost. *by_day* says that the order also
    follows from the calendar and from today, which move rows without changing them.
    """

    changed: str
    keys: tuple[str, ...]
    by_day: bool = False


@dataclass(frozen=True, slots=True)
class ListOrdering:
    """One order of a list, and how a walk loses no row in it, where rows move.

    A list has the rows that have a value in each column of its order.
    """

    order: tuple[Order, ...]
    moving: Moving | None = None

    @property
    def reversed(self) -> "ListOrdering":
        """The same list from its other end."""
        return ListOrdering(mirrored(self.order), self.moving)


@dataclass(frozen=True, slots=True)
class SelectPlan:
    """One SELECT.

    Its rows are those in any of *scopes* (empty: a reference table, or no restriction) that pass every filter
    and, where *consent* names a purpose, whose subject has a live authorisation for it towards
    `:actor_department` (a live one: granted, not withdrawn, not contested, `today <= expires_on`, uses left).

    *parent* makes it the many-side of a relation: `(index of the parent statement, position of the parent's key
    in its rows, relation)`; its rows come first by parent, each parent with at most *limit* rows, and begin with
    the parent's key (an extra value in front of the columns, always present for child statements).

    *limit* is written into the SQL as a literal. *after* is the keyset cursor: binds `{bind}_0`, `{bind}_1`, …, one for
    each column of *order*; of several parents, each has its rows after that place. *until* is a second one: the rows
    come before it. With *inclusive*, so does the row at the place *after*. *figures* are what is requested of the whole
    list, and returned in `Result.figures`. A page that is read from its end is a statement whose order is mirrored.

    Virtual columns that may be selected with `of=""`: `scope:<scope>` (bool: is this row in that scope?),
    `consent:groups` (int), `consent:authorisation` (UUID or None), `delay:delay_id` (UUID or None) and `delay:opens_on`
    (date or None) of the delay that covers a read of the row [5.1.6], `walk:again` (int: 1 for a row that changed since
    the walk began).

    *moving* belongs to an order that moves. With *after*, the rows that have not changed since the bind `{after}_since`
    come first, after the place in the order, and then those that have, after the place in the binds `{after}_key_0`, ….
    A place that is NULL has no row after it.

    *consent* is the purpose, by its wire value, for which a live authorisation must exist, or the row is not returned.
    """

    entity: Entity
    columns: tuple[Column, ...]
    joins: tuple[Join, ...] = ()
    scopes: tuple[Scope, ...] = ()
    consent: str | None = None
    filters: tuple[Filter, ...] = ()
    order: tuple[Order, ...] = ()
    parent: tuple[int, int, str] | None = None
    limit: int | None = None
    after: str | None = None
    until: str | None = None
    inclusive: bool = False
    figures: tuple[Figure, ...] = ()
    moving: Moving | None = None


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The statements of one document, parents before children."""

    statements: tuple[SelectPlan, ...]


Figures = Mapping[Figure, Mapping[object, int | None]]
"""The figures of a statement, each by the key of the parent; the list of a root has the key None."""


@dataclass(slots=True)
class Result:
    """The result of a plan: for each statement its rows (tuples, in the order of the columns) and its figures."""

    rows: list[Sequence[tuple[object, ...]]] = field(default_factory=list)
    figures: list[Figures] = field(default_factory=list)


@dataclass(slots=True)
class RawResult:
    """The result of a plan as the driver gave it: rows as `PreparedQuery.layouts` describes them.

    The keys of parents in *figures* are values of the driver too, as at the beginning of the rows.
    """

    rows: list[Sequence[Sequence[Any]]] = field(default_factory=list)
    figures: list[Figures] = field(default_factory=list)


class PreparedQuery(Protocol):
    """A plan compiled to SQL once, to be run many times."""

    @property
    def layouts(self) -> Sequence[Layout]:
        """For each statement, where the values of its columns are in a row of the driver."""
        ...


class ReadSnapshot(Protocol):
    """One state of the data, from which several plans are read, one after another. Who opens it closes it."""


class StoreUnavailable(Exception):
    """What stores the data does not answer, or cannot do its work now. The same call may succeed in some seconds."""


class SnapshotOutdated(Exception):
    """Since the snapshot began, something ended that these rows need to be shown. Nothing of them may be shown."""


class QueryRunner(Protocol):
    """The port for reading: `schema` calls it, `storage` implements it."""

    def prepare(self, plan: QueryPlan) -> PreparedQuery:
        """Compile *plan*; raises UnknownColumn for a name that storage does not have."""
        ...

    async def read(
        self, prepared: PreparedQuery, binds: Mapping[str, object], snapshot: ReadSnapshot | None = None
    ) -> Result:
        """Run every statement of the plan in *snapshot*, or in one of its own; raises SnapshotOutdated.

        A plan that rests on consent is always read as the data is now.
        """
        ...

    async def read_raw(
        self, prepared: PreparedQuery, binds: Mapping[str, object], snapshot: ReadSnapshot | None = None
    ) -> RawResult:
        """Run the plan like `read`, and return the driver's rows, without converting any value."""
        ...
