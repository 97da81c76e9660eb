"""Builds the portal of a gateway: its pages, over the service that answers everybody."""

from collections.abc import Callable
from datetime import date

from starlette.routing import Route

from gateway.login.factory import Login
from gateway.portal.account.pages import AccountPages
from gateway.portal.everybody.pages import MENU, EverybodyPages
from gateway.portal.portal import Portal, language_route
from gateway.portal.subjects.pages import MENU as SUBJECT_MENU
from gateway.portal.subjects.pages import ROLES as SUBJECT_ROLES
from gateway.portal.subjects.pages import SubjectPages
from gateway.portal.visitors import Visitors
from schema.execution.service import GraphQLService


def portal_routes(
    service: GraphQLService, login: Login | None, today: Callable[[], date], *, is_first_page: bool
) -> list[Route]:
    """Return the routes of all pages. *today* gives today's date in Asia/Shanghai.

    *is_first_page*: whether `/` is the home of the portal. A demo has a first page of its own.
    """
    portal = Portal(service, Visitors(login), MENU, dict.fromkeys(SUBJECT_ROLES, SUBJECT_MENU))
    return [
        language_route(),
        *EverybodyPages(portal, today).routes(is_first_page=is_first_page),
        *(() if login is None else AccountPages(portal, login).routes()),
        *SubjectPages(portal).routes(),
    ]
