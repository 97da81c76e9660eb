"""The addresses of login, for browsers.

GET  /login?back=/graphiql   goes to the identity provider
GET  /login/callback         comes back from it: begins the session, and goes on
GET  /login/done             the page on which a login goes on where there is no other
GET  /session                own session, or null; with the token for the header X-CSRF-Token
GET  /sessions               all sessions of the account                          } these need that header
POST /session/role           {"role": "handler"}: a new session in that role      }
POST /session/end            {"id": "…"}: another session; {"all": true}: all     }
POST /logout                 ends the session; answers where the provider logs out }
GET  /logout                 the page that says so; it ends nothing
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.http.content_negotiation import JSON
from gateway.http.errors import Code, HttpRefusal
from gateway.http.limits.body_limits import read_body
from gateway.json_input import InvalidJson, parse_json
from gateway.login.browser_requests import BrowserRules, csrf_token, is_opened_by_us
from gateway.login.errors import WORDS, LoginRefused
from gateway.login.login_flow import ATTEMPT_LASTS, LoginFlow
from gateway.login.session_authenticator import SessionAuthenticator
from gateway.login.sessions import LoginSession, LoginSessions, as_shown, role_named, session_named
from gateway.portal.pages import page
from gateway.rates.route_rates import RouteRates
from schema.core.limits import Rate

CALLBACK, LOGOUT, LOGGED_IN = "/login/callback", "/logout", "/login/done"
BACK: Final = re.compile(r"/(?!/)[A-Za-z0-9/_-]{0,100}", re.ASCII)
"""The pages on which a login may go on: of our own, and without anything that somebody could put into an address."""
LARGEST: Final = 1024


class LoginEndpoints:
    """The routes of login. *home* is the page on which a login goes on that names none."""

    def __init__(
        self,
        flow: LoginFlow,
        sessions: LoginSessions,
        authenticator: SessionAuthenticator,
        rules: BrowserRules,
        rates: RouteRates,
        home: str,
    ) -> None:
        self._flow = flow
        self._sessions = sessions
        self._authenticator = authenticator
        self._rules = rules
        self._rates = rates
        self._home = home

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/login", self._begin, methods=["GET"]),
            Route(CALLBACK, self._finish, methods=["GET"]),
            Route(LOGGED_IN, self._logged_in, methods=["GET"]),
            Route("/session", self._show, methods=["GET"]),
            Route("/sessions", self._list, methods=["GET"]),
            Route("/session/role", self._switch, methods=["POST"]),
            Route("/session/end", self._end, methods=["POST"]),
            Route(LOGOUT, self._log_out, methods=["GET", "POST"]),
        ]

    async def _begin(self, request: Request) -> Response:
        back = request.query_params.get("back", self._home)
        if not BACK.fullmatch(back):
            raise HttpRefusal(Code.NOT_FOUND)
        if not is_opened_by_us(request.headers):
            back = self._home  # a link of another site opens no page in the name of whoever is logged in
        try:
            await self._rates.take(request.scope, Rate.LOGINS_OF_NETWORK)
            begun = await self._flow.begin(back)
        except LoginRefused as refused:
            return _failed(refused)
        except HttpRefusal as refusal:
            return _too_many(refusal)
        response = RedirectResponse(begun.address, 303)
        self._rules.set(response, self._rules.login_cookie, begun.cookie, int(ATTEMPT_LASTS.total_seconds()))
        return response

    async def _finish(self, request: Request) -> Response:
        sent = request.query_params.multi_items()
        answer = dict(sent) if len(dict(sent)) == len(sent) else {}
        cookie = self._rules.cookie(request.headers, self._rules.login_cookie)
        try:
            admit = partial(self._rates.take, request.scope, Rate.LOGINS_OF_ACTOR)
            finished = await self._flow.finish(answer, cookie, admit)
        except LoginRefused as refused:
            response = _failed(refused)
        except HttpRefusal as refusal:
            response = _too_many(refusal)
        else:
            response = _onwards(request, finished.back)
            self._rules.set(response, self._rules.session_cookie, finished.cookie)
        self._rules.clear(response, self._rules.login_cookie)
        return response

    async def _logged_in(self, _: Request) -> Response:
        return page("login.html", _facts("已登录", "Logged in", "可以关闭本页。", "You may close this page."))

    async def _show(self, request: Request) -> Response:
        """Answer a page of our own that has no token yet; nothing is read of anybody else, and nothing recorded."""
        self._rules.require_own_page(request.headers)
        cookie = self._rules.cookie(request.headers, self._rules.session_cookie)
        if cookie is None:
            return JSONResponse({"session": None})
        try:
            session = await self._sessions.find(cookie)
            shown = await self._shown(session, cookie)
        except HttpRefusal as refusal:
            if refusal.status != 401:  # noqa: PLR2004 - the number is the name of the status
                raise
            response = JSONResponse({"session": None})
            self._rules.clear(response, self._rules.session_cookie)
            return response
        return JSONResponse(shown)

    async def _list(self, request: Request) -> Response:
        session = await self._authenticator.session(request.headers)
        found = await self._sessions.of_account(session)
        return JSONResponse({"sessions": [as_shown(each, session.stored) for each in found]})

    async def _switch(self, request: Request) -> Response:
        session = await self._authenticator.session(request.headers)
        cookie = await self._sessions.switch(session, role_named((await _body(request)).get("role")))
        response = JSONResponse(await self._shown(await self._sessions.find(cookie), cookie))
        self._rules.set(response, self._rules.session_cookie, cookie)
        return response

    async def _end(self, request: Request) -> Response:
        session = await self._authenticator.session(request.headers)
        match await _body(request):
            case {"all": True, **rest} if not rest:
                which = None
            case {"id": str(text), **rest} if not rest:
                which = session_named(text)
            case _:
                raise HttpRefusal(Code.SESSION_BODY)
        return JSONResponse({"ended": await self._sessions.end_other(session, which)})

    async def _log_out(self, request: Request) -> Response:
        if request.method != "POST":
            return page("login.html", _facts("已退出登录", "Logged out", "本次会话已经结束。", "This session is over."))
        session = await self._authenticator.session(request.headers)
        address = await self._sessions.log_out(session)
        response = JSONResponse({"next": address or LOGOUT, "atProvider": address is not None})
        self._rules.clear(response, self._rules.session_cookie)
        return response

    async def _shown(self, session: LoginSession, cookie: str) -> Mapping[str, Any]:
        bearer = await self._sessions.holder(session)
        held = sorted(bearer.roles if bearer.bound_to is None else {bearer.bound_to})
        facts = {"account": bearer.ref, "roles": held, "csrfToken": csrf_token(cookie)}
        return {"session": {**as_shown(session.stored, session.stored), **facts}}


def _onwards(request: Request, back: str) -> Response:
    """Return what leads from the login to the page *back*.

    A redirect continues what the provider's page began: to the page, another site would have opened it. So there a page
    of ours leads on.
    """
    if is_opened_by_us(request.headers):
        return RedirectResponse(back, 303)
    facts = _facts("已登录", "Logged in", "正在返回。", "You are being led back.", back)
    return page("login.html", facts, headers={"Refresh": f"0;url={back}"})


def _failed(refused: LoginRefused) -> Response:
    structlog.get_logger().warning("login.refused", code=refused.flaw.value)
    status, chinese, english = WORDS[refused.flaw]
    return page("login.html", _facts("登录未成功", "The login failed", chinese, english), status)


def _too_many(refusal: HttpRefusal) -> Response:
    """Return the page of a login beyond a rate; raises any other refusal."""
    if refusal.code is not Code.RATE_EXCEEDED:
        raise refusal
    structlog.get_logger().warning("login.refused", code=refusal.code.value)
    chinese, english = "登录过于频繁，请稍后再登录。", "Too many logins came in this time. Log in later."
    return page("login.html", _facts("登录未成功", "The login failed", chinese, english), refusal.status)


def _facts(title_zh: str, title_en: str, zh: str, en: str, back: str | None = None) -> Mapping[str, object]:
    return {"title_zh": title_zh, "title_en": title_en, "zh": zh, "en": en, "back": back}


async def _body(request: Request) -> Mapping[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise HttpRefusal(Code.CONTENT_TYPE_REFUSED)
    try:
        found = parse_json(await read_body(request.headers, request.receive, LARGEST))
    except InvalidJson:
        raise HttpRefusal(Code.BAD_JSON) from None
    if not isinstance(found, dict):
        raise HttpRefusal(Code.SESSION_BODY)
    return found
