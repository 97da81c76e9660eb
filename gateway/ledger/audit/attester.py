"""Takes over, once after an upgrade, the rows of releases that kept no acts: each as it stands, with an entry [5.1.6].

    each table ──> a page in a snapshot: what nobody began ──> one transaction: locked, compared again, attested
    at the end ──> the tree over all of it ──> one transaction: what stays of erased reads, counts and the closing
                                               entry, in the log `system`

It can be stopped anywhere and run again: what was attested is not found any more. After the closing entry nothing is
taken over, so that a row which appears later is a contradiction as any other.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from consent.leaves.canonical_form import SALT_BYTES
from consent.leaves.provenance import Provenance
from consent.leaves.subject_events import AttestedRow
from consent.ledger.system_entries import AttestationClosed, RowsAttested
from consent.vocabulary import Channel, KnownBy
from gateway.subjects.refold import OPERATOR
from schema.core.ports import Runtime
from storage.database.database import Database
from storage.ledger.attestation.attestable_rows import AttestableTable, Found, attestable_tables
from storage.ledger.attestation.attested_rows import attest
from storage.ledger.attestation.closing import AttestedTree, attested_counts, closings
from storage.ledger.attestation.erased_reads import count_erased_reads, take_over_erased_reads
from storage.ledger.audit.walks import ROWS_AT_ONCE
from storage.ledger.system_entries import state
from storage.tables import erased_access_entries
from storage.unit_of_work import SqlUnitOfWork


class AttestationOver(Exception):
    """The take-over was closed: no row is taken over any more."""

    def __init__(self, closed: AttestationClosed) -> None:
        super().__init__("the take-over of rows was closed")
        self.closed = closed


class AttestationDisturbed(Exception):
    """Another process takes rows over at the same time: nothing was closed."""


@dataclass(frozen=True, slots=True)
class Attester:
    """Takes over the rows of one database, on behalf of *actor_ref*."""

    database: Database
    runtime: Runtime
    actor_ref: str
    limit: int = ROWS_AT_ONCE

    async def count(self) -> Mapping[str, int]:
        """Return how many rows of each table would be taken over. Raises AttestationOver."""
        await self._require_open()
        counted = Counter[str]()
        async for table, found in self._pages():
            counted[table.table.name] += len(found)
        async with self.database.snapshot() as session:
            counted[erased_access_entries.name] += await count_erased_reads(session, self.limit)
        return +counted

    async def run(self) -> Mapping[str, int]:
        """Take over every such row, close the take-over, and return how many there were. Raises AttestationOver."""
        await self._require_open()
        async for table, found in self._pages():
            if found:
                await self._attest(table, found)
        return await self._close()

    async def _require_open(self) -> None:
        async with self.database.snapshot() as session:
            closed = await closings(session)
        if closed:
            raise AttestationOver(closed[-1])

    async def _pages(self) -> AsyncIterator[tuple[AttestableTable, Found]]:
        for table in attestable_tables(self.database.dialect):
            after, is_over = None, False
            while not is_over:
                async with self.database.snapshot() as session:
                    found, after = await table.page(session, after, self.limit)
                is_over = after is None
                yield table, found

    async def _attest(self, table: AttestableTable, found: Found) -> None:
        async with SqlUnitOfWork(self.database, self._provenance()) as work:
            await attest(work.session, self.attested(table, await table.locked(work.session, found)))
            await work.commit()

    def attested(self, table: AttestableTable, found: Found) -> Sequence[AttestedRow]:
        """Return the attestations of these rows of a table."""
        now = self.runtime.now()
        return [
            AttestedRow(
                subject_id=each.subject_id,
                attestation_id=self.runtime.new_id(),
                record=table.table.name,
                record_id=each.record_id,
                at=now,
                actor_ref=self.actor_ref,
                role=OPERATOR,
                acts=sorted(str(act) for act in each.acts),
                state=each.state,
                salt=self.runtime.random(SALT_BYTES),
            )
            for each in found
        ]

    async def _close(self) -> Mapping[str, int]:
        tree, keys = AttestedTree(), self.limit
        while keys == self.limit:
            async with self.database.snapshot() as session:
                keys = len(await tree.go_on(session, self.limit))
        async with SqlUnitOfWork(self.database, self._provenance()) as work:
            counts = await attested_counts(work.session)
            if sum(counts.values()) != tree.edge.size or await closings(work.session):
                raise AttestationDisturbed
            now = self.runtime.now()
            if stubs := await take_over_erased_reads(work.session, self.runtime.random, self.limit):
                counts |= {erased_access_entries.name: stubs}
            for name, rows in counts.items():
                await state(work.session, RowsAttested(now, name, rows), name)
            if not await state(work.session, AttestationClosed(now, tree.edge.size, tree.edge.root)):
                raise AttestationDisturbed  # a row of `system_entries` says so, and the log does not
            await work.commit()
        return counts

    def _provenance(self) -> Provenance:
        return Provenance(Channel.COMMAND_LINE, KnownBy.OPERATOR, self.runtime.new_id())
