"""JSON that others sent: one value for each key, or none at all [RFC 8259 section 4]."""

import orjson
import pytest

from gateway.json_input import DuplicateKey, InvalidJson, parse_json


@pytest.mark.parametrize(
    "text",
    [
        b"null", b"[]", b'{"a": {"b": 1}, "b": [{"a": 1}, {"a": 2}]}', b'{"a":{"b":1},"b":[{"a":1},{"a":2}]}',
        b'{"a": 1.5e3, "b": -0}', b'"\\u0061"', b"7", b"[" * 300 + b"]" * 300,
    ],
)  # fmt: skip
def test_a_text_has_the_value_that_orjson_reads(text: bytes) -> None:
    assert parse_json(text) == orjson.loads(text)


def test_one_byte_order_mark_before_a_text_is_ignored() -> None:
    assert parse_json('\ufeff{"a": "\ufeff"}'.encode()) == {"a": "\ufeff"}
    with pytest.raises(DuplicateKey):
        parse_json('\ufeff{"a": 1, "a": 2}'.encode())


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": 1, "a": 1}',
        b'{"a":1,"a":1}',
        b'{"b":{"a":"\\u00e9","a":"\\u00e9"}}',
        b'{"a": 1, "b": {"c": 1, "c": 2}}',
        b'[{"a": 1}, {"a": 1, "a": 2}]',
        b'{"a": 1, "\\u0061": 2}',
    ],
)
def test_a_key_that_stands_twice_is_refused(text: bytes) -> None:
    with pytest.raises(DuplicateKey):
        parse_json(text)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"NaN", b'{"a": NaN}', b"\xff", b"[" * 3_000, b"1 2", "\ufeff\ufeff1".encode(), "\ufeff".encode()],
)
def test_a_text_that_is_no_json_is_refused_without_a_quotation(text: bytes) -> None:
    with pytest.raises(InvalidJson) as refused:
        parse_json(text)
    assert str(refused.value) == ""
