"""The sequencer: one process integrates what waits, and publishes what is integrated.

    lease ─> round ─> round ─> …
    round:  integrate what waits (`storage.ledger.integrate`), then for each log:
            load: what was published, compared with the database ─> tiles ─> a checkpoint, at most every second

INVARIANT: only the holder of the lease integrates, and even two holders cannot fork a tree: a database advances it only
where it is still the one that was read, and a store replaces only the checkpoint that was read. After any error what
was published is compared again before anything is signed. A read waits for its record, never for the sequencer; and
integration waits for no store and no witness.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from consent.ledger.right_edge import RightEdge
from consent.ports import LOG_CODES, Log
from gateway.jobs.job_lease import JobLease
from gateway.ledger.errors import QuorumMissing
from gateway.ledger.published_tree import PublishedTree
from gateway.ledger.publisher import LogPublisher
from gateway.ledger.sequencer_alarm import SequencerAlarm
from storage.errors import TreeMoved
from storage.ledger.integrate import GROUPS_AT_ONCE, Integrator, Trees

JOB: Final = "sequencer"
SECONDS_BETWEEN_CHECKPOINTS: Final = 1.0
PAUSE_SECONDS: Final = 0.5
"""How long nothing waits before the sequencer looks again."""
LOGS: Final[Sequence[Log]] = tuple(LOG_CODES)


@dataclass(slots=True)
class Sequencer:
    """Integrates and publishes the three logs. *clock* gives seconds, *now* instants."""

    integrator: Integrator
    publishers: Mapping[Log, LogPublisher]
    lease: JobLease
    alarm: SequencerAlarm
    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic
    _trees: Trees | None = None
    _loaded: set[Log] = field(default_factory=set)
    """The logs whose published tree the database continues, as this process knows."""
    _next_checkpoint: dict[Log, float] = field(default_factory=dict)
    _rests_until: float = 0.0
    """Publication takes half of the time at most: integration goes on beside a store or a witness that hangs."""

    async def keep_running(self) -> None:
        """Work until cancelled: as long as this process has the lease, else wait for it."""
        while True:
            async with self.lease.for_a_round() as is_ours:
                self._forget()
                while is_ours and self.lease.is_held:
                    is_more = await self._survived_round()
                    await asyncio.sleep(0 if is_more else PAUSE_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS)

    async def round(self) -> bool:
        """Integrate what waits and publish what is due; return whether more waits. Raises what the database raises."""
        trees = self._trees if self._trees is not None else await self.integrator.read_trees()
        self._trees = None  # until it is known what became of them
        try:
            done = await self.integrator.integrate(trees, self.now())
        except TreeMoved:
            self._forget()
            return False
        self._trees = done.trees
        self.alarm.integrated()
        self.alarm.found(done.findings)
        await self._publish_due()
        return done.groups >= GROUPS_AT_ONCE

    async def publish_all(self) -> None:
        """Integrate everything that waits, and publish it at once. Raises what the parts raise."""
        for _ in range(2):  # the first may find that entries are lost, which an entry of its own then states
            while await self.round() or self._trees is None:
                pass
            for log in LOGS:
                await self._publish(log)

    def _forget(self) -> None:
        self._trees = None
        self._loaded.clear()

    async def _survived_round(self) -> bool:
        try:
            return await self.round()
        except Exception as error:  # noqa: BLE001 - the sequencer survives a database or a store that is down
            self._forget()
            self.alarm.failed(None, error)
            return False

    async def _publish_due(self) -> None:
        started = self.clock()
        if started < self._rests_until:
            return
        for log in LOGS:
            if self._is_due(log):
                await self._survived_publication(log)
        ended = self.clock()
        self._rests_until = ended + (ended - started)

    async def _survived_publication(self, log: Log) -> None:
        try:
            await self._publish(log)
        except QuorumMissing as error:
            self.alarm.failed(log, error)
        except Exception as error:  # noqa: BLE001 - as above; integration goes on
            self._loaded.discard(log)
            self.alarm.failed(log, error)

    async def _publish(self, log: Log) -> None:
        publisher = self.publishers[log]
        self._next_checkpoint[log] = self.clock() + SECONDS_BETWEEN_CHECKPOINTS
        if log not in self._loaded:
            await self._load(log)
        tree = await self._tree(log)
        if tree.size > publisher.published:
            await publisher.publish(tree)
        self.alarm.published(log, publisher.published)

    async def _load(self, log: Log) -> None:
        """Compare what was published with what the database has; take over what a restore has lost."""
        publisher = self.publishers[log]
        published = PublishedTree(self.integrator.database, log, publisher, await publisher.load())
        lost = await published.take_over_lost(await self._tree(log), self.now())
        if lost is not None:
            self._trees = None
            self.alarm.restored(log, lost)
        await published.require_witnessed()
        self._loaded.add(log)

    async def _tree(self, log: Log) -> RightEdge:
        if self._trees is None:
            self._trees = await self.integrator.read_trees()
        return self._trees.get(log, RightEdge())

    def _is_due(self, log: Log) -> bool:
        return self.clock() >= self._next_checkpoint.get(log, 0.0)
