"""Identity numbers and unified social credit codes: checked once, at the edge, and never shown in full by `repr`.

The kind of a number is always stated and never guessed: a company's code and a foreign permanent resident's number may
both begin with 9.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from credit.core.errors import InvalidIdNumber, InvalidItem, InvalidSocialCreditCode, NotWellFormed
from credit.core.flaws import Flaw
from credit.core.values.blanks import is_word_for_nothing
from credit.core.values.characters import clean
from credit.core.values.garbled import is_cell_error

_SPREADSHEET_NUMBER: Final = re.compile(r"\d(\.\d+)?E\+\d+|\d+\.0+")
# What people and programs put between the groups of a number, or before it to keep it as text.
_DRESS: Final = re.compile(r"[-\u2010-\u2015\u2212\u2043'`´‘’‛′]")
# What people type for the X at the end: a multiplication sign, a cross, the letter of another script.
_CROSS: Final = re.compile(r"(?<=\A[0-9]{17})[×✕✖⨯╳ХΧ]\Z")
_MASK: Final = re.compile(r"[*#•●○◆■□×·?_]|\.\.")
_ID_MASK: Final = re.compile(r"XX")  # a code may hold XX, an ID number never

_LENGTH: Final = 18

_ID_SHAPE: Final = re.compile(r"[0-9]{17}[0-9X]")
_OLD_ID_SHAPE: Final = re.compile(r"[0-9]{15}")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK: Final = "10X98765432"
# The first two digits of a number. County codes are not looked up: most of those in force when today's adults were
# born have been abolished since, and their bearers are as real as any. 71 is Taiwan in the table of divisions;
# 81, 82, 83 are the residence permits of people from Hong Kong, Macao and Taiwan.
_PROVINCES: Final = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
_FOREIGN: Final = "9"
# Neither is a country of [ISO 3166-1], whose three digits follow 9 and the province of application.
_NO_COUNTRY: Final = frozenset({"000", "999"})
# Nobody born before 1900 is alive, and numbers of 18 characters were first given in 1999.
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_CENTENARIANS: Final = frozenset({"996", "997", "998", "999"})

_CODE_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_SHAPE: Final = re.compile(rf"[{_CODE_ALPHABET}]{{2}}[0-9]{{6}}[{_CODE_ALPHABET}]{{8}}[0-9X][{_CODE_ALPHABET}]")
_CODE_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
# 1 staffing boards, 2 foreign affairs, 3 justice, 4 culture, 5 civil affairs, 6 tourism, 7 religion, 8 trade unions,
# 9 market regulation, A the military's staffing board, N agriculture (village collectives), Y others.
# With the categories that each of them gives: [GB 32100] table 1, and what is in use besides: 4 of civil affairs are
# villagers' and residents' committees, and Y never divides its own.
_CATEGORIES: Final[Mapping[str, str]] = {
    "1": "1239",
    "2": "19",
    "3": "123459",
    "4": "19",
    "5": "12349",
    "6": "129",
    "7": "129",
    "8": "19",
    "9": "1239",
    "A": "19",
    "N": "1239",
    "Y": "1",
}
_NO_DIVISIONS: Final = frozenset({"000000", "999999"})


class IdentifierKind(StrEnum):
    """The kinds of identifier. A number that begins with 9 may be either: the kind is always stated, never guessed."""

    ID_NUMBER = "ID_NUMBER"
    SOCIAL_CREDIT_CODE = "SOCIAL_CREDIT_CODE"


@dataclass(frozen=True, slots=True, repr=False)
class IdNumber:
    """A resident's 18-character identity number, known to be well formed.

    Source: [GB 11643], check character by ISO 7064 MOD 11-2. Also the numbers of residence permits for people from Hong
    Kong, Macao and Taiwan, and of foreign permanent residents, which follow the same pattern. `is_born` checks the
    birth date against a day, because that needs a clock.
    """

    text: str
    derived: bool = field(default=False, compare=False)
    """Whether it was derived from a number of 15 digits, so that its check character does not detect typing errors."""

    def __post_init__(self) -> None:
        flaw = _flaw_of_id_number(self.text)
        if flaw is not None:
            raise InvalidIdNumber(flaw)

    @classmethod
    def parse(cls, raw: str) -> "IdNumber":
        """Parse a number as people write it: with spaces or hyphens, full-width, with a cross for X, or of 15 digits.

        Raises InvalidIdNumber, which never quotes *raw*.
        """
        text = _normalised(raw, InvalidIdNumber)
        if _OLD_ID_SHAPE.fullmatch(text):
            return cls(_upgraded(text), derived=True)
        return cls(text)

    @property
    def born(self) -> date:
        """The birth date that the number states."""
        return birth_date_of(self.text)

    @property
    def area(self) -> str:
        """The division in which the number was first given: 370305. It may have been abolished since.

        Of a foreign permanent resident: 9, the province of application, the country of nationality.
        """
        return self.text[:6]

    def is_born(self, on: date) -> bool:
        """Return whether the stated birth date is not after the day *on*."""
        return self.born <= on

    def __repr__(self) -> str:
        return "IdNumber(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, repr=False)
class SocialCreditCode:
    """A unified social credit code, known to be well formed.

    Source: [GB 32100]: authority, category, six digits of division, the organisation code of [GB 11714] with its own
    check character (MOD 11), and a check character over all (MOD 31). The letters I, O, S, V, Z are not used.
    """

    text: str

    def __post_init__(self) -> None:
        flaw = _flaw_of_social_credit_code(self.text)
        if flaw is not None:
            raise InvalidSocialCreditCode(flaw)

    @classmethod
    def parse(cls, raw: str) -> "SocialCreditCode":
        """Parse a code as people write it: with spaces or hyphens, full-width, lower-case.

        Raises InvalidSocialCreditCode, which never quotes *raw*.
        """
        return cls(_normalised(raw, InvalidSocialCreditCode))

    @property
    def is_sole_trader(self) -> bool:
        """Return whether the code is a sole trader's, and so identifies one person."""
        return self.text.startswith("92")

    def __repr__(self) -> str:
        return "SocialCreditCode(…)"

    __str__ = __repr__


