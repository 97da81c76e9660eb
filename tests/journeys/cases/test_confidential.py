"""A record marked confidential vanishes from every interface, exports included, until the mark is taken off [5.1.6]."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from consent.vocabulary import Purpose
from gateway.import_export.exporting.export_form import export_file
from gateway.services import build_services
from policy.actors import Actor, Role
from schema.core.global_ids import decode
from storage import tables
from tests.builders import SCJG, WJJ
from tests.databases import on_both
from tests.journeys.cases.test_a_case import SHORT, february
from tests.journeys.cases.test_collection import FACTS, WORDS, collect, collected, stated
from tests.journeys.running_server import RunningServer
from tests.journeys.support.steps import Steps

NUMBER = "临市监〔2026〕9号"
CASES = "{ restraintCases(first: 50) { nodes { number } } }"
OWN = "{ mySubject { isRestrained restraintCases(first: 50) { nodes { number } } } }"
OWN_BY_ID = "query($s: ID!) { mySubject(id: $s) { isRestrained restraintCases(first: 50) { nodes { number } } } }"
NODE = "query($i: ID!) { node(id: $i) { ... on RestraintCase { number } } }"
NODES = "query($i: ID!) { nodes(ids: [$i]) { ... on RestraintCase { number } } }"
OF_SUBJECT = "query($s: ID!) { subject(id: $s) { isRestrained restraintCases(first: 50) { nodes { number } } } }"
OF_LIST = "{ nodes { id circumstance basis legalDocument } }"

ROOTS: tuple[tuple[str, str, str], ...] = (
    # who | for | what
    ("handler", "DETERMINATION", CASES),
    ("handler", "DETERMINATION", NODE),
    ("handler", "DETERMINATION", NODES),
    ("handler", "DETERMINATION", OF_SUBJECT),
    ("head", "DETERMINATION", CASES),
    ("head", "SUPERVISION", CASES),
    ("reviewer", "REVIEW", CASES),
    ("regulator", "FOCUSED_CHECK", f"{{ focusedCheckTargets(first: 50) {OF_LIST} }}"),
    ("regulator", "FOCUSED_CHECK", NODE),
    ("platform", "PLATFORM_EXCHANGE", CASES),
    ("office", "SUPERVISION", CASES),
    ("auditor", "AUDIT", CASES),
    ("anonymous", "PUBLICITY", f"{{ publicRestraintList(first: 50) {OF_LIST} }}"),
    ("person-1", "SELF_ACCESS", OWN),
    ("person-1", "SELF_ACCESS", NODE),
    ("person-1", "SELF_ACCESS", "{ worklist(first: 50) { nodes { case { number } } } }"),
    ("agent", "SELF_ACCESS", OWN_BY_ID),  # it acts for several
)


def published(server: RunningServer) -> Steps:
    """Bring the case on the list, the only one there in February."""
    step = stated(server)
    step.done("reviewer", "reviewCase", february(26), outcome="UPHELD")
    step.done("handler", "determineCase", february(27), severity=SHORT, legalDocument="临审告字〔2026〕第9号")
    assert step.done("handler", "publishCase", february(27, 11)) == "PUBLISHED"
    return step


def visible(server: RunningServer, step: Steps) -> list[bool]:
    """Return for every root whether it shows the case."""
    known = (NUMBER, "临审告字〔2026〕第9号", step.gid, FACTS, '"isRestrained":true')
    variables = {"i": step.gid, "s": server.world.party("person-1").gid}
    answers = [
        server.ask(who, query, {name: variables[name] for name in variables if f"${name}:" in query},
                   headers={"Access-Purpose": purpose})
        for who, purpose, query in ROOTS
    ]  # fmt: skip
    for (who, purpose, _), reply in zip(ROOTS, answers, strict=True):
        assert reply.data is not None, (who, purpose, reply.response.text)
    return [any(word in reply.response.text.replace(": ", ":") for word in known) for reply in answers]


async def exported(server: RunningServer, path: Path) -> str:
    """Write the handler's list out."""
    services = build_services(server.settings, server.clock)
    try:
        await export_file(services, path, server.world.actor("handler"), Purpose.DETERMINATION)
    finally:
        await services.close()
    return path.read_text(encoding="utf-8-sig")  # noqa: ASYNC240 - a small file, and nobody else waits here


def parts_of(server: RunningServer, step: Steps) -> list[str]:
    """Give the global ids of the case's steps and statements."""
    query = """query($i: ID!) @purpose(is: DETERMINATION) { node(id: $i) { ... on RestraintCase {
      steps { nodes { id } } statements { nodes { id } } } } }"""
    case = server.ask("handler", query, {"i": step.gid}).data["node"]
    return [each["id"] for part in ("steps", "statements") for each in case[part]["nodes"]]


def unmark(server: RunningServer, who: str, **given: Any) -> dict[str, Any]:
    query = """mutation($i: UnmarkConfidentialInput!) @purpose(is: DETERMINATION) { unmarkConfidential(input: $i) {
      __typename ... on CaseChanged { case { number status inForce } } ... on Refusal { code }
    } }"""
    asked = {"number": NUMBER, "evidence": ["解密-1"], **given}
    found: dict[str, Any] = server.ask(who, query, {"i": asked}).data["unmarkConfidential"]
    return found


CHANGES = "query($i: ID!) { node(id: $i) { ... on RestraintCase { version changedAt steps { totalCount } } } }"


