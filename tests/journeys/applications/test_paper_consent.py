"""Consent on paper after a contest, and what an applicant does by itself, over HTTP [5.1.6]."""

from typing import Any

import pytest

from credit.notices.facts import NoticeKind
from gateway.notices.render import render
from gateway.notices.samples import sample
from policy.actors import Actor, Role
from tests.builders import SCJG, TODAY
from tests.databases import on_both
from tests.journeys.applications.test_at_the_window import UNTIL, answer
from tests.journeys.cases.test_files import fetch, uploaded
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import CHECK, CONTEST, GRANT, LOG, MINE, PAPER, REFUSE, REQUEST

CHANGED = """{
    __typename ... on Refusal { code }
    ... on AuthorisationChanged { authorisation { id status contestFinding confirmedBy } }
  }"""
CONFIRM = f"""
mutation Confirm($input: AuthorisationInput!) @purpose(is: SUPERVISION) {{
  confirmPaperAuthorisation(input: $input) {CHANGED}
}}
"""
DECIDE = f"""
mutation Decide($input: DecideContestInput!) @purpose(is: SUPERVISION) {{ decideContest(input: $input) {CHANGED} }}
"""
OFFER = f"""
mutation Offer($input: OfferAuthorisationInput!) @purpose(is: SELF_ACCESS) {{
  offerAuthorisation(input: $input) {CHANGED}
}}
"""
TASKS = """
query Tasks @purpose(is: SUPERVISION) {
  worklist(side: HEAD, first: 50) { nodes { step authorisation { id status } department { code } } }
}
"""
HELD = """
query Held @purpose(is: CREDIT_CHECK) {
  myAuthorisations(first: 50) {
    nodes { id status requestedAt requestedBy grantedAt refusedAt version expiresOn usesLeft }
  }
}
"""


def record(server: RunningServer, subject: str, evidence: str, **more: Any) -> dict[str, Any]:
    given = {"subject": subject, "purpose": "CREDIT_CHECK", "expiresOn": UNTIL, "uses": 3}
    given |= {"signedOn": TODAY.isoformat(), "evidence": evidence, **more}
    done: dict[str, Any] = server.ask("clerk", PAPER, {"input": given}).data["recordPaperAuthorisation"]
    return done


def tasks(server: RunningServer, who: str, authorisation: str) -> set[str]:
    reply = server.ask(who, TASKS)
    nodes = reply.data["worklist"]["nodes"]
    return {task["step"] for task in nodes if (task["authorisation"] or {}).get("id") == authorisation}


def do(server: RunningServer, who: str, document: str, authorisation: str, **more: Any) -> dict[str, Any]:
    reply = server.ask(who, document, {"input": {"authorisation": authorisation, **more}})
    assert not reply.errors, reply.json
    (done,) = reply.data.values()
    found: dict[str, Any] = done
    return found


