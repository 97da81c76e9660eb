"""Credit checks: appended only. The application's step of the same unit of work commits the ledger to them [4.1]."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from credit.credit_checks.credit_check import CreditCheck, Finding, Source, SourceAnswer, Unanswered
from storage.database.session import Session
from storage.repositories.rows import named
from storage.tables import credit_checks

RENAMED = {"by": "by_ref"}
FIELDS = tuple(field.name for field in fields(CreditCheck))


class CreditCheckRepository:
    """The table `credit_checks`: implements `CreditCheckStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def last(self, subject_id: UUID, application_id: UUID) -> CreditCheck | None:
        kept = credit_checks.c
        rows = await self._session.fetch(
            select(*(kept[RENAMED.get(name, name)] for name in FIELDS))
            .where(kept.subject_id == subject_id, kept.application_id == application_id)
            .order_by(kept.at.desc(), kept.check_id)
            .limit(1)
        )
        if not rows:
            return None
        row = named(FIELDS, rows)[0]
        return CreditCheck(**row | {"answers": tuple(map(_answer, row["answers"]))})

    async def append(self, check: CreditCheck) -> None:
        """Append a credit check with each source's answer; the database itself refuses any change of it later."""
        row = {RENAMED.get(name, name): getattr(check, name) for name in FIELDS}
        row |= {"finding": check.combined.finding.value, "answers": [_plain(one) for one in check.answers]}
        await self._session.execute(insert(credit_checks), row)


def _plain(answer: SourceAnswer) -> dict[str, Any]:
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
