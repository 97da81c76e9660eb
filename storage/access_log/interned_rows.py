"""Contexts and grounds of disclosures: each is stored once, and found by its digest."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Table, select

from consent.disclosures.formats import AccessContext, Disclosure, Ground, distinct
from storage.database.conflicts import insert_once
from storage.database.database import Database
from storage.database.session import Session
from storage.tables import access_contexts, access_grounds

REMEMBERED = 16_384
"""How many contexts and how many grounds a process remembers; each takes some hundred bytes."""
LOOK_AGAIN_SECONDS = 60.0
AT_ONCE = 500
"""How many digests one statement searches for."""

Digests = Mapping[bytes, int]


@dataclass(slots=True)
class InternedIds:
    """The ids that the database gave, by digest."""

    contexts: dict[bytes, int] = field(default_factory=dict)
    grounds: dict[bytes, int] = field(default_factory=dict)


async def intern(session: Session, disclosures: Sequence[Disclosure]) -> InternedIds:
    """Return the ids of what *disclosures* refer to, and store what is new in this transaction.

    Rows are inserted in the order of their digests, so that two transactions cannot block each other.
    """
    contexts = {each.context.digest: each.context for each in disclosures}
    grounds = grounds_of(disclosures)
    return InternedIds(
        await _ids(session, access_contexts, {digest: _context_row(each) for digest, each in contexts.items()}),
        await _ids(session, access_grounds, {digest: _ground_row(each) for digest, each in grounds.items()}),
    )


def grounds_of(disclosures: Iterable[Disclosure]) -> dict[bytes, Ground]:
    """Return every ground of *disclosures* by its digest."""
    return {ground.digest: ground for each in disclosures for part in distinct(each.parts) for ground, _ in part}


class InternedRows:
    """What one process has interned; each new row becomes durable in a transaction of its own, before its first use.

    It looks again every minute, and whenever a commit was in doubt: a standby that became the primary may lack the
    last rows, and give their ids to others.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = InternedIds()
        self._until = 0.0

    def forget(self) -> None:
        """Forget every id; what the database has is found again."""
        self._known = InternedIds()

    async def ids(self, disclosures: Sequence[Disclosure]) -> InternedIds:
        """Return ids that cover *disclosures*."""
        now = asyncio.get_running_loop().time()
        if now >= self._until:
            self._until = now + LOOK_AGAIN_SECONDS
            self.forget()
        known = self._known
        new = [each for each in disclosures if not _covers(known, each)]
        if new:
            async with self._database.writing() as session:
                found = await intern(session, new)
            if max(len(known.contexts), len(known.grounds)) > REMEMBERED:
                self.forget()
                return await self.ids(disclosures)
            known.contexts.update(found.contexts)
            known.grounds.update(found.grounds)
        return known


def _covers(known: InternedIds, disclosure: Disclosure) -> bool:
    if disclosure.context.digest not in known.contexts:
        return False
    # Without a generator for each part: this runs for every page before it is shown.
    for part in distinct(disclosure.parts):
        for ground, _ in part:
            if ground.digest not in known.grounds:
                return False
    return True


async def _ids(session: Session, table: Table, rows: Mapping[bytes, Mapping[str, object]]) -> dict[bytes, int]:
    found = await _stored(session, table, list(rows))
    new = sorted(rows.keys() - found.keys())
    if new:
        await session.execute(insert_once(table), [{"digest": digest, **rows[digest]} for digest in new])
        found |= await _stored(session, table, new)
    return found


async def _stored(session: Session, table: Table, digests: Sequence[bytes]) -> dict[bytes, int]:
    (key,) = table.primary_key.columns
    found: dict[bytes, int] = {}
    for at in range(0, max(len(digests), 1), AT_ONCE):
        wanted = select(table.c.digest, key).where(table.c.digest.in_(digests[at : at + AT_ONCE]))
        found |= {bytes(digest): number for digest, number in await session.fetch(wanted)}
    return found


def _context_row(context: AccessContext) -> dict[str, object]:
    return {
        "role": context.role,
        "department_code": context.department_code,
        "purpose": context.purpose.value,
        "channel": context.channel.value,
        "known_by": context.known_by.value,
        "document_hash": context.document_hash,
    }


def _ground_row(ground: Ground) -> dict[str, object]:
    return {"basis": ground.basis.value, "citation": ground.citation, "fields": [list(each) for each in ground.fields]}
