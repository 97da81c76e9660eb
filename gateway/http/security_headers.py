"""Headers that restrict what browsers do with our responses."""

from collections.abc import Mapping

from gateway.settings.settings import Settings

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY = (
    # GraphiQL's editor writes its colours as style elements and positions its lines by inline style, and has no nonce
    # for them; its small images are data. All scripts and workers are our own files.
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


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
