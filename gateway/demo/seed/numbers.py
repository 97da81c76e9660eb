"""Synthetic numbers: well formed, so that every check accepts them, and certain to belong to no real person.

- Identity numbers state a birth between 1900 and 1912: no living person is of that age.
- Social credit codes have an organisation code that begins with YY; those that are issued begin with a digit or M.
- Telephone numbers begin with 179, the prefix of dial-in codes (17900, 17909, …), which no mobile number can have.

All are functions of a running number, independent of the seed, so that an example can name one.
"""

from datetime import date, timedelta

from credit.core.errors import InvalidIdNumber, InvalidSocialCreditCode
from credit.core.flaws import Flaw
from credit.core.values.identifiers import IdNumber, SocialCreditCode
from credit.subjects.subject import SubjectKind
from gateway.demo.district.district import DISTRICT

FIRST_BIRTH = date(1900, 1, 1)
BIRTHS = (date(1912, 12, 31) - FIRST_BIRTH).days + 1
STRIDE = 3
"""Days between one person's birth and the next one's; prime to `BIRTHS`, so that all days are used in turn."""
CODE_PREFIX = {SubjectKind.LEGAL_PERSON: "91", SubjectKind.SOLE_TRADER: "92", SubjectKind.OTHER_ORGANISATION: "52"}
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LARGEST = 99_999
"""The most numbers of each kind."""


class NoNumber(Exception):
    """There are more subjects than synthetic numbers."""


def id_number(index: int) -> str:
    """Return the identity number of the demo's person *index*."""
    born = FIRST_BIRTH + timedelta(days=index * STRIDE % BIRTHS)
    body = f"{DISTRICT}{born:%Y%m%d}{1 + index // BIRTHS:03d}"
    for character in "0123456789X":
        try:
            return IdNumber.parse(body + character).text
        except InvalidIdNumber:
            continue
    raise NoNumber


def social_credit_code(kind: SubjectKind, index: int) -> str:
    """Return the code of the demo's organisation *index* of its kind."""
    if index > LARGEST:
        raise NoNumber
    body = f"{CODE_PREFIX[kind]}{DISTRICT}YY0{index:05d}"
    for organisation in "0123456789X":
        for character in ALPHABET:
            try:
                return SocialCreditCode.parse(f"{body}{organisation}{character}").text
            except InvalidSocialCreditCode as refused:
                if refused.flaw is Flaw.ORGANISATION_CODE:
                    break
    raise NoNumber


def phone(index: int) -> str:
    """Return a telephone number that is assigned to no person."""
    return f"179{index:08d}"
