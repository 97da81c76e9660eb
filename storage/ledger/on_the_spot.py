"""Comparisons on the spot: what a decision rests on is compared with the ledger in the decision's own transaction.

    cases           every case of the subject with its steps, every step with its entry, and every entry of the subject
                    with a row: a restraint that was unpublished, and a step that was deleted, are both seen
    authorisation   its row with its events, and these with their entries
    application     what it was granted and checked with its steps, and these with their entries

The rows are read first, then the entries, then the ids of the rows: whatever commits in between is seen with both.
The transaction's own entries, which it has not written yet, count as well. An entry that waits counts only with the tag
that its bytes give. Some statements, each by an index; what waits for the sequencer is a second of entries.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import LargeBinary, and_, literal, or_, select, union_all

from consent.disclosures.pending_groups import Tag, tagged_bytes
from consent.ports import LOG_CODES
from credit.core.errors import RecordContradictsLedger
from storage.database.session import Session
from storage.database.sql_ids import holds_bytes
from storage.ledger.audit.findings import Contradiction
from storage.ledger.audit.known_entries import KnownEntry, split_group
from storage.ledger.audit.promise_records import CHECKS, GRANTS
from storage.ledger.audit.records import APPLICATIONS, AUTHORISATIONS, CASES, RecordTable, compare_records
from storage.ledger.entry_sources import SOURCES
from storage.ledger.recomputed_entries import source_rows
from storage.repositories.ledger_leaves import LedgerSession
from storage.tables import ledger_entries, pending_entries

Report = Callable[[str, UUID], None]
"""Called with the table and the subject of a contradiction, before the decision is refused."""


def unreported(_table: str, _subject_id: UUID) -> None:
    """Report nothing."""


_OF_SUBJECTS: Final = [source for source in SOURCES if source.log == "consent"]


class LedgerComparer:
    """Compares records with the ledger: implements `credit.core.ports.LedgerComparison`.

    Without the *tag* of the key file what waits is taken by its bytes alone.
    """

    def __init__(self, session: Session, tag: Tag | None, report: Report = unreported) -> None:
        self._session, self._tag, self._report = session, tag, report

    async def require_cases(self, subject_id: UUID) -> None:
        """Raise RecordContradictsLedger unless the cases of the subject are what the ledger says."""
        keys = await self._keys(CASES, CASES.table.c.subject_id == subject_id)
        findings = await compare_records(self._session, CASES, keys)
        await self._require(subject_id, CASES, findings)

    async def require_authorisation(self, subject_id: UUID, authorisation_id: UUID) -> None:
        """Raise RecordContradictsLedger unless the authorisation is what its recorded events say."""
        findings = await compare_records(self._session, AUTHORISATIONS, [(subject_id, authorisation_id)])
        await self._require(subject_id, AUTHORISATIONS, findings, authorisation_id)

    async def is_granted(self, subject_id: UUID, authorisation_id: UUID) -> bool:
        """Return whether the authorisation is what its recorded events say; one that is not is reported."""
        try:
            await self.require_authorisation(subject_id, authorisation_id)
        except RecordContradictsLedger:
            return False
        return True

    async def require_application(self, subject_id: UUID, application_id: UUID) -> None:
        """Raise RecordContradictsLedger unless the application, its checks and its grants are what its steps say."""
        findings = await compare_records(self._session, APPLICATIONS, [(subject_id, application_id)])
        for kind in (CHECKS, GRANTS):
            row = kind.table.c
            keys = await self._keys(kind, and_(row.subject_id == subject_id, row.application_id == application_id))
            findings += await compare_records(self._session, kind, keys)
        await self._require(subject_id, APPLICATIONS, findings, application_id)

    async def _keys(self, kind: RecordTable, condition: Any) -> list[tuple[UUID, ...]]:  # noqa: ANN401 - SQLAlchemy's
        row = kind.table.c
        found = await self._session.fetch(select(row.subject_id, row[kind.key]).where(condition))
        return [tuple(each) for each in found]

    async def _require(
        self, subject_id: UUID, kind: RecordTable, findings: Sequence[Contradiction], about: UUID | None = None
    ) -> None:
        """Raise for a finding; for a row of the history that has another entry in the ledger, or none.

        Where it is not *about* one record, also for an entry of the subject without a row.
        """
        history = kind.histories[0]
        row = history.table.c
        own = row.subject_id == subject_id
        of = own if about is None else and_(own, row[history.about] == about)
        sources = [each[0] for each in await self._session.fetch(select(row[history.source]).where(of))]
        rows = await source_rows(self._session, "consent", sources, [subject_id] * len(sources))
        entries = await self._entries(subject_id, sources)
        same = all(source in entries and rows[source].entry == entries[source] for source in sources)
        others = set() if about is not None else entries.keys() - set(sources)
        if findings or not same or others - await self._ids(subject_id, others):
            self._report(kind.table.name, subject_id)
            raise RecordContradictsLedger

    async def _entries(self, subject_id: UUID, sources: Sequence[UUID]) -> Mapping[UUID, bytes]:
        """Return the entries about the subject by their sources: in the log, waiting, and of this transaction.

        What waits is read first: an entry that is integrated meanwhile is seen in one of the two.
        """
        waiting, table, wanted = pending_entries.c, ledger_entries.c, set(sources)
        found: dict[UUID, bytes] = {}
        groups = select(waiting.sources, waiting.owners, waiting.leaves, waiting.tag).where(
            waiting.log == "consent",
            or_(waiting.owners.is_(None), holds_bytes(waiting.owners, literal(subject_id.bytes, LargeBinary()))),
        )
        for group in await self._session.fetch(groups):
            for entry in self._of_group(*group):
                if entry.source in wanted or entry.owner == subject_id:
                    found[entry.source] = entry.leaf
        integrated = select(table.source, table.leaf).where(table.log == LOG_CODES["consent"])
        for condition in (table.owner == subject_id, table.source.in_(sources)):
            rows = await self._session.fetch(integrated.where(condition))
            found |= {source: bytes(leaf) for source, leaf in rows}
        if isinstance(self._session, LedgerSession):
            found |= self._session.appended_about(subject_id)
        return found

    def _of_group(self, sources: bytes, owners: bytes | None, leaves: bytes, tag: bytes | None) -> Iterable[KnownEntry]:
        if self._tag is not None:
            given = None if owners is None else bytes(owners)
            written = [tagged_bytes("consent", bytes(sources), bytes(leaves), owners=each) for each in {given, None}]
            if bytes(tag or b"") not in map(self._tag, written):
                return ()
        return split_group("consent", sources, owners, leaves)

    async def _ids(self, subject_id: UUID, wanted: Iterable[UUID]) -> set[UUID]:
        """Return which of the ids are sources of the subject, in whichever table."""
        ids = sorted(wanted)
        if not ids:
            return set()
        parts = []
        for source in _OF_SUBJECTS:
            table = source.table.c
            parts.append(select(table[source.key]).where(table.subject_id == subject_id, table[source.key].in_(ids)))
        return {row[0] for row in await self._session.fetch(union_all(*parts))}
