"""The page that verifies a receipt in the browser: one file, `gateway/static/verify-receipt.html`, which loads nothing.

As `/verify-receipt` it comes with the policy of this gateway's logs in its field; whoever has the policy by another way
pastes that one. Its own header of the file is its policy here too, so that nothing can leave the page.
"""

import re
from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.http.developer_pages import STATIC

PATH: Final = "/verify-receipt"
FILE: Final = STATIC / "verify-receipt.html"
_EMPTY: Final = '<textarea id="policy" spellcheck="false"></textarea>'
_CONTENT_POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')


def receipt_page_routes(policy: bytes) -> list[Route]:
    """Return the route of the page, with *policy* in its field."""
    page = FILE.read_text(encoding="utf-8")
    found = _CONTENT_POLICY.search(page)
    if found is None or _EMPTY not in page:
        raise ValueError("the page has lost its policy or its field")
    filled = page.replace(_EMPTY, _EMPTY.replace("></", f">{escape(policy.decode('utf-8', 'replace'))}</"))
    headers = {"Content-Security-Policy": f"{found[1]}; frame-ancestors 'none'"}

    async def answer(_: Request) -> Response:
        return HTMLResponse(filled, headers=headers)

    return [Route(PATH, answer)]
