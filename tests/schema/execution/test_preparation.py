"""Unknown documents are read within bounds of time and memory, and refuse the same as graphql-core does."""

import gc
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import NoSchemaIntrospectionCustomRule, parse, specified_rules, validate

from policy.actors import Role
from schema.core.errors import LimitExceeded
from schema.core.fields import core
from schema.core.limits import Limits
from schema.execution.preparation.budget import BURST_SECONDS, PreparationBudget
from schema.execution.preparation.byte_cache import ByteCache, deep_size
from schema.execution.preparation.document_limits import check_length, check_size
from schema.execution.preparation.documents import DocumentCache
from schema.execution.preparation.validation import MERGES, BoundedMergeRule, DocumentValidator
from storage.queries.query_runner import SqlQueryRunner
from tests.schema.corpus import QUESTIONS
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.shipped_schema import shipped_schema

PAGE = """query Q%d @purpose(is: FOCUSED_CHECK) {
  focusedCheckTargets(first: 20) { nodes { circumstance endsOn subject { name identifier phone } } }
}"""
EXPLAIN = '%s: explainAccess(document: "{ viewer { ref } }") { cost }'


@pytest.fixture(scope="module")
def template(migrated_sqlite: Path) -> Path:
    """Nothing here depends on the database: one is enough."""
    return migrated_sqlite


@pytest.fixture(autouse=True)
def nothing_is_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read and compile each document anew: the other tests share what they read."""
    for owner, name in ((DocumentCache, "_read"), (SqlQueryRunner, "prepare")):
        monkeypatch.setattr(owner, name, getattr(owner, name).__wrapped__)


@pytest.fixture(scope="module")
async def shared_service(shared_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a service that no test brings to the end of its budget."""
    plenty = {"DOCUMENT_MILLISECONDS": "1000000", "DOCUMENT_MILLISECONDS_PER_CLIENT": "1000000"}
    async with open_service(settings_for(kek, shared_url, **plenty)) as service:
        yield service


WRONG = (
    "{ nothing }",
    "{ viewer { nothing ref(a: 1) } }",
    "query A { viewer { ref } } query A { viewer { ref } }",
    "query($a: Nothing, $a: Int) { viewer { ref @skip(if: $b) } }",
    "{ viewer }",
    "{ viewer { ref { x } } }",
    "{ ...F } fragment F on Nothing { x } fragment G on Int { y }",
    "{ ...F } fragment F on Query { ...F }",
    "{ viewer { ref ref: role } }",
    "{ viewer { ref @include @nothing } }",
    '{ nodes(ids: [1.5, A]) { id } sectors(first: "x") { nodes { id } } }',
    "{ node(id: 1) { ... on Sector { name } ... on Area { name } ... on Int { x } } }",
    "subscription { x }",
    "type A { x: Int } { viewer { ref } }",
    "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
)


@pytest.mark.parametrize("introspection", [True, False])
def test_the_rules_are_those_of_graphql_core(introspection: bool) -> None:  # noqa: FBT001 - a case
    """In their order, with the same errors at the same places; only the bound of the merge rule is ours."""
    schema = core(shipped_schema())
    more = () if introspection else (NoSchemaIntrospectionCustomRule,)
    validator = DocumentValidator(schema, more, hide_suggestions=not introspection)
    for text in (*WRONG, *(asked.query for asked in QUESTIONS)):
        document = parse(text)
        theirs = validate(
            schema, document, [*specified_rules, *more], max_errors=20, hide_suggestions=not introspection
        )
        ours = validator.errors(document)
        assert [(one.message, one.locations) for one in ours] == [(one.message, one.locations) for one in theirs], text


def test_each_wrong_document_is_wrong() -> None:
    """Otherwise the test above would compare nothing with nothing."""
    schema = core(shipped_schema())
    assert [text for text in WRONG if not validate(schema, parse(text))] == []


