"""The state of the outbox: counts, ids and codes, without personal data."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from gateway.outbox_relay.recipients import DeliveryRecipients
from storage.database.database import Database
from storage.repositories.messages.outbox_queue import CARRIED, SUPERVISORS, WaitingCount
from storage.tables import departments
from storage.unit_of_work import SqlUnitOfWork


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many messages are due or being sent, have failed before, have no recipient, or were given up."""

    waiting: int
    failing: dict[str, int]
    """By the code of the last failure."""
    no_recipient: int
    """For a recipient that is not configured: neither tried nor given up."""
    for_subjects: int
    """For a channel to subjects, which does not exist yet."""
    dead: int
    oldest: datetime | None

    def facts(self) -> dict[str, object]:
        """Return the counts as JSON-ready values."""
        return {
            "waiting": self.waiting,
            "failing": self.failing,
            "no_recipient": self.no_recipient,
            "for_subjects": self.for_subjects,
            "dead": self.dead,
            "oldest": self.oldest and self.oldest.isoformat(),
        }

    def lines(self) -> list[str]:
        """Return the counts as lines of text."""
        since = f", the oldest since {self.oldest:%Y-%m-%d %H:%M}Z" if self.oldest else ""
        codes = "".join(f"; {number} after {code}" for code, number in sorted(self.failing.items()))
        return [
            f"{self.waiting:>8}  waiting to be sent{since}{codes}",
            f"{self.no_recipient:>8}  with no recipient configured",
            f"{self.dead:>8}  given up",
            f"{self.for_subjects:>8}  kept for a channel to subjects and others",
        ]


async def outbox_counts(work: SqlUnitOfWork, database: Database, recipients: DeliveryRecipients) -> OutboxCounts:
    """Return the counts of the outbox."""
    rows = await database.fetch(select(departments.c.code, departments.c.sector_code))
    sectors = {str(code): str(sector) for code, sector in rows}
    failing: Counter[str] = Counter()
    carried = unconfigured = others = 0
    oldest: datetime | None = None
    for each in await work.outbox_queue.waiting():
        if each.route not in CARRIED:
            others += each.count
        elif not _is_configured(each, recipients, sectors):
            unconfigured += each.count
        else:
            carried += each.count
            oldest = min(filter(None, (oldest, each.oldest)))
            if each.failure is not None:
                failing[each.failure] += each.count
    return OutboxCounts(carried, dict(failing), unconfigured, others, await work.outbox_queue.count_given_up(), oldest)


def _is_configured(each: WaitingCount, recipients: DeliveryRecipients, sectors: dict[str, str]) -> bool:
    if each.route != SUPERVISORS:
        return each.route in recipients.of_route
    return sectors.get(str(each.department_code)) in recipients.of_sector
