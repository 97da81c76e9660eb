"""Who took which step of an objection or a correction: a step of the case it is about, else one of its own [5.1.1].

Both are appended only, with a leaf in the access log: neither kind of proof is weaker than the other.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from credit.cases.actions.take_step import SALT_BYTES
from credit.cases.case import Case, Fact
from credit.cases.steps import Step, StepName, decided
from credit.core.ports import By, Moment
from credit.corrections.correction import Correction
from credit.corrections.ports import HearingStep, HearingWork
from credit.objections.objection import Objection, RecordKind


async def record(
    work: HearingWork,
    by: By,
    moment: Moment,
    name: StepName,
    fact: Fact,
    about: Objection | Correction,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Append the step that *by* took: *facts* are choices, days and references, never what somebody is called."""
    record, record_id, about_id = _of(about)
    if record is RecordKind.RESTRAINT_CASE:
        key = "objection_id" if isinstance(about, Objection) else "correction_id"
        said = {key: str(about_id)} | dict(facts or {})
        await _append(work, by, moment, name, fact, about.subject_id, record_id, said)
        return
    await work.objections.append(
        HearingStep(
            subject_id=about.subject_id,
            step_id=moment.new_id(),
            about=about_id,
            record=record,
            record_id=record_id,
            step=name.value,
            on=fact.on,
            at=moment.now,
            actor_ref=by.ref,
            role=by.role,
            department_code=fact.department,
            evidence=fact.evidence,
            facts=dict(facts or {}),
            salt=moment.random(SALT_BYTES),
        )
    )


async def record_mending(
    work: HearingWork, by: By, moment: Moment, name: StepName, fact: Fact, case: Case, correction: Correction
) -> None:
    """Append the step by which *case* was corrected or removed, with how it stands since."""
    items = sorted(item.value for item in correction.items)
    said = decided(name, case) | {
        "correction_id": str(correction.correction_id),
        "cause": correction.cause.value,
        "items": items,
    }
    await _append(work, by, moment, name, fact, case.subject_id, case.case_id, said)


async def _append(
    work: HearingWork,
    by: By,
    moment: Moment,
    name: StepName,
    fact: Fact,
    subject_id: UUID,
    case_id: UUID,
    facts: Mapping[str, Any],
) -> None:
    await work.procedure.append(
        Step(
            subject_id=subject_id,
            step_id=moment.new_id(),
            case_id=case_id,
            step=name,
            on=fact.on,
            at=moment.now,
            actor_ref=by.ref,
            role=by.role,
            department_code=fact.department,
            evidence=fact.evidence,
            facts=facts,
            salt=moment.random(SALT_BYTES),
        )
    )


def _of(about: Objection | Correction) -> tuple[RecordKind, UUID, UUID]:
    """Return what it is about: kind and id of the record, and its own id."""
    if isinstance(about, Objection):
        return about.record, about.record_id, about.objection_id
    if about.case_id is None:
        return RecordKind.SUBJECT, about.subject_id, about.correction_id
    return RecordKind.RESTRAINT_CASE, about.case_id, about.correction_id
