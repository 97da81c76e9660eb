"""Authenticates a request of a browser by its cookie, and every other request by its bearer token.

A bearer token beside a cookie wins, and the cookie is not looked at (docs/decisions/0074).
"""

from dataclasses import dataclass, replace

from starlette.datastructures import Headers

from consent.vocabulary import KnownBy
from gateway.auth.bearer_tokens import TokenAuthenticator, Verified, named_role
from gateway.http.errors import Code, HttpRefusal
from gateway.login.browser_requests import BrowserRules, csrf_token
from gateway.login.sessions import LoginSession, LoginSessions
from policy.actors import Actor, Role


@dataclass(frozen=True, slots=True)
class OpenedBy:
    """Who opens a page: the *actor*, None until one of several roles is chosen, and the *roles* that it may act in.

    *role* is that of the session. *refused* is why the account does not act in it, such as one that is not linked yet.
    *form_token* is what the forms of the page send back.
    """

    actor: Actor | None
    role: Role | None
    roles: tuple[Role, ...]
    form_token: str
    refused: HttpRefusal | None = None


class SessionAuthenticator:
    """Turns the headers of a request into an actor. *known_by* is what its records say of a session."""

    def __init__(
        self, tokens: TokenAuthenticator, sessions: LoginSessions, rules: BrowserRules, known_by: KnownBy
    ) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._rules = rules
        self._known_by = known_by

    async def __call__(self, headers: Headers) -> Actor:
        """Return the caller as an actor. Raises HttpRefusal."""
        cookie = self._cookie(headers)
        if cookie is None:
            return await self._tokens(headers)
        session = await self._own_session(headers, cookie)
        return replace(await self._sessions.act(session, named_role(headers)), known_by=self._known_by)

    async def counted(self, headers: Headers) -> Actor:
        """Return whom a request counts for. It may come from anywhere: nothing is done for it. Raises HttpRefusal.

        A page that is opened has a cookie, and no header of ours.
        """
        cookie = self._cookie(headers)
        if cookie is None:
            return await self._tokens(headers)
        return await self._sessions.act(await self._sessions.find(cookie), named_role(headers))

    async def again(self, headers: Headers) -> Actor:
        """Return the caller as it is now. A session that nobody uses is over all the same. Raises HttpRefusal."""
        cookie = self._cookie(headers)
        if cookie is None:
            return await self._tokens.again(headers)
        session = await self._own_session(headers, cookie, is_use=False)
        return replace(await self._sessions.act(session, named_role(headers)), known_by=self._known_by)

    async def verify(self, headers: Headers) -> Verified:
        """Return the caller and the claims of its token, which are kept nowhere else. Raises HttpRefusal."""
        cookie = self._cookie(headers)
        if cookie is None:
            return await self._tokens.verify(headers)
        verified = await self._sessions.verify(await self._own_session(headers, cookie), named_role(headers))
        return replace(verified, actor=replace(verified.actor, known_by=self._known_by))

    async def session(self, headers: Headers) -> LoginSession:
        """Return the session of a request that a page of ours sends. Raises HttpRefusal; no bearer token counts."""
        cookie = self._rules.cookie(headers, self._rules.session_cookie)
        if cookie is None:
            raise HttpRefusal(Code.SESSION_ENDED)
        return await self._own_session(headers, cookie)

    async def opened(self, headers: Headers) -> OpenedBy | None:
        """Return who opens a page, by its cookie; None without one. Raises HttpRefusal, as where the session is over.

        Whoever calls this has made sure that no page of another site opens this one: the address alone does.
        """
        cookie = self._rules.cookie(headers, self._rules.session_cookie)
        return None if cookie is None else await self._opened(cookie, await self._sessions.find(cookie))

    async def page_session(self, headers: Headers) -> LoginSession:
        """Return the session of whoever opens a page. Raises HttpRefusal, and needs the same as `opened`."""
        cookie = self._rules.cookie(headers, self._rules.session_cookie)
        return await self._sessions.find(cookie or "")

    async def submitted(self, headers: Headers, form_token: str) -> OpenedBy:
        """Return who submits a form that has this token. Raises HttpRefusal."""
        cookie, session = await self._of_form(headers, form_token)
        return await self._opened(cookie, session)

    async def form_session(self, headers: Headers, form_token: str) -> LoginSession:
        """Return the session of whoever submits a form that has this token. Raises HttpRefusal."""
        _, session = await self._of_form(headers, form_token)
        return session

    async def _of_form(self, headers: Headers, form_token: str) -> tuple[str, LoginSession]:
        cookie = self._rules.cookie(headers, self._rules.session_cookie)
        if cookie is None:
            raise HttpRefusal(Code.SESSION_ENDED)
        self._rules.require_form_token(headers, cookie, form_token)
        return cookie, await self._sessions.find(cookie)

    async def _opened(self, cookie: str, session: LoginSession) -> OpenedBy:
        bearer = await self._sessions.holder(session)
        held = tuple(sorted(bearer.roles if bearer.bound_to is None else {bearer.bound_to}))
        actor, refused = None, None
        if session.role is not None:
            try:
                actor = replace(await self._sessions.act(session, None), known_by=self._known_by)
            except HttpRefusal as refusal:
                refused = refusal
        return OpenedBy(actor, session.role, held, csrf_token(cookie), refused)

    def _cookie(self, headers: Headers) -> str | None:
        if "authorization" in headers or "cookie" not in headers:
            return None
        return self._rules.cookie(headers, self._rules.session_cookie)

    async def _own_session(self, headers: Headers, cookie: str, *, is_use: bool = True) -> LoginSession:
        # Before the database is asked: a page of another site learns nothing of the session, and costs nothing.
        self._rules.require_csrf_token(headers, cookie)
        return await self._sessions.find(cookie, is_use=is_use)
