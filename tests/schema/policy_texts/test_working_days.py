"""The official working days as anybody can query them, and the answer for a year without a table [5.1.4]."""

from datetime import date, timedelta

import pytest

from credit.calendar.calendar import shipped
from tests.schema.service import ServiceUnderTest

DAYS = "query Days($year: Int!) { workingDays(year: $year) { year provisional source off worked note noteEn } }"


@pytest.mark.parametrize(
    ("year", "worked"),
    [
        (2025, ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"]),
        (2026, ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]),
    ],
)
async def test_a_year_is_answered_from_its_official_notice(
    shared_service: ServiceUnderTest, year: int, worked: list[str]
) -> None:
    """[5.1.4]"""
    found = (await shared_service.ask(DAYS, variables={"year": year})).data["workingDays"]
    assert (found["year"], found["provisional"], found["worked"]) == (year, False, worked)
    assert str(year) in found["source"]
    assert (found["note"], found["noteEn"]) == (None, None)


async def test_the_answer_suffices_to_compute_every_working_day(shared_service: ServiceUnderTest) -> None:
    """[5.1.4] A client that counts by the answer arrives at the same day as the server."""
    found = (await shared_service.ask(DAYS, variables={"year": 2026})).data["workingDays"]
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365)):
        works = day.isoformat() in found["worked"] or (day.weekday() < 5 and day.isoformat() not in found["off"])
        assert works is shipped().is_working_day(day), day


@pytest.mark.parametrize("year", [2024, 2027, 0, -1, 2_147_483_647])
async def test_of_a_year_without_a_table_nothing_is_guessed(shared_service: ServiceUnderTest, year: int) -> None:
    """[5.1.4]"""
    reply = await shared_service.ask(DAYS, variables={"year": year})
    found = reply.data["workingDays"]
    assert not reply.errors
    assert (found["provisional"], found["source"], found["off"], found["worked"]) == (True, None, None, None)
    assert str(year) in found["note"]
    assert str(year) in found["noteEn"]


@pytest.mark.parametrize("who", ["anonymous", "person-1", "clerk", "admin"])
async def test_the_days_are_for_everybody_and_leave_no_entry(shared_service: ServiceUnderTest, who: str) -> None:
    """[5.1.4] [5.1.6] They are about nobody."""
    reply, entries = await shared_service.recorded(DAYS, who, {"year": 2026})
    assert reply.data["workingDays"]["off"]
    assert entries == []
