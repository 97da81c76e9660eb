"""Corrections, their recipients and objections against their steps: those of a case, or steps of their own [5.1.4]."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from credit.cases.steps import StepName, fact_of_step
from credit.core.recorded_step import RecordedStep
from storage.ledger.audit.folds.records import STEP, Columns, History, RecordTable, Row, recorded_step
from storage.tables import case_steps, corrections, hearing_steps, objections


def _correction(row: Row, steps: Sequence[Row], attested: Columns) -> Columns:
    found = dict(attested)
    for step in _own(steps, "correction_id", row["correction_id"]):
        fact, facts = fact_of_step(step), step.facts
        if step.step == StepName.CORRECTION_DISCOVERED:
            found |= {
                "remedy": facts["remedy"],
                "cause": facts["cause"],
                "items": list(facts["items"]),
                "discovered_on": fact.on,
                "discovered_at": step.at,
                "discovered_by": step.actor_ref,
                "done_on": None,
                "done_by": None,
            }
        elif found and step.step in {StepName.CORRECTED, StepName.REMOVED}:
            found |= {"done_on": fact.on, "done_by": step.actor_ref}
    return found


def _objection(row: Row, steps: Sequence[Row], attested: Columns) -> Columns:
    found = dict(attested)
    for step in _own(steps, "objection_id", row["objection_id"]):
        fact, facts = fact_of_step(step), step.facts
        if step.step == StepName.OBJECTED:
            found = {
                "department_code": facts["department_code"],
                "raised_on": fact.on,
                "raised_at": step.at,
                "raised_by": step.actor_ref,
                "raised_as": step.role,
                **dict.fromkeys(("assigned_ref", "answered_on", "answered_at", "answered_by", "answer")),
            }
        elif found and step.step == StepName.OBJECTION_ASSIGNED:
            found["assigned_ref"] = facts["reviewer_ref"]
        elif found and step.step == StepName.OBJECTION_ANSWERED:
            found |= {
                "answered_on": fact.on,
                "answered_at": step.at,
                "answered_by": step.actor_ref,
                "answer": facts["answer"],
            }
    return found


def of_correction(steps: Sequence[Row], correction_id: UUID) -> list[Row]:
    """Return the steps of one correction; a step of a case names it among its facts."""
    return _of_record(steps, "correction_id", correction_id)


def _of_record(steps: Sequence[Row], name: str, record_id: UUID) -> list[Row]:
    return [step for step in steps if step["facts"].get(name, str(record_id)) == str(record_id)]


def _own(steps: Sequence[Row], name: str, record_id: UUID) -> list[RecordedStep]:
    """Return the steps of one correction or objection, in order."""
    own = _of_record(steps, name, record_id)
    taken = [recorded_step(step, StepName(step["step"])) for step in own if step["step"] in _KINDS[name]]
    return sorted(taken, key=lambda step: (step.at, list(StepName).index(StepName(step.step))))


_KINDS: Final = {
    "correction_id": {StepName.CORRECTION_DISCOVERED, StepName.CORRECTED, StepName.REMOVED},
    "objection_id": {StepName.OBJECTED, StepName.OBJECTION_ASSIGNED, StepName.OBJECTION_ANSWERED},
}


def _told_of(name: str, first: StepName, row: Row) -> UUID | None:
    return UUID(row["facts"][name]) if row["step"] == first else None


def _histories(name: str, first: StepName) -> Sequence[History]:
    return [
        History(case_steps, "case_id", STEP, "case_id", lambda row: _told_of(name, first, row)),
        History(hearing_steps, "about", STEP, name, lambda row: row["about"] if row["step"] == first else None),
    ]


_COUNTED: Final = frozenset({"due_on", "late_entries", "step_version"})
CORRECTIONS: Final = RecordTable(
    corrections,
    "correction_id",
    _histories("correction_id", StepName.CORRECTION_DISCOVERED),
    _correction,
    unsaid=_COUNTED | {"done_at", "done_evidence", "completed_on"},
)
OBJECTIONS: Final = RecordTable(
    objections,
    "objection_id",
    _histories("objection_id", StepName.OBJECTED),
    _objection,
    unsaid=_COUNTED | {"version", "answer_evidence"},
)
KINDS: Final = (CORRECTIONS, OBJECTIONS)
