"""The dates in cells, as spreadsheets and people leave them [5.1.3]."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.dates import parse_date


@pytest.mark.parametrize(
    ("case", "raw"),
    [
        ("hyphens", "2026-03-05"),
        ("hyphens, no zeros", "2026-3-5"),
        ("slashes", "2026/3/5"),
        ("dots", "2026.3.5"),
        ("Chinese", "2026年3月5日"),
        ("Chinese with zeros and spaces", "2026 年 03 月 05 日"),
        ("eight digits", "20260305"),
        ("full-width digits", "２０２６年３月５日"),
        ("full-width signs", "２０２６－０３－０５"),
        ("a spreadsheet's midnight", "2026-03-05 00:00:00"),
        ("a spreadsheet's short midnight", "2026/3/5 0:00"),
        ("a program's midnight", "2026-03-05T00:00:00.000"),
    ],
)
def test_a_date_is_read_in_three_habits(case, raw):
    assert parse_date(raw) == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("case", "raw", "flaw"),
    [
        ("nothing", "  ", Flaw.REQUIRED),
        ("a serial number", "46086", Flaw.DATE_SERIAL),
        ("a serial number with a time", "46086.5", Flaw.DATE_SERIAL),
        ("a year of two digits", "26-03-05", Flaw.DATE_FORM),
        ("day first", "05/03/2026", Flaw.DATE_FORM),
        ("two signs", "2026-03/05", Flaw.DATE_FORM),
        ("a month without a day", "2026年3月", Flaw.DATE_FORM),
        ("an hour", "2026-03-05 10:30", Flaw.DATE_FORM),
        ("words", "昨天", Flaw.DATE_FORM),
        ("digits of another script", "٢٠٢٦-٠٣-٠٥", Flaw.DATE_FORM),
        ("30 February", "2026-02-30", Flaw.NO_SUCH_DATE),
        ("month 13", "20261301", Flaw.NO_SUCH_DATE),
        ("the year nought", "0000-01-01", Flaw.NO_SUCH_DATE),
    ],
)
def test_a_date_is_refused(case, raw, flaw):
    with pytest.raises(InvalidItem) as refused:
        parse_date(raw)
    assert refused.value.flaw is flaw
    assert refused.value.__cause__ is None


@given(st.dates())
def test_every_date_is_read_back_in_every_habit(day):
    y, m, d = day.timetuple()[:3]
    for text in (day.isoformat(), f"{y:04}/{m}/{d}", f"{y:04}.{m}.{d}", f"{y:04}年{m}月{d}日", f"{y:04}{m:02}{d:02}"):
        assert parse_date(text) == day
