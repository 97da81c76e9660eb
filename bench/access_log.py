"""What a page of "who read my data" takes in a log of ten million entries, on both databases.

    python -m bench.access_log                      # 500,000 disclosures of 20 subjects each; some minutes
    python -m bench.access_log --pages 50000 --only sqlite

Three subjects are in 3, in 228 and in 75,000 of the disclosures, evenly over a year. Each page is read as its subject
reads it, with every column, the newest one and one from the middle. All figures are ratios to one read by primary key
in the same database and run, but for that read itself.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from rich.console import Console
from rich.table import Table as Grid
from sqlalchemy import select, text

from queryplan.entities import Entity
from queryplan.plan import Column, PreparedQuery, QueryPlan, SelectPlan
from queryplan.scopes import Scope
from storage import tables
from storage.access_log.partitions import make_months_ahead
from storage.database.database import Database
from storage.database.migrate import migrate
from storage.queries.access_entries.entry_rows import LOG_ORDER
from storage.queries.query_runner import SqlQueryRunner
from tests.postgresql import running_server

PAGES, OF_A_PAGE = 500_000, 20
NEWEST = datetime(2026, 11, 28, tzinfo=UTC)
PERIOD = timedelta(days=365)
OTHERS = 200_000
"""How many other subjects are shown, so that each has some fifty entries."""
HOW_MANY = (3, 228, 75_000)
COLUMNS = ("entry_id", "subject_id", "at", "actor_ref", "role", "purpose", "document_hash", "grounds")
LOG = SelectPlan(
    Entity.ACCESS_ENTRY, tuple(Column("", name) for name in COLUMNS), scopes=(Scope.OWN,), order=LOG_ORDER, limit=21
)
DISCLOSURE = ("disclosure_id", "at", "request_id", "context_id", "ground_id", "actor_ref", "subjects", "seed")
CONTEXT = (
    "INSERT INTO access_contexts (context_id, digest, role, purpose, channel, known_by, document_hash) "
    "VALUES ({0}, {1}, 'regulator', 'FOCUSED_CHECK', 'GRAPHQL', 'TOKEN', '{0:064x}')"
)
GROUND = (
    "INSERT INTO access_grounds (ground_id, digest, basis, citation, fields) VALUES ({0}, {1}, 'STATUTE', '5.2.2', "
    '\'[["NaturalPerson.name","PERSON_NAME","CLEAR"],["RestraintCase.facts","FACTS","CLEAR"]]\')'
)
KINDS = 300
"""How many contexts and grounds there are."""
console = Console()


def measured_subject(entries: int) -> bytes:
    """Return the id of the subject with so many entries."""
    return entries.to_bytes(16, "big")


def disclosures(pages: int) -> Iterator[tuple[bytes, datetime, list[bytes]]]:
    """Give the id, the instant and the subjects of each disclosure, the oldest first."""
    chance = Random(7)
    others = [chance.randbytes(16) for _ in range(OTHERS)]
    for serial in range(pages):
        at = NEWEST - PERIOD + PERIOD / pages * serial
        subjects = chance.choices(others, k=OF_A_PAGE)
        # Spread evenly: the product passes a multiple of the number of pages as often as the subject has entries.
        for place, entries in enumerate(HOW_MANY):
            if serial * entries // pages != (serial + 1) * entries // pages:
                subjects[place] = measured_subject(entries)
        head = int(at.timestamp() * 1000).to_bytes(6, "big")
        yield head + b"\x70" + chance.randbytes(1) + b"\x80" + chance.randbytes(7), at, list(dict.fromkeys(subjects))


def interned(digest: str) -> list[str]:
    """Return the statements that put in contexts and grounds."""
    return [
        statement.format(kind, digest.format(f"{kind:064x}"))
        for kind in range(1, KINDS + 1)
        for statement in (CONTEXT, GROUND)
    ]


def fill_sqlite(path: str, pages: int) -> None:
    rows = (
        (head, at.replace(tzinfo=None).isoformat(" ", "microseconds"), bytes(16), 1 + serial % KINDS,
         1 + serial % KINDS, "regulator-1", b"".join(subjects), bytes(16))
        for serial, (head, at, subjects) in enumerate(disclosures(pages))
    )  # fmt: skip
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement in interned("x'{}'"):
            connection.execute(statement)
        places = ", ".join("?" * len(DISCLOSURE))
        connection.executemany(f"INSERT INTO disclosures ({', '.join(DISCLOSURE)}) VALUES ({places})", rows)
        connection.execute(
            "INSERT INTO disclosed_subjects WITH RECURSIVE n(place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM n "
            f"WHERE place < {OF_A_PAGE - 1}) SELECT substr(subjects, place * 16 + 1, 16) AS one, disclosure_id "
            "FROM disclosures CROSS JOIN n WHERE place * 16 < length(subjects) ORDER BY 1, 2"
        )
        connection.commit()


async def fill_postgresql(url: str, database: Database, pages: int) -> None:
    for months in range(14):
        await make_months_ahead(database, (NEWEST - PERIOD + timedelta(days=30 * months)).date())
    rows = (
        (UUID(bytes=head), at, UUID(int=0), 1 + serial % KINDS, 1 + serial % KINDS, "regulator-1",
         [UUID(bytes=one) for one in subjects], bytes(16))
        for serial, (head, at, subjects) in enumerate(disclosures(pages))
    )  # fmt: skip
    connection = await asyncpg.connect(url)
    for statement in interned("'\\x{}'::bytea"):
        await connection.execute(statement)
    await connection.execute("DROP INDEX ix_disclosures_subjects")  # to fill it at once is faster
    await connection.copy_records_to_table("disclosures", records=rows, columns=DISCLOSURE)
    await connection.execute("CREATE INDEX ix_disclosures_subjects ON disclosures USING gin (subjects)")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def fastest(one: Callable[[], Awaitable[Any]], rounds: int) -> float:
    """Return the microseconds of one call in the fastest tenth, which other work on the machine disturbs least."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        await one()
        taken.append(time.perf_counter() - started)
    return statistics.quantiles(taken, n=10)[0] * 1e6


