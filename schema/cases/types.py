"""Restraint cases: what follows from a minor breach of trust that is not yet an administrative penalty [5.1]."""

from datetime import date, datetime

import strawberry

from credit.calendar.deadlines import civil_date
from credit.cases.case import Case, RemovalCause, ReviewOutcome, ServiceMeans
from credit.cases.rules.deadlines import ClockName
from credit.cases.status import CaseDates, CaseStatus, Circumstance, CollectionChannel, UnrectifiedPolicy
from queryplan.entities import Entity
from queryplan.plan import Order, newest
from schema.applications.types import Application
from schema.cases.deadline_types import DUTIES, ENDINGS, Deadline, deadline, is_overdue
from schema.cases.step_types import CaseStatement, CaseStep, FactsVersion, LateEntry, late_entries_of, references_of
from schema.cases.viewer_steps import CASE_STEPS
from schema.core.connections import Connection
from schema.core.day import EvaluationDay
from schema.core.fields import (
    ManySource,
    column,
    former,
    function,
    global_id,
    one,
    planned,
    read_back,
    sealed,
    step_version,
)
from schema.core.inputs import case_ref
from schema.core.mutations.mutation import MutationResult, RecordMutation, record_result
from schema.core.viewer_steps.types import ViewerStep, viewer_can
from schema.notices.types import IssuedNotice
from schema.reference.types import Area, CorrectionLink, Department, Node, ObjectionLink, Sector, SubjectLink

STEPS = (
    "verified_at",
    "noticed_on",
    "served_on",
    "stated_on",
    "reviewed_on",
    "determined_on",
    "published_on",
    "ends_on",
    "timely_claim_on",
    "timely_claim_answered_on",
    "rectified_on",
    "removed_on",
    "dropped_on",
    "referred_on",
    "paused_on",
    "resumed_on",
)


def _status(_collected: datetime, *facts_and_day: object) -> str:
    *facts, day = facts_and_day
    assert isinstance(day, EvaluationDay)  # noqa: S101 - the reader always ends with the day
    dates = CaseDates(**dict(zip(STEPS, facts, strict=True)))  # type: ignore[arg-type]  # columns by name
    return dates.status(day.today, day.unrectified).value


def _stays_until_rectified(
    _collected: datetime, claimed: date | None, answered: date | None, day: EvaluationDay
) -> bool:
    waits = claimed is not None and answered is None
    return day.unrectified is UnrectifiedPolicy.STAYS and not waits


def _is_taken_over(taken_over: object, _collected: datetime, _day: EvaluationDay) -> bool:
    return taken_over is not None


def _has_agents_case(agents_case: object, _collected: datetime, _day: EvaluationDay) -> bool:
    return agents_case is not None


def _collected_on(collected: datetime, _day: EvaluationDay) -> date:
    return civil_date(collected)


