"""Sessions of browsers: begun by a login, found by their cookie, renewed, changed to another role, and ended.

A session lies in the database that replicas share, so one that is ended is ended for all of them at once. To find it
costs one read. That it is used is written at most once a minute.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from gateway.auth.bearer_tokens import TokenAuthenticator, Verified
from gateway.auth.claims import Bearer
from gateway.http.errors import Code, HttpRefusal
from gateway.login.browser_requests import as_text, secret_hash
from gateway.login.errors import LoginFlaw, LoginRefused
from gateway.login.provider import IdentityProvider, IssuedTokens
from policy.actors import Actor, Role
from policy.crypto.field_encryption import SealBroken
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from storage.repositories.logins.login_sessions import LoginSessionRepository, StoredSession, session_place

SECRET_BYTES: Final = 32
USE_NOTED: Final = timedelta(minutes=1)
RENEW_BEFORE: Final = timedelta(seconds=30)
"""How long before an access token ends a new one is asked for."""
RENEWAL_LASTS: Final = timedelta(seconds=10)
"""How long after one process began to ask for new tokens another one may: the first was lost, or was refused."""
ROLES: Final = frozenset(role.value for role in Role if role is not Role.ANONYMOUS)
LOOKS: Final = 30
LOOK_SECONDS: Final = 0.1
"""How often, and at which intervals, a request whose token has ended looks whether another one has renewed it."""


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """What a session seals: its tokens, and until when the access token is accepted."""

    access: str = field(repr=False)
    id_token: str = field(repr=False)
    refresh: str | None = field(repr=False)
    until: datetime

    def as_text(self) -> str:
        """Return them as they are sealed, as JSON."""
        whole = [self.access, self.id_token, self.refresh, self.until.timestamp()]
        return orjson.dumps(whole).decode()

    @classmethod
    def parse(cls, text: str) -> "SessionTokens":
        """Return the tokens that `as_text` wrote."""
        access, id_token, refresh, until = orjson.loads(text)
        return cls(access, id_token, refresh, datetime.fromtimestamp(until, UTC))


@dataclass(frozen=True, slots=True)
class LoginSession:
    """A session that is not over, with its opened tokens."""

    stored: StoredSession
    tokens: SessionTokens

    @property
    def role(self) -> Role | None:
        """The role that it acts in; None until one of several is chosen."""
        return None if self.stored.role is None else Role(self.stored.role)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts unused, and at the longest."""

    idle: timedelta
    longest: timedelta


