"""The decision for each field, and in which rows: clear, masked, both, or withheld with one error."""

# ruff: noqa: E501 - one row of a table is one line

from collections.abc import Sequence
from typing import Any

import pytest

from policy.decisions import WithheldReason
from queryplan.scopes import Scope
from schema.core.enums import AccessOutcome
from schema.core.errors import BadArgument, FilterRefused, LimitExceeded, PurposeRequired, RootRefused, SchemaError
from tests.schema.execution.planning.toy import columns, planned

CLEAR, MASKED, MIXED, WITHHELD = AccessOutcome
DECIDED = [
    # Who asks which field of a case, what comes of it, and why not.
    ("handler", "number", CLEAR, None),
    ("handler", "facts", MIXED, None),
    ("handler", "notes", WITHHELD, WithheldReason.NECESSITY),
    ("handler", "application { status }", CLEAR, None),
    ("head", "number", CLEAR, None),
    ("head", "facts", MASKED, None),
    ("head", "notes", WITHHELD, WithheldReason.NECESSITY),
    ("head", "application { status }", WITHHELD, WithheldReason.NECESSITY),
]


@pytest.mark.parametrize(("who", "field", "outcome", "reason"), DECIDED)
def test_a_field_is_shown_in_this_form(
    who: str, field: str, outcome: AccessOutcome, reason: WithheldReason | None
) -> None:
    plan = planned(who, f"{{ cases {{ nodes {{ {field} }} }} }}")
    about = [one for one in plan.decisions if one.field == f"RestraintCase.{field.split(maxsplit=1)[0]}"]
    assert {(one.outcome, one.reason) for one in about} == {(outcome, reason)}


WITHHOLDING = [
    ("a value", "notes", ["notes"]),
    ("a value under two names", "a: notes b: notes", ["a", "b"]),
    ("a value asked twice", "notes ... { notes }", ["notes"]),
    (
        "a step, and nothing of what lies beyond it",
        "application { id status cases { nodes { number } } }",
        ["application"],
    ),
]


@pytest.mark.parametrize(("case", "selection", "places"), WITHHOLDING, ids=[one[0] for one in WITHHOLDING])
def test_what_is_withheld_is_null_selects_nothing_and_has_one_error(
    case: str, selection: str, places: list[str]
) -> None:
    del case
    plan = planned("head", f"{{ cases {{ nodes {{ {selection} }} }} }}")
    (statement,) = plan.query_plan.statements
    assert columns(statement) == ["subject_id", "changed_at", "case_id"]
    assert statement.joins == ()
    errors: Sequence[dict[str, Any]] = [one.note() for one in plan.decisions if one.outcome is WITHHELD]
    assert [error["at"] for error in errors] == [["cases", "nodes", place] for place in places]
    assert [error["path"] for error in errors] == [["cases", "nodes", "*", place] for place in places]


SCOPES = [
    # Of which rows a statement is made.
    ("a handler's department", "handler", "{ cases { nodes { number } } }", (Scope.DEPARTMENT,)),
    ("a step narrows no rows", "handler", "{ cases { nodes { application { status } } } }", (Scope.DEPARTMENT,)),
    ("a handler's own", "handler", '{ application(id: "x") { status } }', (Scope.ASSIGNED,)),
    ("every row", "head", "{ cases { nodes { number } } }", (Scope.ALL,)),
    ("about nobody", "head", "{ departments { nodes { code } } }", ()),
    ("about nobody, without a purpose", "anonymous", "{ departments { nodes { code } } }", ()),
]


@pytest.mark.parametrize(("case", "who", "query", "scopes"), SCOPES, ids=[one[0] for one in SCOPES])
def test_a_statement_reads_these_rows(case: str, who: str, query: str, scopes: tuple[Scope, ...]) -> None:
    del case
    (statement,) = planned(who, query).query_plan.statements
    assert statement.scopes == scopes
    assert statement.consent is None


