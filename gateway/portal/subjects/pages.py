"""The pages of a subject and its delegate, for the purpose SELF_ACCESS.

    GET  /my                 where I stand, what I can do now, who looked at me last
    GET  /my/reads           who looked at me, visit by visit
    GET  /my/authorisations  what I am asked for, what I have given; POST answers one of them

Each opening of a page is itself a read of one's own data, and is recorded as that [5.1.6].
"""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
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
from gateway.portal.subjects.reads_choice import PURPOSES, ReadsChoice
from gateway.portal.subjects.visits import visits_of
from gateway.portal.visitors import FORM_FIELD, Visitor
from policy.actors import Role

ROLES: Final = frozenset({Role.SUBJECT, Role.AGENT})
MENU: Final = (
    MenuItem("/my", "我的信用", "My standing"),
    MenuItem("/my/reads", "谁看过我", "Who looked at me"),
    MenuItem("/my/authorisations", "我的授权", "My authorisations"),
)
_CHANGED: Final = "AuthorisationChanged"


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
        ids = {each["code"]: each["id"] for each in departments}
        flaws, found = choice.flaws(ids, visitor.language), None
        if not flaws:
            try:
                found = await self._found_reads(request, visitor, choice, ids)
            except PageRefused as refused:
                if refused.status != HTTPStatus.BAD_REQUEST:
                    raise  # else its cursor is none of this list: all others have been looked at
        facts: dict[str, object] = {
            "is_delegate": visitor.actor.role is Role.AGENT,
            "departments": departments,
            "purposes": PURPOSES,
            "chosen": choice,
            "flaws": flaws,
            "found": found,
            "first": choice.address(after=None, before=None),
        }
        if found is not None:
            others, own = found["others"], found["own"]
            facts |= {"visits_found": visits_of(others["nodes"]), "own": visits_of(own["nodes"])}
            facts["previous"] = choice.address(after=None, before=others["pageInfo"]["startCursor"])
            facts["following"] = choice.address(before=None, after=others["pageInfo"]["endCursor"])
        return self._show(request, visitor, "reads", facts, HTTPStatus.OK if found else HTTPStatus.BAD_REQUEST)

    async def _found_reads(
        self, request: Request, visitor: Visitor, choice: ReadsChoice, ids: Mapping[str, str]
    ) -> Mapping[str, Any]:
        variables = {
            "department": choice.department and ids[choice.department],
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
            return RedirectResponse(f"/my/authorisations?done={submitted.name}", HTTPStatus.SEE_OTHER)
        flaw = AnswerRefused.of(submitted.authorisation, outcome, visitor.language)
        return await self._cards(request, visitor, flaw=flaw, status=HTTPStatus.CONFLICT)

    async def _cards(
        self,
        request: Request,
        visitor: Visitor,
        *,
        done: str | None = None,
        flaw: AnswerRefused | None = None,
        status: int = HTTPStatus.OK,
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
        self, request: Request, visitor: Visitor, name: str, facts: Mapping[str, object], status: int = HTTPStatus.OK
    ) -> Response:
        return self._portal.show(
            request, visitor, f"subjects/{name}.html", facts, purpose=Purpose.SELF_ACCESS, status=status
        )
