"""What each place of a document shows of a row: a tree of nodes, made once per document.

A node has two uses. `node.read(row, rows)` returns its value from a row whose values are converted and opened: the
executor of GraphQL gets it, with the type of each object, and the tests take it as the reference.
`schema.execution.output.generated` turns the same tree into one function over the rows of the driver.
A value already has response keys and wire form.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from consent.vocabulary import Purpose
from policy.crypto.keyring import DAMAGED
from queryplan.entities import Entity
from queryplan.plan import COUNTED_TO, Figure, Figures
from schema.core.day import EvaluationDay
from schema.core.global_ids import GlobalId, encode, encode_public
from schema.execution.cursors import Walk, WalkPosition, cursor, walk_cursor
from schema.execution.output.withheld_values import WithheldMarker
from schema.execution.planning.decisions import FieldDecision

Row = Sequence[Any]


class OutputObject(dict[str, object]):
    """An object of the response, by response key. It has its GraphQL type, for the executor."""

    __slots__ = ("typename",)
    typename: str


@dataclass(slots=True)
class RowContext:
    """What the nodes use besides their row. *figures* are by key of the parent; those of a root have the key None.

    *walks* has, for each statement whose order moves, the walk that its page belongs to.
    """

    day: EvaluationDay
    variables: object
    of: Sequence[Sequence[Row]]
    children: Sequence[Mapping[object, Sequence[Row]]]
    more: Sequence[Mapping[object, bool]]
    figures: Sequence[Figures]
    walks: Sequence[Walk | None]
    viewer_steps: Sequence[Mapping[object, Sequence[Mapping[str, Any]]]] = ()
    """For each place of the document that asks what the viewer may do: the steps, by the key of the record."""


class OutputNode(Protocol):
    """The value of one field."""

    def read(self, row: Row, rows: RowContext) -> object:
        """Return the value for *row*."""
        ...


class RootNode(Protocol):
    """The value of one root."""

    def read(self, rows: RowContext) -> object:
        """Return the value for all rows of the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row: a type's name, or None."""

    value: str | None

    def read(self, _row: Row, _rows: RowContext) -> object:
        return self.value


@dataclass(slots=True)
class WithheldValue:
    """What is withheld from every row: None, or the *marker* where its place depends on the rows."""

    decision: FieldDecision
    marker: WithheldMarker | None = None

    def read(self, _row: Row, _rows: RowContext) -> object:
        return self.marker


@dataclass(frozen=True, slots=True)
class OnConsent:
    """The value of *node* where the authorisation of the row covers *groups*, else the *marker*.

    *groups_at* is the position of the groups that it covers.
    """

    node: "OutputNode"
    groups_at: int
    groups: int
    marker: WithheldMarker

    def read(self, row: Row, rows: RowContext) -> object:
        return self.node.read(row, rows) if self.is_covered(row) else self.marker

    def is_covered(self, row: Row) -> bool:
        """Return whether the authorisation of *row* covers the groups."""
        return (row[self.groups_at] or 0) & self.groups == self.groups


@dataclass(frozen=True, slots=True)
class ColumnValue:
    """The value of one column."""

    position: int

    def read(self, row: Row, _rows: RowContext) -> object:
        return row[self.position]


@dataclass(frozen=True, slots=True)
class MaskValue(ColumnValue):
    """The stored mask of a value that no row shows clear."""


@dataclass(frozen=True, slots=True)
class ClearOrMasked:
    """The clear value where the row shows it, else the mask."""

    clear: int
    masked: int

    def read(self, row: Row, _rows: RowContext) -> object:
        value = row[self.clear]
        return row[self.masked] if value is None else value


@dataclass(frozen=True, slots=True)
class Worded:
    """`shown(text)` for the text of *node*; None where that is None, and what is damaged stays so."""

    node: ColumnValue | MaskValue | ClearOrMasked
    shown: Callable[[str], object]

    def read(self, row: Row, rows: RowContext) -> object:
        text = self.node.read(row, rows)
        return text if text is None or text is DAMAGED else self.shown(str(text))


@dataclass(frozen=True, slots=True)
class Computed:
    """`function(*columns, day)`, or None where the row shows none of the columns.

    *positions* has None for a column that the row never shows: the function gets None for it.
    """

    function: Callable[..., object]
    positions: Sequence[int | None]

    def read(self, row: Row, rows: RowContext) -> object:
        values = [None if position is None else row[position] for position in self.positions]
        if all(value is None for value in values):
            return None
        return self.function(*values, rows.day)


@dataclass(frozen=True, slots=True)
class Projected:
    """The requested *parts*, as (key, part), of the object, or of each object in the list, that *computed* returns."""

    computed: Computed
    typename: str
    parts: Sequence[tuple[str, str]]

    def read(self, row: Row, rows: RowContext) -> object:
        found = self.computed.read(row, rows)
        if found is None or isinstance(found, Mapping):
            return None if found is None else self._project(found)
        return [self._project(item) for item in cast("list[Mapping[str, object]]", found)]

    def _project(self, item: Mapping[str, object]) -> OutputObject:
        return output_object(
            self.typename, ((key, self.typename if part == "__typename" else item[part]) for key, part in self.parts)
        )


