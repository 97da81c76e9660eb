"""Letters over HTTP: about an application, its promises, an authorisation; contests of papers [4.2] [5.1.6].

2026: off are 15 to 23 February, worked are the Saturdays 14 and 28.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from consent.rules import Bounds
from policy.actors import Actor, Role
from storage import tables
from tests.builders import NOW, SCJG, WJJ, Held, answer, ask_for
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.promises import Promise, allow, at, cleared

BOTH = {"missing": ["场地证明", "验资报告"], "dueOn": "2026-02-12", "commitment": "承诺-2026-07"}
LETTER = {"evidence": ["撤回-1"]}
PAPER = """query P($i: ID!) @purpose(is: SELF_ACCESS) { node(id: $i) { ... on Application { status outcome
  paperWithdrawal { on recordedOn enteredBy contestedOn }
  deferral { state endedOn paperWithdrawal { on contestedOn } } } } }"""
ENTER = """mutation E($i: EnterAuthorisationWithdrawalInput!) {
  enterAuthorisationWithdrawal(input: $i) { __typename
    ... on AuthorisationChanged { authorisation { status withdrawnOn withdrawalEvidence } }
    ... on Refusal { code } } }"""
OWN = """query O($i: ID!) @purpose(is: SELF_ACCESS) { node(id: $i) { ... on Authorisation {
  status withdrawnOn withdrawnAt withdrawalEvidence } } }"""
FIGURES = "query F @purpose(is: SUPERVISION) { figures(year: 2026) { departments { lateEntries } } }"


@pytest.fixture
async def promise(server: RunningServer) -> Promise:
    """Give an application of a matter that can be deferred or committed to, checked and clean on Mon 2 February."""
    await allow(
        server, deferred_documents=True, deferral_longest_days=30, commitment=True, commitment_limit_days=3,
        commitment_verify_days=3,
    )  # fmt: skip
    return await cleared(server, "02-02")


def own(promise: Promise, day: str) -> dict[str, Any]:
    promise.server.clock.at = at(day)
    reply = promise.server.ask("person-1", PAPER, {"i": promise.application.gid})
    assert not reply.errors, reply.json
    return dict(reply.data["node"])


@on_both
async def test_an_application_withdrawn_on_paper_and_contested(promise: Promise) -> None:
    """[4.2] [5.1.6] It counts from its posting with what it promised; contested, all of it goes on as before."""
    promise.done("clerk", "deferDocuments", at("02-02"), **BOTH)
    assert promise("clerk", "withdrawApplication", at("02-06"))["code"] == "NOT_FOUND", "a clerk has no word in it"
    entered = promise.done("clerk", "enterApplicationWithdrawal", at("02-10"), on="2026-02-04", **LETTER)
    assert entered == {"status": "WITHDRAWN"}
    assert ("application.withdrawn", "subject") in await promise.notified()
    found = own(promise, "02-10")
    both = {"on": "2026-02-04", "recordedOn": "2026-02-10", "enteredBy": "clerk-1"}
    assert found["paperWithdrawal"] == {**both, "contestedOn": None}
    ended = {"on": "2026-02-04", "contestedOn": None}
    assert found["deferral"] == {"state": "ENDED", "endedOn": "2026-02-04", "paperWithdrawal": ended}

    for who in ("person-2", "clerk", "handler"):
        assert promise(who, "contestWithdrawal", at("02-11"))["code"] == "NOT_FOUND", who
    assert promise.done("person-1", "contestWithdrawal", at("02-11"))["status"] in {"FILED", "ACCEPTED"}
    assert ("application.withdrawal-contested", "department") in await promise.notified()
    found = own(promise, "02-11")
    assert found["outcome"] is None
    assert found["paperWithdrawal"] == {**both, "contestedOn": "2026-02-11"}
    again = {"on": "2026-02-04", "contestedOn": "2026-02-11"}
    assert found["deferral"] == {"state": "OPEN", "endedOn": None, "paperWithdrawal": again}
    steps = [(step, role) for step, _, _, role in await promise.steps()]
    assert steps[-2:] == [("DEFERRAL_RESUMED", "subject"), ("WITHDRAWAL_CONTESTED", "subject")]

    for who in ("clerk", "handler"):
        second = promise(who, "enterApplicationWithdrawal", at("02-12"), on="2026-02-12", **LETTER)
        assert second["code"] == "WITHDRAWAL_CONTESTED", "nobody enters another paper"
    assert promise("person-1", "contestWithdrawal", at("02-12"))["code"] == "NO_PAPER_WITHDRAWAL"
    assert promise.done("person-1", "withdrawApplication", at("02-12")) == {"status": "WITHDRAWN"}


@on_both
async def test_a_withdrawal_contested_on_paper(promise: Promise) -> None:
    """[4.2] [5.1.6] By a letter, for a citizen without a telephone; never by who entered the withdrawal."""
    promise.done("clerk", "deferDocuments", at("02-02"), **BOTH)
    promise.done("clerk", "enterApplicationWithdrawal", at("02-06"), on="2026-02-04", **LETTER)
    enter, contest = "enterWithdrawalContest", {"on": "2026-02-09", "evidence": ["异议-1"]}
    for case, who, given, code in (
        ("who entered the withdrawal", "clerk", {}, "CONTEST_OF_OWN_ENTRY"),
        ("no paper", "handler", {"evidence": [" "]}, "STEP_NOT_WELL_FORMED"),
        ("before the withdrawal was entered", "handler", {"on": "2026-02-05"}, "CONTEST_MISDATED"),
        ("the future", "handler", {"on": "2026-02-12"}, "CONTEST_MISDATED"),
        ("another window", "other clerk", {}, "NOT_FOUND"),
        ("the applicant contests by itself", "person-1", {}, "NOT_FOUND"),
    ):
        assert promise(who, enter, at("02-11"), **{**contest, **given})["code"] == code, case
    assert promise.done("handler", enter, at("02-11"), **contest)["status"] in {"FILED", "ACCEPTED"}
    assert ("application.withdrawal-contested", "subject") in await promise.notified()
    found = own(promise, "02-11")
    assert found["paperWithdrawal"]["contestedOn"] == "2026-02-09"
    assert (found["deferral"]["state"], found["deferral"]["paperWithdrawal"]["contestedOn"]) == ("OPEN", "2026-02-09")
    assert promise("handler", enter, at("02-12"), **contest)["code"] == "NO_PAPER_WITHDRAWAL"
    sheets = promise.server.ask("office", FIGURES).data["figures"]["departments"]
    assert sum(each["lateEntries"] for each in sheets) == 3, "the withdrawal, that of the promise with it, the contest"


@pytest.mark.parametrize(
    ("case", "who", "given", "code"),
    [
        ("no paper", "clerk", {"on": "2026-02-06", "evidence": [" "]}, "STEP_NOT_WELL_FORMED"),
        ("a day of the future", "clerk", {"on": "2026-02-11", **LETTER}, "WITHDRAWAL_MISDATED"),
        ("a day before the filing", "clerk", {"on": "2026-01-04", **LETTER}, "WITHDRAWAL_MISDATED"),
        ("another window", "other clerk", {"on": "2026-02-06", **LETTER}, "NOT_FOUND"),
        ("the applicant enters nothing", "person-1", {"on": "2026-02-06", **LETTER}, "NOT_FOUND"),
    ],
)
async def test_what_is_no_withdrawal_on_paper(promise: Promise, case: str, who: str, given, code: str) -> None:
    """[4.2] [5.1.4]"""
    assert promise(who, "enterApplicationWithdrawal", at("02-10"), **given)["code"] == code, case


@on_both
async def test_a_promise_withdrawn_on_paper(promise: Promise) -> None:
    """[4.2.2] [5.1.2c] Posted before the default, it ends the promise; contested, the reminder's period runs anew."""
    promise.done("clerk", "deferDocuments", at("02-02"), **BOTH)
    promise.done("clerk", "remindDocuments", at("02-13", 9), paper="催告-1")
    promise.done("handler", "serveReminder", at("02-13", 15), proof="回执-1")
    early = promise("clerk", "enterDeferralWithdrawal", at("02-26"), on="2026-02-01", **LETTER)
    assert (early["__typename"], early["earliest"]) == ("DateOutOfBounds", "2026-02-02")
    assert promise.seen("clerk", at("02-26"))["deferral"]["state"] == "DEFAULTED"
    ended = promise.done("clerk", "enterDeferralWithdrawal", at("02-26"), on="2026-02-24", **LETTER)
    assert (ended["state"], ended["endedOn"]) == ("ENDED", "2026-02-24")
    assert ("promise.deferral-withdrawn", "subject") in await promise.notified()
    none = promise("handler", "collectDefault", at("02-27"), number="容缺-2026-1")
    assert none["__typename"] == "NotDue"

    assert promise.done("agent", "contestWithdrawal", at("03-02"))["status"] == "FILED"
    resumed = promise.seen("clerk", at("03-02"))["deferral"]
    assert (resumed["state"], resumed["endedOn"], resumed["due"]["on"]) == ("REMINDED", None, "2026-03-05")
    second = promise("clerk", "enterDeferralWithdrawal", at("03-03"), on="2026-03-03", **LETTER)
    assert second["code"] == "WITHDRAWAL_CONTESTED"
    assert promise.seen("clerk", at("03-06"))["deferral"]["state"] == "DEFAULTED"
    assert promise("person-1", "contestWithdrawal", at("03-06"))["code"] == "NO_PAPER_WITHDRAWAL"
    server, row = promise.server, tables.deferrals
    assert await server.contradictions() == [], "the contest says from which day the reminder counts anew"
    later = update(row).where(row.c.application_id == promise.application.row_id).values(due_on=date(2026, 12, 31))
    await server.database.write((later, None))
    assert await server.contradictions() == [("deferrals", ("due_on",))]


