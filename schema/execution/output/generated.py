"""One function for each prepared operation: from the rows of the driver to the data of the answer.

The nodes of a plan (`schema.execution.output.output_nodes`) become the source text of a Python function, which is
compiled once and kept with the plan. It reads the driver's rows, opens sealed values on the way, and builds the
dictionaries that `orjson` writes. For the rows of `restraintCases { nodes { endsOn subject { name } } }` on SQLite:

    def f1(rows):
        found = []
        add = found.append
        for (v0, v1, v2, v3, v4, v5, *_,) in rows:
            b0 = None if v0 is None else fromhex(v0)
            if v3 is None or v4 is None:
                s3 = None
            else:
                s3 = o0(ciphers(v4, b0), b0, v3, b0, v5)
            if v2 is None:
                t0 = None
            elif v2 == 'NATURAL_PERSON' or …:
                t0 = {'name': s3}
            else:
                raise KeyError(v2)
            add({'endsOn': v1, 'subject': t0})
        return found

INVARIANT: the source text holds no data, and of a request only the response keys, which `_key` has checked to be names
of GraphQL: ASCII letters, digits and underscores, in quotes. Everything else is a name that this module made, or a
constant that is passed by reference. So no document can put code into the function.
"""

import re
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any, ClassVar, Final, Protocol, cast
from uuid import UUID

from queryplan.entities import REFERENCE
from queryplan.row_layouts import Layout, PlainValue, SealedValue
from schema.core.global_ids import TO_URL_SAFE
from schema.execution.cursors import cursor
from schema.execution.output.output_nodes import (
    ChildPage,
    ClearOrMasked,
    ColumnValue,
    Computed,
    Constant,
    FoundById,
    Identity,
    ObjectNode,
    OneOfTypes,
    OutputNode,
    PageNode,
    Projected,
    RootNode,
    RootObject,
    RootPage,
    RowContext,
    Worded,
)

_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]*", re.ASCII)
_UTC_TEXT: Final = 26
"""The length of an instant as SQLite stores it, in UTC: `2026-11-02 03:04:05.000000`."""


class ValueOpener(Protocol):
    """What opens the values of rows (`policy.disclosure.opener`)."""

    @property
    def columns(self) -> Sequence[Callable[..., str]]: ...

    def ciphers(self, wrapped: bytes, subject_id: bytes) -> Mapping[int, Any]: ...


Answer = Callable[[RowContext, ValueOpener], dict[str, object]]


@dataclass(frozen=True, slots=True)
class GeneratedAnswer:
    """The function of one operation, and the sealed columns, as (table, column), that it opens, in their order."""

    answer: Answer
    opens: tuple[tuple[str, str], ...]
    source: str = field(repr=False)


def generate(roots: Sequence[tuple[str, RootNode]], layouts: Sequence[Layout]) -> GeneratedAnswer:
    """Return the function that gives the data of the answer, by response key of the *roots*."""
    return _Writer(layouts).answer(roots)


def _instant(text: str | None) -> str | None:
    """Return the wire form of an instant as SQLite stores it, the same that `datetime.isoformat` gives."""
    if text is None:
        return None
    if len(text) != _UTC_TEXT:  # a computed instant has no microseconds
        return datetime.fromisoformat(text).isoformat() + "+00:00"
    end = 19 if text.endswith(".000000") else _UTC_TEXT
    return f"{text[:10]}T{text[11:end]}+00:00"


_ALWAYS: Final[Mapping[str, object]] = {
    "to_base64": b2a_base64,
    "cursor": cursor,
    "fromhex": bytes.fromhex,
    "instant": _instant,
    "to_url_safe": TO_URL_SAFE,
    "Mapping": Mapping,
    "__builtins__": {"KeyError": KeyError, "bool": bool, "isinstance": isinstance, "zip": zip},
}
"""What the source may name besides its constants: nothing else is in its reach."""


