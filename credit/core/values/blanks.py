"""Words and marks that stand for nothing: no value was given [5.1.3].

They count as a whole value only, in any case and width: a name or a sentence that contains one is what it is.
"""

import re
from typing import Final

from credit.core.values.characters import HAN, clean, squashed
from credit.core.values.garbled import is_garbled

_OF_PROGRAMS: Final = (
    "NULL NONE NIL NAN NAT N/A NA N.A. UNDEFINED DBNULL \\N <NULL> (NULL) [NULL] <NONE> (NONE) <NA> <NAN> -NAN NAN(IND)"
)
_OF_PERSONS: Final = (
    "无 暂无 空 空白 空值 未知 不详 不明 未填 未填写 待填 待补 待补充 待核实 待查 待定 略 同上 无名 无名氏 佚名 匿名 "
    "姓名不详 名称不详 地址不详 住址不详 测试 测试数据 UNKNOWN TEST TBD"
)
WORDS: Final = frozenset(f"{_OF_PROGRAMS} {_OF_PERSONS}".split())
"""Words for nothing, and for a value that somebody meant to fill in later."""

# Python does not know the Han characters of later editions of Unicode, and counts them as marks.
_LETTER_OR_DIGIT: Final = re.compile(rf"[^\W_]|[{HAN}]")
# Signs by which a value is masked: it was given, and hidden since.
_HIDDEN: Final = re.compile(r"[*＊█■●○×✕]")
_LONGEST: Final = 24
"""Longer than any of them, also where spaces stand between the characters."""


def is_blank(raw: str | None) -> bool:
    """Return whether *raw* says nothing: it is empty, a word for nothing, or marks alone."""
    text = clean(raw)
    if not text or is_word_for_nothing(text):
        return True
    return has_marks_only(text) and not _HIDDEN.search(text) and not is_garbled(text)


def is_word_for_nothing(text: str) -> bool:
    """Return whether the whole of *text* is a word for nothing, such as NULL or 未知."""
    return len(text) <= _LONGEST and squashed(text) in WORDS


def has_marks_only(text: str) -> bool:
    """Return whether *text* has no letter and no digit: `·`, `——`, `/`."""
    return not _LETTER_OR_DIGIT.search(text)
