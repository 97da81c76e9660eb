"""What a refused document says about the way out: the values of an enum, and the purposes of a role."""

from enum import Enum

import pytest

from consent.vocabulary import Purpose
from credit.core.values.identifiers import IdentifierKind
from tests.schema.service import ServiceUnderTest

CASES = "query%s { restraintCases(first: 1) { nodes { number } } }"
PURPOSES = {"handler": ["DETERMINATION", "PUBLICITY"], "auditor": ["AUDIT", "PUBLICITY"], "anonymous": ["PUBLICITY"]}


@pytest.mark.parametrize("who", PURPOSES)
async def test_without_a_purpose_a_role_hears_for_which_it_may_read(shared_service: ServiceUnderTest, who: str) -> None:
    reply = await shared_service.ask(CASES % "", who)
    assert reply.codes == ["PURPOSE_REQUIRED"]
    assert reply.errors[0]["extensions"]["purposes"] == PURPOSES[who]


async def test_without_a_purpose_that_would_do_none_is_named(shared_service: ServiceUnderTest) -> None:
    reply = await shared_service.ask("{ outboxStatus { __typename } }", "anonymous")
    assert reply.codes == ["PURPOSE_REQUIRED"]
    assert "purposes" not in reply.errors[0]["extensions"]


NUMBER = 'query($kind: IdentifierKind!) { subjectByIdentifier(kind: $kind, number: "x") { id } }'


@pytest.mark.parametrize(
    ("document", "variables", "values"),
    [(CASES % " @purpose(is: CASE_HANDLING)", {}, Purpose), (NUMBER, {"kind": "CASE_HANDLING"}, IdentifierKind)],
    ids=["a literal", "a variable"],
)
async def test_a_wrong_value_of_an_enum_is_answered_with_its_values(
    shared_service: ServiceUnderTest, document: str, variables: dict[str, object], values: type[Enum]
) -> None:
    reply = await shared_service.ask(document, "handler", variables, purpose="DETERMINATION" if variables else None)
    (message,) = (each["message"] for each in reply.errors)
    assert message.endswith(f"Its values are {', '.join(each.name for each in values)}.")
    assert "CASE_HANDLING" not in message