def _key(name: str) -> str:
    """Return a response key, or a word of the schema, as it stands in the source; raises ValueError for no name."""
    if not _NAME.fullmatch(name):
        raise ValueError("not a name of GraphQL")
    return f"'{name}'"


def _dict(values: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{_key(key)}: {value}" for key, value in values) + "}"


class _Writer:
    """Writes the source. Constants that are no plain words are passed by reference, under the names k0, k1, …."""

    def __init__(self, layouts: Sequence[Layout]) -> None:
        self.layouts = layouts
        self._names: dict[str, object] = dict(_ALWAYS)
        self.opens: dict[tuple[str, str], int] = {}
        self._constants: dict[int, str] = {}
        self._functions: dict[tuple[str, int], str] = {}
        self._written: list[str] = []
        self._numbers = count()

    def answer(self, roots: Sequence[tuple[str, RootNode]]) -> GeneratedAnswer:
        """Return the function of all *roots*."""
        data = _dict((key, self._root(node)) for key, node in roots)
        lines = [
            "def answer(context, opener):",
            " day, children, walks, ciphers = context.day, context.children, context.walks, opener.ciphers",
            *(f" o{at} = opener.columns[{at}]" for at in range(len(self.opens))),
            *self._written,
            f" return {data}",
        ]
        source = "\n".join(lines)
        code = compile(source, "<generated answer>", "exec", dont_inherit=True, optimize=2)
        exec(code, self._names)  # noqa: S102 - see the invariant above
        return GeneratedAnswer(cast("Answer", self._names["answer"]), tuple(self.opens), source)

    def constant(self, value: object) -> str:
        """Return the name of a constant."""
        name = self._constants.get(id(value))
        if name is None:
            name = self._constants[id(value)] = f"k{len(self._constants)}"
            self._names[name] = value
        return name

    def new(self, letter: str) -> str:
        """Return a new name."""
        return f"{letter}{next(self._numbers)}"

    def opening(self, value: SealedValue) -> str:
        """Return the name of the function that opens this column."""
        return f"o{self.opens.setdefault((value.table, value.item), len(self.opens))}"

    def _root(self, node: RootNode) -> str:
        if isinstance(node, RootPage):
            return f"{self.page(node.page)}(None, context.of[{node.page.statement}])"
        if isinstance(node, RootObject):
            found = f"{self._values(node.statement, node.node)}(context.of[{node.statement}])"
            return f"({found} or (None,))[0]"
        if isinstance(node, FoundById):
            return self._found_by_id(node)
        raise TypeError(node)

    def _found_by_id(self, root: FoundById) -> str:
        name, lines = self.new("f"), ["found = {}"]
        for entity, (statement, keys_at, node) in root.found.items():
            row, rows = _RowCode(self, statement), f"context.of[{statement}]"
            keys = ", ".join(row.typed(at) for at in keys_at)
            values = f"{self._values(statement, node)}({rows})"
            lines += [
                f"for {row.unpacked()}, value in zip({rows}, {values}):",
                f" found[({self.constant(entity)}, {keys})] = value",
            ]
        self._write(f"def {name}():", [*lines, f"return {self.constant(root.answer)}(found, context.variables)"])
        return f"{name}()"

    def page(self, page: PageNode) -> str:
        """Return the name of the function from a parent's key and its rows to the page."""

        def write(name: str) -> None:
            parts = _dict((key, self._part(page, key, part)) for key, part in page.parts)
            self._write(f"def {name}(key, mine):", [f"return {parts}"])

        return self._once("page", page, write)

    def _values(self, statement: int, node: OutputNode) -> str:
        """Return the name of the function from rows to the values of *node*."""
        return self._once("node", node, lambda name: self._rows(name, statement, lambda row: row.value(node)))

    def _edges(self, page: PageNode, key: str) -> str:
        typename, fields = page.edges[key]

        def edge(row: "_RowCode") -> str:
            return _dict(
                (name, row.value(node) if node else row.cursor(page) if part == "cursor" else _key(typename))
                for name, part, node in fields
            )

        return self._once("edges", fields, lambda name: self._rows(name, page.statement, edge))

    def _cursors(self, page: PageNode) -> str:
        """Return the name of the function from rows to their cursors."""
        return self._once("cursors", page, lambda name: self._rows(name, page.statement, lambda row: row.cursor(page)))

    def _once(self, what: str, of: object, write: Callable[[str], None]) -> str:
        """Return the name of a function, written when it is first needed."""
        name = self._functions.get((what, id(of)))
        if name is None:
            name = self._functions[what, id(of)] = self.new("f")
            write(name)
        return name

    def _rows(self, name: str, statement: int, value_of: Callable[["_RowCode"], str]) -> None:
        row = _RowCode(self, statement)
        value = value_of(row)
        body = [*row.prelude(), *row.lines, f"add({value})"]
        self._write(
            f"def {name}(rows):",
            [
                "found = []",
                "add = found.append",
                f"for {row.unpacked()} in rows:",
                *(f" {line}" for line in body),
                "return found",
            ],
        )

    def projection(self, node: Projected) -> str:
        """Return the name of the function from an object that a function of columns gives to its requested parts."""

        def write(name: str) -> None:
            typename = _key(node.typename)
            parts = [(key, typename if part == "__typename" else f"item[{_key(part)}]") for key, part in node.parts]
            self._write(f"def {name}(item):", [f"return {_dict(parts)}"])

        return self._once("projection", node, write)

    def _write(self, head: str, lines: Sequence[str]) -> None:
        self._written += [f" {head}", *(f"  {line}" for line in lines)]

    def _part(self, page: PageNode, key: str, part: str) -> str:
        if part == "nodes":
            return f"{self._values(page.statement, page.nodes[key])}(mine)"
        if part == "edges":
            return f"{self._edges(page, key)}(mine)"
        if part == "pageInfo":
            return _dict((name, self._info(page, part)) for name, part in page.info[key])
        if part == "totalCount":
            return f"context.totals[{page.statement}].get(key)"
        return _key(page.typename)

    def _info(self, page: PageNode, part: str) -> str:
        if part == "hasNextPage":
            return f"context.more[{page.statement}].get(key, False)"
        if part == "hasPreviousPage":
            return f"context.started[{page.statement}]"
        if part == "startCursor":
            return f"({self._cursors(page)}(mine[:1])[0] if mine else None)"
        if part == "endCursor":
            return f"({self._cursors(page)}(mine[-1:])[0] if mine else None)"
        return _key(page.info_typename)