Shape = tuple[str, Sequence[tuple[str, str, "Shape | None"]]]
"""The type of an object, and its requested fields, as (key, part, the shape of the objects that the part has)."""


@dataclass(frozen=True, slots=True)
class ViewerSteps:
    """The steps that the viewer may take on the record with the keys at *positions*; *place* is that of the document.

    None where the row does not show them. Where the policy admits no step there is no *place*, and the list is empty.
    """

    place: int | None
    positions: Sequence[int]
    shape: Shape

    def read(self, row: Row, rows: RowContext) -> object:
        return self.shown(rows.viewer_steps, *(row[position] for position in self.positions))

    def shown(self, viewer_steps: Sequence[Mapping[object, Sequence[Mapping[str, Any]]]], *keys: object) -> object:
        """Return the requested parts of the steps of the record with these keys."""
        if self.place is None:
            return []
        found = viewer_steps[self.place].get(keys)
        return None if found is None else [_shaped(each, self.shape) for each in found]


def _shaped(item: Mapping[str, Any], shape: Shape) -> OutputObject:
    typename, fields = shape
    return output_object(typename, ((key, _part(item, typename, part, below)) for key, part, below in fields))


def _part(item: Mapping[str, Any], typename: str, part: str, below: Shape | None) -> object:
    if part == "__typename":
        return typename
    value = item[part]
    return value if below is None or value is None else _shaped(value, below)


@dataclass(frozen=True, slots=True)
class Identity:
    """The global id of a row: of *entity*, with the keys at *positions*, for *purpose*; canonical without one.

    With a *keyed_hash* it is the id under which the row is published, which leads to no record.
    """

    entity: Entity
    positions: Sequence[int]
    keyed_hash: Callable[[bytes], bytes] | None = None
    purpose: Purpose | None = None

    def read(self, row: Row, _rows: RowContext) -> object:
        return self.text(*(row[position] for position in self.positions))

    def text(self, *keys: Any) -> str:  # noqa: ANN401 - UUID or str
        """Return the id of the row with these keys."""
        if self.keyed_hash is None:
            return encode(self.entity, *keys, purpose=self.purpose)
        return encode_public(self.keyed_hash, self.entity, *keys)


@dataclass(slots=True)
class ObjectNode:
    """An object of one concrete type. *marker*: the position of a value that is None where there is no such object."""

    typename: str
    fields: list[tuple[str, OutputNode]]
    marker: int | None = None

    def read(self, row: Row, rows: RowContext) -> OutputObject | None:
        if self.marker is not None and row[self.marker] is None:
            return None
        return output_object(self.typename, ((key, node.read(row, rows)) for key, node in self.fields))


@dataclass(frozen=True, slots=True)
class OneOfTypes:
    """An object whose concrete type the row itself names, by the value at *kind*."""

    by_kind: Mapping[str, ObjectNode]
    kind: int

    def read(self, row: Row, rows: RowContext) -> object:
        value = row[self.kind]
        return None if value is None else self.by_kind[value].read(row, rows)


@dataclass(frozen=True, slots=True)
class ChildPage:
    """The row's page of children, or None where this row does not show it."""

    page: "PageNode"
    parent_at: int

    def read(self, row: Row, rows: RowContext) -> object:
        key = row[self.parent_at]
        return None if key is None else self.page.of(key, rows.children[self.page.statement].get(key, ()), rows)


Parts = list[tuple[str, str]]
"""The requested fields of a structural type: (response key, part)."""
EdgeParts = list[tuple[str, str, OutputNode | None]]


