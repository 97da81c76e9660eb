"""Credit checks, append-only. The step of the application in the same unit of work commits the ledger to them [4.1]."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from credit.credit_checks.credit_check import CreditCheck
from credit.joint_measures.source_answer import Finding, MemorandumKind, Source, SourceAnswer, Unanswered
from storage.repositories.rows import SqlRepository, field_names, named
from storage.tables import credit_checks

RENAMED = {"by": "by_ref"}
FIELDS = field_names(CreditCheck)


class CreditCheckRepository(SqlRepository):
    """The table `credit_checks`: implements `CreditCheckStore`."""

    async def last(self, subject_id: UUID, application_id: UUID) -> CreditCheck | None:
        column = credit_checks.c
        rows = await self._session.fetch(
            select(*(column[RENAMED.get(name, name)] for name in FIELDS))
            .where(column.subject_id == subject_id, column.application_id == application_id)
            .order_by(column.at.desc(), column.check_id)
            .limit(1)
        )
        if not rows:
            return None
        row = named(FIELDS, rows)[0]
        return CreditCheck(**row | {"answers": tuple(map(_answer, row["answers"]))})

    async def append(self, check: CreditCheck) -> None:
        row = {RENAMED.get(name, name): getattr(check, name) for name in FIELDS}
        row |= {"finding": check.combined.finding.value, "answers": [_plain(one) for one in check.answers]}
        await self._session.execute(insert(credit_checks), row)


def _plain(answer: SourceAnswer) -> dict[str, Any]:
    """Return the answer of a source as it is stored."""
    return {
        "source": answer.source.value,
        "finding": answer.finding.value,
        "memorandum": answer.memorandum,
        "reason": None if answer.reason is None else answer.reason.value,
        "kind": None if answer.kind is None else answer.kind.value,
    }


def _answer(stored: Mapping[str, Any]) -> SourceAnswer:
    reason, kind = stored["reason"], stored.get("kind")
    return SourceAnswer(
        Source(stored["source"]),
        Finding(stored["finding"]),
        stored["memorandum"],
        None if reason is None else Unanswered(reason),
        None if kind is None else MemorandumKind(kind),
    )
