"""Notifications of the subject and of departments, and how they are marked as seen [5.1.4(2)] [5.1.6]."""

from typing import Any

from sqlalchemy import select

from storage import tables
from tests.databases import on_both
from tests.journeys.applications.test_at_the_window import newcomer, request
from tests.journeys.cases.test_a_case import PAPER, SHORT, february
from tests.journeys.cases.test_collection import case_id, collected
from tests.journeys.cases.test_confidential import unmark
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import GRANT, WITHDRAW
from tests.journeys.support.steps import Steps

SHOWN = """nodes {
  id audience topic text textEn clause at isSeen seenBy
  case { number } application { status } authorisation { status } objection { answer } issuedNotice { kind }
} totalCount"""
MINE = f"query($seen: Boolean) @purpose(is: SELF_ACCESS) {{ myNotifications(seen: $seen) {{ {SHOWN} }} }}"
OURS = f"query($seen: Boolean) {{ departmentNotifications(seen: $seen) {{ {SHOWN} }} }}"
MARK = """mutation($i: MarkNotificationsSeenInput!) { markNotificationsSeen(input: $i) {
  __typename ... on NotificationsSeen { count } ... on Refusal { code } } }"""
NUMBER = "临市监〔2026〕9号"


def mine(server: RunningServer, who: str = "person-1", **variables: object) -> list[dict[str, Any]]:
    """Query the notifications of a subject, or of its delegate."""
    reply = server.ask(who, MINE, variables)
    assert not reply.errors, reply.json
    page = reply.data["myNotifications"]
    assert page["totalCount"] == len(page["nodes"])
    return list(page["nodes"])


def ours(server: RunningServer, who: str, purpose: str, **variables: object) -> list[tuple[str, Any]]:
    """Query the notifications of a department: each topic, and the number of the case."""
    reply = server.ask(who, OURS, variables, headers={"Access-Purpose": purpose})
    assert {"NOTIFICATION"}.isdisjoint(reply.codes), reply.json
    nodes = reply.data["departmentNotifications"]["nodes"]
    return [(one["topic"], (one["case"] or {}).get("number")) for one in nodes]


def mark(server: RunningServer, who: str, purpose: str, *ids: str, key: str | None = None) -> dict[str, Any]:
    """Mark notifications as seen."""
    given = {"notifications": list(ids), "idempotencyKey": key}
    reply = server.ask(who, MARK, {"i": given}, headers={"Access-Purpose": purpose})
    assert not reply.errors, reply.json
    found: dict[str, Any] = reply.data["markNotificationsSeen"]
    return found


def noticed(server: RunningServer) -> Steps:
    """Bring a case to its notice."""
    step = collected(server)
    step.done("handler", "verifyCase", february(10), evidence=PAPER, severity=SHORT)
    assert mine(server) == [], "what is being verified is an open investigation"
    assert step.done("handler", "noticeCase", february(11)) == "NOTICED"
    return step


@on_both
async def test_a_subject_is_notified_when_a_case_is_noticed(server: RunningServer) -> None:
    """So is its delegate; nobody else, and the outbox has nothing left to carry [5.1.4(2)]."""
    step = noticed(server)
    (notification,) = mine(server)
    assert (notification["topic"], notification["audience"], notification["clause"]) == (
        "CASE_NOTICED",
        "SUBJECT",
        "5.1.4(2)",
    )
    assert (notification["case"]["number"], notification["isSeen"], notification["seenBy"]) == (NUMBER, False, None)
    assert notification["text"] == "有一份失信行为告知书，您可以陈述申辩。"
    assert notification["textEn"] == "There is a notice to you; you may state and defend."
    assert notification["application"] is notification["authorisation"] is notification["objection"] is None
    assert notification["id"] in [one["id"] for one in mine(server, "agent")], (
        "who acts for several sees the others' too"
    )
    assert notification["id"] not in [one["id"] for one in mine(server, "person-2")]
    table = tables.outbox.c
    about = select(table.sent_at, table.created_at).where(table.lane == case_id(step), table.route == "subject")
    ((sent_at, left_at),) = await server.database.fetch(about)
    assert sent_at == left_at, "it has arrived with the commit"


