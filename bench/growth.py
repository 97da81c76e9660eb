"""How the cost of a page grows with the number of subjects: worklists, lists and focused checks, on both databases.

    make bench-growth        # 2,000 and 200,000 subjects, some minutes; --sizes chooses others

Each page is executed in one process: guard, plan, rows, opening and answer, without the durable record, which costs the
same for every size. All figures of a run are ratios: to one read by primary key in the same database, and of the larger
district to the smaller.
"""

import argparse
import asyncio
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as Grid
from sqlalchemy import select

from bench import district, world
from bench.in_process import Unrecorded, timed
from consent.vocabulary import Purpose
from gateway import wiring
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
WORK = (
    "query @purpose(is: %s) { worklist(first: 20%s) { pageInfo { hasNextPage } nodes { step label isLate "
    "due { on state daysLeft } case { id number } subject { id name } } } }"
)
TARGETS = (
    "query @purpose(is: FOCUSED_CHECK) { focusedCheckTargets(first: 20) { pageInfo { hasNextPage } nodes { id facts "
    "circumstance publishedOn endsOn subject { id name identifier } } } }"
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
    "focused-check targets": (REGULATOR, TARGETS),
    "what changed in a week": (REGULATOR, CHANGES),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One size: microseconds of one read by primary key, and of each page with the number of its rows."""

    baseline: float
    pages: dict[str, float]
    seconds: float


async def measure(url: str, folder: str, subjects: int, rounds: int, explain: str | None) -> Measured:
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
        services = wiring.build_services(chosen, limits=COMMANDS)
        started = time.perf_counter()
        await district.settle(services.database, services.keyring, subjects)
        seconds = time.perf_counter() - started
        services.graphql_service.read_executor.recorder = Unrecorded()
        one = select(tables.subjects.c.area_code).where(
            tables.subjects.c.subject_id
            == (await services.database.fetch(select(tables.subjects.c.subject_id).limit(1)))[0][0]
        )

        async def key() -> Any:
            return await services.database.fetch(one)

        baseline, _ = await timed(key, 1, rounds)
        pages: dict[str, float] = {}
        for name, (actor, document) in PAGES.items():
            question = GraphQLRequest(document, None, None, None, None, actor, "POST", "bench")

            async def page(question: GraphQLRequest = question) -> Any:
                return await services.graphql_service.execute(question)

            answer = await page()
            assert b'"errors"' not in answer.body, answer.body
            pages[name], _ = await timed(page, 1, rounds)
            if explain is not None and explain in name:
                await plan(services, question)
        await services.close()
    return Measured(baseline, pages, seconds)


async def plan(services: wiring.Services, question: GraphQLRequest) -> None:
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


def show(name: str, sizes: tuple[int, ...], found: list[Measured]) -> None:
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


def _cells(pairs: list[tuple[float, float]]) -> list[str]:
    return [cell for cost, key in pairs for cell in (f"{cost:,.0f}", f"{cost / key:.1f}")]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument("--explain", metavar="WORD", help="print the plans of the pages with this in their name")
    arguments.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = arguments.parse_args()
    sizes = tuple(chosen.sizes)
    if chosen.only != "postgresql":
        found = []
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder:
                url = f"sqlite:///{folder}/bench.db"
                found.append(asyncio.run(measure(url, folder, size, chosen.rounds, chosen.explain)))
        show("SQLite", sizes, found)
    if chosen.only != "sqlite":
        found = []
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder, running_server(fsync="on", full_page_writes="on") as server:
                found.append(asyncio.run(measure(f"{server}/postgres", folder, size, chosen.rounds, chosen.explain)))
        show("PostgreSQL", sizes, found)


if __name__ == "__main__":
    main()
