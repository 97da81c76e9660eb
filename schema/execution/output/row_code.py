"""The code that reads one row of a statement: its ids, its sealed texts, and the value of each node."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, ClassVar, Final, Protocol
from uuid import UUID

from queryplan.entities import REFERENCE
from queryplan.row_layouts import Layout, PlainValue, SealedValue
from schema.core.enums import AccessOutcome
from schema.core.global_ids import head
from schema.execution.output.field_forms import FieldForm, FieldForms
from schema.execution.output.output_nodes import (
    ChildPage,
    ClearOrMasked,
    ColumnValue,
    Computed,
    Constant,
    Identity,
    MaskValue,
    ObjectNode,
    OnConsent,
    OneOfTypes,
    OutputNode,
    PageNode,
    Projected,
    ViewerSteps,
    WithheldValue,
    Worded,
)

_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]*", re.ASCII)


def key_code(name: str) -> str:
    """Return a response key, or a word of the schema, as it stands in the source; raises ValueError for no name."""
    if not _NAME.fullmatch(name):
        raise ValueError("not a name of GraphQL")
    return f"'{name}'"


def dict_code(values: Iterable[tuple[str, str]]) -> str:
    """Return the source of a dictionary, of its response keys and the expressions of their values."""
    return "{" + ", ".join(f"{key_code(key)}: {value}" for key, value in values) + "}"


class CodeWriter(Protocol):
    """What writes the functions of an operation, and gives the names that the code of a row uses."""

    @property
    def layouts(self) -> Sequence[Layout]: ...

    def constant(self, value: object) -> str: ...

    def new(self, letter: str) -> str: ...

    def opening(self, value: SealedValue) -> str: ...

    def page(self, page: PageNode) -> str: ...

    def projection(self, node: Projected) -> str: ...

    def form(self, node: FieldForms, form: FieldForm) -> str: ...


class RowCode:
    """The code for one row of a statement: `v3` is the driver's value with index 3, `b3` an id's bytes, `s3` a text."""

    def __init__(self, writer: CodeWriter, statement: int) -> None:
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
        return "None" if node.value is None else key_code(node.value)

    def _withheld(self, node: WithheldValue) -> str:
        return "None" if node.marker is None else self._writer.constant(node.marker)

    def _on_consent(self, node: OnConsent) -> str:
        value, marker = self.value(node.node), self._writer.constant(node.marker)
        return f"({value} if {self._is_covered(node)} else {marker})"

    def _is_covered(self, node: OnConsent) -> str:
        return f"({self._plain(node.groups_at)} or 0) & {node.groups} == {node.groups}"

    def _forms(self, node: FieldForms) -> str:
        return f"[{', '.join(self._form(node, name, inner) for name, inner in node.fields)}]"

    def _form(self, of: FieldForms, name: str, node: OutputNode) -> str:
        """Return the expression of the form of one field; a damaged value is none here: the answer is made again."""
        match node:
            case WithheldValue(decision):
                return self._writer.form(of, FieldForm.withheld(name, decision))
            case OnConsent(inner, marker=marker):
                withheld = self._writer.form(of, FieldForm.withheld(name, marker.decision))
                return f"({self._form(of, name, inner)} if {self._is_covered(node)} else {withheld})"
            case Worded(inner):
                return self._form(of, name, inner)
        clear = self._writer.form(of, FieldForm(name, AccessOutcome.CLEAR))
        masked = self._writer.form(of, FieldForm(name, AccessOutcome.MASKED))
        if isinstance(node, ClearOrMasked):
            return f"({clear} if {self._wire(node.clear)} is not None else {masked})"
        return masked if isinstance(node, MaskValue) else clear

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
            branches.setdefault(tuple(self.lines[before:]), []).append(f"{kind} == {key_code(word)}")
            del self.lines[before:]
        assert len(self.lines) == start  # noqa: S101 - every branch was taken out again
        self.lines += [f"{self._indent}if {kind} is None:", f"{self._indent} {name} = None"]
        for lines, words in branches.items():
            self.lines += [f"{self._indent}elif {' or '.join(words)}:", *lines]
        self.lines += [f"{self._indent}else:", f"{self._indent} raise KeyError({kind})"]
        return name

    def _fields(self, node: ObjectNode) -> str:
        return dict_code((key, self.value(inner)) for key, inner in node.fields)

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

    def _viewer_steps(self, node: ViewerSteps) -> str:
        keys = "".join(f", {self.typed(at)}" for at in node.positions)
        return f"{self._writer.constant(node.shown)}(context.viewer_steps{keys})"

    def _identity(self, node: Identity) -> str:
        if node.keyed_hash is not None or node.entity in REFERENCE:
            return f"{self._writer.constant(node.text)}({', '.join(self.typed(at) for at in node.positions)})"
        keys = [self._id_bytes(self._of(at)) for at in node.positions]
        begins = head(node.entity, node.purpose)
        cut = -(len(begins) + 16 * len(keys)) % 3  # the padding, which an id has not
        raw = " + ".join([self._writer.constant(begins), *keys])
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

    _BY_KIND: ClassVar[Mapping[type, Callable[["RowCode", Any], str]]] = {
        ChildPage: _child_page,
        ClearOrMasked: _clear_or_masked,
        ColumnValue: _column,
        Computed: _computed,
        Constant: _constant,
        FieldForms: _forms,
        Identity: _identity,
        MaskValue: _column,
        ObjectNode: _object,
        OnConsent: _on_consent,
        OneOfTypes: _one_of,
        Projected: _projected,
        ViewerSteps: _viewer_steps,
        WithheldValue: _withheld,
        Worded: _worded,
    }

    @contextmanager
    def _block(self) -> Iterator[None]:
        outer, self._indent = self._indent, self._indent + " "
        try:
            yield
        finally:
            self._indent = outer
