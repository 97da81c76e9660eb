"""Who opens a page of the portal: nobody in particular, or whoever is logged in; and what a form of it proves.

A page is opened by an address, so a link on another site could open it in a visitor's name, and the read that the page
makes would be on record as the visitor's. Where the browser says that another site opened the page, nothing is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request

from gateway.http.errors import Code, HttpRefusal
from gateway.login.factory import Login
from gateway.login.session_authenticator import OpenedBy
from gateway.portal.languages import PageLanguage, language_of
from policy.actors import ANONYMOUS, Actor, Role

OPENED_BY_US: Final = frozenset({None, "same-origin", "none"})
"""What a browser says of a page that a page of ours or its own address bar opened; None where it says nothing."""
FORM_FIELD: Final = "form-token"


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
    """Who opens a page. *roles* are those that the account may act in.

    *form_token* is what the forms of the page send back; None for nobody in particular.
    """

    actor: Actor
    language: PageLanguage
    roles: tuple[Role, ...] = ()
    form_token: str | None = None


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
        if self._login is None or request.headers.get("sec-fetch-site") not in OPENED_BY_US:
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
        """Return who opens a page that is for *roles*. Raises LoginNeeded, RoleNeeded, OpenedFromElsewhere."""
        if request.headers.get("sec-fetch-site") not in OPENED_BY_US:
            raise OpenedFromElsewhere
        return _required(await self.of(request), roles)

    async def of_form(self, request: Request, form: Mapping[str, str], roles: frozenset[Role]) -> Visitor:
        """Return who submits *form*, on a page that is for *roles*. Raises HttpRefusal, LoginNeeded, RoleNeeded."""
        if self._login is None:
            raise LoginNeeded
        try:
            opened = await self._login.authenticator.submitted(request.headers, form.get(FORM_FIELD, ""))
        except HttpRefusal as refusal:
            if refusal.code is not Code.SESSION_ENDED:
                raise
            raise LoginNeeded from None
        return _required(_visitor(opened, language_of(request)), roles)


def _visitor(opened: OpenedBy, language: PageLanguage) -> Visitor:
    return Visitor(opened.actor or ANONYMOUS, language, opened.roles, opened.form_token)


def _required(visitor: Visitor, roles: frozenset[Role]) -> Visitor:
    if visitor.form_token is None:
        raise LoginNeeded
    if visitor.actor.role not in roles:
        raise RoleNeeded(roles)
    return visitor
