"""The identity provider as its client sees it: discovery, the code flow with PKCE, refresh, and logout.

[OIDC Discovery] [OIDC Core] [OIDC RP-Initiated Logout] [RFC 6749] [RFC 7636] [RFC 8707]
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import httpx

from gateway.json_input import parse_json
from gateway.login.browser_requests import as_text
from gateway.login.errors import LoginFlaw, LoginRefused
from gateway.settings.parsers import NotAccepted, web_address

FRESH_FOR: Final = 600.0
TIMEOUT: Final = 5.0
LARGEST: Final = 256 * 1024
METADATA: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What we use of what the provider publishes of itself."""

    authorization_endpoint: str
    token_endpoint: str
    end_session_endpoint: str | None
    states_issuer: bool
    """Whether each answer names the issuer [RFC 9207]."""
    takes_basic: bool
    """Whether the client may prove itself in the header Authorization [RFC 6749 2.3.1]."""


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """The tokens of a login."""

    access: str = field(repr=False)
    id_token: str | None = field(repr=False)
    refresh: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientRegistration:
    """The gateway as the provider knows it. *secret_file* is None for a public client [RFC 6749 2.1]."""

    client_id: str
    secret_file: Path | None
    scopes: str
    resource: str | None
    redirect_uri: str
    logged_out_uri: str


class IdentityProvider:
    """The provider *issuer*, asked with *client*; *metadata_url* is where it publishes what it is.

    Raises LoginRefused where it does not answer as it must.
    """

    def __init__(
        self,
        issuer: str,
        registration: ClientRegistration,
        client: httpx.AsyncClient,
        monotonic: Callable[[], float],
        metadata_url: str | None = None,
    ) -> None:
        self.issuer = issuer
        self.registration = registration
        self._client = client
        self._monotonic = monotonic
        self._metadata_url = metadata_url or issuer.rstrip("/") + METADATA
        self._metadata: ProviderMetadata | None = None
        self._fetched_at = float("-inf")

    async def metadata(self) -> ProviderMetadata:
        """Return the metadata, at most ten minutes old."""
        if self._metadata is None or self._monotonic() - self._fetched_at >= FRESH_FOR:
            status, found = await self._asked("GET", self._metadata_url)
            # A document that names another issuer is of another provider [OIDC Discovery 4.3].
            if status != httpx.codes.OK or found.get("issuer") != self.issuer:
                raise LoginRefused(LoginFlaw.UNAVAILABLE)
            self._metadata = _read_metadata(found)
            self._fetched_at = self._monotonic()
        return self._metadata

    async def login_address(self, state: str, nonce: str, verifier: str) -> str:
        """Return where the browser goes to log in."""
        registration = self.registration
        asked = {
            "response_type": "code",
            "client_id": registration.client_id,
            "redirect_uri": registration.redirect_uri,
            "scope": registration.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": as_text(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        if registration.resource is not None:
            asked["resource"] = registration.resource
        return _with_query((await self.metadata()).authorization_endpoint, asked)

    async def redeem(self, code: str, verifier: str) -> IssuedTokens:
        """Return the tokens for *code*, which was asked for with the challenge of *verifier*."""
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.registration.redirect_uri,
            "code_verifier": verifier,
        }
        return await self._tokens(given)

    async def refresh(self, refresh_token: str) -> IssuedTokens:
        """Return new tokens; LoginRefused(CODE) where the provider gives none any more."""
        return await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def logout_address(self, id_token: str) -> str | None:
        """Return where the browser goes to log out at the provider too; None where the provider has no such place."""
        registration, endpoint = self.registration, (await self.metadata()).end_session_endpoint
        if endpoint is None:
            return None
        asked = {
            "id_token_hint": id_token,
            "client_id": registration.client_id,
            "post_logout_redirect_uri": registration.logged_out_uri,
        }
        return _with_query(endpoint, asked)

    async def _tokens(self, given: Mapping[str, str]) -> IssuedTokens:
        registration, metadata = self.registration, await self.metadata()
        form = dict(given) | ({} if registration.resource is None else {"resource": registration.resource})
        headers = {}
        if registration.secret_file is None:
            form["client_id"] = registration.client_id
        elif metadata.takes_basic:
            headers["Authorization"] = _basic(registration.client_id, _secret(registration.secret_file))
        else:
            form |= {"client_id": registration.client_id, "client_secret": _secret(registration.secret_file)}
        status, found = await self._asked("POST", metadata.token_endpoint, form, headers)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise LoginRefused(LoginFlaw.UNAVAILABLE)
        access, id_token, refresh = (found.get(name) for name in ("access_token", "id_token", "refresh_token"))
        is_bearer = str(found.get("token_type", "")).lower() == "bearer"
        if status != httpx.codes.OK or not isinstance(access, str) or not is_bearer:
            raise LoginRefused(LoginFlaw.CODE)
        return IssuedTokens(access, _text(id_token), _text(refresh))

    async def _asked(
        self, method: str, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """Return the status of an answer, and its JSON object: an empty one where it has none."""
        try:
            # No redirects: where secrets are sent is the operator's and the provider's to say, not the network's.
            response = await self._client.request(
                method, url, data=form, headers=headers, follow_redirects=False, timeout=TIMEOUT
            )
            found = parse_json(response.content) if len(response.content) <= LARGEST else None
        except httpx.HTTPError:
            raise LoginRefused(LoginFlaw.UNAVAILABLE) from None
        except ValueError:
            return response.status_code, {}
        return response.status_code, found if isinstance(found, dict) else {}


def _read_metadata(found: Mapping[str, Any]) -> ProviderMetadata:
    login, tokens, logout = (
        _address(found.get(name)) for name in ("authorization_endpoint", "token_endpoint", "end_session_endpoint")
    )
    if login is None or tokens is None:
        raise LoginRefused(LoginFlaw.UNAVAILABLE)
    ways = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return ProviderMetadata(
        login,
        tokens,
        logout,
        states_issuer=found.get("authorization_response_iss_parameter_supported") is True,
        takes_basic=isinstance(ways, list) and "client_secret_basic" in ways,
    )


def _address(found: object) -> str | None:
    try:
        return web_address(found) if isinstance(found, str) else None
    except NotAccepted:
        return None


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _basic(client_id: str, secret: str) -> str:
    """Return the header of [RFC 6749 2.3.1], which encodes both halves first."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def _secret(file: Path) -> str:
    """Return the client's secret, read again each time, so that it can be exchanged while the gateway runs."""
    try:
        return file.read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, IndexError, UnicodeDecodeError):
        raise LoginRefused(LoginFlaw.UNAVAILABLE) from None


def _text(found: object) -> str | None:
    return found if isinstance(found, str) else None
