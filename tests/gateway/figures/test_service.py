"""A year's figures equal those counted by hand, and are hidden where they would identify a person [6.1] [6.3]."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from credit.calendar.calendar import shipped
from credit.cases.status import UnrectifiedPolicy
from credit.incentives.incentive import shipped as incentives
from credit.statistics.figures import DepartmentSheet, Dimension
from gateway.figures.service import YearFigureService
from policy.crypto.keyring import Keyring
from storage import tables
from storage.database.database import Database
from tests.builders import new_keyring
from tests.storage.rows import Row, application, key, put, restraint, subject, subject_key

CALENDAR = shipped()
NEXT_YEAR = date(2027, 3, 1)


def at(text: str, hour: int = 2) -> datetime:
    return datetime.fromisoformat(f"2026-{text}T{hour:02}:00:00+00:00").astimezone(UTC)


def on(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(f"2026-{text}")


def case(name: str, collected: str, **values: Any) -> Row:
    days = {each: on(text) for each, text in values.items() if each.endswith("_on")}
    steps = {"verified_at": values["verified"] and at(values["verified"])} if "verified" in values else {}
    rest = {each: value for each, value in values.items() if not each.endswith("_on") and each != "verified"}
    blank: Mapping[str, Any] = {"determined_on": None, "published_on": None, "ends_on": None}
    return restraint(name, "one", **{"collected_at": at(collected), **blank, **days, **steps, **rest})


CASES = [
    # Verified Mon 2 March: to be noticed by Thu 5. In time, on the last day, too late, and not at all.
    case("in time", "03-02", verified="03-02", noticed_on="03-03"),
    case("on the last day", "03-02", verified="03-02", noticed_on="03-05"),
    case("a day late", "03-02", verified="03-02", noticed_on="03-06"),
    case("not at all", "03-02", verified="03-02"),
    # Stated Fri 6 March: to be reviewed by Fri 27. It was, and dropped.
    case("dropped", "03-02", verified="03-03", noticed_on="03-04", stated_on="03-06", reviewed_on="03-27",
         dropped_on="03-27"),
    # Determined after 10 and after 20 days; the second is repaired at its end.
    case("determined", "03-02", determined_on="03-12", circumstance="OTHER"),
    case("repaired", "03-02", determined_on="03-22", published_on="03-23", ends_on="09-23", rectified_on="04-01",
         channel="PUBLIC_REPORT"),
    case("was wrong", "03-02", determined_on="03-12", removed_on="05-01", removal="WRONG"),
    # In Shanghai it is the new year already, or still the old one.
    case("of the year before", "01-01", collected_at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC)),
    case("on the first morning", "01-01", collected_at=datetime(2025, 12, 31, 16, 0, tzinfo=UTC)),
    case("of the other department", "03-02", department_code="D2", circumstance="OTHER"),
    case("nobody's to know", "03-02", confidential=True),
]  # fmt: skip


def grant(name: str, incentive: str) -> list[Row]:
    application_row = application(name, "one")
    given = {
        "subject_id": key("one"), "grant_id": key(f"grant {name}"), "application_id": key(name), "incentive": incentive,
        "department_code": "D1", "at": at("06-01"), "by_ref": "clerk-1", "check_id": key("check"),
    }  # fmt: skip
    return [application_row, (tables.incentive_grants, given)]


def deferral(name: str, supplied: str | None) -> Row:
    return tables.deferrals, {
        "subject_id": key("one"), "application_id": key(name), "department_code": "D1", "commitment_ref": "c-1",
        "committed_on": on("06-01"), "due_on": on("06-10"), "supplied_on": on(supplied), "documents": [],
        "reminders": [],
    }  # fmt: skip


CORRECTION: Row = (
    tables.corrections,
    {
        "subject_id": key("one"), "correction_id": key("correction"), "case_id": key("was wrong"),
        "department_code": "D1", "remedy": "REMOVE", "cause": "WRONG", "items": ["facts"],
        "discovered_on": on("04-28"), "discovered_at": at("04-28"), "discovered_by": "handler-1",
        "done_on": on("05-06"), "completed_on": on("05-06"),
    },
)  # fmt: skip
"""Found Tue 28 April, so due Thu 30: before the holiday of May. It was completed on the 6th."""
OBJECTION: Row = (
    tables.objections,
    {
        "subject_id": key("one"), "objection_id": key("objection"), "record": "RESTRAINT_CASE",
        "record_id": key("determined"), "department_code": "D1", "raised_on": on("12-28"), "raised_at": at("12-28"),
        "raised_by": "s", "raised_as": "subject",
    },
)  # fmt: skip
"""Due in the next year, and counted there."""


def step(name: str, done: str, recorded: str, **values: Any) -> Row:
    return tables.case_steps, {
        "subject_id": key("one"), "step_id": key(f"step {name} {recorded}"), "case_id": key(name), "step": "NOTICED",
        "on": on(done), "at": at(recorded, 23), "actor_ref": "handler-1", "role": "handler", "department_code": "D1",
        "facts": {}, "salt": bytes(16), **values,
    }  # fmt: skip


STEPS = [
    step("in time", "03-03", "03-03", on=on("03-04")),  # 23 o'clock in UTC is the next day in Shanghai
    step("on the last day", "03-04", "03-05"),
    step("a day late", "03-05", "03-09"),
    step("dropped", "03-05", "03-09", department_code=None, role="subject"),
    step("of the other department", "03-05", "03-09", department_code="D2"),
    step("nobody's to know", "03-05", "03-09"),
]


@pytest.fixture
async def service_of(database: Database, tmp_path: Any) -> Any:
    rows = [
        *CASES, *grant("green", "GREEN_CHANNEL"), *grant("kept", "DEFERRED_DOCUMENTS"),
        *grant("broken", "DEFERRED_DOCUMENTS"), deferral("kept", "06-10"), deferral("broken", "06-11"), CORRECTION,
        OBJECTION, *STEPS,
    ]  # fmt: skip
    await put(database, subject("one"), subject_key("one"), *rows)
    keyring = Keyring.load(new_keyring(tmp_path), lambda size: bytes(range(size)))

    def service(k: int) -> YearFigureService:
        return YearFigureService(database, keyring, UnrectifiedPolicy.STAYS, list(incentives().values()), k)

    return service


async def sheet_of(service: YearFigureService, department: str | None, today: date = NEXT_YEAR) -> DepartmentSheet:
    return (await service.of_year(2026, today, CALENDAR)).sheet(department)


async def test_figures_are_what_one_counts_by_hand(service_of: Any) -> None:
    found = await sheet_of(service_of(1), "D1")
    assert (found.cases, found.corrections, found.late_entries, found.incentives) == (9, 1, 2, 3)
    assert found.by[Dimension.CIRCUMSTANCE] == {
        "IMPERSONATION": 0, "FALSE_MATERIAL": 8, "DOCUMENTS_NOT_SUPPLIED": 0, "COMMITMENT_NOT_MET": 0, "OTHER": 1,
    }  # fmt: skip
    assert found.by[Dimension.CHANNEL]["PUBLIC_REPORT"] == 1
    assert found.by[Dimension.STANDING] == {"PENDING": 5, "DETERMINED": 1, "REPAIRED": 1, "OVERTURNED": 2}
    assert found.clocks["NOTICE"] == {"MET": 3, "MISSED": 2, "RUNNING": 0}
    assert found.clocks["REVIEW"] == {"MET": 1, "MISSED": 0, "RUNNING": 0}
    assert found.clocks["PUBLICATION"] == {"MET": 1, "MISSED": 2, "RUNNING": 0}
    assert found.clocks["CORRECTION"] == {"MET": 0, "MISSED": 1, "RUNNING": 0}
    assert found.clocks["OBJECTION"] == {"MET": 0, "MISSED": 0, "RUNNING": 0}
    assert found.by[Dimension.INCENTIVE]["DEFERRED_DOCUMENTS"] == 2
    assert found.by[Dimension.PROMISE] == {"KEPT": 1, "BROKEN": 1, "OPEN": 0, "NONE": 1}
    assert found.days_to_decision == 10


async def test_the_district_is_all_departments_together(service_of: Any) -> None:
    found = await sheet_of(service_of(1), None)
    assert (found.cases, found.by[Dimension.CIRCUMSTANCE]["OTHER"]) == (10, 2)


async def test_the_current_year_has_figures_to_date(service_of: Any) -> None:
    found = await sheet_of(service_of(1), "D1", date(2026, 3, 4))
    assert found.as_of == date(2026, 3, 4)
    assert found.by[Dimension.STANDING]["PENDING"] == 9
    assert found.clocks["NOTICE"] == {"MET": 2, "MISSED": 0, "RUNNING": 3}


async def test_who_supervises_sees_every_count(service_of: Any) -> None:
    """The office and the heads see their own counts whole; what is published hides the small ones [6.1] [6.3]."""
    whole, published = service_of(1), service_of(5)
    for department in ("D1", "D2", None):
        for today in (date(2026, 3, 4), NEXT_YEAR):
            found = await published.of_year(2026, today, CALENDAR, hide_small=False)
            expected = await whole.of_year(2026, today, CALENDAR)
            assert (found.k, found.sheet(department)) == (1, expected.sheet(department))


async def test_no_figure_points_at_one_person(service_of: Any) -> None:
    """One case at the other department: neither it, nor a figure that reveals it by subtraction, is shown [6.3]."""
    service = service_of(5)
    own, other, district = [await sheet_of(service, each) for each in ("D1", "D2", None)]
    assert other.cases is None
    assert set(other.by[Dimension.CIRCUMSTANCE].values()) == {None}
    assert own.cases is None  # the total less this would be the one
    assert district.cases == 10
    assert district.by[Dimension.CIRCUMSTANCE]["OTHER"] is None
    assert district.clocks["REVIEW"] == {"MET": None, "MISSED": None, "RUNNING": None}
    assert district.incentives is None
    assert district.days_to_decision is None


async def test_published_figures_stay_as_they_were_first_published(service_of: Any, database: Database) -> None:
    """[6.3] A case that becomes confidential afterwards cannot be told by subtraction; who supervises sees it go."""
    now = datetime(2027, 1, 4, tzinfo=UTC)
    first = await service_of(1).published(2026, now, NEXT_YEAR, CALENDAR)
    assert first.sheet("D1") == await sheet_of(service_of(1), "D1")
    async with database.writing() as session:
        await session.execute(update(tables.restraint_cases).values(confidential=True))
    again = await service_of(1).published(2026, now + timedelta(days=1), NEXT_YEAR, CALENDAR)
    assert again == first
    assert (await service_of(1).of_year(2026, NEXT_YEAR, CALENDAR, hide_small=False)).sheet("D1").cases == 0
