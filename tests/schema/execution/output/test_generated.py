"""Generated code gives what the nodes give, for any tree of nodes and any rows; and no document puts code into it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import CodeType
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.cases.status import UnrectifiedPolicy
from policy.decisions import WithheldReason
from queryplan.entities import Entity
from queryplan.plan import COUNTED_TO, Figure, Figures
from queryplan.row_layouts import Layout, PlainValue, SealedValue
from schema.core.day import EvaluationDay
from schema.core.enums import AccessOutcome
from schema.execution.cursors import Walk
from schema.execution.output import generated
from schema.execution.output.field_forms import FieldForms
from schema.execution.output.generated import generate
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
    RootObject,
    RootPage,
    RowContext,
    WithheldValue,
    Worded,
)
from schema.execution.output.withheld_values import WithheldMarker, as_null
from schema.execution.planning.decisions import FieldDecision
from tests.action_context import CALENDAR
from tests.hypothesis_profiles import examples

# The rows of every statement here: a child begins with its parent's key, which a root has as an id of its own.
SUBJECT, RECORD, KIND, DAY, INSTANT, WORD, FLAG, SEALED, MASK, OTHER = range(10)
TYPES = (UUID, UUID, str, date, datetime, str, bool)
KINDS = ("NATURAL_PERSON", "LEGAL_PERSON")
NOW = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)

texts = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=6)
keys = st.sampled_from([UUID(int=at) for at in (1, 2, 3)])


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


rows_of_values = st.lists(
    st.tuples(
        keys,
        keys,
        maybe(st.sampled_from(KINDS)),
        maybe(st.dates(date(1900, 1, 1), date(2999, 1, 1))),
        maybe(st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC)) | st.just(NOW)),  # noqa: DTZ001 - bounds
        maybe(texts),
        maybe(st.booleans()),
        maybe(texts),
        maybe(texts),
        maybe(texts),
    ),
    max_size=4,
)
"""Rows as the nodes take them: converted, and opened."""


@dataclass
class Driver:
    """How a driver gives a row: PostgreSQL's gives the types of the values, SQLite's text for most of them."""

    layout: Layout
    raw: Callable[[tuple[Any, ...]], tuple[Any, ...]]


def postgresql() -> Driver:
    plain = [PlainValue(at, kind, None) for at, kind in enumerate(TYPES)]
    # The rows of a list may hold the rows of its children.
    return Driver(_layout(plain), lambda row: (*_sealed(row), b"wrapped", None, 1, [("a child",)]))


def sqlite() -> Driver:
    def read(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda value: None if value is None else convert(value)

    converts: Mapping[type, Callable[[Any], Any]] = {
        UUID: read(UUID),
        date: read(date.fromisoformat),
        datetime: read(lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)),
        bool: read(bool),
    }
    plain = [PlainValue(at, kind, converts.get(kind)) for at, kind in enumerate(TYPES)]

    def raw(row: tuple[Any, ...]) -> tuple[Any, ...]:
        stored = [
            value.hex
            if isinstance(value, UUID)
            else value.strftime("%Y-%m-%d %H:%M:%S.%f").zfill(26)
            if isinstance(value, datetime)
            else value.isoformat()
            if isinstance(value, date)
            else int(value)
            if isinstance(value, bool)
            else value
            for value in row
        ]
        return (*_sealed(tuple(stored)), b"wrapped", None, 1)

    return Driver(_layout(plain), raw)


def _layout(plain: list[PlainValue]) -> Layout:
    subject, record = plain[SUBJECT], plain[RECORD]
    name = SealedValue("subjects", "name", SEALED, 10, subject, subject, 12)
    facts = SealedValue("cases", "facts", OTHER, 10, subject, record, 12)
    return (*plain, name, PlainValue(MASK, str, None), facts)


def _sealed(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Seal the two texts of a row, for `Opener`."""
    return tuple(
        value.encode() if at in {SEALED, OTHER} and value is not None else value for at, value in enumerate(row)
    )


