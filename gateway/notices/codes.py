r"""The code at the foot of a notice, by which its recipient can have it checked.

    code    = base32(HMAC-SHA256(key, "chengxin notice code v1\n" + facts))[:16], printed as ABCD-EFGH-IJKL-MNOP
    facts   = {"facts":{"addressee":"…","number":"…",…},"kind":"NOTICE"}      UTF-8, keys sorted, no spaces

80 bits: nobody hits one by trying, and a person can read it out on the telephone. Keyed, because the facts of a notice
can be guessed, and whoever finds the code must not be able to try them.
"""

import hashlib
import hmac
from base64 import b32encode
from typing import Final

import orjson

from credit.notices import Notice, items
from gateway.notices.refusals import CodeKeyTooShort, CodeRefused

KEY_BYTES: Final = 32
_BYTES: Final = 10
_PURPOSE: Final = b"chengxin notice code v1\n"


def code_of(notice: Notice, key: bytes) -> str:
    """Return the code of a notice. Raises CodeKeyTooShort."""
    if len(key) < KEY_BYTES:
        raise CodeKeyTooShort
    tag = hmac.digest(key, _PURPOSE + canonical(notice), hashlib.sha256)
    letters = b32encode(tag[:_BYTES]).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def verify(code: str, notice: Notice, key: bytes) -> None:
    """Raise CodeRefused unless *code* is that of the notice, however it was typed: small, or without its hyphens."""
    typed = "".join(code.split()).replace("-", "").upper()
    if not hmac.compare_digest(typed.encode(), code_of(notice, key).replace("-", "").encode()):
        raise CodeRefused


def canonical(notice: Notice) -> bytes:
    """Return the facts of a notice in their one spelling: what is printed is what is checked."""
    facts = {item.name: item.text for item in items(notice)}
    return orjson.dumps({"kind": notice.kind.value, "facts": facts}, option=orjson.OPT_SORT_KEYS)
