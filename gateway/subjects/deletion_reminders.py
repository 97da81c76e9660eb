"""Reminds recipients, once, of what they did not delete in time [5.1.6] [PIPL 47].

That a deletion is late follows from the day alone: worklists and figures show it without this job.
"""

import asyncio
from typing import Final

import structlog

from schema.core.ports import Runtime
from storage.database.database import Database
from storage.unit_of_work import SqlUnitOfWork

EVERY_SECONDS: Final = 60.0
AT_ONCE: Final = 100
TOPIC: Final = "deletion.overdue"


async def keep_reminding(database: Database, runtime: Runtime) -> None:
    """Remind every minute, until cancelled."""
    while True:
        while await remind(database, runtime) == AT_ONCE:
            pass
        await asyncio.sleep(EVERY_SECONDS)


async def remind(database: Database, runtime: Runtime) -> int:
    """Remind the recipients of the next late duties, and return of how many."""
    now = runtime.now()
    async with SqlUnitOfWork(database) as work:
        late = await work.deletions.to_chase(runtime.today(now), AT_ONCE)
        for duty in late:
            await work.deletions.chased(duty, now)
            about = {
                "to": "recipient",
                "subject_id": str(duty.subject_id),
                "authorisation_id": str(duty.authorisation_id),
                "recipient_code": duty.recipient_code,
            }
            await work.outbox(TOPIC, about, runtime.new_id(), now)
        await work.commit()
    if late:
        structlog.get_logger().info("deletion.overdue", count=len(late))
    return len(late)
