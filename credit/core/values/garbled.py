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
    r"|(?:-?1\.)#(?:IND|QNAN|SNAN|INF)0*|\[OBJECT(?:\w+)?\]|SYSTEM\.[A-Z]\w*(?:\.\w+)*|\[?JAVA\.\w+(?:\.\w+)*(?:@[0-9A-F]+)?"
)
_LONGEST_ERROR: Final = 100
# U+FFFD and the object of a picture; private use of all planes; code points that are no characters.
_LOST: Final = re.compile(
    "[\ufffc\ufffd\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff"
    + "".join(chr(plane + last) for plane in range(0x10000, 0xF0000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)
# UTF-8's replacement character read as GBK or Latin-1, and memory that was never written, read as GBK (CC, CD, DD).
_CLASSICS: Final = re.compile(r"锟斤拷|拷锟斤|ï¿½|(?s:\A([烫屯葺])\1\1+\Z)")
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
_QUESTION_MARK: Final = re.compile(r"[?？]")


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
    if _LOST.search(text) or _CLASSICS.search(text) or is_cell_error(text) or _is_questions(text):
        return True
    if is_name and (_QUESTION_MARK.search(text) or _ESCAPE.search(text)):
        return True
    return not confirmed and _is_wrongly_decoded(text)


def is_cell_error(text: str) -> bool:
    """Return whether the whole of the cleaned *text* is an error of a cell, or what a program shows of an object."""
    return len(text) <= _LONGEST_ERROR and bool(_CELL_ERROR.fullmatch(squashed(text)))


def _is_questions(text: str) -> bool:
    """Return whether most of *text* was replaced by question marks."""
    return 2 * len(_QUESTION_MARK.findall(text)) > len(text)


def _is_wrongly_decoded(text: str) -> bool:
    if text.isascii():
        return False
    if _LATIN.fullmatch(text) and _LATIN_LETTER.search(text):
        return True
    if _UPPER_HALF.fullmatch(text):
        return _decodes(text, "latin-1", "gb2312")
    return len(text) >= _SHORTEST and _decodes(text, "gbk", "utf-8")


# Three characters of GBK are six bytes, two characters of UTF-8. Two of them never are a Han character of UTF-8.
_SHORTEST: Final = 3


def _decodes(text: str, read_as: str, written_as: str) -> bool:
    """Return whether the bytes of *text* are Han characters, and nothing else, in the encoding *written_as*."""
    try:
        return bool(_HAN_ONLY.fullmatch(text.encode(read_as).decode(written_as)))
    except UnicodeError:
        return False
