"""What changed since an instant, in place of everything: some seconds where a whole audit takes hours.

    compared      entries of both logs since the last epoch before that instant, with their rows; what waits; every row
                  with an entry, every record, and the uses, of each subject whom an entry of `consent` since then is
                  about; the small tables
    not compared  rows and records of subjects about whom nothing was appended since; trees of the logs; sealed values.
                  So a row that somebody changed past the acts is found only where an act about its subject followed

The whole audit sees these, once a day.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.engine import Dialect

from consent.disclosures.pending_groups import Tag, split_sources
from consent.errors import NotCanonical
from consent.ports import LOG_CODES, Log
from storage.database.session import Session
from storage.ledger.audit import rows_and_entries, system_records
from storage.ledger.audit.findings import Contradiction
from storage.ledger.audit.folds.kinds import KINDS
from storage.ledger.audit.folds.records import compare_records
from storage.ledger.audit.uses import contradicted_among
from storage.ledger.audit.walks import AuditWalk, Position, walks
from storage.ledger.recomputed_entries import key_columns, tables_of
from storage.repositories.rows import in_parts
from storage.tables import authorisations, ledger_entries, ledger_epochs, pending_entries

WHOLE: Final = (
    "groups",
    "groups held",
    "leaves mismatched",
    "entries waiting access",
    "entries waiting consent",
    "published cases",
    *system_records.WALKS,
)
"""The walks of the whole audit that are short: they stay as they are."""


def recent_walks(dialect: Dialect, tag: Tag, since: datetime) -> list[AuditWalk]:
    """Return the walks over what changed since an instant, in their order."""
    found = [walk for walk in walks(dialect, tag) if walk.name in WHOLE]
    found += [AuditWalk(f"entries {log}", partial(_entries, log, since)) for log in rows_and_entries.READ]
    return [*found, AuditWalk("records of subjects", partial(_records, dialect, since))]


async def _entries(
    log: Log, since: datetime, session: Session, position: Position | None, limit: int
) -> tuple[list[Contradiction], Position | None]:
    start = await _size_before(session, log, since) if position is None else int(position[0])
    findings, end = await rows_and_entries.entries_of_log(session, log, start, limit)
    return findings, None if end is None else [str(end)]


async def _records(
    dialect: Dialect, since: datetime, session: Session, position: Position | None, limit: int
) -> tuple[list[Contradiction], Position | None]:
    """Compare the subjects of the next *limit* entries of `consent`, and at the end of those that wait."""
    start = await _size_before(session, "consent", since) if position is None else int(position[0])
    table = ledger_entries.c
    of_log = table.log == LOG_CODES["consent"], table.leaf_index >= start
    wanted = select(table.leaf_index, table.owner).where(*of_log).order_by(table.leaf_index).limit(limit)
    rows = await session.fetch(wanted)
    is_over = len(rows) < limit
    owners = {owner for _, owner in rows if owner not in {None, rows_and_entries.ERASED}}
    owners |= await _waiting(session) if is_over else set()
    findings: list[Contradiction] = []
    for some in in_parts(sorted(owners)):
        findings += await _of_subjects(session, dialect, some)
    return findings, None if is_over else [str(rows[-1][0] + 1)]


async def _of_subjects(session: Session, dialect: Dialect, subject_ids: Sequence[UUID]) -> list[Contradiction]:
    findings: list[Contradiction] = []
    for table in tables_of("consent"):
        keys = await session.fetch(select(*key_columns(table)).where(table.c.subject_id.in_(subject_ids)))
        findings += await rows_and_entries.added_among(session, table, [tuple(key) for key in keys])
    for kind in KINDS:
        row = kind.table.c
        found = await session.fetch(select(row.subject_id, row[kind.key]).where(row.subject_id.in_(subject_ids)))
        own = [(each[0], each[1]) for each in found]
        findings += await compare_records(session, kind, own)
        if kind.table is authorisations:
            findings += await contradicted_among(session, dialect, own)
    return findings


async def _waiting(session: Session) -> set[UUID]:
    """Return whom the entries that wait are about."""
    row, found = pending_entries.c, set[UUID]()
    for (owners,) in await session.fetch(select(row.owners).where(row.log == "consent", row.owners.is_not(None))):
        try:
            found.update(split_sources(bytes(owners)))
        except NotCanonical:  # the group is named by its tag
            continue
    return found


async def _size_before(session: Session, log: Log, since: datetime) -> int:
    """Return the size of a log at the last epoch before an instant; 0 without one."""
    epoch = ledger_epochs.c
    size = epoch.consent_size if log == "consent" else epoch.access_size
    rows = await session.fetch(select(size).where(epoch.made_at <= since).order_by(epoch.made_at.desc()).limit(1))
    return int(rows[0][0]) if rows else 0
