"""The deadlines of a case as GraphQL shows them: last days, warnings, missed and provisional ones [5.1.4].

Days are of Asia/Shanghai. `handler-1` handles the case; what is not given has not happened.
"""

# ruff: noqa: E501 - one row of a table is one line

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.unit_of_work import SqlUnitOfWork
from tests.builders import NOW, case_row
from tests.databases import shared_on_sqlite
from tests.schema.service import ServiceUnderTest, open_service, settings_for

CLOCKS = """
query Clocks($number: String) @purpose(is: DETERMINATION) {
  restraintCases(number: $number) {
    nodes {
      isOverdue
      noticeDue { ...All } statementDue { ...All } reviewDue { ...All }
      publicationDue { ...All }
    }
  }
}
fragment All on Deadline { on provisional isMissed state daysLeft clause }
"""
NOTHING_YET = {"determined_on": None, "published_on": None, "ends_on": None}


def morning(day: str) -> datetime:
    """Give ten o'clock of a day in Shanghai."""
    return datetime.fromisoformat(f"{day}T02:00:00+00:00").astimezone(UTC)


def facts(**given: str) -> dict[str, Any]:
    """Give the columns of dated facts."""
    columns: dict[str, Any] = {name: date.fromisoformat(day) for name, day in given.items() if name.endswith("_on")}
    if "verified_at" in given:
        columns["verified_at"] = morning(given["verified_at"])
    return NOTHING_YET | {"collected_at": morning("2026-01-05"), "changed_at": morning("2026-01-05")} | columns


@dataclass(slots=True)
class ServiceOnDay:
    """A GraphQL service with a clock that a test can set."""

    service: ServiceUnderTest
    now: list[datetime]
    taken: int = 0

    async def clocks(self, today: str, columns: dict[str, Any], who: str = "handler") -> dict[str, Any]:
        """Take in a case with these facts, and ask for its clocks on the day *today*."""
        world, self.taken, self.now[0] = self.service.world, self.taken + 1, morning(today)
        number = f"期-{self.taken:03}"
        _, row = case_row(world.keyring, world.new_id, world.party("person-1"), number, **columns)
        async with SqlUnitOfWork(self.service.services.database) as work:
            await work.cases.add([row])
            await work.commit()
        reply = await self.service.ask(CLOCKS, who, {"number": number})
        assert not self.service.failures
        (found,) = reply.data["restraintCases"]["nodes"]
        return dict(found)


@pytest.fixture(scope="module")
async def service_on_day(shared_url: str, kek: Path) -> AsyncIterator[ServiceOnDay]:
    """Give one service for the module: its tests add cases, each with a number of its own."""
    now = [NOW]
    async with open_service(settings_for(kek, shared_url), now=lambda: now[0]) as service:
        yield ServiceOnDay(service, now)


