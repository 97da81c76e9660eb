"""What an access record costs: bytes and time a page of twenty, on PostgreSQL that waits for the disk and on SQLite.

    python -m bench.records [--pages 8000]

Time is that of recording alone, making included, divided by the pages: wall time, and the processor time of this
process with that of the server. A group is what shares one commit. Compare figures within one run only.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import text

from bench.servers import processor_seconds
from consent.disclosures.formats import Disclosure, ground
from consent.vocabulary import Basis, Channel, Purpose
from gateway.runtime import runtime
from policy.actors import Actor, Role
from schema.core.ports import RequestOrigin
from schema.execution.access_entries import DisclosureBuilder, SubjectParts
from storage.access_log import partitions
from storage.access_log.authorisation_uses import granted_by_its_row
from storage.access_log.recorder import GroupCommitRecorder
from storage.access_log.subject_index import index_waiting
from storage.database.database import Database
from storage.database.migrate import migrate
from tests.postgresql import running_server

PAGE, WHOLE = 20, 16
GROUPS = (WHOLE, 4, 1)
READER = Actor("regulator-1", Role.REGULATOR, "LZ-MARKET", "market", "370305")
SHOWN = (("RestraintCase.facts", "FACTS", "CLEAR"), ("NaturalPerson.name", "PERSON_NAME", "MASKED"))
RUNTIME = runtime()
SIZES = """
SELECT sum(pg_relation_size(relid)),
       sum((SELECT sum(pg_relation_size(indexrelid)) FROM pg_index WHERE indrelid = relid AND indisprimary)),
       sum(pg_indexes_size(relid)), pg_relation_size('pending_entries'), (SELECT count(*) FROM disclosures)
FROM pg_partition_tree('disclosures') WHERE isleaf
"""


def drawn(subjects: Sequence[UUID], number: int) -> list[list[UUID]]:
    """Return the subjects of each page, drawn anew for each."""
    chance = random.Random(number)
    return [chance.sample(subjects, PAGE) for _ in range(number)]


def made(of: Sequence[UUID]) -> list[Disclosure]:
    """Return the record of one page, as an answer makes it."""
    origin = RequestOrigin("ab" * 32, Channel.GRAPHQL, uuid4())
    collected, part = SubjectParts(), ((ground(Basis.STATUTE, "5.2.2", SHOWN), None),)
    collected.add(None, of, [part] * len(of))
    return DisclosureBuilder.of(RUNTIME, READER, Purpose.FOCUSED_CHECK, origin).build_collected(collected)


async def recorded(
    recorder: GroupCommitRecorder, pages: Sequence[Sequence[UUID]], group: int, server: int | None = None
) -> str:
    """Record pages, *group* at once; return what each took, with the processor time of the process *server*."""
    today = datetime.now(UTC).date()
    spent = time.process_time() + (processor_seconds(server) if server else 0)
    began = time.perf_counter()
    for at in range(0, len(pages), group):
        await asyncio.gather(*(recorder.record(made(one), today=today) for one in pages[at : at + group]))
    wall = time.perf_counter() - began
    spent = time.process_time() + (processor_seconds(server) if server else 0) - spent
    return f"groups of {group:2}: {wall / len(pages) * 1e6:5.0f} µs, of it {spent / len(pages) * 1e6:4.0f} processor"


async def postgresql(url: str, number: int) -> None:
    """Print what a page costs on PostgreSQL: for subjects who are read often, and for those who are read rarely."""
    for kind, people in (("often", 2_000), ("rarely", number * PAGE // 3)):
        database = Database.open(url, tag=lambda written: written[:32])
        async with database.writing() as session:
            await session.execute(text("TRUNCATE disclosures, pending_entries"))
        await partitions.make_months_ahead(database, datetime.now(UTC).date())
        recorder, subjects = GroupCommitRecorder(database, granted=granted_by_its_row), [uuid4() for _ in range(people)]
        await recorded(recorder, drawn(subjects, 64), WHOLE)
        await database.fetch_text("CHECKPOINT", ())
        ((server,),) = await database.fetch_text("SELECT pg_backend_pid()", ())
        cleaning = asyncio.create_task(keep_index_clean(url))
        for group in GROUPS:
            pages = drawn(subjects, number if group == WHOLE else number // 8)
            before = await database.fetch_text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn", ())
            took = await recorded(recorder, pages, group, server)
            after = await database.fetch_text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn", ())
            wal = float(after[0][0] - before[0][0]) / len(pages)
            print(f"PostgreSQL, subjects read {kind}, {took}, {wal:.0f} B of WAL", flush=True)
        cleaning.cancel()
        await partitions.clean_index(database)
        heap, key, indexes, pending, stored = (int(each) for each in (await database.fetch_text(SIZES, ()))[0])
        own, index, waiting = round(heap / stored), round((indexes - key) / stored), round(pending / stored)
        print(
            f"PostgreSQL, subjects read {kind}: {own + round(key / stored) + index} B a page "
            f"(row {own}, key {round(key / stored)}, index of subjects {index}); waiting for the ledger {waiting}",
            flush=True,
        )
        await recorder.close()
        await database.close()


async def keep_index_clean(url: str) -> None:
    """Keep the index clean beside the recorder, as a process that serves does, by a connection of its own."""
    database = Database.open(url)
    index = partitions.SubjectIndex(database)
    try:
        while True:
            await index.look()
            await asyncio.sleep(1.0)
    finally:
        await database.close()


async def sqlite(path: Path, number: int) -> None:
    """Print what a page costs on SQLite."""
    database = Database.open(f"sqlite:///{path}", tag=lambda written: written[:32])
    recorder, subjects = GroupCommitRecorder(database, granted=granted_by_its_row), [uuid4() for _ in range(2_000)]
    await recorded(recorder, drawn(subjects, 64), WHOLE)
    before = await size(database)
    for group in GROUPS:
        pages = drawn(subjects, number if group == WHOLE else number // 8)
        print(f"SQLite, {await recorded(recorder, pages, group)}", flush=True)
        began = time.process_time()
        await index_waiting(database)
        spent = (time.process_time() - began) / len(pages)
        print(f"SQLite, the index later: {spent * 1e6:.0f} µs of processor time a page", flush=True)
        if group == WHOLE:
            each = (await size(database) - before) / number
            print(f"SQLite: {each:.0f} B a page, what waits for the ledger included", flush=True)
    await recorder.close()
    await database.close()


async def size(database: Database) -> int:
    """Return the bytes of a SQLite database."""
    rows = await database.fetch_text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()", ())
    return int(rows[0][0])


def alone(number: int) -> None:
    """Print what making one record costs by itself."""
    pages = drawn([uuid4() for _ in range(2_000)], number)
    began = time.process_time()
    for of in pages:
        for one in made(of):
            one.entry()
    print(f"making alone: {(time.process_time() - began) / number * 1e6:.0f} µs of processor time", flush=True)


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pages", type=int, default=8_000)
    number = options.parse_args().pages
    alone(number)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.db"
        migrate(f"sqlite:///{path}")
        asyncio.run(sqlite(path, number))
    with running_server(fsync="on", full_page_writes="on") as server:
        url = f"{server}/postgres"
        migrate(url)
        asyncio.run(postgresql(url, number))


if __name__ == "__main__":
    main()
