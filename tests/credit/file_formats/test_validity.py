"""The management period as a row gives it [5.1.5]."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.file_formats.validity import Period, parse_validity, period

DETERMINED, PUBLISHED = date(2026, 2, 2), date(2026, 3, 5)


@pytest.mark.parametrize(
    ("raw", "validity"),
    [
        ("6个月", 6),
        ("６个月", 6),
        ("6 个月", 6),
        ("6月", 6),
        ("六个月", 6),
        ("十二个月", 12),
        ("十个月", 10),
        ("二十四个月", 24),
        ("半年", 6),
        ("1年", 12),
        ("一年", 12),
        ("两年", 24),
        ("2026-09-05", date(2026, 9, 5)),
        ("至2026年9月5日", date(2026, 9, 5)),
    ],
)
def test_a_validity_is_an_end_date_or_a_number_of_months(raw, validity):
    assert parse_validity(raw) == validity


@pytest.mark.parametrize(
    ("case", "raw", "flaw"),
    [
        ("words", "长期", Flaw.VALIDITY_FORM),
        ("a lifetime", "999个月", Flaw.VALIDITY_FORM),
        ("no months", "0个月", Flaw.VALIDITY_FORM),
        ("days", "180天", Flaw.VALIDITY_FORM),
        ("a bare number", "6", Flaw.VALIDITY_FORM),
        ("numerals that make no number", "六六个月", Flaw.VALIDITY_FORM),
        ("tens upon tens", "十十个月", Flaw.VALIDITY_FORM),
        ("a number of no year that counts", "12345", Flaw.DATE_SERIAL),
        ("no such date", "2026-09-31", Flaw.NO_SUCH_DATE),
    ],
)
def test_a_validity_is_refused(case, raw, flaw):
    with pytest.raises(InvalidItem) as refused:
        parse_validity(raw)
    assert refused.value.flaw is flaw


@pytest.mark.parametrize(
    ("case", "published", "validity", "by_law", "expected"),
    [
        ("six months from publication", PUBLISHED, 6, False, Period(date(2026, 9, 5), None)),
        ("not published: no end yet", None, 6, False, Period(None, 6)),
        ("the same as an end date", PUBLISHED, date(2026, 9, 5), False, Period(date(2026, 9, 5), None)),
        ("a day less is the authority's to give", PUBLISHED, date(2026, 9, 4), False, Period(date(2026, 9, 4), None)),
        ("a single day", PUBLISHED, PUBLISHED, False, Period(PUBLISHED, None)),
        ("longer by law", PUBLISHED, 12, True, Period(date(2027, 3, 5), None)),
        ("longer by law, as a date", PUBLISHED, date(2027, 3, 5), True, Period(date(2027, 3, 5), None)),
        ("longer by law, not published", None, 12, True, Period(None, 12)),
    ],
)
def test_a_period_runs_from_publication(case, published, validity, by_law, expected):
    """[5.1.5]"""
    assert period(DETERMINED, published, validity, by_law=by_law) == expected


@pytest.mark.parametrize(
    ("case", "published", "validity", "flaw"),
    [
        ("longer without a law", PUBLISHED, 7, Flaw.PERIOD_BASIS),
        ("longer by a day", PUBLISHED, date(2026, 9, 6), Flaw.PERIOD_BASIS),
        ("longer, not published", None, 12, Flaw.PERIOD_BASIS),
        ("over before it is published", PUBLISHED, date(2026, 3, 4), Flaw.ENDS_TOO_EARLY),
        ("over before it is determined", None, date(2026, 2, 1), Flaw.ENDS_TOO_EARLY),
    ],
)
def test_a_period_is_refused(case, published, validity, flaw):
    """[5.1.5]"""
    with pytest.raises(InvalidItem) as refused:
        period(DETERMINED, published, validity, by_law=False)
    assert refused.value.flaw is flaw


@given(st.integers(1, 99))
def test_chinese_numerals_are_read_as_digits_are(number):
    tens, ones = divmod(number, 10)
    numerals = "〇一二三四五六七八九"
    written = ("" if tens == 0 else "十" if tens == 1 else f"{numerals[tens]}十") + (numerals[ones] if ones else "")
    assert parse_validity(f"{written}个月") == number