async def measure(database: Database, rounds: int) -> Mapping[str, float]:
    """Return the microseconds of one read by primary key, and of each page."""
    async with database.writing() as session:
        await session.execute(text("INSERT INTO areas (code, name_zh, name_en) VALUES ('370305', '临淄区', 'Linzi')"))
    key = select(tables.areas.c.name_zh).where(tables.areas.c.code == "370305")
    taken = {"one read by primary key": await fastest(lambda: database.fetch(key), rounds)}
    query_runner = SqlQueryRunner(database)
    first, later = (query_runner.prepare(QueryPlan((plan,))) for plan in (LOG, replace(LOG, after="after")))
    middle = int((NEWEST - PERIOD / 2).timestamp() * 1000) << 80
    for entries in HOW_MANY:
        one = UUID(bytes=measured_subject(entries))
        binds = {"actor_subject": one, "today": NEWEST.date(), "after_0": UUID(int=middle), "after_1": one}

        async def page(prepared: PreparedQuery, binds: Mapping[str, object] = binds) -> Any:
            return await query_runner.read(prepared, binds)

        found = await page(first)
        assert len(found.rows[0]) == min(entries, LOG.limit or 0)
        taken[f"{entries:,} entries"] = await fastest(lambda: page(first), rounds)
        taken[f"{entries:,} entries, from the middle"] = await fastest(lambda: page(later), rounds)
    return taken


async def on_sqlite(pages: int, rounds: int) -> Mapping[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        await asyncio.to_thread(migrate, url)
        await asyncio.to_thread(fill_sqlite, f"{folder}/bench.db", pages)
        database = Database.open(url)
        taken = await measure(database, rounds)
        await database.close()
        return taken


async def on_postgresql(pages: int, rounds: int) -> Mapping[str, float]:
    with running_server(shared_buffers="1GB", max_wal_size="8GB") as server:
        url = f"{server}/postgres"
        await asyncio.to_thread(migrate, url)
        database = Database.open(url)
        await fill_postgresql(url, database, pages)
        taken = await measure(database, rounds)
        await database.close()
        return taken


def show(name: str, pages: int, taken: Mapping[str, float]) -> None:
    grid = Grid(title=f"{name}: {pages:,} disclosures of {OF_A_PAGE} subjects")
    grid.add_column("a page of 20")
    grid.add_column("times one read by primary key", justify="right")
    base, *pages_of = taken.items()
    for asked, microseconds in pages_of:
        grid.add_row(asked, f"{microseconds / base[1]:.1f}")
    grid.caption = f"one read by primary key: {base[1]:.0f} µs on this machine, in this run"
    console.print(grid)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pages", type=int, default=PAGES)
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = arguments.parse_args()
    for name, measured in (("SQLite", on_sqlite), ("PostgreSQL", on_postgresql)):
        if chosen.only in {None, name.lower()}:
            show(name, chosen.pages, asyncio.run(measured(chosen.pages, chosen.rounds)))


if __name__ == "__main__":
    main()
