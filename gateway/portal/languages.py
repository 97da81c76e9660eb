"""The two languages of the portal. A page is in Chinese unless its visitor has switched to English."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from starlette.requests import HTTPConnection

COOKIE: Final = "chengxin-language"
YEAR_SECONDS: Final = 365 * 86_400


class PageLanguage(StrEnum):
    """A language, by its tag [BCP 47]."""

    CHINESE = "zh-CN"
    ENGLISH = "en"

    @property
    def other(self) -> "PageLanguage":
        """The language to which a page offers to switch."""
        return PageLanguage.ENGLISH if self is PageLanguage.CHINESE else PageLanguage.CHINESE

    def choose(self, chinese: str, english: str) -> str:
        """Return the text in this language."""
        return chinese if self is PageLanguage.CHINESE else english


Choose = Callable[[str, str], str]


def language_of(request: HTTPConnection) -> PageLanguage:
    """Return the language that the browser's cookie names; Chinese for none, and for one that we have not."""
    named = request.cookies.get(COOKIE)
    return PageLanguage.ENGLISH if named == PageLanguage.ENGLISH.value else PageLanguage.CHINESE
