"""The steps of a restraint case, by whom they belong to [5.1.4]. One input and one result union for each.

Who may, and what the procedure allows on a day, is decided by `credit.actions`; here a refusal gets its name in the
schema, and what was changed is read back by the guarded road.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, cast

import strawberry
from strawberry.types import Info

from consent.errors import Collision as Collided
from consent.idempotency import once_for_ids
from consent.reading import Entity
from credit import actions
from credit.actions import Said, Which
from credit.case import Case
from credit.errors import CreditError
from credit.grounds import CommitmentCheck, DeferredDocuments, Grounds
from credit.ports import CaseWork
from credit.restraint import MONTHS
from credit.term import Term
from policy.actions import Action
from schema.case_inputs import (
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
from schema.context import Context
from schema.errors import BadArgument
from schema.keyed import asked_for, id_of
from schema.refusals import (
    Collision,
    DayOutOfOrder,
    Lacking,
    NoGround,
    NotFound,
    NotTheirs,
    NotWellFormed,
    NotYet,
    PenaltyReached,
    Refusal,
    TooLate,
    case_refusal_of,
    refusal_of,
)
from schema.restraint import RestraintCase
from schema.sources import ACTION, read_back

STEP = {ACTION: Action.TRANSITION}
LONGEST_MONTHS = 1_200
"""No law knows a longer one, and the calendar ends somewhere."""


@strawberry.type(description="It is done. The case as it now stands, read back by the guarded road.")
class CaseChanged:
    case: RestraintCase | None = read_back(Entity.RESTRAINT_CASE, "The case as it now stands, as far as you may see.")


VerifyCaseResult = Annotated[
    CaseChanged
    | NotYet
    | TooLate
    | NotTheirs
    | Lacking
    | NoGround
    | PenaltyReached
    | DayOutOfOrder
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("VerifyCaseResult", description="What came of a verification."),
]
NoticeCaseResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("NoticeCaseResult", description="What came of a notice."),
]
ServeCaseResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | Lacking | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("ServeCaseResult", description="What came of a service."),
]
StateDefenceResult = Annotated[
    CaseChanged | NotYet | TooLate | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("StateDefenceResult", description="What came of a statement."),
]
AssignReviewerResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("AssignReviewerResult", description="What came of choosing a reviewer."),
]
ReviewCaseResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("ReviewCaseResult", description="What came of a review."),
]
DetermineCaseResult = Annotated[
    CaseChanged
    | NotYet
    | TooLate
    | NotTheirs
    | Lacking
    | NoGround
    | PenaltyReached
    | DayOutOfOrder
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("DetermineCaseResult", description="What came of a determination."),
]
PublishCaseResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | Lacking | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("PublishCaseResult", description="What came of a publication."),
]
ConfirmRectificationResult = Annotated[
    CaseChanged | NotYet | TooLate | NotTheirs | Lacking | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("ConfirmRectificationResult", description="What came of confirming a rectification."),
]
ReferCaseResult = Annotated[
    CaseChanged | TooLate | NotTheirs | Lacking | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("ReferCaseResult", description="What came of a referral."),
]
DropCaseResult = Annotated[
    CaseChanged | TooLate | NotTheirs | DayOutOfOrder | NotWellFormed | NotFound | Collision,
    strawberry.union("DropCaseResult", description="What came of dropping a case."),
]

Act = Callable[[CaseWork], Awaitable[Case]]


@strawberry.type(description="The steps of a restraint case [5.1.4].")
class CaseMutation:
    @strawberry.mutation(
        metadata=STEP, description="核实：completes the verification; who collected verifies [5.1.4(1)]."
    )
    async def verify_case(
        self,
        info: Info[Context, None],
        input: VerifyCaseInput,  # noqa: A002 - the usual name
    ) -> VerifyCaseResult:
        context, given = info.context, input

        async def act(work: CaseWork) -> Case:
            return await actions.verify(
                work,
                context.by,
                context.moment,
                context.rules,
                _which(given),
                _said(given),
                given.severity,
                _grounds(given),
            )

        return await _step(context, "verify-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="书面告知：records the written notice, due within 3 working days of verification; the "
        "subject is told [5.1.4(2)].",
    )
    async def notice_case(
        self,
        info: Info[Context, None],
        input: NoticeCaseInput,  # noqa: A002 - as above
    ) -> NoticeCaseResult:
        context, given = info.context, input

        async def act(work: CaseWork) -> Case:
            return await actions.notice(work, context.by, context.moment, _which(given), _said(given))

        return await _step(context, "notice-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="送达：records the receipt of the notice; the 3 working days of the statement begin "
        "[5.1.4(2)] [5.1.4(3)].",
    )
    async def serve_case(
        self,
        info: Info[Context, None],
        input: ServeCaseInput,  # noqa: A002 - as above
    ) -> ServeCaseResult:
        context, given = info.context, input

        async def act(work: CaseWork) -> Case:
            return await actions.serve(work, context.by, context.moment, _which(given), _said(given), given.means)

        return await _step(context, "serve-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="陈述申辩：states and defends, within 3 working days of receipt; silence is a waiver "
        "[5.1.4(3)] [A].",
    )
    async def state_defence(
        self,
        info: Info[Context, None],
        input: StateDefenceInput,  # noqa: A002 - as above
    ) -> StateDefenceResult:
        context, given = info.context, input

        async def act(work: CaseWork) -> Case:
            return await actions.state(work, context.by, context.moment, context.rules, _which(given), given.evidence)

        return await _step(context, "state-defence", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="指定复核人员：the head of the authority gives the review to somebody who did not "
        "handle the case [5.1.4(4)].",
    )
    async def assign_reviewer(
        self,
        info: Info[Context, None],
        input: AssignReviewerInput,  # noqa: A002 - as above
    ) -> AssignReviewerResult:
        context, given = info.context, input

        async def act(work: CaseWork) -> Case:
            return await actions.assign_reviewer(work, context.by, context.moment, _which(given), given.reviewer)

        return await _step(context, "assign-reviewer", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="复核：closes the review, due within 15 working days of the statement; the subject "
        "is told [5.1.4(4)].",
    )
    async def review_case(
        self,
        info: Info[Context, None],
        input: ReviewCaseInput,  # noqa: A002 - as above
    ) -> ReviewCaseResult:
        context, given = info.context, input

        async def act(work: CaseWork) -> Case:
            return await actions.review(
                work, context.by, context.moment, _which(given), _said(given), given.outcome, given.basis
            )

        return await _step(context, "review-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="认定：determines the restraint: verified, served, and the statement period over or "
        "the review closed; the city platform is told [5.1.4] [5.1.4(5)].",
    )
    async def determine_case(
        self,
        info: Info[Context, None],
        input: DetermineCaseInput,  # noqa: A002 - as above
    ) -> DetermineCaseResult:
        context, given = info.context, input
        term = _term(given)

        async def act(work: CaseWork) -> Case:
            return await actions.determine(
                work,
                context.by,
                context.moment,
                context.rules,
                _which(given),
                _said(given),
                given.severity,
                given.legal_document,
                term,
            )

        return await _step(context, "determine-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="公布：publishes a determination; older periods that it prolongs run anew; the city "
        "platform is told [5.1.5].",
    )
    async def publish_case(
        self,
        info: Info[Context, None],
        input: PublishCaseInput,  # noqa: A002 - as above
    ) -> PublishCaseResult:
        context, given = info.context, input

        async def act(work: CaseWork) -> Case:
            return await actions.publish(work, context.by, context.moment, context.rules, _which(given))

        return await _step(context, "publish-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="确认整改：confirms the rectification; the restraint ends with its period, or at once "
        "where that is over [5.1.5].",
    )
    async def confirm_rectification(
        self,
        info: Info[Context, None],
        input: ConfirmRectificationInput,  # noqa: A002 - as above
    ) -> ConfirmRectificationResult:
        context, given = info.context, input

        async def act(work: CaseWork) -> Case:
            return await actions.confirm_rectification(
                work, context.by, context.moment, context.rules, _which(given), given.evidence
            )

        return await _step(context, "confirm-rectification", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="移送：refers a case that reaches an administrative penalty; it leaves this procedure [5.1.2].",
    )
    async def refer_case(
        self,
        info: Info[Context, None],
        input: ReferCaseInput,  # noqa: A002 - as above
    ) -> ReferCaseResult:
        context, given = info.context, input

        async def act(work: CaseWork) -> Case:
            return await actions.refer(work, context.by, context.moment, context.rules, _which(given), given.evidence)

        return await _step(context, "refer-case", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="撤销：leaves it at that, before any determination; afterwards a case is corrected "
        "or removed [5.1.4] [5.1.4(6)].",
    )
    async def drop_case(
        self,
        info: Info[Context, None],
        input: DropCaseInput,  # noqa: A002 - as above
    ) -> DropCaseResult:
        context, given = info.context, input

        async def act(work: CaseWork) -> Case:
            return await actions.drop(work, context.by, context.moment, _which(given), _said(given))

        return await _step(context, "drop-case", given, act)


async def _step(context: Context, action: str, given: Any, act: Act) -> Any:  # noqa: ANN401 - any input, any union
    """Carry out *act* once, in one transaction; expected refusals become members of the union."""
    asked, refusal = asked_for(action, given), cast("Refusal | None", None)
    try:
        async with context.begin() as work:

            async def ids() -> Mapping[str, str]:
                done = await act(work)
                return {"subject_id": str(done.subject_id), "case_id": str(done.case_id)}

            await once_for_ids(work, context.actor.ref, given.idempotency_key, asked=asked, at=context.now, act=ids)
            await work.commit()
    except Collided as error:
        refusal = refusal_of(error)
    except CreditError as error:
        refusal = case_refusal_of(error)
    if refusal is not None:
        return refusal
    return CaseChanged(case=id_of(given.case, Entity.RESTRAINT_CASE).keys)  # type: ignore[arg-type]  # its keys, until it is read back


def _which(given: Any) -> Which:  # noqa: ANN401 - any of the inputs
    subject_id, case_id = cast("Any", id_of(given.case, Entity.RESTRAINT_CASE).keys)
    return Which(subject_id, case_id, given.expected_version)


def _said(given: Any) -> Said:  # noqa: ANN401 - any of the inputs with a day
    return Said(given.on, tuple(given.evidence))


def _grounds(given: VerifyCaseInput) -> Grounds | None:
    if given.documents is not None and given.commitment is not None:
        raise BadArgument(argument="commitment")
    if given.documents is not None:
        found = given.documents
        return DeferredDocuments(found.promised_for, found.reminded_on, found.supplied_on)
    if given.commitment is not None:
        return CommitmentCheck(given.commitment.committed_on, given.commitment.verified_on, given.commitment.met)
    return None


def _term(given: DetermineCaseInput) -> Term:
    """Return the term that was asked for; raises BadArgument for one that is none."""
    if given.until is not None and given.months is not None:
        raise BadArgument(argument="until")
    if given.until is not None:
        return Term(None, given.until, given.citation)
    if given.months is not None and not 1 <= given.months <= LONGEST_MONTHS:
        raise BadArgument(argument="months")
    return Term(MONTHS if given.months is None else given.months, citation=given.citation)
