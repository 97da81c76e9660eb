"""How the cost of a page grows with the number of subjects: worklists, lists and focused checks, on both databases.

    make bench-growth              # 2,000 and 200,000 subjects, some minutes; --sizes chooses others
    python -m bench.growth --dense # focused checks where half of all subjects are restrained; 10,000 and 1,000,000

Each page is executed in one process: guard, plan, rows, opening and answer, without the durable record, which costs the
same for every size. All figures of a run are ratios: to one read by primary key in the same database, and of the larger
district to the smaller. With `--dense` only the statements of the compiled plans are executed, because all that a page
costs besides does not grow; the districts take turns, so that another load of the machine falls on both.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table as Grid
from sqlalchemy import select

from bench import dense_district, district, world
from bench.in_process import Unrecorded, timed
from consent.vocabulary import Purpose
from gateway.services import Services, build_services
from gateway.settings import settings
from gateway.telemetry import logging as log
from policy.actors import Actor, Role
from schema.core.ports import GraphQLRequest
from storage import tables
from storage.database.limits import COMMANDS
from storage.database.migrate import migrate
from tests.postgresql import running_server

console = Console()
SIZES = (2_000, 200_000)
DENSE_SIZES = (10_000, 1_000_000)
WORK = (
    "query @purpose(is: %s) { worklist(first: 20%s) { pageInfo { hasNextPage } nodes { step label isLate "
    "due { on state daysLeft } case { id number } subject { id name } } } }"
)
TARGETS = (
    "query%s @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 20%s) { pageInfo { hasNextPage } nodes { id "
    "facts circumstance publishedOn endsOn subject { id name identifier } } } }"
)
FIRST_PAGE, NEXT_PAGE = TARGETS % ("", ""), TARGETS % ("($a: String)", ", after: $a")
FIFTY = (
    "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 50) { pageInfo { endCursor } nodes { endsOn } } }"
)
A_WEEK_AGO = (datetime.now(UTC) - timedelta(days=7)).isoformat()
CHANGES = (
    f'query @purpose(is: FOCUSED_CHECK) {{ focusedCheckChanges(since: "{A_WEEK_AGO}", first: 20) {{ '
    "pageInfo { hasNextPage } nodes { kind subjectId subject { name } } } }"
)
CASES = (
    "query @purpose(is: %s) { restraintCases(first: 20) { pageInfo { hasNextPage } nodes { id number status %s"
    "noticedOn servedOn subject { id name identifier } } } }"
)
APPLICATIONS = (
    "query @purpose(is: APPLICATION_HANDLING) { applications(first: 20) { pageInfo { hasNextPage } nodes { id number "
    "status filedAt subject { id name identifier phone } } } }"
)
OVERDUE = "query @purpose(is: SUPERVISION) { overdueByHandler { handler waiting late } }"
HANDLER = Actor("handler-0", Role.HANDLER, "D0")
REVIEWER = Actor("reviewer-0", Role.REVIEWER, "D0")
CLERK = Actor("clerk-0", Role.CLERK, "D0")
HEAD = Actor("head-0", Role.HEAD, "D0")
OFFICE = Actor("office-0", Role.OFFICE)
REGULATOR = Actor("regulator-0", Role.REGULATOR, None, "S0", "370305")
ON_A_TOWNSHIP = Actor("regulator-1", Role.REGULATOR, None, "S0", world.AREAS[6][0])
ON_AN_EMPTY_TOWNSHIP = Actor("regulator-2", Role.REGULATOR, None, "S0", dense_district.EMPTY_TOWNSHIP)
DENSE_PAGES = {
    "focused-check targets": (REGULATOR, FIRST_PAGE),
    "further down the same day": (REGULATOR, NEXT_PAGE),
    "targets of one township": (ON_A_TOWNSHIP, FIRST_PAGE),
    "of a township that has none": (ON_AN_EMPTY_TOWNSHIP, FIRST_PAGE),
}
PAGES = {
    "a handler's worklist": (HANDLER, WORK % (Purpose.DETERMINATION, "")),
    "a reviewer's worklist": (REVIEWER, WORK % (Purpose.REVIEW, "")),
    "a head's worklist, late": (HEAD, WORK % (Purpose.SUPERVISION, ", late: true")),
    "a head's worklist": (HEAD, WORK % (Purpose.SUPERVISION, "")),
    "the office's worklist": (OFFICE, WORK % (Purpose.SUPERVISION, "")),
    "a handler's cases": (HANDLER, CASES % (Purpose.DETERMINATION, "facts internalNotes ")),
    "a reviewer's cases": (REVIEWER, CASES % (Purpose.REVIEW, "facts internalNotes ")),
    "a head's cases": (HEAD, CASES % (Purpose.DETERMINATION, "")),
    "a window's applications": (CLERK, APPLICATIONS),
    "lateness by handler, district": (OFFICE, OVERDUE),
    "focused-check targets": (REGULATOR, FIRST_PAGE),
    "what changed in a week": (REGULATOR, CHANGES),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One size: microseconds of one read by primary key, and of each page with the number of its rows."""

    baseline: float
    pages: dict[str, float]
    seconds: float


