"""Which subject an account of the identity platform acts for [5.1.6]."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, select

from storage.database.conflicts import insert_once
from storage.repositories.rows import SqlRepository
from storage.tables import account_links


@dataclass(frozen=True, slots=True)
class AccountLink:
    """The subject of an account, and since when."""

    subject_id: UUID
    linked_at: datetime


class AccountLinkRepository(SqlRepository):
    """The table `account_links`. An account arrives as keyed hashes: one for each version of the key."""

    async def find(self, account: Collection[bytes]) -> AccountLink | None:
        """Return the link of the account, under any version of its hash."""
        found = await self._session.fetch(link_of(account))
        return AccountLink(*found[0]) if found else None

    async def add(self, account: bytes, link: AccountLink) -> bool:
        """Link the account; False where it has a link."""
        row = {"account": account, "subject_id": link.subject_id, "linked_at": link.linked_at}
        return await self._session.execute(insert_once(account_links), row) > 0

    async def remove(self, account: Collection[bytes]) -> bool:
        """End the link of the account; False where it has none."""
        return await self._session.execute(delete(account_links).where(account_links.c.account.in_(account))) > 0


def link_of(account: Collection[bytes]) -> Select[tuple[UUID, datetime]]:
    """Select subject and instant of the link of the account, under any version of its hash."""
    columns = account_links.c.subject_id, account_links.c.linked_at
    return select(*columns).where(account_links.c.account.in_(account))
