"""`explainAccess` shows a developer what the policy would decide, and reads no record for it."""

from pathlib import Path

import pytest

from tests.schema.corpus import QUESTIONS, Asked, filled
from tests.schema.service import ServiceUnderTest

EXPLAIN = """query($d: String!, $p: Purpose, $o: String) {
  explainAccess(document: $d, purpose: $p, operationName: $o) {
    role policyVersion statements cost fields { path field types dataClass outcome reason unlock basis citation scopes }
  }
}"""


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """Nothing here hangs on the database: one is enough."""
    return migrated_sqlite


@pytest.mark.sampled
@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.name)
@pytest.mark.slow
async def test_what_is_explained_is_what_is_answered(shared_service: ServiceUnderTest, asked: Asked) -> None:
    """Without values for its variables, without a statement, and without an entry in anybody's log."""
    before = shared_service.services.query_runner.statements_run
    explained, entries = await shared_service.recorded(EXPLAIN, asked.who, {"d": asked.query})
    assert shared_service.services.query_runner.statements_run == before
    assert entries == []
    found = explained.data["explainAccess"]["fields"]
    withheld = {".".join(one["path"]): one["reason"] for one in found if one["outcome"] == "WITHHELD"}
    answer = await shared_service.ask(asked.query, asked.who, filled(asked, shared_service.world))
    by_table = {at: reason for at, reason in answer.withheld.items() if reason != "consent"}
    assert by_table.items() <= withheld.items()
    for one in found:
        if one["outcome"] != "WITHHELD" and one["dataClass"] not in {"REFERENCE", "SESSION"}:
            assert one["basis"]
            assert one["citation"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer {", "GRAPHQL_PARSE_FAILED"),
        ("query A { viewer { ref } } query B { viewer { ref } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{" + "a{" * 300 + "b" + "}" * 301, "LIMIT_EXCEEDED"),
        ('query @purpose(is: DETERMINATION) { node(id: "x") { id } }', "BAD_USER_INPUT"),
    ],
)
async def test_a_document_that_would_be_refused_is_refused_by_the_same_name(
    shared_service: ServiceUnderTest, document: str, code: str
) -> None:
    reply = await shared_service.ask(EXPLAIN, "handler", {"d": document})
    assert set(reply.codes) == {code}
    assert not shared_service.failures


async def test_roots_that_would_be_refused_are_explained(shared_service: ServiceUnderTest) -> None:
    reply = await shared_service.ask(
        EXPLAIN,
        "regulator",
        {"d": "{ applications { nodes { id } } restraintCases { nodes { facts } } }", "p": "FOCUSED_CHECK"},
    )
    outcomes = {tuple(one["path"]): (one["outcome"], one["reason"]) for one in reply.data["explainAccess"]["fields"]}
    assert outcomes[("applications",)] == ("WITHHELD", "necessity")
    assert outcomes[("restraintCases", "nodes", "facts")] == ("CLEAR", None)


async def test_the_document_states_the_purpose_and_else_the_argument(shared_service: ServiceUnderTest) -> None:
    """[5.1.6] What is explained is what would be answered: a stated purpose is overruled by nobody."""
    stated = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { totalCount } }"
    for document, purpose, outcome in (
        (stated, None, "CLEAR"),
        (stated, "AUDIT", "CLEAR"),
        (stated.replace("query @purpose(is: FOCUSED_CHECK) ", ""), "AUDIT", "WITHHELD"),
    ):
        reply = await shared_service.ask(EXPLAIN, "regulator", {"d": document, "p": purpose})
        assert {one["outcome"] for one in reply.data["explainAccess"]["fields"]} == {outcome}


async def test_a_root_of_ones_own_is_explained_to_those_who_have_none(shared_service: ServiceUnderTest) -> None:
    document = {"d": "{ mySubject { name } focusedCheckTargets { totalCount } }", "p": "FOCUSED_CHECK"}
    reply = await shared_service.ask(EXPLAIN, "regulator", document)
    own = [one for one in reply.data["explainAccess"]["fields"] if one["path"] == ["mySubject"]]
    assert [one["reason"] for one in own if one["outcome"] == "WITHHELD"] == ["role"]


async def test_a_mutation_is_explained_and_not_carried_out(shared_service: ServiceUnderTest) -> None:
    document = """mutation($i: AuthorisationInput!) @purpose(is: SELF_ACCESS) {
      withdrawAuthorisation(input: $i) { ... on AuthorisationChanged { authorisation { status } } }
    }"""
    own = await shared_service.ask(EXPLAIN, "company-1", {"d": document})
    assert "Authorisation.status" in {one["field"] for one in own.data["explainAccess"]["fields"]}
    others = await shared_service.ask(EXPLAIN, "regulator", {"d": document})
    (decision,) = others.data["explainAccess"]["fields"]
    assert (decision["field"], decision["outcome"]) == ("Mutation.withdrawAuthorisation", "WITHHELD")
    status = "query @purpose(is: SELF_ACCESS) { myAuthorisations { nodes { status } } }"
    assert (await shared_service.ask(status, "company-1")).data["myAuthorisations"]["nodes"] == [{"status": "LIVE"}]
