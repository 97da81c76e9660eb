"""A server is open before Casbin has answered for every role and its purposes, and asks it while it serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message

from gateway import application
from gateway import services as gateway_services
from gateway.application import build_application
from gateway.auth.dev_issuer import DevIssuer
from gateway.services import build_services
from policy.actors import Role
from policy.decisions import load
from tests.builders import new_keyring
from tests.gateway.fakes import NOW, PERSONAS
from tests.schema.service import settings_for


@asynccontextmanager
async def started(app: ASGIApp, sent: "asyncio.Queue[Message]") -> AsyncIterator[None]:
    """Start *app* as a server does, and end it. *sent* then has what it sends."""
    received: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    running = asyncio.create_task(app(scope, received.get, sent.put))
    await received.put({"type": "lifespan.startup"})
    assert (await sent.get())["type"] == "lifespan.startup.complete"
    yield
    await received.put({"type": "lifespan.shutdown"})
    await running


async def test_every_pair_is_prepared_soon_after_the_server_opens(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_services, "load", load)  # else the tests share one policy, which remembers its answers
    monkeypatch.setattr(application, "PAUSE_SECONDS", 0.0)
    settings = settings_for(new_keyring(tmp_path), sqlite_url)
    services = build_services(settings, lambda: NOW)
    app = build_application(services, DevIssuer(settings, PERSONAS, lambda: NOW))
    table = services.graphql_service.policy
    admitted = {(role, purpose) for role in Role for purpose in table.purposes_of(role)}
    async with started(app, asyncio.Queue()):
        assert table.prepared == frozenset()
        async with asyncio.timeout(60):
            while table.prepared != admitted:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.01)
