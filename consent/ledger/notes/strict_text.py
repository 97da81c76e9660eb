"""Numbers, bytes and lines as logs write them: each has one written form, and any other is refused.

A number is ASCII decimal digits without a leading zero, or 0, and at most 2^63 - 1. Bytes are base64 with its padding,
whose spare bits are zero [RFC 4648 section 4].
"""

import re
from base64 import b64decode, b64encode
from typing import Final

from consent.errors import LedgerRefused
from consent.ledger.flaws import LedgerFlaw

LARGEST_NUMBER: Final = 2**63 - 1
LONGEST_PATH: Final = 63
"""Hashes of the longest proof of inclusion or consistency: that of the largest tree."""
_DIGITS: Final = len(str(LARGEST_NUMBER))
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]*")


def parse_number(text: str, refused: type[LedgerRefused], largest: int = LARGEST_NUMBER) -> int:
    """Return the number that *text* is. Raises *refused*."""
    if not _NUMBER.fullmatch(text):
        raise refused(LedgerFlaw.NOT_A_NUMBER)
    if len(text) > _DIGITS or int(text) > largest:  # No long text is made into a number.
        raise refused(LedgerFlaw.NUMBER_TOO_LARGE)
    return int(text)


def parse_base64(text: str, refused: type[LedgerRefused]) -> bytes:
    """Return the bytes that *text* writes. Raises *refused*."""
    try:
        found = b64decode(text.encode("ascii"), validate=True)
    except ValueError as error:
        raise refused(LedgerFlaw.NOT_BASE64) from error
    if to_base64(found) != text:
        raise refused(LedgerFlaw.NOT_BASE64)
    return found


def to_base64(content: bytes) -> str:
    """Return *content* as base64."""
    return b64encode(content).decode("ascii")


def parse_hash(text: str, refused: type[LedgerRefused]) -> bytes:
    """Return the 32 bytes that *text* writes as base64. Raises *refused*."""
    found = parse_base64(text, refused)
    if len(found) != 32:  # noqa: PLR2004 - of SHA-256
        raise refused(LedgerFlaw.NOT_A_HASH)
    return found


def parse_text(content: bytes, refused: type[LedgerRefused], most_bytes: int) -> str:
    r"""Return *content* as text: UTF-8 without control characters but `\n`. Raises *refused*."""
    if len(content) > most_bytes:
        raise refused(LedgerFlaw.TOO_LARGE)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(LedgerFlaw.NOT_UTF8) from error
    require_text(text, refused)
    return text


def require_text(text: str, refused: type[LedgerRefused]) -> None:
    r"""Return nothing if *text* can be written as UTF-8 and has no control characters but `\n`. Raises *refused*."""
    if _CONTROL.search(text):
        raise refused(LedgerFlaw.CONTROL_CHARACTER)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise refused(LedgerFlaw.NOT_UTF8) from error
