"""What waits for somebody else: messages for the courier, leaves for the sequencer. Written with the fact itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, select, update

from storage.session import Session
from storage.tables import outbox, pending_entries

Log = Literal["consent", "access"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it waits. *about* holds references; whoever sends it reads the particulars under its own purpose."""

    message_id: UUID
    topic: str
    about: Mapping[str, Any]
    created_at: datetime
    attempts: int


class Outbox:
    """The table `outbox`: told at least once, oldest first."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def leave(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        """Leave a message; it is there if, and only if, the transaction commits."""
        row = {"message_id": message_id, "topic": topic, "about": dict(about), "created_at": at}
        await self._session.execute(insert(outbox), row)

    async def unsent(self, limit: int) -> Sequence[Message]:
        """Take the oldest unsent messages for this transaction; on PostgreSQL another courier gets the next ones."""
        columns = outbox.c.message_id, outbox.c.topic, outbox.c.about, outbox.c.created_at, outbox.c.attempts
        oldest = select(*columns).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.created_at, outbox.c.message_id)
        rows = await self._session.fetch(oldest.limit(limit).with_for_update(skip_locked=True))
        return [Message(*row) for row in rows]

    async def sent(self, message_id: UUID, at: datetime) -> None:
        """Note that a message has arrived."""
        this = update(outbox).where(outbox.c.message_id == message_id)
        await self._session.execute(this.values(sent_at=at, attempts=outbox.c.attempts + 1))

    async def failed(self, message_id: UUID) -> None:
        """Note an attempt that did not arrive; the message stays unsent."""
        this = update(outbox).where(outbox.c.message_id == message_id)
        await self._session.execute(this.values(attempts=outbox.c.attempts + 1))


async def pend(session: Session, log: Log, entry_id: UUID, leaf_hash: bytes, at: datetime) -> None:
    """Leave a leaf for the sequencer."""
    row = {"log": log, "entry_id": entry_id, "leaf_hash": leaf_hash, "appended_at": at}
    await session.execute(insert(pending_entries), row)
