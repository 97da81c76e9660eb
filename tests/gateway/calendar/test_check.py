"""`chengxin calendar check`: the alarm for a year whose official working days are not entered yet [5.1.4]."""

import json
from datetime import date

import pytest

from credit.calendar.calendar import Calendar, shipped
from gateway.cli import run
from gateway.cli.operations.calendar import facts, lines, require
from gateway.cli.output import CommandRefused

CALENDAR = shipped()
WITH_2027 = Calendar(CALENDAR.years | {2027}, CALENDAR.off, CALENDAR.work, {**CALENDAR.sources, 2027: "a notice"})
NONE = Calendar(frozenset(), frozenset(), frozenset())


@pytest.mark.parametrize(
    ("case", "calendar", "today"),
    [
        ("[5.1.4] the year has its table", CALENDAR, "2026-03-05"),
        ("[5.1.4] the last day before the notice is expected", CALENDAR, "2026-10-31"),
        ("[5.1.4] next year's is there in time", WITH_2027, "2026-11-01"),
        ("[5.1.4] and on the last day of the year", WITH_2027, "2026-12-31"),
        ("[5.1.4] its own year begins", WITH_2027, "2027-01-01"),
    ],
)
def test_nothing_is_missing(case, calendar, today):
    require(calendar, date.fromisoformat(today))


@pytest.mark.parametrize(
    ("case", "calendar", "today", "years"),
    [
        ("[5.1.4] next year's, from 1 November on", CALENDAR, "2026-11-01", "2027"),
        ("[5.1.4] and until it is there", CALENDAR, "2026-12-31", "2027"),
        ("[5.1.4] this year's, at any time", CALENDAR, "2027-01-01", "2027"),
        ("[5.1.4] both", NONE, "2026-12-01", "2026 and 2027"),
    ],
)
def test_a_missing_table_is_an_alarm_with_a_hint(case, calendar, today, years):
    with pytest.raises(CommandRefused, match=f"for {years}$") as refused:
        require(calendar, date.fromisoformat(today))
    assert f"chengxin calendar add {years[:4]}.toml" in refused.value.hint, case


def test_the_years_are_listed_and_the_next_is_named_while_it_is_missing():
    """[5.1.4] Before November too, so that nobody is surprised by a provisional date."""
    report = lines(CALENDAR, date(2026, 3, 5))
    assert [line.partition(":")[0] for line in report] == ["2025", "2026", "2027"]
    assert report[1] == f"2026: 33 days off, 6 moved; {CALENDAR.sources[2026]}"
    assert report[2] == "2027: no table yet; clocks that run into it are provisional"
    assert len(lines(WITH_2027, date(2026, 3, 5))) == len(WITH_2027.years)


def test_the_json_output_has_the_same_facts():
    report = facts(CALENDAR, date(2026, 11, 1))
    assert [each["year"] for each in report["years"]] == [2025, 2026]
    assert (report["missing"], report["next_year_loaded"]) == ([2027], False)
    assert facts(WITH_2027, date(2026, 11, 1))["missing"] == []


def test_the_command_refuses_exactly_when_something_is_missing(capsys):
    """The command goes by the day of the machine it runs on."""
    code = run(["calendar", "check", "--json"])
    printed = capsys.readouterr()
    missing = json.loads(printed.out)["missing"]
    assert code == (1 if missing else 0)
    assert printed.err.startswith("error: there is no table of working days") is bool(missing)
