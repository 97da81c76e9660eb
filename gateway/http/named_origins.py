"""Pages of named origins may call the gateway from a browser, without cookies: sessions are for our own origin."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.rates.rate_headers import FIELDS
from gateway.settings.settings import Settings

STREAM_TOKEN = "X-GraphQL-Event-Stream-Token"  # noqa: S105 - the name of a header, not a secret
ASKED = ("Authorization", "Content-Type", "Acting-Role", "Access-Purpose", "Prefer", "X-Request-Id", STREAM_TOKEN)
"""The request headers that this gateway reads."""
VARY = (b"vary", b"Origin")


class NamedOrigins:
    """The rules of Starlette's CORS middleware, for one who builds the list of headers itself."""

    def __init__(self, settings: Settings) -> None:
        self._rules = CORSMiddleware(
            _no_app,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST", "PUT", "DELETE"),
            allow_headers=(*ASKED, *settings.cors_headers),
            expose_headers=("X-Request-Id", "Retry-After", "WWW-Authenticate", "Preference-Applied", *FIELDS),
            allow_credentials=False,
            max_age=600,
        )
        simple = [(name.lower().encode(), value.encode()) for name, value in self._rules.simple_headers.items()]
        self._others = [*simple, VARY]
        self._named = {
            origin: [*simple, (b"access-control-allow-origin", origin.encode()), VARY]
            for origin in settings.cors_origins
        }

    def preflight(self, method: str, headers: Headers) -> Response | None:
        """Return the response to a preflight; None for any other request."""
        if method != "OPTIONS" or "origin" not in headers or "access-control-request-method" not in headers:
            return None
        return self._rules.preflight_response(request_headers=headers)

    def headers(self, origin: str | None) -> list[tuple[bytes, bytes]]:
        """Return the headers of a response to a page of *origin*."""
        if origin is None:
            return [VARY]
        return self._named.get(origin, self._others)


async def _no_app(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Stand for the app that the middleware would wrap; only its rules are used."""
