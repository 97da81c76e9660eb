"""The partitions of `disclosures` on PostgreSQL, one a month, and the upkeep of the index over their subjects.

A month has its partition before it begins. Whatever has none goes to `disclosures_other`, so that no read is refused
for want of one; it is moved when its month gets a partition. On SQLite there is nothing to do.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from storage.database.database import Database
from storage.database.session import Session

MONTHS_AHEAD: Final = 2
MOST_MOVED: Final = 20_000
"""How many rows are moved out of `disclosures_other` at most; a month with more stays there, and is as good there."""
LOOK_SECONDS: Final = 3_600
ROWS_THAT_WAIT: Final = 2_000
"""How many rows may wait for the index. A search reads them one by one, in 0.4 ms; beyond 8,000 a commit would wait.
The more go in together, the less is written: rows cleaned one by one took three times the log of the database."""
MOST_SECONDS: Final = 60
"""How long a row waits at most."""
LOCK: Final = 0x646973636C6F7365  # "disclose": replicas take turns
_CLEAN: Final = f"""
SELECT gin_clean_pending_list(newest.index) FROM (
    SELECT inhrelid::regclass AS index FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'ix_disclosures_subjects'::regclass ORDER BY relname DESC LIMIT {MONTHS_AHEAD + 3}
) AS newest WHERE pg_try_advisory_xact_lock({LOCK + 1})
"""
"""Of the rest, the months before this and the last, the index is clean: nothing is inserted there any more."""
_INSERTED: Final = """
SELECT sum(pg_stat_get_tuples_inserted(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'disclosures'::regclass
"""
"""How many rows were ever inserted, by all processes: the server's own count, which is a second late."""


async def keep_up(database: Database, now: Callable[[], datetime]) -> None:
    """Make the partitions of the next months, and keep the index clean, until cancelled."""
    index = SubjectIndex(database)
    while True:
        await make_months_ahead(database, now().astimezone(UTC).date())
        for _ in range(LOOK_SECONDS):
            await index.look()
            await asyncio.sleep(1.0)


@dataclass(slots=True)
class SubjectIndex:
    """The index over the subjects, which each process looks at every second.

    New subjects wait in a list of the index; whoever fills it would clean it within its own commit, and wait for half
    a second. So it is cleaned here before.
    """

    database: Database
    _inserted: int = 0
    """The count of rows when it was cleaned last."""
    _looks: int = MOST_SECONDS

    async def look(self) -> None:
        """Clean the index where many rows wait, or where they may have waited for long."""
        ((inserted,),) = await self.database.fetch_text(_INSERTED, ())
        self._looks += 1
        # Where the server lost its count, it is less than before.
        if abs(inserted - self._inserted) >= ROWS_THAT_WAIT or self._looks > MOST_SECONDS:
            await clean_index(self.database)
            self._inserted, self._looks = inserted, 0


async def clean_index(database: Database) -> None:
    """Move what waits into the index over the subjects, unless another process does."""
    await database.fetch_text(_CLEAN, ())


async def make_months_ahead(database: Database, today: date) -> None:
    """Make the partition of this month and of the next ones, where they have none."""
    month = today.replace(day=1)
    for _ in range(MONTHS_AHEAD + 1):
        async with database.writing() as session:
            await session.execute(text("SET LOCAL lock_timeout = '2s'"))
            await session.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            await _make(session, month)
        month = following(month)


def following(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def first_id(month: date) -> UUID:
    """Return the least id of version 7 that a record of the month can have [RFC 9562 section 5.7]."""
    milliseconds = int(datetime(month.year, month.month, 1, tzinfo=UTC).timestamp() * 1_000)
    return UUID(int=milliseconds << 80)


async def _make(session: Session, month: date) -> None:
    name, start, end = f"disclosures_{month:%Y_%m}", first_id(month), first_id(following(month))
    ((there, waiting),) = await session.fetch(
        text(
            "SELECT to_regclass(:name) IS NOT NULL, (SELECT count(*) FROM (SELECT FROM disclosures_other "
            "WHERE disclosure_id >= CAST(:start AS uuid) AND disclosure_id < CAST(:end AS uuid) LIMIT :most) AS found)"
        ),
        {"name": name, "start": start, "end": end, "most": MOST_MOVED + 1},
    )
    if there or waiting > MOST_MOVED:
        return
    within = f"disclosure_id >= '{start}' AND disclosure_id < '{end}'"
    for statement in (
        # Made apart and attached, so that the whole table is not locked against reading and writing meanwhile.
        f"CREATE TABLE {name} (LIKE disclosures INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        "LOCK TABLE disclosures_other IN ACCESS EXCLUSIVE MODE",
        f"WITH moved AS (DELETE FROM disclosures_other WHERE {within} RETURNING *) INSERT INTO {name} TABLE moved",
        f"ALTER TABLE disclosures ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')",
    ):
        await session.execute(text(statement))
