"""Trying again does nothing twice: a mutation carries a key, and the archive remembers what it led to."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from consent.authorisation import Authorisation
from consent.errors import KEY_REUSED, Collision
from consent.log_entries import canonical_bytes
from consent.ports import IdempotencyStore, StoredResult, Work


@dataclass(frozen=True, slots=True)
class AuthorisationRef:
    """Which authorisation a mutation led to. Its content is read back by the guarded plan, never replayed from here."""

    subject_id: UUID
    authorisation_id: UUID


def request_hash(action: str, arguments: Mapping[str, object]) -> str:
    """Return the hash by which two requests under one key are told apart; *arguments* are ids, names and bounds."""
    return sha256(canonical_bytes([action, dict(arguments)])).hexdigest()


async def once(
    work: Work,
    actor_ref: str,
    key: str | None,
    *,
    asked: str,
    at: datetime,
    act: Callable[[], Awaitable[Authorisation]],
) -> AuthorisationRef:
    """Carry out *act*, unless this actor already did under *key*; *asked* is the `request_hash`.

    Raises KEY_REUSED where the key was used for another request. Without a key *act* is simply carried out.
    """

    async def ids() -> Mapping[str, str]:
        done = await act()
        return {"subject_id": str(done.subject_id), "authorisation_id": str(done.authorisation_id)}

    found = await once_for_ids(work, actor_ref, key, asked=asked, at=at, act=ids)
    return AuthorisationRef(UUID(found["subject_id"]), UUID(found["authorisation_id"]))


async def once_for_ids(
    work: IdempotencyStore,
    actor_ref: str,
    key: str | None,
    *,
    asked: str,
    at: datetime,
    act: Callable[[], Awaitable[Mapping[str, str]]],
) -> Mapping[str, str]:
    """Do the same for whatever led to any ids, which are all that is remembered of it."""
    before = None if key is None else await work.recall(actor_ref, key)
    if before is not None:
        if before.request_hash != asked:
            raise Collision(KEY_REUSED)
        return before.result
    ids = await act()
    if key is not None:
        await work.remember(actor_ref, key, StoredResult(asked, dict(ids)), at)
    return ids