@shared_on_sqlite
@pytest.mark.parametrize(
    ("case", "clock", "given", "today", "on", "state", "missed", "left"),
    [
        # Notice: 3 working days after verification [5.1.4(2)].
        ("[5.1.4(2)] on the day of verification", "noticeDue", {"verified_at": "2026-03-02"}, "2026-03-02", "2026-03-05", "OPEN", False, 3),
        ("[5.1.4(2)] two working days ahead it warns", "noticeDue", {"verified_at": "2026-03-02"}, "2026-03-03", "2026-03-05", "DUE_SOON", False, 2),
        ("[5.1.4(2)] the last day is in time", "noticeDue", {"verified_at": "2026-03-02"}, "2026-03-05", "2026-03-05", "DUE_SOON", False, 0),
        ("[5.1.4(2)] the next is not", "noticeDue", {"verified_at": "2026-03-02"}, "2026-03-06", "2026-03-05", "OVERDUE", True, None),
        ("[5.1.4(2)] noticed on the last day", "noticeDue", {"verified_at": "2026-03-02", "noticed_on": "2026-03-05"}, "2026-03-20", "2026-03-05", "MET", False, None),
        ("[5.1.4(2)] noticed a day late", "noticeDue", {"verified_at": "2026-03-02", "noticed_on": "2026-03-06"}, "2026-03-20", "2026-03-05", "MET_LATE", True, None),
        ("[5.1.4(2)] a weekend does not count", "noticeDue", {"verified_at": "2026-03-05"}, "2026-03-07", "2026-03-10", "DUE_SOON", False, 2),
        ("[5.1.4(2)] the make-up Saturday counts, Spring Festival does not", "noticeDue", {"verified_at": "2026-02-12"}, "2026-02-14", "2026-02-24", "DUE_SOON", False, 1),
        ("[5.1.4(2)] National Day, and the make-up Saturday after it", "noticeDue", {"verified_at": "2026-09-30"}, "2026-10-08", "2026-10-10", "DUE_SOON", False, 2),
        ("[5.1.4(2)] dropped in time", "noticeDue", {"verified_at": "2026-03-02", "dropped_on": "2026-03-04"}, "2026-03-20", "2026-03-05", "MOOT", False, None),
        ("[5.1.4(2)] referred when it was too late", "noticeDue", {"verified_at": "2026-03-02", "referred_on": "2026-03-09"}, "2026-03-20", "2026-03-05", "MISSED", True, None),
        # Statement and defence: 3 working days after receipt, the subject's own chance [5.1.4(3)].
        ("[5.1.4(3)] the day of receipt does not count", "statementDue", {"served_on": "2026-03-02"}, "2026-03-02", "2026-03-05", "OPEN", None, 3),
        ("[5.1.4(3)] over Labour Day to the make-up Saturday", "statementDue", {"served_on": "2026-05-06"}, "2026-05-09", "2026-05-09", "DUE_SOON", None, 0),
        ("[5.1.4(3)] silence waives, and misses nothing", "statementDue", {"served_on": "2026-03-02"}, "2026-03-06", "2026-03-05", "FORGONE", None, None),
        ("[5.1.4(3)] stated in time", "statementDue", {"served_on": "2026-03-02", "stated_on": "2026-03-04"}, "2026-03-06", "2026-03-05", "MET", None, None),
        # Review: 15 working days after the statement [5.1.4(4)].
        ("[5.1.4(4)] three weeks without a holiday", "reviewDue", {"stated_on": "2026-03-02"}, "2026-03-03", "2026-03-23", "OPEN", False, 14),
        ("[5.1.4(4)] through National Day", "reviewDue", {"stated_on": "2026-09-21"}, "2026-09-21", "2026-10-19", "OPEN", False, 15),
        ("[5.1.4(4)] reviewed on the last day", "reviewDue", {"stated_on": "2026-03-02", "reviewed_on": "2026-03-23"}, "2026-04-01", "2026-03-23", "MET", False, None),
        ("[5.1.4(4)] not reviewed", "reviewDue", {"stated_on": "2026-03-02"}, "2026-03-24", "2026-03-23", "OVERDUE", True, None),
        ("[5.1.4(4)] reviewed late", "reviewDue", {"stated_on": "2026-03-02", "reviewed_on": "2026-03-24"}, "2026-04-01", "2026-03-23", "MET_LATE", True, None),
        # Publication: promptly after the determination, here 5 working days [5.1.4(5)].
        ("[5.1.4(5)] determined in October, unpublished", "publicationDue", {"determined_on": "2026-10-14"}, "2026-11-29", "2026-10-21", "OVERDUE", True, None),
        ("[5.1.4(5)] published on the last day", "publicationDue", {"determined_on": "2026-03-02", "published_on": "2026-03-09", "ends_on": "2026-09-09"}, "2026-04-01", "2026-03-09", "MET", False, None),
        ("[5.1.4(4)] not known yet that it will be late", "reviewDue", {"stated_on": "2026-03-02", "reviewed_on": "2026-03-24"}, "2026-03-16", "2026-03-23", "OPEN", False, 5),
    ],
)  # fmt: skip
async def test_a_clock_shows_its_last_day_and_how_it_stands(
    *,
    service_on_day: ServiceOnDay,
    case: str,
    clock: str,
    given: dict[str, str],
    today: str,
    on: str,
    state: str,
    missed: bool | None,
    left: int | None,
) -> None:
    shown = (await service_on_day.clocks(today, facts(**given)))[clock]
    clause = {
        "noticeDue": "5.1.4(2)",
        "statementDue": "5.1.4(3)",
        "reviewDue": "5.1.4(4)",
        "publicationDue": "5.1.4(5)",
    }[clock]
    assert shown == {
        "on": on, "provisional": False, "isMissed": missed, "state": state, "daysLeft": left, "clause": clause,
    }, case  # fmt: skip


