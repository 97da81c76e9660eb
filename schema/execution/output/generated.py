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

INVARIANT: the source text holds no data, and of a request only the response keys, which `key_code` has checked to be
names of GraphQL: ASCII letters, digits and underscores, in quotes. Everything else is a name that this module or
`row_code` made, or a constant that is passed by reference. So no document can put code into the function.
"""

from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Final, Protocol, cast

from queryplan.plan import COUNTED_TO, Figure
from queryplan.row_layouts import Layout, SealedValue
from schema.core.global_ids import TO_URL_SAFE
from schema.execution.cursors import cursor
from schema.execution.output.field_forms import FieldForm, FieldForms
from schema.execution.output.output_nodes import (
    FoundById,
    OutputNode,
    PageNode,
    Projected,
    RootNode,
    RootObject,
    RootPage,
    RowContext,
)
from schema.execution.output.row_code import RowCode, dict_code, key_code

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
    "__builtins__": {"KeyError": KeyError, "bool": bool, "isinstance": isinstance, "min": min, "zip": zip},
}
"""What the source may name besides its constants: nothing else is in its reach."""


class _Writer:
    """Writes the source. Constants that are no plain words are passed by reference, under the names k0, k1, …."""

    def __init__(self, layouts: Sequence[Layout]) -> None:
        self.layouts = layouts
        self._names: dict[str, object] = dict(_ALWAYS)
        self.opens: dict[tuple[str, str], int] = {}
        self._constants: dict[int, str] = {}
        self._functions: dict[tuple[str, int], str] = {}
        self._written: list[str] = []
        self._forms: dict[tuple[FieldForm, tuple[tuple[str, str], ...]], str] = {}
        self._numbers = count()

    def answer(self, roots: Sequence[tuple[str, RootNode]]) -> GeneratedAnswer:
        """Return the function of all *roots*."""
        data = dict_code((key, self._root(node)) for key, node in roots)
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
            row, rows = RowCode(self, statement), f"context.of[{statement}]"
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
            parts = dict_code((key, self._part(page, key, part)) for key, part in page.parts)
            self._write(f"def {name}(key, mine):", [f"return {parts}"])

        return self._once("page", page, write)

    def _values(self, statement: int, node: OutputNode) -> str:
        """Return the name of the function from rows to the values of *node*."""
        return self._once("node", node, lambda name: self._rows(name, statement, lambda row: row.value(node)))

    def _edges(self, page: PageNode, key: str) -> str:
        typename, fields = page.edges[key]

        def edge(row: RowCode) -> str:
            return dict_code(
                (name, row.value(node) if node else row.cursor(page) if part == "cursor" else key_code(typename))
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

    def _rows(self, name: str, statement: int, value_of: Callable[[RowCode], str]) -> None:
        row = RowCode(self, statement)
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
            typename = key_code(node.typename)
            parts = [(key, typename if part == "__typename" else f"item[{key_code(part)}]") for key, part in node.parts]
            self._write(f"def {name}(item):", [f"return {dict_code(parts)}"])

        return self._once("projection", node, write)

    def form(self, node: FieldForms, form: FieldForm) -> str:
        """Return the name of the object that shows a field in this form: the same for every row."""
        key = form, tuple(node.parts)
        if key not in self._forms:
            self._forms[key] = self.constant(dict(node.project(form)))
        return self._forms[key]

    def _write(self, head: str, lines: Sequence[str]) -> None:
        self._written += [f" {head}", *(f"  {line}" for line in lines)]

    def _part(self, page: PageNode, key: str, part: str) -> str:
        if part == "nodes":
            return f"{self._values(page.statement, page.nodes[key])}(mine)"
        if part == "edges":
            return f"{self._edges(page, key)}(mine)"
        if part == "pageInfo":
            return dict_code((name, self._info(page, part)) for name, part in page.info[key])
        if part == "total":
            return f"{self._total(page, key)}({self._figure(page, Figure.COUNTED)})"
        if part == "totalCount":
            return self._figure(page, Figure.TOTAL)
        return key_code(page.typename)

    def _figure(self, page: PageNode, figure: Figure) -> str:
        return f"context.figures[{page.statement}]['{figure}'].get(key)"

    def _total(self, page: PageNode, key: str) -> str:
        """Return the name of the function from a count to what is told of it."""
        told = {"count": f"min(found, {COUNTED_TO})", "isExact": f"found <= {COUNTED_TO}"}

        def write(name: str) -> None:
            told["__typename"] = key_code(page.total_typename)
            parts = dict_code((name, told[part]) for name, part in page.totals[key])
            self._write(f"def {name}(found):", [f"return None if found is None else {parts}"])

        return self._once("total", page.totals[key], write)

    def _info(self, page: PageNode, part: str) -> str:
        if part == page.ahead:
            more = f"context.more[{page.statement}].get(key, False)"
            return f"({more} or bool({self._figure(page, Figure.BEYOND)}))" if page.beyond else more
        if part in {"hasNextPage", "hasPreviousPage"}:
            return f"bool({self._figure(page, Figure.BEHIND)})" if page.behind else "False"
        if part == "startCursor":
            return f"({self._cursors(page)}(mine[:1])[0] if mine else None)"
        if part == "endCursor":
            return f"({self._cursors(page)}(mine[-1:])[0] if mine else None)"
        return key_code(page.info_typename)