@dataclass
class Opener:
    """Opens what `_sealed` sealed, and checks that it is asked for the ids of the row, and one key for each row."""

    opened: list[tuple[str, str]] = field(default_factory=list)
    columns: list[Callable[..., str]] = field(default_factory=list)

    def of(self, opens: tuple[tuple[str, str], ...]) -> "Opener":
        self.columns = [self._column(one) for one in opens]
        return self

    def ciphers(self, wrapped: bytes, subject_id: bytes) -> Any:
        assert (wrapped, len(subject_id)) == (b"wrapped", 16)
        return subject_id

    def _column(self, place: tuple[str, str]) -> Callable[..., str]:
        def open_value(ciphers: bytes, subject_id: bytes, sealed: bytes, row_id: bytes, version: int) -> str:
            assert (ciphers, len(row_id), version) == (subject_id, 16, 1)
            self.opened.append(place)
            return sealed.decode()

        return open_value


def made(day: date | None, word: str | None, *rest: object) -> dict[str, object]:
    *_, today = rest
    assert isinstance(today, EvaluationDay)
    return {"day": day and day.isoformat(), "word": word}


def listed(instant: datetime | None, flag: object, _day: object) -> list[dict[str, object]]:
    return [{"day": None if instant is None else instant.isoformat(), "word": flag}] * 2


def counted(keyed: bytes) -> bytes:
    return keyed[:4]


REFUSED = FieldDecision(
    ("a", "b"), "A.b", None, AccessOutcome.WITHHELD, reason=WithheldReason.CONSENT, unlock="authorisation"
)
MARKER = WithheldMarker(REFUSED, by_row=True)
FORMS: list[tuple[str, OutputNode]] = [
    ("refused", WithheldValue(REFUSED)),
    ("mixed", ClearOrMasked(SEALED, MASK)),
    ("worded", Worded(ClearOrMasked(SEALED, MASK), len)),
    ("covered", OnConsent(ClearOrMasked(SEALED, MASK), FLAG, 1, MARKER)),
    ("masked", MaskValue(MASK)),
    ("clear", ColumnValue(DAY)),
]
leaves = st.sampled_from([
    Constant(None),
    Constant("RestraintCase"),
    *map(ColumnValue, (DAY, INSTANT, WORD, FLAG, SEALED, MASK, OTHER)),
    ClearOrMasked(SEALED, MASK),
    ClearOrMasked(MASK, WORD),
    Worded(ClearOrMasked(SEALED, MASK), len),
    Worded(ColumnValue(OTHER), str.split),
    WithheldValue(REFUSED),
    WithheldValue(REFUSED, MARKER),
    OnConsent(ColumnValue(DAY), FLAG, 1, MARKER),
    OnConsent(Worded(ClearOrMasked(SEALED, MASK), len), FLAG, 1, MARKER),
    FieldForms(FORMS, "FieldDisclosure", [("a", "field"), ("b", "form"), ("c", "reason"), ("d", "unlock")]),
    FieldForms(FORMS[:5], "FieldDisclosure", [("form", "form"), ("type", "__typename")]),
    Computed(made, (DAY, WORD)),
    Computed(made, (DAY, None, FLAG)),
    Computed(made, (None, None)),
    Projected(Computed(made, (DAY, WORD)), "Shown", [("a", "day"), ("b", "word"), ("c", "__typename")]),
    Projected(Computed(listed, (INSTANT, FLAG)), "Shown", [("word", "day")]),
    Identity(Entity.SUBJECT, (SUBJECT,)),
    Identity(Entity.RESTRAINT_CASE, (SUBJECT, RECORD)),
    Identity(Entity.RESTRAINT_CASE, (SUBJECT, RECORD), counted),
])  # fmt: skip
names = st.from_regex(r"[_A-Za-z][_0-9A-Za-z]{0,8}", fullmatch=True)


def fields_of(below: st.SearchStrategy[OutputNode]) -> st.SearchStrategy[list[tuple[str, OutputNode]]]:
    return st.dictionaries(names, below, max_size=4).map(lambda found: list(found.items()))


