"""The pages of whoever is logged in: change the role, log out, see and end the sessions of the account.

GET  /portal/role        the roles of the account, as buttons
POST /portal/role        role=handler: a new session in that role; goes on at the page `back`
GET  /portal/sessions    the sessions of the account
POST /portal/sessions    session=…: ends that one; session=all: ends all, and logs out
POST /portal/logout      ends this session, and leads to where the provider logs out
GET  /portal/logout      the start page: whoever logs in again after a logout that failed comes back here

They read nothing of anybody's records, so nothing is recorded.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.login.endpoints import BACK, LOGOUT
from gateway.login.factory import Login
from gateway.login.sessions import LoginSession, as_shown, role_named, session_named
from gateway.portal.forms import read_form
from gateway.portal.languages import language_of
from gateway.portal.pages import HOME
from gateway.portal.portal import NO_STORE, Portal
from gateway.portal.visitors import Visitor
from policy.actors import ANONYMOUS, Role
from storage.repositories.logins.login_sessions import StoredSession

LARGEST: Final = 1024
ALL: Final = "all"


class AccountPages:
    """The routes, for the sessions of *login*."""

    def __init__(self, portal: Portal, login: Login) -> None:
        self._portal, self._login = portal, login

    def routes(self) -> list[Route]:
        """Return the routes."""
        route = self._portal.route
        return [
            route("/portal/role", self._roles),
            route("/portal/role", self._switch, ["POST"]),
            route("/portal/sessions", self._sessions),
            route("/portal/sessions", self._end, ["POST"]),
            route("/portal/logout", self._home),
            route("/portal/logout", self._log_out, ["POST"]),
        ]

    async def _home(self, _: Request) -> Response:
        return RedirectResponse(HOME, 303, NO_STORE)

    async def _roles(self, request: Request) -> Response:
        await self._portal.visitors.session_of(request)
        visitor = await self._portal.visitors.of(request)
        return self._portal.show(request, visitor, "account/roles.html", {})

    async def _switch(self, request: Request) -> Response:
        form = await read_form(request, LARGEST)
        session = await self._portal.visitors.session_of_form(request, form)
        cookie = await self._login.sessions.switch(session, role_named(form.get("role")))
        back = form.get("back", HOME)
        response = RedirectResponse(back if BACK.fullmatch(back) else HOME, 303, NO_STORE)
        self._login.rules.set(response, self._login.rules.session_cookie, cookie)
        return response

    async def _sessions(self, request: Request) -> Response:
        session = await self._portal.visitors.session_of(request)
        visitor = await self._portal.visitors.of(request)
        found = await self._login.sessions.of_account(session)
        facts = {"sessions": [_shown(each, session) for each in found], "all": ALL}
        return self._portal.show(request, visitor, "account/sessions.html", facts)

    async def _end(self, request: Request) -> Response:
        form = await read_form(request, LARGEST)
        session = await self._portal.visitors.session_of_form(request, form)
        named = form.get("session", "")
        which = None if named == ALL else session_named(named)
        await self._login.sessions.end_other(session, which)
        if which not in {None, session.stored.session_id}:
            return RedirectResponse("/portal/sessions", 303, NO_STORE)
        return await self._left(request, session)

    async def _log_out(self, request: Request) -> Response:
        form = await read_form(request, LARGEST)
        return await self._left(request, await self._portal.visitors.session_of_form(request, form))

    async def _left(self, request: Request, session: LoginSession) -> Response:
        """End *session* where it has not ended yet, and lead to where the provider logs out."""
        address = await self._login.sessions.log_out(session)
        if address is None:
            response: Response = RedirectResponse(LOGOUT, 303, NO_STORE)
        else:
            # Browsers let no form lead to another site, not even by a redirect [CSP form-action]: a page leads there.
            nobody = Visitor(ANONYMOUS, language_of(request))
            response = self._portal.show(request, nobody, "account/logged-out.html", {"address": address})
            response.headers["Refresh"] = f"0;url={address}"
        self._login.rules.clear(response, self._login.rules.session_cookie)
        return response


def _shown(stored: StoredSession, current: LoginSession) -> dict[str, object]:
    """Return what the page shows of a session. *role* is its name in the schema, None until one is chosen."""
    role = None if stored.role is None else Role(stored.role).name
    return {**as_shown(stored, current.stored), "role": role}
