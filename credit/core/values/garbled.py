"""Values that no person typed: what spreadsheets, programs and wrong decoding leave where a value was [5.1.3].

Only what is certain is named: each rule here finds no name, address or sentence that a person writes.
"""

import re
from typing import Final

from credit.core.errors import InvalidItem
from credit.core.flaws import Flaw
from credit.core.values.characters import HAN, squashed

# The errors of a cell: of Excel, WPS, Numbers, Google and LibreOffice. A cell that is too narrow shows a row of #.
_CELL_ERROR: Final = re.compile(
    r"#(?:N/?A|REF!?|VALUE!?|DIV/0!?|NAME[?!]?|NUM!?|NULL!?|SPILL!?|CALC!?|FIELD!?|BLOCKED!?|CONNECT!?|BUSY!?|UNKNOWN!?"
    r"|GETTING_DATA|PYTHON!?|EXTERNAL!?|ERROR!?|MACRO!?|DATA!?|错误!?|值!?|名称[?]?|引用!?)|#+|ERR(?:OR)?:[0-9]{3}"
    r"|\[已损坏\]|(?:-?1\.)#(?:IND|QNAN|SNAN|INF)0*|\[OBJECT(?:\w+)?\]|SYSTEM\.[A-Z]\w*(?:\.\w+)*|\[?JAVA\.\w+(?:\.\w+)*(?:@[0-9A-F]+)?"
)
DAMAGED: Final = "［已损坏］"
"""What an export of ours writes in the place of a stored value that cannot be read."""
_LONGEST_ERROR: Final = 100
# U+FFFD and the object of a picture; private use of all planes; code points that are no characters.
_LOST: Final = re.compile(
    "[\ufffc\ufffd\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff"
    + "".join(chr(plane + last) for plane in range(0x10000, 0xF0000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_ERROR_STARTS: Final = frozenset("#＃[［［eEｅＥ1１-－sSｓＳjJｊＪ")
# UTF-8's replacement character read as GBK or Latin-1.
_CLASSICS: Final = ("锟斤拷", "拷锟斤", "ï¿½")
# Memory that was never written (CC, CD, DD), read as GBK.
_UNWRITTEN: Final = re.compile(r"([烫屯葺])\1\1+")
# The three bytes of a Han character of UTF-8 read as Latin-1 or code page 1252, between ASCII. A third byte can have
# been lost as a control character, or have become a space.
_FOLLOWING: Final = "\xa1-\xb6\xb8-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_LATIN: Final = re.compile(f"(?:[ã-ï][{_FOLLOWING}·][{_FOLLOWING}· ]|[ã-ï][\xa1-\xb6\xb8-\xbf]|[ -~])+")
_LATIN_LETTER: Final = re.compile(f"[ã-ï][{_FOLLOWING}·]")
# The bytes of GBK read as Latin-1: nothing but letters and signs of the upper half, in pairs.
_UPPER_HALF: Final = re.compile("(?:[\xb0-\xf7][\xa1-\xfe]){2,}")
_HAN_ONLY: Final = re.compile(f"[{HAN}·（）()]+")
# What a program wrote instead of a character.
_ESCAPE: Final = re.compile(
    r"&(?:#[0-9]{2,7}|#x[0-9a-f]{2,6}|nbsp|amp|quot|lt|gt);|\\[ux][0-9a-f]{2}|(?:%[0-9a-f]{2}){3}", re.IGNORECASE
)


def require_whole(text: str, *, is_name: bool = False, confirmed: bool = False) -> None:
    """Raise InvalidItem(GARBLED) for a cleaned *text* that is an error of a cell, or that was decoded wrongly.

    *is_name*: a name or an address, in which a question mark or an escape stands for a character that was lost.
    *confirmed*: somebody has looked at it; then characters that only look decoded wrongly are taken as they are.
    """
    if is_garbled(text, is_name=is_name, confirmed=confirmed):
        raise InvalidItem(Flaw.GARBLED)


def is_garbled(text: str, *, is_name: bool = False, confirmed: bool = False) -> bool:
    """Return whether no person typed the cleaned *text*, as `require_whole`."""
    if not text:
        return False
    if is_cell_error(text):
        return True
    if text.isascii():
        return _has_lost_characters(text, is_name=is_name)
    if _LOST.search(text) or any(classic in text for classic in _CLASSICS) or _UNWRITTEN.fullmatch(text):
        return True
    return _has_lost_characters(text, is_name=is_name) or (not confirmed and _is_wrongly_decoded(text))


def is_cell_error(text: str) -> bool:
    """Return whether the whole of the cleaned *text* is an error of a cell, or what a program writes for no value."""
    if text[:1] not in _ERROR_STARTS or len(text) > _LONGEST_ERROR:
        return False
    return bool(_CELL_ERROR.fullmatch(squashed(text)))


def _has_lost_characters(text: str, *, is_name: bool) -> bool:
    """Return whether question marks or escapes stand for characters: any in a name, most characters of a sentence."""
    questions = text.count("?") + text.count("？")
    return 2 * questions > len(text) or (is_name and (questions > 0 or bool(_ESCAPE.search(text))))


def _is_wrongly_decoded(text: str) -> bool:
    if "\xa0" < text[0] <= "\xff" and _UPPER_HALF.fullmatch(text):
        return _decodes(text, "latin-1", "gb2312")
    if _LATIN_LETTER.search(text) and _LATIN.fullmatch(text):
        return True
    # The first byte of a Han character of UTF-8 is the first one of these characters of GBK, and of some others.
    return text[0] in _LIKE_UTF_8 and len(text) >= _SHORTEST and _decodes(text, "gbk", "utf-8")


# Three characters of GBK are six bytes, two characters of UTF-8. Two of them never are a Han character of UTF-8.
_SHORTEST: Final = 3
_LIKE_UTF_8: Final = frozenset(
    bytes((first, second)).decode("gbk", "ignore") for first in range(0xE3, 0xF0) for second in range(0x80, 0xC0)
)


def _decodes(text: str, read_as: str, written_as: str) -> bool:
    """Return whether the bytes of *text* are Han characters, and nothing else, in the encoding *written_as*."""
    try:
        return bool(_HAN_ONLY.fullmatch(text.encode(read_as).decode(written_as)))
    except UnicodeError:
        return False
