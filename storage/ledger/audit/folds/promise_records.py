"""Credit checks, grants, deferrals and commitments against the steps of their applications [4.1] [4.2]."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from credit.applications.application import ApplicationStep
from credit.credit_checks.credit_check import combine
from credit.joint_measures.source_answer import Finding, MemorandumKind, Source, SourceAnswer, Unanswered
from credit.promises.recorded_state import commitment_columns, deferral_columns
from credit.promises.take_step import PromiseStep
from storage.ledger.audit.folds.records import STEP, Columns, History, RecordTable, Row, recorded_step
from storage.repositories.rows import split
from storage.tables import application_steps, commitments, credit_checks, deferrals, incentive_grants


def _check(row: Row, steps: Sequence[Row], attested: Columns) -> Columns:
    for step in steps:
        if _checked(step) == row["check_id"]:
            answers = [_answer(written) for written in step["facts"]["answers"]]
            return {
                "department_code": step["department_code"],
                "by_ref": step["actor_ref"],
                "at": step["at"],
                "authorisation_id": UUID(step["facts"]["authorisation_id"]),
                "answers": answers,
                "finding": combine(tuple(map(_source_answer, answers))).finding.value,
            }
    return attested


def _checked(step: Row) -> UUID | None:
    return UUID(step["facts"]["check_id"]) if step["step"] == ApplicationStep.CHECKED else None


def _answer(written: Sequence[Any]) -> dict[str, Any]:
    source, finding, memorandum, reason, kind = written
    return {"source": source, "finding": finding, "memorandum": memorandum, "reason": reason, "kind": kind}


def _source_answer(answer: Mapping[str, Any]) -> SourceAnswer:
    reason, kind = answer["reason"], answer["kind"]
    return SourceAnswer(
        Source(answer["source"]),
        Finding(answer["finding"]),
        answer["memorandum"],
        None if reason is None else Unanswered(reason),
        None if kind is None else MemorandumKind(kind),
    )


def _grant(row: Row, steps: Sequence[Row], attested: Columns) -> Columns:
    for step in steps:
        if _granted(step) == row["grant_id"]:
            facts, papers = step["facts"], split(step["evidence"])
            return {
                "department_code": step["department_code"],
                "by_ref": step["actor_ref"],
                "at": step["at"],
                "incentive": facts["incentive"],
                "check_id": UUID(facts["check_id"]),
                "helper_ref": facts["helper_ref"],
                "commitment_ref": papers[0] if papers else None,
            }
    return attested


def _granted(step: Row) -> UUID | None:
    return UUID(step["facts"]["grant_id"]) if step["step"] == ApplicationStep.GRANTED else None


def _deferral(_: Row, steps: Sequence[Row], attested: Columns) -> Columns:
    return deferral_columns([recorded_step(step, step["step"]) for step in steps], attested)


def _commitment(_: Row, steps: Sequence[Row], attested: Columns) -> Columns:
    return commitment_columns([recorded_step(step, step["step"]) for step in steps], attested)


def _of_step(row: Row, name: PromiseStep) -> UUID | None:
    application_id: UUID = row["application_id"]
    return application_id if row["step"] == name else None


def _steps(told: Any) -> Sequence[History]:  # noqa: ANN401 - a function of a row
    return [History(application_steps, "application_id", STEP, "application_id", told)]


def _deferral_row(row: Row) -> Row:
    """Return a row of `deferrals` without what the steps do not say of its documents and reminders."""
    documents = [
        {name: each[name] for name in ("document", "handed_in_on", "received_by", "receipt")}
        for each in row["documents"]
    ]
    reminders = [
        {name: each[name] for name in ("sent_on", "by", "paper", "served_on", "proof")} for each in row["reminders"]
    ]
    return {**row, "documents": documents, "reminders": reminders, "is_ended": row["ended_on"] is not None}


def _commitment_row(row: Row) -> Row:
    evidence = None if row["evidence"] is None else list(row["evidence"])
    return {**row, "evidence": evidence, "is_ended": row["ended_on"] is not None}


CHECKS: Final = RecordTable(credit_checks, "check_id", _steps(_checked), _check)
GRANTS: Final = RecordTable(incentive_grants, "grant_id", _steps(_granted), _grant)
_COUNTED: Final = frozenset(
    {"ended_on", "case_id", "waits_since_on", "waits_sorts_on", "paper_withdrawal", "step_version"}
)
DEFERRALS: Final = RecordTable(
    deferrals,
    "application_id",
    _steps(lambda row: _of_step(row, PromiseStep.DEFERRED)),
    _deferral,
    _deferral_row,
    _COUNTED | {"served_on", "supplied_on", "last_on"},
)
COMMITMENTS: Final = RecordTable(
    commitments,
    "application_id",
    _steps(lambda row: _of_step(row, PromiseStep.COMMITTED)),
    _commitment,
    _commitment_row,
    _COUNTED | {"document", "late_entries", "version"},
)
KINDS: Final = (CHECKS, GRANTS, DEFERRALS, COMMITMENTS)
