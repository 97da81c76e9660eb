"""What is kept in clear beside a sealed name may not contain it: one rule for every mutation [5.1.6]."""

from datetime import UTC, datetime

import pytest
from graphql import GraphQLInputObjectType, GraphQLUnionType, get_named_type

from schema.core.inputs import NOT_STORED, PARTICULARS, SEALED
from tests.databases import on_both
from tests.journeys.applications.test_paper_consent import record as record_paper
from tests.journeys.cases.test_a_case import PAPER, SHORT, OfCase, put
from tests.journeys.effects.test_focused_check import record as record_check
from tests.journeys.guard.test_delegations import RECORD, act, terms
from tests.journeys.running_server import RunningServer
from tests.shipped_schema import shipped_types

AT = datetime(2026, 2, 10, 2, tzinfo=UTC)


def refused(field: str) -> list[dict[str, str]]:
    return [{"field": field, "code": "HOLDS_PERSONAL_DATA"}]


@on_both
async def test_no_step_keeps_the_name_of_its_subject_in_clear(server: RunningServer) -> None:
    step = OfCase(server, await put(server))
    name = server.world.party("person-1").name
    spread = f"关于 {name[0]} {name[1:]}\u200b 的笔录"
    for evidence in ([f"关于{name}的笔录"], [*PAPER, spread]):
        reply = step.reply("handler", "verifyCase", AT, evidence=evidence, severity=SHORT)
        assert reply.data["verifyCase"]["problems"] == refused("evidence")
        assert name not in reply.response.text
    step.served()
    later = datetime(2026, 2, 26, 2, tzinfo=UTC)
    given = {"severity": SHORT, "legalDocument": f"关于{name}的认定书"}
    assert step("handler", "determineCase", later, **given)["problems"] == refused("legalDocument")
    own = step("person-1", "stateDefence", datetime(2026, 2, 13, 2, tzinfo=UTC), evidence=[f"{name}陈述书"], text="x")
    assert own["problems"] == refused("evidence")
    assert step.done("handler", "determineCase", later, severity=SHORT, legalDocument="认定书-1") == "DETERMINED"


@on_both
async def test_a_name_that_a_refusal_confirms_is_in_the_log_of_its_subject(server: RunningServer) -> None:
    """[5.1.6] Not every officer who may take a step sees the name: a guess leaves an entry, any other text none."""
    step = OfCase(server, await put(server))
    name = server.world.party("person-1").name

    def logged() -> int:
        log = "{ myAccessLog(first: 100, purpose: DETERMINATION) { nodes { fieldsShown { field } } } }"
        reply = server.ask("person-1", log, headers={"Access-Purpose": "SELF_ACCESS"})
        shown = [one["fieldsShown"] for one in reply.data["myAccessLog"]["nodes"]]
        return shown.count([{"field": "NaturalPerson.name"}])

    before = logged()
    assert step("handler", "verifyCase", AT, evidence=[name], severity=SHORT)["problems"] == refused("evidence")
    assert logged() == before + 1
    step("handler", "verifyCase", AT, evidence=["13800000000"], severity=SHORT)
    own = step("person-1", "stateDefence", AT, evidence=[name], text="x")
    assert own["__typename"] != "CaseChanged"
    assert logged() == before + 1


@pytest.mark.parametrize("item", ["evidence", "delegate"])
@pytest.mark.parametrize("text", ["{name}的材料", "来电13800000000", "138.0000.0000"])
async def test_a_delegation_keeps_neither_name_nor_number_in_clear(server: RunningServer, item: str, text: str) -> None:
    """[5.1.6] The rule of the cases is that of what concerns consent."""
    party = server.world.party("person-1")
    given = text.format(name=party.name)
    done = act(server, "person-1", RECORD, **terms(party.gid, **{item: given if item == "delegate" else [given]}))
    assert done["__typename"] in {"NotWellFormed", "NotDelegable"}


async def test_a_paper_keeps_neither_name_nor_number_in_clear(server: RunningServer) -> None:
    party = server.world.party("person-1")
    for text in (f"{party.name}的授权书", "授权书 13800000000"):
        assert record_paper(server, party.gid, text)["__typename"] == "NotWellFormed"


async def test_a_focused_check_keeps_no_name_in_clear(server: RunningServer) -> None:
    done = record_check(server, "regulator", "person-1", evidence=[f"{server.world.party('person-1').name}的检查表"])
    assert (done["__typename"], done["problems"]) == ("NotWellFormed", refused("evidence"))


async def test_who_may_not_take_the_step_learns_of_no_name(server: RunningServer) -> None:
    """The caller is admitted first: a guess of a stranger's name is answered like any other text."""
    step = OfCase(server, await put(server))
    name = server.world.party("person-1").name
    guess = step("other handler", "verifyCase", AT, evidence=[name], severity=SHORT)
    assert guess == step("other handler", "verifyCase", AT, evidence=["卷宗-9"], severity=SHORT)


async def test_the_name_of_a_company_is_nobodys_secret(server: RunningServer) -> None:
    case = await put(server)
    company = server.world.party("company-1").name
    assert OfCase(server, case).done("handler", "verifyCase", AT, evidence=[company], severity=SHORT) == "VERIFIED"


def test_each_sealed_item_is_one_of_some_input() -> None:
    """A name that no input has any more would hide a new item in clear."""
    schema = shipped_types()
    inputs = [each for each in schema.type_map.values() if isinstance(each, GraphQLInputObjectType)]
    strings = {
        field.out_name or name
        for each in inputs
        for name, field in each.fields.items()
        if get_named_type(field.type).name == "String"
    }
    assert set(map(snake, strings)) >= SEALED | NOT_STORED


def snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def in_clear(given: GraphQLInputObjectType) -> set[str]:
    """Give the items of an input that are kept in clear."""
    sealed = SEALED | NOT_STORED | (PARTICULARS if "name" in given.fields else set())
    named = {snake(field.out_name or name): get_named_type(field.type) for name, field in given.fields.items()}
    nested = [each for each in named.values() if isinstance(each, GraphQLInputObjectType)]
    own = {name for name, each in named.items() if each.name == "String"} - sealed
    return own.union(*map(in_clear, nested))


def test_each_mutation_with_an_item_in_clear_can_refuse_it() -> None:
    """[5.1.6] Its union has the refusal; without it a name would be answered as an internal error."""
    types = shipped_types()
    assert types.mutation_type is not None
    seen = 0
    for name, field in types.mutation_type.fields.items():
        given, result = get_named_type(field.args["input"].type), get_named_type(field.type)
        assert isinstance(given, GraphQLInputObjectType)
        if in_clear(given) and isinstance(result, GraphQLUnionType):
            seen += 1
            assert "NotWellFormed" in {each.name for each in result.types}, name
    assert seen > 40


@pytest.mark.parametrize("text", ["来电13800000000", "微信 138 0000 0000"])
async def test_no_mobile_number_is_kept_in_clear(server: RunningServer, text: str) -> None:
    step = OfCase(server, await put(server))
    found = step("handler", "verifyCase", AT, evidence=[text], severity=SHORT)
    assert found["problems"] == [{"field": "evidence", "code": "HOLDS_NUMBER"}]
