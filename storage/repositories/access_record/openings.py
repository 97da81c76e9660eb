"""Disclosures whose lawful delay is over: each gets its second entry, which counts, and so do its steps [5.1.6]."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import exists, insert, select

from consent.disclosures.openings import opening
from consent.disclosures.stored_sub_leaves import DisclosureColumns
from consent.errors import NotCanonical
from consent.ports import LOG_CODES
from storage.database.sql_ids import id_bytes
from storage.repositories.ledger_leaves import append_entry
from storage.repositories.rows import SqlRepository
from storage.repositories.subjects.withheld_entries import open_delays
from storage.tables import access_grounds, disclosure_openings, disclosures, entry_delays, ledger_entries

AT_ONCE: Final = 100


class OpeningRepository(SqlRepository):
    """The table `disclosure_openings`."""

    async def open_due(self, today: date, at: datetime) -> int:
        """Append the second entries of some disclosures whose delay is over by *today*, and of the steps of delays.

        Returns how many there are. A disclosure whose columns are damaged is left out, and an audit names it.
        """
        grounds = await self._session.fetch(select(access_grounds.c.ground_id, access_grounds.c.digest))
        digests = {ground_id: bytes(digest) for ground_id, digest in grounds}
        opened = 0
        for disclosure_id, first_index, *columns in await self._due(today):
            subjects, ground_id, parts, seed, salts = columns
            stored = DisclosureColumns([each.bytes for each in subjects], ground_id, parts, seed, salts)
            try:
                source, entry = opening(first_index, stored.sub_leaves(digests), stored.record_salt())
            except (KeyError, NotCanonical):
                continue
            row = {"source": source, "disclosure_id": disclosure_id, "first_index": first_index, "opened_at": at}
            await self._session.execute(insert(disclosure_openings), row)
            append_entry(self._session, "access", source, entry)
            opened += 1
        steps = await open_delays(self._session, today)
        for each in steps:
            append_entry(self._session, "consent", each.source, each.entry, each.owner)
        return opened + len(steps)

    async def _due(self, today: date) -> Sequence[tuple[Any, ...]]:
        """Return id, place in the log, and columns of disclosures that are due."""
        read, delay, entry = disclosures.c, entry_delays.c, ledger_entries.c
        columns = [read[name] for name in ("subjects", "ground_id", "parts", "seed", "opened")]
        wanted = (
            select(read.disclosure_id, entry.leaf_index, *columns)
            .select_from(
                entry_delays.join(disclosures, read.delay_id == id_bytes(delay.delay_id)).join(
                    ledger_entries, entry.source == read.disclosure_id
                )
            )
            .where(
                delay.opens_on <= today,
                read.delay_id.is_not(None),
                entry.log == LOG_CODES["access"],
                ~exists().where(disclosure_openings.c.disclosure_id == read.disclosure_id),
            )
            .limit(AT_ONCE)
        )
        return await self._session.fetch(wanted)
