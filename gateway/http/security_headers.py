"""Headers that restrict what browsers do with our responses, and which origins may call us."""

from collections.abc import Mapping

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from gateway.settings.settings import Settings

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY = (
    # GraphiQL's editor positions its lines by inline style. All scripts are our own files.
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
ASKED = ("Authorization", "Content-Type", "Acting-Role", "Access-Purpose", "X-Request-Id")
"""The request headers that this gateway reads."""


def security_headers(settings: Settings) -> Mapping[str, str]:
    """Return the headers of every response; a response's own headers come first."""
    always = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Security-Policy": DATA_POLICY,
        # A response is for one caller, one moment and one purpose.
        "Cache-Control": "no-store",
    }
    return always if settings.is_demo else always | {"Strict-Transport-Security": "max-age=31536000"}


def for_named_origins(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Return *app*, callable from pages of the origins in the settings. No cookies: we use none."""
    if not settings.cors_origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=settings.cors_origins,
        allow_methods=("GET", "POST"),
        allow_headers=(*ASKED, *settings.cors_headers),
        expose_headers=("X-Request-Id", "Retry-After", "WWW-Authenticate"),
        allow_credentials=False,
        max_age=600,
    )
