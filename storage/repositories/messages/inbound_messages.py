"""Messages from other platforms, and their items in quarantine [5.1.3] [6.2]."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update

from credit.subjects.subject import Place, Sealed
from storage.database.conflicts import insert_once
from storage.repositories.rows import SqlRepository
from storage.tables import inbound_messages, quarantine

ACCEPTED, QUARANTINED = "ACCEPTED", "QUARANTINED"
TABLE, BODY = "quarantine", "body"


@dataclass(frozen=True, slots=True)
class Came:
    """The outcome of an inbound message."""

    source: str
    key: str
    fingerprint: bytes = field(repr=False)
    received_at: datetime
    outcome: str
    case_id: UUID | None = None
    item_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One item in quarantine. *body* is sealed under a key of its own; None after it is settled."""

    item_id: UUID
    source: str
    key: str
    received_at: datetime
    department_code: str | None
    reasons: str
    """Codes with the names of the items that they are about, never values."""
    body: Sealed | None = field(repr=False, default=None)


class InboundMessageRepository(SqlRepository):
    """The tables `inbound_messages` and `quarantine`."""

    async def known(self, source: str, key: str) -> Came | None:
        """Return the outcome of an earlier message under this key."""
        table = inbound_messages.c
        columns = table.body_hash, table.received_at, table.outcome, table.case_id, table.item_id
        rows = await self._session.fetch(select(*columns).where(table.source == source, table.message_key == key))
        return Came(source, key, bytes(rows[0][0]), *rows[0][1:]) if rows else None

    async def note(self, came: Came) -> bool:
        """Store the outcome of a message; False where its key was taken meanwhile."""
        row = {
            "source": came.source,
            "message_key": came.key,
            "body_hash": came.fingerprint,
            "received_at": came.received_at,
            "outcome": came.outcome,
            "case_id": came.case_id,
            "item_id": came.item_id,
        }
        return await self._session.execute(insert_once(inbound_messages), row) > 0

    async def hold(self, item: Held, body: bytes, mask: str, wrapped: bytes, kek: str) -> None:
        """Put a sealed item into quarantine."""
        row = {
            "item_id": item.item_id,
            "source": item.source,
            "message_key": item.key,
            "received_at": item.received_at,
            "department_code": item.department_code,
            "reasons": item.reasons,
            "wrapped": wrapped,
            "kek": kek,
            "body_sealed": body,
            "body_mask": mask,
        }
        await self._session.execute(insert(quarantine), row)

    async def held(self, limit: int, item_id: UUID | None = None) -> Sequence[Held]:
        """Return the items that wait for a person, the oldest first, or the one item of this id."""
        table = quarantine.c
        columns = (
            table.item_id,
            table.source,
            table.message_key,
            table.received_at,
            table.department_code,
            table.reasons,
            table.wrapped,
            table.version,
            table.body_sealed,
        )
        own = [] if item_id is None else [table.item_id == item_id]
        waiting = select(*columns).where(table.settled_at.is_(None), *own).order_by(table.received_at, table.item_id)
        return [_held(row) for row in await self._session.fetch(waiting.limit(limit))]

    async def count(self) -> int:
        """Count the items that wait for a person."""
        ((count,),) = await self._session.fetch(
            select(func.count()).select_from(quarantine).where(quarantine.c.settled_at.is_(None))
        )
        return int(count)

    async def settle(self, item_id: UUID, by: str, settled_as: str, at: datetime) -> bool:
        """Note that a person has settled an item, and destroy it with its key; False where no such item waits."""
        this = quarantine.c.item_id == item_id, quarantine.c.settled_at.is_(None)
        gone = {"wrapped": b"", "body_sealed": None, "body_mask": None}
        done = {"settled_at": at, "settled_by": by, "settled_as": settled_as}
        return await self._session.execute(update(quarantine).where(*this).values(gone | done)) > 0


def _held(row: Sequence[object]) -> Held:
    item_id, source, key, received_at, department, reasons, wrapped, version, body = row
    place = Place(TABLE, BODY, item_id, item_id, version)  # type: ignore[arg-type]  # a row of the database is object
    box = None if body is None else Sealed(place, bytes(body), bytes(wrapped))  # type: ignore[call-overload]  # as above
    return Held(item_id, source, key, received_at, department, reasons, box)  # type: ignore[arg-type]  # as above
