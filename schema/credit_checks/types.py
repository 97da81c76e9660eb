"""Credit checks of an application, and the incentives granted on them [4.1] [4.2]."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry

from consent.vocabulary import Purpose
from credit.joint_measures.source_answer import Finding, MemorandumKind, Source, Unanswered
from queryplan.entities import Entity
from queryplan.plan import Order, newest
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.day import EvaluationDay
from schema.core.fields import (
    FilterColumn,
    ManySource,
    column,
    filled_column,
    function,
    global_id,
    one,
    planned,
    structure,
)
from schema.reference.types import ApplicationLink, AuthorisationLink, Department, Node, SubjectLink

NEWEST_CHECK = newest("at", "check_id")
OLDEST_GRANT = (Order("at"), Order("grant_id"))


@strawberry.type(description="The answer of one source [4.1].")
class SourceAnswer:
    source: Source = structure("source", "Which source.")
    finding: Finding = structure("finding", "What it answered.")
    memorandum: str | None = structure("memorandum", "The national memorandum that governs, where one does [3.3].")
    kind: MemorandumKind | None = structure(
        "kind", "备忘录类别：whether the memorandum is one of penalties or of rewards; a reward one bars nothing [3.3]."
    )
    reason: Unanswered | None = structure("reason", "Why it is unknown, where that is known.")


def _answers(answers: Sequence[Mapping[str, Any]], _day: EvaluationDay) -> list[dict[str, Any]]:
    names = ("source", "finding", "memorandum", "kind", "reason")
    return [{name: answer.get(name) for name in names} for answer in answers]


def _memoranda(answers: Sequence[Mapping[str, Any]], _day: EvaluationDay) -> list[str]:
    named = (answer.get("memorandum") for answer in answers)
    return list(dict.fromkeys(name for name in named if name is not None))


@strawberry.type(
    description="事前信用核查：a credit check of one application: who, when, for what purpose, on what authorisation, "
    "and what each source answered. No check exists without an authorisation [4.1] [5.1.6]."
)
class CreditCheck(Node):
    id: strawberry.ID = global_id(Entity.CREDIT_CHECK, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whom it was about.")
    application: ApplicationLink | None = one("application", Entity.APPLICATION, "The application it was made for.")
    department: Department | None = one("department", Entity.DEPARTMENT, "The department that checked.")
    by: str | None = column("by_ref", "The staff reference of the clerk who checked.")
    at: datetime | None = column("at", "When (UTC).")
    purpose: Purpose | None = column("purpose", "For which purpose.")
    authorisation: AuthorisationLink | None = one(
        "authorisation", Entity.AUTHORISATION, "The authorisation that it was made on [5.1.6]."
    )
    finding: Finding | None = column(
        "finding", "The result of both sources: the gravest answer counts, and unknown is never clean [4.1]."
    )
    memoranda: list[str] | None = function(
        _memoranda, "answers", description="国家联合奖惩备忘录：the memoranda that govern, by name [3.3]."
    )
    answers: list[SourceAnswer] | None = function(
        _answers, "answers", description="What each source answered, and why one did not."
    )


CheckLink = Annotated["CreditCheck", strawberry.lazy("schema.credit_checks.types")]


@strawberry.type(description="守信激励：an incentive granted to one application, on the check that allowed it [4.2].")
class IncentiveGrant(Node):
    id: strawberry.ID = global_id(Entity.INCENTIVE_GRANT, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "The subject that it was granted to.")
    application: ApplicationLink | None = one("application", Entity.APPLICATION, "For which application.")
    department: Department | None = one("department", Entity.DEPARTMENT, "By which department.")
    incentive: str | None = filled_column("incentive", "Its code, as the root `incentives` explains it.")
    at: datetime | None = filled_column("at", "When (UTC).")
    by: str | None = filled_column("by_ref", "The staff reference of the officer who granted it.")
    helper: str | None = column("helper_ref", "专人帮办：the named helper's staff reference [4.2.1].")
    commitment: str | None = column("commitment_ref", "The file reference of the written commitment [4.2.2] [4.2.3].")
    check: CheckLink | None = one("check", Entity.CREDIT_CHECK, "The check that allowed it [4.1].")


@strawberry.type(description="Credit checks.")
class CreditCheckQuery:
    @planned(
        ManySource(
            Entity.CREDIT_CHECK,
            NEWEST_CHECK,
            None,
            {
                **OF_SUBJECT,
                "department": FilterColumn("department_code", "=", "CreditCheck.department"),
                "finding": FilterColumn("finding", "=", "CreditCheck.finding"),
                "since": FilterColumn("at", ">=", "CreditCheck.at"),
                "until": FilterColumn("at", "<", "CreditCheck.at"),
            },
        ),
        "信用核查：a subject's own, every one of them; a clerk's department's own, newest first [4.1] [5.1.6].",
    )
    def credit_checks(
        self,
        subject: strawberry.ID | None = None,
        department: strawberry.ID | None = None,
        finding: Finding | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Connection[CreditCheck]: ...
