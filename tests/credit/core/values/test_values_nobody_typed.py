"""Values that no person typed: the same code, whichever kind of value stands there [5.1.3]."""

from collections.abc import Callable
from typing import Any

import pytest

from credit.core.errors import InvalidItem, NotWellFormed
from credit.core.flaws import Flaw
from credit.core.values.addresses import parse_address
from credit.core.values.blanks import WORDS, is_blank
from credit.core.values.characters import clean
from credit.core.values.free_text import parse_line, parse_text
from credit.core.values.garbled import is_garbled
from credit.core.values.identifiers import IdNumber, SocialCreditCode
from credit.core.values.names import parse_organisation_name, parse_person_name
from credit.file_formats.choices import choose, find_code, is_yes
from credit.file_formats.kinds import KINDS, parse_kind_word

PARSERS: dict[str, Callable[[str], Any]] = {
    "the name of a person": parse_person_name,
    "the name of an organisation": parse_organisation_name,
    "an address": parse_address,
    "a line": lambda raw: parse_line(raw, 100),
    "a text": lambda raw: parse_text(raw, 100),
    "an identity number": IdNumber.parse,
    "a code": SocialCreditCode.parse,
    "a kind": parse_kind_word,
    "a choice": lambda raw: choose(raw, KINDS, Flaw.UNKNOWN_KIND),
    "a code of a list": lambda raw: find_code(raw, {"1": "一"}, Flaw.UNKNOWN_AREA),
    "yes or no": is_yes,
}
CELL_ERRORS = (
    "#N/A #n/a #NA #REF! #REF #VALUE! #DIV/0! #NAME? #NAME! #NUM! #NULL! #SPILL! #CALC! #FIELD! #BLOCKED! "
    "#CONNECT! #BUSY! #UNKNOWN! #GETTING_DATA #ERROR! ＃Ｎ／Ａ ## ######## Err:502 Error:508 1.#IND -1.#IND 1.#QNAN "
    "1.#INF "
    "[objectObject] System.Object System.DBNull java.lang.Object@1a2b3c "
)
WRONGLY_DECODED = [
    "å¼\xa0ä¸‰",  # UTF-8 as code page 1252
    "å¼ ä¸‰",  # and its non-breaking space made a space
    "å¼\xa0ä¸\x89",  # UTF-8 as Latin-1
    "寮犱笁",  # UTF-8 as GBK
    "临淄区".encode("gbk").decode("latin-1"),  # GBK as Latin-1
    "张三\ufffd",
    "锟斤拷",
    "张锟斤拷",
    "烫烫烫",
    "屯屯屯屯",
    "????",
    "？？",
    "张\ue900",
    "张\U000f0001",
    "张\ufdd0",
    "张\U0001ffff",
    "张\ud842",
]


def flaw(parse, raw):
    """Give the flaw for which *raw* is refused."""
    with pytest.raises(NotWellFormed) as refused:
        parse(raw)
    return refused.value.flaw


@pytest.mark.parametrize("kind", PARSERS)
def test_an_error_of_a_cell_is_garbled_in_every_kind_of_value(kind):
    for raw in (*CELL_ERRORS.split(), "[object Object]", " #N/A "):
        assert flaw(PARSERS[kind], raw) is Flaw.GARBLED, raw


@pytest.mark.parametrize("parse", [parse_person_name, parse_organisation_name, parse_address, PARSERS["a text"]])
@pytest.mark.parametrize("raw", WRONGLY_DECODED)
def test_text_that_was_decoded_wrongly_is_garbled(parse, raw):
    with pytest.raises(InvalidItem) as refused:
        parse(raw)
    assert refused.value.flaw is Flaw.GARBLED


@pytest.mark.parametrize("parse", [parse_person_name, parse_organisation_name, parse_address])
@pytest.mark.parametrize("raw", ["张?", "张？", "示例?有限公司", "&#24352;三", "\\u5f20三", "%E5%BC%A0", "张&nbsp;三"])
def test_in_a_name_or_an_address_a_question_mark_or_an_escape_is_garbled(parse, raw):
    with pytest.raises(InvalidItem) as refused:
        parse(raw)
    assert refused.value.flaw is Flaw.GARBLED


@pytest.mark.parametrize("parse", [parse_person_name, parse_organisation_name, parse_address, IdNumber.parse])
def test_a_word_for_nothing_is_no_value(parse):
    for word in WORDS:
        assert flaw(parse, word.lower()) is Flaw.REQUIRED, word


@pytest.mark.parametrize(
    "raw", [*sorted(WORDS), "", " \u3000", None, "·", "——", "/", "。。。", "N / A", "ｎｕｌｌ", "(Null)"]
)
def test_what_says_nothing_is_a_blank(raw):
    assert is_blank(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "***",
        "＊＊",
        "■■",
        "René Dupont",
        "André·Martin",
        "Çelik Özgür",
        "Åse Ødegård",
        "Ñuñez",
        "Nguyễn Văn An",
        "Ðura",
        "烫烫烫火锅店",
        "锟",
        "无名山茶馆",
        "测试仪器有限公司",
        "空军",
        "Nulltech",
        "Nano",
        "王·#1",
        "1号楼#3",
        "欧阳娜娜",
        "濮阳一",
        "龘龘龘",
        "\U00031350\U0003134a",
        "\U0002ebf0",
    ],
)
def test_what_a_person_may_type_is_neither(raw):
    text = clean(raw)
    assert not is_garbled(text, is_name=True)
    assert not is_blank(raw)


def test_in_a_sentence_a_question_mark_is_one():
    assert parse_text("是否属实？请核实?", 100) == "是否属实？请核实?"
    assert parse_text("系统显示 NULL", 100) == "系统显示 NULL"


def test_names_of_frequent_family_names_never_look_decoded_wrongly():
    """The bytes of three characters of GBK can be two of UTF-8 for three rare family names only: 宓, 璩, 濮."""
    frequent = (
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    )
    lead = [family.encode("gbk") for family in frequent]
    assert not [pair for pair in lead if 0xE4 <= pair[0] <= 0xE9 and 0x80 <= pair[1] <= 0xBF]