class LoginSessions:
    """All sessions of browsers. Its refusals are HttpRefusal, of the code SESSION_ENDED unless stated otherwise."""

    def __init__(
        self,
        repository: LoginSessionRepository,
        keyring: Keyring,
        tokens: TokenAuthenticator,
        provider: IdentityProvider,
        runtime: Runtime,
        lifetimes: Lifetimes,
        skew: timedelta,
    ) -> None:
        self._repository = repository
        self._keyring = keyring
        self._tokens = tokens
        self._provider = provider
        self._runtime = runtime
        self._lifetimes = lifetimes
        self._skew = skew

    async def begin(self, issued: IssuedTokens, id_token: str, bearer: Bearer) -> str:
        """Begin a session of *bearer*, whom *issued* names; return its cookie. It acts in the only role, if one."""
        now = self._runtime.now()
        tokens = SessionTokens(issued.access, id_token, issued.refresh, self._until(bearer))
        only = next(iter(bearer.roles)) if len(bearer.roles) == 1 else None
        role = bearer.bound_to or only
        stored, cookie = self._new(tokens, bearer.ref, role, logged_in=now, now=now)
        await self._repository.begin(stored)
        return cookie

    async def find(self, cookie: str, *, is_use: bool = True) -> LoginSession:
        """Return the session of *cookie*, with an access token that is not over. Raises HttpRefusal.

        *is_use*: whether somebody uses it by this, so that its idle time begins again.
        """
        found, now = await self._repository.find(secret_hash(cookie)), self._runtime.now()
        if found is None or not self._is_live(found, now):
            raise HttpRefusal(Code.SESSION_ENDED)
        if is_use and now - found.used_at >= min(USE_NOTED, self._lifetimes.idle / 2):
            await self._repository.use(found.session_id, now, found.used_at)
        session = self._opened(found)
        if session.tokens.refresh is not None and session.tokens.until - now <= RENEW_BEFORE:
            session = await self._renewed(session, now)
        return session

    async def holder(self, session: LoginSession) -> Bearer:
        """Return the account of *session* with the roles that its token holds. Raises HttpRefusal of any token."""
        bearer, _ = await self._tokens.read(session.tokens.access)
        return bearer

    async def act(self, session: LoginSession, named: Role | None) -> Actor:
        """Return who acts in *session*. *named* is the role that the request names. Raises HttpRefusal of any token."""
        return await self._tokens.act(session.tokens.access, _role(session, named))

    async def verify(self, session: LoginSession, named: Role | None) -> Verified:
        """Return who acts, and the claims of the token, which are kept nowhere else. Raises as `act`."""
        return await self._tokens.verify_token(session.tokens.access, _role(session, named))

    async def switch(self, session: LoginSession, role: Role) -> str:
        """Authorise the account anew, in *role*; return the cookie of the session that takes the place of *session*.

        Raises HttpRefusal of any token.
        """
        try:
            await self._tokens.act(session.tokens.access, role)
        except HttpRefusal as refusal:
            if refusal.code is not Code.NOT_LINKED:  # one becomes linked in this role
                raise
        old = session.stored
        stored, cookie = self._new(
            session.tokens, old.account_ref, role, logged_in=old.created_at, now=self._runtime.now()
        )
        if not await self._repository.begin(replace(stored, renewed_at=old.renewed_at), instead_of=old.session_id):
            raise HttpRefusal(Code.SESSION_ENDED)
        return cookie

    async def end(self, session: LoginSession) -> None:
        """End a session."""
        await self._repository.end(session.stored.account_ref, session.stored.session_id)

    async def log_out(self, session: LoginSession) -> str | None:
        """End a session; return where the browser logs out at the provider too, None where it has no such place."""
        await self.end(session)
        try:
            return await self._provider.logout_address(session.tokens.id_token)
        except LoginRefused:
            return None  # here the session is over, whatever the provider says

    async def end_other(self, session: LoginSession, session_id: UUID | None) -> int:
        """End one session of the same account, or all, this one included; return how many ended.

        Raises HttpRefusal (NOT_FOUND) for none.
        """
        ended = await self._repository.end(session.stored.account_ref, session_id)
        if not ended:
            raise HttpRefusal(Code.NOT_FOUND)
        return ended

    async def of_account(self, session: LoginSession) -> Sequence[StoredSession]:
        """Return the sessions of the same account that are not over."""
        now = self._runtime.now()
        found = await self._repository.of_account(session.stored.account_ref)
        return [each for each in found if self._is_live(each, now)]

    async def sweep(self) -> None:
        """Delete the sessions that are over. Nothing waits for it: the times decide."""
        now = self._runtime.now()
        await self._repository.sweep(now, now - self._lifetimes.idle)

    def _is_live(self, stored: StoredSession, now: datetime) -> bool:
        return now < stored.ends_at and now - stored.used_at < self._lifetimes.idle

    def _until(self, bearer: Bearer) -> datetime:
        # As long as a request with the same token would be accepted.
        return datetime.fromtimestamp(bearer.expires_at, UTC) + self._skew

    def _ends(self, tokens: SessionTokens, logged_in: datetime) -> datetime:
        longest = logged_in + self._lifetimes.longest
        return longest if tokens.refresh is not None else min(longest, tokens.until)

    def _new(
        self, tokens: SessionTokens, account_ref: str, role: Role | None, *, logged_in: datetime, now: datetime
    ) -> tuple[StoredSession, str]:
        cookie, session_id = as_text(self._runtime.random(SECRET_BYTES)), self._runtime.new_id()
        stored = StoredSession(
            session_id=session_id,
            cookie_hash=secret_hash(cookie),
            account_ref=account_ref,
            role=None if role is None else role.value,
            tokens=self._keyring.seal_login(tokens.as_text(), session_place(session_id)),
            created_at=logged_in,
            used_at=now,
            renewed_at=logged_in,
            ends_at=self._ends(tokens, logged_in),
        )
        return stored, cookie

    def _opened(self, stored: StoredSession) -> LoginSession:
        try:
            return LoginSession(stored, SessionTokens.parse(self._keyring.open_login(stored.tokens)))
        except SealBroken:  # changed by hand, or sealed under a key that is no more
            raise HttpRefusal(Code.SESSION_ENDED) from None

    async def _renewed(self, session: LoginSession, now: datetime) -> LoginSession:
        """Return *session* with new tokens; as it is where another process asks for them and it is not over yet."""
        stored = session.stored
        is_free = now - stored.renewed_at >= RENEWAL_LASTS
        if is_free and await self._repository.claim_renewal(stored, now):
            return await self._with_new_tokens(session)
        for _ in range(LOOKS):
            if self._runtime.now() < session.tokens.until:
                return session
            await asyncio.sleep(LOOK_SECONDS)
            found = await self._repository.find(stored.cookie_hash)
            if found is None:
                break
            session = self._opened(found)
        raise HttpRefusal(Code.SESSION_ENDED)

    async def _with_new_tokens(self, session: LoginSession) -> LoginSession:
        stored, old = session.stored, session.tokens
        try:
            issued = await self._provider.refresh(str(old.refresh))
            bearer = await self._same_account(issued, stored)
        except LoginRefused as refused:
            if refused.flaw is not LoginFlaw.UNAVAILABLE:
                await self.end(session)
                raise HttpRefusal(Code.SESSION_ENDED) from None
            if self._runtime.now() < old.until:
                return session
            raise HttpRefusal(Code.PROVIDER_UNAVAILABLE) from None
        new = SessionTokens(issued.access, old.id_token, issued.refresh or old.refresh, self._until(bearer))
        place = session_place(stored.session_id, stored.tokens.place.version + 1)
        box = self._keyring.seal_login(new.as_text(), place, stored.tokens.key)
        if not await self._repository.renew(stored.session_id, box, self._ends(new, stored.created_at)):
            raise HttpRefusal(Code.SESSION_ENDED)
        return LoginSession(replace(stored, tokens=box), new)

    async def _same_account(self, issued: IssuedTokens, stored: StoredSession) -> Bearer:
        """Return whom new tokens name; raises LoginRefused unless that is the account of the session."""
        try:
            bearer, _ = await self._tokens.read(issued.access)
        except HttpRefusal:
            raise LoginRefused(LoginFlaw.ACCESS_TOKEN) from None
        if bearer.ref != stored.account_ref:
            raise LoginRefused(LoginFlaw.ACCESS_TOKEN)
        return bearer


