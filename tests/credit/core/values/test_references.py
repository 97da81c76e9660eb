"""References are stored in clear, so they may hold no person's number [5.1.6]."""

import pytest
from hypothesis import given

from credit.core.errors import InvalidItem
from credit.core.values.references import names_in_clear, parse_reference
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
    ("name", "text", "expected"),
    [
        ("贾宝玉", "关于贾宝玉的决定", True),
        ("贾宝玉", "关于贾 宝\u200b玉的决定", True),
        ("买买提·艾力", "买买提•艾力的申请", True),
        ("买买提·艾力", "关于买买提艾力", True),
        ("贾宝玉", "贾_宝-玉", True),
        ("贾宝玉", "关于贾宝的决定", False),
        ("章三", "第二章，三年", False),
        ("ALI Bo", "alibo的申请", True),
        ("玉", "玉田路1号", False),
    ],
)
def test_a_name_is_found_however_it_is_written(name, text, expected):
    """[5.1.6] One character alone is no name: it would be in every text."""
    assert names_in_clear(name, text) is expected
