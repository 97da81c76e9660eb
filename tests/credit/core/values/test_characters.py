"""The text of a cell: unwrapped, visible, folded, and never run as a formula."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.values.character_tables import ASSIGNED, RADICALS
from credit.core.values.characters import clean, fold, guarded


@pytest.mark.parametrize(
    ("case", "raw", "text"),
    [
        ("nothing", None, ""),
        ("a byte order mark", "\ufeff演示", "演示"),
        ("a number kept as text by an apostrophe", "'370305", "370305"),
        ("a number kept as text by a formula", '="370305"', "370305"),
        ("a guarded formula", "'=1+1", "=1+1"),
        ("an apostrophe of its own", "'quoted'", "'quoted'"),
        ("space within", "演  示\t甲\r\n乙", "演 示 甲 乙"),
        ("a workbook's escape in another file", "演示_x000D_\n甲_x0009_乙", "演示 甲 乙"),
        ("a space of a user-defined area of GBK", "演示\ue5e5甲", "演示 甲"),
    ],
)
def test_a_cell_is_freed_of_its_wrapping(case, raw, text):
    assert clean(raw) == text


def test_lines_stay_where_they_are_asked_for():
    assert clean(" 第一段 \r\n\r\n 第二段 ", lines=True) == "第一段\n第二段"


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n", "_x000D_\n", "_x000d_", "_x000A_", "\u2028", "\x85"])
def test_a_line_break_is_one_however_it_is_written(ending):
    assert clean(f"第一段{ending}第二段", lines=True) == "第一段\n第二段"


@pytest.mark.parametrize(
    ("case", "raw", "folded"),
    [
        ("䶮 of older Windows fonts and police exports", "刘\ue863", "刘䶮"),
        ("changed by the edition of 2022", "\ue81e\ue864", "\u9fb4\u9fbb"),
        ("left by it to its own code point", "\ue831\ue855", "\U000215d7\U000241fe"),
        ("a vertical comma", "\ue78f", "\ufe11"),
        ("the euro sign of code page 936", "\ue76c", "€"),
        ("a compatibility ideograph", "\uf9c4\ufa1b", "\u9f8d\u798f"),
        ("one of the supplement", "\U0002f800", "\u4e3d"),
        ("the twelve that are unified ideographs stay", "\ufa0e\ufa11\ufa29", "\ufa0e\ufa11\ufa29"),
        ("a radical of Kangxi, out of a PDF", "\u2f45明", "方明"),
        ("simplified radicals, out of a PDF", "\u2ee2\u2ecb\u2ee9\u2ef0", "马车黄龙"),
        ("a combining sequence", "Jose\u0301", "José"),
        ("a variant of a character", "葛\U000e0100\ufe00", "葛"),
        ("invisible characters", "\u2062演\u034f示\u3164甲\u00ad", "演示甲"),
        ("a half of a character that was cut", "演\ud842", "演\ufffd"),
        ("full width stays", "（ＡＢ）", "（ＡＢ）"),
    ],
)
def test_characters_have_one_form(case, raw, folded):
    assert fold(raw) == folded


def test_the_80_codes_of_gbk_and_those_that_came_later_are_assigned():
    """[GB 18030-2022] Python's codec has the edition of 2000: where it assigns the two bytes, the table agrees."""
    trails = [*range(0x50, 0x7F), *range(0x80, 0xA1)]
    codes = {chr(0xE815 + at): bytes((0xFE, trail)).decode("gb18030") for at, trail in enumerate(trails)}
    assert len(codes) == 80
    changed = {code: ASSIGNED[code] for code, old in codes.items() if ASSIGNED[code] != old}
    assert set(changed) == {code for code, old in codes.items() if unicodedata.category(old) == "Co"}
    assert len(changed) == 14
    assert len([code for code in ASSIGNED if "\ue78d" <= code <= "\ue796"]) == 10
    assert not any(unicodedata.category(assigned) == "Co" for assigned in ASSIGNED.values())
    assert len(set(ASSIGNED.values())) == len(ASSIGNED)


def test_a_radical_is_an_ideograph():
    """[UCD EquivalentUnifiedIdeograph] Where NFKC knows one, too, it is the same."""
    for radical, ideograph in RADICALS.items():
        assert unicodedata.normalize("NFKC", radical) in {radical, ideograph}
        assert "\u3400" <= ideograph <= "\u9fff" or "\U00020000" <= ideograph <= "\U0003ffff"


@given(st.text() | st.text(st.sampled_from([*ASSIGNED, *RADICALS, "\u0301", "e", "\U000e0100", "\ufa1b", "·"])))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_cell_is_written_that_a_spreadsheet_would_run(start):
    assert guarded(f"{start}1+1") == f"'{start}1+1"


@given(st.text(), st.booleans())
def test_what_is_written_guarded_is_read_back(raw, lines):
    text = clean(raw, lines=lines)
    assert clean(guarded(text), lines=lines) == text
