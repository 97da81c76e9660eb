"""Cases narrowed to those that restrain today, or to those that do not: a matter of the date [5.1.5]."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.schema.service import ServiceUnderTest, open_service, settings_for

CASES = """
query Cases($inForce: Boolean) @purpose(is: SUPERVISION) {
  restraintCases(inForce: $inForce, first: 50) { totalCount nodes { number inForce } }
}
"""
IN_FORCE = {
    "in-force", "company in force", "trader in force", "in the other sub-district", "club in force", "last day",
    "overdue", "of the health sector",
}  # fmt: skip
NOT_IN_FORCE = {"ended", "unpublished", "removed"}


@pytest.mark.parametrize(
    ("case", "narrowed", "names"),
    [
        ("[5.1.5] those that restrain", True, IN_FORCE),
        ("[5.1.5] those that do not, or not yet", False, NOT_IN_FORCE),
        ("[5.1.5] all, confidential ones never", None, IN_FORCE | NOT_IN_FORCE),
    ],
)
async def test_cases_are_narrowed_by_whether_they_restrain(
    shared_service: ServiceUnderTest, case: str, *, narrowed: bool | None, names: set[str]
) -> None:
    found = (await shared_service.ask(CASES, "office", {"inForce": narrowed})).data["restraintCases"]
    assert {node["number"] for node in found["nodes"]} == {shared_service.world.case(name).number for name in names}, (
        case
    )
    assert found["totalCount"] == len(names), case
    assert narrowed is None or {node["inForce"] for node in found["nodes"]} == {narrowed}, case


@pytest.mark.parametrize(
    ("case", "now", "narrowed"),
    [
        ("[5.1.5] the last minute of its last day in Shanghai", datetime(2026, 11, 20, 15, 59, tzinfo=UTC), True),
        ("[5.1.5] where such lapse, it is free at midnight", datetime(2026, 11, 20, 16, 0, tzinfo=UTC), False),
    ],
)
async def test_the_day_alone_moves_a_case_from_one_list_to_the_other(
    database_url: str, kek: Path, case: str, now: datetime, *, narrowed: bool
) -> None:
    async with open_service(settings_for(kek, database_url, UNRECTIFIED="lapse"), now=lambda: now) as service:
        number = service.world.case("last day").number
        for asked in (True, False):
            found = (await service.ask(CASES, "office", {"inForce": asked})).data["restraintCases"]["nodes"]
            assert (number in {node["number"] for node in found}) is (asked is narrowed), case


async def test_who_has_no_list_of_cases_has_none_to_narrow_down(shared_service: ServiceUnderTest) -> None:
    """[5.1.6] A clerk learns of one applicant, with authorisation, and not who else is restrained."""
    reply = await shared_service.ask(CASES.replace("SUPERVISION", "APPLICATION_HANDLING"), "clerk", {"inForce": True})
    assert (reply.status, reply.codes) == (403, ["ROOT_REFUSED"])
