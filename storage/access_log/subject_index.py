"""The index over the subjects of disclosures on SQLite, `disclosed_subjects`, of which no answer waits.

A record is two short rows: the disclosure, and its mark in `unindexed_disclosures`. The index takes a row for each
subject, most of them on a page of their own, so that writing it takes several times as long as all else of a record. It
is written here, every second, for many disclosures at once and in its own order. Who reads the log looks through what
still waits (`storage.queries.statements.log_page`). PostgreSQL does the same within its own index
(`storage.access_log.partitions`).
"""

import asyncio
from typing import Final

from storage.database.database import Database
from storage.database.sql_ids import zeros

PAUSE_SECONDS: Final = 1.0
DISCLOSURES_AT_ONCE: Final = 500
SUBJECTS_AT_ONCE: Final = 10_000
"""The most that one transaction indexes, so that a record does not wait long for its own."""

_LAST: Final = """
SELECT max(disclosure_id) FROM (
    SELECT disclosure_id, sum(bytes) OVER (ORDER BY disclosure_id) - bytes AS bytes_before FROM (
        SELECT u.disclosure_id, coalesce(length(d.subjects), 0) AS bytes
        FROM unindexed_disclosures AS u LEFT JOIN disclosures AS d ON d.disclosure_id = u.disclosure_id
        ORDER BY u.disclosure_id LIMIT ?
    )
) WHERE bytes_before < 16 * ?
"""
"""The last disclosure of those that are next."""
_INDEX: Final = f"""
INSERT OR IGNORE INTO disclosed_subjects (subject_id, disclosure_id)
SELECT substr(d.subjects, place.key * 16 + 1, 16) AS subject_id, d.disclosure_id
FROM unindexed_disclosures AS u CROSS JOIN disclosures AS d ON d.disclosure_id = u.disclosure_id
CROSS JOIN json_each({zeros("length(d.subjects) / 16")}) AS place
WHERE u.disclosure_id <= ? AND substr(d.subjects, place.key * 16 + 1, 16) <> zeroblob(16)
ORDER BY 1, 2
"""
_DONE: Final = "DELETE FROM unindexed_disclosures WHERE disclosure_id <= ?"


async def keep_indexed(database: Database) -> None:
    """Index what waits, every second, until cancelled."""
    while True:
        await index_waiting(database)
        await asyncio.sleep(PAUSE_SECONDS)


async def index_waiting(
    database: Database, disclosures_at_once: int = DISCLOSURES_AT_ONCE, subjects_at_once: int = SUBJECTS_AT_ONCE
) -> None:
    """Index every disclosure that waits."""
    at_once = disclosures_at_once, subjects_at_once
    while (await database.fetch_text(_LAST, at_once))[0][0] is not None:
        async with database.writing() as session:
            # Asked again in this transaction: another process may have indexed them meanwhile.
            ((last,),) = await session.fetch_text(_LAST, at_once)
            await session.run_text(_INDEX, [(last,)])
            await session.run_text(_DONE, [(last,)])
