"""Focused checks: what supervisors found at their targets [5.2.2]."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from credit.cases.status import Circumstance
from credit.focused_checks import actions, focused_check, refusals
from credit.focused_checks.actions import FocusedCheckReport, NewBreach, SupervisionArea
from credit.focused_checks.focused_check import CheckOutcome
from queryplan.entities import Entity
from queryplan.plan import ListOrdering, newest
from schema.cases.types import RestraintCase
from schema.core.connections import OF_SUBJECT, Connection
from schema.core.context import Info, RequestContext
from schema.core.enums import FocusedCheckOrder
from schema.core.fields import (
    FilterColumn,
    ManySource,
    filled_column,
    global_id,
    one,
    planned,
    read_back,
    sealed,
    two_ways,
)
from schema.core.global_ids import record_ids_of, subject_id_of
from schema.core.inputs import EVIDENCE, KeyedInput, mutation_input
from schema.core.mutations.mutation import MutationResult, record_result, run_mutation
from schema.core.mutations.refusals import (
    Lacking,
    NoGround,
    NotTheirs,
    NotYet,
    NumberTaken,
    Refusal,
    StepRefused,
    refusal_type,
)
from schema.reference.types import Area, Department, Node, Sector, SubjectLink

_RECORDED = newest("recorded_at", "check_id")


@strawberry.type(
    description="重点核查记录：what a supervising department found at a focused-check target. Never changed; the "
    "subject sees it, of a new breach from the notice of its case on [5.2.2] [5.1.4(2)]."
)
class FocusedCheck(Node):
    id: strawberry.ID = global_id(Entity.FOCUSED_CHECK, "The global id.")
    subject: SubjectLink | None = one("subject", Entity.SUBJECT, "Whom it was about.")
    sector: Sector | None = one("sector", Entity.SECTOR, "The sector in which the supervisor acted.")
    area: Area | None = one("area", Entity.AREA, "The area in which the supervisor acted.")
    department: Department | None = one(
        "department", Entity.DEPARTMENT, "The supervisor's department, where its account names one."
    )
    checked_on: date | None = filled_column("checked_on", "核查日期：the day of the visit.")
    checked_by: str | None = filled_column("by_ref", "The supervisor's staff reference.")
    outcome: CheckOutcome | None = filled_column(
        "outcome",
        "核查结果：what it found. What was seen as rectified is confirmed by the determining authority [5.1.5].",
    )
    facts: str | None = sealed("focused_checks", "facts", "What was found, in words.")
    recorded_at: datetime | None = filled_column("recorded_at", "When it was recorded (UTC).")
    case: RestraintCase | None = one("case", Entity.RESTRAINT_CASE, "The case that a new breach became [5.1.3].")


@strawberry.input(
    description="新案件：pushes a new breach to the authority of the restraint at which it was found [5.1.3]."
)
class PushedCaseInput:
    restraint: strawberry.ID = strawberry.field(
        description="The restraint in force that made the subject a target. The new case goes to its determining "
        "authority, and there to the handler of that restraint."
    )
    circumstance: Circumstance = strawberry.field(description="认定情形：which of the five it may be [5.1.2].")
    basis: str = strawberry.field(description="认定依据：the legal basis [5.1.3].")


@mutation_input(description="登记核查结果：what a visit to a focused-check target found [5.2.2].")
class RecordFocusedCheckInput(KeyedInput):
    subject: strawberry.ID = strawberry.field(description="Whom it was about.")
    checked_on: date = strawberry.field(
        description="The day of the visit; the subject was a target on that day. A new breach counts from the record."
    )
    outcome: CheckOutcome = strawberry.field(description="What it found.")
    facts: str | None = strawberry.field(default=None, description="What was found, in words; stored sealed.")
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    new_case: PushedCaseInput | None = strawberry.field(
        default=None, description="Makes a new breach a case at once; it is the authority's to verify."
    )


@strawberry.type(description="It is on record. The check is read back like any query.")
class FocusedCheckRecorded:
    check: FocusedCheck | None = read_back(Entity.FOCUSED_CHECK, "The check as it stands, as far as you may see.")


_STORED: MutationResult[focused_check.FocusedCheck] = record_result(
    FocusedCheckRecorded, "check", subject_id="subject_id", check_id="check_id"
)
FOCUSED_CHECK_RECORDED: MutationResult[actions.Recorded] = MutationResult(
    lambda recorded: _STORED.stored(recorded.check), _STORED.payload
)


@refusal_type(description="The visit cannot be recorded so: no target on that day, or a finding without support.")
class FocusedCheckRefused(Refusal):
    shows = (refusals.FocusedCheckRefused,)

    remedy: str = strawberry.field(name="wayOut", description="可以怎么做。What can be done instead, in Chinese.")
    remedy_en: str = strawberry.field(name="wayOutEn", description="The same in English.")


RecordFocusedCheckResult = Annotated[
    FocusedCheckRecorded | FocusedCheckRefused | NumberTaken | NotYet | NotTheirs | Lacking | NoGround | StepRefused,
    strawberry.union("RecordFocusedCheckResult", description="The result of recording a focused check."),
]


@strawberry.type(description="The roots about focused checks [5.2.2].")
class FocusedCheckQuery:
    @planned(
        ManySource(
            Entity.FOCUSED_CHECK,
            _RECORDED,
            None,
            {
                **OF_SUBJECT,
                "department": FilterColumn("department_code", "=", "FocusedCheck.department"),
                "checkedBy": FilterColumn("by_ref", "=", "FocusedCheck.checkedBy"),
                "outcome": FilterColumn("outcome", "=", "FocusedCheck.outcome"),
                "checkedSince": FilterColumn("checked_on", ">=", "FocusedCheck.checkedOn"),
                "checkedUntil": FilterColumn("checked_on", "<=", "FocusedCheck.checkedOn"),
            },
            orders={
                **two_ways(
                    FocusedCheckOrder.RECORDED_AT_DESC, FocusedCheckOrder.RECORDED_AT_ASC, ListOrdering(_RECORDED)
                ),
                **two_ways(
                    FocusedCheckOrder.CHECKED_ON_DESC,
                    FocusedCheckOrder.CHECKED_ON_ASC,
                    ListOrdering(newest("checked_on", "check_id")),
                    "FocusedCheck.checkedOn",
                ),
            },
        ),
        "重点核查记录：the focused checks of the supervisor's own sector and area, newest first; a subject's own for "
        "the subject [5.2.2].",
    )
    def focused_checks(
        self,
        subject: strawberry.ID | None = None,
        department: strawberry.ID | None = None,
        checked_by: Annotated[
            str | None, strawberry.argument(description="Only those of the supervisor with this staff reference.")
        ] = None,
        outcome: Annotated[CheckOutcome | None, strawberry.argument(description="Only those that found this.")] = None,
        checked_since: Annotated[
            date | None, strawberry.argument(description="Only visits on this day or later.")
        ] = None,
        checked_until: Annotated[
            date | None, strawberry.argument(description="Only visits on this day or earlier.")
        ] = None,
    ) -> Connection[FocusedCheck]: ...


@strawberry.type(description="What supervisors record of focused checks [5.2.2].")
class FocusedCheckMutation:
    @strawberry.mutation(
        description="登记核查结果：records what a visit to a target of one's own sector and area found. The "
        "determining authority is notified of what was seen as rectified; a new breach can become a case there "
        "[5.2.2] [5.1.3]."
    )
    async def record_focused_check(self, info: Info, input: RecordFocusedCheckInput) -> RecordFocusedCheckResult:
        visit, area = _visit(input), supervision_area_of(info.context)
        return await run_mutation(info, input, FOCUSED_CHECK_RECORDED, actions.record, area, visit)


def supervision_area_of(context: RequestContext) -> SupervisionArea | None:
    """Return where the caller supervises; None for who does not."""
    actor = context.actor
    return None if actor.sector is None or actor.area is None else SupervisionArea(actor.sector, actor.area)


def _visit(given: RecordFocusedCheckInput) -> FocusedCheckReport:
    pushed = given.new_case
    found = None
    if pushed is not None:
        _, case_id = record_ids_of(pushed.restraint, Entity.RESTRAINT_CASE)
        found = NewBreach(case_id, pushed.circumstance, pushed.basis)
    return FocusedCheckReport(
        subject_id=subject_id_of(given.subject),
        checked_on=given.checked_on,
        outcome=given.outcome,
        facts=given.facts,
        evidence=tuple(given.evidence),
        new_breach=found,
    )
