"""Disclosures and lookups that belong to a unit of work: durable with its other changes, or not at all [5.1.6]."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.engine import Dialect

from consent.disclosures.formats import Disclosure
from consent.leaves.guard_refusals import GuardRefusals
from consent.leaves.number_lookups import NumberLookup
from storage.access_log.insert import LOOKUP, access_insert
from storage.access_log.interned_rows import intern
from storage.database.session import Session
from storage.repositories.ledger_leaves import append_entry, ledger_of
from storage.repositories.rows import SqlRepository, attributes, field_names, known_subjects
from storage.tables import guard_refusals, number_lookups

_REFUSALS: Final = field_names(GuardRefusals)


class DisclosureRepository(SqlRepository):
    """The tables of the access record: implements `OwnLogs`."""

    def __init__(self, session: Session, dialect: Dialect) -> None:
        super().__init__(session)
        self._dialect = dialect

    async def known(self, subject_ids: Collection[UUID]) -> frozenset[UUID]:
        return await known_subjects(self._session, self._dialect, subject_ids)

    async def append(self, disclosures: Sequence[Disclosure]) -> None:
        ids = await intern(self._session, disclosures)
        for text, rows in access_insert(self._dialect).page_steps(disclosures, ids):
            await self._session.run_text(text, rows)
        for each in disclosures:
            append_entry(self._session, "access", each.disclosure_id, each.entry())
            ledger_of(self._session).note_read(each.subjects)

    async def append_lookups(self, lookups: Sequence[NumberLookup]) -> None:
        if not lookups:
            return
        await self._session.execute(insert(number_lookups), [attributes(each, LOOKUP) for each in lookups])
        for each in lookups:
            append_entry(self._session, "access", each.entry_id, each.entry())

    async def append_refusals(self, refusals: Sequence[GuardRefusals]) -> None:
        """Append counts of what the guard refused, with their entries."""
        await self._session.execute(insert(guard_refusals), [attributes(each, _REFUSALS) for each in refusals])
        for each in refusals:
            append_entry(self._session, "access", each.entry_id, each.entry())