class _RowCode:
    """The code for one row of a statement: `v3` is the driver's value with index 3, `b3` an id's bytes, `s3` a text."""

    def __init__(self, writer: _Writer, statement: int) -> None:
        self._writer = writer
        self._layout = writer.layouts[statement]
        self.lines: list[str] = []
        self._indent = ""
        self._used: set[int] = set()
        self._bytes: dict[int, PlainValue] = {}
        self._sealed: dict[int, SealedValue] = {}

    def unpacked(self) -> str:
        """Return the names of the values of a row, for the values that are used. Call it last.

        A row may have more values than those: children that lie in it (`storage.queries.query_runner`).
        """
        names = [f"v{at}" if at in self._used else "_" for at in range(1 + max(self._used, default=-1))]
        return f"({', '.join([*names, '*_'])},)"

    def prelude(self) -> Iterator[str]:
        """Yield the lines that come first in a row: the bytes of ids, and the texts of sealed values."""
        opening = list(self._opening())  # uses bytes of ids too
        for index, value in self._bytes.items():
            made = f"v{index}.bytes" if value.convert is None else f"fromhex(v{index})"
            yield f"b{index} = None if v{index} is None else {made}"
        yield from opening

    def _opening(self) -> Iterator[str]:
        by_key: dict[tuple[int, int], list[SealedValue]] = {}
        for value in self._sealed.values():
            by_key.setdefault((value.key, value.subject_id.index), []).append(value)
        for (key, _), values in by_key.items():
            wrapped, subject = self._raw(key), self._id_bytes(values[0].subject_id)
            if len(values) == 1:
                yield from self._open(values[0], f"ciphers({wrapped}, {subject})", f" or {wrapped} is None")
                continue
            yield f"if {wrapped} is None:"
            yield " " + " = ".join(f"s{value.text}" for value in values) + " = None"
            yield "else:"
            yield " c = None"
            for value in values:
                found = f"c if c is not None else (c := ciphers({wrapped}, {subject}))"
                yield from (f" {line}" for line in self._open(value, found, ""))

    def _open(self, value: SealedValue, ciphers: str, condition: str) -> Iterator[str]:
        text, version = self._raw(value.text), self._raw(value.version)
        subject, row = self._id_bytes(value.subject_id), self._id_bytes(value.row_id)
        opening = self._writer.opening(value)
        yield f"if {text} is None{condition}:"
        yield f" s{value.text} = None"
        yield "else:"
        yield f" s{value.text} = {opening}({ciphers}, {subject}, {text}, {row}, {version})"

    def value(self, node: OutputNode) -> str:
        """Return the expression of *node*; what it needs before is added to the lines."""
        return self._BY_KIND[type(node)](self, node)

    def typed(self, position: int) -> str:
        """Return the value at *position* in the type that functions take."""
        value = self._of(position)
        raw = self._raw(value.index)
        return raw if value.convert is None else f"{self._writer.constant(value.convert)}({raw})"

    def cursor(self, page: PageNode) -> str:
        """Return the cursor of the row."""
        order = f"[{', '.join(self.typed(at) for at in page.order_at)}]"
        tag = self._writer.constant(page.cursor_tag)
        if page.again_at is None:
            return f"cursor({tag}, {order})"
        keys = f"[{', '.join(self.typed(at) for at in page.keys_at)}]"
        walk, again = f"walks[{page.statement}]", f"bool({self._plain(page.again_at)})"
        walked = f"{self._writer.constant(page.walked)}({walk}, again={again}, order={order}, keys={keys})"
        return f"(cursor({tag}, {order}) if {walk} is None else {walked})"

    def _constant(self, node: Constant) -> str:
        return "None" if node.value is None else _key(node.value)

    def _column(self, node: ColumnValue) -> str:
        return self._wire(node.position)

    def _clear_or_masked(self, node: ClearOrMasked) -> str:
        clear = self._wire(node.clear)
        return f"({clear} if {clear} is not None else {self._wire(node.masked)})"

    def _worded(self, node: Worded) -> str:
        text = self._temporary(self.value(node.node))
        return f"(None if {text} is None else {self._writer.constant(node.shown)}({text}))"

    def _child_page(self, node: ChildPage) -> str:
        key, page = self._plain(node.parent_at), self._writer.page(node.page)
        return f"(None if {key} is None else {page}({key}, children[{node.page.statement}].get({key}, ())))"

    def _object(self, node: ObjectNode) -> str:
        if node.marker is None:
            return self._fields(node)
        marker = self._plain(node.marker)
        before = len(self.lines)
        with self._block():
            value = self._fields(node)
        if len(self.lines) == before:
            return f"(None if {marker} is None else {value})"
        name = self._writer.new("t")
        self.lines[before:before] = [
            f"{self._indent}if {marker} is None:",
            f"{self._indent} {name} = None",
            f"{self._indent}else:",
        ]
        self.lines.append(f"{self._indent} {name} = {value}")
        return name

    def _one_of(self, node: OneOfTypes) -> str:
        kind, name, start = self._plain(node.kind), self._writer.new("t"), len(self.lines)
        branches: dict[tuple[str, ...], list[str]] = {}
        for word, shape in node.by_kind.items():
            before = len(self.lines)
            with self._block():
                self.lines.append(f"{self._indent}{name} = {self._fields(shape)}")
            # Types whose fields are written alike share a branch.
            branches.setdefault(tuple(self.lines[before:]), []).append(f"{kind} == {_key(word)}")
            del self.lines[before:]
        assert len(self.lines) == start  # noqa: S101 - every branch was taken out again
        self.lines += [f"{self._indent}if {kind} is None:", f"{self._indent} {name} = None"]
        for lines, words in branches.items():
            self.lines += [f"{self._indent}elif {' or '.join(words)}:", *lines]
        self.lines += [f"{self._indent}else:", f"{self._indent} raise KeyError({kind})"]
        return name

    def _fields(self, node: ObjectNode) -> str:
        return _dict((key, self.value(inner)) for key, inner in node.fields)

    def _computed(self, node: Computed) -> str:
        shown = [self._plain(position) for position in node.positions if position is not None]
        if not shown:
            return "None"
        nothing = " and ".join(f"{raw} is None" for raw in shown)
        values = ["None" if position is None else self.typed(position) for position in node.positions]
        call = f"{self._writer.constant(node.function)}({', '.join([*values, 'day'])})"
        return f"(None if {nothing} else {call})"

    def _projected(self, node: Projected) -> str:
        found, project = self._temporary(self._computed(node.computed)), self._writer.projection(node)
        return (
            f"(None if {found} is None else {project}({found}) if isinstance({found}, Mapping) "
            f"else [{project}(item) for item in {found}])"
        )

    def _identity(self, node: Identity) -> str:
        tag = node.entity.spec.tag
        if node.keyed_hash is not None or node.entity in REFERENCE or tag is None:
            return f"{self._writer.constant(node.text)}({', '.join(self.typed(at) for at in node.positions)})"
        keys = [self._id_bytes(self._of(at)) for at in node.positions]
        cut = -(1 + 16 * len(keys)) % 3  # the padding, which an id has not
        raw = " + ".join([self._writer.constant(tag), *keys])
        text = f"to_base64({raw}, newline=False)" + (f"[:-{cut}]" if cut else "")
        return f"{text}.translate(to_url_safe).decode()"

    def _wire(self, position: int) -> str:
        """Return the value at *position* as the answer shows it."""
        value = self._layout[position]
        if isinstance(value, SealedValue):
            self._sealed[value.text] = value
            return f"s{value.text}"
        raw = self._raw(value.index)
        if value.convert is None or (value.python_type is date):
            return raw  # SQLite's text of a day is its wire form
        if value.python_type is datetime:
            return f"instant({raw})"
        return f"{self._writer.constant(value.convert)}({raw})"

    def _plain(self, position: int) -> str:
        return self._raw(self._of(position).index)

    def _of(self, position: int) -> PlainValue:
        value = self._layout[position]
        if isinstance(value, SealedValue):
            raise TypeError("a sealed value is shown, and nothing is computed from it")
        return value

    def _raw(self, index: int) -> str:
        self._used.add(index)
        return f"v{index}"

    def _id_bytes(self, value: PlainValue) -> str:
        if value.python_type is not UUID:
            raise TypeError("an id is a UUID")
        self._raw(value.index)
        self._bytes[value.index] = value
        return f"b{value.index}"

    def _temporary(self, expression: str) -> str:
        name = self._writer.new("t")
        self.lines.append(f"{self._indent}{name} = {expression}")
        return name

    _BY_KIND: ClassVar[Mapping[type, Callable[["_RowCode", Any], str]]] = {
        ChildPage: _child_page,
        ClearOrMasked: _clear_or_masked,
        ColumnValue: _column,
        Computed: _computed,
        Constant: _constant,
        Identity: _identity,
        ObjectNode: _object,
        OneOfTypes: _one_of,
        Projected: _projected,
        Worded: _worded,
    }

    @contextmanager
    def _block(self) -> Iterator[None]:
        outer, self._indent = self._indent, self._indent + " "
        try:
            yield
        finally:
            self._indent = outer
