"""The steps of a restraint case, by whom they belong to [5.1.4]. One input and one result union for each.

The actions of `credit.cases.actions` decide who may do a step and what the procedure allows on a day.
"""

import strawberry
from strawberry.types import Info

from credit.cases.actions import procedure, statements
from credit.cases.actions.procedure import DetermineCase, ReviewCase, VerifyCase
from credit.cases.rules.term import Term
from credit.cases.status import MONTHS
from schema.cases.inputs import (
    AssignReviewerInput,
    ConfirmRectificationInput,
    DetermineCaseInput,
    DropCaseInput,
    NoticeCaseInput,
    PublishCaseInput,
    ReferCaseInput,
    ReviewCaseInput,
    ServeCaseInput,
    StateDefenceInput,
    VerifyCaseInput,
    grounds_of,
)
from schema.cases.results import (
    AssignReviewerResult,
    ConfirmRectificationResult,
    DetermineCaseResult,
    DropCaseResult,
    NoticeCaseResult,
    PublishCaseResult,
    ReferCaseResult,
    ReviewCaseResult,
    ServeCaseResult,
    StateDefenceResult,
    VerifyCaseResult,
)
from schema.cases.types import CASE_CHANGED
from schema.core.context import RequestContext
from schema.core.errors import BadArgument
from schema.core.inputs import STEP, case_ref, step_details
from schema.core.mutation import run_mutation

LONGEST_MONTHS = 1_200
"""No law knows a longer one, and the calendar ends somewhere."""


@strawberry.type(description="The steps of a restraint case [5.1.4].")
class CaseMutation:
    @strawberry.mutation(
        metadata=STEP, description="核实：completes the verification; who collected verifies [5.1.4(1)]."
    )
    async def verify_case(self, info: Info[RequestContext, None], input: VerifyCaseInput) -> VerifyCaseResult:
        return await run_mutation(
            info.context,
            "verify-case",
            input,
            lambda work, by: procedure.verify(
                work, by, VerifyCase(case_ref(input), step_details(input), input.severity, grounds_of(input))
            ),
            CASE_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="书面告知：records the written notice, due within 3 working days of verification; the "
        "subject is notified [5.1.4(2)].",
    )
    async def notice_case(self, info: Info[RequestContext, None], input: NoticeCaseInput) -> NoticeCaseResult:
        return await run_mutation(
            info.context,
            "notice-case",
            input,
            lambda work, by: procedure.notice(work, by, case_ref(input), step_details(input)),
            CASE_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="送达：records the receipt of the notice; the 3 working days of the statement begin "
        "[5.1.4(2)] [5.1.4(3)].",
    )
    async def serve_case(self, info: Info[RequestContext, None], input: ServeCaseInput) -> ServeCaseResult:
        return await run_mutation(
            info.context,
            "serve-case",
            input,
            lambda work, by: procedure.serve(work, by, case_ref(input), step_details(input), input.means),
            CASE_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="陈述申辩：states and defends, within 3 working days of receipt; silence is a waiver "
        "[5.1.4(3)] [A].",
    )
    async def state_defence(self, info: Info[RequestContext, None], input: StateDefenceInput) -> StateDefenceResult:
        return await run_mutation(
            info.context,
            "state-defence",
            input,
            lambda work, by: statements.state(work, by, case_ref(input), input.evidence, input.text),
            CASE_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="指定复核人员：the head of the authority gives the review to somebody who did not "
        "handle the case [5.1.4(4)].",
    )
    async def assign_reviewer(
        self, info: Info[RequestContext, None], input: AssignReviewerInput
    ) -> AssignReviewerResult:
        return await run_mutation(
            info.context,
            "assign-reviewer",
            input,
            lambda work, by: procedure.assign_reviewer(work, by, case_ref(input), input.reviewer),
            CASE_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="复核：closes the review, due within 15 working days of the statement; the subject "
        "is notified [5.1.4(4)].",
    )
    async def review_case(self, info: Info[RequestContext, None], input: ReviewCaseInput) -> ReviewCaseResult:
        return await run_mutation(
            info.context,
            "review-case",
            input,
            lambda work, by: procedure.review(
                work, by, ReviewCase(case_ref(input), step_details(input), input.outcome, input.basis)
            ),
            CASE_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="认定：determines the restraint: verified, served, and the statement period over or "
        "the review closed; the city platform is notified [5.1.4] [5.1.4(5)].",
    )
    async def determine_case(self, info: Info[RequestContext, None], input: DetermineCaseInput) -> DetermineCaseResult:
        term = _term(input)

        return await run_mutation(
            info.context,
            "determine-case",
            input,
            lambda work, by: procedure.determine(
                work,
                by,
                DetermineCase(case_ref(input), step_details(input), input.severity, input.legal_document, term),
            ),
            CASE_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="公布：publishes a determination; older periods that it prolongs run anew; the city "
        "platform is notified [5.1.5].",
    )
    async def publish_case(self, info: Info[RequestContext, None], input: PublishCaseInput) -> PublishCaseResult:
        return await run_mutation(
            info.context,
            "publish-case",
            input,
            lambda work, by: procedure.publish(work, by, case_ref(input)),
            CASE_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="确认整改：confirms the rectification; the restraint ends with its period, or at once "
        "where that is over [5.1.5].",
    )
    async def confirm_rectification(
        self, info: Info[RequestContext, None], input: ConfirmRectificationInput
    ) -> ConfirmRectificationResult:
        return await run_mutation(
            info.context,
            "confirm-rectification",
            input,
            lambda work, by: procedure.confirm_rectification(work, by, case_ref(input), input.evidence),
            CASE_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="移送：refers a case that reaches an administrative penalty; it leaves this procedure [5.1.2].",
    )
    async def refer_case(self, info: Info[RequestContext, None], input: ReferCaseInput) -> ReferCaseResult:
        return await run_mutation(
            info.context,
            "refer-case",
            input,
            lambda work, by: procedure.refer(work, by, case_ref(input), input.evidence),
            CASE_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="撤销：leaves it at that, before any determination; afterwards a case is corrected "
        "or removed [5.1.4] [5.1.4(6)].",
    )
    async def drop_case(self, info: Info[RequestContext, None], input: DropCaseInput) -> DropCaseResult:
        return await run_mutation(
            info.context,
            "drop-case",
            input,
            lambda work, by: procedure.drop(work, by, case_ref(input), step_details(input)),
            CASE_CHANGED,
        )


def _term(given: DetermineCaseInput) -> Term:
    """Return the term that was asked for; raises BadArgument for one that is none."""
    if given.until is not None and given.months is not None:
        raise BadArgument(argument="until")
    if given.until is not None:
        return Term(None, given.until, given.citation)
    if given.months is not None and not 1 <= given.months <= LONGEST_MONTHS:
        raise BadArgument(argument="months")
    return Term(MONTHS if given.months is None else given.months, citation=given.citation)
