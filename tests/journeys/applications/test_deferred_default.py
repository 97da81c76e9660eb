"""Deferred documents, over HTTP: promised, partly handed in, reminded of, and never handed in [4.2.2] [5.1.2c].

2026: off are 15 to 23 February, worked are the Saturdays 14 and 28. A reminder served on Fri 13 February leaves the
applicant Sat 14, Tue 24 and Wed 25 February.
"""

from typing import Any

import pytest

from credit.joint_measures.source_answer import Finding
from credit.promises.deferral import is_kept
from policy.actors import Actor, Role
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import HEALTH, WJJ
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.promises import Promise, allow, at, case_of, cleared, verified

BOTH = {"missing": ["场地证明", "验资报告"], "dueOn": "2026-02-12", "commitment": "承诺-2026-07"}


@pytest.fixture
async def promise(server: RunningServer) -> Promise:
    """Give an application of a matter that can be deferred for 30 days, checked and clean on Mon 2 February."""
    await allow(server, deferred_documents=True, deferral_longest_days=30)
    return await cleared(server, "02-02")


def promised(promise: Promise, **given: Any) -> dict[str, Any]:
    return promise.done("clerk", "deferDocuments", at("02-02"), **{**BOTH, **given})


def reminded(promise: Promise) -> None:
    """Bring the promise to the service of its reminder on Fri 13 February, one of two documents being in."""
    promised(promise)
    promise.done("clerk", "handInDocument", at("02-05"), document="验资报告", receipt="收件-1")
    promise.done("clerk", "remindDocuments", at("02-13", 9), paper="催告-1")
    promise.done("handler", "serveReminder", at("02-13", 15), proof="回执-1")


@on_both
async def test_documents_that_do_not_come_are_a_default_after_three_working_days(promise: Promise) -> None:
    """[4.2.2] [5.1.2c]: through Spring Festival, with its make-up Saturday."""
    made = promised(promise)
    assert (made["state"], made["application"]["facilitation"]) == ("OPEN", "DEFERRED_DOCUMENTS")
    assert made["due"] == {
        "on": "2026-02-12", "provisional": False, "isMissed": None, "state": "OPEN", "daysLeft": 8, "clause": "4.2.2"
    }  # fmt: skip
    partly = promise.done("clerk", "handInDocument", at("02-05"), document="验资报告", receipt="收件-1")
    assert partly["state"] == "PARTLY_SUPPLIED"
    assert partly["documents"] == [
        {"document": "场地证明", "handedInOn": None, "receivedBy": None, "receipt": None},
        {"document": "验资报告", "handedInOn": "2026-02-05", "receivedBy": "clerk-1", "receipt": "收件-1"},
    ]
    early = promise("clerk", "remindDocuments", at("02-12"), paper="催告-1")
    assert (early["__typename"], early["code"], early["until"]) == ("NotDue", "NOT_DUE_YET", "2026-02-12")
    assert early["wayOut"] == "期满次日起方可催告。"
    overdue = promise.seen("clerk", at("02-13"))["deferral"]
    assert (overdue["state"], overdue["isOverdue"], overdue["due"]["state"]) == ("OVERDUE", True, "OVERDUE")
    unsent = promise("clerk", "serveReminder", at("02-13"), proof="回执-1")
    assert (unsent["__typename"], unsent["code"]) == ("PromiseRefused", "NO_REMINDER")

    promise.done("clerk", "remindDocuments", at("02-13", 9), paper="催告-1")
    assert ("promise.reminded", "subject") in await promise.notified()
    ahead = promise("clerk", "serveReminder", at("02-13"), proof="回执-1", on="2026-02-12")
    assert (ahead["__typename"], ahead["earliest"], ahead["latest"]) == ("DateOutOfBounds", "2026-02-13", "2026-02-13")
    served = promise.done("handler", "serveReminder", at("02-13", 15), proof="回执-1")
    assert (served["state"], served["due"]["on"], served["due"]["clause"]) == ("REMINDED", "2026-02-25", "5.1.2c")
    again = promise("clerk", "remindDocuments", at("02-14"), paper="催告-2")
    assert (again["code"], again["since"]) == ("ALREADY_REMINDED", "2026-02-13")

    assert promise.seen("person-1", at("02-25", 23))["deferral"]["state"] == "REMINDED"
    defaulted = promise.seen("person-1", at("02-26", 0 + 8))["deferral"]
    assert (defaulted["state"], defaulted["due"]["state"]) == ("DEFAULTED", "FORGONE")
    late = promise.done("clerk", "handInDocument", at("02-27"), document="场地证明", receipt="收件-2")
    assert (late["state"], late["suppliedOn"]) == ("SUPPLIED_LATE", "2026-02-27")  # rectified, and not undone
    assert [(step, by, role) for step, _, by, role in await promise.steps()] == [
        ("DEFERRED", "clerk-1", "clerk"),
        ("GRANTED", "clerk-1", "clerk"),
        ("HANDED_IN", "clerk-1", "clerk"),
        ("REMINDED", "clerk-1", "clerk"),
        ("REMINDER_SERVED", "handler-1", "handler"),
        ("HANDED_IN", "clerk-1", "clerk"),
    ]