async def test_what_was_seen_is_seen_once_by_whoever_it_is_for(server: RunningServer) -> None:
    """A delegate's look is the subject's; the first one stands; a key does nothing twice."""
    noticed(server)
    (notification,) = mine(server)
    done = {"__typename": "NotificationsSeen", "count": 1}
    assert mark(server, "agent", "SELF_ACCESS", notification["id"], key="seen-1") == done
    assert mark(server, "agent", "SELF_ACCESS", notification["id"], key="seen-1") == done
    assert mark(server, "person-1", "SELF_ACCESS", notification["id"], notification["id"]) == done
    (seen,) = mine(server, seen=True)
    assert (seen["isSeen"], seen["seenBy"]) == (True, "agent-1")
    assert mine(server, seen=False) == []


async def test_nobody_marks_what_is_not_theirs_or_nothing(server: RunningServer) -> None:
    """Not there and not theirs are one answer, and then nothing is marked [5.1.6]."""
    noticed(server)
    (notification,) = mine(server)
    for who, purpose in (("person-2", "SELF_ACCESS"), ("handler", "DETERMINATION"), ("head", "DETERMINATION")):
        assert mark(server, who, purpose, notification["id"])["code"] == "NOT_FOUND", who
    assert mark(server, "person-1", "SELF_ACCESS")["__typename"] == "NotWellFormed"
    assert mark(server, "person-1", "SELF_ACCESS", *[notification["id"]] * 2)["count"] == 1
    reply = server.ask("office", OURS, {}, headers={"Access-Purpose": "SUPERVISION"})
    assert reply.codes == {"WITHHELD"} or reply.data is None


async def test_a_case_marked_confidential_leaves_no_trace_among_the_notifications(server: RunningServer) -> None:
    """It comes back with the case, as it was [5.1.6]."""
    step = noticed(server)
    (notification,) = mine(server)
    assert step("head", "handOverCase", february(12), handler="handler-2", evidence=["派单-2"])["__typename"]
    assert ours(server, "head", "DETERMINATION") == [("CASE_HANDED_OVER", NUMBER)]
    step("head", "markConfidential", february(12, 12), evidence=["定密-1"])
    assert mine(server) == []
    assert ours(server, "head", "DETERMINATION") == []
    assert mark(server, "person-1", "SELF_ACCESS", notification["id"])["code"] == "NOT_FOUND"
    unmark(server, "head")
    assert mine(server) == [notification]


async def test_a_handler_is_notified_of_a_case_that_it_takes_over(server: RunningServer) -> None:
    """The head of the authority sees it too; another handler, a clerk and another department do not [5.1.4(1)]."""
    step = noticed(server)
    step.done("head", "handOverCase", february(12), handler="handler-2", evidence=["派单-2"])
    notification = [("CASE_HANDED_OVER", NUMBER)]
    assert ours(server, "other handler", "DETERMINATION") == notification
    assert ours(server, "head", "DETERMINATION") == notification
    assert ours(server, "handler", "DETERMINATION") == []
    for clerk in ("clerk", "other clerk"):
        assert notification[0] not in ours(server, clerk, "APPLICATION_HANDLING")


async def test_a_department_is_notified_of_the_outcome_of_an_authorisation(server: RunningServer) -> None:
    """The subject of the request, the window of the answer; another department of nothing [5.1.6]."""
    given, subject = newcomer(server)
    gid = request(server, subject)["authorisation"]["id"]
    (notification,) = mine(server, "newcomer")
    assert (notification["topic"], notification["authorisation"]["status"]) == ("AUTHORISATION_REQUESTED", "REQUESTED")
    assert given["name"] not in str(notification)
    for word, topic in ((GRANT, "AUTHORISATION_GRANTED"), (WITHDRAW, "AUTHORISATION_WITHDRAWN")):
        before, others = ours(server, "clerk", "CREDIT_CHECK"), ours(server, "other clerk", "CREDIT_CHECK")
        assert server.ask("newcomer", word, {"input": {"authorisation": gid}}).errors == []
        for purpose in ("APPLICATION_HANDLING", "CREDIT_CHECK"):
            assert sorted(ours(server, "clerk", purpose)) == sorted([(topic, None), *before]), purpose
        assert ours(server, "other clerk", "CREDIT_CHECK") == others
    assert mine(server, "newcomer") == [{**notification, "authorisation": {"status": "WITHDRAWN"}}]
    unseen = server.ask("clerk", OURS, {"seen": False}, headers={"Access-Purpose": "CREDIT_CHECK"})
    ids = [one["id"] for one in unseen.data["departmentNotifications"]["nodes"]]
    assert mark(server, "clerk", "CREDIT_CHECK", *ids)["count"] == len(ids)
    assert ours(server, "clerk", "CREDIT_CHECK", seen=False) == []
