"""The loaded policy decides: a field without a class is refused, and a new policy holds from the next request on."""

import shutil
from collections.abc import Callable
from pathlib import Path

import casbin
import pytest
from structlog.testing import capture_logs

from consent.vocabulary import DataClass, Purpose
from gateway.services import build_services
from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from gateway.telemetry.logging import report_disagreement
from policy.actions import Action
from policy.actors import Role
from policy.decisions import Alarm, Decisions, load, raise_disagreement
from policy.errors import PolicyRefused
from queryplan.scopes import Scope
from schema.core.fields import core, refusal_fields
from tests.schema.service import ServiceUnderTest, open_service, settings_for

pytestmark = pytest.mark.slow

TARGETS = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets { nodes { facts subject { name phone } } } }"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """Give a copy of the policy, to be changed."""
    folder = tmp_path / "policy"
    folder.mkdir()
    for file in POLICY_OF_THIS_RELEASE.iterdir():
        if file.suffix in {".csv", ".conf"}:
            shutil.copy(file, folder)
    return folder


def load_for(service: ServiceUnderTest, folder: Path, alarm: Alarm = raise_disagreement) -> Decisions:
    """Load a policy as the gateway does: the schema says which fields are a refusal's own."""
    return load(folder, refusal_fields(core(service.services.schema)), alarm)