def test_what_is_read_on_consent_names_its_purpose_and_the_groups_that_it_needs() -> None:
    plan = planned("clerk", '{ application(id: "x") { status outcome cases { totalCount } } }')
    (statement,) = plan.query_plan.statements
    assert statement.consent == "CREDIT_CHECK"
    assert {"consent:authorisation", "consent:groups"} <= set(columns(statement))
    needed = {decision.field: groups for groups, decision in plan.consent_needs}
    assert needed.keys() == {"Application.status", "Application.outcome"}
    assert needed["Application.status"] != needed["Application.outcome"]
    assert [column.groups for column in statement.columns if column.name in {"status", "outcome"}] == list(
        needed.values()
    )


SHOWN = [
    # What an access entry records of each row.
    ("handler", "number", [("Query.cases", "CLEAR", ()), ("RestraintCase.number", "CLEAR", ())]),
    (
        "handler",
        "facts",
        [
            ("Query.cases", "CLEAR", ()),
            ("RestraintCase.facts", "CLEAR", ("assigned",)),
            ("RestraintCase.facts", "MASKED", ()),
        ],
    ),
    ("head", "facts notes", [("Query.cases", "CLEAR", ()), ("RestraintCase.facts", "MASKED", ())]),
]


@pytest.mark.parametrize(("who", "fields", "shown"), SHOWN)
def test_an_entry_names_these_fields(who: str, fields: str, shown: list[tuple[str, str, tuple[str, ...]]]) -> None:
    (builder,) = planned(who, f"{{ cases {{ nodes {{ {fields} }} }} }}").builders
    assert sorted((one.field, one.form, one.within) for one in builder.shown) == shown


def test_of_counts_only_that_of_a_narrowed_list_is_recorded() -> None:
    (counted,) = planned("handler", "{ cases { totalCount } }").builders
    (narrowed,) = planned("handler", '{ cases(number: "1") { totalCount } }').builders
    assert counted.shown == []
    assert [one.field for one in narrowed.shown] == ["Query.cases"]


REFUSED = [
    ("no purpose", "anonymous", "{ cases { nodes { number } } }", PurposeRequired, {}),
    ("a root that the role has not", "clerk", "{ cases { nodes { number } } }", RootRefused, {"status": 403, "reason": "necessity"}),
    ("a filter by what is not read clear in every row", "handler", '{ cases(facts: "x") { totalCount } }', FilterRefused, {"field": "RestraintCase.facts"}),
    ("a page too large", "handler", "{ cases(first: 51) { totalCount } }", LimitExceeded, {"limit": "page", "allowed": 50, "found": 51}),
    ("a page of less than nothing", "handler", "{ cases(first: -1) { totalCount } }", BadArgument, {"argument": "first"}),
    ("no row of a narrowed list", "handler", '{ cases(first: 0, number: "1") { totalCount } }', BadArgument, {"argument": "first"}),
    ("pages of pages", "handler", "{ cases(first: 50) { nodes { application { cases(first: 50) { nodes { number } } } } } }", LimitExceeded, {"limit": "values"}),
    ("pages of pages, with their edges", "handler", "{ cases(first: 50) { nodes { application { cases(first: 50) { edges { node { number } } } } } } }", LimitExceeded, {"limit": "cost", "found": 5151}),
]  # fmt: skip


@pytest.mark.parametrize(("case", "who", "query", "refusal", "facts"), REFUSED, ids=[one[0] for one in REFUSED])
def test_the_whole_document_is_refused(
    case: str, who: str, query: str, refusal: type[SchemaError], facts: dict[str, object]
) -> None:
    del case
    with pytest.raises(refusal) as caught:
        planned(who, query)
    assert facts.items() <= caught.value.facts.items()


def test_to_explain_a_document_a_refused_root_is_noted_and_not_raised() -> None:
    plan = planned("clerk", "{ cases { nodes { number } } }", explaining=True)
    assert [(one.field, one.outcome) for one in plan.decisions] == [("Query.cases", WITHHELD)]
    assert plan.query_plan.statements == ()
