"""A new table of working days: open clocks are counted again, each change is recorded, servers load it [5.1.4]."""

import asyncio
import os
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from consent.ledger.system_entries import CalendarOfYear, parse_system_entry
from credit.calendar.calendar import Calendar, YearNotice, shipped
from credit.cases.status import UnrectifiedPolicy
from gateway.cli import run
from gateway.working_days import Alarm, AlreadyEntered, Entering, digest_of_notice, enter, in_force, keep_up
from storage.repositories.deadlines.due_days import recount
from storage.repositories.deadlines.working_days import CalendarInForce
from storage.tables import calendar_years, clock_recounts, corrections, objections, restraint_cases
from tests.storage import rows
from tests.storage.access_record import pending
from tests.storage.reference_fixtures import count

NOW = datetime(2027, 1, 12, 2, 0, tzinfo=UTC)
NEW_YEAR = frozenset(date(2027, 1, day) for day in (1, 2, 3))
OF_2027 = YearNotice(2027, "a notice of the autumn of 2026", NEW_YEAR, frozenset())
ENTERING = Entering("admin-1", NOW, date(2027, 1, 12), UnrectifiedPolicy.STAYS, uuid4, os.urandom)
NOT_YET = {"determined_on": None, "published_on": None, "ends_on": None, "changed_at": NOW}
CASES = (
    # [5.1.4(2)] 3 working days: 31 December, then New Year's Day by a guess, then 4 January
    ("noticed late by a guess", {"verified_at": datetime(2026, 12, 30, 2, tzinfo=UTC)}, ("2027-01-04", "2027-01-05")),
    # [5.1.4(4)] 15 working days, all of them after the holiday: certain now, and the same day
    ("under review", {"stated_on": date(2027, 1, 11)}, ("2027-02-01", "2027-02-01")),
    # counted through 2026 only
    ("of last year", {"verified_at": datetime(2026, 12, 1, 2, tzinfo=UTC)}, None),
    # nothing is shown of it, so nothing is recounted [5.1.6]
    ("confidential", {"verified_at": datetime(2026, 12, 30, 2, tzinfo=UTC), "confidential": True}, None),
)


@pytest.fixture
async def full(database):
    made = [rows.restraint(name, of="one", **NOT_YET, **facts) for name, facts, _ in CASES]
    await rows.put(database, rows.subject("one"), *made)
    return database


async def test_clocks_that_ran_through_the_year_are_counted_anew_and_each_change_is_recorded(full):
    entered = await enter(full, OF_2027, ENTERING)

    assert (entered.moved, entered.confirmed, entered.replaced) == (1, 1, False)
    found = await full.fetch(
        select(clock_recounts.c.about, clock_recounts.c.due_before, clock_recounts.c.due_after, clock_recounts.c.year)
    )
    expected = {rows.key(name): days for name, _, days in CASES if days is not None}
    assert {about: (str(before), str(after)) for about, before, after, _ in found} == expected
    assert {year for *_, year in found} == {2027}
    waiting = [(log, entry) for log, _, entry in await pending(full)]
    assert sorted(log for log, _ in waiting) == ["consent"] * len(expected) + ["system"]
    (stated,) = (parse_system_entry(entry) for log, entry in waiting if log == "system")
    assert stated == CalendarOfYear(NOW, 2027, digest_of_notice(OF_2027))


async def test_the_stored_due_days_move_with_it(full):
    """[5.1.4] Those of a confidential case too, though nothing is recorded of it."""
    case = restraint_cases.c
    due = select(case.number, case.clock_due_on)
    before = dict(await full.fetch(due))
    await enter(full, OF_2027, ENTERING)
    after = dict(await full.fetch(due))
    moved = {number: str(on) for number, on in after.items() if on != before[number]}
    assert moved == {"noticed late by a guess": "2027-01-05", "confidential": "2027-01-05"}
    async with full.writing() as session:
        assert await recount(session, await CalendarInForce(session).get()) == 0


async def test_corrections_and_objections_are_counted_anew_as_well(full):
    """[5.1.4(6)] 2 working days from 31 December: New Year's Day by a guess, and 4 January; now 5 January."""
    found = {
        "subject_id": rows.key("one"), "case_id": rows.key("of last year"), "department_code": "D1",
        "remedy": "CORRECT", "cause": "WRONG", "items": ["NAME"], "discovered_by": "handler-1", "discovered_at": NOW,
    }  # fmt: skip
    raised = {
        "subject_id": rows.key("one"), "record": "SUBJECT", "record_id": rows.key("one"), "department_code": "D1",
        "raised_at": NOW, "raised_by": "account-1", "raised_as": "subject",
    }  # fmt: skip
    mended, contested = rows.key("a correction"), rows.key("an objection")
    await full.write(
        (insert(corrections), {**found, "correction_id": mended, "discovered_on": date(2026, 12, 31)}),
        (insert(objections), {**raised, "objection_id": contested, "raised_on": date(2026, 12, 31)}),
    )

    entered = await enter(full, OF_2027, ENTERING)

    assert (entered.moved, entered.confirmed) == (3, 1)
    recorded = await full.fetch(select(clock_recounts.c.about, clock_recounts.c.clock, clock_recounts.c.due_after))
    after = {about: (clock, str(due)) for about, clock, due in recorded}
    assert after[mended] == ("CORRECTION", "2027-01-05")
    assert after[contested][0] == "OBJECTION"


