"""Whole lists over HTTP: a reader turns the pages while a colleague takes the steps of a case."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.databases import on_both
from tests.journeys.cases.test_a_case import PAPER, SHORT, OfCase, february, put
from tests.journeys.running_server import RunningServer

Node = dict[str, Any]
WORKLIST = ("handler", "DETERMINATION", "worklist", "step case { id }")


def walk(
    server: RunningServer,
    who: str,
    purpose: str,
    root: str,
    selection: str,
    between: Callable[[int], None],
    first: int = 2,
) -> list[Node]:
    """Turn the pages of a list; *between* is called with the number of pages read."""
    page = f"pageInfo {{ hasNextPage endCursor }} nodes {{ {selection} }}"
    query = f"query($a: String) @purpose(is: {purpose}) {{ {root}(first: {first}, after: $a) {{ {page} }} }}"
    seen: list[Node] = []
    after, read = None, 0
    while True:
        reply = server.ask(who, query, {"a": after})
        assert not reply.errors, reply.json
        found = reply.data[root]
        seen, read = [*seen, *found["nodes"]], read + 1
        if not found["pageInfo"]["hasNextPage"]:
            return seen
        assert read < 40, "the walk has no end"
        after = found["pageInfo"]["endCursor"]
        between(read)


@on_both
async def test_steps_taken_between_pages_lose_no_case(server: RunningServer) -> None:
    """Twelve collected cases; after the first page a colleague verifies five that were not read."""
    cases = [OfCase(server, await put(server, f"案-翻页-{n:02}")) for n in range(12)]
    mine = {step.case.gid for step in cases}
    server.clock.at = february(9)

    def verifies(read: int) -> None:
        if read == 1:
            for step in unread[:5]:
                step.done("handler", "verifyCase", february(9, 11), evidence=PAPER, severity=SHORT)

    first = server.ask("handler", "query @purpose(is: DETERMINATION) { restraintCases(first: 5) { nodes { id } } }")
    shown = {node["id"] for node in first.data["restraintCases"]["nodes"]}
    unread = [step for step in cases if step.case.gid not in shown]
    seen = [node["id"] for node in walk(server, "handler", "DETERMINATION", "restraintCases", "id", verifies, first=5)]
    assert mine <= set(seen)
    # Whether what has just been verified was read before is not known, so it comes at the end.
    assert {one for one in mine if seen.count(one) > 1} <= {step.case.gid for step in unread[:5]}


@on_both
async def test_a_case_whose_task_changes_stays_on_the_worklist(server: RunningServer) -> None:
    """Verified, a case has to be notified within three days: its task moves before the page that is read [5.1.4(2)]."""
    cases = [OfCase(server, await put(server, f"案-待办-{n:02}")) for n in range(8)]
    server.clock.at = february(9)
    waiting = [node["case"]["id"] for node in walk(server, *WORKLIST, lambda _: None)]
    by_id = {step.case.gid: step for step in cases}

    def verifies(read: int) -> None:
        if waiting and read % 2:
            step = by_id.get(waiting.pop())
            if step is not None:
                step.done("handler", "verifyCase", february(9, 10 + read // 2), evidence=PAPER, severity=SHORT)

    seen = {node["case"]["id"] for node in walk(server, *WORKLIST, verifies)}
    assert len(waiting) < len(cases)
    assert set(by_id) <= seen


@on_both
async def test_a_restarted_period_loses_nobody_from_the_public_list(server: RunningServer) -> None:
    """A new publication restarts the period of the earlier restraint while the public turns the pages [5.1.5]."""
    parties = ("person-1", "company-1", "trader-1", "person-2", "club-1", "company-2")
    for n, party in enumerate(parties):
        days = {"determined_on": date(2026, 1, 12), "published_on": date(2026, 1, 12) + timedelta(days=n // 2)}
        given = {**days, "ends_on": date(2026, 7, 12), "changed_at": february(1)}
        await put(server, f"案-在册-{n}", party, **given)
    step = OfCase(server, await put(server, "案-新", "person-1"))
    step.served()
    step.done("handler", "determineCase", february(26), severity=SHORT, legalDocument="临审告字〔2026〕第9号")

    def publishes(read: int) -> None:
        if read == 1:
            step.done("handler", "publishCase", february(26))

    def listed() -> dict[str, str]:
        reply = server.ask("anonymous", "query @purpose(is: PUBLICITY) { publicRestraintList { nodes { id endsOn } } }")
        return {node["id"]: node["endsOn"] for node in reply.data["publicRestraintList"]["nodes"]}

    before = listed()
    seen = [node["id"] for node in walk(server, "anonymous", "PUBLICITY", "publicRestraintList", "id", publishes)]
    after = listed()
    assert any(before[one] != after[one] for one in before), "a period restarted"
    assert set(before) <= set(seen)
    assert len(seen) == len(set(seen))
