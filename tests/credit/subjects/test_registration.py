"""The particulars of a subject: what is accepted, in which form, and everything wrong at once [3.2] [5.1.3]."""

from typing import Any

import pytest

from credit.core.errors import InvalidItem, RegistrationRefused
from credit.core.flaws import Flaw
from credit.core.values.addresses import parse_address
from credit.core.values.identifiers import IdentifierKind
from credit.subjects.registration import parse_name, register
from credit.subjects.subject import Capacity, SubjectKind, identifier_kind
from tests.credit.subjects.synthetic_numbers import COMPANY, PERSON, REFERENCE, SHOP, TODAY, id_number

PERSONAL = SubjectKind.NATURAL_PERSON
COMPANIES = SubjectKind.LEGAL_PERSON


def given(**changed: Any) -> dict[str, Any]:
    """Return arguments of `register` that are right, with some *changed*."""
    return {
        "kind": "NATURAL_PERSON",
        "name": "演示甲",
        "number": PERSON,
        "area_code": "370305001",
        "areas": REFERENCE.areas,
        "today": TODAY,
        **changed,
    }


def test_a_person_is_registered_with_what_is_needed_and_no_more():
    """[5.1.3]"""
    subject = register(**given())
    assert (subject.kind, subject.name, subject.identifier.text) == (PERSONAL, "演示甲", PERSON)
    assert (subject.phone, subject.address, subject.capacities) == (None, None, Capacity(0))


@pytest.mark.parametrize(
    ("case", "kind", "number"),
    [
        ("a natural person by ID number", "NATURAL_PERSON", PERSON),
        ("a legal person by its code", "LEGAL_PERSON", COMPANY),
        ("a sole trader by a code of 92", "SOLE_TRADER", SHOP),
        ("another organisation by its code", "OTHER_ORGANISATION", COMPANY),
    ],
)
def test_every_kind_of_applicant_has_its_identifier(case, kind, number):
    """[3.2]"""
    subject = register(**given(kind=kind, number=number, name="临淄示例"))
    assert subject.identifier.text == number
    assert identifier_kind(subject.kind) == (
        IdentifierKind.ID_NUMBER if kind == "NATURAL_PERSON" else IdentifierKind.SOCIAL_CREDIT_CODE
    )


def test_agents_and_intermediaries_are_subjects_of_their_own():
    """[3.2]"""
    subject = register(**given(capacities=Capacity.AGENT | Capacity.INTERMEDIARY))
    assert Capacity.AGENT in subject.capacities


