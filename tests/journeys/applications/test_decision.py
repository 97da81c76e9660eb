"""A decision on an application ends or completes its deferral and its commitment [4.2] [4.2.2] [4.2.3]."""

import pytest

from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.promises import Promise, allow, at, cleared

OWED = {"missing": ["场地证明"], "dueOn": "2026-02-12", "commitment": "承诺-2026-07"}
COMMITTED = {"commitment": "承诺-2026-09"}
UNMET = {"outcome": "NOT_MET", "facts": "经现场核查，无承诺所称的设施。", "evidence": ["核验-2026-09"]}
APPROVED, REFUSED = {"outcome": "APPROVED"}, {"outcome": "REFUSED"}


@pytest.fixture
async def owed(server: RunningServer) -> Promise:
    """Give an accepted application that owes a document since 2 February."""
    await allow(server, deferred_documents=True, deferral_longest_days=30)
    promise = await cleared(server, "02-02")
    promise("clerk", "acceptApplication", at("02-02"))
    promise.done("clerk", "deferDocuments", at("02-02"), **OWED)
    return promise


@pytest.fixture
async def committed(server: RunningServer) -> Promise:
    """Give an accepted application with a commitment of 30 September."""
    await allow(server, commitment=True, commitment_limit_days=2, commitment_verify_days=5)
    promise = await cleared(server, "09-30")
    promise("clerk", "acceptApplication", at("09-30"))
    promise.done("clerk", "makeCommitment", at("09-30"), **COMMITTED)
    return promise


async def names(promise: Promise) -> list[str]:
    return sorted(step for step, *_ in await promise.steps() if step != "ACCEPTED")


async def test_refused_it_owes_nothing_and_no_default_follows(owed: Promise) -> None:
    """[4.2.2] [5.1.2c]: not even of a reminder that had reached the applicant."""
    owed.done("clerk", "remindDocuments", at("02-13"), paper="催告-1")
    owed.done("clerk", "serveReminder", at("02-13"), proof="回证-1")
    assert owed.done("clerk", "decideApplication", at("02-14"), **REFUSED) == {"status": "DECIDED"}
    found = owed.seen("person-1", at("04-01"))["deferral"]
    assert (found["state"], found["endedOn"], found["isOpen"], found["isOverdue"]) == (
        "ENDED", "2026-02-14", False, False
    )  # fmt: skip
    none = owed("handler", "collectDefault", at("04-01"), number="容缺-2026-1")
    assert (none["__typename"], none["code"]) == ("NotDue", "NO_DEFAULT")
    late = owed("clerk", "handInDocument", at("04-01"), document="场地证明", receipt="收件-1")
    assert (late["__typename"], late["code"]) == ("PromiseRefused", "PROMISE_CLOSED")
    assert {"DECIDED", "DEFERRAL_ENDED"} <= set(await names(owed))


async def test_approved_it_still_owes_what_is_missing(owed: Promise) -> None:
    """[4.2.2]: going ahead before it is there is what a deferral is for."""
    owed.done("clerk", "decideApplication", at("02-04"), **APPROVED)
    assert owed.seen("clerk", at("02-04"))["deferral"]["state"] == "OPEN"
    assert owed.seen("clerk", at("02-13"))["deferral"]["isOverdue"] is True
    came = owed.done("clerk", "handInDocument", at("02-05"), document="场地证明", receipt="收件-1")
    assert came["state"] == "SUPPLIED"
    assert "DEFERRAL_ENDED" not in await names(owed)


async def test_a_default_that_is_there_is_not_undone_by_refusing(owed: Promise) -> None:
    """[5.1.2c]"""
    owed.done("clerk", "remindDocuments", at("02-13"), paper="催告-1")
    owed.done("clerk", "serveReminder", at("02-13"), proof="回证-1")
    owed.done("clerk", "decideApplication", at("04-01"), **REFUSED)
    assert owed.seen("clerk", at("04-02"))["deferral"]["state"] == "DEFAULTED"


@on_both
async def test_approved_it_is_completed_with_a_step_of_its_own(committed: Promise) -> None:
    """[4.2.3]: the time to verify begins."""
    committed.done("handler", "decideApplication", at("10-09"), **APPROVED)
    found = committed.seen("clerk", at("10-09"))["commitment"]
    assert (found["state"], found["completedOn"]) == ("TO_BE_VERIFIED", "2026-10-09")
    assert found["verificationDue"]["on"] == "2026-10-15"
    assert await names(committed) == ["COMMITTED", "COMPLETED", "DECIDED", "GRANTED"]
    again = committed("clerk", "completeCommitment", at("10-10"))
    assert (again["__typename"], again["code"]) == ("PromiseRefused", "PROMISE_CLOSED")


async def test_refused_before_completion_the_commitment_ends(committed: Promise) -> None:
    """[4.2.3]"""
    committed.done("clerk", "decideApplication", at("10-08"), **REFUSED)
    found = committed.seen("person-1", at("10-20"))["commitment"]
    assert (found["state"], found["endedOn"], found["isOpen"]) == ("ENDED", "2026-10-08", False)
    assert await names(committed) == ["COMMITMENT_ENDED", "COMMITTED", "DECIDED", "GRANTED"]


async def test_what_was_completed_is_not_refused_or_withdrawn(committed: Promise) -> None:
    """[4.2.3]: refused by name, and nothing of it is saved."""
    committed.done("clerk", "completeCommitment", at("10-08"))
    before = await names(committed)
    for who, mutation, given in (
        ("clerk", "decideApplication", REFUSED),
        ("clerk", "enterApplicationWithdrawal", {"on": "2026-10-09", "evidence": ["撤回-1"]}),
        ("person-1", "withdrawApplication", {}),
    ):  # fmt: skip
        refused = committed(who, mutation, at("10-09"), **given)
        assert (refused["__typename"], refused["code"]) == ("ApplicationNotReady", "MATTER_COMPLETED")
    assert await names(committed) == before
    committed.done("clerk", "decideApplication", at("10-09"), **APPROVED)
    assert await names(committed) == sorted([*before, "DECIDED"])


async def test_what_was_found_unmet_is_refused_and_not_approved(committed: Promise) -> None:
    """[4.2.3] [5.1.2d]"""
    committed.done("clerk", "completeCommitment", at("10-08"))
    committed.done("handler", "verifyCommitment", at("10-09"), **UNMET)
    refused = committed("clerk", "decideApplication", at("10-10"), **APPROVED)
    assert (refused["__typename"], refused["code"]) == ("ApplicationNotReady", "COMMITMENT_FOUND_UNMET")
    committed.done("clerk", "decideApplication", at("10-10"), **REFUSED)
    assert committed.seen("clerk", at("10-10"))["commitment"]["state"] == "NOT_MET"
