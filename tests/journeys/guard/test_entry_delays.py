"""The lawful delay of an investigation's entries: ordered, extended, opened by the date or by the notice [5.1.6]."""

from datetime import UTC, datetime
from typing import Any

from tests.databases import on_both
from tests.journeys.cases.test_a_case import SHORT, OfCase, february, put
from tests.journeys.running_server import RunningServer

LAW = "个人信息保护法第十八条第一款"
READ = "query($c: ID!) @purpose(is: DETERMINATION) { node(id: $c) { ... on RestraintCase { facts subject { name } } } }"
LOG = """query($log: ID) @purpose(is: SELF_ACCESS) {
  myAccessLog(purpose: DETERMINATION, first: 1) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id at actor delay { opensOn department { code } acts { orderedBy ground opensOn } } }
  }
  entryDelays { totalCount nodes { opensOn acts { orderedBy ground opensOn } } }
  nodes(ids: [$log]) { __typename }
}""".replace("[$log]", "$ids").replace("($log: ID)", "($ids: [ID!]!)")
AUDIT = """query @purpose(is: AUDIT) {
  myAccessLog(purpose: DETERMINATION, first: 20) { totalCount nodes { id delay { opensOn } } }
  entryDelays { totalCount nodes { id opensOn } }
}"""
OBJECT = """mutation($i: RaiseObjectionInput!) @purpose(is: SELF_ACCESS) { raiseObjection(input: $i) {
  __typename ... on Refusal { code } } }"""


def shanghai(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Give an instant of the day in Shanghai, at eight o'clock or later."""
    return datetime(2026, month, day, hour - 8, minute, second, tzinfo=UTC)


def own(server: RunningServer, at: datetime, *ids: str) -> dict[str, Any]:
    """Give what the subject sees of reads for determinations."""
    server.clock.at = at
    reply = server.ask("person-1", LOG, {"ids": list(ids)})
    assert not reply.errors, reply.json
    found: dict[str, Any] = reply.data
    return found


def read(server: RunningServer, step: OfCase, at: datetime) -> None:
    server.clock.at = at
    assert server.ask("handler", READ, {"c": step.gid}).data["node"]["facts"] == step.case.facts


NOTHING = {"totalCount": 0, "pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": []}


@on_both
async def test_a_delay_of_thirty_days_its_extension_and_what_the_subject_then_sees(server: RunningServer) -> None:
    step = OfCase(server, await put(server))
    given = {"ground": LAW, "evidence": ["令-2026-1"]}
    assert step("handler", "delayEntries", february(3), until="2026-03-05", **given)["__typename"] == "NotFound"
    long = step("head", "delayEntries", february(3), until="2026-03-06", **given)
    assert (long["code"], long["until"]) == ("DELAY_TOO_LONG", "2026-03-05")
    assert step("head", "extendEntryDelay", february(3), until="2026-03-05", **given)["code"] == "NOT_DELAYED"
    step.done("head", "delayEntries", february(3), until="2026-03-05", **given)
    assert step("head", "delayEntries", february(4), until="2026-03-05", **given)["code"] == "ALREADY_DELAYED"
    read(server, step, february(4))

    entries = server.ask("auditor", AUDIT).data
    ids = [node["id"] for node in entries["myAccessLog"]["nodes"]] + [entries["entryDelays"]["nodes"][0]["id"]]
    assert {node["delay"]["opensOn"] for node in entries["myAccessLog"]["nodes"]} == {"2026-03-05"}, "at once"
    before = own(server, shanghai(3, 4, 23, 59, 59), *ids)
    assert before["myAccessLog"] == NOTHING
    assert (before["entryDelays"], before["nodes"]) == ({"totalCount": 0, "nodes": []}, [None] * len(ids))
    objected = {"record": ids[0], "text": "谁看过？"}
    hidden = server.ask("person-1", OBJECT, {"i": objected}).data["raiseObjection"]
    assert hidden == {"__typename": "NotFound", "code": "NOT_FOUND"}

    # A second act, on the last day; what was recorded before opens later too.
    step.done("head", "extendEntryDelay", shanghai(3, 4, 10), until="2026-03-20", **given | {"ground": "另一条"})
    assert own(server, shanghai(3, 19, 23, 59, 59), *ids)["myAccessLog"] == NOTHING
    opened = own(server, datetime(2026, 3, 19, 16, tzinfo=UTC), *ids)
    assert opened["myAccessLog"]["totalCount"] == len(ids) - 1 + 1
    (first,) = opened["myAccessLog"]["nodes"]
    acts = [
        {"orderedBy": "head-1", "ground": LAW, "opensOn": "2026-03-05"},
        {"orderedBy": "head-1", "ground": "另一条", "opensOn": "2026-03-20"},
    ]
    assert first["delay"] == {"opensOn": "2026-03-20", "department": {"code": "LZ-SCJG"}, "acts": acts}
    assert opened["entryDelays"] == {"totalCount": 1, "nodes": [{"opensOn": "2026-03-20", "acts": acts}]}
    assert None not in opened["nodes"]
    assert server.ask("person-1", OBJECT, {"i": objected}).data["raiseObjection"]["__typename"] != "NotFound"


@on_both
async def test_without_a_delay_an_entry_is_shown_at_once_and_the_notice_ends_one(server: RunningServer) -> None:
    step = OfCase(server, await put(server))
    read(server, step, february(3))
    assert own(server, february(3, 11))["myAccessLog"]["totalCount"] == 1
    step.done("head", "delayEntries", february(4), until="2026-03-06", ground=LAW, evidence=["令-2026-1"])
    read(server, step, february(5))
    step.done("handler", "verifyCase", february(10), evidence=["卷宗-1"], severity=SHORT)
    assert own(server, february(10, 11))["myAccessLog"]["totalCount"] == 1, "what was recorded before stays"
    step.done("handler", "noticeCase", february(11))
    found = own(server, february(11, 11))
    assert found["myAccessLog"]["totalCount"] > 2
    assert found["entryDelays"]["nodes"][0]["opensOn"] == "2026-02-11"
    assert step("head", "delayEntries", february(12), until="2026-03-06", ground=LAW, evidence=["令-1"])["code"] == (
        "ALREADY_TAKEN"
    )
