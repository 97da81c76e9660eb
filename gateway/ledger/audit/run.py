"""Runs the audit: every walk, a page at a time, each page in a snapshot of its own.

Nothing is written. A change that commits while a page is compared is seen whole or not at all, so that a lawful one is
never called a contradiction.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.ledger.audit.linked_accounts import linked_accounts
from gateway.ledger.audit.sealed_values import sealed_walks
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.ledger.audit.findings import Contradiction
from storage.ledger.audit.recent import recent_walks
from storage.ledger.audit.walks import ROWS_AT_ONCE, AuditWalk, Position, walks

Progress = Callable[[str, int, int], None]
"""Called with what is compared, how many walks are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class AuditPosition:
    """How far an audit has come: the walk that is next or under way, and where its last page ended."""

    walk: str | None = None
    after: Position | None = None
    is_over: bool = False


BEGINNING = AuditPosition()


def all_walks(database: Database, keyring: Keyring) -> list[AuditWalk]:
    """Return every walk of the audit, in its order."""
    return [*walks(database.dialect, keyring.pending_tag), *sealed_walks(keyring), linked_accounts(keyring)]


async def next_page(
    database: Database, every: Sequence[AuditWalk], at: AuditPosition, limit: int = ROWS_AT_ONCE
) -> tuple[list[Contradiction], AuditPosition]:
    """Compare the page behind *at*; return its findings and where the audit goes on.

    A walk of another release, which this one does not have, begins the audit anew.
    """
    names = [walk.name for walk in every]
    place = names.index(at.walk) if at.walk in names else 0
    after = at.after if at.walk in names else None
    async with database.snapshot() as session:
        findings, end = await every[place].page(session, after, limit)
    if end is not None:
        return findings, AuditPosition(names[place], end)
    if place + 1 == len(every):
        return findings, replace(at, is_over=True)
    return findings, AuditPosition(names[place + 1])


async def findings_of(
    database: Database,
    keyring: Keyring,
    progress: Progress = lambda *_: None,
    limit: int = ROWS_AT_ONCE,
    since: datetime | None = None,
) -> AsyncIterator[Contradiction]:
    """Give every contradiction of one database, as it is found; with *since* those in what changed since then."""
    recent = None if since is None else recent_walks(database.dialect, keyring.pending_tag, since)
    every, at = recent or all_walks(database, keyring), BEGINNING
    names = [walk.name for walk in every]
    while not at.is_over:
        progress("audit", names.index(at.walk) if at.walk else 0, len(every))
        findings, at = await next_page(database, every, at, limit)
        for finding in findings:
            yield finding
    progress("audit", len(every), len(every))
