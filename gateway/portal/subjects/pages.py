"""The pages of a subject and its delegate, for the purpose SELF_ACCESS.

    GET  /my                 where I stand, what I can do now, who looked at me last
    GET  /my/reads           who looked at me, visit by visit
    GET  /my/authorisations  what I am asked for, what I have given; POST answers one of them

Each opening of a page is itself a read of one's own data, and is recorded as that [5.1.6].
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from consent.vocabulary import Purpose
from gateway.portal.choices import Choice
from gateway.portal.forms import read_form
from gateway.portal.portal import MenuItem, PageRefused, Portal
from gateway.portal.subjects.answers import ANSWERS, AnswerRefused, SubmittedAnswer
from gateway.portal.subjects.possible_steps import possible_steps
from gateway.portal.subjects.visits import visits_of
from gateway.portal.visitors import FORM_FIELD, Visitor
from policy.actors import Role

ROLES: Final = frozenset({Role.SUBJECT, Role.AGENT})
MENU: Final = (
    MenuItem("/my", "我的信用", "My standing"),
    MenuItem("/my/reads", "谁看过我", "Who looked at me"),
    MenuItem("/my/authorisations", "我的授权", "My authorisations"),
)
LAST_DAY: Final = date.max - timedelta(1)
_CHANGED: Final = "AuthorisationChanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadsChoice(Choice):
    """What a visitor has chosen of who looked at it."""

    department: str | None
    purpose: str | None
    since: str | None
    until: str | None

    @property
    def period(self) -> Mapping[str, str | None]:
        """The instants between which the chosen days lie, in Asia/Shanghai. Raises ValueError for what is no day."""
        since = None if self.since is None else date.fromisoformat(self.since)
        until = None if self.until is None else date.fromisoformat(self.until)
        return {
            "since": None if since is None else f"{since}T00:00:00+08:00",
            "until": None if until is None else f"{min(until, LAST_DAY) + timedelta(1)}T00:00:00+08:00",
        }


class SubjectPages:
    """The routes."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def routes(self) -> list[Route]:
        """Return the routes."""
        route = self._portal.route
        return [
            route("/my", self._overview),
            route("/my/reads", self._reads),
            route("/my/authorisations", self._authorisations),
            route("/my/authorisations", self._answer, ("POST",)),
        ]

    async def _overview(self, request: Request) -> Response:
        visitor = await self._portal.visitors.in_role(request, ROLES)
        of_oneself = visitor.actor.role is Role.SUBJECT
        answer = await self._portal.ask(request, visitor, "subjects/overview", {"ofOneself": of_oneself})
        found = answer.data
        restraints, pending = found["restraints"], found["pending"]
        facts = {
            "is_delegate": not of_oneself,
            "is_restrained": (found.get("mySubject") or {}).get("isRestrained"),
            "restraints": restraints["nodes"],
            "pending": pending["nodes"],
            "has_more": restraints["pageInfo"]["hasNextPage"] or pending["pageInfo"]["hasNextPage"],
            "requests": found["requests"]["nodes"],
            "steps": possible_steps(
                [*restraints["nodes"], *pending["nodes"]], found["applications"]["nodes"], found["worklist"]["nodes"]
            ),
            "visits_found": visits_of(found["reads"]["nodes"]),
        }
        return self._show(request, visitor, "overview", facts)

    async def _reads(self, request: Request) -> Response:
        visitor, choice = await self._portal.visitors.in_role(request, ROLES), ReadsChoice.of(request)
        departments = (await self._portal.ask(request, visitor, "everybody/departments")).data["departments"]["nodes"]
        found, flaw = None, None
        try:
            found = await self._found_reads(request, visitor, choice, departments)
        except ValueError:
            flaw = visitor.language.choose("日期应如2026-03-05。", "A day is written as 2026-03-05.")
        except PageRefused as refused:
            flaw = refused.message(visitor.language)
        facts: dict[str, object] = {
            "is_delegate": visitor.actor.role is Role.AGENT,
            "departments": departments,
            "purposes": [each.name for each in Purpose if each is not Purpose.PUBLICITY],
            "chosen": choice,
            "found": found,
            "flaw": flaw,
        }
        if found is not None:
            others, own = found["others"], found["own"]
            facts |= {"visits_found": visits_of(others["nodes"]), "own": visits_of(own["nodes"])}
            facts["previous"] = choice.address(after=None, before=others["pageInfo"]["startCursor"])
            facts["following"] = choice.address(before=None, after=others["pageInfo"]["endCursor"])
        return self._show(request, visitor, "reads", facts, 200 if flaw is None else 400)

    async def _found_reads(
        self, request: Request, visitor: Visitor, choice: ReadsChoice, departments: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        ids = {each["code"]: each["id"] for each in departments}
        variables = {
            "department": choice.department and ids.get(choice.department, choice.department),
            "purpose": choice.purpose,
            **choice.period,
            **choice.page,
        }
        return (await self._portal.ask(request, visitor, "subjects/reads", variables)).data

    async def _authorisations(self, request: Request) -> Response:
        visitor = await self._portal.visitors.in_role(request, ROLES)
        done = ANSWERS.get(request.query_params.get("done", ""))
        said = None if done is None else visitor.language.choose(done.done_chinese, done.done_english)
        return await self._cards(request, visitor, done=said)

    async def _answer(self, request: Request) -> Response:
        """Take one answer, and go back to the page; where it is refused, show the page with the refusal."""
        form = await read_form(request)
        visitor = await self._portal.visitors.of_form(request, form, ROLES)
        submitted = SubmittedAnswer.of(form)
        try:
            answer = await self._portal.ask(request, visitor, submitted.document, submitted.variables)
        except PageRefused as refused:
            flaw = AnswerRefused(submitted.authorisation, refused.message(visitor.language))
            return await self._cards(request, visitor, flaw=flaw, status=refused.status)
        outcome = answer.data["answer"]
        if outcome["__typename"] == _CHANGED:
            return RedirectResponse(f"/my/authorisations?done={submitted.name}", 303)
        flaw = AnswerRefused.of(submitted.authorisation, outcome, visitor.language)
        return await self._cards(request, visitor, flaw=flaw, status=409)

    async def _cards(
        self,
        request: Request,
        visitor: Visitor,
        *,
        done: str | None = None,
        flaw: AnswerRefused | None = None,
        status: int = 200,
    ) -> Response:
        choice = Choice.of(request)
        found = (await self._portal.ask(request, visitor, "subjects/authorisations", choice.page)).data
        shown = {each["id"] for part in ("requested", "live", "over") for each in found[part]["nodes"]}
        facts = {
            "is_delegate": visitor.actor.role is Role.AGENT,
            "requested": found["requested"],
            "live": found["live"],
            "over": found["over"],
            "chosen": choice,
            "previous": choice.address(after=None, before=found["over"]["pageInfo"]["startCursor"]),
            "following": choice.address(before=None, after=found["over"]["pageInfo"]["endCursor"]),
            "answers": ANSWERS,
            "new_key": lambda: secrets.token_urlsafe(24),
            "form_field": FORM_FIELD,
            "done": done,
            "flaw": flaw,
            "flaw_is_elsewhere": flaw is not None and flaw.authorisation not in shown,
        }
        return self._show(request, visitor, "authorisations", facts, status)

    def _show(
        self, request: Request, visitor: Visitor, name: str, facts: Mapping[str, object], status: int = 200
    ) -> Response:
        return self._portal.show(
            request, visitor, f"subjects/{name}.html", facts, purpose=Purpose.SELF_ACCESS, status=status
        )
