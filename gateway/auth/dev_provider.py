"""The demo's own identity provider: logs anybody in as any persona, so that pages log in there as in production.

    GET  /dev/authorize      a page with the personas; `persona=…` beside what a client asks for goes back with a code
    POST /dev/oidc/token     tokens for a code or a refresh token; the gateway itself calls it, without a socket
    GET  /dev/logout         goes back to the page that the client names

Codes and refresh tokens are signed, so that every process of the demo takes those of the others. The gateway uses a
code once, since it takes the `state` that came with it once.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, Router

from gateway.auth.bearer_tokens import read_signed, require_times_and_parties
from gateway.auth.dev_issuer import LIFETIME_SECONDS, DevIssuer
from gateway.http.errors import Code, HttpRefusal
from gateway.login.browser_requests import as_text
from gateway.portal.pages import page
from gateway.settings.settings import DEMO_ISSUER, Settings

METADATA_URL: Final = "http://127.0.0.1/dev/openid-configuration"
CODE_SECONDS: Final = 60
CODE, REFRESH = "urn:chengxin:demo-code", "urn:chengxin:demo-refresh"
"""The audiences of codes and refresh tokens: neither is an access token."""


class DevProvider:
    """An OpenID Connect provider over the tokens of *issuer*; its only client is the gateway itself."""

    def __init__(self, settings: Settings, issuer: DevIssuer, now: Callable[[], datetime]) -> None:
        self._issuer = issuer
        self._now = now
        self._base = settings.browser_url
        self._client_id = str(settings.oidc_client_id)

    def routes(self) -> list[Route]:
        """Return the routes for browsers."""
        return [Route("/dev/authorize", self._authorize), Route("/dev/logout", self._log_out)]

    def client(self) -> httpx.AsyncClient:
        """Return what the gateway asks this provider with: calls within the process."""
        router = Router(
            [
                Route("/dev/openid-configuration", self._describe),
                Route("/dev/oidc/token", self._give_tokens, methods=["POST"]),
            ]
        )
        return httpx.AsyncClient(transport=httpx.ASGITransport(router))

    async def _describe(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": DEMO_ISSUER,
                "authorization_endpoint": f"{self._base}/dev/authorize",
                "token_endpoint": METADATA_URL.replace("openid-configuration", "oidc/token"),
                "end_session_endpoint": f"{self._base}/dev/logout",
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        back = asked.get("redirect_uri", "")
        if not back.startswith(f"{self._base}/") or asked.get("client_id") != self._client_id:
            raise HttpRefusal(Code.NOT_FOUND)
        name = asked.pop("persona", None)
        if name is None:
            personas = [
                (*each.title.partition(" · ")[::2], urlencode({**asked, "persona": each.name}))
                for each in self._issuer.personas.values()
            ]
            return page("personas.html", {"personas": personas})
        if name not in self._issuer.personas:
            raise HttpRefusal(Code.PERSONA_UNKNOWN)
        kept = {"nonce": asked.get("nonce"), "challenge": asked.get("code_challenge"), "back": back}
        code = self._sign(CODE, CODE_SECONDS, persona=name, **kept)
        answer = {"code": code, "state": asked.get("state", ""), "iss": DEMO_ISSUER}
        return RedirectResponse(f"{back}?{urlencode(answer)}", 303)

    async def _log_out(self, request: Request) -> Response:
        back = request.query_params.get("post_logout_redirect_uri", "")
        if not back.startswith(f"{self._base}/"):
            raise HttpRefusal(Code.NOT_FOUND)
        return RedirectResponse(back, 303)

    async def _give_tokens(self, request: Request) -> Response:
        given = dict(parse_qsl((await request.body()).decode("ascii", "replace")))
        try:
            persona, nonce = await self._granted(given)
            access = self._issuer.mint(persona)
        except (HttpRefusal, KeyError):
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = self._issuer.personas[persona].claims
        identity = {"sub": claims["sub"], "nonce": nonce}
        return JSONResponse(
            {
                "token_type": "Bearer",
                "access_token": access,
                "id_token": self._sign(self._client_id, LIFETIME_SECONDS, **identity),
                "refresh_token": self._sign(REFRESH, LIFETIME_SECONDS * 2, persona=persona),
            }
        )

    async def _granted(self, given: Mapping[str, str]) -> tuple[str, str | None]:
        """Return the persona and the nonce that a code or a refresh token grants; raises HttpRefusal, KeyError."""
        if given["grant_type"] == "refresh_token":
            return (await self._read(given["refresh_token"], REFRESH))["persona"], None
        code = await self._read(given["code"], CODE)
        shown = as_text(hashlib.sha256(given["code_verifier"].encode()).digest())
        is_asker = hmac.compare_digest(shown, str(code["challenge"])) and code["back"] == given["redirect_uri"]
        if not is_asker:
            raise HttpRefusal(Code.TOKEN_REFUSED)
        return code["persona"], code["nonce"]

    async def _read(self, token: str, audience: str) -> dict[str, Any]:
        keys = self._issuer.keys
        _, claims = await read_signed(token, keys, keys.keys)
        require_times_and_parties(claims, DEMO_ISSUER, audience, self._now().timestamp(), 0)
        return claims

    def _sign(self, audience: str, seconds: int, **claims: object) -> str:
        issued = int(self._now().timestamp())
        times = {"iat": issued, "exp": issued + seconds}
        return self._issuer.sign({"iss": DEMO_ISSUER, "aud": audience, **times, **claims})