async def test_a_default_becomes_a_case_of_the_handler_who_collects_it(promise: Promise) -> None:
    """Facts, papers and grounds come from the record; the applicant hears of it with the notice [5.1.2c] [5.1.4(2)]."""
    reminded(promise)
    server, number = promise.server, "容缺-2026-1"
    early = promise("handler", "collectDefault", at("02-25", 23), number=number)
    assert (early["__typename"], early["code"], early["until"]) == ("NotDue", "NO_DEFAULT", "2026-02-25")
    assert early["provisional"] is False
    assert promise.reply("clerk", "collectDefault", at("02-26"), number=number).status == 403
    server.know("elsewhere handler", Actor("handler-5", Role.HANDLER, WJJ, HEALTH))
    assert promise("elsewhere handler", "collectDefault", at("02-26"), number=number)["__typename"] == "NotFound"

    keyed = {"number": number, "idempotencyKey": "default-1"}
    case = promise.done("handler", "collectDefault", at("02-26"), **keyed)
    assert (case["status"], case["circumstance"], case["channel"]) == (
        "COLLECTED", "DOCUMENTS_NOT_SUPPLIED", "FACT_FINDING"
    )  # fmt: skip
    assert promise.done("handler", "collectDefault", at("02-26"), **keyed)["id"] == case["id"]
    second = promise("other handler", "collectDefault", at("02-26"), number="容缺-2026-2")
    assert (second["__typename"], second["code"]) == ("PromiseRefused", "ALREADY_COLLECTED")
    assert case_of(server, case["id"])["facts"] == (
        "容缺受理：2026-02-02书面承诺于2026-02-12前（含当日）补交材料，逾期未补齐；"
        "2026-02-13催告，2026-02-13送达，至2026-02-25（催告后3个工作日）仍未提交：场地证明。"
    )
    assert case_of(server, case["id"], "person-1") == {}
    # The deferral does not reveal that a case was collected: neither its version nor its state changed.
    assert promise.seen("person-1", at("02-26"))["deferral"]["version"] == 4
    assert verified(server, case["id"]) == "VERIFIED"


async def test_what_came_in_before_the_case_was_collected_makes_none(promise: Promise) -> None:
    """[5.1.2c]: neither documents that came late, nor those of an application that was withdrawn in time."""
    reminded(promise)
    promise.done("clerk", "handInDocument", at("02-25"), document="场地证明", receipt="收件-2")
    counts = promise("handler", "collectDefault", at("02-26"), number="容缺-2026-1")
    assert (counts["__typename"], counts["code"], counts["message"]) == (
        "NotDue", "NO_DEFAULT", "现有事实不构成失信情形：已补齐。"
    )  # fmt: skip


