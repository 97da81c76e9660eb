"""Splits a correction by case: an error in a subject's identity is an error in all of its cases [5.1.4(6)].

The message is replaced by one for each case that the recipient has received, at the end of that case's partition, so
that the order within a case holds. The recipient counts as notified when the last of them has arrived.
"""

from uuid import UUID

from sqlalchemy import select

from credit.corrections.deliveries import TOPIC
from gateway.outbox_relay.recipients import Recipient
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.repositories.messages.outbox import NewMessage
from storage.repositories.messages.outbox_queue import SPLIT, OutboxMessage
from storage.tables import deliveries
from storage.unit_of_work import SqlUnitOfWork


async def split(database: Database, runtime: Runtime, message: OutboxMessage, recipient: Recipient) -> bool:
    """Replace a correction's message by one for each case that *recipient* has received; return whether it did."""
    if message.topic != TOPIC or "part_of" in message.about:
        return False
    given = await _given(database, UUID(str(message.about["subject_id"])), recipient)
    if message.lane is not None and given <= {message.lane}:
        return False
    about, now = {**message.about, "part_of": str(message.message_id)}, runtime.now()
    parts = [
        NewMessage(runtime.new_id(), message.topic, {**about, "case_id": str(case_id)}, now)
        for case_id in sorted(given)
    ]
    async with SqlUnitOfWork(database) as work:
        await work.messages.enqueue_all(parts)
        await work.outbox_queue.sent(message.message_id, now, failure=SPLIT)
        await work.commit()
    return True


async def _given(database: Database, subject_id: UUID, recipient: Recipient) -> set[UUID]:
    """Return the cases of the subject that *recipient* has received by its route."""
    table = deliveries.c
    own = table.subject_id == subject_id, table.recipient == recipient.name, table.route == recipient.route.value
    return {case_id for (case_id,) in await database.fetch(select(table.case_id).where(*own).distinct())}
