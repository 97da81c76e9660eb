"""Parses JSON that others sent. An object that names a key twice is refused: two readers would read it differently.

A byte order mark before it is ignored, as RFC 8259 section 8.1 allows: editors of Windows write one.
"""

import json
from codecs import BOM_UTF8
from typing import Any

import orjson


class InvalidJson(ValueError):
    """The text is no JSON. The message does not quote it."""


class DuplicateKey(InvalidJson):
    """An object names the same key twice, so that its value depends on who reads it [RFC 8259 section 4]."""


def parse_json(text: bytes) -> Any:  # noqa: ANN401 - the sender chose its type
    """Return the value in *text*, UTF-8; raises InvalidJson or DuplicateKey."""
    text = text.removeprefix(BOM_UTF8)
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InvalidJson from None
    # orjson keeps the last value of a key; the standard library shows every pair. Numbers are not parsed again.
    if _is_whole(found, text):
        return found
    try:
        _PAIRS.decode(text.decode())
    except RecursionError:  # it descends less deep than orjson
        raise InvalidJson from None
    return found


def _is_whole(found: object, text: bytes) -> bool:
    """Return whether orjson writes *found* as *text*: then nothing was left out. Most clients write as it does."""
    try:
        return orjson.dumps(found) == text
    except orjson.JSONEncodeError:  # it writes less deep than it reads
        return False


def _pairs(pairs: list[tuple[str, object]]) -> None:
    if len(pairs) != len({key for key, _ in pairs}):
        raise DuplicateKey


_PAIRS = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=str, parse_float=str)

__all__ = ["DuplicateKey", "InvalidJson", "parse_json"]