async def test_a_recount_is_never_changed_afterwards(full):
    await enter(full, OF_2027, ENTERING)
    with pytest.raises(DBAPIError):
        await full.write((update(clock_recounts).values(due_after=date(2027, 3, 1)), {}))


async def test_the_same_table_again_and_another_one_unasked_are_refused(full):
    await enter(full, OF_2027, ENTERING)
    other = YearNotice(2027, "a correction", NEW_YEAR | {date(2027, 1, 4)}, frozenset())

    with pytest.raises(AlreadyEntered) as same:
        await enter(full, OF_2027, ENTERING, replace=True)
    with pytest.raises(AlreadyEntered) as another:
        await enter(full, other, ENTERING)

    assert (same.value.same, another.value.same) == (True, False)
    assert await count(full, calendar_years) == 1


async def test_a_corrected_notice_takes_its_place_when_asked_and_moves_clocks_again(full):
    await enter(full, OF_2027, ENTERING)
    other = YearNotice(2027, "a correction", NEW_YEAR | {date(2027, 1, 4)}, frozenset())

    entered = await enter(full, other, ENTERING, replace=True)

    assert (entered.moved, entered.replaced) == (1, True)
    assert date(2027, 1, 4) in (await in_force(full)).off
    assert await count(full, clock_recounts) == 3


async def test_a_server_takes_it_over(full):
    assert await adopted(full) == shipped()

    await enter(full, OF_2027, ENTERING)

    calendar = await adopted(full)
    assert calendar.sources[2027] == OF_2027.source
    assert calendar.off >= NEW_YEAR


async def adopted(database) -> Calendar:
    """Give the first calendar that the job of a server hands on."""
    found: asyncio.Future[Calendar] = asyncio.get_running_loop().create_future()
    job = asyncio.create_task(keep_up(database, found.set_result))
    try:
        return await asyncio.wait_for(found, 10)
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


def test_a_server_logs_once_a_day_that_a_table_is_missing():
    with structlog.testing.capture_logs() as lines:
        alarm = Alarm()
        for day in (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 1), date(2026, 11, 2)):
            alarm(shipped(), day)
    assert [(line["event"], line["year"]) for line in lines] == [("calendar.missing", 2027)] * 2


def test_the_command_enters_a_file_and_check_knows_it(tmp_path, monkeypatch, capsys, migrated_sqlite, kek):
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", f"sqlite:///{tmp_path}/chengxin.db")
    monkeypatch.setenv("CHENGXIN_KEK_FILE", str(kek))
    (tmp_path / "chengxin.db").write_bytes(migrated_sqlite.read_bytes())
    file = tmp_path / "2027.toml"
    file.write_text('year = 2027\nsource = "made for a test"\noff = [2027-01-01]\nwork = []\n', encoding="utf-8")

    assert run(["calendar", "add", str(file), "--as", "admin-1"]) == 0
    assert "2027 entered: 0 open clocks moved, 0 made certain" in capsys.readouterr().out
    assert run(["calendar", "check"]) == 0
    assert "2027: 1 days off, 0 moved; made for a test" in capsys.readouterr().out
    assert run(["calendar", "add", str(file), "--as", "admin-1"]) == 1
    assert "hint: there is nothing to do" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ('year = 2027\nsource = "x"\noff = []\nwork = []\n', "2028.toml", "its name is not its year"),
        ('year = 2027\nsource = ""\noff = []\nwork = []\n', "2027.toml", "which notice it follows"),
        ('year = 2027\nsource = "x"\noff = [2027-01-02]\nwork = [2027-01-02]\n', "2027.toml", "both off and worked"),
        ("year = ", "2027.toml", "it is not TOML"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_in_two_lines(
    content, name, message, tmp_path, monkeypatch, capsys, migrated_sqlite
):
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", f"sqlite:///{tmp_path}/chengxin.db")
    (tmp_path / "chengxin.db").write_bytes(migrated_sqlite.read_bytes())
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert run(["calendar", "add", str(tmp_path / name), "--as", "admin-1"]) == 1
    printed = capsys.readouterr().err
    assert message in printed
    assert "hint: credit/calendar/data shows the form; nothing was entered" in printed
