"""Who opens a page of the portal: nobody in particular, or whoever is logged in; and what a form of it proves.

A page is opened by an address, so a link on another site could open it in a visitor's name, and the read that the page
makes would be on record as the visitor's. Where the browser says that another site opened the page, nothing is read.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from starlette.requests import Request

from gateway.http.errors import Code, HttpRefusal
from gateway.login.browser_requests import is_opened_by_us
from gateway.login.factory import Login
from gateway.login.session_authenticator import OpenedBy
from gateway.login.sessions import LoginSession
from gateway.portal.languages import Language, language_of
from policy.actors import ANONYMOUS, Actor, Role

FORM_FIELD: Final = "form-token"
Found = TypeVar("Found")


class LoginNeeded(Exception):
    """The page is for somebody who is logged in."""


class RoleNeeded(Exception):
    """The page is for another role than the visitor's; *roles* are those that it is for."""

    def __init__(self, roles: frozenset[Role]) -> None:
        super().__init__()
        self.roles = roles


class OpenedFromElsewhere(Exception):
    """A page of another site opened the page: the visitor goes on by a link of ours."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opens a page. *role* is that of the session, *roles* are those that the account may act in.

    *form_token* is what the forms of the page send back; None for nobody in particular. *refused* is why the account
    does not act in its role; pages for everybody are open to it all the same.
    """

    actor: Actor
    language: Language
    role: Role | None = None
    roles: tuple[Role, ...] = ()
    form_token: str | None = None
    refused: HttpRefusal | None = None


class Visitors:
    """Tells who opens a page. *login* is None where the gateway logs nobody in."""

    def __init__(self, login: Login | None) -> None:
        self._login = login

    @property
    def can_log_in(self) -> bool:
        """Whether there is a login."""
        return self._login is not None

    async def of(self, request: Request) -> Visitor:
        """Return who opens a page; nobody in particular where a page of another site does. Raises HttpRefusal."""
        language = language_of(request)
        if self._login is None or not is_opened_by_us(request.headers):
            return Visitor(ANONYMOUS, language)
        try:
            opened = await self._login.authenticator.opened(request.headers)
        except HttpRefusal as refusal:
            if refusal.code is not Code.SESSION_ENDED:
                raise
            opened = None
        return Visitor(ANONYMOUS, language) if opened is None else _visitor(opened, language)

    async def as_nobody(self, request: Request) -> Visitor:
        """Return who opens a page that everybody may see: it is read as nobody in particular, whoever is logged in.

        What keeps a session from being used keeps nobody from such a page.
        """
        try:
            return replace(await self.of(request), actor=ANONYMOUS)
        except HttpRefusal:
            return Visitor(ANONYMOUS, language_of(request))

    async def in_role(self, request: Request, roles: frozenset[Role]) -> Visitor:
        """Return who opens a page that is for *roles*.

        Raises LoginNeeded, RoleNeeded, OpenedFromElsewhere, and HttpRefusal where the account cannot act in its role.
        """
        _require_ours(request)
        return _required(await self.of(request), roles)

    async def of_form(self, request: Request, form: Mapping[str, str], roles: frozenset[Role]) -> Visitor:
        """Return who submits *form*, on a page that is for *roles*. Raises HttpRefusal, LoginNeeded, RoleNeeded."""
        if self._login is None:
            raise LoginNeeded
        token = form.get(FORM_FIELD, "")
        opened = await _live(self._login.authenticator.submitted(request.headers, token))
        return _required(_visitor(opened, language_of(request)), roles)

    async def session_of(self, request: Request) -> LoginSession:
        """Return the session of whoever opens a page. Raises HttpRefusal, LoginNeeded, OpenedFromElsewhere."""
        _require_ours(request)
        if self._login is None:
            raise LoginNeeded
        return await _live(self._login.authenticator.page_session(request.headers))

    async def session_of_form(self, request: Request, form: Mapping[str, str]) -> LoginSession:
        """Return the session of whoever submits *form*, in any role or none. Raises HttpRefusal, LoginNeeded."""
        if self._login is None:
            raise LoginNeeded
        return await _live(self._login.authenticator.form_session(request.headers, form.get(FORM_FIELD, "")))


async def _live(asked: Awaitable[Found]) -> Found:
    """Return what *asked* gives; raise LoginNeeded where the session is over."""
    try:
        return await asked
    except HttpRefusal as refusal:
        if refusal.code is not Code.SESSION_ENDED:
            raise
        raise LoginNeeded from None


def _require_ours(request: Request) -> None:
    if not is_opened_by_us(request.headers):
        raise OpenedFromElsewhere


def _visitor(opened: OpenedBy, language: Language) -> Visitor:
    return Visitor(opened.actor or ANONYMOUS, language, opened.role, opened.roles, opened.form_token, opened.refused)


def _required(visitor: Visitor, roles: frozenset[Role]) -> Visitor:
    if visitor.form_token is None:
        raise LoginNeeded
    if visitor.refused is not None and visitor.role in roles:
        raise visitor.refused
    if visitor.actor.role not in roles:
        raise RoleNeeded(roles)
    return visitor
