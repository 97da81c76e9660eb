"""The steps of a restraint case, by whom they belong to [5.1.4]. One input and one result union for each.

Who may, and what the procedure allows on a day, is decided by `credit.cases.actions.procedure`; here a refusal gets its
name in the schema, and what was changed is read back by the guarded road (`schema.cases.run_step`).
"""

import strawberry
from strawberry.types import Info

from credit.cases.actions import procedure, statements
from credit.cases.actions.procedure import DetermineCase, ReviewCase, VerifyCase
from credit.cases.case import Case
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
from schema.cases.run_step import grounds_of, take_step
from schema.core.context import RequestContext
from schema.core.errors import BadArgument
from schema.core.inputs import STEP, said_of, which_of
from schema.core.ports import CommittingWork

LONGEST_MONTHS = 1_200
"""No law knows a longer one, and the calendar ends somewhere."""


@strawberry.type(description="The steps of a restraint case [5.1.4].")
class CaseMutation:
    @strawberry.mutation(
        metadata=STEP, description="核实：completes the verification; who collected verifies [5.1.4(1)]."
    )
    async def verify_case(
        self,
        info: Info[RequestContext, None],
        input: VerifyCaseInput,  # noqa: A002 - the usual name
    ) -> VerifyCaseResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Case:
            return await procedure.verify(
                work, context.action, VerifyCase(which_of(given), said_of(given), given.severity, grounds_of(given))
            )

        return await take_step(context, "verify-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="书面告知：records the written notice, due within 3 working days of verification; the "
        "subject is told [5.1.4(2)].",
    )
    async def notice_case(
        self,
        info: Info[RequestContext, None],
        input: NoticeCaseInput,  # noqa: A002 - as above
    ) -> NoticeCaseResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Case:
            return await procedure.notice(work, context.action, which_of(given), said_of(given))

        return await take_step(context, "notice-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="送达：records the receipt of the notice; the 3 working days of the statement begin "
        "[5.1.4(2)] [5.1.4(3)].",
    )
    async def serve_case(
        self,
        info: Info[RequestContext, None],
        input: ServeCaseInput,  # noqa: A002 - as above
    ) -> ServeCaseResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Case:
            return await procedure.serve(work, context.action, which_of(given), said_of(given), given.means)

        return await take_step(context, "serve-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="陈述申辩：states and defends, within 3 working days of receipt; silence is a waiver "
        "[5.1.4(3)] [A].",
    )
    async def state_defence(
        self,
        info: Info[RequestContext, None],
        input: StateDefenceInput,  # noqa: A002 - as above
    ) -> StateDefenceResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Case:
            return await statements.state(work, context.action, which_of(given), given.evidence, given.text)

        return await take_step(context, "state-defence", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="指定复核人员：the head of the authority gives the review to somebody who did not "
        "handle the case [5.1.4(4)].",
    )
    async def assign_reviewer(
        self,
        info: Info[RequestContext, None],
        input: AssignReviewerInput,  # noqa: A002 - as above
    ) -> AssignReviewerResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Case:
            return await procedure.assign_reviewer(work, context.action, which_of(given), given.reviewer)

        return await take_step(context, "assign-reviewer", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="复核：closes the review, due within 15 working days of the statement; the subject "
        "is told [5.1.4(4)].",
    )
    async def review_case(
        self,
        info: Info[RequestContext, None],
        input: ReviewCaseInput,  # noqa: A002 - as above
    ) -> ReviewCaseResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Case:
            return await procedure.review(
                work, context.action, ReviewCase(which_of(given), said_of(given), given.outcome, given.basis)
            )

        return await take_step(context, "review-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="认定：determines the restraint: verified, served, and the statement period over or "
        "the review closed; the city platform is told [5.1.4] [5.1.4(5)].",
    )
    async def determine_case(
        self,
        info: Info[RequestContext, None],
        input: DetermineCaseInput,  # noqa: A002 - as above
    ) -> DetermineCaseResult:
        context, given = info.context, input
        term = _term(given)

        async def act(work: CommittingWork) -> Case:
            return await procedure.determine(
                work,
                context.action,
                DetermineCase(which_of(given), said_of(given), given.severity, given.legal_document, term),
            )

        return await take_step(context, "determine-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="公布：publishes a determination; older periods that it prolongs run anew; the city "
        "platform is told [5.1.5].",
    )
    async def publish_case(
        self,
        info: Info[RequestContext, None],
        input: PublishCaseInput,  # noqa: A002 - as above
    ) -> PublishCaseResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Case:
            return await procedure.publish(work, context.action, which_of(given))

        return await take_step(context, "publish-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="确认整改：confirms the rectification; the restraint ends with its period, or at once "
        "where that is over [5.1.5].",
    )
    async def confirm_rectification(
        self,
        info: Info[RequestContext, None],
        input: ConfirmRectificationInput,  # noqa: A002 - as above
    ) -> ConfirmRectificationResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Case:
            return await procedure.confirm_rectification(work, context.action, which_of(given), given.evidence)

        return await take_step(context, "confirm-rectification", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="移送：refers a case that reaches an administrative penalty; it leaves this procedure [5.1.2].",
    )
    async def refer_case(
        self,
        info: Info[RequestContext, None],
        input: ReferCaseInput,  # noqa: A002 - as above
    ) -> ReferCaseResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Case:
            return await procedure.refer(work, context.action, which_of(given), given.evidence)

        return await take_step(context, "refer-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="撤销：leaves it at that, before any determination; afterwards a case is corrected "
        "or removed [5.1.4] [5.1.4(6)].",
    )
    async def drop_case(
        self,
        info: Info[RequestContext, None],
        input: DropCaseInput,  # noqa: A002 - as above
    ) -> DropCaseResult:
        context, given = info.context, input

        async def act(work: CommittingWork) -> Case:
            return await procedure.drop(work, context.action, which_of(given), said_of(given))

        return await take_step(context, "drop-case", given, act)


def _term(given: DetermineCaseInput) -> Term:
    """Return the term that was asked for; raises BadArgument for one that is none."""
    if given.until is not None and given.months is not None:
        raise BadArgument(argument="until")
    if given.until is not None:
        return Term(None, given.until, given.citation)
    if given.months is not None and not 1 <= given.months <= LONGEST_MONTHS:
        raise BadArgument(argument="months")
    return Term(MONTHS if given.months is None else given.months, citation=given.citation)
