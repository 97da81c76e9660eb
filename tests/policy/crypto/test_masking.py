"""The masks: one per value, the same for every masked reader."""

import re
import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from credit.subjects.subject import SubjectKind
from policy.crypto import masking
from policy.crypto.masking import Masks, mask_identity_number, mask_person_name, mask_phone, mask_shop_name, masks_for
from tests.hypothesis_profiles import examples

laws = settings(deadline=None, max_examples=examples(100))
han = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
digits = st.text(string.digits, min_size=5, max_size=16)


@pytest.mark.parametrize(
    ("case", "name", "mask"),
    [
        ("one character of family name, one given", "张三", "张＊"),
        ("two given: the mask does not tell how many", "张三四", "张＊"),
        ("both parents' family names", "张王三四", "张＊"),
        ("a family name of two characters", "欧阳三", "欧阳＊"),
        ("司马", "司马三", "司马＊"),
        ("诸葛", "诸葛三四", "诸葛＊"),
        ("上官", "上官三四", "上官＊"),
        ("two characters alone may be a family and a given name", "欧阳", "欧＊"),
        ("five characters are a name spelt by sound", "欧阳三四五", "欧＊"),
        ("a frequent family name wins over a rare one of two characters", "梁丘三", "梁＊"),
        ("given name first, with a dot", "阿卜杜拉·买买提", "阿＊"),
        ("another dot", "约翰・史密斯", "约＊"),
        ("with a dot, what looks like a family name is a given name", "欧阳·三", "欧＊"),
        ("Latin letters", "John Smith", "J＊"),
        ("full width", "Ｊｏｈｎ Ｓｍｉｔｈ", "J＊"),
        ("stray spaces", "  张　三 ", "张＊"),
        ("a rare character outside the basic plane", "\U00020bb7三", "\U00020bb7＊"),
        ("a character that cannot be seen", "\u200b张三", "张＊"),
        ("one character is hidden whole", "三", "＊"),
        ("one letter too", "J", "＊"),
        ("none", "", "＊"),
    ],
)
def test_a_persons_name_keeps_the_family_name(case, name, mask):
    assert mask_person_name(name) == mask


@laws
@given(st.sampled_from(["张", "王", "欧阳", "诸葛", "令狐"]), st.text(han, min_size=1, max_size=2))
def test_a_mask_never_contains_the_given_name(family, given_name):
    assume(not set(given_name) & set(family))
    mask = mask_person_name(family + given_name)
    assert mask == family + "＊" or mask == family[0] + "＊"
    assert not set(given_name) & set(mask)


@laws
@given(st.text(min_size=0, max_size=30))
def test_no_name_shows_more_than_two_characters(name):
    mask = mask_person_name(name)
    assert mask.endswith("＊")
    assert len(mask) <= 3


@pytest.mark.parametrize(
    ("case", "number", "mask"),
    [
        ("an identity number", "110101190001010014", "1****************4"),
        ("with a check character X", "11010119000101001X", "1****************X"),
        ("a sole trader's code", "92370305MA0000000X", "9****************X"),
        ("fifteen digits have not been checked", "110101000101001", "*" * 18),
        ("full width has not been normalised", "１１０１０１１９０００１０１００１４", "*" * 18),
        ("none", "", "*" * 18),
    ],
)
def test_an_identity_number_keeps_its_ends(case, number, mask):
    assert mask_identity_number(number) == mask


@pytest.mark.parametrize(
    ("case", "phone", "mask"),
    [
        ("a mobile number", "13000000078", "1********78"),
        ("typed in groups", "130 0000 0078", "1********78"),
        ("typed with dashes", "130-0000-0078", "1********78"),
        ("with the country", "+86 130 0000 0078", "1********78"),
        ("with the country in another habit", "008613000000078", "1********78"),
        ("full width", "１３０００００００７８", "1********78"),
        ("a landline", "0533-7000056", "****-*****56"),
        ("without a dash", "05337000056", "****-*****56"),
        ("in brackets", "（0533）7000056", "****-*****56"),
        ("with a long dash", "0533—7000056", "****-*****56"),
        ("of eight digits, short area code", "010-10000078", "***-******78"),
        ("an extension is not the subscriber", "0533-7000056转801", "****-*****56"),
        ("an extension by a sign", "0533-7000056#801", "****-*****56"),
        ("without area code", "7000056", "*****56"),
        ("a service number", "400-000-0067", "********67"),
        ("two numbers in one are hidden whole", "13000000078/13100000078", "*" * 11),
        ("too short to keep two digits", "12345", "*" * 11),
        ("words", "无", "*" * 11),
        ("none", "", "*" * 11),
    ],
)
def test_a_phone_keeps_two_digits_at_its_end(case, phone, mask):
    assert mask_phone(phone) == mask


