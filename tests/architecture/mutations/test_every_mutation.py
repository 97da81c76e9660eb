"""What every mutation has: typed input, a key against doing it twice, named refusals, the version that was seen."""

import ast

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, GraphQLUnionType, get_named_type

from tests.architecture.sources.syntax_trees import ROOT, syntax_trees
from tests.shipped_schema import shipped_types

SCHEMA = shipped_types()
assert SCHEMA.mutation_type is not None
MUTATIONS = SCHEMA.mutation_type.fields
NEW = {
    "collectCase", "fileApplication", "checkCredit", "consult", "recordFocusedCheck", "requestAuthorisation",
    "recordPaperAuthorisation", "offerAuthorisation", "registerSubject", "raiseObjection", "enterObjection",
    "markTargetsSeen", "subscribeTargets",
    "unsubscribeTargets", "resendMessage", "grantIncentive", "reportError", "recordRecipientTold", "unmarkConfidential",
    "correctSubject", "markNotificationsSeen", "recordDelegation", "enterAuthorisationRefusal",
}  # fmt: skip
"""Those that add something, or that nothing seen before can contradict: there is no version to give back.

Of a request an officer may not see it: it would count a refusal of the subject [5.1.6].
"""

READ_BY_NAME = {"number", "address", "phone"}
"""The fields that `schema.corrections` reads in a loop over their names."""


@pytest.mark.parametrize("name", MUTATIONS)
def test_it_takes_one_typed_input_with_an_idempotency_key(name: str) -> None:
    field = MUTATIONS[name]
    assert list(field.args) == ["input"]
    given = get_named_type(field.args["input"].type)
    assert isinstance(given, GraphQLInputObjectType)
    assert "idempotencyKey" in given.fields


@pytest.mark.parametrize("name", MUTATIONS)
def test_it_answers_with_success_or_refusals_of_one_form(name: str) -> None:
    result = get_named_type(MUTATIONS[name].type)
    assert isinstance(result, GraphQLUnionType)
    done = [one for one in result.types if "Refusal" not in {each.name for each in one.interfaces}]
    assert len(done) >= 1
    assert len(done) < len(result.types), "nothing can be refused"
    assert "Collision" in {one.name for one in result.types}, "a key can be used for something else"


@pytest.mark.parametrize("name", sorted(set(MUTATIONS) - NEW))
def test_what_changes_something_takes_the_version_that_was_seen(name: str) -> None:
    given = get_named_type(MUTATIONS[name].args["input"].type)
    assert isinstance(given, GraphQLInputObjectType)
    assert "expectedVersion" in given.fields


def test_every_field_of_an_input_is_read_in_its_topic() -> None:
    """An argument that no resolver passes on would be accepted and lost."""
    read: dict[str, set[str]] = {}
    for path, module in syntax_trees("schema"):
        names = {node.attr for node in ast.walk(module) if isinstance(node, ast.Attribute)}
        read.setdefault(path.parts[1], set()).update(names)
    lost = []
    for named in SCHEMA.type_map.values():
        if isinstance(named, GraphQLInputObjectType):
            definition = named.extensions["strawberry-definition"]
            topic = definition.origin.__module__.split(".")[1]
            fields = {field.python_name for field in definition.fields}
            lost += [f"{named.name}.{name}" for name in fields - read[topic] - read["core"] - READ_BY_NAME]
    assert lost == []


def test_every_refusal_has_a_code_and_a_message_in_both_languages() -> None:
    refusals = [
        one
        for one in SCHEMA.type_map.values()
        if isinstance(one, GraphQLObjectType) and "Refusal" in {each.name for each in one.interfaces}
    ]
    assert len(refusals) > 10
    for one in refusals:
        assert {"code", "message", "messageEn"} <= set(one.fields), one.name


def test_every_value_of_an_enum_has_a_chinese_text() -> None:
    """Users read Chinese: the description of each value begins with its term."""
    silent = [
        f"{named.name}.{name}"
        for named in SCHEMA.type_map.values()
        if isinstance(named, GraphQLEnumType) and not named.name.startswith("__")
        for name, value in named.values.items()
        if not any("\u4e00" <= letter <= "\u9fff" for letter in value.description or "")
    ]
    assert silent == []


def test_refusals_become_answers_in_one_place() -> None:
    """There what a refusal reveals of a subject is recorded first: no mutation can forget it [5.1.6]."""
    schema = (ROOT / "schema").rglob("*.py")
    callers = {
        path.relative_to(ROOT).as_posix() for path in schema if "to_graphql(" in path.read_text(encoding="utf-8")
    }
    assert callers == {"schema/core/mutations/refusals.py", "schema/core/mutations/mutation.py"}
