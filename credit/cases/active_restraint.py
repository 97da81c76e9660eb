"""Whether a subject is restrained on a day, and until when [5.2.1]."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from credit.core.context import ActionContext
from credit.core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RestrainedNow:
    """A subject is restrained today, up to a last day; None if rectification has to come first [5.1.5]."""

    until: date | None

    @classmethod
    def of(cls, ends: Iterable[date], today: date) -> "RestrainedNow | None":
        """Combine the last days of all restraints in force today; None without any."""
        last = max(ends, default=None, key=lambda end: (end < today, end))
        return None if last is None else cls(None if last < today else last)


async def restrained_now(work: UnitOfWork, context: ActionContext, subject_id: UUID) -> RestrainedNow | None:
    """Return whether the subject is restrained today, and until when; its cases are locked meanwhile.

    A confidential record is never shown, not even through the refusal of an incentive [5.1.6].
    Raises RecordContradictsLedger.
    """
    cases = await work.cases.all_of(subject_id)
    await work.ledger.require_cases(subject_id)
    binding = (case for case in cases if not case.confidential and case.is_in_force(context.today, context.unrectified))
    return RestrainedNow.of((case.ends_on for case in binding if case.ends_on is not None), context.today)
