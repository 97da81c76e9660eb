"""Names: one form, whatever the habit of typing; and who is called Null [3.2] [5.1.3]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.names import fold_name, parse_organisation_name, parse_person_name, same_name

DOTS = "·•・‧∙⋅･﹒᛫⸱ꞏ\u0387.．"


@pytest.mark.parametrize("dot", [*DOTS, " · ", "．．", ". "])
def test_every_dot_between_two_han_characters_is_the_middle_dot(dot):
    name = f"买买提{dot}吐尔逊"
    assert parse_person_name(name) == "买买提·吐尔逊"
    assert parse_organisation_name(f"{name}拉面馆") == "买买提·吐尔逊拉面馆"
    assert same_name(name, "买买提·吐尔逊")


@pytest.mark.parametrize(
    ("case", "raw", "name"),
    [
        ("between rare characters", "\U00020000.\U00031350", "\U00020000·\U00031350"),
        ("between old codes", "\ue863.\ue863", "䶮·䶮"),
        ("a full stop of Latin letters", "J. Smith", "J. Smith"),
        ("a full stop between scripts", "阿.K", "阿.K"),
        ("a middle dot of Latin letters", "J・Smith", "J·Smith"),
        ("an end of a sentence is no dot", "演示。甲", "演示。甲"),
    ],
)
def test_a_full_stop_elsewhere_stays(case, raw, name):
    assert parse_person_name(raw) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("刘\ue863", "刘䶮"),
        ("\uf9c4飞", "龍飞"),
        ("\u2f45明", "方明"),
        ("\u2ee2明", "马明"),
        ("葛\U000e0100明", "葛明"),
        ("Jose\u0301 Li", "JOSÉ  LI"),
        ("买买提⋅吐尔逊", "买买提.吐尔逊"),
    ],
)
def test_a_name_on_record_in_an_older_form_is_the_same(one, other):
    """Neither side need be folded: records of before keep the form in which they were sealed."""
    assert same_name(one, other)
    assert same_name(other, one)


def test_other_names_differ():
    assert not same_name("买买提·吐尔逊", "买买提·吐尔洪")
    assert not same_name("刘䶮", "刘龑")


@pytest.mark.parametrize("parse", [parse_person_name, parse_organisation_name])
@pytest.mark.parametrize("word", ["Null", "NONE", "Nan", "Ｎｕｌｌ", "无名", "Test"])
def test_somebody_called_null_is_confirmed(parse, word):
    with pytest.raises(InvalidItem) as refused:
        parse(word)
    assert refused.value.flaw is Flaw.REQUIRED
    assert parse(word, confirmed=True) == word
    assert parse(f"{word} Berta") == f"{word} Berta"  # only the whole value counts


@pytest.mark.parametrize(
    ("raw", "flaw"),
    [("", Flaw.REQUIRED), ("·", Flaw.REQUIRED), ("#N/A", Flaw.GARBLED), ("张？", Flaw.GARBLED), ("演*", Flaw.MASKED)],
)
def test_what_is_no_name_cannot_be_confirmed(raw, flaw):
    with pytest.raises(InvalidItem) as refused:
        parse_person_name(raw, confirmed=True)
    assert refused.value.flaw is flaw


def test_a_name_that_only_looks_decoded_wrongly_can_be_confirmed():
    looks = "张三".encode().decode("gbk")
    with pytest.raises(InvalidItem) as refused:
        parse_person_name(looks)
    assert refused.value.flaw is Flaw.GARBLED
    assert parse_person_name(looks, confirmed=True) == looks


@given(st.text() | st.text(st.sampled_from([*DOTS, *"张三 J\ue863\u2f45"])), st.booleans())
def test_folding_a_name_twice_changes_nothing(name, is_person):
    folded = fold_name(name, is_person=is_person)
    assert fold_name(folded, is_person=is_person) == folded


@given(st.text(st.sampled_from([*DOTS, *"张三 JsÉ（）\ue863\u2f45\u0301\u200b"]), max_size=8))
def test_a_name_that_was_read_is_read_again_as_it_is(raw):
    try:
        name = parse_person_name(raw)
    except InvalidItem:
        return
    assert parse_person_name(name) == name