@asynccontextmanager
async def serving(url: str, folder: str) -> AsyncIterator[Services]:
    """Give the services of a gateway over an empty database, with a recorder that stores nothing."""
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
        services = build_services(chosen, limits=COMMANDS)
        services.graphql_service.read_executor.recorder = Unrecorded()
        yield services
        await services.close()


async def measure(url: str, folder: str, subjects: int, rounds: int, explain: str | None) -> Measured:
    async with serving(url, folder) as services:
        started = time.perf_counter()
        await district.settle(services.database, services.keyring, subjects)
        seconds = time.perf_counter() - started
        one = select(tables.subjects.c.area_code).where(
            tables.subjects.c.subject_id
            == (await services.database.fetch(select(tables.subjects.c.subject_id).limit(1)))[0][0]
        )

        async def key() -> Any:
            return await services.database.fetch(one)

        baseline, _ = await timed(key, 1, rounds)
        pages: dict[str, float] = {}
        for name, (actor, document) in PAGES.items():
            question = asked(actor, document)

            async def page(question: GraphQLRequest = question) -> Any:
                return await services.graphql_service.execute(question)

            answer = await page()
            assert b'"errors"' not in answer.body, answer.body
            pages[name], _ = await timed(page, 1, rounds)
            if explain is not None and explain in name:
                await plan(services, question)
    return Measured(baseline, pages, seconds)


def asked(actor: Actor, document: str, variables: Mapping[str, object] | None = None) -> GraphQLRequest:
    return GraphQLRequest(query=document, actor=actor, request_id="bench", variables=variables)


async def measure_dense(urls: Sequence[str], sizes: Sequence[int], rounds: int) -> dict[str, list[float]]:
    """Return by page the microseconds of its statement in each of the districts, which take turns.

    They are those of the fastest tenth: what is slower waited for other work of the machine.
    """
    async with AsyncExitStack() as stack:
        statements: list[dict[str, Callable[[], Awaitable[Any]]]] = []
        for url, subjects in zip(urls, sizes, strict=True):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            services = await stack.enter_async_context(serving(url, folder))
            await dense_district.fill(services.database, subjects)
            fifty = await services.graphql_service.execute(asked(REGULATOR, FIFTY))
            cursor = json.loads(fifty.body)["data"]["focusedCheckTargets"]["pageInfo"]["endCursor"]
            statements.append(
                {
                    name: await statement_of(services, asked(who, document, {"a": cursor}))
                    for name, (who, document) in DENSE_PAGES.items()
                }
            )
        found: dict[str, list[float]] = {}
        for name in DENSE_PAGES:
            taken: list[list[float]] = [[] for _ in sizes]
            for turn in range(rounds):
                for times, of_size in zip(taken, statements, strict=True):
                    started = time.perf_counter()
                    await of_size[name]()
                    if turn >= rounds // 10:  # a connection plans a statement anew for the first five times
                        times.append((time.perf_counter() - started) * 1e6)
            found[name] = [quantiles(times, n=10)[0] for times in taken]
    return found


async def statement_of(services: Services, question: GraphQLRequest) -> Callable[[], Awaitable[Any]]:
    """Return what runs the compiled plan of a page, and leaves its rows sealed."""
    runner = services.query_runner
    read_raw, plans = runner.read_raw, []

    async def noted(prepared: Any, binds: Any, snapshot: Any = None) -> Any:
        del snapshot
        plans.append((prepared, dict(binds)))
        return prepared.empty()

    runner.read_raw = noted  # type: ignore[method-assign] # for one request
    answer = await services.graphql_service.execute(question)
    runner.read_raw = read_raw  # type: ignore[method-assign] # as above
    assert b'"errors"' not in answer.body, answer.body
    ((prepared, binds),) = plans
    return lambda: read_raw(prepared, binds)


