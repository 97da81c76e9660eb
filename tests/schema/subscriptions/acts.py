"""What happens in a world while somebody listens."""

from typing import Any

from tests.builders import NOW, Case
from tests.builders.restraints import put_case
from tests.schema.service import ServiceUnderTest

WORK = """subscription($first: Int = 50) @purpose(is: DETERMINATION) {
  worklistChanged(first: $first) { nodes { step case { number } } total { count } pageInfo { hasNextPage } }
}"""
NOTES = """subscription($first: Int) @purpose(is: SELF_ACCESS) {
  notificationArrived(first: $first) { nodes { topic case { number } } }
}"""
OURS = "subscription @purpose(is: DETERMINATION) { notificationArrived { nodes { topic case { number } } } }"
TARGETS = "subscription @purpose(is: FOCUSED_CHECK) { targetChanged { nodes { kind subjectId subject { name } } } }"
READS = "subscription @purpose(is: SELF_ACCESS) { accessRecorded { nodes { actor fieldsShown { field } } } }"
COLLECTED = {
    "published_on": None, "collected_at": NOW, "changed_at": NOW, "determined_on": None, "ends_on": None,
}  # fmt: skip
"""The facts of a case that was collected just now."""
STEP = """mutation($i: %sInput!) @purpose(is: DETERMINATION) { %s(input: $i) {
  __typename ... on CaseChanged { case { status } } ... on Refusal { code } } }"""


async def collect(service: ServiceUnderTest, number: str, whose: str = "person-1", **facts: Any) -> Case:
    """Put a case on record that was collected just now, or as *facts* say."""
    given = {**COLLECTED, **facts}
    return await put_case(service.services.database, service.world, service.world.party(whose), number, **given)


async def publish(service: ServiceUnderTest, number: str, whose: str = "person-1", **facts: Any) -> Case:
    """Put a case on record that is in force, and changed just now."""
    given = {"changed_at": NOW, **facts}
    return await put_case(service.services.database, service.world, service.world.party(whose), number, **given)


async def step(service: ServiceUnderTest, case: Case, mutation: str, who: str = "handler", **given: Any) -> str:
    """Take a step of *case*, and give its status afterwards."""
    document = STEP % (f"{mutation[0].upper()}{mutation[1:]}", mutation)
    reply = await service.ask(document, who, {"i": {"case": case.gid, **given}})
    assert reply.data[mutation]["__typename"] == "CaseChanged", reply.json
    return str(reply.data[mutation]["case"]["status"])


async def notice(service: ServiceUnderTest, case: Case) -> None:
    """Bring a collected case to its notice, of which the subject is notified [5.1.4(2)]."""
    await step(service, case, "verifyCase", evidence=["卷宗-1"], severity="SHORT_OF_PENALTY")
    assert await step(service, case, "noticeCase") == "NOTICED"


async def read(service: ServiceUnderTest, who: str = "regulator") -> None:
    """Read the names of all targets."""
    document = "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 50) { nodes { subject { name } } } }"
    assert (await service.ask(document, who)).data["focusedCheckTargets"]["nodes"]
