"""What a form of a page may be: urlencoded, of a bounded size, one value a name."""

import pytest
from starlette.requests import Request
from starlette.types import Message

from gateway.http.errors import HttpRefusal
from gateway.portal.forms import FORM, read_form

LARGEST = 40


def request(body: bytes, content_type: str, announced: int | None) -> Request:
    parts = [body[:5], body[5:]]

    async def receive() -> Message:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    headers = [(b"content-type", content_type.encode())]
    if announced is not None:
        headers.append((b"content-length", str(announced).encode()))
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


@pytest.mark.parametrize(
    ("case", "content_type", "body", "found"),
    [
        ("fields", FORM, b"a=1&b=x+y%2B", {"a": "1", "b": "x y+"}),
        ("Chinese, and a type with its charset", f"{FORM.upper()}; charset=UTF-8", b"a=%E4%BF%A1", {"a": "信"}),
        ("an empty field", FORM, b"a=&b=1", {"a": "", "b": "1"}),
        ("no field", FORM, b"", {}),
        ("a name twice", FORM, b"a=1&a=1", "BAD_REQUEST"),
        ("a name without a value", FORM, b"a", "BAD_REQUEST"),
        ("no UTF-8", FORM, b"a=%FF", "BAD_REQUEST"),
        ("bytes that are not encoded", FORM, "a=信".encode(), "BAD_REQUEST"),
        ("JSON", "application/json", b'{"a": "1"}', "CONTENT_TYPE_REFUSED"),
        ("files", "multipart/form-data; boundary=x", b"--x--", "CONTENT_TYPE_REFUSED"),
        ("no type", "", b"a=1", "CONTENT_TYPE_REFUSED"),
        ("the largest", FORM, b"a=" + b"x" * (LARGEST - 2), {"a": "x" * (LARGEST - 2)}),
        ("one byte more", FORM, b"a=" + b"x" * (LARGEST - 1), "BODY_TOO_LARGE"),
    ],
)
@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "chunked"])
async def test_a_form_is_read_or_refused_by_name(
    case: str, content_type: str, body: bytes, found: object, *, is_announced: bool
) -> None:
    sent = request(body, content_type, len(body) if is_announced else None)
    try:
        answer: object = await read_form(sent, LARGEST)
    except HttpRefusal as refusal:
        answer = refusal.code.value
    assert answer == found, case


async def test_a_form_has_a_bounded_number_of_fields() -> None:
    with pytest.raises(HttpRefusal) as refused:
        await read_form(request("&".join(f"a{n}=" for n in range(101)).encode(), FORM, None))
    assert refused.value.code == "BAD_REQUEST"
