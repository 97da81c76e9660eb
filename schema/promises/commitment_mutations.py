"""The steps of a commitment in place of proof, by whom they belong to [4.2.3] [5.1.2d]."""

from typing import Annotated

import strawberry

from credit.core.late_entries import Means
from credit.promises import commitment, commitment_actions
from credit.promises.commitment_actions import VerificationResult
from queryplan.entities import Entity
from schema.core.context import Info
from schema.core.fields import read_back
from schema.core.inputs import application_ref, step_details
from schema.core.mutations.mutation import MutationResult, RecordMutation, record_result, step_mutation
from schema.core.mutations.refusals import (
    ApplicationNotReady,
    Collision,
    DateOutOfBounds,
    NotFound,
    NotWellFormed,
    PromiseRefused,
    RecordContradictsLedger,
)
from schema.incentives.types import NoIncentive
from schema.promises.commitment_types import Commitment
from schema.promises.inputs import (
    CompleteCommitmentInput,
    EnterCommitmentWithdrawalInput,
    MakeCommitmentInput,
    VerifyCommitmentInput,
    WithdrawCommitmentInput,
)


@strawberry.type(description="It is done. The commitment is read back like any query.")
class CommitmentChanged:
    commitment: Commitment | None = read_back(
        Entity.COMMITMENT, "The commitment as it now stands, as far as you may see."
    )


COMMITMENT_CHANGED: MutationResult[commitment.Commitment] = record_result(
    CommitmentChanged, "commitment", subject_id="subject_id", application_id="application_id"
)
change_commitment = RecordMutation(application_ref, COMMITMENT_CHANGED)


MakeCommitmentResult = Annotated[
    CommitmentChanged
    | NoIncentive
    | RecordContradictsLedger
    | ApplicationNotReady
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("MakeCommitmentResult", description="The result of a commitment."),
]
CompleteCommitmentResult = Annotated[
    CommitmentChanged | DateOutOfBounds | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("CompleteCommitmentResult", description="The result of completing a matter."),
]
VerifyCommitmentResult = Annotated[
    CommitmentChanged | DateOutOfBounds | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("VerifyCommitmentResult", description="The result of a verification."),
]
EnterCommitmentWithdrawalResult = Annotated[
    CommitmentChanged | ApplicationNotReady | DateOutOfBounds | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("EnterCommitmentWithdrawalResult", description="The result of entering a withdrawal."),
]
WithdrawCommitmentResult = Annotated[
    CommitmentChanged | DateOutOfBounds | PromiseRefused | NotFound | Collision,
    strawberry.union("WithdrawCommitmentResult", description="The result of a withdrawal."),
]


@strawberry.type(description="The steps of a commitment [4.2.3].")
class CommitmentMutation:
    @step_mutation(
        "告知承诺：takes a written commitment in place of proof, where the matter's own document allows "
        "it; the incentive is granted with it at this moment, or neither is stored [4.2.3] [5.2.1]."
    )
    async def make_commitment(self, info: Info, input: MakeCommitmentInput) -> MakeCommitmentResult:
        return await change_commitment(info, input, commitment_actions.commit, input.commitment)

    @step_mutation(
        "办结：records that the matter is completed, on the spot or within its limit; the time to verify "
        "begins [4.2.3]."
    )
    async def complete_commitment(self, info: Info, input: CompleteCommitmentInput) -> CompleteCommitmentResult:
        return await change_commitment(info, input, commitment_actions.complete, input.on, input.evidence)

    @step_mutation(
        "核验：records what verification found. That a commitment is not met needs facts and evidence "
        "[4.2.3] [5.1.1] [5.1.2d]."
    )
    async def verify_commitment(self, info: Info, input: VerifyCommitmentInput) -> VerifyCommitmentResult:
        found = VerificationResult(input.outcome, input.facts, tuple(input.evidence), input.on)
        return await change_commitment(info, input, commitment_actions.verify, found)

    @step_mutation("撤回告知承诺：the applicant or its delegate withdraws before completion [4.2.3].")
    async def withdraw_commitment(self, info: Info, input: WithdrawCommitmentInput) -> WithdrawCommitmentResult:
        return await change_commitment(info, input, commitment_actions.withdraw)

    @step_mutation(
        "登记书面撤回告知承诺：an officer of the department enters a withdrawal that came on paper, with its "
        "reference and its own day. The applicant is notified, and can contest one that is not its own [4.2.3] [5.1.6]."
    )
    async def enter_commitment_withdrawal(
        self, info: Info, input: EnterCommitmentWithdrawalInput
    ) -> EnterCommitmentWithdrawalResult:
        return await change_commitment(info, input, commitment_actions.withdraw, step_details(input), Means.PAPER)
