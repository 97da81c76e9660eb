"""Reads the forms of the portal's pages [HTML, application/x-www-form-urlencoded].

POST /portal/role
Content-Type: application/x-www-form-urlencoded

form-token=1kQz…&role=handler
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.body_limits import read_body

FORM: Final = "application/x-www-form-urlencoded"
LARGEST: Final = 65_536
"""In bytes, as sent. A Chinese character takes nine of them, so a text of some thousand characters fits."""
MOST_FIELDS: Final = 100


async def read_form(request: Request, largest: int = LARGEST) -> Mapping[str, str]:
    """Return the fields of a form of at most *largest* bytes, empty ones too. A name that comes twice is refused.

    Raises HttpRefusal (CONTENT_TYPE_REFUSED, BODY_TOO_LARGE, BAD_REQUEST), ClientGone.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HttpRefusal(Code.CONTENT_TYPE_REFUSED)
    body = await read_body(request.headers, request.receive, largest)
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise HttpRefusal(Code.BAD_REQUEST) from None
    form = dict(fields)
    if len(form) != len(fields):
        raise HttpRefusal(Code.BAD_REQUEST)
    return form
