"""Commitments in place of proof, over HTTP: on the spot, within a limit, verified, met and not met [4.2.3].

2026: off are 1 to 7 October, worked is Sat 10 October [CALENDAR 2026]. A commitment of Wed
30 September with a limit of two working days is to be completed by Fri 9 October.
"""

from typing import Any

import pytest
from sqlalchemy import select, update

from credit.promises.commitment import is_kept
from storage import tables
from storage.unit_of_work import SqlUnitOfWork
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.promises import Promise, allow, at, case_of, cleared, verified

COMMITMENT = {"commitment": "承诺-2026-09"}
FOUND = "经现场核查，无承诺所称的消防设施。"
NOT_MET = {"outcome": "NOT_MET", "facts": FOUND, "evidence": ["核验-2026-09"]}


@pytest.fixture
async def promise(server: RunningServer) -> Promise:
    """Give an application of a matter that its document lists for commitments, checked and clean on 30 September."""
    await allow(server, commitment=True, commitment_limit_days=2, commitment_verify_days=5)
    return await cleared(server, "09-30")


def completed(promise: Promise) -> dict[str, Any]:
    promise.done("clerk", "makeCommitment", at("09-30"), **COMMITMENT)
    return promise.done("clerk", "completeCommitment", at("10-09"), evidence=["准予-1"])


@on_both
async def test_a_commitment_that_fails_verification_becomes_a_case(promise: Promise) -> None:
    """[4.2.3] [5.1.2d]: through National Day, with its make-up Saturday."""
    made = promise.done("clerk", "makeCommitment", at("09-30"), **COMMITMENT)
    assert (made["state"], made["application"]["facilitation"], made["isOnTheSpot"]) == ("MADE", "COMMITMENT", False)
    assert made["completionDue"] == {
        "on": "2026-10-09", "provisional": False, "isMissed": False, "state": "DUE_SOON", "clause": "4.2.3"
    }  # fmt: skip
    assert made["verificationDue"] is None
    unhandled = promise("handler", "verifyCommitment", at("10-08"), outcome="MET")
    assert (unhandled["__typename"], unhandled["code"]) == ("PromiseRefused", "NOT_HANDLED_YET")
    late = promise.seen("clerk", at("10-10"))["commitment"]
    assert (late["state"], late["completionDue"]["isMissed"]) == ("COMPLETION_OVERDUE", True)

    done = promise.done("clerk", "completeCommitment", at("10-09"), evidence=["准予-1"])
    assert (done["state"], done["verificationDue"]["on"]) == ("TO_BE_VERIFIED", "2026-10-15")
    early = promise("handler", "collectUnmetCommitment", at("10-10"), number="承诺-2026-1")
    assert (early["__typename"], early["code"]) == ("NotDue", "NOT_VERIFIED_AS_UNMET")
    bare = promise("handler", "verifyCommitment", at("10-12"), outcome="NOT_MET")
    assert (bare["__typename"], bare["code"]) == ("PromiseRefused", "FINDING_UNSUPPORTED")
    found = promise.done("handler", "verifyCommitment", at("10-12"), **NOT_MET)
    assert (found["state"], found["outcome"], found["verificationDue"]["state"]) == ("NOT_MET", "NOT_MET", "MET")
    again = promise("handler", "verifyCommitment", at("10-13"), outcome="MET")
    assert (again["code"], again["message"]) == ("PROMISE_CLOSED", "该事项已无待办环节：核验不符合。")

    case = promise.done("handler", "collectUnmetCommitment", at("10-13"), number="承诺-2026-1")
    assert (case["status"], case["circumstance"]) == ("COLLECTED", "COMMITMENT_NOT_MET")
    server = promise.server
    assert (
        case_of(server, case["id"])["facts"]
        == f"告知承诺：2026-09-30作出书面承诺，2026-10-12核验达不到承诺内容。{FOUND}"
    )
    assert case_of(server, case["id"], "person-1") == {}
    assert verified(server, case["id"]) == "VERIFIED"
    second = promise("handler", "collectUnmetCommitment", at("10-14"), number="承诺-2026-2")
    assert (second["__typename"], second["code"]) == ("PromiseRefused", "ALREADY_COLLECTED")
    assert [step for step, *_ in await promise.steps()] == [
        "COMMITTED", "GRANTED", "COMPLETED", "COMMITMENT_VERIFIED"
    ]  # fmt: skip
    async with SqlUnitOfWork(server.database) as work:
        commitment = await work.commitments.load(promise.application.subject_id, promise.application.row_id)
    assert is_kept(commitment, at("10-13").date()) is False


