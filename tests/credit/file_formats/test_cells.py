"""Cells as spreadsheets and people leave them, and the dates in them [5.1.3]."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.cells import clean, guarded
from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.file_formats.cells import parse_date


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


@pytest.mark.parametrize(
    ("case", "raw", "text"),
    [
        ("nothing", None, ""),
        ("a byte order mark", "\ufeff演示", "演示"),
        ("a number kept as text by an apostrophe", "'370305", "370305"),
        ("a number kept as text by a formula", '="370305"', "370305"),
        ("a guarded formula", "'=1+1", "=1+1"),
        ("an apostrophe of its own", "'quoted'", "'quoted'"),
        ("space within", "演  示\t甲\r\n乙", "演 示 甲 乙"),
    ],
)
def test_a_cell_is_freed_of_its_wrapping(case, raw, text):
    assert clean(raw) == text


def test_lines_stay_where_they_are_asked_for():
    assert clean(" 第一段 \r\n\r\n 第二段 ", lines=True) == "第一段\n第二段"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_cell_is_written_that_a_spreadsheet_would_run(start):
    assert guarded(f"{start}1+1") == f"'{start}1+1"


@given(st.text(), st.booleans())
def test_what_is_written_guarded_is_read_back(raw, lines):
    text = clean(raw, lines=lines)
    assert clean(guarded(text), lines=lines) == text