def change(folder: Path, file: str, edit: Callable[[str], str]) -> None:
    path = folder / file
    before = path.read_text(encoding="utf-8")
    after = edit(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def without(row: str) -> Callable[[str], str]:
    return lambda text: text.replace(row + "\n", "", 1)


@pytest.mark.parametrize(
    "field",
    [
        "NaturalPerson.phone",
        "RestraintCase.facts",
        "Query.focusedCheckTargets",
        "Mutation.registerSubject",
        "Area.name",
    ],
)
def test_a_field_without_a_class_stops_the_start_and_is_named(
    policy: Path, kek: Path, sqlite_url: str, field: str
) -> None:
    change(
        policy,
        "classes.csv",
        lambda text: "\n".join(line for line in text.split("\n") if not line.startswith(field + ",")),
    )
    with pytest.raises(PolicyRefused, match=field):
        build_services(settings_for(kek, sqlite_url, POLICY_DIR=str(policy)))


def test_a_class_for_a_field_that_is_not_there_stops_it_too(policy: Path, kek: Path, sqlite_url: str) -> None:
    change(policy, "classes.csv", lambda text: text + "NaturalPerson.salary,PHONE\n")
    with pytest.raises(PolicyRefused, match=r"NaturalPerson\.salary"):
        build_services(settings_for(kek, sqlite_url, POLICY_DIR=str(policy)))


@pytest.mark.slow
async def test_a_new_policy_decides_from_the_next_question_on(service: ServiceUnderTest, policy: Path) -> None:
    graphql_service, released = service.services.graphql_service, service.services.policy
    before = await service.ask(TARGETS, "regulator")
    assert before.data["focusedCheckTargets"]["nodes"][0]["facts"]
    assert before.withheld == {"focusedCheckTargets.nodes.subject.phone": "necessity"}

    change(policy, "who.csv", without("regulator,FOCUSED_CHECK,FACTS,read,sector-area,allow"))
    change(policy, "need.csv", without("FOCUSED_CHECK,everyone,FACTS,CLEAR,STATUTE,5.2.2,allow"))
    stricter = load_for(service, policy)
    await graphql_service.adopt(stricter)
    after, entries = await service.recorded(TARGETS, "regulator")
    assert {node["facts"] for node in after.data["focusedCheckTargets"]["nodes"]} == {None}
    assert after.withheld["focusedCheckTargets.nodes.facts"] == "necessity"
    assert "RestraintCase.facts" not in {field for entry in entries for field, _, _ in entry["fields"]}
    explained = await service.ask('{ explainAccess(document: "{ viewer { ref } }") { policyVersion } }', "regulator")
    assert explained.data["explainAccess"]["policyVersion"] == stricter.version

    await graphql_service.adopt(released)
    assert (await service.ask(TARGETS, "regulator")).body == before.body


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Give the questions that Casbin is asked from now on."""
    questions: list[tuple[object, ...]] = []
    enforce = casbin.Enforcer.enforce

    def counted(self: object, *question: object) -> bool:
        questions.append(question)
        return bool(enforce(self, *question))

    monkeypatch.setattr(casbin.Enforcer, "enforce", counted)
    return questions


async def test_a_document_is_decided_by_casbin_once(service: ServiceUnderTest, asked: list[tuple[object, ...]]) -> None:
    asked.clear()
    # A new policy remembers nothing. It is asked when it is adopted, where the pair was in use, else by the document.
    await service.services.graphql_service.adopt(load_for(service, POLICY_OF_THIS_RELEASE))
    first = await service.ask(TARGETS, "regulator")
    assert (Role.REGULATOR, Purpose.FOCUSED_CHECK, DataClass.FACTS, Action.READ, Scope.SECTOR_AREA) in asked
    asked.clear()
    again = await service.ask(TARGETS.replace("facts", "facts circumstance"), "regulator")
    assert asked == []
    assert again.withheld == first.withheld


async def test_a_new_policy_remembers_nothing_of_the_old_and_is_ready_for_the_pairs_in_use(
    service: ServiceUnderTest, asked: list[tuple[object, ...]]
) -> None:
    await service.ask(TARGETS, "regulator")
    before, renewed = service.services.graphql_service.policy, load_for(service, POLICY_OF_THIS_RELEASE)
    pair = Role.REGULATOR, Purpose.FOCUSED_CHECK
    assert pair in before.prepared
    asked.clear()
    await service.services.graphql_service.adopt(renewed)
    assert service.services.graphql_service.policy is renewed
    # The tests share one policy before this one, so that other pairs may be in use as well.
    pairs_asked = {question[:2] for question in asked if isinstance(question[0], Role)}
    assert pair in pairs_asked <= before.prepared
    assert renewed.prepared == before.prepared
    asked.clear()
    assert (await service.ask(TARGETS, "regulator")).executed
    assert asked == []


@pytest.mark.slow
async def test_where_the_readings_differ_the_document_is_refused_and_the_log_says_so(
    service: ServiceUnderTest, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about, words = (Role.REGULATOR, Purpose.FOCUSED_CHECK, DataClass.FACTS), ("role", "purpose", "data_class")
    enforce = casbin.Enforcer.enforce
    monkeypatch.setattr(casbin.Enforcer, "enforce", lambda self, *cell: cell[:3] != about and enforce(self, *cell))
    differing = load_for(service, policy, report_disagreement)
    with capture_logs() as lines:
        await service.services.graphql_service.adopt(differing)
        reply = await service.ask(TARGETS, "regulator")
        await service.ask(TARGETS, "regulator")
    assert {node["facts"] for node in reply.data["focusedCheckTargets"]["nodes"]} == {None}
    assert reply.withheld["focusedCheckTargets.nodes.facts"] == "role"
    question = {**dict(zip(words, about, strict=True)), "scope": Scope.SECTOR_AREA}
    assert [line for line in lines if line["event"] == "policy.disagreement"] == [
        {"event": "policy.disagreement", "log_level": "error", **question, "action": action}
        for action in (Action.MASK, Action.READ)
    ]


async def test_a_policy_that_does_not_fit_is_not_adopted(service: ServiceUnderTest, policy: Path) -> None:
    before = service.services.policy
    change(policy, "classes.csv", without("NaturalPerson.phone,PHONE"))
    with pytest.raises(PolicyRefused, match=r"NaturalPerson\.phone"):
        await service.services.graphql_service.adopt(load_for(service, policy))
    assert service.services.policy is before
    assert (await service.ask(TARGETS, "regulator")).executed


async def test_a_deployment_may_be_stricter(policy: Path, kek: Path, database_url: str) -> None:
    """Who may not read a list's order any more loses the filter by it, and a step that is closed shows nothing."""
    change(policy, "who.csv", without("office,SUPERVISION,CASE_PROCEDURE,read,all,allow"))
    async with open_service(settings_for(kek, database_url, POLICY_DIR=str(policy))) as service:
        query = (
            "query($h: String) @purpose(is: SUPERVISION) { restraintCases(handler: $h) { nodes { number handler } } }"
        )
        assert (await service.ask(query, "office", {"h": "handler-1"})).codes == ["FILTER_REFUSED"]
        reply = await service.ask(query, "office")
        assert {node["handler"] for node in reply.data["restraintCases"]["nodes"]} == {None}
