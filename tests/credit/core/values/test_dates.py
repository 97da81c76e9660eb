"""The dates in cells, as spreadsheets and people leave them [5.1.3]."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.dates import parse_date, parse_day_or_time, parse_iso_date, parse_iso_instant


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
        ("号 for 日", "2026年3月5号"),
        ("Chinese numerals", "二〇二六年三月五日"),
        ("a time", "2026-03-05 14:23:05"),
        ("a short time", "2026/3/5 9:05"),
        ("a time with its zone", "2026-03-05T14:23:05+08:00"),
        ("a time in another zone, the day before there", "2026-03-04T20:23:05Z"),
        ("a time in words", "2026年3月5日 14时23分"),
        ("without a space", "2026年3月5日14时23分05秒"),
        ("the afternoon", "2026年3月5日 下午2点"),
        ("the morning", "2026/3/5 上午 9:05"),
        ("a clock of twelve hours", "2026-3-5 12:05 AM"),
        ("a time stamp", "20260305142305"),
        ("a spreadsheet's number", "46086"),
        ("a spreadsheet's number with a time", "46086.6"),
        ("as a text of a spreadsheet", "'2026-03-05"),
    ],
)
def test_a_date_is_read_in_every_habit(case, raw):
    assert parse_date(raw) == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("case", "raw", "flaw"),
    [
        ("nothing", "  ", Flaw.REQUIRED),
        ("a number of a year before 1980", "29220", Flaw.DATE_SERIAL),
        ("a number of a year after 2100", "73416", Flaw.DATE_SERIAL),
        ("a year of two digits", "26-03-05", Flaw.DATE_YEAR),
        ("a year of two Chinese digits", "二六年三月五日", Flaw.DATE_YEAR),
        ("no year", "2月2号", Flaw.DATE_YEAR),
        ("no year, in Chinese", "二月二日", Flaw.DATE_YEAR),
        ("a week", "2026-W10-4", Flaw.DATE_FORM),
        ("an hour that is not there", "2026-03-05 24:30", Flaw.NO_SUCH_DATE),
        ("a minute that is not there", "2026-03-05 10:61", Flaw.NO_SUCH_DATE),
        ("a month in Chinese that is not there", "二〇二六年十三月五日", Flaw.NO_SUCH_DATE),
        ("day first", "05/03/2026", Flaw.DATE_FORM),
        ("two signs", "2026-03/05", Flaw.DATE_FORM),
        ("a month without a day", "2026年3月", Flaw.DATE_FORM),
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


def test_a_time_of_day_is_kept_for_whoever_asks_for_it():
    at = datetime(2026, 3, 5, 6, 23, 5, tzinfo=UTC)
    for text in ("2026-03-05 14:23:05", "2026-03-05T06:23:05Z", "2026年3月5日下午2时23分5秒", "46086.59936343"):
        assert parse_day_or_time(text) == at, text
    assert parse_day_or_time("2026-03-05 00:00:00") == date(2026, 3, 5)


@given(st.dates(min_value=date(1980, 1, 1), max_value=date(2100, 12, 31)))
def test_a_spreadsheets_number_is_its_day(day):
    assert parse_date(str((day - date(1899, 12, 30)) // timedelta(1))) == day


@pytest.mark.parametrize(
    ("raw", "flaw"),
    [
        ("2026-W05-2", "ISO_DATE"),
        ("2026W052", "ISO_DATE"),
        ("20260101", "ISO_DATE"),
        ("2026-1-1", "ISO_DATE"),
        ("2026/01/01", "ISO_DATE"),
        ("2026-01-01T00:00:00Z", "ISO_DATE"),
        (" 2026-01-01", "ISO_DATE"),
        ("2026-01-01\n", "ISO_DATE"),
        ("２０２６-01-01", "ISO_DATE"),
        ("", "ISO_DATE"),
        ("2026-02-30", "NO_SUCH_DATE"),
        ("0000-01-01", "NO_SUCH_DATE"),
    ],
)
def test_a_machine_writes_a_date_in_one_form(raw, flaw):
    """[5.1.3] JSON Schema's `date`; since Python 3.11 `date.fromisoformat` takes week dates and compact forms."""
    with pytest.raises(InvalidItem) as refused:
        parse_iso_date(raw)
    assert refused.value.flaw == flaw
    assert refused.value.__cause__ is None


@given(st.dates())
def test_every_date_is_read_back(day):
    assert parse_iso_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("2026-01-05T01:02:03Z", datetime(2026, 1, 5, 1, 2, 3, tzinfo=UTC)),
        ("2026-01-05t01:02:03z", datetime(2026, 1, 5, 1, 2, 3, tzinfo=UTC)),
        ("2026-01-05T01:02:03.5+08:00", datetime(2026, 1, 4, 17, 2, 3, 500_000, tzinfo=UTC)),
        ("2026-01-05T01:02:03.123456789Z", datetime(2026, 1, 5, 1, 2, 3, 123_456, tzinfo=UTC)),
    ],
)
def test_a_machine_writes_an_instant_with_its_zone(raw, read):
    assert parse_iso_instant(raw) == read


@pytest.mark.parametrize(
    ("raw", "flaw"),
    [
        ("2026-01-05T01:02:03", "ISO_INSTANT"),
        ("2026-01-05 01:02:03Z", "ISO_INSTANT"),
        ("2026-01-05T01:02Z", "ISO_INSTANT"),
        ("20260105T010203Z", "ISO_INSTANT"),
        ("2026-W02-1T01:02:03Z", "ISO_INSTANT"),
        ("2026-01-05", "ISO_INSTANT"),
        ("2026-02-30T01:02:03Z", "NO_SUCH_DATE"),
        ("2026-01-05T25:02:03Z", "NO_SUCH_DATE"),
        ("0001-01-01T00:00:00+23:59", "NO_SUCH_DATE"),
    ],
)
def test_an_instant_in_another_form_is_refused(raw, flaw):
    with pytest.raises(InvalidItem) as refused:
        parse_iso_instant(raw)
    assert refused.value.flaw == flaw
