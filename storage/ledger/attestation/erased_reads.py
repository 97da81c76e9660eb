"""What stays of reads whose subject was erased before revision 41: taken over with the rows, each with an entry.

Such a row has no subject whose entry could tell of it. So each gets the entry that an erasure makes since then, all of
them in the transaction that closes the take-over, and the log `system` states how many there were.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from storage.database.session import Session
from storage.ledger.audit.known_entries import known_entries
from storage.repositories.subjects.erased_reads import enter_erased_reads, reads_without_entry


async def count_erased_reads(session: Session, limit: int) -> int:
    """Return how many would be taken over."""
    return sum([len(some) async for some in _pages(session, limit)])


async def take_over_erased_reads(session: Session, random: Callable[[int], bytes], limit: int) -> int:
    """Give each its entry, and return how many there were."""
    count = 0
    async for some in _pages(session, limit):
        await enter_erased_reads(session, some, random)
        count += len(some)
    return count


async def _pages(session: Session, limit: int) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """Give them page by page, without rows of reads that the log never had: these stand for nothing."""
    after: UUID | None = None
    while found := await reads_without_entry(session, after, limit):
        after = found[-1]["entry_id"]
        known = await known_entries(session, [each["entry_id"] for each in found])
        yield [each for each in found if each["entry_id"] in known]
