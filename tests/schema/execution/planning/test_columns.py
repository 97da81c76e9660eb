"""What a field of a document becomes: a column, a join, a statement of its own, or nothing."""

# ruff: noqa: E501 - one row of a table is one line

import pytest

from queryplan.plan import Figure
from schema.core.errors import BadArgument
from tests.schema.execution.planning.toy import columns, planned

ALWAYS, SORTED = ["subject_id"], ["changed_at", "case_id"]

FIELDS = [
    # What is asked of each case, by whom; the columns between those that every page of cases has.
    ("nothing", "handler", "__typename", []),
    ("a column", "handler", "number", ["number"]),
    ("one column under two names", "handler", "number again: number", ["number"]),
    ("a function of two columns", "handler", "days", ["published_on", "ends_on"]),
    ("a function and one of its columns' own field", "handler", "days number", ["published_on", "ends_on", "number"]),
    ("a sealed value, masked for all", "head", "facts", ["facts:mask"]),
    (
        "a sealed value, clear for some and masked for others",
        "handler",
        "facts",
        ["scope:assigned", "facts:sealed@assigned", "facts:mask"],
    ),
    ("a step to what is about nobody", "handler", "department { code }", ["department.code"]),
    (
        "a step that only some rows allow",
        "handler",
        "application { status }",
        ["scope:assigned", "application.application_id@assigned", "application.status@assigned"],
    ),
]


@pytest.mark.parametrize(("asked", "who", "field", "selected"), FIELDS, ids=[one[0] for one in FIELDS])
def test_a_field_becomes_these_columns(asked: str, who: str, field: str, selected: list[str]) -> None:
    del asked
    (statement,) = planned(who, f"{{ cases {{ nodes {{ {field} }} }} }}").query_plan.statements
    found = [name for name in columns(statement) if name not in {*ALWAYS, "changed_at"}]
    assert [name for name in found if name != "case_id" or name in selected] == selected
    assert columns(statement)[0] == "subject_id"
    assert set(SORTED) <= set(columns(statement)), "a page is sorted by what its cursors are made of"


def test_only_what_is_shown_clear_to_somebody_will_be_opened() -> None:
    assert planned("handler", "{ cases { nodes { facts } } }").opens == {("restraint_cases", "facts")}
    assert planned("head", "{ cases { nodes { facts } } }").opens == set()


def test_an_id_is_made_of_the_columns_of_the_key() -> None:
    (statement,) = planned("handler", "{ cases { nodes { id } } }").query_plan.statements
    assert columns(statement) == ["subject_id", "case_id", "changed_at"]


def test_a_step_is_a_join_and_no_statement_and_two_of_them_are_one() -> None:
    (statement,) = planned(
        "handler", "{ cases { nodes { department { code } d: department { code } } } }"
    ).query_plan.statements
    assert [(join.alias, join.of, join.relation) for join in statement.joins] == [("department", "", "department")]


STATEMENTS = [
    ("a page", "{ cases { nodes { number } } }", 1),
    ("a page with its total", "{ cases { totalCount nodes { number } } }", 1),
    ("two roots", "{ a: cases { nodes { number } } b: cases { nodes { number } } }", 2),
    ("one row and its joins", '{ case(id: "x") { department { code } application { status } } }', 1),
    ("pages within a page", "{ cases { nodes { application { cases { nodes { number } } } } } }", 2),
    (
        "the same page asked twice of one parent",
        "{ cases { nodes { application { a: cases(first: 1) { totalCount } b: cases(first: 2) { totalCount } } } } }",
        3,
    ),
    (
        "merged by their response key",
        "{ cases { nodes { application { cases(first: 1) { totalCount } cases(first: 1) { nodes { id } } } } } }",
        2,
    ),
    (
        "three levels",
        "{ cases(first: 2) { nodes { application { cases(first: 2) { nodes { application { cases(first: 2) { nodes { number } } } } } } } } }",
        3,
    ),
    ("nothing but its own type", "{ __typename }", 0),
]


@pytest.mark.parametrize(("document", "query", "statements"), STATEMENTS, ids=[one[0] for one in STATEMENTS])
def test_a_document_takes_so_many_statements(document: str, query: str, statements: int) -> None:
    del document
    assert len(planned("handler", query).query_plan.statements) == statements


def test_a_page_within_a_page_hangs_on_its_parents_key() -> None:
    query = "{ cases { nodes { application { cases(first: 2) { totalCount nodes { number } } } } } }"
    outer, inner = planned("handler", query).query_plan.statements
    statement, at, relation = inner.parent or (None, None, None)
    assert (statement, relation) == (0, "restraint_cases")
    found = outer.columns[at or 0]
    assert (found.of, found.name) == ("application", "application_id")
    assert (inner.limit, inner.figures) == (3, (Figure.TOTAL,)), "one row more tells whether there is a next page"
    assert (outer.limit, outer.figures) == (21, ())


def test_a_page_reads_no_more_than_its_arguments_say() -> None:
    query = 'query($n: Int) { cases(first: $n, after: "x", number: "1") { nodes { number } } }'
    (statement,) = planned("handler", query, {"n": 7}).query_plan.statements
    assert (statement.limit, statement.after) == (8, "s0_after")
    assert [(one.name, one.operator, one.bind) for one in statement.filters] == [("number", "=", "s0_number")]
    assert [(one.name, one.direction) for one in statement.order] == [("changed_at", "desc"), ("case_id", "asc")]


