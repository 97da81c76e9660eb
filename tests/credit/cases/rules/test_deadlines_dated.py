"""Every clock on named days, through two years of holidays with their moved weekends [5.1.2c] [5.1.4] [5.1.5]."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.calendar.calendar import Deadline
from credit.calendar.deadlines import deletion_due
from credit.cases.case import Claim, RemovalCause
from credit.cases.rules.deadlines import ClockName, ClockState, clocks
from credit.cases.rules.grounds import DeferredDocuments
from credit.corrections.correction import Correction, RecordItem, Remedy
from credit.corrections.deadlines import of_correction
from credit.objections.deadlines import of_objection
from credit.objections.objection import Objection, RecordKind
from tests.credit.cases.one_case import CALENDAR, DEPARTMENT, HANDLER, SUBJECT, a_case, by, day, published

DAYS = {
    "DOCUMENTS": 3,
    "NOTICE": 3,
    "STATEMENT": 3,
    "REVIEW": 15,
    "PUBLICATION": 5,
    "CORRECTION": 2,
    "OBJECTION": 15,
    "RECTIFICATION": 15,
    "DELETION": 15,
}
ID = UUID(int=5)


def clock_of(name, started_on):
    """Return the clock *name* of a case in which it starts on a day and nothing else runs."""
    officer, person = by(HANDLER, started_on), by(SUBJECT, started_on, department=None)
    others, case = [], a_case(collected=officer)
    match name:
        case "DOCUMENTS":
            case = replace(case, grounds=DeferredDocuments(started_on - timedelta(days=1), started_on))
        case "NOTICE":
            case = replace(case, verified=officer)
        case "STATEMENT":
            case = replace(case, served=officer)
        case "REVIEW":
            case = replace(case, statements=(person,))
        case "PUBLICATION":
            case = replace(case, determined=officer)
        case "CORRECTION":
            items = frozenset({RecordItem.ADDRESS})
            changed = RemovalCause.CHANGED
            correction = Correction(ID, case.subject_id, case.case_id, Remedy.CORRECT, changed, items, officer)
            others = [of_correction(correction, (), CALENDAR)]
        case "DELETION":
            return SimpleNamespace(due=deletion_due(started_on, CALENDAR))
        case "OBJECTION":
            kind = RecordKind.RESTRAINT_CASE
            objection = Objection(ID, case.subject_id, kind, case.case_id, DEPARTMENT, person)
            others = [of_objection(objection, CALENDAR)]
        case "RECTIFICATION":
            case = replace(published(), claims=(Claim(person),))
            case = replace(case, verified=None, served=None, determined=None)
    (clock,) = clocks(case, CALENDAR, started_on, others=others)
    return clock


@pytest.mark.parametrize(
    ("case", "name", "started", "due"),
    [
        (
            "[5.1.4(2)] a plain week: the day of verification does not count",
            "NOTICE",
            "Mon 2026-03-02",
            "Thu 2026-03-05",
        ),
        ("[5.1.4(2)] a weekend lies between", "NOTICE", "Thu 2026-03-05", "Tue 2026-03-10"),
        ("[5.1.4(2)] verified on a Saturday", "NOTICE", "Sat 2026-03-07", "Wed 2026-03-11"),
        ("[5.1.4(2)] over New Year, with its make-up Sunday", "NOTICE", "Wed 2025-12-31", "Tue 2026-01-06"),
        ("[5.1.4(2)] before Spring Festival, the week still holds it", "NOTICE", "Mon 2026-02-09", "Thu 2026-02-12"),
        ("[5.1.4(2)] the make-up Saturday before Spring Festival counts", "NOTICE", "Wed 2026-02-11", "Sat 2026-02-14"),
        (
            "[5.1.4(2)] the make-up Saturday, then the festival stands still",
            "NOTICE",
            "Thu 2026-02-12",
            "Tue 2026-02-24",
        ),
        ("[5.1.4(2)] verified on the make-up Saturday itself", "NOTICE", "Sat 2026-02-14", "Thu 2026-02-26"),
        ("[5.1.4(2)] verified on the first day of the lunar year", "NOTICE", "Tue 2026-02-17", "Thu 2026-02-26"),
        ("[5.1.4(2)] the make-up Saturday after Spring Festival counts", "NOTICE", "Wed 2026-02-25", "Sat 2026-02-28"),
        ("[5.1.4(2)] Tomb-Sweeping Day takes the Monday", "NOTICE", "Fri 2026-04-03", "Thu 2026-04-09"),
        ("[5.1.4(2)] Labour Day stands still", "NOTICE", "Thu 2026-04-30", "Fri 2026-05-08"),
        ("[5.1.4(2)] the make-up Saturday after Labour Day counts", "NOTICE", "Thu 2026-05-07", "Mon 2026-05-11"),
        ("[5.1.4(2)] Dragon Boat Festival on a Friday", "NOTICE", "Thu 2026-06-18", "Wed 2026-06-24"),
        ("[5.1.4(2)] the make-up Sunday before National Day counts", "NOTICE", "Fri 2026-09-18", "Tue 2026-09-22"),
        (
            "[5.1.4(2)] Mid-Autumn Festival, apart from National Day this year",
            "NOTICE",
            "Thu 2026-09-24",
            "Wed 2026-09-30",
        ),
        ("[5.1.4(2)] one day before National Day, two after it", "NOTICE", "Tue 2026-09-29", "Fri 2026-10-09"),
        (
            "[5.1.4(2)] National Day stands still, its make-up Saturday counts",
            "NOTICE",
            "Wed 2026-09-30",
            "Sat 2026-10-10",
        ),
        ("[5.1.4(2)] the make-up Saturday after National Day counts", "NOTICE", "Thu 2026-10-08", "Mon 2026-10-12"),
        ("[5.1.4(2)] the last days of the year that are known", "NOTICE", "Mon 2026-12-28", "Thu 2026-12-31"),
        ("[5.1.4(3)] received on the first working day of the year", "STATEMENT", "Thu 2025-01-02", "Tue 2025-01-07"),
        (
            "[5.1.4(3)] the make-up Sunday before Spring Festival counts",
            "STATEMENT",
            "Thu 2025-01-23",
            "Mon 2025-01-27",
        ),
        ("[5.1.4(3)] make-up Sunday and Monday, then the festival", "STATEMENT", "Fri 2025-01-24", "Wed 2025-02-05"),
        ("[5.1.4(3)] received on the make-up Sunday", "STATEMENT", "Sun 2025-01-26", "Thu 2025-02-06"),
        ("[5.1.4(3)] received on the eve of the festival's leave", "STATEMENT", "Mon 2025-01-27", "Fri 2025-02-07"),
        ("[5.1.4(3)] received during Spring Festival", "STATEMENT", "Sat 2025-02-01", "Fri 2025-02-07"),
        (
            "[5.1.4(3)] the make-up Saturday after Spring Festival counts",
            "STATEMENT",
            "Thu 2025-02-06",
            "Mon 2025-02-10",
        ),
        ("[5.1.4(3)] Tomb-Sweeping Day on a Friday", "STATEMENT", "Thu 2025-04-03", "Wed 2025-04-09"),
        ("[5.1.4(3)] the make-up Sunday before Labour Day counts", "STATEMENT", "Fri 2025-04-25", "Tue 2025-04-29"),
        ("[5.1.4(3)] Labour Day takes the rest of the week", "STATEMENT", "Wed 2025-04-30", "Thu 2025-05-08"),
        ("[5.1.4(3)] Dragon Boat Festival takes the Monday", "STATEMENT", "Fri 2025-05-30", "Thu 2025-06-05"),
        ("[5.1.4(3)] the make-up Sunday before National Day counts", "STATEMENT", "Fri 2025-09-26", "Tue 2025-09-30"),
        (
            "[5.1.4(3)] National Day and Mid-Autumn together stand still",
            "STATEMENT",
            "Tue 2025-09-30",
            "Sat 2025-10-11",
        ),
        (
            "[5.1.4(3)] received on the first day after it: Saturday counts",
            "STATEMENT",
            "Thu 2025-10-09",
            "Mon 2025-10-13",
        ),
        ("[5.1.4(3)] the make-up Saturday after National Day counts", "STATEMENT", "Fri 2025-10-10", "Tue 2025-10-14"),
        ("[5.1.4(3)] New Year takes two days, the Sunday is worked", "STATEMENT", "Wed 2025-12-31", "Tue 2026-01-06"),
        ("[5.1.4(3)] received on the make-up Sunday", "STATEMENT", "Sun 2026-01-04", "Wed 2026-01-07"),
        (
            "[5.1.4(3)] received on the last Friday before Spring Festival",
            "STATEMENT",
            "Fri 2026-02-13",
            "Wed 2026-02-25",
        ),
        ("[5.1.4(3)] received on the first day after Spring Festival", "STATEMENT", "Tue 2026-02-24", "Fri 2026-02-27"),
        ("[5.1.4(3)] received on the make-up Saturday", "STATEMENT", "Sat 2026-02-28", "Wed 2026-03-04"),
        ("[5.1.4(3)] received on National Day", "STATEMENT", "Thu 2026-10-01", "Sat 2026-10-10"),
        ("[5.1.2c] reminded a week before Spring Festival", "DOCUMENTS", "Tue 2025-01-21", "Fri 2025-01-24"),
        ("[5.1.2c] reminded on a make-up Sunday", "DOCUMENTS", "Sun 2025-09-28", "Thu 2025-10-09"),
        (
            "[5.1.2c] reminded so that the make-up Saturday is not needed",
            "DOCUMENTS",
            "Tue 2026-02-10",
            "Fri 2026-02-13",
        ),
        ("[5.1.2c] reminded so that the festival lies between", "DOCUMENTS", "Thu 2026-02-12", "Tue 2026-02-24"),
        ("[5.1.2c] reminded on a Friday", "DOCUMENTS", "Fri 2026-03-06", "Wed 2026-03-11"),
        ("[5.1.2c] reminded on the eve of National Day", "DOCUMENTS", "Wed 2026-09-30", "Sat 2026-10-10"),
        (
            "[5.1.4(4)] fifteen days with a make-up Sunday, and the festival after thirteen",
            "REVIEW",
            "Thu 2025-01-09",
            "Thu 2025-02-06",
        ),
        (
            "[5.1.4(4)] stated on the make-up Sunday, all of the festival between",
            "REVIEW",
            "Sun 2025-01-26",
            "Fri 2025-02-21",
        ),
        (
            "[5.1.4(4)] fifteen days over Labour Day and its make-up Sunday",
            "REVIEW",
            "Mon 2025-04-14",
            "Wed 2025-05-07",
        ),
        ("[5.1.4(4)] fifteen days over National Day, both make-up days", "REVIEW", "Mon 2025-09-15", "Sat 2025-10-11"),
        ("[5.1.4(4)] stated on the eve of National Day", "REVIEW", "Tue 2025-09-30", "Tue 2025-10-28"),
        ("[5.1.4(4)] fifteen days over New Year", "REVIEW", "Mon 2025-12-15", "Tue 2026-01-06"),
        (
            "[5.1.4(4)] fifteen days over Spring Festival, both make-up Saturdays",
            "REVIEW",
            "Mon 2026-02-02",
            "Sat 2026-02-28",
        ),
        ("[5.1.4(4)] stated on the last Friday before Spring Festival", "REVIEW", "Fri 2026-02-13", "Thu 2026-03-12"),
        ("[5.1.4(4)] fifteen days without a holiday are three weeks", "REVIEW", "Mon 2026-03-02", "Mon 2026-03-23"),
        (
            "[5.1.4(4)] fifteen days over Labour Day and its make-up Saturday",
            "REVIEW",
            "Fri 2026-04-17",
            "Tue 2026-05-12",
        ),
        ("[5.1.4(4)] fifteen days over Dragon Boat Festival", "REVIEW", "Fri 2026-06-05", "Mon 2026-06-29"),
        (
            "[5.1.4(4)] fifteen days with a make-up Sunday, Mid-Autumn and National Day",
            "REVIEW",
            "Fri 2026-09-11",
            "Fri 2026-10-09",
        ),
        ("[5.1.4(4)] fifteen days over Mid-Autumn and National Day", "REVIEW", "Mon 2026-09-21", "Mon 2026-10-19"),
        ("[5.1.4(5)] promptly is a week without a holiday", "PUBLICATION", "Mon 2026-03-02", "Mon 2026-03-09"),
        ("[5.1.4(5)] determined before Spring Festival", "PUBLICATION", "Wed 2026-02-11", "Wed 2026-02-25"),
        ("[5.1.4(5)] determined on the eve of National Day", "PUBLICATION", "Wed 2026-09-30", "Tue 2026-10-13"),
        ("[5.1.4(6)] found on the eve of Spring Festival's leave", "CORRECTION", "Mon 2025-01-27", "Thu 2025-02-06"),
        (
            "[5.1.4(6)] the make-up Saturday after Spring Festival counts",
            "CORRECTION",
            "Fri 2025-02-07",
            "Mon 2025-02-10",
        ),
        ("[5.1.4(6)] the make-up Saturday after National Day counts", "CORRECTION", "Fri 2025-10-10", "Mon 2025-10-13"),
        ("[5.1.4(6)] found on New Year's Day", "CORRECTION", "Thu 2026-01-01", "Mon 2026-01-05"),
        (
            "[5.1.4(6)] the make-up Saturday, then the festival stands still",
            "CORRECTION",
            "Fri 2026-02-13",
            "Tue 2026-02-24",
        ),
        (
            "[5.1.4(6)] the make-up Saturday after Spring Festival counts",
            "CORRECTION",
            "Fri 2026-02-27",
            "Mon 2026-03-02",
        ),
        ("[5.1.4(6)] a plain week", "CORRECTION", "Mon 2026-03-02", "Wed 2026-03-04"),
        ("[5.1.4(6)] found on a Friday", "CORRECTION", "Fri 2026-03-06", "Tue 2026-03-10"),
        ("[5.1.4(6)] the make-up Saturday after Labour Day counts", "CORRECTION", "Fri 2026-05-08", "Mon 2026-05-11"),
        ("[5.1.4(6)] found on the eve of National Day", "CORRECTION", "Wed 2026-09-30", "Fri 2026-10-09"),
        (
            "[5.1.4(4)] raised on National Day: at any time means at any time",
            "OBJECTION",
            "Wed 2025-10-01",
            "Tue 2025-10-28",
        ),
        ("[5.1.4(4)] raised on New Year's Eve of the lunar year", "OBJECTION", "Mon 2026-02-16", "Fri 2026-03-13"),
        ("[5.1.4(4)] raised on the eve of National Day", "OBJECTION", "Wed 2026-09-30", "Tue 2026-10-27"),
        (
            "[5.1.5] claimed on the make-up Saturday before Spring Festival",
            "RECTIFICATION",
            "Sat 2026-02-14",
            "Fri 2026-03-13",
        ),
        ("[5.1.5] claimed in a month without holidays", "RECTIFICATION", "Mon 2026-08-03", "Mon 2026-08-24"),
    ],
)
def test_each_clock_ends_on_its_day(case, name, started, due):
    clock = clock_of(name, day(started))
    assert clock.name == name
    assert f"[{clock.clause}]" in case
    assert clock.started_on == day(started)
    assert clock.due == Deadline(day(due))


def test_promptly_is_as_many_days_as_the_deployment_sets():
    """[5.1.4(5)] And a determination of October that is still unpublished has been late since then."""
    case = a_case(collected=by(HANDLER, "2026-10-12"), determined=by(HANDLER, "2026-10-14"))
    for days, due in ((1, "Thu 2026-10-15"), (5, "Wed 2026-10-21"), (15, "Wed 2026-11-04")):
        (clock,) = clocks(case, replace(CALENDAR, promptly=days), day("2026-11-29"))
        assert (clock.due.on, clock.state(day("2026-11-29"))) == (day(due), ClockState.OVERDUE)
    late = replace(case, published=by(HANDLER, "2026-10-22"), ends_on=day("2027-04-22"))
    (met,) = clocks(late, CALENDAR, day("2026-11-29"))
    assert met.state(day("2026-11-29")) is ClockState.MET_LATE
    (moot,) = clocks(replace(case, removed=by(HANDLER, "2026-10-20")), CALENDAR, day("2026-11-29"))
    assert moot.state(day("2026-11-29")) is ClockState.MOOT


def test_every_clock_counts_the_same_days_or_what_a_promise_names():
    """Those of promises stand in `test_promise_clocks`: their length is the promise's or the matter's own."""
    assert set(ClockName) - set(DAYS) == {ClockName.PROMISE, ClockName.COMPLETION, ClockName.VERIFICATION}


@given(st.sampled_from(sorted(DAYS)), st.dates(date(2025, 1, 1), date(2026, 11, 30)))
def test_each_clock_agrees_with_an_independent_calendar_on_any_day(name, started_on):
    """[CALENDAR 2025] [CALENDAR 2026]"""
    left, last = DAYS[name], started_on
    while left:
        last += timedelta(days=1)
        left -= chinese_calendar.is_workday(last)
    assert clock_of(name, started_on).due == Deadline(last)


@pytest.mark.parametrize(
    ("case", "name", "started", "due"),
    [
        ("three days into a year without a table", "STATEMENT", "Wed 2026-12-30", "Mon 2027-01-04"),
        ("fifteen days into it", "REVIEW", "Mon 2026-12-14", "Mon 2027-01-04"),
        ("from within it", "CORRECTION", "Fri 2027-03-05", "Tue 2027-03-09"),
    ],
)
def test_a_provisional_day_is_marked(case, name, started, due):
    assert clock_of(name, day(started)).due == Deadline(day(due), provisional=True)
