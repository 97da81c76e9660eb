"""Renders the templates of the portal, and serves its style. A page loads nothing from elsewhere and runs no script."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

HOME: Final = "/portal"
FOLDER: Final = Path(__file__).parent
CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
_STYLE: Final = (FOLDER / "static" / "portal.css").read_bytes()
_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    template: str, facts: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a page; *facts* are what its template shows, escaped. Raises jinja2.UndefinedError for one missing."""
    content = _TEMPLATES.get_template(template).render(facts)
    return HTMLResponse(content, status, headers={"Content-Security-Policy": CONTENT_POLICY, **(headers or {})})


def style_route() -> Route:
    """Return `/static/portal.css`, which a browser may cache, and validates again by its ETag."""
    tag = f'"{sha256(_STYLE).hexdigest()[:32]}"'

    async def serve(request: Request) -> Response:
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(_STYLE, media_type="text/css", headers=headers)

    return Route("/static/portal.css", serve)