async def test_a_commitment_withdrawn_on_paper(promise: Promise) -> None:
    """[4.2.3]"""
    promise.done("clerk", "makeCommitment", at("02-02"), commitment="承诺-1")
    ended = promise.done("handler", "enterCommitmentWithdrawal", at("02-06"), on="2026-02-03", **LETTER)
    assert (ended["state"], ended["endedOn"]) == ("ENDED", "2026-02-03")
    assert promise.done("person-1", "contestWithdrawal", at("02-07"))["status"] == "FILED"
    assert promise.seen("clerk", at("02-07"))["commitment"]["endedOn"] is None
    promise.done("clerk", "completeCommitment", at("02-09"))
    late = promise("clerk", "enterCommitmentWithdrawal", at("02-10"), on="2026-02-08", **LETTER)
    assert late["code"] == "PROMISE_CLOSED", "what the matter was completed on is verified all the same"


@on_both
async def test_an_authorisation_withdrawn_on_paper(server: RunningServer) -> None:
    """[5.1.6] It opens nothing from the record on, and counts as ended from the day of posting."""
    party = server.world.party("person-1")
    bounds = Bounds(expires_on=NOW.date() + timedelta(days=7), uses=3)
    server.clock.at = NOW
    held = await ask_for(server.database, server.world, party, bounds)
    refused = await ask_for(server.database, server.world, server.world.party("person-2"), bounds)
    waiting = await ask_for(server.database, server.world, server.world.party("company-1"), bounds)
    await answer(server.database, server.world, held, "grant")
    await answer(server.database, server.world, refused, "refuse")
    server.know("another window", Actor("clerk-9", Role.CLERK, WJJ))

    def entered(who: str, which: str, on: str, evidence: str = "撤回-1", **more: Any) -> dict[str, Any]:
        given = {"authorisation": which, "on": on, "evidence": evidence, **more}
        purpose = "SELF_ACCESS" if who == "person-1" else "CREDIT_CHECK"
        reply = server.ask(who, ENTER, {"i": given}, headers={"Access-Purpose": purpose})
        assert not reply.errors, reply.json
        return dict(reply.data["enterAuthorisationWithdrawal"])

    today, late = NOW.date(), NOW.replace(day=NOW.day + 3)
    server.clock.at = late
    for case, who, given, code in (
        ("another department", "another window", {}, "NOT_FOUND"),
        ("the subject withdraws by itself", "person-1", {}, "NOT_YOURS"),
        ("no paper", "clerk", {"evidence": " "}, "EVIDENCE_MISSING"),
        ("the future", "clerk", {"on": "2027-01-01"}, "POSTED_IN_FUTURE"),
        ("before it was given", "clerk", {"on": "2026-01-01"}, "POSTED_TOO_EARLY"),
        ("another version", "clerk", {"expectedVersion": 9}, "VERSION_CONFLICT"),
    ):
        assert entered(who, held.gid, **{"on": today.isoformat(), **given})["code"] == code, case
    # A refused request looks like one that was never answered, whichever version is named.
    for version in (None, 1, 2):
        codes = {entered("clerk", each.gid, today.isoformat(), expectedVersion=version)["code"]
                 for each in (refused, waiting)}  # fmt: skip
        assert codes == {"NOT_LIVE"}, version

    done = entered("clerk", held.gid, today.isoformat())["authorisation"]
    assert done == {"status": "WITHDRAWN", "withdrawnOn": today.isoformat(), "withdrawalEvidence": "撤回-1"}
    mine = server.ask("person-1", OWN, {"i": held.gid}).data["node"]
    assert (mine["withdrawnOn"], mine["withdrawnAt"][:10]) == (today.isoformat(), late.date().isoformat())
    async with server.database.snapshot() as session:
        sent = await session.fetch(select(tables.outbox.c.topic, tables.outbox.c.about))
    to = [about["to"] for topic, about in sent if topic == "authorisation.withdrawn-on-paper"]
    assert to == ["subject"]
    assert sum(each["lateEntries"] for each in server.ask("office", FIGURES).data["figures"]["departments"]) == 1


