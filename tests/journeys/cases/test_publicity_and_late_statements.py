"""A restraint that rests, one that is not listed, and one that returns, over HTTP [5.1.4(3)] [5.1.5].

Collected Mon 2 February 2026; served Fri 13 February, so that statements are in time until Wed 25 February.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.databases import on_both
from tests.journeys.cases.test_a_case import SHORT, OfCase, put
from tests.journeys.cases.test_seven_months import Applicant, heard_in_silence
from tests.journeys.running_server import RunningServer, open_server
from tests.schema.service import settings_for

PUBLIC = "query List @purpose(is: PUBLICITY) { publicRestraintList(first: 100) { nodes { number } } }"
SEEN = """query($i: ID!) @purpose(is: DETERMINATION) {
  node(id: $i) { ... on RestraintCase { status inForce isListed listedUntil endsOn pausedOn resumedOn
    reviewDue { on state } } }
}"""
REPORT = """mutation($i: ReportErrorInput!) @purpose(is: DETERMINATION) {
  reportError(input: $i) { ... on NotYet { code until } }
}"""
RULES = "{ publicityRules { code citation listing countedFrom repair startsOn endsOn inCatalogue } }"
PUSHED = """query($i: ID!) @purpose(is: PLATFORM_EXCHANGE) {
  node(id: $i) { ... on RestraintCase { number isListed } }
}"""


def on(month: int, day: int) -> datetime:
    """Give 10 o'clock of a day of 2026 in Shanghai, in UTC."""
    return datetime(2026, month, day, 2, tzinfo=UTC)


def determined(step: OfCase) -> None:
    step.served()
    assert step.done("handler", "determineCase", on(2, 26), severity=SHORT, legalDocument="文书-1") == "DETERMINED"


def seen(step: OfCase, at: datetime) -> dict[str, object]:
    step.server.clock.at = at
    found: dict[str, object] = step.server.ask("handler", SEEN, {"i": step.case.gid}).data["node"]
    return found


def is_public(step: OfCase, at: datetime) -> bool:
    step.server.clock.at = at
    nodes = step.server.ask("anonymous", PUBLIC).data["publicRestraintList"]["nodes"]
    return step.case.number in {node["number"] for node in nodes}


@on_both
async def test_a_letter_posted_in_time_reopens_a_published_case(server: RunningServer) -> None:
    """[5.1.4(3)] Restraint and list rest from its arrival to the review that upholds; the period runs on."""
    step = OfCase(server, await put(server))
    determined(step)
    assert step.done("handler", "publishCase", on(2, 27)) == "PUBLISHED"
    assert is_public(step, on(2, 27))
    letter = {"evidence": ["陈述-2"], "text": "材料系中介误传。", "on": "2026-02-25"}
    late = step("handler", "enterStatement", on(3, 2), **{**letter, "on": "2026-02-26"})
    assert (late["code"], late["since"]) == ("WAIVED_BY_SILENCE", "2026-02-25")
    assert step.done("handler", "enterStatement", on(3, 2), **letter) == "SUSPENDED"
    assert not is_public(step, on(3, 2))
    found = seen(step, on(3, 2))
    assert (found["inForce"], found["isListed"], found["pausedOn"]) == (False, False, "2026-03-02")
    assert found["reviewDue"] == {"on": "2026-03-23", "state": "OPEN"}
    wrong = {"case": step.case.gid, "remedy": "CORRECT", "cause": "WRONG", "items": ["FACTS"]}
    rewritten = server.ask("handler", REPORT, {"i": wrong}).data["reportError"]
    assert rewritten == {"code": "REVIEW_OPEN", "until": "2026-03-23"}, "the reviewer amends"
    assert step.done("head", "assignReviewer", on(3, 3), reviewer="reviewer-1") == "SUSPENDED"
    assert step.done("reviewer", "reviewCase", on(3, 4), outcome="UPHELD") == "PUBLISHED"
    found = seen(step, on(3, 4))
    assert (found["inForce"], found["resumedOn"], found["endsOn"]) == (True, "2026-03-04", "2026-08-27")
    assert is_public(step, on(3, 4))
    # Another letter of the same day, held up longer, is heard too.
    assert step.done("handler", "enterStatement", on(3, 5), **{**letter, "evidence": ["陈述-3"]}) == "SUSPENDED"
    assert seen(step, on(3, 5))["reviewDue"] == {"on": "2026-03-26", "state": "OPEN"}
    assert step.done("reviewer", "reviewCase", on(3, 6), outcome="UPHELD") == "PUBLISHED"
    assert (seen(step, on(3, 6))["pausedOn"], is_public(step, on(3, 6))) == ("2026-03-05", True)


