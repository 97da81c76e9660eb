r"""The code at the foot of a notice, by which its recipient can check it.

    code    = base32(HMAC-SHA256(key, "chengxin notice code v1\n" + facts))[:16], printed as ABCD-EFGH-IJKL-MNOP
    facts   = {"facts":{"addressee":"…","number":"…",…},"kind":"NOTICE"}      UTF-8, keys sorted, no spaces

80 bits: they cannot be guessed, and a person can read them out on the telephone. The hash is keyed, because the facts
of a notice can be guessed, and a code must not let its finder test guesses.
"""

import hashlib
import hmac
import re
import unicodedata
from base64 import b32encode
from collections.abc import Callable
from typing import Final

import orjson

from credit.notices.facts import Notice, items
from gateway.notices.errors import CodeKeyTooShort, CodeRefused

KEY_BYTES: Final = 32
_BYTES: Final = 10
_PURPOSE: Final = b"chengxin notice code v1\n"


def code_of(notice: Notice, key: bytes) -> str:
    """Return the code of a notice. Raises CodeKeyTooShort."""
    if len(key) < KEY_BYTES:
        raise CodeKeyTooShort
    return code_by(notice, lambda written: hmac.digest(key, written, hashlib.sha256))


def code_by(notice: Notice, tag_of: Callable[[bytes], bytes]) -> str:
    """Return the code of a notice by a keyed hash whose key stays secret, such as the keyring's."""
    tag = tag_of(_PURPOSE + canonical(notice))
    letters = b32encode(tag[:_BYTES]).decode()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def verify(code: str, notice: Notice, key: bytes) -> None:
    """Raise CodeRefused unless *code* belongs to the notice; lower case and missing hyphens are accepted."""
    if not hmac.compare_digest(normal(code), code_of(notice, key).replace("-", "").encode()):
        raise CodeRefused


def normal(code: str) -> bytes:
    """Return the form in which codes are compared: upper case, half width, without hyphens."""
    return re.sub(r"[\s\-‐-―－]", "", unicodedata.normalize("NFKC", code)).upper().encode()


def hash_of(code: str) -> bytes:
    """Return the hash by which a document is found. It needs no key: 80 bits cannot be guessed."""
    return hashlib.sha256(b"chengxin notice code hash v1\n" + normal(code)).digest()


def canonical(notice: Notice) -> bytes:
    """Return the canonical bytes of a notice's facts: the printed facts and the checked facts are the same."""
    facts = {item.name: item.text for item in items(notice)}
    return orjson.dumps({"kind": notice.kind.value, "facts": facts}, option=orjson.OPT_SORT_KEYS)
