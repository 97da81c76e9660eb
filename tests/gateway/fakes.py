"""A toy GraphQL service, a real HTTP server in a thread, and captured log lines."""

import asyncio
import io
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Self

import httpx
import orjson
import uvicorn
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationType,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    validate,
)
from starlette.types import ASGIApp

from gateway.auth.accounts import AccountReference, plain_reference
from gateway.auth.claims import ClaimNames, ClaimReader
from gateway.auth.dev_issuer import DevIssuer, Example, Persona
from gateway.settings.settings import Settings, read
from schema.core.ports import GraphQLRequest, GraphQLResponse

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SUBJECT = "6f1d0e3a-6f0e-4c58-9c55-0d6b4b0f3a11"
PERSONAS = (
    Persona(
        "clerk", "窗口人员", {"sub": "demo-clerk", "roles": ["clerk"], "department": "LZ-XZSP", "azp": "window"},
        "CREDIT_CHECK",
        (
            Example("接口是否可用", "{ hello }", "CREDIT_CHECK"),
            Example("问候", "query Q($n: String) {\n  greet(name: $n)\n}", None, {"n": "演示甲"}),
        ),
    ),
    Persona(
        "handler", "案件经办人", {"sub": "demo-handler", "roles": ["handler", "clerk"], "department": "LZ-SCJG"},
        "DETERMINATION", (Example("接口是否可用", "{ hello }"),),
    ),
    Persona("subject", "本人", {"sub": "demo-subject", "roles": ["subject"], "subject": SUBJECT}, "SELF_ACCESS"),
)  # fmt: skip
SCHEMA = build_schema(
    """
    type Query {
      hello: String greet(name: String): String needs(id: ID!): String slow: String broken: String refused: String
    }
    type Mutation { change: String }
    type Subscription { happened: String }
    """
)
MARKED = "370305190001010015"
"""Stands for an identity number: it may appear in no log line and in no answer to whoever did not send it."""


class ToyService:
    """Answers a small schema with graphql-core, where the product has an engine of its own."""

    def __init__(self) -> None:
        self.seen: list[GraphQLRequest] = []
        self.cancelled = threading.Event()
        self.subscriptions: Any = None
        """What opens its subscriptions."""

    async def execute(self, request: GraphQLRequest) -> GraphQLResponse:
        self.seen.append(request)
        try:
            document = parse(request.query or "")
        except GraphQLError as error:
            return _refused([error], 400)
        operation = get_operation_ast(document, request.operation_name)
        errors = validate(SCHEMA, document)
        if errors or operation is None:
            return _refused(errors or [GraphQLError("no such operation")], 400)
        if request.method == "GET" and operation.operation is not OperationType.QUERY:
            return _refused([GraphQLError("GET is for queries")], 405)
        return await self._act(request, document)

    async def _act(self, request: GraphQLRequest, document: DocumentNode) -> GraphQLResponse:
        query = request.query or ""
        if "refused" in query:
            return _refused([GraphQLError("not for this role")], 403)
        if "broken" in query:
            raise RuntimeError(f"row of {MARKED} is broken")
        if "slow" in query:
            await self._sleep(30)
        if "brief" in query:
            await self._sleep(0.3)
        result = execute(
            SCHEMA, document, root_value={"hello": "你好", "greet": lambda _, name=None: name},
            variable_values=dict(request.variables or {}), operation_name=request.operation_name,
        )  # fmt: skip
        assert isinstance(result, ExecutionResult)
        if result.data is None and result.errors:
            return _refused(result.errors, 400)
        return GraphQLResponse(orjson.dumps(result.formatted), executed=True, status=200)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


def _refused(errors: Sequence[GraphQLError], status: int) -> GraphQLResponse:
    return GraphQLResponse(
        orjson.dumps({"errors": [error.formatted for error in errors]}), executed=False, status=status
    )


def settings_for(folder: Path, **given: str) -> Settings:
    """Return demo settings with their files in *folder*."""
    return read({"CHENGXIN_DEV_KEY_FILE": str(folder / "dev.json"), **{f"CHENGXIN_{k}": v for k, v in given.items()}})


def claim_reader(reference: AccountReference = plain_reference, **given: str) -> ClaimReader:
    """Return a reader of claims whose names are those of the settings *given*."""
    return ClaimReader(ClaimNames.chosen(read({f"CHENGXIN_{k}": v for k, v in given.items()})), reference)


class FastStoppingServer(uvicorn.Server):
    """uvicorn's server, which checks ten times as often whether it should stop, so that tests do not wait."""

    async def main_loop(self) -> None:
        ticks = count()
        while not await self.on_tick(next(ticks)):  # noqa: ASYNC110 - uvicorn says by a flag that it is to stop
            await asyncio.sleep(0.01)


class ServerThread:
    """A real server on a port of its own, in a thread of its own."""

    def __init__(self, app: ASGIApp, options: dict[str, Any]) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = FastStoppingServer(uvicorn.Config(app, **options | {"timeout_graceful_shutdown": 1}))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()


def wait_until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    """Return as soon as *holds*; fail after *seconds*."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "the condition did not come true in time"
        time.sleep(0.01)


class LogStream(io.TextIOWrapper):
    """What was logged."""

    def __init__(self) -> None:
        self._written = io.BytesIO()
        super().__init__(self._written, encoding="utf-8", write_through=True)

    def getvalue(self) -> str:
        return self._written.getvalue().decode()

    def events(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.getvalue().splitlines() if line]


@dataclass(frozen=True)
class HttpServer:
    """A running HTTP server in front of a toy service."""

    url: str
    port: int
    service: ToyService
    lines: LogStream
    issuer: DevIssuer
    client: httpx.Client
    settings: Settings

    def bearer(self, persona: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.mint(persona)}"}