async def test_documents_that_come_in_on_the_last_day_are_in_time(promise: Promise) -> None:
    """The last day of a period is still in time, also where the paper is entered the day after [5.1.2c]."""
    reminded(promise)
    supplied = promise.done(
        "clerk", "handInDocument", at("02-26"), document="场地证明", receipt="收件-2", on="2026-02-25"
    )
    assert (supplied["state"], supplied["isOpen"], supplied["due"]["state"]) == ("SUPPLIED", False, "MET")
    nothing = promise("clerk", "remindDocuments", at("02-27"), paper="催告-2")
    assert (nothing["__typename"], nothing["code"]) == ("PromiseRefused", "PROMISE_CLOSED")
    async with SqlUnitOfWork(promise.server.database) as work:
        deferral = await work.deferrals.load(promise.application.subject_id, promise.application.row_id)
    assert is_kept(deferral, at("03-02").date()) is False  # in time for [5.1.2c], but not by the promised day


async def test_what_is_promised_lies_within_the_matters_bounds(promise: Promise) -> None:
    """[4.2.2]: every refusal names its way out, and leaves nothing behind."""
    late = promise("clerk", "deferDocuments", at("02-02"), **{**BOTH, "dueOn": "2026-03-05"})
    assert (late["__typename"], late["earliest"], late["latest"]) == ("DateOutOfBounds", "2026-02-03", "2026-03-04")
    nothing = promise("clerk", "deferDocuments", at("02-02"), **{**BOTH, "missing": []})
    assert (nothing["__typename"], nothing["code"]) == ("PromiseRefused", "NOTHING_MISSING")
    twice = promise("clerk", "deferDocuments", at("02-02"), **{**BOTH, "missing": ["场地证明", "场地证明"]})
    assert twice["code"] == "NOTHING_MISSING"
    number = promise.server.world.party("person-1").number
    notified = promise.reply("clerk", "deferDocuments", at("02-02"), **{**BOTH, "missing": [f"身份证{number}"]})
    assert notified.data["deferDocuments"]["problems"] == [{"field": "missing", "code": "HOLDS_NUMBER"}]
    assert number not in notified.response.text
    assert (await promise.steps(), promise.seen("clerk", at("02-02"))["deferral"]) == ([], None)


async def test_no_incentive_no_deferral(server: RunningServer) -> None:
    """Grant and deferral are decided at that moment, and saved together or not at all [4.1] [5.2.1]."""
    promise = await cleared(server, "02-02", Finding.UNKNOWN)
    closed = promise("clerk", "deferDocuments", at("02-02"), **BOTH)
    assert (closed["__typename"], closed["code"]) == ("NotEligible", "NOT_ELIGIBLE")
    await allow(server, deferred_documents=True, deferral_longest_days=30)
    unknown = promise("clerk", "deferDocuments", at("02-02"), **BOTH)
    assert (unknown["__typename"], unknown["code"]) == ("SourceUnknown", "SOURCE_UNKNOWN")
    assert unknown["wayOut"] == "待查询恢复后重新核查，或按普通程序办理。"
    stale = promise("clerk", "deferDocuments", at("02-03"), **BOTH)
    assert (stale["__typename"], stale["checkedOn"], stale["validUntil"]) == ("CheckStale", "2026-02-02", "2026-02-02")
    found = promise.seen("clerk", at("02-03"))
    assert (found["facilitation"], found["deferral"]) == ("ORDINARY", None)


async def test_the_same_step_under_one_key_is_taken_once_and_over_the_version_seen(promise: Promise) -> None:
    keyed = {**BOTH, "idempotencyKey": "defer-1"}
    once = promise("clerk", "deferDocuments", at("02-02"), **keyed)
    assert promise("clerk", "deferDocuments", at("02-02"), **keyed) == once
    assert promise("clerk", "deferDocuments", at("02-02"), **BOTH)["code"] == "ALREADY_GRANTED"
    stale = promise("clerk", "handInDocument", at("02-05"), document="验资报告", receipt="收件-1", expectedVersion=7)
    assert (stale["__typename"], stale["code"]) == ("Collision", "VERSION_CONFLICT")
    seen = promise.done(
        "clerk", "handInDocument", at("02-05"), document="验资报告", receipt="收件-1", expectedVersion=1
    )
    assert seen["version"] == 2
    gone = promise("clerk", "handInDocument", at("02-05"), document="验资报告", receipt="收件-1")
    assert (gone["__typename"], gone["code"]) == ("PromiseRefused", "DOCUMENT_NOT_MISSING")


