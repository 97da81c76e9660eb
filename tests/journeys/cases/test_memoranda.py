"""A determination asks the joint module whether a national memorandum governs, over real HTTP [3.3] [5.1.4]."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.joint_measures.fake_server import FakeServerBehaviour, peer
from storage import tables
from tests.databases import on_both
from tests.gateway.fakes import ServerThread
from tests.journeys.cases.test_a_case import SHORT, OfCase, february, put
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for

TOKEN = "joint-token-of-the-test"
MEMORANDUM = "关于对示例领域失信主体实施联合惩戒的合作备忘录"
REWARD = "关于对示例领域守信主体实施联合激励的合作备忘录"
DETERMINATION = {"severity": SHORT, "legalDocument": "临审认字〔2026〕第7号"}
LOG = """query @purpose(is: SELF_ACCESS) {
  myAccessLog(first: 50) { nodes { purpose basis citation fieldsShown { field form } } } }"""
STEP = """query($i: ID!) @purpose(is: DETERMINATION) { node(id: $i) { ... on RestraintCase {
  determinedOn steps(first: 50) { nodes { step decided { name label value } } } } } }"""


@pytest.fixture
def behaviour() -> FakeServerBehaviour:
    return FakeServerBehaviour()


@pytest.fixture
def url(behaviour: FakeServerBehaviour) -> Iterator[str]:
    with ServerThread(peer(behaviour, TOKEN), {"log_config": None, "access_log": False}) as running:
        yield running.url


@pytest.fixture
async def server(database_url: str, kek: Path, tmp_path: Path, url: str) -> AsyncIterator[RunningServer]:
    token = tmp_path / "joint.token"
    token.write_text(f"{TOKEN}\n")
    given = {"JOINT_MEASURES_URL": url, "JOINT_MEASURES_TOKEN_FILE": str(token), "JOINT_MEASURES_ATTEMPTS": "1"}
    async with open_server(settings_for(kek, database_url, LOG_FORMAT="json", **given)) as opened:
        yield opened


async def silent(server: RunningServer) -> OfCase:
    """Bring a case to the day after silence."""
    step = OfCase(server, await put(server))
    step.served()
    return step


def refused(step: OfCase, **given: Any) -> dict[str, Any]:
    fields = "__typename ... on Refusal { code message } ... on RefusalWithWayOut { wayOut wayOutEn }"
    query = f"""mutation($i: DetermineCaseInput!) @purpose(is: DETERMINATION) {{ determineCase(input: $i) {{ {fields}
      ... on GovernedByMemorandum {{ memorandum }} }} }}"""
    step.server.clock.at = february(26)
    found = step.server.ask("handler", query, {"i": {"case": step.gid, **DETERMINATION, **given}})
    assert not found.errors, found.json
    return dict(found.data["determineCase"])


def decided(server: RunningServer, step: OfCase) -> dict[str, str]:
    found = server.ask("handler", STEP, {"i": step.gid}).data["node"]["steps"]["nodes"]
    (one,) = [each for each in found if each["step"] == "DETERMINED"]
    return {each["name"]: each["value"] for each in one["decided"] if each["name"].startswith("memorandum")}


@on_both
async def test_a_penalty_memorandum_bars_and_is_on_the_subjects_record(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    """What was collected stays; the question and its answer are in the subject's own log [3.3] [5.1.6]."""
    party = server.world.party("person-1")
    behaviour.answers[party.number], behaviour.kind = ("GOVERNED", MEMORANDUM), "PENALTY"
    step = await silent(server)
    assert behaviour.asked == []
    found = refused(step)
    assert (found["__typename"], found["code"], found["memorandum"]) == (
        "GovernedByMemorandum", "GOVERNED_BY_MEMORANDUM", MEMORANDUM,
    )  # fmt: skip
    assert found["wayOut"]
    assert found["wayOutEn"]
    (asked,) = behaviour.asked
    assert {name: asked[name] for name in asked if name not in {"address", "request"}} == {
        "purpose": "DETERMINATION", "subject": {"kind": "ID_NUMBER", "number": party.number},
    }  # fmt: skip
    log = server.ask("person-1", LOG).data["myAccessLog"]["nodes"]
    about = {one["citation"]: one for one in log if "3.3" in one["citation"]}
    assert {(one["purpose"], one["basis"]) for one in about.values()} == {("DETERMINATION", "STATUTE")}
    assert about["3.3 5.1.4"]["fieldsShown"] == [{"field": "NaturalPerson.identifier", "form": "CLEAR"}]
    assert about["3.3"]["fieldsShown"] == [{"field": "CaseStep.decided", "form": "CLEAR"}]
    # A memorandum of no kind is one of penalties, and neither attempt has changed the case.
    behaviour.kind = None
    assert refused(step)["code"] == "GOVERNED_BY_MEMORANDUM"
    async with server.database.snapshot() as session:
        steps = await session.fetch(select(tables.case_steps.c.step).order_by(tables.case_steps.c.at))
    assert [name for (name,) in steps] == ["VERIFIED", "NOTICED", "SERVED"]
    assert step.done("handler", "dropCase", february(26)) == "DROPPED"


async def test_a_reward_memorandum_bars_nothing_and_is_recorded_with_the_step(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    """[3.3]"""
    behaviour.answers[server.world.party("person-1").number], behaviour.kind = ("GOVERNED", REWARD), "REWARD"
    step = await silent(server)
    assert step.done("handler", "determineCase", february(26), **DETERMINATION) == "DETERMINED"
    assert decided(server, step) == {
        "memorandumSource": "JOINT_MEASURES", "memorandumAnsweredAt": "2026-02-26T02:00:00+00:00",
        "memorandumFinding": "GOVERNED", "memorandum": REWARD, "memorandumKind": "REWARD",
    }  # fmt: skip


async def test_a_module_that_is_down_makes_the_determination_wait(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    """Unknown is not none; once it answers, the same request is taken, once [3.3]."""
    behaviour.fail_times = 1
    step = await silent(server)
    keyed = {"idempotencyKey": "determine-1"}
    waits = refused(step, **keyed)
    assert (waits["__typename"], waits["code"]) == ("MemorandumUnknown", "MEMORANDUM_UNKNOWN")
    assert waits["wayOut"]
    assert waits["wayOutEn"]
    for body in (b'{"finding": "GOVERNED"}', b'{"finding": "GOVERNED", "memorandum": "m", "kind": "OTHER"}'):
        behaviour.body = body
        assert refused(step)["code"] == "MEMORANDUM_UNKNOWN"
    behaviour.body = None
    assert step.done("handler", "determineCase", february(26), **DETERMINATION, **keyed) == "DETERMINED"
    times = len(behaviour.asked)
    assert step.done("handler", "determineCase", february(26), **DETERMINATION, **keyed) == "DETERMINED"
    assert len(behaviour.asked) == times, "a request that is sent again does not ask again"
    assert decided(server, step)["memorandumFinding"] == "CLEAN"


async def test_nobody_is_asked_about_where_the_procedure_refuses_anyhow(
    server: RunningServer, behaviour: FakeServerBehaviour
) -> None:
    """The number goes out only for a determination that could be made [5.1.6]."""
    step = await silent(server)
    early = step("handler", "determineCase", february(14), **DETERMINATION)
    assert early["code"] == "STATEMENT_PERIOD_OPEN"
    assert step("other handler", "determineCase", february(26), **DETERMINATION)["code"] == "NOT_THE_COLLECTOR"
    stale = step("handler", "determineCase", february(26), **DETERMINATION, expectedVersion=1)
    assert stale["code"] == "VERSION_CONFLICT"
    assert behaviour.asked == []
