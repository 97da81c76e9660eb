"""The portal: pages that are made on the server, and what each of them works with.

    GET /public  ->  who opens it  ->  committed documents, executed like any client's  ->  a template

A page has no second way to the data: what it shows is authorised, disclosed and recorded by the service that answers
everybody, and its record says that it came by the portal.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from consent.vocabulary import Channel, Purpose
from gateway.http.errors import WORDS, Code, HttpRefusal
from gateway.login.endpoints import BACK
from gateway.portal.languages import COOKIE, YEAR_SECONDS, PageLanguage, language_of
from gateway.portal.page_documents import page_documents
from gateway.portal.page_words import Words
from gateway.portal.pages import HOME, page
from gateway.portal.visitors import LoginNeeded, OpenedFromElsewhere, RoleNeeded, Visitor, Visitors
from policy.actors import ANONYMOUS, Role
from schema.core.ports import GraphQLRequest, WithheldMode
from schema.execution.service import GraphQLService

Handler = Callable[[Request], Awaitable[Response]]
NO_STORE: Final = {"Cache-Control": "no-store"}
# Without a referrer browsers send the forms of a page as of no origin [Fetch 3.2], and we could not tell them from
# those of other sites. To other sites our pages still send none.
HEADERS: Final = {**NO_STORE, "Referrer-Policy": "same-origin"}
FORM_WORDS: Final = {
    Code.CSRF_TOKEN: (
        403,
        "本表单属于之前的登录会话，未予受理。请返回上一页并刷新，然后重新提交。",
        "This form belongs to an earlier session, and nothing was done. Go back, reload the page and submit it again.",
    ),
    Code.CROSS_SITE: (
        403,
        "表单来自其他网站，未予受理。请在本系统的页面上办理。",
        "Another site sent this form, and nothing was done. Please use the pages of this service.",
    ),
    Code.CONTENT_TYPE_REFUSED: (415, "请使用本系统页面上的表单。", "Please use the form on the page."),
    Code.BAD_REQUEST: (
        400,
        "表单内容不完整或者无法读取，未予受理。请返回上一页重新填写。",
        "The form is incomplete or cannot be read, and nothing was done. Go back and fill it in again.",
    ),
    Code.SESSION_BODY: (
        400,
        "未能识别所选的登录会话，未予受理。请返回登录会话页面重新选择。",
        "The chosen session is not one that we know. Go back to the page of sessions and choose again.",
    ),
    Code.ROLE_NOT_HELD: (
        403,
        "您的账号没有所选的身份。请选择其他身份，或者退出后以其他账号登录。",
        "Your account does not have this role. Choose another one, or log in with another account.",
    ),
}
"""Refusals in the words of somebody who fills in a form; where there are none, those of the API say it."""
NOT_OURS: Final = frozenset({Code.CROSS_SITE})
"""Of these the page shows nobody's name or role: another site sent the request."""


class PageRefused(Exception):
    """The service refused a document of the page. *error* is as GraphQL shows it, *status* that of HTTP."""

    def __init__(self, error: Mapping[str, Any], status: int) -> None:
        super().__init__()
        self.error, self.status = error, status

    def message(self, language: PageLanguage) -> str:
        """Return why it is refused."""
        chinese = str(self.error["message"])
        return language.choose(chinese, str(self.error.get("extensions", {}).get("messageEn") or chinese))


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What a document of a page was answered: its data, and the places in it that are withheld or masked."""

    data: Mapping[str, Any]
    withheld: Sequence[Mapping[str, Any]]
    masked: Sequence[Sequence[str | int]]


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A link of the head of every page."""

    path: str
    chinese: str
    english: str


