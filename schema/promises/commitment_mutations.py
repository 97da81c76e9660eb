"""The steps of a commitment in place of proof, by whom they belong to [4.2.3] [5.1.2d]."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from credit.core.unit_of_work import UnitOfWork
from credit.promises import commitment_actions
from credit.promises.commitment import Commitment as Committed
from credit.promises.commitment_actions import VerificationResult
from queryplan.entities import Entity
from schema.core.context import RequestContext
from schema.core.fields import read_back
from schema.core.inputs import STEP, application_ref
from schema.core.refusals import (
    ApplicationNotReady,
    Collision,
    DateOutOfBounds,
    NotFound,
    NotWellFormed,
    PromiseRefused,
    Refusal,
)
from schema.incentives.refusals import NoIncentive
from schema.promises.commitment_types import Commitment
from schema.promises.inputs import (
    CompleteCommitmentInput,
    MakeCommitmentInput,
    VerifyCommitmentInput,
    WithdrawCommitmentInput,
)
from schema.promises.run_step import Act, step


@strawberry.type(description="It is done. The commitment as it now stands, read back by the guarded road.")
class CommitmentChanged:
    commitment: Commitment | None = read_back(
        Entity.COMMITMENT, "The commitment as it now stands, as far as you may see."
    )


MakeCommitmentResult = Annotated[
    CommitmentChanged | NoIncentive | ApplicationNotReady | NotWellFormed | NotFound | Collision,
    strawberry.union("MakeCommitmentResult", description="What came of a commitment."),
]
CompleteCommitmentResult = Annotated[
    CommitmentChanged | DateOutOfBounds | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("CompleteCommitmentResult", description="What came of completing a matter."),
]
VerifyCommitmentResult = Annotated[
    CommitmentChanged | DateOutOfBounds | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("VerifyCommitmentResult", description="What came of a verification."),
]
WithdrawCommitmentResult = Annotated[
    CommitmentChanged | DateOutOfBounds | PromiseRefused | NotFound | Collision,
    strawberry.union("WithdrawCommitmentResult", description="What came of a withdrawal."),
]


@strawberry.type(description="The steps of a commitment [4.2.3].")
class CommitmentMutation:
    @strawberry.mutation(
        metadata=STEP,
        description="告知承诺：takes a written commitment in place of proof, where the matter's own document allows "
        "it; the incentive is granted with it at this moment, or neither is kept [4.2.3] [5.2.1].",
    )
    async def make_commitment(
        self,
        info: Info[RequestContext, None],
        input: MakeCommitmentInput,  # noqa: A002 - the usual name
    ) -> MakeCommitmentResult:
        context, given = info.context, input

        async def act(work: UnitOfWork) -> Committed:
            return await commitment_actions.commit(work, context.action, application_ref(given), given.commitment)

        return await _changed(context, "make-commitment", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="办结：records that the matter is completed, on the spot or within its limit; the time to verify "
        "begins [4.2.3].",
    )
    async def complete_commitment(
        self,
        info: Info[RequestContext, None],
        input: CompleteCommitmentInput,  # noqa: A002 - as above
    ) -> CompleteCommitmentResult:
        context, given = info.context, input

        async def act(work: UnitOfWork) -> Committed:
            return await commitment_actions.complete(
                work, context.action, application_ref(given), given.on, given.evidence
            )

        return await _changed(context, "complete-commitment", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="核验：records what verification found. That a commitment is not met needs facts and evidence "
        "[4.2.3] [5.1.1] [5.1.2d].",
    )
    async def verify_commitment(
        self,
        info: Info[RequestContext, None],
        input: VerifyCommitmentInput,  # noqa: A002 - as above
    ) -> VerifyCommitmentResult:
        context, given = info.context, input
        found = VerificationResult(given.outcome, given.facts, tuple(given.evidence), given.on)

        async def act(work: UnitOfWork) -> Committed:
            return await commitment_actions.verify(work, context.action, application_ref(given), found)

        return await _changed(context, "verify-commitment", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="撤回告知承诺：the applicant withdraws before completion, or an officer records it [4.2.3].",
    )
    async def withdraw_commitment(
        self,
        info: Info[RequestContext, None],
        input: WithdrawCommitmentInput,  # noqa: A002 - as above
    ) -> WithdrawCommitmentResult:
        context, given = info.context, input

        async def act(work: UnitOfWork) -> Committed:
            return await commitment_actions.withdraw(work, context.action, application_ref(given))

        return await _changed(context, "withdraw-commitment", given, act)


async def _changed(context: RequestContext, action: str, given: Any, act: Act) -> Any:  # noqa: ANN401 - any input, any union
    done = await step(context, action, given, act)
    return done if isinstance(done, Refusal) else CommitmentChanged(commitment=done)