async def test_on_the_spot_and_met(server: RunningServer) -> None:
    """Completed on the day of the commitment itself, verified as met: no case, and the finding is the applicant's."""
    await allow(server, commitment=True, commitment_limit_days=0, commitment_verify_days=5)
    promise = await cleared(server, "09-30")
    made = promise.done("clerk", "makeCommitment", at("09-30"), **COMMITMENT)
    assert (made["isOnTheSpot"], made["completionDue"]["on"]) == (True, "2026-09-30")
    assert promise.done("clerk", "completeCommitment", at("09-30", 11))["state"] == "TO_BE_VERIFIED"
    met = promise.done("clerk", "verifyCommitment", at("10-15"), outcome="MET", facts="设施齐全。", evidence=["核验-1"])
    assert (met["state"], met["isOpen"]) == ("MET", False)
    none = promise("handler", "collectUnmetCommitment", at("10-15"), number="承诺-2026-1")
    assert (none["__typename"], none["message"]) == ("NotDue", "现有事实不构成失信情形：核验符合。")
    query = "{ commitments { nodes { facts outcome } } }"
    own = server.ask("person-1", query, headers={"Access-Purpose": "SELF_ACCESS"})
    assert own.data["commitments"]["nodes"] == [{"facts": "设施齐全。", "outcome": "MET"}]
    officers = server.ask("clerk", query, headers={"Access-Purpose": "APPLICATION_HANDLING"})
    assert officers.withheld == {"commitments.nodes.facts": "necessity"}


async def test_findings_are_stored_sealed(promise: Promise) -> None:
    """Neither the row, nor the step, nor the outbox holds a word of it [5.1.6]."""
    completed(promise)
    promise.done("handler", "verifyCommitment", at("10-12"), **NOT_MET)
    async with promise.server.database.snapshot() as session:
        row = await session.fetch(select(tables.commitments))
        steps = await session.fetch(select(tables.application_steps))
        sent = await session.fetch(select(tables.outbox))
    assert FOUND not in repr((row, steps, sent))
    assert "消防" not in repr((steps, sent))


async def test_without_the_matters_own_document_there_is_nothing_to_commit_to(server: RunningServer) -> None:
    """[4.2.3]: nor without the limits, without which nobody could see that it is late."""
    promise = await cleared(server, "09-30")
    for terms in (
        {"commitment": False},
        {"commitment": True, "commitment_limit_days": None, "commitment_verify_days": 5},
        {"commitment": True, "commitment_limit_days": 2, "commitment_verify_days": 5, "facilitation_basis": " "},
    ):
        await allow(server, **terms)
        refused = promise("clerk", "makeCommitment", at("09-30"), **COMMITMENT)
        assert (refused["__typename"], refused["code"]) == ("NotEligible", "NOT_ELIGIBLE"), terms
    assert promise.seen("clerk", at("09-30"))["commitment"] is None


async def test_withdrawing_ends_it_before_completion_only(promise: Promise) -> None:
    promise.done("clerk", "makeCommitment", at("09-30"), **COMMITMENT)
    assert promise("person-2", "withdrawCommitment", at("10-08"))["__typename"] == "NotFound"
    stale = promise("person-1", "withdrawCommitment", at("10-08"), expectedVersion=9)
    assert (stale["__typename"], stale["code"]) == ("Collision", "VERSION_CONFLICT")
    assert promise.done("person-1", "withdrawCommitment", at("10-08"))["state"] == "ENDED"
    after = promise("clerk", "completeCommitment", at("10-09"))
    assert (after["__typename"], after["code"]) == ("PromiseRefused", "PROMISE_CLOSED")


async def test_the_promises_of_a_confidential_application_are_not_there(promise: Promise) -> None:
    """Refused on every interface: the query, the list, and every step [5.1.6]."""
    completed(promise)
    server = promise.server
    async with server.database.writing() as session:
        own = tables.applications.c.application_id == promise.application.row_id
        await session.execute(update(tables.applications).where(own).values(confidential=True))
    server.clock.at = at("10-12")
    for who, purpose in (("clerk", "APPLICATION_HANDLING"), ("person-1", "SELF_ACCESS")):
        query, own = (
            "query($s: ID!) { commitments(subject: $s, first: 1) { totalCount } }",
            server.world.party("person-1"),
        )
        reply = server.ask(who, query, {"s": own.gid}, headers={"Access-Purpose": purpose})
        assert reply.data["commitments"]["totalCount"] == 0, who
    assert promise("handler", "verifyCommitment", at("10-12"), **NOT_MET)["__typename"] == "NotFound"
    assert promise("person-1", "withdrawCommitment", at("10-12"))["__typename"] == "NotFound"
    assert promise("handler", "collectUnmetCommitment", at("10-12"), number="承诺-1")["__typename"] == "NotFound"
