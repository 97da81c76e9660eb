"""Where the audit in the background stands, kept so that a restart, or another process, goes on from there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from storage.database.database import Database
from storage.database.session import Session
from storage.tables import ledger_audits

DAILY: Final = "daily"
_NAMES: Final = ("started_at", "walk", "after", "findings", "finished_at", "finished_findings", "clean_since")


@dataclass(frozen=True, slots=True)
class AuditProgress:
    """An audit under way: when it began, the walk that is next or under way, where its last page ended, what it found.

    *walk* is None once it is over. *finished_at* and *finished_findings* are of the last one that ended. *clean_since*
    is when the last one that found nothing began: what was changed while it ran may have been behind it.
    """

    started_at: datetime
    walk: str | None
    after: Sequence[str] | None = None
    findings: int = 0
    finished_at: datetime | None = None
    finished_findings: int | None = None
    clean_since: datetime | None = None

    @property
    def most_findings(self) -> int:
        """What the last one that ended found, or the one under way, if that is more."""
        return max(self.findings, self.finished_findings or 0)

    def begun(self, at: datetime, walk: str) -> "AuditProgress":
        """Return the next one at its beginning."""
        return replace(self, started_at=at, walk=walk, after=None, findings=0)

    def finished(self, at: datetime) -> "AuditProgress":
        """Return it once it is over."""
        clean_since = self.clean_since if self.findings else self.started_at
        ended = replace(self, walk=None, after=None, finished_at=at, finished_findings=self.findings)
        return replace(ended, clean_since=clean_since)


async def read_audit(session: Session) -> AuditProgress | None:
    """Return where the audit stands; None before the first one."""
    table = ledger_audits.c
    rows = await session.fetch(select(*(table[name] for name in _NAMES)).where(table.name == DAILY))
    return AuditProgress(*rows[0]) if rows else None


async def keep_audit(database: Database, audit: AuditProgress) -> None:
    """Keep where the audit stands."""
    row = {name: getattr(audit, name) for name in _NAMES}
    kept = insert(ledger_audits).values(name=DAILY, **row)
    await database.write((kept.on_conflict_do_update(index_elements=["name"], set_=row), None))
