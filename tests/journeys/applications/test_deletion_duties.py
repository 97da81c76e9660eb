"""A department deletes what it read on an authorisation that has ended, and its subject sees it [5.1.6] [PIPL 47]."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from credit.calendar.calendar import shipped
from credit.calendar.deadlines import civil_date, deletion_due
from gateway.runtime import runtime
from gateway.subjects.deletion_reminders import remind
from storage import tables
from storage.repositories.deadlines.due_days import keep_counted
from tests.builders import TODAY, Held, live_authorisation
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import CHECK

WORKLIST = """query W @purpose(is: %s) { worklist(step: ACKNOWLEDGE_DELETION) { nodes { isLate side clause
  due { on state } deletion { id authorisationId cause since recipient { code } acknowledgedOn } } } }"""
ACKNOWLEDGE = """mutation A($i: AcknowledgeDeletionInput!) @purpose(is: %s) { acknowledgeDeletion(input: $i) {
  __typename ... on DeletionChanged { deletion { outcome acknowledgedOn acknowledgedBy } }
  ... on Refusal { code } } }"""
WITHDRAW = """mutation W($a: ID!) @purpose(is: SELF_ACCESS) {
  withdrawAuthorisation(input: {authorisation: $a}) { __typename } }"""
MINE = """query M @purpose(is: SELF_ACCESS) { myAuthorisations { nodes { id usesMade
  deletions { nodes { recipient { code } cause since isLate outcome acknowledgedOn due { state } } } } } }"""
NOTIFIED = "query N @purpose(is: APPLICATION_HANDLING) { departmentNotifications { nodes { topic } } }"
FIGURES = """query F @purpose(is: SUPERVISION) { figures(year: 2026) {
  departments { department clocks { clock missed } } } }"""


def mine(server: RunningServer, who: str) -> list[dict[str, Any]]:
    nodes = server.ask(who, MINE).data["myAuthorisations"]["nodes"]
    return [duty for node in nodes for duty in node["deletions"]["nodes"]]


def waiting(server: RunningServer, who: str, purpose: str, held: Held) -> list[dict[str, Any]]:
    found = server.ask(who, WORKLIST % purpose).data["worklist"]["nodes"]
    return [task for task in found if task["deletion"]["authorisationId"] == held.gid]


def missed(server: RunningServer, department: str) -> int:
    found = server.ask("office", FIGURES).data["figures"]["departments"]
    (sheet,) = (each for each in found if each["department"] == department)
    (deletion,) = (each for each in sheet["clocks"] if each["clock"] == "DELETION")
    return int(deletion["missed"])


@on_both
async def test_what_was_read_is_deleted_once_consent_is_withdrawn(server: RunningServer) -> None:
    party, unread = server.world.party("person-2"), server.world.party("club-1")
    held = await live_authorisation(server.database, server.world, party)
    other = await live_authorisation(server.database, server.world, unread)
    assert server.ask("clerk", CHECK, {"number": party.number}).data["subjectByIdentifier"]["name"] == party.name
    (before,) = mine(server, "person-2")
    assert (before["cause"], before["due"], before["isLate"]) == ("EXPIRED", None, False)
    assert waiting(server, "clerk", "APPLICATION_HANDLING", held) == []

    for who, one in (("person-2", held), ("club-1", other)):
        assert server.ask(who, WITHDRAW, {"a": one.gid}).data["withdrawAuthorisation"]["__typename"] == (
            "AuthorisationChanged"
        )
    assert mine(server, "club-1") == [], "nothing was read"
    today = civil_date(server.clock.at)
    (task,) = waiting(server, "clerk", "APPLICATION_HANDLING", held)
    due = deletion_due(today, shipped()).on
    assert task["due"] == {"on": due.isoformat(), "state": "OPEN"}
    assert (task["deletion"]["cause"], task["side"], task["isLate"]) == ("WITHDRAWN", "CLERK", False)

    which = {"i": {"deletion": task["deletion"]["id"], "outcome": "USE_ENDED"}}
    refused = server.ask("clerk", ACKNOWLEDGE % "APPLICATION_HANDLING", which).data["acknowledgeDeletion"]
    assert refused["code"] == "KEPT_WITHOUT_GROUND"
    server.clock.at += timedelta(days=(due - today).days + 1)
    (late,) = waiting(server, "head", "SUPERVISION", held)
    assert (late["isLate"], late["due"]["state"]) == (True, "OVERDUE")
    assert [await remind(server.database, runtime(server.clock)) for _ in range(2)] == [1, 0]
    told = server.ask("clerk", NOTIFIED).data["departmentNotifications"]["nodes"]
    assert "DELETION_OVERDUE" in {one["topic"] for one in told}
    (seen,) = mine(server, "person-2")
    assert (seen["isLate"], seen["outcome"], seen["due"]["state"]) == (True, None, "OVERDUE")
    assert missed(server, seen["recipient"]["code"]) == 1

    which["i"]["outcome"] = "DELETED"
    done = server.ask("head", ACKNOWLEDGE % "SUPERVISION", which).data["acknowledgeDeletion"]["deletion"]
    assert (done["outcome"], done["acknowledgedBy"]) == ("DELETED", "head-1")
    assert waiting(server, "head", "SUPERVISION", held) == []
    (seen,) = mine(server, "person-2")
    assert (seen["isLate"], seen["outcome"], seen["due"]["state"]) == (False, "DELETED", "MET_LATE")
    events = tables.consent_events.c
    told = await server.database.fetch(select(events.event, events.facts).order_by(events.at.desc()).limit(1))
    assert (told[0][0], told[0][1]["deletion"]["outcome"]) == ("DELETION_ACKNOWLEDGED", "DELETED")


async def test_what_expires_waits_without_any_job(server: RunningServer) -> None:
    party = server.world.party("person-2")
    held = await live_authorisation(server.database, server.world, party)
    server.ask("clerk", CHECK, {"number": party.number})
    await keep_counted(server.database)  # as each minute does; long before the end
    ends = await server.database.fetch(select(tables.authorisations.c.expires_on))
    server.clock.at += timedelta(days=(max(day for (day,) in ends) - TODAY).days + 1)
    (task,) = waiting(server, "clerk", "APPLICATION_HANDLING", held)
    assert (task["deletion"]["cause"], task["deletion"]["acknowledgedOn"]) == ("EXPIRED", None)
