"""Gives a subject what proves that what it is shown is all there is: its head in an epoch, pages, growth [5.1.6].

Everything is of the trees as the newest epoch committed to them, which have grown since. Implements `OwnLedgers`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from consent.ledger.completeness import OwnHead
from consent.ledger.epochs import Blinding, Head, sums_of
from consent.ledger.own_ledger import OwnLedger, OwnLedgerEntry, OwnPage, OwnTree
from consent.ledger.subject_trees import growth_nodes, growth_proof, needed_blocks, range_nodes, range_proof, root_at
from consent.ports import Log
from gateway.ledger.subject_trees.epoch_store import EpochStore
from policy.crypto.keyring import Keyring
from policy.crypto.subject_secrets import open_secret
from storage.database.database import Database
from storage.ledger.epoch_heads import head_of, last_epoch
from storage.ledger.own_entries import OwnTreeReader, TreeEntry

MOST_ENTRIES: Final = 100
"""The most leaves of one page: it lies in two blocks at most."""


@dataclass(frozen=True, slots=True)
class OwnLedgerService:
    """Reads the trees of one subject at a time."""

    database: Database
    keyring: Keyring
    store: EpochStore

    async def latest(self, subject_id: UUID) -> OwnLedger | None:
        """Return the subject's head in the newest epoch; None where that has none of it yet.

        Raises OwnTreeBroken, SealBroken, and errors of the store.
        """
        epoch, stored = await last_epoch(self.database), await head_of(self.database, subject_id)
        if epoch is None or epoch.folder is None or stored is None or stored.wrapped is None or stored.secret is None:
            return None
        secret = open_secret(self.keyring, subject_id, stored.wrapped, stored.secret)
        found = await self.store.find(epoch.folder, epoch.heads, Blinding(epoch.epoch).label(secret))
        if found is None:
            return None
        consent_count, access_count = sums_of(found.node)
        generation, roots = 0, list[bytes]()
        counts: Sequence[tuple[Log, int]] = (("consent", consent_count), ("access", access_count))
        for log, count in counts:
            reader = await self._reader(subject_id, log)
            generation = reader.generation
            roots.append(root_at(count, (await reader.tree(needed_blocks(range_nodes(0, count)))).node))
        return OwnLedger(
            subject_id=subject_id,
            secret=secret,
            epoch_keys=Blinding(epoch.epoch).keys(secret),
            own=OwnHead(epoch.epoch, Head(consent_count, access_count, *roots), found.way),
            made_at=epoch.made_at,
            heads=epoch.heads,
            root=epoch.root,
            generation=generation,
            trees=[
                OwnTree("consent", consent_count, roots[0], epoch.consent_size),
                OwnTree("access", access_count, roots[1], epoch.access_size),
            ],
        )

    async def growth(self, subject_id: UUID, tree: OwnTree, old_size: int) -> Sequence[bytes]:
        """Return what shows that *tree* is the one of *old_size* with leaves appended. Raises ProofRefused."""
        nodes = growth_nodes(old_size, tree.size)
        reader = await self._reader(subject_id, tree.log)
        return growth_proof(old_size, tree.size, (await reader.tree(needed_blocks(nodes))).node)

    async def page(self, subject_id: UUID, tree: OwnTree, start: int, count: int) -> OwnPage:
        """Return leaves of *tree* from *start* on, with their proof. Raises ProofRefused for leaves that it has not."""
        end = min(start + min(count, MOST_ENTRIES), tree.size)
        reader = await self._reader(subject_id, tree.log)
        nodes = [*range_nodes(0, start), *range_nodes(end, tree.size)] if 0 <= start < end else []
        proof = range_proof(start, end, tree.size, (await reader.tree(needed_blocks(nodes))).node)
        entries = [_shown(each, subject_id) for each in await reader.entries(start, end)]
        return OwnPage(start, entries, proof.before, proof.after)

    async def _reader(self, subject_id: UUID, log: Log) -> OwnTreeReader:
        reader = OwnTreeReader(self.database, subject_id, log)
        await reader.load()
        return reader


def _shown(entry: TreeEntry, subject_id: UUID) -> OwnLedgerEntry:
    proof = None if entry.disclosure is None else entry.disclosure.proof(subject_id)
    source = entry.source if entry.disclosure is None else entry.disclosure.disclosure_id
    return OwnLedgerEntry(entry.leaf_index, source, entry.entry, entry.own_hash, proof, entry.opened_from)
