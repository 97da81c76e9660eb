"""Turns rows into the response: a tree of small readers, made once per document, run once per row.

A reader is `read(row, page) -> value`. Its value already has response keys and wire form, so the same
value serves the fast lane (directly to JSON) and GraphQL's executor (which completes it again, as the reference).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from queryplan.entities import Entity
from schema.core.day import EvaluationDay
from schema.core.global_ids import encode, encode_public
from schema.execution.cursors import Walk, WalkPosition, cursor, walk_cursor

Row = Sequence[Any]
Reader = Callable[[Row, "RowContext"], object]


class OutputObject(dict[str, object]):
    """An object of the response, by response key. It has its GraphQL type, for the executor."""

    __slots__ = ("typename",)
    typename: str


@dataclass(slots=True)
class RowContext:
    """What the readers use besides their row. *totals* are by key of the parent; that of a root has the key None.

    *walks* has, for each statement whose order moves, the walk that its page belongs to.
    """

    day: EvaluationDay
    variables: object
    of: Sequence[Sequence[Row]]
    children: Sequence[Mapping[object, Sequence[Row]]]
    more: Sequence[Mapping[object, bool]]
    totals: Sequence[Mapping[object, int | None]]
    started: Sequence[bool]
    walks: Sequence[Walk | None]


@dataclass(slots=True)
class ObjectShape:
    """The fields of one concrete type."""

    typename: str
    fields: list[tuple[str, Reader]]

    def read(self, row: Row, rows: RowContext) -> OutputObject:
        """Return the object of *row*."""
        record = OutputObject()
        record.typename = self.typename
        for key, reader in self.fields:
            record[key] = reader(row, rows)
        return record


def constant(value: object) -> Reader:
    """Return a reader of the same *value* for every row: a type's name, or None for what is withheld."""
    return lambda _row, _rows: value


NOTHING: Final[Reader] = constant(None)


def at(position: int) -> Reader:
    """Return a reader of one column."""
    return lambda row, _rows: row[position]


def first_of(clear: int, masked: int) -> Reader:
    """Return a reader of the clear value where the row shows it, else of the mask."""

    def read(row: Row, _rows: RowContext) -> object:
        value = row[clear]
        return row[masked] if value is None else value

    return read


def worded(reader: Reader, shown: Callable[[str], object]) -> Reader:
    """Return a reader of `shown(text)` for the text that *reader* returns, or of None where it returns None."""

    def read(row: Row, rows: RowContext) -> object:
        text = reader(row, rows)
        return None if text is None else shown(str(text))

    return read


def computed(function: Callable[..., object], positions: Sequence[int]) -> Reader:
    """Return a reader of `function(*columns, day)`, or of None where the row shows none of the columns."""

    def read(row: Row, rows: RowContext) -> object:
        values = [row[position] for position in positions]
        if all(value is None for value in values):
            return None
        return function(*values, rows.day)

    return read


def without(function: Callable[..., object], columns: Sequence[bool]) -> Callable[..., object]:
    """Return *function* for the columns that are true in *columns*; it gets None for the others."""

    def partial(*values_and_day: object) -> object:
        *values, day = values_and_day
        shown = iter(values)
        return function(*(next(shown) if is_shown else None for is_shown in columns), day)

    return partial


def projected(reader: Reader, shape: tuple[str, list[tuple[str, str]]]) -> Reader:
    """Return a reader of the requested fields of the object, or of each object in the list, that *reader* returns."""
    typename, parts = shape

    def project(item: Mapping[str, object]) -> OutputObject:
        record = OutputObject((key, typename if part == "__typename" else item[part]) for key, part in parts)
        record.typename = typename
        return record

    def read(row: Row, rows: RowContext) -> object:
        found = reader(row, rows)
        if found is None or isinstance(found, Mapping):
            return None if found is None else project(found)
        return [project(item) for item in found]  # type: ignore[attr-defined]  # a list

    return read


def identity(entity: Entity, positions: Sequence[int]) -> Reader:
    """Return a reader of the row's global id."""
    return lambda row, _rows: encode(entity, *(row[position] for position in positions))


