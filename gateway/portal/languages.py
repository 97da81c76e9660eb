"""The two languages of the portal. A page is in Chinese unless its visitor has switched to English."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from starlette.requests import HTTPConnection

COOKIE: Final = "chengxin-language"
YEAR_SECONDS: Final = 365 * 86_400


class Language(StrEnum):
    """A language, by its tag [BCP 47]."""

    CHINESE = "zh-CN"
    ENGLISH = "en"

    @property
    def other(self) -> "Language":
        """The language to which a page offers to switch."""
        return Language.ENGLISH if self is Language.CHINESE else Language.CHINESE

    def choose(self, chinese: str, english: str) -> str:
        """Return the text in this language."""
        return chinese if self is Language.CHINESE else english


Choose = Callable[[str, str], str]


def language_of(request: HTTPConnection) -> Language:
    """Return the language that the browser's cookie names; Chinese for none, and for one that we have not."""
    named = request.cookies.get(COOKIE)
    return Language.ENGLISH if named == Language.ENGLISH.value else Language.CHINESE
