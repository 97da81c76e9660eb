"""The portal: pages that are made on the server, and what each of them works with.

    GET /public  ->  who opens it  ->  committed documents, executed like any client's  ->  a template

A page has no second way to the data: what it shows is authorised, disclosed and recorded by the service that answers
everybody, and its record says that it came by the portal.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from consent.vocabulary import Channel, Purpose
from gateway.login.endpoints import BACK
from gateway.portal.languages import COOKIE, YEAR_SECONDS, PageLanguage
from gateway.portal.page_documents import page_documents
from gateway.portal.page_words import Words
from gateway.portal.pages import page
from gateway.portal.visitors import LoginNeeded, OpenedFromElsewhere, RoleNeeded, Visitor, Visitors
from schema.core.ports import GraphQLRequest, WithheldMode
from schema.execution.service import GraphQLService

Handler = Callable[[Request], Awaitable[Response]]
NO_STORE: Final = {"Cache-Control": "no-store"}


class PageRefused(Exception):
    """The service refused a document of the page. *error* is as GraphQL shows it, *status* that of HTTP."""

    def __init__(self, error: Mapping[str, Any], status: int) -> None:
        super().__init__()
        self.error, self.status = error, status


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
    """What every page works with: who opens it, its documents, and how it is shown."""

    def __init__(self, service: GraphQLService, visitors: Visitors, menu: Sequence[MenuItem]) -> None:
        self._service = service
        self.visitors = visitors
        self._menu = menu

    def route(self, path: str, handler: Handler, methods: Sequence[str] = ("GET",)) -> Route:
        """Return the route of a page. A refusal becomes a page that says what to do."""

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except LoginNeeded:
                back = request.url.path
                return (
                    RedirectResponse(f"/login?back={back}", 303)
                    if self.visitors.can_log_in
                    else await self._away(request)
                )
            except OpenedFromElsewhere:
                return await self._refusal(request, "from-elsewhere", 200)
            except RoleNeeded as needed:
                return await self._refusal(request, "another-role", 403, roles=sorted(needed.roles))
            except PageRefused as refused:
                return await self._refusal(request, "refused", refused.status, error=refused.error)

        return Route(path, answered, methods=list(methods))

    async def ask(
        self, request: Request, visitor: Visitor, document: str, variables: Mapping[str, object] | None = None
    ) -> PageAnswer:
        """Return the answer to a document of this name for *visitor*. Raises PageRefused where it has no data."""
        asked = GraphQLRequest(
            query=page_documents()[document],
            actor=visitor.actor,
            request_id=request.scope["request_id"],
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
        whole = {
            **facts,
            "t": language.choose,
            "language": language,
            "words": Words(language),
            "menu": self._menu,
            # An address that is not there may have anything in it.
            "here": "/" if status == HTTPStatus.NOT_FOUND else request.url.path,
            "visitor": visitor,
            "purpose": purpose,
            "can_log_in": self.visitors.can_log_in,
        }
        return page(template, whole, status, NO_STORE)

    async def _refusal(self, request: Request, what: str, status: int, **facts: object) -> Response:
        visitor = await self.visitors.of(request)
        return self.show(
            request, visitor, "refusal.html", {"what": what, "error": None, "roles": (), **facts}, status=status
        )

    async def _away(self, request: Request) -> Response:
        return await self._refusal(request, "no-login", 403)


def language_route() -> Route:
    """Return `/language/…`, which remembers the language and goes back to the page where it was chosen."""

    async def choose(request: Request) -> Response:
        named, back = request.path_params["language"], request.query_params.get("back", "/")
        response = RedirectResponse(back if BACK.fullmatch(back) else "/", 303)
        if named in set(PageLanguage):
            response.set_cookie(COOKIE, named, max_age=YEAR_SECONDS, path="/", samesite="lax")
        return response

    return Route("/language/{language}", choose, methods=["GET"])
