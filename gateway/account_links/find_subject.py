"""Finds the subject of an account at each request: a new link counts at once, and an ended one no more.

The entry of the registration that made a link commits to the account by a digest of its hash, as it does to sealed text
(`consent.leaves.provenance`): keyed with the subject's key, so that a hash which is exchanged is found, and so that the
digest says nothing once the subject is erased.

    ["account_links.account","<registration id>","<digest>"]    of the hash in hexadecimal
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from credit.subjects.subject import Place
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.repositories.subjects.account_links import link_of


def account_hashes(keyring: Keyring, issuer: str, ref: str) -> tuple[bytes, ...]:
    """Return the keyed hashes of an account, one for each version of the key, the current one first.

    The issuer is part of them: the same reference of another issuer is another account.
    """
    return keyring.fingerprints(f"account {len(issuer)}:{issuer}{ref}".encode())


_NO_VERSION: Final = 0


def account_digest(keyring: Keyring, account: bytes, place: Place, wrapped: bytes) -> bytes:
    """Return the digest by which a registration commits to the hash of an account; raises SealBroken.

    *wrapped* is the key of the subject, as it is stored.
    """
    return keyring.content_digest(account.hex(), place, wrapped)


def account_place(subject_id: UUID, registration_id: UUID) -> Place:
    """Return the place under which the entry of a registration names the account that it linked."""
    return Place("account_links", "account", subject_id, registration_id, _NO_VERSION)


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
