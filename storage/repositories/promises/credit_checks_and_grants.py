"""Credit checks and granted incentives: the promises of `credit.applications.ports.PromiseStore`, in SQL [4.1] [4.2].

Both are appended only; what commits the ledger to them is the application's step of the same unit of work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from credit.applications.refusals import AlreadyGranted
from credit.credit_checks.credit_check import CreditCheck, Finding, Source, SourceAnswer, Unanswered
from credit.incentives.incentive import Granted
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.tables import credit_checks, incentive_grants

RENAMED = {"by": "by_ref"}
CHECK_FIELDS = tuple(field.name for field in fields(CreditCheck))
GRANT_FIELDS = tuple(field.name for field in fields(Granted))


class Promises:
    """The tables `credit_checks` and `incentive_grants`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def last_check(self, subject_id: UUID, application_id: UUID) -> CreditCheck | None:
        """Return the latest credit check of the application with its answers, or None without any."""
        kept = credit_checks.c
        rows = await self._session.fetch(
            select(*(kept[RENAMED.get(name, name)] for name in CHECK_FIELDS))
            .where(kept.subject_id == subject_id, kept.application_id == application_id)
            .order_by(kept.at.desc(), kept.check_id)
            .limit(1)
        )
        if not rows:
            return None
        row = dict(zip(CHECK_FIELDS, rows[0], strict=True))
        return CreditCheck(**row | {"answers": tuple(map(_answer, row["answers"]))})

    async def keep_check(self, check: CreditCheck) -> None:
        """Append a credit check with each source's answer; the database itself refuses any change of it later."""
        row = {RENAMED.get(name, name): getattr(check, name) for name in CHECK_FIELDS}
        row |= {"finding": check.combined.finding.value, "answers": [written(one) for one in check.answers]}
        await self._session.execute(insert(credit_checks), row)

    async def grants(self, subject_id: UUID, application_id: UUID) -> Sequence[Granted]:
        kept = incentive_grants.c
        rows = await self._session.fetch(
            select(*(kept[RENAMED.get(name, name)] for name in GRANT_FIELDS))
            .where(kept.subject_id == subject_id, kept.application_id == application_id)
            .order_by(kept.at, kept.grant_id)
        )
        return [Granted(**dict(zip(GRANT_FIELDS, row, strict=True))) for row in rows]

    async def keep_grant(self, granted: Granted) -> None:
        row = {RENAMED.get(name, name): getattr(granted, name) for name in GRANT_FIELDS}
        if await self._session.execute(insert_once(incentive_grants), row) == 0:
            raise AlreadyGranted


def written(answer: SourceAnswer) -> dict[str, Any]:
    """Return a source's answer as it is kept."""
    return {
        "source": answer.source.value,
        "finding": answer.finding.value,
        "memorandum": answer.memorandum,
        "reason": None if answer.reason is None else answer.reason.value,
    }


def _answer(kept: Mapping[str, Any]) -> SourceAnswer:
    reason = kept["reason"]
    return SourceAnswer(
        Source(kept["source"]),
        Finding(kept["finding"]),
        kept["memorandum"],
        None if reason is None else Unanswered(reason),
    )
