"""Requests of browsers: the cookies, and the proof that a page of our own sends the request.

    Cookie: __Host-chengxin=6Vn3…        43 characters, 256 random bits; HttpOnly, Secure, SameSite=Lax, Path=/
    X-CSRF-Token: 1kQz…                  43 characters, HMAC-SHA-256 under the cookie's value: no script can read that
    Sec-Fetch-Site: same-origin          where the browser says it [Fetch Metadata]
    Origin: https://credit.example       where the browser says it [RFC 6454]

Without https, which a demo on loopback has not, browsers take neither `Secure` nor the prefix `__Host-`: the cookie is
`chengxin` there.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response

from gateway.http.errors import Code, HttpRefusal

CSRF_HEADER: Final = "X-CSRF-Token"
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
OPENED_BY_US: Final = frozenset({None, "same-origin", "none"})
"""What a browser says of a page that a page of ours or its own address bar opened; None where it says nothing."""
_PURPOSE: Final = b"chengxin/csrf/1"


def as_text(secret: bytes) -> str:
    """Return bytes in base64url without padding [RFC 4648 5]."""
    return urlsafe_b64encode(secret).rstrip(b"=").decode()


def secret_hash(secret: str) -> bytes:
    """Return the hash by which a random secret is found. Nobody can guess 256 bits, so it needs no key."""
    return hashlib.sha256(secret.encode()).digest()


def csrf_token(cookie: str) -> str:
    """Return the token that pages send in the header. It follows from the cookie, and does not lead back to it."""
    return as_text(hmac.digest(cookie.encode(), _PURPOSE, "sha256"))


def is_opened_by_us(headers: Headers) -> bool:
    """Whether no page of another site opens this one, as far as the browser says."""
    return headers.get("sec-fetch-site") in OPENED_BY_US


class BrowserRules:
    """The cookies of the gateway at *public_url*, and what a request with them must prove."""

    def __init__(self, public_url: str) -> None:
        self._origin = public_url
        self._is_secure = public_url.startswith("https:")
        self.session_cookie = "__Host-chengxin" if self._is_secure else "chengxin"
        self.login_cookie = f"{self.session_cookie}-login"

    def cookie(self, headers: Headers, name: str) -> str | None:
        """Return the value of a cookie; an empty text for one that is malformed or sent twice, None for none."""
        found = [
            value
            for line in headers.getlist("cookie")
            for part in line.split(";")
            for key, _, value in [part.strip().partition("=")]
            if key == name
        ]
        if not found:
            return None
        return found[0] if len(found) == 1 and SECRET.fullmatch(found[0]) else ""

    def set(self, response: Response, name: str, value: str, seconds: int | None = None) -> None:
        """Give the browser a cookie, until it is closed or for *seconds*."""
        response.set_cookie(
            name, value, max_age=seconds, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )

    def clear(self, response: Response, name: str) -> None:
        """Take a cookie from the browser."""
        self.set(response, name, "", 0)

    def require_own_page(self, headers: Headers) -> None:
        """Raise HttpRefusal(CROSS_SITE) where the browser says that a page of another origin sends the request."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if (site is not None and site != "same-origin") or (origin is not None and origin != self._origin):
            raise HttpRefusal(Code.CROSS_SITE)

    def require_csrf_token(self, headers: Headers, cookie: str) -> None:
        """Raise HttpRefusal unless a page of ours sends the request, and shows the token of its session."""
        sent = headers.getlist(CSRF_HEADER)
        self.require_form_token(headers, cookie, sent[0] if len(sent) == 1 else "")

    def require_form_token(self, headers: Headers, cookie: str, shown: str) -> None:
        """Raise HttpRefusal unless a page of ours sends the form, and *shown* in it is the token of its session."""
        self.require_own_page(headers)
        if not hmac.compare_digest(shown.encode(), csrf_token(cookie).encode()):
            raise HttpRefusal(Code.CSRF_TOKEN)