SELECTIONS = [
    # A selection below `nodes`, the variables, and the response keys of what is asked.
    ("an alias", "n: number", {}, ["n"]),
    ("in document order", "b: number a: days", {}, ["b", "a"]),
    ("a fragment", "...F", {}, ["number", "days"]),
    ("a fragment spread twice", "...F ...F", {}, ["number", "days"]),
    ("an inline fragment", "... { days } ... on RestraintCase { number }", {}, ["days", "number"]),
    ("skipped", "number @skip(if: true) days", {}, ["days"]),
    ("not skipped", "number @skip(if: false) days", {}, ["number", "days"]),
    ("not included", "number @include(if: false) days", {}, ["days"]),
    ("by a variable", "number @include(if: $yes) days @skip(if: $yes)", {"yes": True}, ["number"]),
    ("by its default", "number @include(if: $yes) days @skip(if: $yes)", {}, ["days"]),
    ("a fragment that is not included", "...F @include(if: $yes) n: number", {}, ["n"]),
    ("an inline fragment that is skipped", "... @skip(if: true) { number } days", {}, ["days"]),
]


@pytest.mark.parametrize(("case", "selection", "variables", "keys"), SELECTIONS, ids=[one[0] for one in SELECTIONS])
def test_a_selection_asks_these_fields(case: str, selection: str, variables: dict[str, bool], keys: list[str]) -> None:
    del case
    unused = "$yes: Boolean = false" if "$yes" in selection else "$n: Int"
    fragment = " fragment F on RestraintCase { number days }" if "...F" in selection else ""
    first = "" if "$yes" in selection else "(first: $n)"
    query = f"query({unused}) {{ cases{first} {{ nodes {{ {selection} }} }} }}{fragment}"
    decided = [
        one.path[-1] for one in planned("handler", query, variables).decisions if one.path[:-1] == ("cases", "nodes")
    ]
    assert decided == keys


def test_to_explain_a_document_a_condition_without_a_value_counts_as_met() -> None:
    query = "query($yes: Boolean!) { cases { nodes { number @include(if: $yes) } } }"
    assert [one.field for one in planned("handler", query, {"yes": False}).decisions] == ["Query.cases"]
    explained = planned("handler", query, {"yes": True}, explaining=True)
    assert [one.field for one in explained.decisions] == ["Query.cases", "RestraintCase.number"]


PAGES = [
    # The arguments; the size, the directions of the order, the cursors.
    ("nothing", "", (21, ["desc", "asc"], None, None)),
    ("first", "first: 3", (4, ["desc", "asc"], None, None)),
    ("first and after", 'first: 3, after: "x"', (4, ["desc", "asc"], "s0_after", None)),
    ("after alone", 'after: "x"', (21, ["desc", "asc"], "s0_after", None)),
    ("last", "last: 3", (4, ["asc", "desc"], None, None)),
    ("last and before", 'last: 3, before: "x"', (4, ["asc", "desc"], "s0_after", None)),
    ("before alone", 'before: "x"', (21, ["asc", "desc"], "s0_after", None)),
    ("first, before a place", 'first: 3, before: "x"', (4, ["desc", "asc"], None, "s0_until")),
    ("last, after a place", 'last: 3, after: "x"', (4, ["asc", "desc"], None, "s0_until")),
    ("between two places", 'after: "x", before: "x"', (21, ["desc", "asc"], "s0_after", "s0_until")),
    ("the last between two places", 'last: 3, after: "x", before: "x"', (4, ["asc", "desc"], "s0_after", "s0_until")),
    ("from the other end", "orderBy: REVERSED, first: 3", (4, ["asc", "desc"], None, None)),
    ("from the other end, the last", "orderBy: REVERSED, last: 3", (4, ["desc", "asc"], None, None)),
]


@pytest.mark.parametrize(("given", "arguments", "expected"), [one[0:] for one in PAGES], ids=[one[0] for one in PAGES])
def test_the_arguments_of_a_page_say_which_rows_it_has(
    given: str, arguments: str, expected: tuple[object, ...]
) -> None:
    del given
    listed = f"cases({arguments})" if arguments else "cases"
    (statement,) = planned("handler", f"{{ {listed} {{ nodes {{ number }} }} }}").query_plan.statements
    directions = [one.direction for one in statement.order]
    assert (statement.limit, directions, statement.after, statement.until) == expected


@pytest.mark.parametrize(
    ("arguments", "named"), [("first: 1, last: 1", "last"), ("first: -1", "first"), ("last: -1", "last")]
)
def test_what_names_no_page_is_refused(arguments: str, named: str) -> None:
    with pytest.raises(BadArgument) as refused:
        planned("handler", f"{{ cases({arguments}) {{ nodes {{ number }} }} }}")
    assert refused.value.facts["argument"] == named


def test_what_is_around_a_page_is_asked_only_where_it_is_selected() -> None:
    def figures(arguments: str, info: str) -> tuple[Figure, ...]:
        query = f"{{ cases({arguments}) {{ pageInfo {{ {info} }} }} }}"
        return planned("handler", query).query_plan.statements[0].figures

    assert figures('after: "x"', "hasNextPage endCursor") == ()
    assert figures('after: "x"', "hasPreviousPage") == (Figure.BEHIND,)
    assert figures("first: 1", "hasPreviousPage") == ()
    assert figures('before: "x"', "hasPreviousPage") == ()
    assert figures('before: "x"', "hasNextPage") == (Figure.BEHIND,)
    assert figures('first: 1, before: "x"', "hasNextPage") == (Figure.BEYOND,)