@on_both
async def test_who_saw_the_record_before_the_mark_sees_it_again_as_it_was(server: RunningServer) -> None:
    """[5.1.6] The subject sees neither the mark nor its end in the history, so nothing else counts them for it."""
    step = published(server)

    def seen() -> tuple[Any, Any]:
        own = server.ask("person-1", CHANGES, {"i": step.gid}, headers={"Access-Purpose": "SELF_ACCESS"})
        listed = "{ publicRestraintList(first: 50) { edges { cursor node { number changedAt } } } }"
        return own.data, server.ask("anonymous", listed, headers={"Access-Purpose": "PUBLICITY"}).data

    before = seen()
    assert step("head", "markConfidential", february(28), evidence=["定密-1"])["__typename"] == "CaseChanged"
    assert unmark(server, "head")["__typename"] == "CaseChanged"
    assert seen() == before
    assert step.done("person-1", "claimRectification", february(28, 12), evidence=["整改-1"]) == "PUBLISHED"


@on_both
async def test_a_confidential_record_vanishes_and_comes_back(server: RunningServer, tmp_path: Path) -> None:
    """Every root, every part of it, every step, the exported list; no message leaves [5.1.6]."""
    step = published(server)
    assert visible(server, step) == [True] * len(ROOTS)
    assert NUMBER in await exported(server, tmp_path / "before.csv")
    services = parts_of(server, step)

    at = february(28)
    for who in ("handler", "person-1", "reviewer"):
        assert step(who, "markConfidential", at)["__typename"] == "NotFound", who
    marked = step("head", "markConfidential", at, evidence=["定密-1"])
    assert marked == {"__typename": "CaseChanged", "case": None}

    assert visible(server, step) == [False] * len(ROOTS)
    listed = await exported(server, tmp_path / "after.csv")
    assert NUMBER not in listed
    assert FACTS not in listed
    ids = "query($i: [ID!]!) @purpose(is: DETERMINATION) { nodes(ids: $i) { __typename id } }"
    reply = server.ask("handler", ids, {"i": services})
    assert reply.data["nodes"] == [None] * len(services)
    assert WORDS not in reply.response.text
    for who, mutation, given in (
        ("handler", "confirmRectification", {"evidence": ["整改-1"]}),
        ("handler", "referCase", {"evidence": ["移送-1"]}),
        ("head", "handOverCase", {"handler": "handler-2"}),
        ("head", "markConfidential", {}),
        ("person-1", "claimRectification", {"evidence": ["整改-1"]}),
    ):
        assert step(who, mutation, at, **given)["__typename"] == "NotFound", mutation

    server.know("other head", Actor("head-2", Role.HEAD, WJJ))
    server.know("second handler", Actor("handler-2", Role.HANDLER, SCJG))
    for who, given in (
        ("other head", {}), ("handler", {}), ("second handler", {}), ("head", {"number": "案-没有"}),
        ("head", {"number": "案-001"}),  # which is not marked
    ):  # fmt: skip
        assert unmark(server, who, **given)["__typename"] == "NotFound", who
    lacking = unmark(server, "head", evidence=[])
    assert (lacking["__typename"], lacking["code"]) == ("Lacking", "EVIDENCE_MISSING")

    server.clock.at = at + timedelta(hours=1)
    done = unmark(server, "head")
    assert done == {
        "__typename": "CaseChanged", "case": {"number": NUMBER, "status": "PUBLISHED", "inForce": True}
    }  # fmt: skip
    assert visible(server, step) == [True] * len(ROOTS)

    _, case_id = decode(step.gid).keys
    async with server.database.snapshot() as session:
        sent = await session.fetch(select(tables.outbox.c.topic, tables.outbox.c.about))
        taken = select(tables.case_steps.c.step, tables.case_steps.c.actor_ref, tables.case_steps.c.evidence)
        marks = await session.fetch(taken.where(tables.case_steps.c.step.in_(["MARKED", "UNMARKED"])))
    topics = {topic for topic, about in sent if about.get("case_id") == str(case_id)}
    assert not any("mark" in topic for topic in topics)
    assert set(marks) == {("MARKED", "head-1", "定密-1"), ("UNMARKED", "head-1", "解密-1")}
    history = """query($i: ID!) { node(id: $i) { ... on RestraintCase { steps(first: 50) { nodes { step } } } } }"""
    for who, purpose, shown in (("person-1", "SELF_ACCESS", False), ("head", "DETERMINATION", True)):
        reply = server.ask(who, history, {"i": step.gid}, headers={"Access-Purpose": purpose})
        assert ("MARKED" in reply.response.text) is shown, who


@on_both
async def test_the_number_of_a_confidential_case_tells_nobody_of_it(server: RunningServer) -> None:
    """Another case may have it: a refusal would show the record. Unmarked, it gets a number that is free [5.1.6]."""
    step = collected(server)
    assert step("head", "markConfidential", february(3), evidence=["定密-1"])["__typename"] == "CaseChanged"
    again = collect(server)
    assert (again["__typename"], again["case"]["number"]) == ("CaseChanged", NUMBER)
    assert collect(server)["code"] == "NUMBER_TAKEN"
    server.clock.at = february(4)
    assert unmark(server, "head")["code"] == "NUMBER_TAKEN"
    done = unmark(server, "head", newNumber="临市监〔2026〕9-1号")
    assert done["case"]["number"] == "临市监〔2026〕9-1号"
    assert unmark(server, "head")["__typename"] == "NotFound"
