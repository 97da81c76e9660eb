"""Measures the gateway against unprotected contenders, on both databases, in one run. Prints ratios."""

import argparse
import asyncio
import cProfile
import os
import pstats
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table as Grid
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from bench import peers, world
from consent.log_entries import AccessEntry
from consent.vocabulary import Basis, Purpose
from gateway import wiring
from gateway.auth.dev_issuer import DevIssuer, Persona
from gateway.settings import settings
from gateway.telemetry import logging as log
from policy.actors import Actor, Role
from policy.decisions import load
from schema.core.ports import GraphQLRequest
from schema.execution import service
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from storage.database.migrate import migrate
from tests.postgresql import running_server

PAGE = (
    "query Targets %s { focusedCheckTargets(first: 20) { pageInfo { hasNextPage endCursor } nodes { id circumstance "
    "publishedOn endsOn facts department { name } subject { id name identifier area { name } } } } }"
)
GUARDED, UNGUARDED = PAGE % "@purpose(is: FOCUSED_CHECK)", PAGE % ""
console = Console()


async def ask(app: Any, body: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    """Send one request to an ASGI app, without a socket."""
    sent: list[bytes] = []
    received = False

    async def receive() -> Any:
        nonlocal received
        if received:
            await asyncio.Event().wait()
        received = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            sent.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
        "extensions": {},
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"accept", b"application/json"),
            *headers,
        ],
    }
    await app(scope, receive, send)
    return b"".join(sent)


