"""References are stored in clear, so they may hold no person's number [5.1.6]."""

from datetime import date

import pytest
from hypothesis import given

from credit.core.errors import InvalidItem
from credit.core.values.references import FILES_SINCE, holds_number, parse_reference
from tests.credit.subjects.synthetic_numbers import COMPANY, PERSON, SHOP, id_numbers, social_credit_codes, spaced, wide


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("临审告字〔2026〕第1号", "临审告字〔2026〕第1号"),
        ("  收件-2026-000123 ", "收件-2026-000123"),
        ("staff-17", "staff-17"),
        ("20260305-000123", "20260305-000123"),
        ("LZ-113800000000", "LZ-113800000000"),
        ("收件15-2026-00123", "收件15-2026-00123"),
        ("139〔2026〕0012号", "139〔2026〕0012号"),
        ("3f2b8c1e-5d6a-4e7f-9a0b-1c2d3e4f5a6b", "3f2b8c1e-5d6a-4e7f-9a0b-1c2d3e4f5a6b"),
        ("432123456789012", "432123456789012"),  # a postal item of 15 digits
        ("20260301123456789", "20260301123456789"),  # a time stamp of 17
        ("3703052026030001", "3703052026030001"),  # an archive number of 16
        ("370305202603050014", "370305202603050014"),  # one of 18: its check character would be 3
        ("370305-20260305-0002", "370305-20260305-0002"),
        ("37030520260305000003", "37030520260305000003"),  # a case number of 20
        ("EMS 1234567890123", "EMS 1234567890123"),
    ],
)
def test_file_numbers_are_references(raw, expected):
    assert parse_reference(raw) == expected


@pytest.mark.parametrize(
    ("case", "raw", "flaw"),
    [
        ("nothing", " ", "REQUIRED"),
        ("a story", "长" * 101, "TOO_LONG"),
        ("an ID number", PERSON, "HOLDS_NUMBER"),
        ("in groups", f"档案 {spaced(PERSON)}", "HOLDS_NUMBER"),
        ("full-width", wide(PERSON), "HOLDS_NUMBER"),
        ("with dashes", f"{PERSON[:6]}-{PERSON[6:14]}-{PERSON[14:]}", "HOLDS_NUMBER"),
        ("a sole trader's code", f"档案 {SHOP}", "HOLDS_NUMBER"),
        ("a company's code", COMPANY, "HOLDS_NUMBER"),
        ("a mobile telephone number", "来电13800000000", "HOLDS_NUMBER"),
        ("in groups", "来电 138-0000-0000", "HOLDS_NUMBER"),
        ("with the country code", "+86 13800000000", "HOLDS_NUMBER"),
        ("full-width", wide("13800000000"), "HOLDS_NUMBER"),
        ("with stops", "138.0000.0000", "HOLDS_NUMBER"),
        ("with an underscore", "138_0000_0000", "HOLDS_NUMBER"),
        ("in brackets", "（138）0000-0000", "HOLDS_NUMBER"),
        ("in pairs", "138 00 00 00 00", "HOLDS_NUMBER"),
        ("in threes", "138-000-00000", "HOLDS_NUMBER"),
        ("its digits apart", "-".join("13800000000"), "HOLDS_NUMBER"),
        ("with its last digits apart", f"{PERSON[:10]} . {PERSON[10:]}", "HOLDS_NUMBER"),
        ("every digit apart", " ".join(PERSON), "HOLDS_NUMBER"),
        ("after a year", f"2026-{PERSON}", "HOLDS_NUMBER"),
        ("within a longer number", f"20260305{PERSON}01", "HOLDS_NUMBER"),
        ("of 15 digits", "档案 370305010203990", "HOLDS_NUMBER"),
        ("of 15 digits, in groups", "370305 010203 990", "HOLDS_NUMBER"),
        ("an archive number that looks like one in all its parts", "370305202603050013", "HOLDS_NUMBER"),
        ("a sole trader's code within a longer one", f"X{SHOP}", "HOLDS_NUMBER"),
        ("a sole trader's code with dashes", f"{SHOP[:2]}-{SHOP[2:8]}-{SHOP[8:17]}-{SHOP[17:]}", "HOLDS_NUMBER"),
    ],
)
def test_a_reference_that_identifies_a_person_is_refused(case, raw, flaw):
    with pytest.raises(InvalidItem) as refused:
        parse_reference(raw)
    assert refused.value.flaw == flaw
    assert raw.strip() == "" or raw.strip() not in str(refused.value)


@given(id_numbers)
def test_no_id_number_passes(number):
    with pytest.raises(InvalidItem):
        parse_reference(f"承诺-{number}")


@given(social_credit_codes)
def test_no_social_credit_code_passes(code):
    with pytest.raises(InvalidItem):
        parse_reference(code)


@pytest.mark.parametrize(
    ("case", "text", "held"),
    [
        ("an archive number with the day of a file", "370305202603050013", False),
        ("one of 15 digits", "370305-260305-003", False),
        ("a company's code", COMPANY, False),
        ("an identity number", PERSON, True),
        ("an old identity number", "370305010203990", True),
        ("a sole trader's code", SHOP, True),
        ("a mobile telephone number", "13800000000", True),
    ],
)
def test_an_authoritys_own_number_may_be_a_place_a_day_and_a_count(case, text, held):
    assert holds_number(text, numbering=True) is held


def test_nobody_who_can_be_restrained_was_born_in_the_years_of_files():
    """[3.2] Move the year on before then: it tells the day of a file from a birth."""
    assert date.today().year - FILES_SINCE < 16  # noqa: DTZ011 - the year of the test run
