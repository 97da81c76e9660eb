"""The first page of a demo: what this is, what to try, and who one can be.

What there is to try are links that run. Each asks one committed query as one persona, by the service that answers
everybody, and shows the answer: so the read is authorised, masked and recorded like any other.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from consent.vocabulary import Channel
from gateway.auth.dev_issuer import DevIssuer, Example, Persona
from gateway.http.developer_pages import curl
from gateway.http.errors import Code, HttpRefusal
from gateway.portal.everybody.pages import MENU
from gateway.portal.pages import page
from gateway.settings.settings import Settings
from policy.actors import Actor
from schema.core.ports import GraphQLRequest
from schema.execution.service import GraphQLService

Authenticate = Callable[[Headers], Awaitable[Actor]]
_BETWEEN: Final = " · "


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: str) -> "Bilingual":
        """Return the halves of a text that is written `中文 · English`."""
        zh, _, en = text.partition(_BETWEEN)
        return cls(zh, en)


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A link that runs *example* as *persona*; nobody's token where it is None. *explained*: what to look for."""

    word: str
    persona: str | None
    example: Example
    explained: Bilingual

    @property
    def title(self) -> Bilingual:
        """What the example asks."""
        return Bilingual.of(self.example.title)


class StartPage:
    """The routes of the page and of its links."""

    def __init__(
        self,
        settings: Settings,
        issuer: DevIssuer,
        service: GraphQLService,
        authenticate: Authenticate,
        *,
        public: Sequence[Example],
        steps: Sequence[FirstStep],
    ) -> None:
        self._issuer, self._service, self._authenticate = issuer, service, authenticate
        self._steps = {step.word: step for step in steps}
        self._facts = _facts(settings, issuer, public)

    def routes(self) -> list[Route]:
        """Return `/` and `/try/…`."""
        return [Route("/", self._start), Route("/try/{step}", self._try)]

    async def _start(self, _: Request) -> Response:
        return page("start.html", {"steps": list(self._steps.values()), **self._facts})

    async def _try(self, request: Request) -> Response:
        step = self._steps.get(request.path_params["step"])
        if step is None:
            raise HttpRefusal(Code.NOT_FOUND)
        persona = None if step.persona is None else self._issuer.personas[step.persona]
        answer = await self._answer(step.example, persona, request.scope["request_id"])
        words = list(self._steps)
        later = words[words.index(step.word) + 1 :]
        facts = {
            "step": step,
            "persona": None if persona is None else Bilingual.of(persona.title),
            "answer": _shown(answer),
            "withheld": [_withheld(error) for error in answer.get("errors", ())],
            "masked": [".".join(map(str, each)) for each in answer.get("extensions", {}).get("masked", ())],
            "following": self._steps[later[0]] if later else None,
        }
        return page("answer.html", facts)

    async def _answer(self, example: Example, persona: Persona | None, request_id: str) -> Mapping[str, Any]:
        token = {} if persona is None else {"authorization": f"Bearer {self._issuer.mint(persona.name)}"}
        asked = GraphQLRequest(
            query=example.query,
            actor=await self._authenticate(Headers(token)),
            request_id=request_id,
            method="GET",
            variables=example.variables,
            purpose=example.purpose,
            channel=Channel.PORTAL,
        )
        found: Mapping[str, Any] = orjson.loads((await self._service.execute(asked)).body)
        return found


def _facts(settings: Settings, issuer: DevIssuer, public: Sequence[Example]) -> Mapping[str, object]:
    """Return what the page says besides its links."""
    base = settings.local_url
    return {
        "base": base,
        "graphiql": settings.graphiql,
        "metrics": settings.metrics,
        "portal": MENU if settings.portal else (),
        "everybody": [_command(base, None, example) for example in public],
        "personas": [
            (Bilingual.of(each.title), each.name, [_command(base, each, example) for example in each.examples])
            for each in issuer.personas.values()
        ],
    }


def _command(base: str, persona: Persona | None, example: Example) -> tuple[Bilingual, str]:
    return Bilingual.of(example.title), curl(base, persona, example)


def _shown(answer: Mapping[str, Any]) -> str:
    return orjson.dumps(answer.get("data"), option=orjson.OPT_INDENT_2).decode()


def _withheld(error: Mapping[str, Any]) -> tuple[str, str]:
    """Return where in the answer something is missing, and why."""
    at = error.get("extensions", {}).get("at", "")
    return at if isinstance(at, str) else ".".join(map(str, at)), str(error["message"])
