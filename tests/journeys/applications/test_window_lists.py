"""What a window asks of its lists: by number, matter, outcome, and what is late; and nothing of other windows [4.2]."""

from typing import Any

from sqlalchemy import insert, update

from credit.notices.facts import NoticeKind
from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage import tables
from tests.builders import NOW, SCJG
from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.promises import Promise, allow, at, cleared

LIST = """query($number: String, $matter: ID, $isOpen: Boolean, $outcome: ApplicationOutcome) {
  applications(number: $number, matter: $matter, isOpen: $isOpen, outcome: $outcome) {
    totalCount nodes { id isOpen outcome } } }"""
LATE = "query($o: Boolean) { commitments(isOverdue: $o) { totalCount nodes { state isOverdue } } }"


def listed(server: RunningServer, who: str, **given: Any) -> set[str]:
    purpose = "SELF_ACCESS" if who.startswith("person") else "APPLICATION_HANDLING"
    reply = server.ask(who, LIST, given, headers={"Access-Purpose": purpose})
    assert not reply.errors, reply.json
    return {one["id"] for one in reply.data["applications"]["nodes"]}


@on_both
async def test_applications_are_found_by_what_the_window_knows_of_them(server: RunningServer) -> None:
    """[4.2]: the department is implied, and another's are not there."""
    promise = Promise(server)
    own = promise.application
    this = tables.applications.c.application_id == own.row_id
    await server.database.write(
        (update(tables.applications).where(this).values(number="办-2026-77", number_key="办-2026-77"), None)
    )
    assert listed(server, "clerk", number="办-2026-77") == {own.gid}
    assert listed(server, "person-1", number="办-2026-77") == {own.gid}
    assert listed(server, "clerk", number="办-2026-78") == set()
    assert listed(server, "other clerk", number="办-2026-77") == set()
    matter = encode(Entity.MATTER, "SCJG-01")
    assert own.gid in listed(server, "clerk", matter=matter)
    assert listed(server, "clerk", matter=encode(Entity.MATTER, "WJJ-01")) == set()
    assert own.gid in listed(server, "clerk", isOpen=True)
    promise("clerk", "acceptApplication", NOW)
    promise.done("clerk", "decideApplication", NOW, outcome="APPROVED")
    assert listed(server, "clerk", number="办-2026-77", outcome="APPROVED", isOpen=False) == {own.gid}
    assert own.gid not in listed(server, "clerk", isOpen=True) | listed(server, "clerk", outcome="REFUSED")


@on_both
async def test_commitments_are_late_by_the_working_days_of_their_matter(server: RunningServer) -> None:
    """[4.2.3]: through National Day, as the state of each says; completed in time it is late when not verified."""
    await allow(server, commitment=True, commitment_limit_days=2, commitment_verify_days=5)
    promise = await cleared(server, "09-30")
    promise.done("clerk", "makeCommitment", at("09-30"), commitment="承诺-2026-09")

    def late(day: str, who: str = "clerk") -> list[str]:
        server.clock.at = at(day)
        reply = server.ask(who, LATE, {"o": True}, headers={"Access-Purpose": "APPLICATION_HANDLING"})
        assert not reply.errors, reply.json
        assert all(one["isOverdue"] for one in reply.data["commitments"]["nodes"])
        return [one["state"] for one in reply.data["commitments"]["nodes"]]

    assert late("10-09") == []
    assert late("10-10") == ["COMPLETION_OVERDUE"]
    assert late("10-10", "other clerk") == []
    promise.done("clerk", "completeCommitment", at("10-10"), on="2026-10-09")
    assert late("10-16") == [], "a completion counts from the day of its record, a working Saturday"
    assert late("10-17") == ["VERIFICATION_OVERDUE"]
    promise.done("handler", "verifyCommitment", at("10-17"), outcome="MET")
    assert late("10-18") == []


@on_both
async def test_an_application_has_its_reminders(server: RunningServer) -> None:
    """[5.1.2c]"""
    own = Promise(server).application
    row = {
        "subject_id": own.subject_id, "notice_id": server.world.new_id(), "kind": NoticeKind.REMINDER.value,
        "number": "临催〔2026〕77号", "application_id": own.row_id, "department_code": SCJG, "issued_on": NOW.date(),
        "issued_at": NOW, "issued_by": "clerk-1", "issued_as": "clerk", "code_hash": b"\x01" * 32, "template": "x",
        "digest": b"\x02" * 32, "salt": b"\x03" * 16,
    }  # fmt: skip
    await server.database.write((insert(tables.issued_notices), row))
    query = "query($i: ID!) { node(id: $i) { ... on Application { reminders { totalCount nodes { number } } } } }"
    for who, purpose in (("clerk", "APPLICATION_HANDLING"), ("person-1", "SELF_ACCESS")):
        reply = server.ask(who, query, {"i": own.gid}, headers={"Access-Purpose": purpose})
        assert reply.data["node"]["reminders"] == {"totalCount": 1, "nodes": [{"number": "临催〔2026〕77号"}]}, who
