"""The pages for everybody: home, the public list, the rules, the figures of a year.

They are read as nobody in particular, whoever is logged in: what everybody may see leaves no record of who looked.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from consent.vocabulary import Purpose
from credit.cases.status import Circumstance
from gateway.portal.choices import Choice
from gateway.portal.portal import MenuItem, PageRefused, Portal
from gateway.portal.visitors import Visitor
from policy.actors import ANONYMOUS

MENU: Final = (
    MenuItem("/public", "公示名单", "The public list"),
    MenuItem("/rules", "政策与权利", "Rules and rights"),
    MenuItem("/figures", "统计", "Figures"),
    MenuItem("/check", "文书核验", "Check a notice"),
    MenuItem("/verify-receipt", "核验回执", "Verify a receipt"),
)
YEARS: Final = 5
"""How many years back the figures can be chosen."""
_YEAR: Final = re.compile(r"20[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChoice(Choice):
    """What a visitor has chosen of the public list. Nothing of it names anybody."""

    circumstance: str | None
    department: str | None
    since: str | None
    until: str | None


class EverybodyPages:
    """The routes. *today* gives today's date in Asia/Shanghai."""

    def __init__(self, portal: Portal, today: Callable[[], date]) -> None:
        self._portal, self._today = portal, today

    def routes(self) -> list[Route]:
        """Return the routes."""
        route = self._portal.route
        return [
            route("/portal", self._home),
            route("/public", self._public_list),
            route("/rules", self._rules),
            route("/figures", self._figures),
            route("/figures/{year}", self._figures),
        ]

    async def _nobody(self, request: Request) -> Visitor:
        return replace(await self._portal.visitors.of(request), actor=ANONYMOUS)

    async def _home(self, request: Request) -> Response:
        return self._portal.show(request, await self._nobody(request), "everybody/home.html", {})

    async def _public_list(self, request: Request) -> Response:
        visitor, choice = await self._nobody(request), ListChoice.of(request)
        departments = await self._departments(request, visitor)
        found, flaw = None, None
        try:
            found = await self._listed(request, visitor, choice, departments)
        except PageRefused as refused:
            flaw = refused.message(visitor.language)
        facts = {
            "circumstances": [each.name for each in Circumstance],
            "departments": departments,
            "chosen": choice,
            "found": found,
            "flaw": flaw,
            "previous": found and choice.address(after=None, before=found["pageInfo"]["startCursor"]),
            "following": found and choice.address(before=None, after=found["pageInfo"]["endCursor"]),
        }
        status = 200 if flaw is None else 400
        return self._portal.show(
            request, visitor, "everybody/public-list.html", facts, purpose=Purpose.PUBLICITY, status=status
        )

    async def _listed(
        self, request: Request, visitor: Visitor, choice: ListChoice, departments: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        ids = {each["code"]: each["id"] for each in departments}
        variables = {
            "circumstance": choice.circumstance,
            "department": choice.department and ids.get(choice.department, choice.department),
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
        visitor = await self._nobody(request)
        answer = await self._portal.ask(request, visitor, "everybody/rules")
        return self._portal.show(request, visitor, "everybody/rules.html", {"texts": answer.data["policyTexts"]})

    async def _figures(self, request: Request) -> Response:
        visitor, this_year = await self._nobody(request), self._today().year
        named = request.path_params.get("year", str(this_year))
        years = range(this_year - YEARS, this_year + 1)
        year = int(named) if _YEAR.fullmatch(named) else 0
        sheets = None
        if year in years:
            answer = await self._portal.ask(request, visitor, "everybody/figures", {"year": year})
            sheets = answer.data["publishedFigures"]
        words = visitor.language.choose
        facts: dict[str, object] = {"years": list(years), "year": named, "sheets": sheets, "hidden_below": 1}
        if sheets is not None:
            facts["year"] = year
            facts["hidden_below"] = sheets["hiddenBelow"]
            facts["by_circumstance"] = [
                {"name": words(each["label"], each["code"]), "count": each["count"]}
                for each in sheets["district"]["byCircumstance"]
            ]
            facts["by_department"] = [{"name": each["name"], "count": each["cases"]} for each in sheets["departments"]]
        return self._portal.show(
            request, visitor, "everybody/figures.html", facts, status=200 if year in years else 404
        )