@dataclass(slots=True)
class PageNode:
    """A page: its requested parts, and their response keys."""

    statement: int
    typename: str
    order_at: Sequence[int]
    cursor_tag: str
    parts: Parts
    edges: dict[str, tuple[str, EdgeParts]] = field(default_factory=dict)
    nodes: dict[str, OutputNode] = field(default_factory=dict)
    info: dict[str, Parts] = field(default_factory=dict)
    totals: dict[str, Parts] = field(default_factory=dict)
    info_typename: str = "PageInfo"
    total_typename: str = "Total"
    backward: bool = False
    """Whether its rows were read from the end of the list."""
    behind: bool = False
    """Whether the statement says if rows are behind the cursor that the page was read from; else there are none."""
    beyond: bool = False
    """Whether it says the same of the cursor that bounds the page at its other end."""
    again_at: int | None = None
    """In an order that moves: the position of the value that says whether the row comes again."""
    keys_at: Sequence[int] = ()

    def of(self, key: object, mine: Sequence[Row], rows: RowContext) -> OutputObject:
        """Return the page with the rows *mine*, of the parent with this *key*; that of a root has the key None."""
        return output_object(
            self.typename, ((name, self._part(name, part, key, mine, rows)) for name, part in self.parts)
        )

    def _part(self, name: str, part: str, key: object, mine: Sequence[Row], rows: RowContext) -> object:
        if part == "nodes":
            node = self.nodes[name]
            return [node.read(row, rows) for row in mine]
        if part == "edges":
            typename, fields = self.edges[name]
            return [output_object(typename, self._edge(typename, fields, row, rows)) for row in mine]
        if part == "pageInfo":
            return output_object(self.info_typename, self._info(self.info[name], key, mine, rows))
        if part == "total":
            return self._total(self.totals[name], rows.figures[self.statement][Figure.COUNTED].get(key))
        if part == "totalCount":
            return rows.figures[self.statement][Figure.TOTAL].get(key)
        return self.typename

    def _total(self, fields: Parts, found: int | None) -> OutputObject | None:
        if found is None:
            return None
        parts = {"count": min(found, COUNTED_TO), "isExact": found <= COUNTED_TO, "__typename": self.total_typename}
        return output_object(self.total_typename, ((name, parts[part]) for name, part in fields))

    def _edge(self, typename: str, fields: EdgeParts, row: Row, rows: RowContext) -> Iterator[tuple[str, object]]:
        for name, part, node in fields:
            if node is not None:
                yield name, node.read(row, rows)
            else:
                yield name, self._cursor(row, rows) if part == "cursor" else typename

    def _cursor(self, row: Row, rows: RowContext) -> str:
        walk = rows.walks[self.statement]
        order = [row[position] for position in self.order_at]
        if walk is None or self.again_at is None:
            return cursor(self.cursor_tag, order)
        return self.walked(walk, again=bool(row[self.again_at]), order=order, keys=[row[at] for at in self.keys_at])

    def walked(self, walk: Walk, *, again: bool, order: Sequence[object], keys: Sequence[object]) -> str:
        """Return the cursor of a row in a *walk*: its place in the order, or, where it comes *again*, by its keys."""
        return walk_cursor(self.cursor_tag, WalkPosition(walk, again, keys if again else order, self.backward))

    def _info(self, fields: Parts, key: object, mine: Sequence[Row], rows: RowContext) -> Iterator[tuple[str, object]]:
        for name, part in fields:
            if part == self.ahead:
                yield name, rows.more[self.statement].get(key, False) or self._is(Figure.BEYOND, key, rows)
            elif part in {"hasNextPage", "hasPreviousPage"}:
                yield name, self._is(Figure.BEHIND, key, rows)
            elif part == "startCursor":
                yield name, self._cursor(mine[0], rows) if mine else None
            elif part == "endCursor":
                yield name, self._cursor(mine[-1], rows) if mine else None
            else:
                yield name, self.info_typename

    @property
    def ahead(self) -> str:
        """The part that says whether the list goes on where the rows were read to."""
        return "hasPreviousPage" if self.backward else "hasNextPage"

    def _is(self, figure: Figure, key: object, rows: RowContext) -> bool:
        asked = self.behind if figure is Figure.BEHIND else self.beyond
        return asked and bool(rows.figures[self.statement][figure].get(key))


@dataclass(frozen=True, slots=True)
class RootPage:
    """A page that is a root."""

    page: PageNode

    def read(self, rows: RowContext) -> object:
        return self.page.of(None, rows.of[self.page.statement], rows)


@dataclass(frozen=True, slots=True)
class RootObject:
    """One object, or None where the *statement* found no row."""

    statement: int
    node: OutputNode

    def read(self, rows: RowContext) -> object:
        found = rows.of[self.statement]
        return self.node.read(found[0], rows) if found else None


@dataclass(frozen=True, slots=True)
class FoundById:
    """The objects with the given ids, in their order, or the one object where one id is given.

    *found* has, for each entity, the statement, the positions of the keys in its rows, and the node.
    """

    found: Mapping[Entity, tuple[int, Sequence[int], OutputNode]]
    ids: Callable[[object], Sequence[GlobalId]]
    is_list: bool

    def read(self, rows: RowContext) -> object:
        found = {
            (entity, *(row[at] for at in keys_at)): node.read(row, rows)
            for entity, (statement, keys_at, node) in self.found.items()
            for row in rows.of[statement]
        }
        return self.answer(found, rows.variables)

    def answer(self, found: Mapping[tuple[object, ...], object], variables: object) -> object:
        """Return the value from the objects *found*, by entity and keys."""
        answer = [found.get((one.entity, *one.keys)) for one in self.ids(variables)]
        return answer if self.is_list else answer[0]


def output_object(typename: str, fields: Iterable[tuple[str, object]]) -> OutputObject:
    """Return an object of the response with these *fields*, by response key."""
    found = OutputObject(fields)
    found.typename = typename
    return found
