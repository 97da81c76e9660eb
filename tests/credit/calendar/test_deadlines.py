"""The clocks of the procedure [5.1.2c] [5.1.4], the counting of months [5.1.5], and the day that they count."""

import inspect
import re
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.calendar import deadlines
from credit.calendar.calendar import Deadline, shipped
from credit.calendar.deadlines import (
    add_months,
    civil_date,
    correction_due,
    documents_due,
    notice_due,
    review_due,
    statement_closes,
)

CALENDAR = shipped()


def on(text: str) -> date:
    """Read `Thu 2026-03-05`, and hold it to its weekday."""
    weekday, day = text.split()
    found = date.fromisoformat(day)
    assert found.strftime("%a") == weekday, text
    return found


@pytest.mark.parametrize(
    ("case", "received", "closes"),
    [
        ("a weekend is skipped", "Thu 2026-03-05", "Tue 2026-03-10"),
        ("the day of receipt never counts", "Mon 2026-03-02", "Thu 2026-03-05"),
        ("received on a Saturday", "Sat 2026-03-07", "Wed 2026-03-11"),
        ("a make-up Saturday counts", "Fri 2026-02-27", "Tue 2026-03-03"),
        ("received on a make-up Saturday", "Sat 2026-02-28", "Wed 2026-03-04"),
        ("Spring Festival stands still", "Fri 2026-02-13", "Wed 2026-02-25"),
        ("National Day, then a make-up Saturday", "Wed 2026-09-30", "Sat 2026-10-10"),
        ("over the turn of the year", "Wed 2025-12-31", "Tue 2026-01-06"),
    ],
)
def test_statement_closes_three_working_days_after_receipt(case, received, closes):
    """[5.1.4(3)] [A]"""
    assert statement_closes(on(received), CALENDAR) == Deadline(on(closes))


@pytest.mark.parametrize(
    ("clause", "clock", "fact", "due"),
    [
        ("[5.1.2c] documents after a reminder", documents_due, "Thu 2026-03-05", "Tue 2026-03-10"),
        ("[5.1.4(2)] notice after verification", notice_due, "Fri 2026-04-03", "Thu 2026-04-09"),
        ("[5.1.4(4)] review, fifteen days", review_due, "Mon 2026-03-02", "Mon 2026-03-23"),
        ("[5.1.4(4)] review over National Day", review_due, "Wed 2026-09-30", "Tue 2026-10-27"),
        ("[5.1.4(6)] correction", correction_due, "Fri 2026-04-03", "Wed 2026-04-08"),
        ("[5.1.4(6)] correction within a week", correction_due, "Mon 2026-03-02", "Wed 2026-03-04"),
    ],
)
def test_each_clock_keeps_its_clause(clause, clock, fact, due):
    assert clock(on(fact), CALENDAR) == Deadline(on(due))
    assert clause.split()[0] in clock.__doc__


def test_a_clock_that_runs_into_an_unpublished_year_says_so():
    assert statement_closes(date(2026, 12, 30), CALENDAR).provisional


def test_every_clock_cites_its_clause():
    clocks = [member for _, member in inspect.getmembers(deadlines, inspect.isfunction)]
    own = [clock for clock in clocks if clock.__module__ == deadlines.__name__]
    assert [clock.__name__ for clock in own if not re.search(r"\[5\.1\.[2456]", clock.__doc__ or "")] == []


@pytest.mark.parametrize(
    ("case", "day", "months", "end"),
    [
        ("the corresponding day", "2026-03-05", 6, "2026-09-05"),
        ("over the turn of the year", "2025-09-10", 6, "2026-03-10"),
        ("31 August has no 31 February", "2025-08-31", 6, "2026-02-28"),
        ("nor 30 August, in a leap year", "2027-08-30", 6, "2028-02-29"),
        ("29 August, in a leap year, has", "2027-08-29", 6, "2028-02-29"),
        ("from the end of February no month is stretched", "2026-02-28", 6, "2026-08-28"),
        ("31 December", "2025-12-31", 6, "2026-06-30"),
        ("into December", "2026-06-15", 6, "2026-12-15"),
        ("a leap day a year on", "2028-02-29", 12, "2029-02-28"),
        ("no months", "2026-03-05", 0, "2026-03-05"),
    ],
)
def test_months_are_counted_to_the_corresponding_day(case, day, months, end):
    """[5.1.5]"""
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(end)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_months_end_in_the_month_they_name_and_never_go_back(day, months):
    end = add_months(day, months)
    assert (end.year - day.year) * 12 + end.month - day.month == months
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)
    assert add_months(day + timedelta(days=1), months) >= end


@pytest.mark.parametrize(
    ("case", "now", "day"),
    [
        ("a second before midnight in Shanghai", "2026-03-05T15:59:59+00:00", "2026-03-05"),
        ("midnight in Shanghai", "2026-03-05T16:00:00+00:00", "2026-03-06"),
        ("the same instant told elsewhere", "2026-03-05T11:00:00-05:00", "2026-03-06"),
        ("the morning", "2026-03-05T00:00:00+00:00", "2026-03-05"),
        ("New Year comes earlier in Shanghai", "2025-12-31T16:00:00+00:00", "2026-01-01"),
    ],
)
def test_the_day_of_an_instant_is_that_of_shanghai(case, now, day):
    """[5.1.4] [5.1.5]"""
    assert civil_date(datetime.fromisoformat(now)) == date.fromisoformat(day)


def test_an_instant_without_a_zone_has_no_day():
    with pytest.raises(ValueError, match="zone"):
        civil_date(datetime(2026, 3, 5))  # noqa: DTZ001 - the mistake under test


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001 - bounds
def test_the_day_does_not_depend_on_the_time_zone_of_the_instant(naive, hours):
    now = naive.replace(tzinfo=UTC)
    assert civil_date(now) == civil_date(now.astimezone(timezone(timedelta(hours=hours))))


def test_days_follow_one_another():
    start = datetime(2026, 3, 5, tzinfo=UTC)
    days = [civil_date(start + timedelta(hours=n)) for n in range(72)]
    assert all(later - earlier in (timedelta(0), timedelta(days=1)) for earlier, later in pairwise(days))


def test_negative_months_are_a_mistake():
    with pytest.raises(ValueError, match="negative"):
        add_months(date(2026, 3, 5), -1)
