"""The pages for everybody: home, the public list, the rules, the figures of a year.

They are read as nobody in particular, whoever is logged in: what everybody may see leaves no record of who looked.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from consent.vocabulary import Purpose
from gateway.portal.everybody.list_choice import CIRCUMSTANCES, ListChoice
from gateway.portal.portal import MenuItem, PageRefused, Portal
from gateway.portal.visitors import Visitor
from schema.statistics.types import FIRST_YEAR

MENU: Final = (
    MenuItem("/public", "公示名单", "The public list"),
    MenuItem("/rules", "政策与权利", "Rules and rights"),
    MenuItem("/figures", "统计", "Figures"),
    MenuItem("/check", "文书核验", "Check a notice"),
    MenuItem("/verify-receipt", "核验回执", "Verify a receipt"),
)
_YEAR: Final = re.compile(r"20[0-9]{2}", re.ASCII)


class EverybodyPages:
    """The routes. *today* gives today's date in Asia/Shanghai."""

    def __init__(self, portal: Portal, today: Callable[[], date]) -> None:
        self._portal, self._today = portal, today

    def routes(self, *, is_first_page: bool) -> list[Route]:
        """Return the routes; *is_first_page*: whether `/` is the home of the portal, too."""
        route = self._portal.route
        return [
            *([route("/", self._home)] if is_first_page else ()),
            route("/portal", self._home),
            route("/public", self._public_list),
            route("/rules", self._rules),
            route("/figures", self._figures),
            route("/figures/{year}", self._figures),
        ]

    async def _home(self, request: Request) -> Response:
        visitor = await self._portal.visitors.as_nobody(request)
        return self._portal.show(request, visitor, "everybody/home.html", {})

    async def _public_list(self, request: Request) -> Response:
        visitor, choice = await self._portal.visitors.as_nobody(request), ListChoice.of(request)
        departments = await self._departments(request, visitor)
        ids = {each["code"]: each["id"] for each in departments}
        flaws, found = choice.flaws(ids, visitor.language), None
        if not flaws:
            try:
                found = await self._listed(request, visitor, choice, ids)
            except PageRefused as refused:
                if refused.status != HTTPStatus.BAD_REQUEST:
                    raise  # else its cursor is none of this list: all others have been looked at
        facts = {
            "circumstances": CIRCUMSTANCES,
            "departments": departments,
            "chosen": choice,
            "flaws": flaws,
            "found": found,
            "first": choice.address(after=None, before=None),
            "previous": found and choice.address(after=None, before=found["pageInfo"]["startCursor"]),
            "following": found and choice.address(before=None, after=found["pageInfo"]["endCursor"]),
        }
        status = 200 if found else HTTPStatus.BAD_REQUEST
        return self._portal.show(
            request, visitor, "everybody/public-list.html", facts, purpose=Purpose.PUBLICITY, status=status
        )

    async def _listed(
        self, request: Request, visitor: Visitor, choice: ListChoice, ids: Mapping[str, str]
    ) -> Mapping[str, Any]:
        variables = {
            "circumstance": choice.circumstance,
            "department": choice.department and ids[choice.department],
            "since": choice.since,
            "until": choice.until,
            **choice.page,
        }
        answer = await self._portal.ask(request, visitor, "everybody/public-list", variables)
        found: Mapping[str, Any] = answer.data["publicRestraintList"]
        return found

    async def _departments(self, request: Request, visitor: Visitor) -> Sequence[Mapping[str, Any]]:
        answer = await self._portal.ask(request, visitor, "everybody/departments")
        found: Sequence[Mapping[str, Any]] = answer.data["departments"]["nodes"]
        return found

    async def _rules(self, request: Request) -> Response:
        visitor = await self._portal.visitors.as_nobody(request)
        answer = await self._portal.ask(request, visitor, "everybody/rules")
        return self._portal.show(request, visitor, "everybody/rules.html", {"texts": answer.data["policyTexts"]})

    async def _figures(self, request: Request) -> Response:
        visitor = await self._portal.visitors.as_nobody(request)
        years = range(FIRST_YEAR, self._today().year)  # those of this year are published when it is over
        named = request.path_params.get("year", str(years[-1]))
        year = int(named) if _YEAR.fullmatch(named) and int(named) in years else None
        sheets = None
        if year is not None:
            answer = await self._portal.ask(request, visitor, "everybody/figures", {"year": year})
            sheets = answer.data["publishedFigures"]
        facts = {"years": years, "year": year, "sheets": sheets}
        return self._portal.show(
            request, visitor, "everybody/figures.html", facts, status=200 if sheets else HTTPStatus.NOT_FOUND
        )