class Portal:
    """What every page works with: who opens it, its documents, and how it is shown.

    *menu* is for everybody, *role_menus* has what is for one role besides.
    """

    def __init__(
        self,
        service: GraphQLService,
        visitors: Visitors,
        menu: Sequence[MenuItem],
        role_menus: Mapping[Role, Sequence[MenuItem]] = MappingProxyType({}),
    ) -> None:
        self._service = service
        self.visitors = visitors
        self._menu, self._role_menus = menu, role_menus

    def route(self, path: str, handler: Handler, methods: Sequence[str] = ("GET",)) -> Route:
        """Return the route of a page. A refusal becomes a page that says what to do."""

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except LoginNeeded:
                return await self._logged_out(request)
            except OpenedFromElsewhere:
                return await self._refusal(request, "from-elsewhere", 200)
            except RoleNeeded as needed:
                return await self._refusal(request, "another-role", 403, roles=sorted(needed.roles))
            except HttpRefusal as refusal:
                return await self._not_accepted(request, refusal)
            except PageRefused as refused:
                return await self._refusal(request, "refused", refused.status, error=refused.error)

        return Route(path, answered, methods=list(methods))

    async def ask(
        self, request: Request, visitor: Visitor, document: str, variables: Mapping[str, object] | None = None
    ) -> PageAnswer:
        """Return the answer to a document of this name for *visitor*. Raises PageRefused where it has no data.

        A page that is opened changes nothing: a document that changes something is asked by a form that is submitted.
        """
        asked = GraphQLRequest(
            query=page_documents()[document],
            actor=visitor.actor,
            request_id=request.scope["request_id"],
            method="POST" if request.method == "POST" else "GET",
            variables=variables,
            channel=Channel.PORTAL,
            withheld=WithheldMode.EXTENSIONS,
        )
        response = await self._service.execute(asked)
        answer = orjson.loads(response.body)
        errors, data = answer.get("errors", ()), answer.get("data")
        if data is None:
            raise PageRefused(errors[0], response.status)
        extensions = answer.get("extensions", {})
        return PageAnswer(data, extensions.get("withheld", ()), extensions.get("masked", ()))

    def show(
        self,
        request: Request,
        visitor: Visitor,
        template: str,
        facts: Mapping[str, object],
        *,
        purpose: Purpose | None = None,
        status: int = 200,
    ) -> Response:
        """Return a page of the portal, with its head: the menu, the language, the purpose, who is logged in."""
        language = visitor.language
        # An address that is not there may have anything in it.
        here = "/" if status == HTTPStatus.NOT_FOUND else request.url.path
        whole = {
            **facts,
            "t": language.choose,
            "language": language,
            "words": Words(language),
            "menu": self._menu,
            "role_menu": () if visitor.role is None else self._role_menus.get(visitor.role, ()),
            "here": here,
            "back": here if BACK.fullmatch(here) else HOME,
            "visitor": visitor,
            "purpose": purpose,
            "can_log_in": self.visitors.can_log_in,
        }
        return page(template, whole, status, HEADERS)

    async def _refusal(self, request: Request, what: str, status: int, **facts: object) -> Response:
        visitor = await self.visitors.of(request)
        return self.show(
            request, visitor, "refusal.html", {"what": what, "error": None, "roles": (), **facts}, status=status
        )

    async def _logged_out(self, request: Request) -> Response:
        """Return what follows where nobody is logged in: the login, or a page that leads there."""
        if not self.visitors.can_log_in:
            return await self._refusal(request, "no-login", 403)
        if request.method == "POST":  # what was typed would be lost; and browsers send no form on to another site
            return await self._refusal(request, "login-ended", 401)
        path = request.url.path
        return RedirectResponse(f"/login?back={path if BACK.fullmatch(path) else HOME}", 303, NO_STORE)

    async def _not_accepted(self, request: Request, refusal: HttpRefusal) -> Response:
        """Return the page of a refusal that is not one of GraphQL, such as of a form of an earlier session."""
        request.scope["facts"]["code"] = str(refusal.code)
        request.scope["retry_at"] = refusal.retry_at
        visitor = Visitor(ANONYMOUS, language_of(request))
        if refusal.code not in NOT_OURS:
            with suppress(HttpRefusal):
                visitor = await self.visitors.of(request)
        _, chinese, english = FORM_WORDS.get(refusal.code, WORDS[refusal.code])
        error = {"message": chinese, "extensions": {"messageEn": english, "code": str(refusal.code)}}
        facts = {"what": "refused", "error": error, "roles": ()}
        response = self.show(request, visitor, "refusal.html", facts, status=refusal.status)
        response.headers.update(refusal.headers)
        return response


def language_route() -> Route:
    """Return `/language/…`, which remembers the language and goes back to the page where it was chosen."""

    async def choose(request: Request) -> Response:
        named, back = request.path_params["language"], request.query_params.get("back", "/")
        response = RedirectResponse(back if BACK.fullmatch(back) else "/", 303)
        if named in set(PageLanguage):
            response.set_cookie(COOKIE, named, max_age=YEAR_SECONDS, path="/", samesite="lax")
        return response

    return Route("/language/{language}", choose, methods=["GET"])
