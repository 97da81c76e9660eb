"""Commitments in place of proof: made, handled on the spot or within a limit, verified afterwards [4.2.3] [5.1.2d]."""

from datetime import date
from typing import Any

import strawberry

from credit.cases.rules.deadlines import Clock, ClockName
from credit.core import late_entries
from credit.promises import commitment as promises_commitment
from credit.promises.commitment import CommitmentState, Verification, VerificationOutcome
from credit.promises.deadlines import of_commitment
from credit.promises.take_step import PromiseStep
from queryplan.entities import Entity
from queryplan.plan import Order
from schema.applications.types import Application, PaperWithdrawal, paper_withdrawal_of
from schema.cases.deadline_types import Deadline, shown
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.day import EvaluationDay
from schema.core.fields import (
    FilterColumn,
    ManySource,
    column,
    former,
    function,
    global_id,
    one,
    planned,
    sealed,
    step_version,
)
from schema.core.viewer_steps.types import ViewerStep, viewer_can
from schema.promises.viewer_steps import COMMITMENT_STEPS
from schema.reference.types import Department, Node

PROMISE = ("subject_id", "application_id", "department_code", "document", "commitment_ref", "committed_on",
           "limit_days", "verify_days", "completed_on", "ended_on", "verified_on", "verified_by",
           "outcome", "late_entries")  # fmt: skip
"""The columns that the rules need of a commitment; the findings stay sealed."""


def _commitment(values: tuple[object, ...]) -> tuple[promises_commitment.Commitment, EvaluationDay]:
    *facts, day = values
    assert isinstance(day, EvaluationDay)  # noqa: S101 - the reader always ends with the day
    row: dict[str, Any] = dict(zip(PROMISE, facts, strict=True))
    on, by, outcome, entered = (row.pop(name) for name in ("verified_on", "verified_by", "outcome", "late_entries"))
    late = late_entries.of_step(entered, PromiseStep.COMMITMENT_VERIFIED)
    verification = None if on is None else Verification(on, by, VerificationOutcome(outcome), late=late)
    completed = late_entries.of_step(entered, PromiseStep.COMPLETED)
    return promises_commitment.Commitment(**row, verification=verification, completed_late=completed), day


def _state(*values: object) -> str:
    commitment, day = _commitment(values)
    return promises_commitment.state(commitment, day.today, day.calendar).value


def _is_on_the_spot(limit_days: int, _day: EvaluationDay) -> bool:
    return limit_days == 0


def _completion(*values: object) -> dict[str, object]:
    commitment, day = _commitment(values)
    return shown(of_commitment(commitment, day.calendar)[0], day)


def _verification(*values: object) -> dict[str, object] | None:
    commitment, day = _commitment(values)
    found: list[Clock] = [one for one in of_commitment(commitment, day.calendar) if one.name is ClockName.VERIFICATION]
    return shown(found[0], day) if found else None


@strawberry.type(description="告知承诺：a written commitment in place of proof, and its verification [4.2.3].")
class Commitment(Node):
    id: strawberry.ID = global_id(Entity.COMMITMENT, "The global id.")
    application: Application | None = one("application", Entity.APPLICATION, "The application that rests on it.")
    department: Department | None = one("department", Entity.DEPARTMENT, "Where it is handled, and verified.")
    document: str | None = column("document", "The matter's own document, which allows a commitment [4.2.3].")
    commitment_ref: str | None = column("commitment_ref", "书面承诺：where the written commitment is filed.")
    committed_on: date | None = column("committed_on", "承诺日期：the day of the commitment.")
    limit_days: int | None = column("limit_days", "办结时限：working days to complete the matter; 0 is on the spot.")
    verify_days: int | None = column("verify_days", "核验时限：working days after completion to verify.")
    is_on_the_spot: bool | None = function(
        _is_on_the_spot, "limit_days", description="当场办结：whether the matter is completed on the spot [4.2.3]."
    )
    completed_on: date | None = column("completed_on", "办结日期：when the department completed the matter.")
    completion_due: Deadline | None = function(
        _completion, *PROMISE, description="办结期限：the last day to complete it [4.2.3]."
    )
    completion_due_on: Deadline | None = former(completion_due, "completionDue")
    verification_due: Deadline | None = function(
        _verification, *PROMISE, description="核验期限：the last day to verify it; null before completion [4.2.3]."
    )
    verification_due_on: Deadline | None = former(verification_due, "verificationDue")
    verified_on: date | None = column("verified_on", "核验日期：when it was verified.")
    verified_by: str | None = column("verified_by", "The staff reference of who verified it.")
    outcome: VerificationOutcome | None = column("outcome", "核验结果：what was found; null before [4.2.3] [5.1.2d].")
    facts: str | None = sealed("commitments", "facts", "核验情况：what verification found [4.2.3].")
    ended_on: date | None = column(
        "ended_on",
        "终止日期：when it ended before completion: the applicant withdrew, or the application was refused [4.2.3].",
    )
    paper_withdrawal: PaperWithdrawal | None = function(
        paper_withdrawal_of, "paper_withdrawal", description="书面撤回：its withdrawal on paper; null without one."
    )
    state: CommitmentState | None = function(
        _state, *PROMISE, description="办理状态：its state today, read off its dated facts [4.2.3] [5.1.2d]."
    )
    is_open: bool | None = column("is_open", "Whether it is still to be completed or verified.")
    is_overdue: bool | None = column("is_overdue", "Whether the time to complete it, or to verify it, is over [4.2.3].")
    viewer_can: list[ViewerStep] | None = viewer_can(COMMITMENT_STEPS)
    version: int | None = step_version("steps")


@strawberry.type(description="The queries for commitments.")
class CommitmentQuery:
    @planned(
        ManySource(
            Entity.COMMITMENT,
            (Order("committed_on"), Order("application_id")),
            None,
            {
                **OF_SUBJECT,
                "state": FilterColumn("state", "is", "Commitment.state"),
                "isOpen": FilterColumn("is_open", "is", "Commitment.isOpen"),
                "isOverdue": FilterColumn("is_overdue", "is", "Commitment.isOverdue"),
                "department": FilterColumn("department_code", "=", "Commitment.department"),
                "committedSince": FilterColumn("committed_on", ">=", "Commitment.committedOn"),
                "committedUntil": FilterColumn("committed_on", "<=", "Commitment.committedOn"),
            },
        ),
        "告知承诺：commitments that this caller may see, oldest first: a department's or a subject's own [4.2.3].",
    )
    def commitments(
        self,
        subject: strawberry.ID | None = None,
        state: list[CommitmentState] | None = None,
        is_open: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        is_overdue: bool | None = None,  # noqa: FBT001 - as above
        department: strawberry.ID | None = None,
        committed_since: date | None = None,
        committed_until: date | None = None,
    ) -> Connection[Commitment]: ...
