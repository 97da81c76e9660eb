"""A gateway with login in front of the toy service, its provider made of the demo's issuer, and browsers."""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.auth.bearer_tokens import TokenAuthenticator
from gateway.auth.dev_issuer import DevIssuer
from gateway.auth.dev_provider import METADATA_URL, DevProvider
from gateway.http.app import build_app
from gateway.http.client_network import ClientNetworks
from gateway.login.factory import Login, build_login
from gateway.rates.factory import request_rates
from gateway.rates.route_rates import RouteRates
from gateway.settings.settings import Settings
from policy.actors import Actor
from policy.crypto.key_file import Roots
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from storage.database.database import Database
from tests.gateway.fakes import NOW, PERSONAS, ToyService, claim_reader, settings_for

GATEWAY = "https://gateway.example"
QUERY = {"query": "{ hello }"}


@dataclass
class Provider:
    """The demo's provider as the gateway reaches it. *tamper* changes what it answers; *is_down*: it does not.

    *has_logout*: whether its metadata name a place to log out.
    """

    inside: httpx.AsyncClient
    tamper: Callable[[dict[str, Any]], object] | None = None
    is_down: bool = False
    has_logout: bool = True
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.is_down:
            raise httpx.ConnectError("no route")
        answered = await self.inside.send(request)
        found = answered.json()
        if self.tamper is not None and request.url.path.endswith("token"):
            self.tamper(found)
        if not self.has_logout:
            found.pop("end_session_endpoint", None)
        return httpx.Response(answered.status_code, json=found)


@dataclass
class LoginWorld:
    """A gateway, its provider, and a clock."""

    app: ASGIApp
    login: Login
    provider: Provider
    issuer: DevIssuer
    service: ToyService
    settings: Settings
    database: Database
    at: datetime = NOW

    def browser(self) -> "Browser":
        return Browser(
            self, httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=self.settings.browser_url)
        )

    def pass_time(self, **given: float) -> None:
        self.at += timedelta(**given)


@dataclass
class Browser:
    """A browser with its own cookies."""

    world: LoginWorld
    client: httpx.AsyncClient

    async def to_provider(self) -> str:
        """Begin a login; return where the provider asks who it is."""
        begun = await self.client.get("/login")
        assert begun.status_code == 303, begun.text
        return begun.headers["location"]

    async def answer(self, persona: str, address: str | None = None) -> str:
        """Return the address with which the provider sends *persona* back."""
        picked = await self.client.get(f"{address or await self.to_provider()}&persona={persona}")
        assert picked.status_code == 303, picked.text
        return picked.headers["location"]

    async def log_in(self, persona: str = "clerk") -> httpx.Response:
        return await self.client.get(await self.answer(persona))

    async def session(self) -> Any:
        return (await self.client.get("/session")).json()["session"]

    async def token(self) -> Mapping[str, str]:
        return {"X-CSRF-Token": (await self.session())["csrfToken"]}

    async def ask(self, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Send a query with the header of the session, or with *headers*."""
        return await self.client.post(
            "/graphql", json=QUERY, headers=await self.token() if headers is None else headers
        )

    async def post(self, path: str, body: object) -> httpx.Response:
        return await self.client.post(path, json=body, headers=await self.token())

    async def acts_as(self) -> Actor:
        """Return who a query of this browser acts as."""
        assert (answer := await self.ask()).status_code == 200, answer.text
        return self.world.service.seen[-1].actor


def code_of(answer: httpx.Response) -> str:
    return str(orjson.loads(answer.content)["errors"][0]["extensions"]["code"])


@asynccontextmanager
async def login_world(
    database: Database,
    folder: Path,
    *,
    has_personas: bool = True,
    more_routes: Callable[[ToyService, Login], Sequence[Route]] = lambda _service, _login: (),
    **given: str,
) -> AsyncIterator[LoginWorld]:
    """Open the gateway. Without *has_personas* its pages are those of production: whoever asks has to log in."""
    settings = settings_for(folder, **{"PUBLIC_URL": GATEWAY, **given})
    world: LoginWorld

    def now() -> datetime:
        return world.at

    issuer = DevIssuer(settings, PERSONAS, now)
    inner = DevProvider(settings, issuer, now)
    provider = Provider(inner.client())
    tokens = TokenAuthenticator(
        keys=issuer.keys, issuer=settings.oidc_issuer, audience=settings.oidc_audience,
        skew_seconds=settings.clock_skew_seconds, now=now, claims=claim_reader(), longest=settings.token_limit,
    )  # fmt: skip
    keyring = Keyring(Roots("00" * 8, {"00" * 8: bytes(32)}, 1, {1: bytes(32)}), os.urandom)
    draws = Runtime(
        now=now, today=datetime.date, random=keyring.random_bytes, new_id=uuid4, new_entry_id=lambda _: uuid4()
    )
    async with httpx.AsyncClient(transport=httpx.MockTransport(provider.answer)) as client:
        rates = request_rates(settings, database, keyring, now)
        counting = RouteRates(rates, ClientNetworks(()), now)
        login = build_login(
            settings, database, keyring, draws, tokens, issuer.keys, client, rates=counting, metadata_url=METADATA_URL
        )
        service = ToyService()
        app = build_app(
            settings, service, login.authenticator, checks={}, dev_issuer=issuer if has_personas else None,
            more_routes=[*login.routes, *inner.routes(), *more_routes(service, login)], rates=rates,
            counted=login.authenticator.counted, now=now,
        )  # type: ignore[arg-type]  # fmt: skip # the toy has the one method that is called
        world = LoginWorld(app, login, provider, issuer, service, settings, database)
        yield world