async def test_a_review_that_drops_it_ends_it(server: RunningServer) -> None:
    """[5.1.4(3)] Before its publication: it waits for the review, and then is not published at all."""
    step = OfCase(server, await put(server))
    determined(step)
    assert step.done("handler", "enterStatement", on(2, 27), evidence=["陈述-2"], on="2026-02-25") == "SUSPENDED"
    assert step("handler", "publishCase", on(2, 28))["code"] == "REVIEW_OPEN"
    step.done("head", "assignReviewer", on(2, 28), reviewer="reviewer-1")
    assert step.done("reviewer", "reviewCase", on(3, 2), outcome="DROPPED") == "DROPPED"
    assert step("handler", "publishCase", on(3, 2))["code"] == "ALREADY_ENDED"


@on_both
async def test_while_a_new_breach_is_under_review_it_restarts_nothing(server: RunningServer) -> None:
    """[5.1.4(3)] [5.1.5] Only it brought the older case back; the review that upholds brings it back again."""
    applicant = Applicant(server, "2025-10-13")
    old = applicant.collected("案-旧", "2025-10-13", occurredOn="2025-10-09")
    heard_in_silence(old, "2025-10-15", "2025-10-20", "2025-10-31")
    old.done("handler", "confirmRectification", on(2, 2), evidence=["整改-1"])
    new = applicant.collected("案-新", "2026-04-20", occurredOn="2026-04-17")
    heard_in_silence(new, "2026-04-21", "2026-04-22", "2026-05-11")
    assert applicant.seen_by(on(5, 12), "案-旧") == (True, True, True)
    letter = {"evidence": ["陈述-1"], "on": "2026-04-27"}
    assert new.done("handler", "enterStatement", on(5, 13), **letter) == "SUSPENDED"
    assert applicant.seen_by(on(5, 13), "案-旧") == (False, False, False)
    new.done("head", "assignReviewer", on(5, 14), reviewer="reviewer-1")
    assert new.done("reviewer", "reviewCase", on(5, 18), outcome="UPHELD") == "PUBLISHED"
    assert applicant.seen_by(on(5, 18), "案-旧") == (True, True, True)
    assert applicant.case(old, on(5, 18))["endsOn"] == applicant.case(new, on(5, 18))["endsOn"] == "2026-11-11"


@pytest.fixture
async def national(database_url: str, kek: Path) -> AsyncIterator[RunningServer]:
    """Give a server that lists by the national rule."""
    settings = replace(settings_for(kek, database_url, LOG_FORMAT="json"), publicity="national")
    async with open_server(settings) as opened:
        yield opened


async def test_by_the_national_rule_a_restraint_is_in_force_and_not_listed(national: RunningServer) -> None:
    """[5.1.5] Announced on 1 April: counted from the determination, and over with confirmed rectification."""
    step = OfCase(national, await put(national))
    determined(step)
    assert step.done("handler", "publishCase", on(4, 1)) == "PUBLISHED"
    found = seen(step, on(4, 1))
    assert (found["inForce"], found["isListed"], found["listedUntil"], found["endsOn"]) == (
        True, False, None, "2026-08-26",
    )  # fmt: skip
    assert not is_public(step, on(4, 1))
    assert national.ask("platform", PUSHED, {"i": step.case.gid}).data["node"] == {
        "number": step.case.number, "isListed": False,
    }  # fmt: skip
    assert step.done("handler", "confirmRectification", on(4, 20), evidence=["整改-1"]) == "ENDED"
    assert national.ask("platform", PUSHED, {"i": step.case.gid}).data["node"] is None
    (_, rule) = national.ask("anonymous", RULES).data["publicityRules"]
    assert (rule["listing"], rule["countedFrom"], rule["repair"], rule["startsOn"]) == (
        "NOT_LISTED", "DETERMINATION", "ON_APPLICATION", "2026-04-01",
    )  # fmt: skip