def _role(session: LoginSession, named: Role | None) -> Role:
    """Return the role of *session*; a request may name it, and no other."""
    if session.role is None:
        raise HttpRefusal(Code.SESSION_ROLE_REQUIRED)
    if named is not None and named is not session.role:
        raise HttpRefusal(Code.SESSION_ROLE_DIFFERS)
    return session.role


def role_named(sent: object) -> Role:
    """Return the role that a request to change it names. Raises HttpRefusal (ROLE_NOT_HELD)."""
    if not isinstance(sent, str) or sent not in ROLES:
        raise HttpRefusal(Code.ROLE_NOT_HELD)
    return Role(sent)


def session_named(sent: str) -> UUID:
    """Return the session that a request to end it names. Raises HttpRefusal (SESSION_BODY)."""
    try:
        return UUID(sent)
    except ValueError:
        raise HttpRefusal(Code.SESSION_BODY) from None


def as_shown(stored: StoredSession, current: StoredSession) -> Mapping[str, Any]:
    """Return what an account is shown of one of its sessions."""
    return {
        "id": str(stored.session_id),
        "role": stored.role,
        "loggedInAt": stored.created_at.isoformat(),
        "usedAt": stored.used_at.isoformat(),
        "endsAt": stored.ends_at.isoformat(),
        "isThis": stored.session_id == current.session_id,
    }