def objects(below: st.SearchStrategy[OutputNode]) -> st.SearchStrategy[OutputNode]:
    one = st.builds(ObjectNode, st.just("RestraintCase"), fields_of(below), st.sampled_from([None, WORD, DAY]))
    plain = st.builds(ObjectNode, st.just("NaturalPerson"), fields_of(below))
    of_types = st.builds(OneOfTypes, st.fixed_dictionaries(dict.fromkeys(KINDS, plain)), st.just(KIND))
    child = st.builds(ChildPage, pages(st.just(1), leaves), st.sampled_from([SUBJECT, RECORD]))
    return st.one_of(one, of_types, child)


def pages(statement: st.SearchStrategy[int], below: st.SearchStrategy[OutputNode]) -> st.SearchStrategy[PageNode]:
    @st.composite
    def page(draw: st.DrawFn) -> PageNode:
        found = PageNode(draw(statement), "Page", (DAY, RECORD), "tag", [])
        for key, part in draw(
            st.dictionaries(
                names, st.sampled_from(["nodes", "edges", "pageInfo", "total", "totalCount", "__typename"]), max_size=4
            )
        ).items():
            found.parts.append((key, part))
            if part == "nodes":
                found.nodes[key] = draw(below)
            elif part == "edges":
                inner = draw(st.dictionaries(names, st.sampled_from(["node", "cursor", "__typename"]), max_size=3))
                found.edges[key] = (
                    "Edge",
                    [(name, part, draw(below) if part == "node" else None) for name, part in inner.items()],
                )
            elif part == "pageInfo":
                parts = ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor", "__typename"]
                found.info[key] = list(draw(st.dictionaries(names, st.sampled_from(parts), max_size=5)).items())
            elif part == "total":
                parts = ["count", "isExact", "__typename"]
                found.totals[key] = list(draw(st.dictionaries(names, st.sampled_from(parts), max_size=3)).items())
        if draw(st.booleans()):
            found.again_at, found.keys_at = FLAG, (RECORD,)
        found.backward, found.behind, found.beyond = (draw(st.booleans()) for _ in range(3))
        return found

    return page()


trees = st.recursive(leaves, objects, max_leaves=8)
roots = st.dictionaries(
    names, st.one_of(pages(st.just(0), trees).map(RootPage), st.builds(RootObject, st.just(0), trees)), max_size=3
)


def figures(counts: Mapping[object, int | None]) -> Figures:
    """Give the figures of lists with these counts: of one without rows, that no row is around its page."""
    around = {key: int(bool(count)) or None for key, count in counts.items()}
    return {figure: counts if figure in {Figure.TOTAL, Figure.COUNTED} else around for figure in Figure}


def context(driver: Driver | None, of: list[list[tuple[Any, ...]]], walk: Walk | None, *, more: bool) -> RowContext:
    """Give the context of the rows as the driver gives them, or converted without one."""
    rows = of if driver is None else [[driver.raw(row) for row in rows] for rows in of]
    children: dict[object, list[Any]] = {}
    for row in rows[1]:
        children.setdefault(row[0], []).append(row)
    return RowContext(
        EvaluationDay(NOW.date(), UnrectifiedPolicy.STAYS, CALENDAR),
        None,
        rows,
        [{}, children],
        [{None: more}, dict.fromkeys(children, more)],
        [figures({None: 7 if more else COUNTED_TO + 1}), figures({key: len(found) for key, found in children.items()})],
        [walk, walk],
    )


@pytest.mark.parametrize("driver", [sqlite(), postgresql()], ids=["sqlite", "postgresql"])
@settings(deadline=None, max_examples=examples(400, few=40))
@given(
    roots=roots,
    first=rows_of_values,
    second=rows_of_values,
    walk=st.sampled_from([None, Walk(NOW, "days")]),
    more=st.booleans(),
)
def test_generated_code_gives_what_the_nodes_give(
    driver: Driver,
    roots: dict[str, Any],
    first: list[Any],
    second: list[Any],
    walk: Walk | None,
    more: bool,  # noqa: FBT001 - by name
) -> None:
    rows = [first, second]
    converted = context(None, rows, walk, more=more)
    wanted = {key: root.read(converted) for key, root in roots.items()}
    generated = generate(list(roots.items()), [driver.layout, driver.layout])
    found = generated.answer(context(driver, rows, walk, more=more), Opener().of(generated.opens))
    assert orjson.dumps(found, default=as_null) == orjson.dumps(wanted, default=as_null)


