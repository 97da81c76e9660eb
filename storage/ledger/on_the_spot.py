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

from sqlalchemy import LargeBinary, Uuid, and_, bindparam, literal, or_, select, union_all

from consent.disclosures.pending_groups import Tag, tagged_bytes
from credit.core.errors import RecordContradictsLedger
from storage.database.session import Session
from storage.database.sql_ids import holds_bytes
from storage.ledger.audit.folds.promise_records import CHECKS, GRANTS
from storage.ledger.audit.folds.records import (
    APPLICATIONS,
    AUTHORISATIONS,
    CASES,
    Compared,
    RecordTable,
    compared_records,
)
from storage.ledger.audit.known_entries import KnownEntry, split_group
from storage.ledger.entry_sources import SOURCES
from storage.ledger.recomputed_entries import rows_of_table
from storage.repositories.ledger_leaves import LedgerSession
from storage.tables import attested_rows, ledger_entries, pending_entries

Report = Callable[[str, UUID], None]
"""Called with the table and the subject of a contradiction, before the decision is refused."""


def unreported(_table: str, _subject_id: UUID) -> None:
    """Report nothing."""


_SUBJECT: Final = bindparam("subject", type_=Uuid())
_SOURCES: Final = union_all(
    *(
        select(source.table.c[source.key]).where(source.table.c.subject_id == _SUBJECT)
        for source in SOURCES
        if source.log == "consent"
    )
)
"""Statements are made once: making them takes longer than running them."""
_INTEGRATED: Final = select(ledger_entries.c.source, ledger_entries.c.leaf).where(
    ledger_entries.c.owner == bindparam("subject", type_=ledger_entries.c.owner.type)
)


class LedgerComparer:
    """Compares records with the ledger: implements `credit.core.ports.LedgerComparison`.

    Without the *tag* of the key file what waits is taken by its bytes alone.
    """

    def __init__(self, session: Session, tag: Tag | None, report: Report = unreported) -> None:
        self._session, self._tag, self._report = session, tag, report

    async def require_cases(self, subject_id: UUID) -> None:
        """Raise RecordContradictsLedger unless the cases of the subject are what the ledger says."""
        keys = await self._keys(CASES, CASES.table.c.subject_id == subject_id)
        compared = await compared_records(self._session, CASES, keys)
        row = attested_rows.c
        attested = select(row.record_id).where(row.subject_id == subject_id, row.record == CASES.table.name)
        there = {key[1] for key in keys}
        lacking = [case_id for (case_id,) in await self._session.fetch(attested) if case_id not in there]
        await self._require(subject_id, CASES, compared, is_whole=not lacking)

    async def require_authorisation(self, subject_id: UUID, authorisation_id: UUID) -> None:
        """Raise RecordContradictsLedger unless the authorisation is what its recorded events say."""
        compared = await compared_records(self._session, AUTHORISATIONS, [(subject_id, authorisation_id)])
        await self._require(subject_id, AUTHORISATIONS, compared, authorisation_id)

    async def is_granted(self, subject_id: UUID, authorisation_id: UUID) -> bool:
        """Return whether the authorisation is what its recorded events say; one that is not is reported."""
        try:
            await self.require_authorisation(subject_id, authorisation_id)
        except RecordContradictsLedger:
            return False
        return True

    async def require_application(self, subject_id: UUID, application_id: UUID) -> None:
        """Raise RecordContradictsLedger unless the application, its checks and its grants are what its steps say."""
        compared = await compared_records(self._session, APPLICATIONS, [(subject_id, application_id)])
        for kind in (CHECKS, GRANTS):
            row = kind.table.c
            keys = await self._keys(kind, and_(row.subject_id == subject_id, row.application_id == application_id))
            compared += await compared_records(self._session, kind, keys)
        await self._require(subject_id, APPLICATIONS, compared, application_id)

    async def _keys(self, kind: RecordTable, condition: Any) -> list[tuple[UUID, ...]]:  # noqa: ANN401 - SQLAlchemy's
        row = kind.table.c
        found = await self._session.fetch(select(row.subject_id, row[kind.key]).where(condition))
        return [tuple(each) for each in found]

    async def _require(
        self,
        subject_id: UUID,
        kind: RecordTable,
        compared: Compared,
        about: UUID | None = None,
        *,
        is_whole: bool = True,
    ) -> None:
        """Raise for a finding; for a row of the history, or an attestation, that has another entry, or none.

        Where it is not *about* one record, also for an entry of the subject without a row.
        """
        history = kind.histories[0]
        row = history.table.c
        own = row.subject_id == subject_id
        of = own if about is None else and_(own, row[history.about] == about)
        sources = [each[0] for each in await self._session.fetch(select(row[history.source]).where(of))]
        rows = await rows_of_table(self._session, history.table, subject_id, sources)
        rows |= await rows_of_table(self._session, attested_rows, subject_id, compared.attested)
        sources += compared.attested
        entries = await self._entries(subject_id, sources)
        same = all(source in rows and rows[source].entry == entries.get(source, b"") for source in sources)
        others = set() if about is not None else entries.keys() - set(sources)
        if compared.findings or not is_whole or not same or (others and others - await self._ids(subject_id)):
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
        # Only entries of `consent` name a subject. Without a condition on the log each of these uses its own index.
        owned = await self._session.fetch(_INTEGRATED, {"subject": subject_id})
        found |= {source: bytes(leaf) for source, leaf in owned}
        left = wanted - found.keys()
        if left:  # of before subjects were named, or of an erased one
            rows = await self._session.fetch(select(table.source, table.leaf).where(table.source.in_(sorted(left))))
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

    async def _ids(self, subject_id: UUID) -> set[UUID]:
        """Return the sources of the subject in every table of the log `consent`."""
        return {row[0] for row in await self._session.fetch(_SOURCES, {"subject": subject_id})}
