"""Finds a person's name in a text that is kept in clear [5.1.6].

A name of Chinese characters may also be a word (安全), or be cut out of two words by chance (程建 in 工程建设). A text
has no word boundaries, so three rules decide where a name stands. A doubt counts as a name:

1. The title of a law in 《…》 names nobody. Other titles, such as 《关于对张三的认定书》, are searched.
2. An occurrence that common words explain, as the word itself or as parts of its neighbours, is no name, unless
3. it stands as a person: alone between signs, spread with spaces or dots, after words such as 当事人, before words such
   as 先生, or between what introduces a person (对, 由, 向, 关于, …) and what follows one (的, 案, 未, …).
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from credit.core.values.characters import HAN, clean
from credit.core.values.common_words import COMMON_WORDS

# A title is that of a law by its last word; an edition may follow. No document about a person ends so.
_LAW: Final = re.compile(
    r"《[^《》]{0,80}(?:法|法典|宪法|条例|规定|办法|细则|规则|准则|标准|规范|通则|规程|解释)"
    r"(?:[（(][^《》（）()]{0,20}[）)])?》"
)
_STATE: Final = "中华人民共和国"
# What stands between the parts of a name, or is put there to spread it; commas and stops stand between words.
_IN_NAMES: Final = frozenset("-_.·•‧・∙⋅*/\\|'’")
_HAN: Final = re.compile(f"[{HAN}]")
_BREAK: Final = "\0"
_LONGEST_CUT: Final = 3
"""The longest name that two words explain together."""

_INTRODUCES: Final = frozenset("对由向与被给替将把因和及同跟让使请")
_TOPICS: Final = ("关于", "有关", "涉及")
_CALLS: Final = (
    *("当事人", "申请人", "行为人", "负责人", "法定代表人", "法人代表", "代理人", "委托人", "受托人", "经营者"),
    *("投资人", "监护人", "嫌疑人", "原告", "被告", "被告人", "姓名"),
)
_FAR: Final = max(map(len, _CALLS))
_FOLLOWS: Final = frozenset("的案因在于未涉虚隐伪冒提系诉等与和及向拒违作不同骗擅")
_IS_CALLED: Final = ("同志", "先生", "女士", "身份证", "一案", "本人")


@dataclass(frozen=True, slots=True)
class _Joined:
    """A text without spaces and marks; *gaps* are the places before which one stood."""

    text: str
    gaps: frozenset[int]


def names_in_clear(name: str, text: str) -> bool:
    """Return whether *text*, which is kept in clear, contains the *name* of a person [5.1.6].

    One character is no name by itself: it would be found in every text.
    """
    sought = _join(name).text
    if len(sought) == 1 or not sought:
        return False
    joined = _join(_without_laws(clean(text)))
    return any(_is_name(sought, joined, at) for at in _places(sought, joined.text))


def _without_laws(text: str) -> str:
    return _LAW.sub(_BREAK, text).replace(_STATE, _BREAK)


def _join(text: str) -> _Joined:
    """Return *text* for comparison: one width, one case, without spaces and what spreads a name."""
    characters: list[str] = []
    gaps: set[int] = set()
    for one in unicodedata.normalize("NFKC", text).upper():
        if one.isspace() or one in _IN_NAMES:
            gaps.add(len(characters))
        else:
            characters.append(one)
    return _Joined("".join(characters), frozenset(gaps))


def _places(sought: str, text: str) -> list[int]:
    return [at for at in range(len(text) - len(sought) + 1) if text.startswith(sought, at)]


def _is_name(name: str, joined: _Joined, at: int) -> bool:
    text, end = joined.text, at + len(name)
    if not _HAN.match(name):
        return _is_apart(joined, at) and _is_apart(joined, end)
    split = _explained(name, text, at)
    if split is None:
        return True
    spread = any(at < gap < end and gap != split for gap in joined.gaps)
    return spread or _stands_as_person(joined, at, end)


def _is_apart(joined: _Joined, place: int) -> bool:
    """Return whether a word of letters other than Chinese may begin or end at *place*."""
    around = joined.text[place - 1 : place + 1] if place else ""
    return (
        place in {0, len(joined.text)}
        or place in joined.gaps
        or any(_HAN.match(one) or not one.isalpha() for one in around)
    )


def _explained(name: str, text: str, at: int) -> int | None:
    """Return where the words meet that explain the occurrence, 0 for a word that is the name, None if none do."""
    if name in COMMON_WORDS:
        return 0
    if len(name) > _LONGEST_CUT:
        return None
    # The first character ends a word, and the rest begins or is one: 工[程|建]设, 关[于|建设].
    begins = text[at - 1 : at + 1] if at else ""
    if begins in COMMON_WORDS and text[at + 1 : at + 3] in COMMON_WORDS:
        return at + 1
    # Of three characters, the first two are a word, and the last begins one: [安全|生]产.
    if len(name) == _LONGEST_CUT and name[:2] in COMMON_WORDS and text[at + 2 : at + 4] in COMMON_WORDS:
        return at + 2
    return None


def _stands_as_person(joined: _Joined, at: int, end: int) -> bool:
    """Return whether what stands around an occurrence says that it is a person; no neighbour says so, too."""
    before, after = joined.text[max(at - _FAR, 0) : at], joined.text[end : end + _FAR]
    if before.endswith(_CALLS) or after.startswith(_IS_CALLED):
        return True
    opens = not _HAN.match(before[-1:]) or before[-1:] in _INTRODUCES or before.endswith(_TOPICS)
    closes = not _HAN.match(after[:1]) or after[:1] in _FOLLOWS
    return opens and closes