async def timed(one: Callable[[], Awaitable[Any]], clients: int, rounds: int) -> tuple[float, float]:
    """Return wall and CPU microseconds of one call, with so many calls at a time."""
    await asyncio.gather(*(one() for _ in range(clients)))
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(max(1, rounds // clients)):
        await asyncio.gather(*(one() for _ in range(clients)))
    done = max(1, rounds // clients) * clients
    return (time.perf_counter() - wall) / done * 1e6, (time.process_time() - cpu) / done * 1e6


async def measure(name: str, url: str, folder: str, subjects: int, rounds: int, *, profile: bool) -> None:
    environment = {
        "CHENGXIN_DATABASE_URL": url,
        "CHENGXIN_KEK_FILE": world.new_keyring(folder),
        "CHENGXIN_DEV_KEY_FILE": f"{folder}/dev.json",
        "CHENGXIN_LOG_FORMAT": "json",
    }
    chosen = settings.read(environment)
    with Path(os.devnull).open("w") as nowhere:
        log.configure(chosen, stream=nowhere)
        await asyncio.to_thread(migrate, url)
        sync_url = url.replace("postgresql:", "postgresql+asyncpg:")
        if url.startswith("sqlite"):
            engine = create_engine(url)
            world.plain.create_all(engine)
            engine.dispose()
        else:
            async_engine = create_async_engine(sync_url)
            async with async_engine.begin() as connection:
                await connection.run_sync(world.plain.create_all)
            await async_engine.dispose()
        services = wiring.build_services(chosen)
        await world.settle(services.database, services.keyring, subjects)
        claims = {"sub": "regulator-1", "roles": ["regulator"], "sector": "market", "area": "370305"}
        issuer = DevIssuer(chosen, [Persona("regulator", "监管", claims)], services.runtime.now)
        gateway_app = wiring.build_application(services, issuer)
        token = [(b"authorization", b"Bearer " + issuer.mint("regulator").encode())]
        guarded = orjson.dumps({"query": GUARDED})
        unguarded = orjson.dumps({"query": UNGUARDED})
        stock, bare = peers.stock(url), await peers.bare(url)
        contenders = {
            "gateway": lambda: ask(gateway_app, guarded, token),
            "stock": lambda: ask(stock, unguarded, []),
            "bare": lambda: ask(bare, unguarded, []),
        }
        for who, one in contenders.items():
            answer = orjson.loads(await one())
            assert "errors" not in answer, (who, answer)
            assert len(answer["data"]["focusedCheckTargets"]["nodes"]) == 20, who
        grid = Grid(title=f"{name}: the focused-check page of 20 among {subjects:,} subjects", title_justify="left")
        for column in ("contender", "clients", "wall µs", "CPU µs", "× gateway (wall)", "× gateway (CPU)"):
            grid.add_column(column, justify="left" if column == "contender" else "right")
        for clients in (1, 32):
            figures = {who: await timed(one, clients, rounds) for who, one in contenders.items()}
            ours = figures["gateway"]
            for who, (wall, cpu) in figures.items():
                grid.add_row(
                    who, str(clients), f"{wall:,.0f}", f"{cpu:,.0f}", f"{wall / ours[0]:.2f}", f"{cpu / ours[1]:.2f}"
                )
        console.print(grid)
        await stages(services, rounds)
        if profile:
            profiler = cProfile.Profile()
            profiler.enable()
            for _ in range(200):
                await contenders["gateway"]()
            profiler.disable()
            pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
        await durable(services.database, name)
        await services.close()


async def stages(services: wiring.Services, rounds: int) -> None:
    """Print where the gateway's time goes, and how long a warm document takes to authorise."""
    graphql_service, actor = services.graphql_service, Actor("regulator-1", Role.REGULATOR, None, "market", "370305")
    question = GraphQLRequest(GUARDED, None, None, None, None, actor, "POST", "bench")

    async def execute() -> Any:
        return await graphql_service.execute(question)

    whole, _ = await timed(execute, 1, rounds)
    operation = graphql_service._documents.operation(GUARDED, None)
    variables = graphql_service._variables(operation, {})
    started = time.perf_counter()
    for _ in range(20_000):
        operation = graphql_service._documents.operation(GUARDED, None)
        prepared = graphql_service._known(service._plan_key(operation, variables, actor.role, Purpose.FOCUSED_CHECK))
    warm = (time.perf_counter() - started) / 20_000 * 1e6
    recorder, graphql_service.read_executor.recorder = graphql_service.read_executor.recorder, Unrecorded()
    without, _ = await timed(execute, 1, rounds)
    graphql_service.read_executor.recorder = recorder
    binds = {
        "actor_sector": "market",
        "actor_area": "370305",
        "actor_area_end": "370305\U0010ffff",
        "today": services.runtime.today(services.runtime.now()),
        "s0_always": True,
    }

    async def rows() -> Any:
        return await services.query_runner.read(prepared.query, binds)

    select, _ = await timed(rows, 1, rounds)
    console.print(
        f"  one after the other, µs: service {whole:,.0f} = rows {select:,.0f} + opening, entries and answer "
        f"{without - select:,.0f} + durable record {whole - without:,.0f}; authorising the warm document {warm:.1f}"
    )


class Unrecorded:
    """Stores no entry, to show the cost of storing."""

    async def record(self, entries: Any, uses: Any = (), lookups: Any = ()) -> None:
        del entries, uses


async def durable(database: Database, name: str) -> None:
    """Print how many access entries become durable in a second."""
    rows = await database.fetch(world.tables.subjects.select().limit(1))
    subject, now = rows[0][0], datetime.now(UTC)
    fields = (("RestraintCase.facts", "FACTS", "CLEAR"), ("NaturalPerson.name", "PERSON_NAME", "CLEAR"))
    recorder = GroupCommitRecorder(database)

    def entry() -> AccessEntry:
        return AccessEntry(
            subject,
            uuid.uuid4(),
            uuid.uuid4(),
            now,
            "bench",
            "regulator",
            None,
            Purpose.FOCUSED_CHECK,
            Basis.STATUTE,
            "5.2.2",
            None,
            "0" * 64,
            fields,
            os.urandom(16),
        )

    async def one() -> None:
        await recorder.record([entry()], today=now.date())

    alone, _ = await timed(one, 1, 500)
    together, _ = await timed(one, 64, 6_400)
    console.print(
        f"  durable access entries a second: {1e6 / alone:,.0f} with 1 client, {1e6 / together:,.0f} with 64 "
        f"({alone / together:.1f}×)\n"
    )
    await recorder.close()
    del name


def policy() -> None:
    """Print how long the policy takes to load, and how long Casbin takes to answer for one pair and for all."""
    folder = Path(__file__).resolve().parent.parent / "policy"
    load(folder)
    started = time.perf_counter()
    for _ in range(20):
        load(folder)
    loaded = (time.perf_counter() - started) / 20 * 1e3
    started = time.perf_counter()
    asyncio.run(load(folder).prepare(Role.REGULATOR, Purpose.FOCUSED_CHECK))
    pair = (time.perf_counter() - started) * 1e3
    started = time.perf_counter()
    asyncio.run(load(folder).prepare_admitted())
    every = (time.perf_counter() - started) * 1e3
    console.print(
        f"loading the policy: {loaded:.1f} ms; Casbin's answers for FOCUSED_CHECK: {pair:.1f} ms, for all that the "
        f"tables admit: {every:.0f} ms\n"
    )


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--subjects", type=int, default=2_000)
    arguments.add_argument("--rounds", type=int, default=640)
    arguments.add_argument("--profile", action="store_true")
    chosen = arguments.parse_args()
    policy()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        asyncio.run(measure("SQLite", url, folder, chosen.subjects, chosen.rounds, profile=chosen.profile))
    with tempfile.TemporaryDirectory() as folder, running_server(fsync="on", full_page_writes="on") as server:
        url = f"{server}/postgres"
        asyncio.run(measure("PostgreSQL", url, folder, chosen.subjects, chosen.rounds, profile=chosen.profile))


if __name__ == "__main__":
    main()