@shared_on_sqlite
@pytest.mark.parametrize(
    ("case", "given", "today", "overdue"),
    [
        ("[5.1.4] nothing verified yet", {}, "2026-03-20", False),
        ("[5.1.4(2)] the last day of the notice", {"verified_at": "2026-03-02"}, "2026-03-05", False),
        ("[5.1.4(2)] the day after it", {"verified_at": "2026-03-02"}, "2026-03-06", True),
        ("[5.1.4(2)] done late is not late any more", {"verified_at": "2026-03-02", "noticed_on": "2026-03-09"}, "2026-03-20", False),
        ("[5.1.4(3)] a subject that keeps silent makes nobody late", {"served_on": "2026-03-02"}, "2026-03-20", False),
        ("[5.1.4(4)] the review is late", {"stated_on": "2026-03-02"}, "2026-03-24", True),
        ("[5.1.4(5)] it is not published promptly", {"determined_on": "2026-03-02"}, "2026-03-10", True),
        ("[5.1.4(4)] the case was dropped since", {"stated_on": "2026-03-02", "dropped_on": "2026-03-24"}, "2026-03-24", False),
    ],
)  # fmt: skip
async def test_a_case_is_overdue_while_the_authority_still_has_to_act(
    *, service_on_day: ServiceOnDay, case: str, given: dict[str, str], today: str, overdue: bool
) -> None:
    assert (await service_on_day.clocks(today, facts(**given)))["isOverdue"] is overdue, case


@pytest.mark.parametrize(
    ("case", "given", "today", "shown"),
    [
        ("[5.1.4(1)] not verified", {}, "2026-03-20", set()),
        ("[5.1.4(2)] verified", {"verified_at": "2026-03-02"}, "2026-03-02", {"noticeDue"}),
        ("[5.1.4(2)] not yet on the day before", {"verified_at": "2026-03-02"}, "2026-03-01", set()),
        ("[5.1.4(3)] served", {"served_on": "2026-03-02"}, "2026-03-02", {"statementDue"}),
        ("[5.1.4(4)] stated", {"stated_on": "2026-03-02"}, "2026-03-02", {"reviewDue"}),
    ],
)
async def test_a_clock_that_has_not_started_is_not_there(
    service_on_day: ServiceOnDay, case: str, given: dict[str, str], today: str, shown: set[str]
) -> None:
    found = await service_on_day.clocks(today, facts(**given))
    assert {name for name in found if name != "isOverdue" and found[name] is not None} == shown, case


@pytest.mark.parametrize(
    ("case", "verified_at", "on", "provisional"),
    [
        ("[5.1.4] within a year with a table", "2026-12-28", "2026-12-31", False),
        ("[5.1.4] into a year without one: by weekdays, and said so", "2026-12-30", "2027-01-04", True),
    ],
)
async def test_a_year_without_a_table_is_counted_provisionally(
    *, service_on_day: ServiceOnDay, case: str, verified_at: str, on: str, provisional: bool
) -> None:
    shown = (await service_on_day.clocks(verified_at, facts(verified_at=verified_at)))["noticeDue"]
    assert (shown["on"], shown["provisional"]) == (on, provisional), case


async def test_the_clocks_count_the_days_of_shanghai(service_on_day: ServiceOnDay) -> None:
    """[5.1.4] Verified at half past midnight in Shanghai, when it is still the day before elsewhere."""
    late = facts() | {"verified_at": datetime(2026, 3, 2, 16, 30, tzinfo=UTC)}
    assert (await service_on_day.clocks("2026-03-03", late))["noticeDue"]["on"] == "2026-03-06"


@pytest.mark.parametrize(
    ("who", "purpose"), [("regulator", "FOCUSED_CHECK"), ("platform", "PLATFORM_EXCHANGE"), ("anonymous", "PUBLICITY")]
)
async def test_who_does_not_see_the_procedure_sees_no_clock(
    service_on_day: ServiceOnDay, who: str, purpose: str
) -> None:
    """[5.1.6] The city platform, supervisors and the public get what was determined, and not how."""
    service_on_day.now[0] = NOW + timedelta(minutes=1)
    root = {"FOCUSED_CHECK": "focusedCheckTargets", "PUBLICITY": "publicRestraintList"}.get(purpose, "restraintCases")
    reply = await service_on_day.service.ask(
        f"query @purpose(is: {purpose}) {{ {root} {{ nodes {{ id noticeDue {{ on }} isOverdue }} }} }}", who
    )
    assert set(reply.withheld) == {f"{root}.nodes.noticeDue", f"{root}.nodes.isOverdue"}
    assert all(node["noticeDue"] is None and node["isOverdue"] is None for node in reply.data[root]["nodes"])
    assert reply.data[root]["nodes"]
