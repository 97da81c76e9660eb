"""An epoch: every subject's head, blinded anew, in one tree; its root, number and sums in the log `system` [5.1.6].

    fold all that is integrated ──> one snapshot: heads, positions, sums ──> the tree, to the store
    ──> the sums are those that the entries state, else nothing is published and an alarm is raised
    ──> the store names it as the newest ──> its entry waits for the log `system`

Each step can be repeated: what ends before the last leaves a folder without a name, and at worst a number that is never
used. A number is given once, because the store knows it even where the database was restored to an earlier moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from consent.ledger.epoch_trees import EpochTree, Piece
from consent.ledger.epochs import Blinding, HeadsInOrder, sums_of
from consent.ledger.right_edge import RightEdge
from consent.ledger.system_entries import EpochRoot
from consent.ports import Log
from gateway.ledger.subject_trees.epoch_store import PIECES_AT_ONCE, EpochStore, LastEpoch, no_longer_kept
from gateway.ledger.subject_trees.remembered_secrets import RememberedSecrets
from policy.crypto.keyring import Keyring
from policy.crypto.subject_secrets import open_secret
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.ledger.epoch_heads import (
    StoredEpoch,
    StoredHead,
    begin_generation,
    empty_heads,
    folds,
    forget_tree,
    heads_of_all,
    keep_epoch,
    kept_epochs,
    newest_number,
)
from storage.ledger.subject_trees.subject_fold import Fold, SubjectFold
from storage.ledger.system_entries import state
from storage.unit_of_work import SqlUnitOfWork

RUN_BYTES: Final = 8


class EpochDoesNotAddUp(Exception):
    """The heads of all subjects do not have the entries that the logs state: something was deleted, added or changed.

    *missing* says how many entries of each log have no head, fewer than none where heads have too many.
    """

    def __init__(self, missing: Mapping[Log, int], headless: int) -> None:
        super().__init__("the counts of all subjects are not those that the entries of the logs state")
        self.missing = missing
        self.headless = headless


@dataclass(frozen=True, slots=True)
class _Collected:
    """The blinded heads of one moment, and how far each log had gone into the trees by then."""

    heads: HeadsInOrder
    folds: Mapping[Log, Fold]
    headless: int
    """How many trees belong to nobody who has a secret."""


@dataclass(frozen=True, slots=True)
class EpochMaker:
    """Makes epochs of one database."""

    database: Database
    store: EpochStore
    keyring: Keyring
    runtime: Runtime
    secrets: RememberedSecrets = field(default_factory=RememberedSecrets)

    async def make(self) -> StoredEpoch:
        """Make the next epoch. Raises EpochDoesNotAddUp, and errors of the store; then nothing is published."""
        await SubjectFold(self.database).fold()
        newest, version = await self.store.last()
        number = await newest_number(self.database)
        if newest is not None and newest.epoch > number:
            await self._note_shorter_trees(newest)
            number = newest.epoch
        number += 1
        collected = await self._collect(Blinding(number))
        folder = f"{number}-{self.runtime.random(RUN_BYTES).hex()}"
        count = len(collected.heads)
        tree = await self._write(folder, collected.heads)
        require_sums(tree.root, collected.folds, collected.headless)
        consent, access = collected.folds["consent"].position, collected.folds["access"].position
        await self.store.announce(LastEpoch(number, folder, count, tree.root.hex(), consent, access), version)
        made = await self._publish(number, folder, tree, collected.folds)
        await self._tidy(made.made_at)
        return made

    async def _note_shorter_trees(self, newest: LastEpoch) -> None:
        """Begin a new generation of every tree that is shorter than in an epoch that only the store knows.

        The database was restored to an earlier moment, or a run ended after the store and before the database: then no
        tree is shorter. Once, it holds a label of each subject.
        """
        blinding, known = Blinding(newest.epoch), dict[bytes, tuple[UUID, int, int]]()
        async with self.database.snapshot() as session:
            for pages in (heads_of_all(session), empty_heads(session)):
                async for page in pages:
                    for each in page:
                        secret = self._secret(each)
                        if secret is not None:
                            known[blinding.label(secret)] = each.subject_id, each.consent_count, each.access_count
        shorter: list[UUID] = []
        async for label, node in self.store.heads_of(newest.folder, newest.heads):
            subject_id, *counts = known.get(label, (None, 0, 0))
            if subject_id is not None and any(now < then for now, then in zip(counts, sums_of(node), strict=True)):
                shorter.append(subject_id)
        await begin_generation(self.database, shorter)
        if shorter:
            structlog.get_logger().warning("ledger.shorter-trees", epoch=newest.epoch, count=len(shorter))

    async def _collect(self, blinding: Blinding) -> _Collected:
        heads, headless = HeadsInOrder(), 0
        self.secrets.begin()
        async with self.database.snapshot() as session:
            positions = await folds(session)
            async for page in heads_of_all(session):
                for each in page:
                    secret = self._remembered(each)
                    if secret is None:
                        headless += 1
                    else:
                        roots = (
                            edge_root(each.consent_count, each.consent_edge),
                            edge_root(each.access_count, each.access_edge),
                        )
                        heads.add(blinding.blind(secret, each.consent_count, each.access_count, *roots))
        return _Collected(heads, positions, headless)

    def _remembered(self, head: StoredHead) -> bytes | None:
        if head.wrapped is None or head.secret is None:
            return None
        return self.secrets.secret(head.subject_id.bytes, partial(self._open, head, head.wrapped, head.secret))

    def _secret(self, head: StoredHead) -> bytes | None:
        return None if head.wrapped is None or head.secret is None else self._open(head, head.wrapped, head.secret)

    def _open(self, head: StoredHead, wrapped: bytes, secret: bytes) -> bytes:
        return open_secret(self.keyring, head.subject_id, wrapped, secret)

    async def _write(self, folder: str, heads: HeadsInOrder) -> EpochTree:
        tree, waiting = EpochTree(heads.take()), list[Piece]()
        for piece in tree.pieces():
            waiting.append(piece)
            if len(waiting) == PIECES_AT_ONCE:
                await self.store.write(folder, waiting)
                waiting = []
        await self.store.write(folder, waiting)
        return tree

    async def _publish(self, number: int, folder: str, tree: EpochTree, positions: Mapping[Log, Fold]) -> StoredEpoch:
        consent, access = positions["consent"], positions["access"]
        consent_sum, access_sum = sums_of(tree.root)
        now = self.runtime.now()
        entry = EpochRoot(
            at=now,
            epoch=number,
            heads=tree.heads,
            root=tree.root[16:],
            consent_size=consent.position,
            consent_sum=consent_sum,
            consent_erased=consent.erased,
            consent_lost=consent.lost,
            access_size=access.position,
            access_sum=access_sum,
            access_erased=access.erased,
            access_lost=access.lost,
        )
        made = StoredEpoch(number, entry.source, now, consent.position, access.position, tree.heads, tree.root, folder)
        async with SqlUnitOfWork(self.database) as work:
            await keep_epoch(work.session, made)
            await state(work.session, entry, str(number))
            await work.commit()
        structlog.get_logger().info("ledger.epoch", epoch=number, heads=tree.heads)
        return made

    async def _tidy(self, now: datetime) -> None:
        for each in no_longer_kept(await kept_epochs(self.database), now):
            await self.store.remove(str(each.folder))
            await forget_tree(self.database, each.epoch)


def edge_root(count: int, edge: bytes) -> bytes:
    """Return the root of a subject's tree by its stored edge; raises EdgeRefused."""
    return RightEdge.decode(count, edge).root


def require_sums(root: bytes, positions: Mapping[Log, Fold], headless: int) -> None:
    """Raise EpochDoesNotAddUp unless heads, erased and lost ones have what the entries of each log state."""
    consent_sum, access_sum = sums_of(root)
    counts: Mapping[Log, int] = {"consent": consent_sum, "access": access_sum}
    missing: dict[Log, int] = {}
    for log, counted in counts.items():
        fold = positions[log]
        if fold.stated != counted + fold.erased + fold.lost:
            missing[log] = fold.stated - counted - fold.erased - fold.lost
    if missing:
        raise EpochDoesNotAddUp(missing, headless)
