"""The official working days, moved weekends included [CALENDAR 2025] [CALENDAR 2026]."""

import re
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.calendar.calendar import Deadline, calendar_of, notices, shipped
from credit.core.errors import CalendarNotLoaded, CalendarRefused

CALENDAR = shipped()
DAYS = st.dates(date(2025, 1, 1), date(2026, 11, 30))


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_the_year_agrees_with_an_independent_table(year):
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [day for day in days if CALENDAR.is_working_day(day) != chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize(
    ("case", "day", "is_working"),
    [
        ("an ordinary Thursday", "2026-03-05", True),
        ("an ordinary Saturday", "2026-03-07", False),
        ("Spring Festival, a Tuesday", "2026-02-17", False),
        ("the make-up Saturday before it", "2026-02-14", True),
        ("the make-up Sunday after New Year", "2026-01-04", True),
        ("a Friday bridged to New Year", "2026-01-02", False),
    ],
)
def test_working_days_follow_the_official_notice(case, day, is_working):
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is is_working


@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2027, 1, 4)])
def test_a_year_without_a_table_has_no_working_days(day):
    with pytest.raises(CalendarNotLoaded) as refused:
        CALENDAR.is_working_day(day)
    assert refused.value.year == day.year
    assert str(day.year) in refused.value.message
    assert str(day.year) in refused.value.message_zh


@pytest.mark.parametrize(
    ("case", "start", "days", "on", "provisional"),
    [
        ("within the table", "2026-12-28", 3, "2026-12-31", False),
        ("into a year without a table: by weekdays, and marked", "2026-12-30", 3, "2027-01-04", True),
        ("from a year without a table", "2027-03-05", 3, "2027-03-10", True),
        ("a period of no days ends where it starts", "2027-03-06", 0, "2027-03-06", False),
        ("from a year before the tables into them", "2024-12-31", 1, "2025-01-02", False),
    ],
)
def test_a_deadline_states_whether_it_is_provisional(case, start, days, on, provisional):
    deadline = CALENDAR.deadline(date.fromisoformat(start), days)
    assert deadline == Deadline(date.fromisoformat(on), provisional)


def test_a_sure_answer_is_refused_where_only_a_provisional_one_is_to_be_had():
    with pytest.raises(CalendarNotLoaded) as refused:
        CALENDAR.add_working_days(date(2026, 12, 30), 3)
    assert refused.value.year == 2027


def test_the_last_day_is_still_in_time():
    deadline = Deadline(date(2026, 3, 10))
    assert [deadline.is_missed(date(2026, 3, day)) for day in (9, 10, 11)] == [False, False, True]


def test_a_negative_period_is_a_mistake():
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.deadline(date(2026, 3, 5), -1)


@given(DAYS, st.integers(1, 15))
def test_a_period_ends_on_a_working_day_and_holds_exactly_its_days(start, days):
    end = CALENDAR.add_working_days(start, days)
    assert CALENDAR.is_working_day(end)
    between = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    assert sum(CALENDAR.is_working_day(day) for day in between) == days


@given(DAYS, st.integers(0, 14), st.integers(0, 30))
def test_later_starts_and_longer_periods_never_end_earlier(start, days, later):
    end = CALENDAR.deadline(start, days).on
    assert CALENDAR.deadline(start, days + 1).on > end
    assert CALENDAR.deadline(start + timedelta(days=later), days).on >= end


GOOD = 'year = 2030\nsource = "made up for this test"\noff = [2030-01-01, 2029-12-31]\nwork = [2030-01-05]\n'


def test_a_table_is_read_from_a_folder_and_may_move_days_of_the_december_before(tmp_path):
    (tmp_path / "2030.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a table", encoding="utf-8")
    calendar = calendar_of(notices(tmp_path).values())
    assert calendar.years == {2030}
    assert calendar.off == {date(2030, 1, 1), date(2029, 12, 31)}
    assert calendar.is_working_day(date(2030, 1, 5))


@pytest.mark.parametrize(
    ("case", "name", "text", "why"),
    [
        ("not TOML", "2030.toml", "year = ", "not TOML"),
        ("a name of another year", "2031.toml", GOOD, "name is not its year"),
        ("no source", "2030.toml", GOOD.replace("made up for this test", ""), "which notice"),
        ("a key is missing", "2030.toml", GOOD.replace("work", "worked"), "needs year, source, off and work"),
        ("a key too many", "2030.toml", GOOD + "holidays = []\n", "nothing else"),
        ("a day twice", "2030.toml", GOOD.replace("2029-12-31", "2030-01-01"), "twice"),
        ("a day of another year", "2030.toml", GOOD.replace("2029-12-31", "2029-11-30"), "another year"),
        ("a weekday as make-up", "2030.toml", GOOD.replace("2030-01-05", "2030-01-07"), "is a weekday"),
        ("both off and worked", "2030.toml", GOOD.replace("2030-01-01", "2030-01-05"), "both off and worked"),
        ("text for a day", "2030.toml", GOOD.replace("2030-01-05", '"2030-01-05"'), "not a list of days"),
        ("an instant for a day", "2030.toml", GOOD.replace("2030-01-05", "2030-01-05T00:00:00"), "not a list of days"),
        ("no list", "2030.toml", GOOD.replace("[2030-01-05]", "5"), "not a list of days"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused_by_name(tmp_path, case, name, text, why):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CalendarRefused, match=re.escape(why)) as refused:
        calendar_of(notices(tmp_path).values())
    assert refused.value.code == "CALENDAR_REFUSED"
