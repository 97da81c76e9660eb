"""Records a step of an objection or a correction: as a step of its case, else as one of its own [5.1.1].

Both kinds are append-only, with a leaf in the access log, so both are equally strong proof.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from credit.cases.actions.take_step import NOTHING, append_step
from credit.cases.case import Case, Fact
from credit.cases.steps import StepName, decided
from credit.core.context import ActionContext
from credit.core.evidence_files import AttachedTo, FileRecord, attach_files, carry_files
from credit.core.recorded_step import recorded_step
from credit.core.unit_of_work import UnitOfWork
from credit.corrections.correction import Correction
from credit.objections.objection import Objection, RecordKind


async def record_step(
    work: UnitOfWork,
    context: ActionContext,
    name: StepName,
    fact: Fact,
    about: Objection | Correction,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Append the step that the caller took: *facts* are choices, days and references, never a name.

    What a granted objection showed to be wrong is a step by which the files of the answer are carried over.
    """
    record, record_id, about_id = _of(about)
    source = _answer_of(name, about)
    if record is RecordKind.RESTRAINT_CASE:
        key = "objection_id" if isinstance(about, Objection) else "correction_id"
        facts = {key: str(about_id)} | dict(facts or {})
        objection_id = about_id if isinstance(about, Objection) else None
        await append_step(work, context, name, fact, about.subject_id, record_id, facts, objection_id, source)
        return
    step = recorded_step(
        context,
        name,
        subject_id=about.subject_id,
        about=about_id,
        on=fact.own_day,
        department_code=fact.department,
        evidence=fact.evidence,
        facts=facts,
        record=record.value,
        record_id=record_id,
    )
    await work.objections.append(step)
    to = AttachedTo(FileRecord.OBJECTION if isinstance(about, Objection) else FileRecord.CORRECTION, about_id)
    if source is not None:
        await carry_files(work, context, about.subject_id, source, to, fact.evidence)
    else:
        await attach_files(work, context, about.subject_id, *to, fact.evidence)


async def record_correction(
    work: UnitOfWork,
    context: ActionContext,
    name: StepName,
    fact: Fact,
    case: Case,
    correction: Correction,
    further: Mapping[str, Any] = NOTHING,
) -> None:
    """Append the step by which *case* was corrected or removed, with the decisions of the new case and *further*."""
    facts = decided(name, case) | {
        "correction_id": str(correction.correction_id),
        "cause": correction.cause.value,
        "items": sorted(item.value for item in correction.items),
        **further,
    }
    await append_step(work, context, name, fact, case.subject_id, case.case_id, facts)


def _answer_of(name: StepName, about: Objection | Correction) -> AttachedTo | None:
    """Return the objection whose answer is the discovery of the error *about*; None for any other step."""
    if name is not StepName.CORRECTION_DISCOVERED or isinstance(about, Objection) or about.objection_id is None:
        return None
    return AttachedTo(FileRecord.OBJECTION, about.objection_id)


def _of(about: Objection | Correction) -> tuple[RecordKind, UUID, UUID]:
    """Return the kind and id of the record that it is about, and its own id."""
    if isinstance(about, Objection):
        return about.record, about.record_id, about.objection_id
    if about.case_id is None:
        return RecordKind.SUBJECT, about.subject_id, about.correction_id
    return RecordKind.RESTRAINT_CASE, about.case_id, about.correction_id
