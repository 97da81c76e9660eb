"""The partitions of `disclosures` on PostgreSQL, one a month, and the upkeep of the index over their subjects.

A month has its partition before it begins. Whatever has none goes to `disclosures_other`, so that no read is refused
for want of one; it is moved when its month gets a partition. On SQLite there is nothing to do.
"""

import asyncio
from collections.abc import Callable
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
CLEAN_SECONDS: Final = 1.0
LOCK: Final = 0x646973636C6F7365  # "disclose": replicas take turns
_CLEAN: Final = f"""
SELECT gin_clean_pending_list(newest.index) FROM (
    SELECT inhrelid::regclass AS index FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'ix_disclosures_subjects'::regclass ORDER BY relname DESC LIMIT {MONTHS_AHEAD + 3}
) AS newest WHERE pg_try_advisory_xact_lock({LOCK + 1})
"""
"""Of the rest, the months before this and the last, the index is clean: nothing is inserted there any more."""


async def keep_up(database: Database, now: Callable[[], datetime]) -> None:
    """Make the partitions of the next months, and keep the index clean, until cancelled.

    New subjects wait in a list of the index; whoever fills it would clean it within its own commit, and wait for half
    a second. So it is cleaned every second here.
    """
    while True:
        await make_months_ahead(database, now().astimezone(UTC).date())
        for _ in range(LOOK_SECONDS):
            await clean_index(database)
            await asyncio.sleep(CLEAN_SECONDS)


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
