"""Deferred documents: what an application still owes, by when, and the outcome [4.2.2] [5.1.2c]."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from credit.promises import deferral as promises_deferral
from credit.promises.deadlines import of_deferral
from credit.promises.deferral import DeferralState
from credit.promises.deferral_row import from_columns
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
    step_version,
    structure,
)
from schema.core.viewer_steps.types import ViewerStep, viewer_can
from schema.promises.viewer_steps import DEFERRAL_STEPS
from schema.reference.types import Department, Node

PROMISE = ("subject_id", "application_id", "department_code", "documents", "reminders", "commitment_ref",
           "committed_on", "due_on", "ended_on")  # fmt: skip
"""The columns that the rules need of a deferral."""


@strawberry.type(description="所缺材料：one document that was missing, and its hand-in [4.2.2].")
class MissingDocument:
    document: str = structure("document", "材料名称：its term in the matter's own list of documents.")
    handed_in_on: date | None = structure("handedInOn", "补交日期：the day it came in; null while it is missing.")
    recorded_on: date | None = structure(
        "recordedOn", "补录日期：the later day on which that was recorded; null where it was the same day."
    )
    received_by: str | None = structure("receivedBy", "The staff reference of who took it in.")
    receipt: str | None = structure("receipt", "The file reference of its receipt.")


@strawberry.type(description="催告：one formal demand for the documents [5.1.2c].")
class DocumentReminder:
    sent_on: date = structure("sentOn", "The day it was sent.")
    by: str = structure("by", "The staff reference of who sent it.")
    paper: str = structure("paper", "The file reference of the demand.")
    served_on: date | None = structure(
        "servedOn",
        "送达日期：the day from which the service counts: of the receipt or, if that is later, of its record. The 3 "
        "working days begin the day after.",
    )
    reached_on: date | None = structure("reachedOn", "收到日期：the day it reached the applicant.")
    proof: str | None = structure("proof", "The file reference of the proof of service.")


def _deferral(values: tuple[object, ...]) -> tuple[promises_deferral.Deferral, EvaluationDay]:
    *facts, day = values
    assert isinstance(day, EvaluationDay)  # noqa: S101 - the reader always ends with the day
    row: dict[str, Any] = dict(zip(PROMISE, facts, strict=True)) | {"case_id": None, "paper_withdrawal": None}
    return from_columns(row), day


def _state(*values: object) -> str:
    deferral, day = _deferral(values)
    return promises_deferral.state(deferral, day.today, day.calendar).value


def _due_on(*values: object) -> dict[str, object]:
    deferral, day = _deferral(values)
    return shown(of_deferral(deferral, day.calendar)[-1], day)


def _documents(documents: list[Mapping[str, Any]], _day: EvaluationDay) -> list[dict[str, object]]:
    return [
        {
            "document": each["document"],
            "handedInOn": _read(each["handed_in_on"]),
            "recordedOn": _read((each.get("late") or {}).get("recorded_on")),
            "receivedBy": each["received_by"],
            "receipt": each["receipt"],
        }
        for each in documents
    ]


def _reminders(reminders: list[Mapping[str, Any]], _day: EvaluationDay) -> list[dict[str, object]]:
    return [
        {
            "sentOn": _read(each["sent_on"]),
            "by": each["by"],
            "paper": each["paper"],
            "servedOn": _read(each["served_on"]),
            "reachedOn": _read((each.get("late") or {}).get("on") or each["served_on"]),
            "proof": each["proof"],
        }
        for each in reminders
    ]


def _read(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@strawberry.type(
    description="容缺受理：an application that goes ahead on a written promise to supply what is missing [4.2.2]."
)
class Deferral(Node):
    id: strawberry.ID = global_id(Entity.DEFERRAL, "The global id.")
    application: Application | None = one("application", Entity.APPLICATION, "The application that owes them.")
    department: Department | None = one("department", Entity.DEPARTMENT, "Where it is handled.")
    documents: list[MissingDocument] | None = function(
        _documents,
        "documents",
        description="所缺材料：the documents that were missing at the start, and when each came in.",
    )
    reminders: list[DocumentReminder] | None = function(
        _reminders, "reminders", description="催告：the formal demands, first to last [5.1.2c]."
    )
    commitment_ref: str | None = column("commitment_ref", "书面承诺：where the written promise is filed [4.2.2].")
    committed_on: date | None = column("committed_on", "承诺日期：the day of the promise.")
    promised_for: date | None = column("due_on", "承诺补交日期：the day by which everything was promised.")
    due: Deadline | None = function(
        _due_on,
        *PROMISE,
        description="补交期限：the last day at present: the promised one or, once a reminder has reached the "
        "applicant, the third working day after it [5.1.2c].",
    )
    due_on: Deadline | None = former(due, "due")
    supplied_on: date | None = column("supplied_on", "补齐日期：when the last missing document came in.")
    ended_on: date | None = column(
        "ended_on", "终止日期：when it ended: the applicant withdrew, or the application was refused [4.2.2]."
    )
    paper_withdrawal: PaperWithdrawal | None = function(
        paper_withdrawal_of, "paper_withdrawal", description="书面撤回：its withdrawal on paper; null without one."
    )
    state: DeferralState | None = function(
        _state, *PROMISE, description="办理状态：its state today, read off its dated facts [4.2.2] [5.1.2c]."
    )
    is_open: bool | None = column("is_open", "Whether documents are still missing, and still owed.")
    is_overdue: bool | None = column("is_overdue", "Whether the promised date has passed with documents missing.")
    viewer_can: list[ViewerStep] | None = viewer_can(DEFERRAL_STEPS)
    version: int | None = step_version("steps")


@strawberry.type(description="The queries for deferred documents.")
class DeferralQuery:
    @planned(
        ManySource(
            Entity.DEFERRAL,
            (Order("due_on"), Order("application_id")),
            None,
            {
                **OF_SUBJECT,
                "isOpen": FilterColumn("is_open", "is", "Deferral.isOpen"),
                "isOverdue": FilterColumn("is_overdue", "is", "Deferral.isOverdue"),
                "department": FilterColumn("department_code", "=", "Deferral.department"),
                "dueSince": FilterColumn("due_on", ">=", "Deferral.promisedFor"),
                "dueUntil": FilterColumn("due_on", "<=", "Deferral.promisedFor"),
            },
        ),
        "容缺受理：promises of missing documents that this caller may see, first due first: a department's own, and a "
        "subject's own [4.2.2].",
    )
    def deferrals(
        self,
        subject: strawberry.ID | None = None,
        is_open: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        is_overdue: bool | None = None,  # noqa: FBT001 - as above
        department: strawberry.ID | None = None,
        due_since: date | None = None,
        due_until: date | None = None,
    ) -> Connection[Deferral]: ...
