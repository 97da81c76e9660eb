"""Numbers of cases, applications and documents: kept as typed, compared by their key [5.1.3]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.errors import InvalidItem
from credit.core.values.document_numbers import number_key, parse_document_number
from tests.credit.subjects.synthetic_numbers import COMPANY, PERSON, SHOP, spaced, wide

HABITS = (
    "试〔2026〕1号",
    "试[2026]1号",
    "试［2026］1号",
    "试(2026)1号",
    "试（2026）1号",
    "试﹝2026﹞1号",
    "试【2026】1号",
    "试{2026}1号",
    "试〖2026〗1号",
    "试〔２０２６〕１号",
    "试 〔2026〕 1 号",
    "试〔2026〕第1号",
    "试\u200b〔2026〕1号",
)


@pytest.mark.parametrize("raw", HABITS)
def test_one_number_in_many_habits_is_one(raw):
    assert number_key(raw) == "试〔2026〕1号"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("试〔2026〕1号", "试〔2026〕01号"),
        ("试〔2026〕1号", "试〔2026〕1"),
        ("试〔2026〕1号", "试〔2025〕1号"),
        ("试〔2026〕1号", "试〔2026〕1号之一"),
        ("2026-000123", "2026000123"),
        ("LZ-1", "LZ1"),
    ],
)
def test_other_numbers_stay_apart(one, other):
    assert number_key(one) != number_key(other)


def test_dashes_and_letters_are_of_one_kind():
    assert number_key("lz—2026–1") == number_key("LZ-2026-1")


@given(st.text(max_size=40))
def test_the_key_of_a_key_is_itself(text):
    """So no key can be mistaken for another number's."""
    assert number_key(number_key(text)) == number_key(text)


@pytest.mark.parametrize("raw", [*HABITS[:9], "370305202603050013", COMPANY, "37030520260305000003", "L" * 40])
def test_a_number_is_kept_as_it_is_typed(raw):
    assert parse_document_number(f" {raw}\n") == raw


@pytest.mark.parametrize(
    ("case", "raw", "flaw"),
    [
        ("nothing", "  ", "REQUIRED"),
        ("too long", "L" * 41, "TOO_LONG"),
        ("one sign that stands for eighteen", "\ufdfa" * 40, "TOO_LONG"),
        ("characters lost on the way", "试\ufffd2026\ufffd1号", "GARBLED"),
        ("an identity number", f"LZ-{PERSON}", "HOLDS_NUMBER"),
        ("in groups", spaced(PERSON), "HOLDS_NUMBER"),
        ("full-width", wide(PERSON), "HOLDS_NUMBER"),
        ("of 15 digits", "LZ-370305010203990", "HOLDS_NUMBER"),
        ("a sole trader's code", SHOP, "HOLDS_NUMBER"),
        ("a mobile telephone number", "138-0000-0000", "HOLDS_NUMBER"),
    ],
)
def test_a_number_is_refused(case, raw, flaw):
    with pytest.raises(InvalidItem) as refused:
        parse_document_number(raw)
    assert refused.value.flaw == flaw
