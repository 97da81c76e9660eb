"""A login: from the browser to the identity provider and back [OIDC Core 3.1].

What a login has to remember lies in a row of `login_attempts`, sealed, for ten minutes, and is taken once. Its `state`
goes through the browser; a cookie binds it to the browser that began, so that nobody is logged in as somebody else by
a link [RFC 6749 10.12].
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from gateway.auth.bearer_tokens import TokenAuthenticator, read_signed, require_times_and_parties
from gateway.auth.jwks import KeySource
from gateway.http.errors import Code, HttpRefusal
from gateway.login.browser_requests import as_text, secret_hash
from gateway.login.errors import LoginFlaw, LoginRefused
from gateway.login.provider import IdentityProvider
from gateway.login.sessions import SECRET_BYTES, LoginSessions
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from storage.repositories.logins.login_attempts import LoginAttempt, LoginAttemptRepository, attempt_place

ATTEMPT_LASTS: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class BegunLogin:
    """A login that was begun: where the browser goes, and the cookie that it gets."""

    address: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FinishedLogin:
    """A login that succeeded: the cookie of the session, and the page on which the browser goes on."""

    cookie: str = field(repr=False)
    back: str


class IdTokenVerifier:
    """Verifies ID tokens: the keys and the clock are those of access tokens, the audience is the client."""

    def __init__(
        self, keys: KeySource, issuer: str, client_id: str, skew_seconds: int, now: Callable[[], datetime]
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._client_id = client_id
        self._skew = skew_seconds
        self._now = now

    async def verify(self, token: str | None, nonce: str) -> Mapping[str, Any]:
        """Return the claims of an ID token of this login [OIDC Core 3.1.3.7]; raises LoginRefused, or HttpRefusal."""
        if token is None:
            raise LoginRefused(LoginFlaw.ID_TOKEN)
        try:
            _, claims = await read_signed(token, self._keys, await self._keys.current())
            require_times_and_parties(claims, self._issuer, self._client_id, self._now().timestamp(), self._skew)
        except HttpRefusal as refusal:
            if refusal.code is Code.KEYS_UNAVAILABLE:
                raise LoginRefused(LoginFlaw.UNAVAILABLE) from None
            raise LoginRefused(LoginFlaw.ID_TOKEN) from None
        stated, party = claims.get("nonce"), claims.get("azp", self._client_id)
        has_others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        is_ours = party == self._client_id and ("azp" in claims or not has_others)
        if not is_ours or not isinstance(stated, str) or not hmac.compare_digest(stated.encode(), nonce.encode()):
            raise LoginRefused(LoginFlaw.ID_TOKEN)
        return claims


class LoginFlow:
    """Begins and finishes logins. Raises LoginRefused."""

    def __init__(
        self,
        provider: IdentityProvider,
        id_tokens: IdTokenVerifier,
        tokens: TokenAuthenticator,
        sessions: LoginSessions,
        attempts: LoginAttemptRepository,
        keyring: Keyring,
        runtime: Runtime,
    ) -> None:
        self._provider = provider
        self._id_tokens = id_tokens
        self._tokens = tokens
        self._sessions = sessions
        self._attempts = attempts
        self._keyring = keyring
        self._runtime = runtime

    async def begin(self, back: str) -> BegunLogin:
        """Begin a login that goes on at the page *back*."""
        state, cookie, nonce, verifier = (as_text(self._runtime.random(SECRET_BYTES)) for _ in range(4))
        # The provider is asked first: while it does not answer, nothing is stored.
        address = await self._provider.login_address(state, nonce, verifier)
        attempt_id = self._runtime.new_id()
        secrets = self._keyring.seal_login(orjson.dumps([nonce, verifier, back]).decode(), attempt_place(attempt_id))
        ends_at = self._runtime.now() + ATTEMPT_LASTS
        await self._attempts.add(LoginAttempt(attempt_id, secret_hash(state), secret_hash(cookie), secrets, ends_at))
        return BegunLogin(address, cookie)

    async def finish(
        self, answer: Mapping[str, str], cookie: str | None, admit: Callable[[str], Awaitable[None]]
    ) -> FinishedLogin:
        """Return the session that the provider's *answer* begins; *cookie* is that of the browser that brings it.

        *admit* counts a session of the account that it gets, and raises HttpRefusal.
        """
        attempt = await self._attempts.take(secret_hash(answer.get("state", "")))
        if attempt is None or attempt.ends_at <= self._runtime.now():
            raise LoginRefused(LoginFlaw.STATE)
        if cookie is None or not hmac.compare_digest(secret_hash(cookie), attempt.browser_hash):
            raise LoginRefused(LoginFlaw.BROWSER)
        await self._require_issuer(answer.get("iss"))
        code = answer.get("code")
        if "error" in answer or not code:
            raise LoginRefused(LoginFlaw.DECLINED)
        nonce, verifier, back = orjson.loads(self._keyring.open_login(attempt.secrets))
        issued = await self._provider.redeem(code, verifier)
        claims = await self._id_tokens.verify(issued.id_token, nonce)
        try:
            bearer, access = await self._tokens.read(issued.access)
        except HttpRefusal:
            raise LoginRefused(LoginFlaw.ACCESS_TOKEN) from None
        # Whom the provider has logged in is who acts: both tokens name the same account [OIDC Core 5.3.2].
        if access.get("sub") != claims.get("sub"):
            raise LoginRefused(LoginFlaw.ACCESS_TOKEN)
        await admit(bearer.ref)
        return FinishedLogin(await self._sessions.begin(issued, str(issued.id_token), bearer), back)

    async def sweep(self) -> None:
        """Delete the attempts that are over. Nothing waits for it: the times decide."""
        await self._attempts.sweep(self._runtime.now())

    async def _require_issuer(self, stated: str | None) -> None:
        """Raise LoginRefused for the answer of another provider [RFC 9207]."""
        is_missing = stated is None and (await self._provider.metadata()).states_issuer
        if is_missing or stated not in {None, self._provider.issuer}:
            raise LoginRefused(LoginFlaw.ISSUER)
