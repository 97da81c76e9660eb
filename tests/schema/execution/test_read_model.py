"""Lists of published cases are read from their read model, and show what the tables show [5.1.5] [5.2.2]."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from policy.actors import Actor, Role
from queryplan.entities import Entity
from queryplan.plan import Column, Filter, Join, QueryPlan, SelectPlan, newest
from queryplan.scopes import Scope
from schema.core.global_ids import encode
from storage.queries.query_runner import PreparedPlan, SqlQueryRunner
from storage.queries.statements import page_conditions, read_model, select_builder
from storage.repositories.published_cases import differing
from tests.builders import MARKET, WENSHAO
from tests.schema.service import Reply, ServiceUnderTest, open_service

DISTRICT = Actor("regulator-1", Role.REGULATOR, None, MARKET, "370305")
TOWNSHIP = Actor("regulator-2", Role.REGULATOR, None, MARKET, WENSHAO)
AREA = encode(Entity.AREA, WENSHAO)
CASE = (
    "id number circumstance basis legalDocument determinedOn publishedOn endsOn isTakenOver isListed listedUntil "
    "periodBasis rectifiedOn inForce removalCause changedAt department { code name } sector { code name }"
)
SUBJECT = "subject { __typename name identifier address } "
NESTED = "subject { id area { code name } restraintCases(first: 2) { totalCount nodes { id facts } } }"
LISTS: Mapping[str, tuple[Actor | str, str]] = {
    "targets": (
        DISTRICT,
        (
            f"query @purpose(is: FOCUSED_CHECK) {{ focusedCheckTargets(first: 50) {{ totalCount nodes {{ "
            f"{CASE} {SUBJECT} staysUntilRectified facts area {{ code name }} subject {{ id area {{ name }} }} }} }} }}"
        ),
    ),
    "targets of one township": (
        TOWNSHIP,
        f"query @purpose(is: FOCUSED_CHECK) {{ focusedCheckTargets {{ totalCount nodes {{ {CASE} {SUBJECT} }} }} }}",
    ),
    "targets by change": (
        DISTRICT,
        (
            "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 50, orderBy: CHANGED_AT_DESC) "
            f"{{ totalCount nodes {{ {CASE} {SUBJECT} }} }} }}"
        ),
    ),
    "some targets": (
        DISTRICT,
        (
            "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 1, circumstance: FALSE_MATERIAL, "
            f'since: "2020-01-01", changedSince: "2020-01-01T00:00:00Z", area: "{AREA}") '
            f"{{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {SUBJECT} endsOn }} }} }}"
        ),
    ),
    "targets with what is below them": (
        DISTRICT,
        f"query @purpose(is: FOCUSED_CHECK) {{ focusedCheckTargets(first: 3) {{ nodes {{ {NESTED} }} }} }}",
    ),
    "the public list": (
        "anonymous",
        (
            f"query @purpose(is: PUBLICITY) {{ publicRestraintList(first: 50) {{ totalCount nodes {{ {CASE} "
            "subject { __typename name } } } }"
        ),
    ),
    "the public list of a sector": (
        "anonymous",
        (
            f'query @purpose(is: PUBLICITY) {{ publicRestraintList(sector: "{encode(Entity.SECTOR, MARKET)}", '
            "circumstance: FALSE_MATERIAL) { totalCount nodes { endsOn subject { name } } } }"
        ),
    ),
}
"""Who reads each list, and the document."""


@dataclass(frozen=True)
class Answered:
    """What a service answered to each document, and the SQL text of each first statement."""

    replies: Mapping[str, Reply]
    texts: Mapping[str, str]


async def answered(shared: ServiceUnderTest) -> Answered:
    """Ask every document of a new service over the same data, which has no plan yet."""
    replies: dict[str, Reply] = {}
    texts: dict[str, str] = {}
    made: list[str] = []
    async with open_service(shared.services.settings, world=shared.world) as service:
        runner = service.services.query_runner
        prepare = inspect.unwrap(SqlQueryRunner.prepare)  # without the plans that other tests have prepared

        def noted(plan: QueryPlan) -> PreparedPlan:
            ready: PreparedPlan = prepare(runner, plan)
            made.append(ready.steps[0].rows.text)
            return ready

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(runner, "prepare", noted)
            for name, (who, document) in LISTS.items():
                replies[name] = await service.ask(document, who)
                texts[name] = made.pop(0)
    return Answered(replies, texts)


@pytest.fixture(scope="module")
async def from_model(shared_service: ServiceUnderTest) -> Answered:
    return await answered(shared_service)


@pytest.fixture(scope="module")
async def from_tables(shared_service: ServiceUnderTest) -> Answered:
    with pytest.MonkeyPatch.context() as patch:
        for module in (page_conditions, select_builder):
            patch.setattr(module, "model_of", lambda _: None)
        return await answered(shared_service)


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_shows_what_the_tables_show(from_model: Answered, from_tables: Answered, name: str) -> None:
    reply = from_model.replies[name]
    assert reply.json == from_tables.replies[name].json
    assert set(reply.codes) <= {"WITHHELD"}, reply.json
    assert next(iter(reply.data.values()))["nodes"]


async def test_the_model_is_what_the_steps_of_the_cases_left(shared_service: ServiceUnderTest) -> None:
    assert await differing(shared_service.services.database) == 0


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_joins_neither_case_nor_subject(from_model: Answered, from_tables: Answered, name: str) -> None:
    page = from_model.texts[name].partition("ARRAY(")[0]
    assert "FROM published_cases AS r" in page
    assert not [table for table in ("restraint_cases", "subjects AS", "subject_keys", "identifiers") if table in page]
    assert "published_cases" not in from_tables.texts[name]


ORDER = newest("published_on", "case_id")
SUBJECT_OF = (Join("s", "", "subject"),)
TARGETS = SelectPlan(
    Entity.RESTRAINT_CASE, (Column("", "ends_on"), Column("s", "name", "sealed")), SUBJECT_OF, (Scope.SECTOR_AREA,),
    order=ORDER, limit=21,
)  # fmt: skip
OTHERS: Mapping[str, SelectPlan] = {
    "without a limit": replace(TARGETS, limit=None),
    "in another order": replace(TARGETS, order=newest("ends_on", "case_id")),
    "of the public list by change": replace(TARGETS, order=newest("changed_at", "case_id"), scopes=(Scope.PUBLISHED,)),
    "in another scope": replace(TARGETS, scopes=(Scope.SECTOR_AREA, Scope.DEPARTMENT)),
    "in no scope": replace(TARGETS, scopes=()),
    "on consent": replace(TARGETS, consent="CREDIT_CHECK"),
    "with a column that no list of it shows": replace(TARGETS, columns=(Column("", "handler_ref"),)),
    "with an item that no list of it shows": replace(TARGETS, columns=(Column("", "notes", "sealed"),)),
    "with a telephone number": replace(TARGETS, columns=(Column("s", "phone", "mask"),)),
    "with a column of another scope": replace(TARGETS, columns=(Column("", "ends_on", within=(Scope.ASSIGNED,)),)),
    "with a filter on what it has not": replace(TARGETS, filters=(Filter("", "handler_ref", "=", "whom"),)),
    "with a filter on the subject": replace(TARGETS, filters=(Filter("s", "kind", "=", "kind"),)),
    "with the application": replace(TARGETS, joins=(*SUBJECT_OF, Join("a", "", "application"))),
    "of another entity": replace(TARGETS, entity=Entity.APPLICATION),
}


def test_targets_have_a_read_model() -> None:
    assert read_model.model_of(TARGETS) is read_model.PUBLISHED_CASES


@pytest.mark.parametrize("what", OTHERS)
def test_a_list_that_the_model_does_not_cover_is_read_from_the_tables(what: str) -> None:
    assert read_model.model_of(OTHERS[what]) is None
