"""A request that is refused looks to everybody else like one that was not answered, the auditor included [5.1.6]."""

from typing import Any

from tests.databases import on_both
from tests.journeys.running_server import RunningServer
from tests.journeys.support.documents import REFUSE

READS = """
query Reads($subject: ID!) @purpose(is: AUDIT) {
  myAccessLog(first: 20, subject: $subject) { nodes { purpose documentHash fieldsShown { field } } }
}
"""
ASKED = """
query Asked($subject: ID!) @purpose(is: AUDIT) { myAuthorisations(subject: $subject) { nodes { id status } } }
"""


def entries(server: RunningServer, subject: str) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = server.ask("auditor", READS, {"subject": subject}).data["myAccessLog"]["nodes"]
    return nodes


@on_both
async def test_what_a_subject_does_on_its_own_pages_tells_the_auditor_of_no_refusal(server: RunningServer) -> None:
    party, asked = server.world.party("person-2"), server.world.authorisation("requested")
    before = server.ask("auditor", ASKED, {"subject": party.gid}).data
    done = server.ask("person-2", REFUSE, {"input": {"authorisation": asked.gid}}).data["refuseAuthorisation"]
    assert done["authorisation"]["status"] == "REFUSED"
    assert server.ask("auditor", ASKED, {"subject": party.gid}).data == before
    own = [one for one in entries(server, party.gid) if one["purpose"] == "SELF_ACCESS"]
    assert own == [{"purpose": "SELF_ACCESS", "documentHash": None, "fieldsShown": None}]


async def test_what_others_read_is_shown_to_the_auditor(server: RunningServer) -> None:
    party = server.world.party("person-1")
    server.ask("handler", "query @purpose(is: DETERMINATION) { restraintCases(first: 50) { nodes { facts } } }")
    read = [one for one in entries(server, party.gid) if one["purpose"] == "DETERMINATION"]
    assert read
    assert all(one["documentHash"] and one["fieldsShown"] for one in read)