@laws
@given(digits)
def test_no_mask_keeps_three_digits_in_a_row(number):
    for mask in (mask_phone(number), mask_identity_number(number), mask_identity_number(number.ljust(18, "0")[:18])):
        assert not re.search(r"\d{3}", mask)
        assert sum(c.isdigit() for c in mask) <= 3


@laws
@given(st.text(max_size=40))
def test_whatever_stands_in_a_phone_three_digits_at_most_are_seen(text):
    assert re.fullmatch(r"1?[*-]+\d{0,2}", mask_phone(text), re.ASCII)


@pytest.mark.parametrize(
    ("case", "name", "mask"),
    [
        ("city and district are kept", "淄博市临淄区张三餐馆", "淄博市临淄区＊＊（个体工商户）"),
        ("province too", "山东省淄博市临淄区张三餐馆", "山东省淄博市临淄区＊＊（个体工商户）"),
        ("district alone", "临淄区张三餐馆", "临淄区＊＊（个体工商户）"),
        ("without the word for district", "临淄张三餐馆", "临淄＊＊（个体工商户）"),
        ("the subject's own sub-district", "临淄区雪宫街道张三餐馆", "临淄区雪宫街道＊＊（个体工商户）"),
        ("another sub-district is not known to be one", "临淄区张三街道餐馆", "临淄区＊＊（个体工商户）"),
        ("a person's name before a market is no division", "张三市场小吃店", "＊＊（个体工商户）"),
        ("张店 alone may begin a person's name", "张店生小吃", "＊＊（个体工商户）"),
        ("only the name of a person", "张三", "＊＊（个体工商户）"),
        ("a division further on is not kept", "张三临淄区餐馆", "＊＊（个体工商户）"),
        ("stray spaces", " 淄博市 临淄区 张三餐馆", "淄博市临淄区＊＊（个体工商户）"),
    ],
)
def test_a_shops_name_keeps_its_divisions(case, name, mask):
    assert mask_shop_name(name, "雪宫街道") == mask


@laws
@given(st.text(han, min_size=1, max_size=10))
def test_whatever_else_a_shop_is_called_its_mask_is_the_same(rest):
    assume(not rest.startswith("雪宫街道"))
    assert mask_shop_name("淄博市临淄区" + rest, "雪宫街道") == "淄博市临淄区＊＊（个体工商户）"


@pytest.mark.parametrize("text", ["事实", "演示甲于三月提交材料，电话13000000078", "a" * 500])
def test_free_text_is_hidden_whole(text):
    assert masking.mask_text(text) == "［已隐去］"


PERSON = ("张三", "110101190001010014", "13000000078", "雪宫街道某路1号")
SHOP = ("临淄区张三餐馆", "92370305MA0000000X", "0533-7000056", "雪宫街道某路2号")
COMPANY = ("淄博演示甲有限公司", "91370305MA0000000X", "0533-7000056", "雪宫街道某路3号")


@pytest.mark.parametrize(
    ("kind", "particulars", "masks"),
    [
        (SubjectKind.NATURAL_PERSON, PERSON, Masks("张＊", "1****************4", "1********78", "雪宫街道")),
        (
            SubjectKind.SOLE_TRADER,
            SHOP,
            Masks("临淄区＊＊（个体工商户）", "9****************X", "****-*****56", "雪宫街道"),
        ),
        (SubjectKind.LEGAL_PERSON, COMPANY, Masks(COMPANY[0], COMPANY[1], "****-*****56", COMPANY[3])),
        (SubjectKind.OTHER_ORGANISATION, COMPANY, Masks(COMPANY[0], COMPANY[1], "****-*****56", COMPANY[3])),
    ],
)
def test_the_masks_of_a_subject_follow_its_kind(kind, particulars, masks):
    name, number, phone, address = particulars
    assert masks_for(kind, name=name, number=number, phone=phone, address=address, area_name="雪宫街道") == masks


@pytest.mark.parametrize("kind", SubjectKind)
def test_what_is_not_there_has_no_mask(kind):
    assert masks_for(kind, name=None, number=None, phone=None, address=None, area_name="雪宫街道") == Masks()


@pytest.mark.parametrize("kind", [SubjectKind.LEGAL_PERSON, SubjectKind.OTHER_ORGANISATION])
def test_a_sole_traders_code_is_masked_even_where_the_kind_is_wrong(kind):
    masks = masks_for(kind, name=None, number=SHOP[1], phone=None, address=None, area_name="")
    assert masks.number == "9****************X"
