"""The code at the foot of a notice is that of these facts and no others."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.notices.facts import NoticeKind
from gateway.notices.errors import CodeKeyTooShort, CodeRefused
from gateway.notices.samples import sample
from gateway.notices.verification_codes import canonical, code_of, verify

KEY = bytes(range(32))
NOTICE = sample(NoticeKind.NOTICE)


def test_a_code_is_what_it_was():
    """Documents are used for years: another spelling of the facts would make every printed code invalid."""
    assert code_of(NOTICE, KEY) == "GXOI-OE2O-3YHZ-J2CX"


def test_the_facts_have_one_spelling():
    assert canonical(NOTICE).decode().startswith('{"facts":{"addressee":"演示甲","basis":')
    assert canonical(NOTICE).decode().endswith('},"kind":"NOTICE"}')


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_has_a_code_that_a_person_can_read_out(kind: NoticeKind):
    code = code_of(sample(kind), KEY)
    assert re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", code)
    verify(code, sample(kind), KEY)


@pytest.mark.parametrize(
    "typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code.replace('-', ' ')}\n"]
)
def test_a_code_holds_however_it_is_typed(typed):
    verify(typed(code_of(NOTICE, KEY)), NOTICE, KEY)


@pytest.mark.parametrize(
    ("case", "code", "notice", "key"),
    [
        ("another addressee", code_of(NOTICE, KEY), sample(NoticeKind.NOTICE, addressee="演示乙"), KEY),
        ("another day", code_of(NOTICE, KEY), sample(NoticeKind.NOTICE, issued_on=date(1912, 3, 6)), KEY),
        ("another kind", code_of(NOTICE, KEY), sample(NoticeKind.REMINDER), KEY),
        ("another key", code_of(NOTICE, KEY), NOTICE, bytes(32)),
        ("nothing", "", NOTICE, KEY),
        ("the beginning of it", code_of(NOTICE, KEY)[:-1], NOTICE, KEY),
        ("more than it", code_of(NOTICE, KEY) + "A", NOTICE, KEY),
        ("letters of another script", "测试", NOTICE, KEY),
    ],
)
def test_a_code_that_is_not_that_of_the_facts_is_refused(case, code, notice, key):
    with pytest.raises(CodeRefused):
        verify(code, notice, key)


@pytest.mark.parametrize("length", [0, 16, 31])
def test_a_short_key_makes_no_code(length: int):
    with pytest.raises(CodeKeyTooShort):
        code_of(NOTICE, bytes(length))


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_moving_a_character_from_one_fact_to_another_makes_another_code(one: str, other: str):
    first = sample(NoticeKind.NOTICE, window=f"甲{one}", conduct=f"{other}乙")
    second = sample(NoticeKind.NOTICE, window=f"甲{one}{other}", conduct="乙")
    assert code_of(first, KEY) != code_of(second, KEY)
