"""A request that is sent again does nothing twice: a mutation carries a key, and we store the ids it led to."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from hashlib import sha256

from consent.errors import KEY_REUSED, Collision
from consent.leaves.canonical_form import canonical_bytes
from consent.ports import IdempotencyStore, StoredResult


def request_hash(action: str, arguments: Mapping[str, object]) -> str:
    """Return the hash that distinguishes two requests under one key; *arguments* are ids, names and bounds."""
    return sha256(canonical_bytes([action, dict(arguments)])).hexdigest()


async def once_for_ids(
    work: IdempotencyStore,
    actor_ref: str,
    key: str | None,
    *,
    asked: str,
    at: datetime,
    act: Callable[[], Awaitable[Mapping[str, str]]],
) -> Mapping[str, str]:
    """Carry out *act*, unless this actor already did under *key*; *asked* is the `request_hash`.

    What *act* returns is ids, which are all that is stored of it: their records are read back under today's rights.
    Raises KEY_REUSED where the key was used for another request. Without a key *act* is simply carried out.
    """
    before = None if key is None else await work.recall(actor_ref, key)
    if before is not None:
        if before.request_hash != asked:
            raise Collision(KEY_REUSED)
        return before.result
    ids = await act()
    if key is not None:
        await work.remember(actor_ref, key, StoredResult(asked, dict(ids)), at)
    return ids