Identifier = IdNumber | SocialCreditCode


def birth_date_of(number: str) -> date:
    """Return the birth date in an identity number on record, which was checked by the rules of its day."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def parse_identifier(kind: IdentifierKind, raw: str) -> Identifier:
    """Read *raw* as an identifier of the stated *kind*.

    Raises InvalidIdNumber or InvalidSocialCreditCode; InvalidItem for a blank or an error value.
    """
    match kind:
        case IdentifierKind.ID_NUMBER:
            return IdNumber.parse(raw)
        case IdentifierKind.SOCIAL_CREDIT_CODE:
            return SocialCreditCode.parse(raw)


def _normalised(raw: str, refusal: type[NotWellFormed]) -> str:
    """Return *raw* in ASCII capitals without spaces and hyphens; refuse text that cannot be a number."""
    cleaned = clean(raw)
    if is_cell_error(cleaned):
        raise InvalidItem(Flaw.GARBLED)
    # NFKC turns full-width digits into ASCII; the test below then refuses digits of other scripts.
    text = _DRESS.sub("", "".join(unicodedata.normalize("NFKC", cleaned).split())).upper()
    if not text or is_word_for_nothing(cleaned):
        raise InvalidItem(Flaw.REQUIRED)
    if _SPREADSHEET_NUMBER.fullmatch(text):
        raise refusal(Flaw.ROUNDED)
    text = _CROSS.sub("X", text)
    if _MASK.search(text) or (refusal is InvalidIdNumber and _ID_MASK.search(text)):
        raise refusal(Flaw.MASKED)
    if not text.isascii():
        raise refusal(Flaw.ALPHABET)
    return text


def _upgraded(old: str) -> str:
    """Return the 18-character form of a 15-digit number: with the century inserted and the check character added."""
    # Among the 15-digit numbers, these sequences were reserved for people of a hundred years and more.
    century = "18" if old[-3:] in _CENTENARIANS else "19"
    body = f"{old[:6]}{century}{old[6:]}"
    return body + _id_check_character(body)


def _flaw_of_id_number(text: str) -> Flaw | None:
    if len(text) != _LENGTH:
        return Flaw.LENGTH
    if not _ID_SHAPE.fullmatch(text):
        return Flaw.ALPHABET
    tests = (
        (_is_area(text[:6]), Flaw.REGION),
        (_is_birth_date(text[6:14]), Flaw.BIRTH_DATE),
        (text[14:17] != "000", Flaw.SEQUENCE),
        (text[17] == _id_check_character(text), Flaw.CHECK_CHARACTER),
    )
    return next((flaw for passed, flaw in tests if not passed), None)


def _is_area(digits: str) -> bool:
    """Return whether a number can begin so: with a province, or with 9, a province and a country."""
    if digits[0] == _FOREIGN:
        return digits[1:3] in _PROVINCES and digits[3:] not in _NO_COUNTRY
    return digits[:2] in _PROVINCES


def _is_birth_date(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _id_check_character(text: str) -> str:
    """Return the check character over the first 17 digits by ISO 7064 MOD 11-2."""
    return _ID_CHECK[sum(int(digit) * weight for digit, weight in zip(text, _ID_WEIGHTS, strict=False)) % 11]


def _flaw_of_social_credit_code(text: str) -> Flaw | None:
    if len(text) != _LENGTH:
        return Flaw.LENGTH
    if not _CODE_SHAPE.fullmatch(text):
        return Flaw.ALPHABET
    tests = (
        (text[0] in _CATEGORIES, Flaw.AUTHORITY),
        (text[1] in _CATEGORIES.get(text[0], ""), Flaw.CATEGORY),
        (text[2:8] not in _NO_DIVISIONS, Flaw.REGION),
        # No organisation has the code of zeros, although its check character would be valid.
        (text[8:17] != "000000000", Flaw.ORGANISATION_CODE),
        (text[16] == _organisation_check_character(text[8:16]), Flaw.ORGANISATION_CODE),
        (text[17] == _code_check_character(text), Flaw.CHECK_CHARACTER),
    )
    return next((flaw for passed, flaw in tests if not passed), None)


def _organisation_check_character(body: str) -> str:
    """Return the check character of an organisation code by [GB 11714]: letters count 10 to 35, MOD 11."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def _code_check_character(text: str) -> str:
    """Return the check character over the first 17 characters by [GB 32100]: powers of three, MOD 31."""
    pairs = zip(text, _CODE_WEIGHTS, strict=False)
    return _CODE_ALPHABET[-sum(_CODE_ALPHABET.index(character) * weight for character, weight in pairs) % 31]
