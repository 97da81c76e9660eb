"""The text of a cell: unwrapped, visible, and never run as a formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.values.characters import clean, guarded


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
    ],
)
def test_a_cell_is_freed_of_its_wrapping(case, raw, text):
    assert clean(raw) == text


def test_lines_stay_where_they_are_asked_for():
    assert clean(" 第一段 \r\n\r\n 第二段 ", lines=True) == "第一段\n第二段"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_cell_is_written_that_a_spreadsheet_would_run(start):
    assert guarded(f"{start}1+1") == f"'{start}1+1"


@given(st.text(), st.booleans())
def test_what_is_written_guarded_is_read_back(raw, lines):
    text = clean(raw, lines=lines)
    assert clean(guarded(text), lines=lines) == text