@on_both
@pytest.mark.pdf
async def test_no_paper_is_live_after_a_contest_without_a_second_person(server: RunningServer) -> None:
    """The same clerk who recorded the contested paper records another one: it waits for the head."""
    party = server.world.party("person-1")
    server.know("clerk as head", Actor("clerk-1", Role.HEAD, SCJG))
    number = {"number": party.number}
    scan = render(sample(NoticeKind.NOTICE), code=None)
    paper = uploaded(server, "clerk", scan)
    first = record(server, party.gid, paper)["authorisation"]
    assert first["status"] == "LIVE"
    assert server.ask("clerk", CHECK, number).data["subjectByIdentifier"]["name"] == party.name
    # The paper is shown to its subject, and to the window that recorded it; each read is on record.
    assert fetch(server, "person-1", paper).content == scan
    assert fetch(server, "clerk", paper).content == scan
    assert fetch(server, "other clerk", paper).status_code == 404
    read = server.ask("person-1", LOG, {"purpose": "CREDIT_CHECK"}).data["myAccessLog"]["nodes"]
    assert any(one["field"] == "EvidenceFile.content" for entry in read for one in entry["fieldsShown"])

    assert answer(server, "person-1", CONTEST, first["id"])["authorisation"]["status"] == "CONTESTED"
    again = record(server, party.gid, "卷宗-2026-0002")["authorisation"]
    assert again["status"] == "UNCONFIRMED"
    assert server.ask("clerk", CHECK, number).withheld["subjectByIdentifier"] == "consent"
    for who in ("head", "office"):
        assert tasks(server, who, first["id"]) == {"DECIDE_CONTEST"}, who
        assert tasks(server, who, again["id"]) == {"CONFIRM_PAPER"}, who
        assert fetch(server, who, paper, "SUPERVISION").content == scan, who

    assert do(server, "head", CONFIRM, again["id"])["code"] == "CONTEST_OPEN"
    finding = {"finding": "NEVER_GIVEN", "evidence": "核查记录-1"}
    assert do(server, "clerk as head", DECIDE, first["id"], **finding)["code"] == "RECORDER_CANNOT_DECIDE"
    assert do(server, "head", DECIDE, first["id"], **finding)["authorisation"]["contestFinding"] == "NEVER_GIVEN"
    assert do(server, "clerk as head", CONFIRM, again["id"])["code"] == "RECORDER_CANNOT_CONFIRM"
    done = do(server, "office", CONFIRM, again["id"])["authorisation"]
    assert (done["status"], done["confirmedBy"]) == ("LIVE", "office-1")
    assert server.ask("clerk", CHECK, number).data["subjectByIdentifier"]["name"] == party.name
    assert tasks(server, "head", again["id"]) == tasks(server, "head", first["id"]) == set()


@pytest.mark.parametrize(
    ("case", "more", "code"),
    [
        ("of tomorrow", {"signedOn": "2999-01-01"}, "SIGNED_IN_FUTURE"),
        ("of last year", {"signedOn": TODAY.replace(year=TODAY.year - 1).isoformat()}, "SIGNED_TOO_LONG_AGO"),
        ("that is no file", {"evidence": "file:aaaaaaaaaaaaaaaaaaaaaaaaaa"}, "FILE_UNKNOWN"),
    ],
)
async def test_a_paper_is_refused(server: RunningServer, case: str, more: dict[str, Any], code: str) -> None:
    refused = record(server, server.world.party("person-1").gid, **{"evidence": "卷宗-2026-0001", **more})
    assert (refused["__typename"], refused["code"]) == ("BadEvidence", code), case


@on_both
async def test_an_applicant_offers_by_itself_and_changes_its_mind(server: RunningServer) -> None:
    """A refusal bars nobody: the applicant offers, or grants what it refused. The window sees no difference."""
    party, filed = server.world.party("person-1"), server.world.application("of person-1")
    given = {"subject": party.gid, "purpose": "CREDIT_CHECK", "expiresOn": UNTIL, "uses": 3}
    asked = server.ask("clerk", REQUEST, {"input": given}).data["requestAuthorisation"]["authorisation"]
    before = server.ask("clerk", HELD).unrecorded
    assert answer(server, "person-1", REFUSE, asked["id"])["authorisation"]["status"] == "REFUSED"
    assert server.ask("clerk", HELD).unrecorded == before

    offered = server.ask("person-1", OFFER, {"input": {"application": filed.gid}}).data["offerAuthorisation"]
    assert offered["authorisation"]["status"] == "LIVE"
    assert server.ask("clerk", CHECK, {"number": party.number}).data["subjectByIdentifier"]["name"] == party.name
    foreign = server.ask("person-2", OFFER, {"input": {"application": filed.gid}})
    assert foreign.data["offerAuthorisation"]["code"] == "NOT_FOUND"

    assert answer(server, "person-1", GRANT, asked["id"])["authorisation"]["status"] == "LIVE"
    seen = {one["id"]: one for one in server.ask("clerk", HELD).data["myAuthorisations"]["nodes"]}
    assert (seen[asked["id"]]["status"], seen[asked["id"]]["refusedAt"]) == ("LIVE", None)
    assert [one["status"] for one in server.ask("person-1", MINE).data["myAuthorisations"]["nodes"]] == ["LIVE", "LIVE"]