async def test_who_has_nothing_to_do_with_it_finds_nothing(promise: Promise) -> None:
    """What is another's answers like what is not there; the applicant withdraws, and takes no other step."""
    promised(promise)
    hand_in = {"document": "验资报告", "receipt": "收件-1"}
    assert promise("other clerk", "handInDocument", at("02-05"), **hand_in)["__typename"] == "NotFound"
    assert promise("person-1", "handInDocument", at("02-05"), **hand_in)["__typename"] == "NotFound"
    assert promise("person-2", "withdrawDeferral", at("02-05"))["__typename"] == "NotFound"
    assert promise("handler", "deferDocuments", at("02-05"), **BOTH)["__typename"] == "NotFound"
    for who in ("anonymous", "regulator", "office"):
        assert promise.reply(who, "remindDocuments", at("02-13"), paper="催告-1").data is None, who
    withdrawn = promise.done("agent", "withdrawDeferral", at("02-06"))
    assert (withdrawn["state"], withdrawn["isOpen"]) == ("ENDED", False)
    after = promise("clerk", "remindDocuments", at("02-13"), paper="催告-1")
    assert (after["__typename"], after["code"]) == ("PromiseRefused", "PROMISE_CLOSED")


async def test_withdrawing_the_application_ends_what_it_promised(promise: Promise) -> None:
    """[4.2]: no document is owed any more; the step is saved with its actor."""
    promised(promise)
    assert promise.done("person-1", "withdrawApplication", at("02-06")) == {"status": "WITHDRAWN"}
    assert promise.seen("person-1", at("03-02"))["deferral"]["state"] == "ENDED"
    steps = [(step, role) for step, _, _, role in await promise.steps()][2:]
    assert sorted(steps) == [("DEFERRAL_WITHDRAWN", "subject"), ("WITHDRAWN", "subject")]
    none = promise("handler", "collectDefault", at("03-02"), number="容缺-2026-1")
    assert (none["__typename"], none["message"]) == ("NotDue", "现有事实不构成失信情形：已终止。")


async def test_what_rests_on_a_promise_is_not_granted_without_it(promise: Promise) -> None:
    """[4.2.2] [4.2.3]: there would be nothing to hand in, nothing to verify, and nothing late."""
    for incentive, offered in (("DEFERRED_DOCUMENTS", "容缺受理"), ("COMMITMENT", "告知承诺")):
        given = {"incentive": incentive, "commitment": "承诺-2026-07"}
        refused = promise("clerk", "grantIncentive", at("02-02"), **given)
        assert (refused["__typename"], refused["code"]) == ("NotEligible", "PROMISE_NEEDED")
        assert offered in refused["wayOut"]
    assert promise.seen("clerk", at("02-02"))["facilitation"] == "ORDINARY"


@on_both
async def test_the_window_sees_what_is_due_and_the_applicant_what_is_owed(promise: Promise) -> None:
    """First due first, each in their own rows."""
    promised(promise)
    server, query = promise.server, "query($o: Boolean) { deferrals(isOverdue: $o) { totalCount nodes { state } } }"
    for who, purpose, day, overdue, states in (
        ("clerk", "APPLICATION_HANDLING", "02-12", False, ["OPEN"]),
        ("clerk", "APPLICATION_HANDLING", "02-12", True, []),
        ("handler", "APPLICATION_HANDLING", "02-13", True, ["OVERDUE"]),
        ("other clerk", "APPLICATION_HANDLING", "02-13", True, []),
        ("person-1", "SELF_ACCESS", "02-13", True, ["OVERDUE"]),
        ("person-2", "SELF_ACCESS", "02-13", True, []),
    ):
        server.clock.at = at(day)
        reply = server.ask(who, query, {"o": overdue}, headers={"Access-Purpose": purpose})
        assert not reply.errors, reply.json
        assert [node["state"] for node in reply.data["deferrals"]["nodes"]] == states, (who, day)