@pytest.mark.parametrize(
    ("case", "changed", "problems"),
    [
        ("an unknown kind", {"kind": "PERSON"}, [("kind", "UNKNOWN_KIND")]),
        ("no name", {"name": " "}, [("name", "REQUIRED")]),
        ("a masked name", {"name": "演＊"}, [("name", "MASKED")]),
        ("a masked number", {"number": "3***X"}, [("number", "INVALID_ID_NUMBER")]),
        ("a person with a company's code", {"number": COMPANY}, [("number", "INVALID_ID_NUMBER")]),
        ("a birth tomorrow", {"number": id_number(born="20260306")}, [("number", "INVALID_ID_NUMBER")]),
        ("a company with an ID number", {"kind": "LEGAL_PERSON"}, [("number", "INVALID_SOCIAL_CREDIT_CODE")]),
        (
            "a sole trader passed off as a company, whose code would be published",
            {"kind": "LEGAL_PERSON", "number": SHOP},
            [("number", "SOLE_TRADER_CODE")],
        ),
        (
            "a company passed off as a sole trader",
            {"kind": "SOLE_TRADER", "number": COMPANY},
            [("number", "NOT_SOLE_TRADER_CODE")],
        ),
        ("an area we do not know", {"area_code": "370306"}, [("area_code", "UNKNOWN_AREA")]),
        ("no area", {"area_code": ""}, [("area_code", "REQUIRED")]),
        ("a phone that is none", {"phone": "7000000"}, [("phone", "PHONE")]),
        ("a masked address", {"address": "临淄区***"}, [("address", "MASKED")]),
        (
            "all at once",
            {"kind": "PERSON", "name": "", "area_code": "x", "phone": "1", "address": "某" * 301},
            [
                ("kind", "UNKNOWN_KIND"),
                ("name", "REQUIRED"),
                ("area_code", "UNKNOWN_AREA"),
                ("phone", "PHONE"),
                ("address", "TOO_LONG"),
            ],
        ),
    ],
)
def test_a_registration_is_refused_with_every_problem(case, changed, problems):
    with pytest.raises(RegistrationRefused) as refused:
        register(**given(**changed))
    assert [(problem.field, problem.code) for problem in refused.value.problems] == problems
    assert all(problem.message and problem.message_zh for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("case", "kind", "raw", "name"),
    [
        ("space around it", PERSONAL, " \u3000演示甲\ufeff", "演示甲"),
        ("invisible characters", PERSONAL, "演\u200b示\u202e甲", "演示甲"),
        ("a name spelt by sound, its dot in any habit", PERSONAL, "演示•甲・乙", "演示·甲·乙"),
        ("a name in Latin letters", PERSONAL, "DEMO  Alpha", "DEMO Alpha"),
        ("a rare character of a later plane", PERSONAL, "演\U00020bb7", "演\U00020bb7"),
        ("full-width brackets stay as registered", COMPANIES, "示例（临淄）有限公司", "示例（临淄）有限公司"),
        ("a company that signs with a cross", COMPANIES, "三×三示例俱乐部", "三×三示例俱乐部"),
        ("a company with digits", COMPANIES, "示例1688科技有限公司", "示例1688科技有限公司"),
    ],
)
def test_a_name_is_saved_unchanged_without_invisible_characters(case, kind, raw, name):
    assert parse_name(kind, raw) == name


@pytest.mark.parametrize(
    ("case", "kind", "raw", "flaw"),
    [
        ("masked by a star", PERSONAL, "演*", Flaw.MASKED),
        ("masked as courts do", PERSONAL, "演某某", Flaw.MASKED),
        ("masked by a cross", PERSONAL, "演×", Flaw.MASKED),
        ("hidden", COMPANIES, "［已隐去］", Flaw.MASKED),
        ("an ID number behind the name", PERSONAL, f"演示甲{PERSON}", Flaw.HOLDS_NUMBER),
        ("an ID number in a published name", COMPANIES, f"示例公司（{PERSON}）", Flaw.HOLDS_NUMBER),
        ("a phone in full-width digits", COMPANIES, "示例公司１３８００００００００", Flaw.HOLDS_NUMBER),
        ("a lost character", PERSONAL, "演\ufffd", Flaw.GARBLED),
        ("too long", COMPANIES, "示" * 121, Flaw.TOO_LONG),
    ],
)
def test_a_name_is_refused(case, kind, raw, flaw):
    with pytest.raises(InvalidItem) as refused:
        parse_name(kind, raw)
    assert refused.value.flaw is flaw
    assert refused.value.code == flaw.value


def test_an_address_holds_no_number_of_a_person():
    """[5.1.6] A registered address is published."""
    assert parse_address("临淄区闻韶街道 示例路1号 2单元 303") == "临淄区闻韶街道 示例路1号 2单元 303"
    with pytest.raises(InvalidItem) as refused:
        parse_address("临淄区示例路1号，电话13800000000")
    assert refused.value.flaw is Flaw.HOLDS_NUMBER


def test_a_registration_shows_nothing_of_the_person():
    """[5.1.6]"""
    shown = repr(register(**given(phone="13800000000", address="示例路1号")))
    assert "演示甲" not in shown
    assert "示例路" not in shown
    assert not any(digit in shown for digit in "123456789")
