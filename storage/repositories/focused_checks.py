"""Focused checks, and the targets of a day [5.2.2]."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, cast, exists, insert, not_, select

from consent.leaves.effects import focused_check_bytes
from consent.leaves.provenance import Content, Provenance
from credit.cases.status import Circumstance, UnrectifiedPolicy
from credit.focused_checks.actions import AREA_END, ActiveRestraint, Recorded, SupervisionArea
from credit.focused_checks.focused_check import Restraint
from storage.queries.conditions.row_conditions import bind, in_area, in_force, is_open
from storage.repositories.ledger_leaves import append_committed, ledger_of, stamped
from storage.repositories.rows import SqlRepository, sealed_text_columns
from storage.tables import focused_checks, restraint_cases, subjects


class FocusedCheckRepository(SqlRepository):
    """The table `focused_checks`: implements `FocusedCheckStore`."""

    async def restraints_on(
        self, subject_id: UUID, supervised: SupervisionArea, on: date, unrectified: UnrectifiedPolicy
    ) -> Sequence[ActiveRestraint]:
        row = restraint_cases.c
        here = exists().where(subjects.c.subject_id == row.subject_id, in_area(subjects))
        found = await self._session.fetch(
            select(
                row.case_id, row.circumstance, row.ends_on, cast(row.ends_on < bind("today"), Boolean),
                row.department_code, row.handler_ref,
            )
            .where(
                row.subject_id == subject_id,
                row.sector_code == supervised.sector,
                is_open(restraint_cases),
                in_force(restraint_cases, unrectified),
                not_(row.published_on.is_(None)),
                here,
            )
            .order_by(row.published_on, row.case_id),
            {"today": on, "actor_area": supervised.area, "actor_area_end": supervised.area + AREA_END},
        )  # fmt: skip
        return [
            ActiveRestraint(Restraint(case_id, Circumstance(circumstance), ends_on, bool(overdue)), department, handler)
            for case_id, circumstance, ends_on, overdue, department, handler in found
        ]

    async def append(self, recorded: Recorded) -> None:
        check, ledger = recorded.check, ledger_of(self._session)
        content = ledger.take_content(check.subject_id)
        row = {
            "subject_id": check.subject_id,
            "check_id": check.check_id,
            "department_code": check.department_code,
            "sector_code": check.sector_code,
            "area_code": recorded.area_code,
            "checked_on": check.checked_on,
            "by_ref": check.by,
            "outcome": check.outcome.value,
            "evidence": list(check.evidence),
            "recorded_at": recorded.recorded_at,
            "case_id": recorded.case_id,
            "version": 1,
            "salt": recorded.salt,
            **sealed_text_columns(facts=recorded.facts),
            **stamped(ledger, content),
        }
        await self._session.execute(insert(focused_checks), row)
        written = _entry(recorded, ledger.provenance, content)
        append_committed(self._session, focused_checks, row, check.check_id, written)


def _entry(recorded: Recorded, request: Provenance | None, content: Content) -> bytes:
    check = recorded.check
    return focused_check_bytes(
        request,
        content,
        subject_id=check.subject_id,
        check_id=check.check_id,
        department_code=check.department_code,
        sector_code=check.sector_code,
        area_code=recorded.area_code,
        checked_on=check.checked_on,
        by_ref=check.by,
        outcome=check.outcome,
        evidence=check.evidence,
        recorded_at=recorded.recorded_at,
        case_id=recorded.case_id,
    )
