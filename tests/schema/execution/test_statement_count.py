"""The number of SQL statements depends on the document, never on the number of rows."""

# ruff: noqa: E501 - one row of a table is one line

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import crowd
from tests.databases import shared_on_sqlite
from tests.schema.corpus import QUESTIONS, Asked, filled
from tests.schema.service import ServiceUnderTest, open_service, settings_for

FOCUS, SELF = "@purpose(is: FOCUSED_CHECK)", "@purpose(is: SELF_ACCESS)"
DOCUMENTS: tuple[tuple[str, str, str, tuple[int, int]], ...] = (
    # the document, who asks, the statements on SQLite and on PostgreSQL: there children and totals are in their list's
    ("a list", "regulator", f"query($n: Int!) {FOCUS} {{ focusedCheckTargets(first: $n) {{ nodes {{ number }} }} }}", (1, 1)),
    ("with its subjects", "regulator", f"query($n: Int!) {FOCUS} {{ focusedCheckTargets(first: $n) {{ nodes {{ number facts department {{ name sector {{ name }} }} area {{ name }} subject {{ name identifier address area {{ name }} }} }} }} }}", (1, 1)),
    ("with the total", "regulator", f"query($n: Int!) {FOCUS} {{ focusedCheckTargets(first: $n) {{ totalCount nodes {{ number }} }} }}", (2, 1)),
    ("with the subjects' cases", "regulator", f"query($n: Int!) {FOCUS} {{ focusedCheckTargets(first: $n) {{ nodes {{ subject {{ name restraintCases(first: 2) {{ nodes {{ number }} }} }} }} }} }}", (2, 1)),
    ("and their totals", "regulator", f"query($n: Int!) {FOCUS} {{ focusedCheckTargets(first: $n) {{ nodes {{ subject {{ restraintCases(first: 2) {{ totalCount nodes {{ number }} }} }} }} }} }}", (3, 1)),
    ("three levels down", "regulator", f"query($n: Int!) {FOCUS} {{ focusedCheckTargets(first: $n) {{ nodes {{ subject {{ restraintCases(first: 2) {{ nodes {{ subject {{ restraintCases(first: 2) {{ nodes {{ number }} }} }} }} }} }} }} }} }}", (3, 1)),
    ("two pages of one parent", "regulator", f"query($n: Int!) {FOCUS} {{ focusedCheckTargets(first: $n) {{ nodes {{ subject {{ a: restraintCases(first: 1) {{ nodes {{ number }} }} b: restraintCases(first: 2) {{ nodes {{ endsOn }} }} }} }} }} }}", (3, 1)),
    ("two roots", "regulator", f"query($n: Int!) {FOCUS} {{ a: focusedCheckTargets(first: $n) {{ nodes {{ number }} }} b: focusedCheckTargets(first: $n) {{ nodes {{ number }} }} }}", (2, 2)),
    ("a mixed list", "handler", "query($n: Int!) @purpose(is: DETERMINATION) { restraintCases(first: $n) { nodes { number facts subject { name identifier phone address } } } }", (1, 1)),
    ("applications", "clerk", "query($n: Int!) @purpose(is: APPLICATION_HANDLING) { applications(first: $n) { nodes { status matter { name } subject { name phone isRestrained } } } }", (1, 1)),
    ("the public list", "anonymous", "query($n: Int!) @purpose(is: PUBLICITY) { publicRestraintList(first: $n) { nodes { endsOn subject { name } } } }", (1, 1)),
)  # fmt: skip


@pytest.fixture(scope="module")
async def crowded(shared_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    async with open_service(settings_for(kek, shared_url)) as service:
        await crowd(service.services.database, service.world, 60)
        yield service


@pytest.mark.sampled
@pytest.mark.parametrize(("document", "who", "query", "statements"), DOCUMENTS, ids=[one[0] for one in DOCUMENTS])
async def test_a_page_of_one_and_a_page_of_fifty_cost_the_same(
    crowded: ServiceUnderTest, document: str, who: str, query: str, statements: tuple[int, int]
) -> None:
    del document
    expected = statements[crowded.services.database.dialect.name == "postgresql"]
    assert await crowded.counted(query, who, {"n": 1}) == expected
    assert await crowded.counted(query, who, {"n": 50}) == expected
    page = next(iter((await crowded.ask(query, who, {"n": 50})).data.values()))
    assert len(page["nodes"]) == 50


async def test_nodes_take_one_statement_for_each_type(crowded: ServiceUnderTest) -> None:
    world = crowded.world
    query = f"query($i: [ID!]!) {FOCUS} {{ nodes(ids: $i) {{ id ... on Subject {{ name }} }} }}"
    persons = [party.gid for name, party in world.parties.items() if name.startswith("person")]
    cases = [case.gid for case in world.cases.values()]
    assert await crowded.counted(query, "regulator", {"i": persons[:1]}) == 1
    assert await crowded.counted(query, "regulator", {"i": persons}) == 1
    assert await crowded.counted(query, "regulator", {"i": persons + cases}) == 2


@pytest.mark.sampled
@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.name)
@shared_on_sqlite  # which runs more statements than PostgreSQL
@pytest.mark.slow
async def test_what_is_explained_is_the_most_that_is_run(crowded: ServiceUnderTest, asked: Asked) -> None:
    """`explainAccess` counts the rows' statements; figures come on top, and children of nobody are not asked for."""
    explained = await crowded.ask(
        "query($d: String!) { explainAccess(document: $d) { statements } }", asked.who, {"d": asked.query}
    )
    # Where ids are given by variables, an explanation counts every type that they could name.
    most = (
        explained.data["explainAccess"]["statements"]
        + asked.query.count("total")
        + asked.query.count("hasPreviousPage")
    )
    assert await crowded.counted(asked.query, asked.who, filled(asked, crowded.world)) <= most


async def test_pages_follow_each_other_without_loss_or_repetition(crowded: ServiceUnderTest) -> None:
    query = f"""query($a: String) {FOCUS} {{
      focusedCheckTargets(first: 7, after: $a) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ id }} }}
    }}"""
    seen: list[str] = []
    after = None
    while True:
        page = (await crowded.ask(query, "regulator", {"a": after})).data["focusedCheckTargets"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == page["totalCount"] == 67


async def test_the_subject_itself_reads_in_as_few(crowded: ServiceUnderTest) -> None:
    query = f"query {SELF} {{ mySubject {{ name restraintCases {{ nodes {{ number }} }} applications {{ nodes {{ id }} }} }} }}"
    expected = 3 if crowded.services.database.dialect.name == "sqlite" else 1
    assert await crowded.counted(query, "person-1") == expected
