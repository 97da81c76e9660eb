"""GB18030 as Chinese Windows writes it: code page 936 has the euro sign at byte 0x80.

Python's decoder lacks that byte. The error handler `ERRORS` reads it as U+20AC, as the WHATWG's gb18030 decoder does,
and leaves every other wrong byte an error.
"""

import codecs
from typing import Final

ERRORS: Final = "chengxin-euro"
_EURO_BYTE: Final = 0x80


def decoding_errors(encoding: str) -> str:
    """Return the error handler with which a file in *encoding* is decoded."""
    if encoding != "gb18030":
        return "strict"
    codecs.register_error(ERRORS, _read_euro)
    return ERRORS


def _read_euro(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == _EURO_BYTE:
        # Only this byte is taken: in 0x80 0x31 the decoder complains of both, and the second one is a digit.
        return "\u20ac", error.start + 1
    raise error