HOSTILE = (
    "__proto__", "None", "True", "class", "lambda", "import", "__import__", "__builtins__", "answer", "context",
    "opener", "found", "add", "rows", "key", "mine", "ciphers", "children", "v0", "b0", "s7", "c", "f0", "t1", "k0",
    "o0", "a" * 20_000,
)  # fmt: skip


def test_a_response_key_is_a_word_and_no_code() -> None:
    """Whatever a name of GraphQL can be, it ends up in quotes."""
    fields: list[tuple[str, OutputNode]] = [(key, ColumnValue(SEALED)) for key in HOSTILE]
    driver, row = sqlite(), (UUID(int=1), UUID(int=2), *[None] * 5, "演示", None, None)
    for key in HOSTILE:
        page = PageNode(0, "Page", (DAY, RECORD), "tag", [(key, "nodes")], nodes={key: ObjectNode("Case", fields)})
        generated = generate([(key, RootPage(page))], [driver.layout, driver.layout])
        found = generated.answer(context(driver, [[row], []], None, more=False), Opener().of(generated.opens))
        assert found == {key: {key: [dict.fromkeys(HOSTILE, "演示")]}}


@pytest.mark.parametrize("key", ["a'", "a\\", "a b", "", "1a", "é", "a\n", "a': exit(), 'b", "名"])
def test_what_is_no_name_is_not_written(key: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        generate([(key, RootObject(0, Constant(None)))], [sqlite().layout])
    with pytest.raises(ValueError, match="not a name"):
        generate([("a", RootObject(0, ObjectNode("Case", [(key, Constant(None))])))], [sqlite().layout])


def test_generated_code_reaches_nothing_but_what_it_is_given() -> None:
    """No import, no attribute of a builtin: only rows, constants, and a few functions without effect."""
    computed = Computed(made, (DAY, WORD))
    fields: list[tuple[str, OutputNode]] = [("a", computed), ("b", Identity(Entity.SUBJECT, (SUBJECT,)))]
    generated = generate([("x", RootObject(0, ObjectNode("Case", fields)))], [sqlite().layout])
    function: Any = generated.answer
    assert set(function.__globals__["__builtins__"]) == {"KeyError", "bool", "isinstance", "min", "zip"}
    named = set(names_in(function.__code__)) - {"a", "b", "x"}
    reached = {"day", "children", "walks", "ciphers", "of", "append", "translate", "decode"}
    assert named <= reached | {name for name in function.__globals__ if not name.startswith("__")}


def names_in(code: CodeType) -> set[str]:
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= names_in(constant)
    return found


def test_a_sealed_value_is_opened_once_for_a_row_and_only_where_it_is_shown() -> None:
    """Two keys of one column are one opening; a null, a shredded key and a column that nobody asked for are none."""
    fields: list[tuple[str, OutputNode]] = [("a", ColumnValue(SEALED)), ("b", ColumnValue(SEALED))]
    page = PageNode(0, "Page", (DAY, RECORD), "tag", [("nodes", "nodes")], nodes={"nodes": ObjectNode("Case", fields)})
    driver, opener = sqlite(), Opener()
    generated = generate([("x", RootPage(page))], [driver.layout, driver.layout])
    whole = (UUID(int=1), UUID(int=2), *[None] * 5, "演示", "演*", "事实")
    empty, given = (
        (*whole[:SEALED], None, "演*", "事实"),
        context(driver, [[whole, whole, whole], []], None, more=False),
    )
    rows = list(given.of[0])
    rows[1] = driver.raw(empty)
    rows[2] = (*rows[2][:10], None, *rows[2][11:])
    given.of = [rows, []]
    found: Any = generated.answer(given, opener.of(generated.opens))
    assert [one["a"] for one in found["x"]["nodes"]] == ["演示", None, None]
    assert generated.opens == (("subjects", "name"),)
    assert opener.opened == [("subjects", "name")]


def test_no_name_that_is_always_there_is_one_that_the_source_makes() -> None:
    """A row of more than sixty columns once had a variable of the same name as a function."""
    assert not [name for name in generated._ALWAYS if re.fullmatch(r"[a-z]\d+", name)]
