"""Mutations that were carried out already, by actor and idempotency key."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select

from consent.errors import VERSION_CONFLICT, Collision
from consent.ports import StoredResult
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.tables import idempotency_keys


async def hold(session: Session, actor_ref: str, key: str) -> None:
    """Wait on PostgreSQL until no other transaction carries out a mutation of this actor under this key.

    Otherwise a request that is sent again while the first one runs would be refused because of what the first did.
    SQLite has only one writer.
    """
    place = int.from_bytes(sha256(f"{len(actor_ref)}:{actor_ref}{key}".encode()).digest()[:8], signed=True)
    await session.fetch(select(func.pg_advisory_xact_lock(place)))


async def recall(session: Session, actor_ref: str, key: str) -> StoredResult | None:
    """Return the response that is stored under this actor's key, or None."""
    own = idempotency_keys.c.actor_ref == actor_ref, idempotency_keys.c.key == key
    rows = await session.fetch(select(idempotency_keys.c.request_hash, idempotency_keys.c.result).where(*own))
    return StoredResult(*rows[0]) if rows else None


async def remember(session: Session, actor_ref: str, key: str, done: StoredResult, at: datetime) -> None:
    """Store a response under a key; raises VERSION_CONFLICT where the key was taken meanwhile."""
    answer = {"request_hash": done.request_hash, "result": dict(done.result)}
    row = {"actor_ref": actor_ref, "key": key, "at": at, **answer}
    if await session.execute(insert_once(idempotency_keys), row) == 0:
        raise Collision(VERSION_CONFLICT)
