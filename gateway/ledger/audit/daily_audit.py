"""The audit in the background: everything once in so many hours, a page at a time, by one process.

After each page it rests nine times as long as the page took, so that it takes a tenth of one processor at most, and
about a thousand rows a second: 80 million a day.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.jobs.job_lease import JobLease
from gateway.ledger.audit.alarm import report_finding
from gateway.ledger.audit.run import AuditPosition, all_walks, next_page
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.ledger.audit.positions import AuditProgress, keep_audit, read_audit
from storage.ledger.audit.walks import AuditWalk

JOB: Final = "ledger-audit"
REST: Final = 9
"""How many times as long as it worked it rests."""
SHORTEST_REST: Final = 0.05
LOOK_SECONDS: Final = 60.0
"""How long it waits until it looks whether the next audit is due, or whether it is this process's turn."""


@dataclass(slots=True)
class DailyAudit:
    """Runs audits while this process has the lease. *now* gives instants, *clock* seconds."""

    database: Database
    keyring: Keyring
    lease: JobLease
    every: timedelta
    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic
    _walks: Sequence[AuditWalk] = field(init=False)

    def __post_init__(self) -> None:
        self._walks = all_walks(self.database, self.keyring)

    async def keep_running(self) -> None:
        """Work until cancelled."""
        while True:
            async with self.lease.for_a_round() as is_ours:
                while is_ours and self.lease.is_held:
                    rest = await self.go_on()
                    await asyncio.sleep(rest)
            await asyncio.sleep(LOOK_SECONDS)

    async def go_on(self) -> float:
        """Compare one page of the audit that is under way or due; return for how many seconds to rest."""
        started = self.clock()
        async with self.database.snapshot() as session:
            kept = await read_audit(session)
        if kept is None or (kept.walk is None and self.now() - kept.started_at >= self.every):
            kept = (kept or AuditProgress(self.now(), None)).begun(self.now(), self._walks[0].name)
        if kept.walk is None:
            return LOOK_SECONDS
        findings, at = await next_page(self.database, self._walks, AuditPosition(kept.walk, kept.after))
        for finding in findings:
            report_finding(finding)
        kept = replace(kept, walk=at.walk, after=at.after, findings=kept.findings + len(findings))
        if at.is_over:
            kept = kept.finished(self.now())
            structlog.get_logger().info("ledger.audited", count=kept.findings)
        await keep_audit(self.database, kept)
        return max((self.clock() - started) * REST, SHORTEST_REST)
