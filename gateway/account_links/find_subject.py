"""Finds the subject of an account at each request: a new link counts at once, and an ended one no more."""

from dataclasses import dataclass
from uuid import UUID

from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.repositories.subjects.account_links import link_of


def account_hashes(keyring: Keyring, issuer: str, ref: str) -> tuple[bytes, ...]:
    """Return the keyed hashes of an account, one for each version of the key, the current one first.

    The issuer is part of them: the same reference of another issuer is another account.
    """
    return keyring.fingerprints(f"account {len(issuer)}:{issuer}{ref}".encode())


@dataclass(frozen=True, slots=True)
class LinkedSubjects:
    """The links of accounts of *issuer*."""

    database: Database
    keyring: Keyring
    issuer: str

    async def __call__(self, ref: str) -> UUID | None:
        """Return the subject of the account *ref*; None where it is not linked."""
        found = await self.database.fetch(link_of(account_hashes(self.keyring, self.issuer, ref)))
        return found[0][0] if found else None
