"""The numbers and names of a seeded district are well formed, and nobody's."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.values.identifiers import IdNumber, SocialCreditCode
from credit.core.values.telephones import parse_phone
from credit.subjects.subject import SubjectKind
from gateway.demo.district.people import name
from gateway.demo.seed.numbers import CODE_PREFIX, LARGEST, id_number, phone, social_credit_code

pytestmark = pytest.mark.slow


# --- plainly made up --------------------------------------------------------------------------------------------------


@given(st.integers(0, LARGEST))
def test_an_identity_number_is_well_formed_and_nobodys(index: int):
    number = IdNumber.parse(id_number(index))
    assert not number.derived
    assert date(1900, 1, 1) <= number.born <= date(1912, 12, 31)
    assert number.area == "370305"


@given(st.sampled_from(sorted(CODE_PREFIX)), st.integers(0, LARGEST))
def test_a_code_is_well_formed_and_nobodys(kind: SubjectKind, index: int):
    code = SocialCreditCode.parse(social_credit_code(kind, index))
    assert code.text[8:10] == "YY", "no organisation code that is issued begins so"
    assert code.is_sole_trader is (kind is SubjectKind.SOLE_TRADER)


@given(st.integers(0, LARGEST))
def test_a_telephone_number_is_well_formed_and_nobodys(index: int):
    assert parse_phone(phone(index)).startswith("179"), "a prefix of dial-in codes, which no mobile number has"


def test_numbers_and_names_never_repeat():
    for kind, most in ((SubjectKind.NATURAL_PERSON, 6_000), (SubjectKind.LEGAL_PERSON, 500)):
        numbers = {
            id_number(i) if kind is SubjectKind.NATURAL_PERSON else social_credit_code(kind, i) for i in range(most)
        }
        names = {name(kind, index) for index in range(most)}
        assert len(numbers) == len(names) == most
        assert all(each.startswith(("演示", "临淄演示")) for each in names)