NARROW = ENTER.replace("Withdrawal", "Narrowing").replace("withdrawnOn withdrawalEvidence", "usesLeft")
REFUSE = """mutation E($i: EnterAuthorisationRefusalInput!) {
  enterAuthorisationRefusal(input: $i) { __typename ... on RefusalEntered { on } ... on Refusal { code } } }"""
CONTEST = ENTER.replace("Withdrawal", "Contest").replace(
    "withdrawnOn withdrawalEvidence", "contestedOn contestPaper contestEnteredBy"
)
DECIDE = """mutation D($i: DecideContestInput!) @purpose(is: SUPERVISION) {
  decideContest(input: $i) { __typename ... on Refusal { code } } }"""
ANSWERED = """query O($i: ID!) { node(id: $i) { ... on Authorisation { status refusedAt refusedOn refusalEvidence
  narrowedOn narrowingEvidence contestedOn contestPaper version } } }"""
LATE = NOW.replace(day=NOW.day + 3)
POSTED = {"on": NOW.date().isoformat()}


class Letters:
    """Authorisations of persons towards the market bureau, and the letters that are entered about them."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server

    async def asked(self, whose: str, *answers: str, **how: Any) -> Held:
        bounds = Bounds(expires_on=NOW.date() + timedelta(days=7), uses=3)
        held = await ask_for(self.server.database, self.server.world, self.server.world.party(whose), bounds, **how)
        for one in answers:
            await answer(self.server.database, self.server.world, held, one)
        return held

    def __call__(self, who: str, document: str, which: Held, **given: Any) -> dict[str, Any]:
        self.server.clock.at = LATE
        sent = {"authorisation": which.gid, "evidence": "来信-1", **POSTED, **given}
        reply = self.server.ask(who, document, {"i": sent}, headers={"Access-Purpose": "CREDIT_CHECK"})
        assert not reply.errors, reply.json
        (found,) = reply.data.values()
        return dict(found)

    def seen(self, who: str, which: Held, purpose: str) -> dict[str, Any]:
        return dict(
            self.server.ask(who, ANSWERED, {"i": which.gid}, headers={"Access-Purpose": purpose}).json["data"]["node"]
        )

    async def told(self) -> list[tuple[str, str]]:
        async with self.server.database.snapshot() as session:
            sent = await session.fetch(select(tables.outbox.c.topic, tables.outbox.c.about))
        return [(topic, about["to"]) for topic, about in sent if topic.endswith("-on-paper")]

    def late_entries(self) -> int:
        sheets = self.server.ask("office", FIGURES).data["figures"]["departments"]
        return sum(each["lateEntries"] for each in sheets)


@on_both
async def test_an_authorisation_narrowed_on_paper(server: RunningServer) -> None:
    """[5.1.6] It holds from the record on; the subject sees both days, and may narrow further by itself."""
    letters = Letters(server)
    held = await letters.asked("person-1", "grant")
    wider = letters("clerk", NARROW, held, uses=9)
    assert wider["code"] == "CANNOT_WIDEN"
    assert letters("clerk", NARROW, held, uses=1)["authorisation"] == {"status": "LIVE", "usesLeft": 1}
    mine = letters.seen("person-1", held, "SELF_ACCESS")
    assert (mine["narrowedOn"], mine["narrowingEvidence"]) == (POSTED["on"], "来信-1")
    assert ("authorisation.narrowed-on-paper", "subject") in await letters.told()
    assert letters.late_entries() == 1


@on_both
async def test_a_request_refused_on_paper_looks_like_one_that_nobody_answered(server: RunningServer) -> None:
    """[5.1.6] decision 23: to who entered it too; the figures do not count it, and the subject can still grant."""
    letters = Letters(server)
    waiting, refused = await letters.asked("person-1"), await letters.asked("person-2", "refuse")
    answers = [letters("clerk", REFUSE, each) for each in (waiting, refused)]
    assert answers == [{"__typename": "RefusalEntered", **POSTED}] * 2
    assert letters("clerk", REFUSE, waiting, on="2026-01-01")["code"] == "POSTED_TOO_EARLY"
    for who, purpose in (("clerk", "CREDIT_CHECK"), ("auditor", "AUDIT")):
        seen = letters.seen(who, waiting, purpose)
        hidden = ("refusedAt", "refusedOn", "refusalEvidence", "version")
        assert (seen["status"], *(seen[name] for name in hidden)) == ("REQUESTED", None, None, None, None), who
    mine = letters.seen("person-1", waiting, "SELF_ACCESS")
    assert (mine["status"], mine["refusedOn"], mine["refusalEvidence"]) == ("REFUSED", POSTED["on"], "来信-1")
    assert letters.late_entries() == 0
    told = [to for topic, to in await letters.told() if topic == "authorisation.refused-on-paper"]
    assert told == ["subject", "subject"]
    await answer(server.database, server.world, waiting, "grant", LATE)
    granted = letters.seen("person-1", waiting, "SELF_ACCESS")
    assert (granted["status"], granted["refusedOn"], granted["refusalEvidence"]) == ("LIVE", None, None)


@on_both
async def test_a_paper_authorisation_contested_on_paper(server: RunningServer) -> None:
    """[5.1.6] Any officer of the recipient enters it, its recorder too; neither of them decides on it."""
    server.know("colleague", Actor("clerk-8", Role.CLERK, SCJG))
    for name, ref in (("clerk as head", "clerk-1"), ("colleague as head", "clerk-8")):
        server.know(name, Actor(ref, Role.HEAD, SCJG))
    letters = Letters(server)
    online, recorded = await letters.asked("person-2", "grant"), await letters.asked("person-1", paper=True)
    assert letters("colleague", CONTEST, online)["code"] == "NOT_ON_PAPER"
    done = letters("colleague", CONTEST, recorded)["authorisation"]
    kept = {"contestedOn": POSTED["on"], "contestPaper": "来信-1"}
    assert done == {"status": "CONTESTED", **kept, "contestEnteredBy": "clerk-8"}
    mine = letters.seen("person-1", recorded, "SELF_ACCESS")
    assert {name: mine[name] for name in kept} == kept
    assert ("authorisation.contested-on-paper", "subject") in await letters.told()
    assert letters.late_entries() == 1
    decided = {"authorisation": recorded.gid, "finding": "NEVER_GIVEN", "evidence": "查档-1"}
    for who in ("clerk as head", "colleague as head"):
        reply = server.ask(who, DECIDE, {"i": decided})
        assert reply.data["decideContest"]["code"] == "RECORDER_CANNOT_DECIDE", who
    assert server.ask("head", DECIDE, {"i": decided}).data["decideContest"]["__typename"] == "AuthorisationChanged"