def public_identity(entity: Entity, positions: Sequence[int], keyed_hash: Callable[[bytes], bytes]) -> Reader:
    """Return a reader of the id under which the row is published: it leads to no record."""
    return lambda row, _rows: encode_public(keyed_hash, entity, *(row[position] for position in positions))


def joined(shape: ObjectShape, marker: int) -> Reader:
    """Return a reader of the object of a to-one relation, or of None where there is no such row."""
    return lambda row, rows: None if row[marker] is None else shape.read(row, rows)


def one_of(shapes: Mapping[str, ObjectShape], kind: int) -> Reader:
    """Return a reader of an object whose concrete type the row itself names."""

    def read(row: Row, rows: RowContext) -> object:
        value = row[kind]
        return None if value is None else shapes[value].read(row, rows)

    return read


def page_of(page: "PageShape", parent_at: int) -> Reader:
    """Return a reader of the row's page, or of None where this row does not show it."""
    return lambda row, rows: None if row[parent_at] is None else page.read(row, rows)


@dataclass(slots=True)
class PageShape:
    """A page: its requested parts, and their response keys."""

    statement: int
    typename: str
    parent_at: int | None
    order_at: Sequence[int]
    cursor_tag: str
    parts: list[tuple[str, str]]
    edges: dict[str, tuple[str, list[tuple[str, str, Reader | None]]]]
    nodes: dict[str, Reader]
    info: dict[str, list[tuple[str, str]]]
    info_typename: str = "PageInfo"
    again_at: int | None = None
    """In an order that moves: the position of the value that says whether the row comes again."""
    keys_at: Sequence[int] = ()

    def read(self, row: Row, rows: RowContext) -> OutputObject:
        """Return the page of *row* (the page of a root belongs to no row)."""
        key = None if self.parent_at is None else row[self.parent_at]
        mine = rows.of[self.statement] if self.parent_at is None else rows.children[self.statement].get(key, ())
        page = OutputObject()
        page.typename = self.typename
        for name, part in self.parts:
            page[name] = self._part(name, part, key, mine, rows)
        return page

    def _part(self, name: str, part: str, key: object, mine: Sequence[Row], rows: RowContext) -> object:
        if part == "nodes":
            reader = self.nodes[name]
            return [reader(row, rows) for row in mine]
        if part == "edges":
            typename, fields = self.edges[name]
            return [self._edge(typename, fields, row, rows) for row in mine]
        if part == "pageInfo":
            return self._info(self.info[name], key, mine, rows)
        if part == "totalCount":
            return rows.totals[self.statement].get(key)
        return self.typename

    def _edge(
        self, typename: str, fields: list[tuple[str, str, Reader | None]], row: Row, rows: RowContext
    ) -> OutputObject:
        edge = OutputObject()
        edge.typename = typename
        for name, part, reader in fields:
            if reader is not None:
                edge[name] = reader(row, rows)
            else:
                edge[name] = self._cursor(row, rows) if part == "cursor" else typename
        return edge

    def _cursor(self, row: Row, rows: RowContext) -> str:
        walk = rows.walks[self.statement]
        if walk is None or self.again_at is None:
            return cursor(self.cursor_tag, [row[position] for position in self.order_at])
        is_again = bool(row[self.again_at])
        values = [row[position] for position in (self.keys_at if is_again else self.order_at)]
        return walk_cursor(self.cursor_tag, WalkPosition(walk, is_again, values))

    def _info(self, fields: list[tuple[str, str]], key: object, mine: Sequence[Row], rows: RowContext) -> OutputObject:
        info = OutputObject()
        info.typename = self.info_typename
        for name, part in fields:
            if part == "hasNextPage":
                info[name] = rows.more[self.statement].get(key, False)
            elif part == "hasPreviousPage":
                info[name] = rows.started[self.statement]
            elif part == "startCursor":
                info[name] = self._cursor(mine[0], rows) if mine else None
            elif part == "endCursor":
                info[name] = self._cursor(mine[-1], rows) if mine else None
            else:
                info[name] = self.info_typename
        return info