@strawberry.type(
    description="失信制约案件：a restraint on a subject after a minor breach of trust, from collection to repair [5.1]."
)
class RestraintCase(Node):
    id: strawberry.ID = global_id(Entity.RESTRAINT_CASE, "The global id.")
    number: str | None = column("number", "The determining authority's case number, free of personal data.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whom it is about [3.2].")
    department: Department | None = one(
        "department", Entity.DEPARTMENT, "认定单位：the determining authority, which answers for it [5.1.1]."
    )
    sector: Sector | None = one("sector", Entity.SECTOR, "The sector whose supervisors check with priority [5.2.2].")
    area: Area | None = one("area", Entity.AREA, "The subject's area when the case was collected [5.2.2].")
    application: Application | None = one(
        "application", Entity.APPLICATION, "The application in which the breach happened [3.1]."
    )
    circumstance: Circumstance | None = column("circumstance", "认定情形：which of the five [5.1.2].")
    basis: str | None = column("basis", "认定依据：the legal basis [5.1.3].")
    legal_document: str | None = column("legal_document", "法律文书：the number of the legal document [5.1.3].")
    determined_on: date | None = column("determined_on", "认定日期：when it was determined [5.1.3].")
    published_on: date | None = column(
        "published_on", "公布日期：when it was published, or announced to its subject where it is not listed [5.1.5]."
    )
    ends_on: date | None = column(
        "ends_on", "有效期：the last day in force; the subject is free from 00:00 of the next [5.1.5]."
    )
    paused_on: date | None = column(
        "paused_on",
        "中止日期：the first day of its last pause: a review of a statement that arrived after the determination, or "
        "the days between its end and its return by a new breach [5.1.4(3)] [5.1.5].",
    )
    resumed_on: date | None = column("resumed_on", "恢复日期：the first day after that pause; null while it lasts.")
    period_basis: str | None = column("period_basis", "The law, where the period is not six months [5.1.5].")
    is_taken_over: bool | None = function(
        _is_taken_over,
        "taken_over_on",
        "collected_at",
        description="历史数据：whether it is a record taken over from before the cut-over date, and was not determined "
        "in this system [5.1.4].",
    )
    taken_over_on: date | None = column("taken_over_on", "接收日期：when a former record was taken over [5.1.4].")
    former_determined_on: date | None = column(
        "former_determined_on", "The day of determination by the former record; it counts once confirmed [5.1.4]."
    )
    former_published_on: date | None = column(
        "former_published_on", "The day of publication by the former record; it counts once confirmed [5.1.4]."
    )
    former_ends_on: date | None = column(
        "former_ends_on", "The last day in force by the former record; it counts once confirmed [5.1.4]."
    )
    rectified_on: date | None = column("rectified_on", "When rectification was confirmed [5.1.5].")
    stays_until_rectified: bool | None = function(
        _stays_until_rectified,
        "collected_at",
        "timely_claim_on",
        "timely_claim_answered_on",
        description="期满未整改是否延续：whether it outlasts its last day until rectification is confirmed. It does "
        "not while a claim made within the period waits for its answer [5.1.5].",
    )
    in_force: bool | None = column("in_force", "Whether it restrains today: by the date, not by any job [5.1.5].")
    is_listed: bool | None = column(
        "is_listed", "是否公示：whether it is on the public list today; it may be in force and not listed [5.1.5]."
    )
    listed_until: date | None = column(
        "listed_until", "公示截止：the last day on the public list, where it leaves that before it ends [5.1.5]."
    )
    status: CaseStatus | None = function(
        _status,
        "collected_at",
        *STEPS,
        description="How far it has come, read off its dated facts as of today [5.1.4].",
    )
    facts: str | None = sealed("restraint_cases", "facts", "失信事实：what happened [5.1.3].")
    evidence: str | None = sealed(
        "restraint_cases",
        "evidence",
        "The evidence, by reference, as one text [5.1.1].",
        deprecation_reason="Ask for `evidenceReferences`, a list.",
    )
    evidence_references: list[str] | None = sealed(
        "restraint_cases",
        "evidence",
        "证据编号：the papers that show it, each by its reference [5.1.1]. Masked, a list of one mask.",
        shown=references_of,
    )
    internal_notes: str | None = sealed("restraint_cases", "notes", "Working notes of the determining authority.")
    has_agents_case: bool | None = function(
        _has_agents_case,
        "agents_case_id",
        "collected_at",
        description="Whether the agent who acted has a case of its own; principal and agent each answer for their own "
        "[3.2].",
    )
    occurred_on: date | None = column("occurred_on", "The day of the breach, where it is known [5.1.3].")
    channel: CollectionChannel | None = column("channel", "采集途径：how it came to light [5.1.3].")
    handler: str | None = column("handler_ref", "The handler's staff reference [5.1.1].")
    reviewer: str | None = column("reviewer_ref", "The reviewer's staff reference; never the handler [5.1.4(4)].")
    collected_on: date | None = function(
        _collected_on, "collected_at", description="When it was collected, as a day in Asia/Shanghai [5.1.3]."
    )
    verified_at: datetime | None = column("verified_at", "When verification was completed (UTC) [5.1.4(1)].")
    noticed_on: date | None = column("noticed_on", "The day from which the written notice counts [5.1.4(2)].")
    served_on: date | None = column(
        "served_on", "The day from which the service counts: of the receipt or, if later, of its record [5.1.4(2)]."
    )
    service_means: ServiceMeans | None = column(
        "service_means", "送达方式：handed over on the spot, or posted [5.1.4(2)]."
    )
    stated_on: date | None = column("stated_on", "The day of the subject's statement and defence [5.1.4(3)].")
    reviewed_on: date | None = column("reviewed_on", "The day from which the closed review counts [5.1.4(4)].")
    review_outcome: ReviewOutcome | None = column("review_outcome", "复核结论：what the review did [5.1.4(4)].")
    claimed_on: date | None = column(
        "claimed_on", "申请确认整改日期：when the subject last said, with evidence, that it is rectified [5.1.5]."
    )
    removal_cause: RemovalCause | None = column("removal", "移除原因：why it left the list before its time [5.1.4(6)].")
    notice_due: Deadline | None = deadline(
        ClockName.NOTICE,
        "verified_at",
        "noticed_on",
        "告知期限：3 working days after completed verification; null before it [5.1.4(2)].",
    )
    notice_due_on: Deadline | None = former(notice_due, "noticeDue")
    statement_due: Deadline | None = deadline(
        ClockName.STATEMENT,
        "served_on",
        "stated_on",
        "陈述申辩期限：3 working days after receipt, null before; silence waives it [5.1.4(3)].",
    )
    statement_closes_on: Deadline | None = former(statement_due, "statementDue")
    review_due: Deadline | None = deadline(
        ClockName.REVIEW,
        "review_from",
        "reviewed_on",
        "复核期限：15 working days after the statement, or after the arrival of one that reopened the case; null where "
        "there is none [5.1.4(4)].",
    )
    review_due_on: Deadline | None = former(review_due, "reviewDue")
    publication_due: Deadline | None = deadline(
        ClockName.PUBLICATION,
        "publication_from",
        "published_on",
        "公布并推送期限：promptly after the determination: within the working days that the deployment sets, 5 by "
        "default; null before it [5.1.4(5)].",
    )
    publication_due_on: Deadline | None = former(publication_due, "publicationDue")
    rectification_due: Deadline | None = deadline(
        ClockName.RECTIFICATION,
        "claimed_on",
        "claim_answered_on",
        "答复整改申请期限：15 working days after the last claim, a reading of [5.1.5]; null without one.",
    )
    rectification_due_on: Deadline | None = former(rectification_due, "rectificationDue")
    is_overdue: bool | None = function(
        is_overdue,
        "case_id",
        *DUTIES,
        *ENDINGS,
        description="Whether the authority has missed a clock of the procedure and still has to act [5.1.4] [6.1].",
    )

    late_entries: list[LateEntry] | None = function(
        late_entries_of,
        "late_entries",
        "collected_at",
        description="补录：the steps that were recorded on a later day than their own, with both days. The authority's "
        "count from the record, the subject's from their own day [5.1.4]. Of several statements or claims only one "
        "is listed.",
    )

    @planned(
        ManySource(Entity.CORRECTION, newest("discovered_on", "correction_id"), "corrections"),
        "修改与移除：what was found wrong in it, or has changed, the last found first [5.1.4(6)].",
    )
    def corrections(self) -> Connection[CorrectionLink] | None: ...

    @planned(
        ManySource(Entity.OBJECTION, newest("raised_on", "objection_id"), "objections"),
        "异议：the objections to it that this caller may see, newest first.",
    )
    def objections(self) -> Connection[ObjectionLink] | None: ...

    @planned(
        ManySource(Entity.ISSUED_NOTICE, newest("issued_at", "notice_id"), "notices"),
        "书面文书：the documents issued in it, newest first, for its subject and those who handle it [A].",
    )
    def notices(self) -> Connection[IssuedNotice] | None: ...

    @planned(
        ManySource(Entity.CASE_STEP, (Order("at"), Order("step_id")), "steps"),
        "办理过程：the steps that led here, in the order in which they were recorded [5.1.4].",
    )
    def steps(self) -> Connection[CaseStep] | None: ...

    @planned(
        ManySource(Entity.CASE_STATEMENT, (Order("entered_at"), Order("statement_id")), "statements"),
        "陈述申辩：what the subject stated, in its own words: for the handler and the reviewer to whom the case is "
        "assigned, and for the subject itself [5.1.4(3)].",
    )
    def statements(self) -> Connection[CaseStatement] | None: ...

    @planned(
        ManySource(Entity.FACTS_VERSION, (Order("number"), Order("version_id")), "facts_versions"),
        "失信事实版本：every version of its facts and basis, the oldest first; none where they were never changed. The "
        "last one is that of `facts` and `basis` [5.1.4(4)] [5.1.4(6)].",
    )
    def facts_versions(self) -> Connection[FactsVersion] | None: ...

    viewer_can: list[ViewerStep] | None = viewer_can(CASE_STEPS)
    version: int | None = step_version("steps")
    changed_at: datetime | None = column(
        "changed_at",
        "When it last changed (UTC). Once it is published, only what others see of it counts: not a claim of "
        "rectification, nor a new handler, which `version` counts [5.1.5] [5.1.6].",
    )


@strawberry.type(description="It is done. The case is read back like any query.")
class CaseChanged:
    case: RestraintCase | None = read_back(Entity.RESTRAINT_CASE, "The changed case, as far as you may see it.")


CASE_CHANGED: MutationResult[Case] = record_result(CaseChanged, "case", subject_id="subject_id", case_id="case_id")
change_case = RecordMutation(case_ref, CASE_CHANGED)
"""Runs a step of a case, which its input names."""