SUBJECT = 'query { subject(id: "x") { %s } }'
HOSTILE = {
    "one list many times": SUBJECT % " ".join("restraintCases(first: 1) { nodes { number } }" for _ in range(140)),
    "lists within lists": SUBJECT
    % " ".join("restraintCases { nodes { subject { restraintCases { nodes { number } } } } }" for _ in range(90)),
    "one field many times": SUBJECT % " ".join("name" for _ in range(1_900)),
    "fragments of one field": SUBJECT % " ".join(f"...F{at}" for at in range(180))
    + " ".join(f"fragment F{at} on Subject {{ name }}" for at in range(180)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_comparing_fields_is_bounded(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the limits of size: without a bound on the comparisons each takes hundreds of milliseconds."""
    schema, document = core(shipped_schema()), parse(text, max_tokens=Limits().tokens)
    check_size(document, Limits())
    rules: list[BoundedMergeRule] = []
    begin = BoundedMergeRule.__init__

    def noted(rule: BoundedMergeRule, context: Any) -> None:
        begin(rule, context)
        rules.append(rule)

    monkeypatch.setattr(BoundedMergeRule, "__init__", noted)
    errors = DocumentValidator(schema, hide_suggestions=True).errors(document)
    assert [error.message for error in errors] == ["Validation aborted."]
    assert rules[0].rule_context.remaining_complexity_budget < 0
    assert MERGES <= 10_000


def test_a_document_is_refused_by_its_length_before_it_is_read() -> None:
    limits = Limits(tokens=100)
    check_length("x" * limits.characters, limits)
    with pytest.raises(LimitExceeded) as refused:
        check_length("x" * (limits.characters + 1), limits)
    assert refused.value.facts["limit"] == "characters"


class Clocks:
    """The seconds of the day, and those of the processor."""

    def __init__(self) -> None:
        self.now = self.used = 0.0

    def budget(self) -> PreparationBudget:
        return PreparationBudget(0.25, 0.1, lambda: self.now, lambda: self.used)

    def work(self, budget: PreparationBudget, client: str, seconds: float) -> None:
        with budget.spent_by(client):
            self.used += seconds


def test_a_client_spends_its_own_and_recovers() -> None:
    clocks = Clocks()
    budget = clocks.budget()
    assert budget.wait("one") == 0
    clocks.work(budget, "one", 0.1 * BURST_SECONDS + 0.5)
    assert budget.wait("one") == pytest.approx(6.0)
    assert budget.wait("other") == 0
    clocks.now += 6
    assert budget.wait("one") == 0


def test_many_clients_together_spend_that_of_the_process() -> None:
    clocks = Clocks()
    budget = clocks.budget()
    for at in range(5):
        assert budget.wait(f"client-{at}") == 0
        clocks.work(budget, f"client-{at}", 0.5)
    assert budget.wait("somebody else") > 0
    clocks.now += BURST_SECONDS
    assert budget.wait("somebody else") == 0


def test_what_fails_is_spent_too() -> None:
    clocks = Clocks()
    budget = clocks.budget()

    def fail() -> None:
        with budget.spent_by("one"):
            clocks.used += 2
            raise ValueError("no document")

    with pytest.raises(ValueError, match="no document"):
        fail()
    assert budget.wait("one") > 0


async def test_beyond_the_budget_unknown_documents_are_refused_and_known_ones_answered(
    shared_service: ServiceUnderTest, sqlite_url: str, kek: Path
) -> None:
    await shared_service.ask(PAGE % 0, "regulator")  # what all documents share is made by the first one
    poor = settings_for(kek, sqlite_url, DOCUMENT_MILLISECONDS_PER_CLIENT="5")
    async with open_service(poor) as service:
        known = await service.ask(PAGE % 0, "regulator")
        assert known.status == 200
        refused = known
        for at in range(1, 2_000):
            refused = await service.ask(PAGE % at, "regulator")
            if refused.status != 200:
                break
        assert refused.codes == ["DOCUMENT_BUDGET"]
        refused = await service.ask(PAGE % 9_999, "regulator")
        assert refused.status == 429
        assert "until" in refused.errors[0]["extensions"]
        assert "新的查询文档" in refused.errors[0]["message"]
        assert (await service.ask(PAGE % 0, "regulator")).body == known.body
        assert (await service.ask((PAGE % 0).replace(" ", "  # again\n"), "regulator")).status == 429
        assert (await service.ask(PAGE % 9_999, "handler")).codes != ["DOCUMENT_BUDGET"]
        explained = await service.ask("{ %s }" % (EXPLAIN % "a"), "regulator")
        assert explained.codes == ["DOCUMENT_BUDGET"]


async def test_an_operation_explains_one_document(shared_service: ServiceUnderTest) -> None:
    one = await shared_service.ask("{ %s }" % (EXPLAIN % "a"), "regulator")
    assert one.data["a"]["cost"] == 10
    two = await shared_service.ask(f"{{ {EXPLAIN % 'a'} {EXPLAIN % 'b'} }}", "regulator")
    assert two.codes == ["LIMIT_EXCEEDED"]
    assert two.errors[0]["extensions"]["limit"] == "explainAccess"


async def test_production_explains_nothing_to_callers_without_a_token(
    shared_service: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    preparer, query = shared_service.services.graphql_service._preparer, "{ %s }" % (EXPLAIN % "only")
    assert (await shared_service.ask(query)).status == 200
    monkeypatch.setattr(
        preparer, "plan_context", replace(preparer.plan_context, explains_to=frozenset(Role) - {Role.ANONYMOUS})
    )
    preparer.cache.clear()
    refused = await shared_service.ask(query)
    assert (refused.status, refused.codes) == (401, ["ROOT_REFUSED"])
    assert (await shared_service.ask(query, "regulator")).status == 200
    preparer.cache.clear()


async def test_white_space_and_comments_make_no_new_document(shared_service: ServiceUnderTest) -> None:
    cache = shared_service.services.graphql_service._preparer.cache
    cache.clear()
    await shared_service.ask(PAGE % 1, "regulator")
    first = await shared_service.ask(PAGE % 1, "regulator")  # the second request makes the code of the document
    before = len(cache), cache.size
    for at in range(20):
        again = await shared_service.ask(f"# {at}\n" + (PAGE % 1).replace(" ", f"{' ' * at} ,"), "regulator")
        assert again.body == first.body
    assert len(cache) == before[0] + 20
    assert cache.size - before[1] < 20 * 1_000  # the hashes of the texts, and no document


@pytest.mark.parametrize(
    ("case", "query", "at"),
    [
        ("a syntax error", "{\n  viewer {", (2, 11)),
        ("an invalid field", "{\n\n   viewer { nothing }\n}", (3, 13)),
        ("a variable that is missing", "#\nquery(\n $n: Int!) { sectors(first: $n) { totalCount } }", (3, 2)),
    ],
)
async def test_an_error_names_the_place_in_the_text_that_was_sent(
    shared_service: ServiceUnderTest, case: str, query: str, at: tuple[int, int]
) -> None:
    del case
    await shared_service.ask(" ".join(query.replace("#", "").split()), "clerk")  # the same on one line comes first
    for _ in range(2):
        reply = await shared_service.ask(query, "clerk")
        assert reply.errors[0]["locations"] == [{"line": at[0], "column": at[1]}]


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


async def test_what_is_counted_is_what_memory_holds(shared_service: ServiceUnderTest, traced: None) -> None:
    """Counted are 80 to 130 % of what the interpreter allocates for documents and their plans."""
    del traced
    cache = shared_service.services.graphql_service._preparer.cache
    cache.clear()
    for at in range(1_000, 1_010):  # what all documents share is made by the first ones
        await shared_service.ask(PAGE % at, "regulator")
    gc.collect()
    held, counted = tracemalloc.get_traced_memory()[0], cache.size
    for at in range(40):
        await shared_service.ask(PAGE % at, "regulator")
    gc.collect()
    took = tracemalloc.get_traced_memory()[0] - held
    assert 0.8 < (cache.size - counted) / took < 1.3


async def test_distinct_documents_leave_memory_flat(sqlite_url: str, kek: Path) -> None:
    """Documents, plans and refusals share one bound; `python -m bench.documents` shows it for 100,000."""
    small = settings_for(kek, sqlite_url, DOCUMENT_CACHE_BYTES="1048576")
    async with open_service(small) as service:
        cache = service.services.graphql_service._preparer.cache
        for at in range(120):
            await service.ask(PAGE % at, "regulator")
            await service.ask(f"{{ nothing{at} }}", "regulator")
            assert cache.size <= 1_048_576
        assert len(cache) < 120
        assert (await service.ask(PAGE % 0, "regulator")).status == 200


def test_an_entry_that_is_larger_than_the_cache_is_not_kept() -> None:
    cache = ByteCache(10_000)
    cache.put("small", "x")
    cache.put("large", ["x" * 100 + str(at) for at in range(1_000)])
    assert (cache.get("small"), cache.get("large")) == ("x", None)
    assert cache.size < 10_000


def test_shared_and_repeated_objects_are_counted_once_or_not_at_all() -> None:
    text = "x" * 1_000
    assert deep_size([text, text]) < deep_size([text, text + "y"])
    assert deep_size(core(shipped_schema())) < 1_000
