"""Telephones as departments write them: one normal form, and a mask that reveals no more [5.1.3] [5.1.6]."""

import pytest

from credit.core.errors import InvalidItem
from credit.core.values.telephones import parse_phone
from policy.crypto.masking import mask_phone

READ = [
    ("a mobile", "13800000000", "13800000000", "1********00"),
    ("full-width", "１３８００００００００", "13800000000", "1********00"),
    ("spaces and hyphens", " 138-0000 0000", "13800000000", "1********00"),
    ("with the country's code", "+86 138 0000 0000", "13800000000", "1********00"),
    ("with the country's code, dialled", "0086-13800000000", "13800000000", "1********00"),
    ("an amount of a spreadsheet", "13800000000.0", "13800000000", "1********00"),
    ("with its label", "手机：13800000000", "13800000000", "1********00"),
    ("a landline", "0533-7000000", "0533-7000000", "****-*****00"),
    ("a landline in brackets", "（0533）7000000", "0533-7000000", "****-*****00"),
    ("a landline without a hyphen", "05337000000", "0533-7000000", "****-*****00"),
    ("a short area code", "010 60000000", "010-60000000", "***-******00"),
    ("a long dash", "0533—7000000", "0533-7000000", "****-*****00"),
    ("an extension", "0533-7000000转8012", "0533-7000000转8012", "****-*****00"),
    ("an extension in words", "0533-7000000 分机：8012", "0533-7000000转8012", "****-*****00"),
    ("an extension behind a dash", "0533-7000000-8012", "0533-7000000转8012", "****-*****00"),
    ("an extension in English", "0533-7000000 ext. 8012", "0533-7000000转8012", "****-*****00"),
    ("a service number", "400-123-4567", "400-123-4567", "********67"),
    ("a service number in other groups", "4001 234 567", "400-123-4567", "********67"),
    ("another one", "8001234567", "800-123-4567", "********67"),
    ("a service number with an extension", "400-123-4567转1", "400-123-4567转1", "***********"),
    ("a hotline", "12345", "12345", "***********"),
    ("a bank", "95588", "95588", "***********"),
    ("two numbers", "13800000000/13900000000", "13800000000、13900000000", "1********00、1********00"),
    ("two kinds", "0533-7000000；13800000000", "0533-7000000、13800000000", "****-*****00、1********00"),
    ("the same twice", "13800000000,138-0000-0000", "13800000000", "1********00"),
]


@pytest.mark.parametrize(("case", "raw", "phone", "mask"), READ)
def test_a_phone_is_saved_in_one_form(case, raw, phone, mask):
    assert parse_phone(raw) == phone
    assert parse_phone(phone) == phone
    assert mask_phone(phone) == mask


@pytest.mark.parametrize(
    ("case", "raw", "flaw"),
    [
        ("nothing", "", "REQUIRED"),
        ("ten digits", "1380000000", "PHONE"),
        ("twelve digits", "138000000000", "PHONE"),
        ("a range never given", "12000000000", "PHONE"),
        ("a landline without area code", "7000000", "PHONE"),
        ("a subscriber number that begins with 1", "0533-1000000", "PHONE"),
        ("a foreign number", "+1 202 555 0100", "PHONE"),
        ("one good, one not", "13800000000/139", "PHONE"),
        ("four numbers", "13800000000、13800000001、13800000002、13800000003", "PHONE"),
        ("words", "无电话", "PHONE"),
        ("masked", "138****0000", "MASKED"),
        ("rounded by a spreadsheet", "1.38E+10", "ROUNDED"),
    ],
)
def test_a_phone_is_refused(case, raw, flaw):
    with pytest.raises(InvalidItem) as refused:
        parse_phone(raw)
    assert refused.value.flaw == flaw