async def plan(services: Services, question: GraphQLRequest) -> None:
    """Print the database's plan for the rows of a page."""
    read = services.query_runner.read
    sqlite = services.database.dialect.name == "sqlite"

    async def explained(prepared: Any, binds: Any, snapshot: Any = None) -> Any:
        for step in prepared.steps:
            text = ("EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN (ANALYZE, COSTS OFF) ") + step.rows.text
            for row in await services.database.fetch_text(text, step.rows.values(binds)):
                console.print("   ", row[-1], highlight=False, markup=False)
        return await read(prepared, binds, snapshot)

    services.query_runner.read = explained
    await services.graphql_service.execute(question)
    services.query_runner.read = read


def show(name: str, sizes: Sequence[int], found: Sequence[Measured]) -> None:
    grid = Grid(title=f"{name}: pages of 20", title_justify="left")
    grid.add_column("page")
    for size in sizes:
        grid.add_column(f"µs at {size:,}", justify="right")
        grid.add_column("× key read", justify="right")
    grid.add_column("growth", justify="right")
    first, last = found[0], found[-1]
    grid.add_row("one read by primary key", *_cells([(one.baseline, one.baseline) for one in found]),
                 f"{last.baseline / first.baseline:.2f}×")  # fmt: skip
    for page in PAGES:
        grid.add_row(page, *_cells([(one.pages[page], one.baseline) for one in found]),
                     f"{last.pages[page] / first.pages[page]:.2f}×")  # fmt: skip
    console.print(grid)
    loaded = ", ".join(f"{size:,} in {one.seconds:,.0f} s" for size, one in zip(sizes, found, strict=True))
    console.print(f"  subjects put on record: {loaded}\n")


def show_dense(name: str, sizes: Sequence[int], found: Mapping[str, Sequence[float]]) -> None:
    grid = Grid(title=f"{name}, dense: statements of pages of 20", title_justify="left")
    grid.add_column("page")
    for size in sizes:
        grid.add_column(f"µs at {size:,}", justify="right")
    grid.add_column("growth", justify="right")
    for page, times in found.items():
        grid.add_row(page, *(f"{one:,.0f}" for one in times), f"{times[-1] / times[0]:.2f}×")
    console.print(grid)


def _cells(pairs: list[tuple[float, float]]) -> list[str]:
    return [cell for cost, key in pairs for cell in (f"{cost:,.0f}", f"{cost / key:.1f}")]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+")
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument(
        "--dense", action="store_true", help="half of all subjects restrained, half of these one day"
    )
    arguments.add_argument("--explain", metavar="WORD", help="print the plans of the pages with this in their name")
    arguments.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = arguments.parse_args()
    sizes = tuple(chosen.sizes or (DENSE_SIZES if chosen.dense else SIZES))
    run = _run_dense if chosen.dense else _run
    for name in ("SQLite", "PostgreSQL"):
        if chosen.only in {None, name.lower()}:
            run(name, sizes, chosen)


def _run(name: str, sizes: Sequence[int], chosen: argparse.Namespace) -> None:
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder, databases(name, 1) as (url,):
            found.append(asyncio.run(measure(url, folder, size, chosen.rounds, chosen.explain)))
    show(name, sizes, found)


def _run_dense(name: str, sizes: Sequence[int], chosen: argparse.Namespace) -> None:
    with databases(name, len(sizes)) as urls:
        show_dense(name, sizes, asyncio.run(measure_dense(urls, sizes, chosen.rounds)))


@contextmanager
def databases(name: str, number: int) -> Iterator[Sequence[str]]:
    """Give the addresses of so many empty databases of one server, or of so many files."""
    if name == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            yield [f"sqlite:///{folder}/bench-{at}.db" for at in range(number)]
        return
    with running_server(fsync="on", full_page_writes="on") as server:
        names = [f"bench_{at}" for at in range(number)]
        asyncio.run(_create(f"{server}/postgres", names))
        yield [f"{server}/{database}" for database in names]


async def _create(url: str, names: Sequence[str]) -> None:
    connection = await asyncpg.connect(url)
    for database in names:
        await connection.execute(f'CREATE DATABASE "{database}"')
    await connection.close()


if __name__ == "__main__":
    main()
