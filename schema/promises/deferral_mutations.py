"""The steps of deferred documents, by whom they belong to [4.2.2] [5.1.2c]. One input and one result union for each."""

from typing import Annotated

import strawberry

from credit.core.late_entries import Means
from credit.promises import deferral, deferral_actions
from credit.promises.deferral_actions import DeferralRequest, HandInDocument
from queryplan.entities import Entity
from schema.core.context import Info
from schema.core.fields import read_back
from schema.core.inputs import application_ref, step_details
from schema.core.mutations.mutation import MutationResult, RecordMutation, record_result, step_mutation
from schema.core.mutations.refusals import (
    ApplicationNotReady,
    Collision,
    DateOutOfBounds,
    NotDue,
    NotFound,
    NotWellFormed,
    PromiseRefused,
    RecordContradictsLedger,
)
from schema.incentives.types import NoIncentive
from schema.promises.deferral_types import Deferral
from schema.promises.inputs import (
    DeferDocumentsInput,
    EnterDeferralWithdrawalInput,
    HandInDocumentInput,
    RemindDocumentsInput,
    ServeReminderInput,
    WithdrawDeferralInput,
)


@strawberry.type(description="It is done. The deferral is read back like any query.")
class DeferralChanged:
    deferral: Deferral | None = read_back(Entity.DEFERRAL, "The deferral as it now stands, as far as you may see.")


DEFERRAL_CHANGED: MutationResult[deferral.Deferral] = record_result(
    DeferralChanged, "deferral", subject_id="subject_id", application_id="application_id"
)
change_deferral = RecordMutation(application_ref, DEFERRAL_CHANGED)


DeferDocumentsResult = Annotated[
    DeferralChanged
    | NoIncentive
    | RecordContradictsLedger
    | ApplicationNotReady
    | DateOutOfBounds
    | PromiseRefused
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("DeferDocumentsResult", description="The result of a promise of missing documents."),
]
HandInDocumentResult = Annotated[
    DeferralChanged | DateOutOfBounds | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("HandInDocumentResult", description="The result of a hand-in."),
]
RemindDocumentsResult = Annotated[
    DeferralChanged | NotDue | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("RemindDocumentsResult", description="The result of a reminder."),
]
ServeReminderResult = Annotated[
    DeferralChanged | DateOutOfBounds | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("ServeReminderResult", description="The result of the service of a reminder."),
]
EnterDeferralWithdrawalResult = Annotated[
    DeferralChanged | ApplicationNotReady | DateOutOfBounds | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("EnterDeferralWithdrawalResult", description="The result of entering a withdrawal."),
]
WithdrawDeferralResult = Annotated[
    DeferralChanged | DateOutOfBounds | PromiseRefused | NotFound | Collision,
    strawberry.union("WithdrawDeferralResult", description="The result of a withdrawal."),
]


@strawberry.type(description="The steps of deferred documents [4.2.2].")
class DeferralMutation:
    @step_mutation(
        "容缺受理：lets an application go ahead on a written promise of what is missing. The incentive is "
        "granted with it, decided at this moment, or neither is stored [4.2.2] [5.2.1]."
    )
    async def defer_documents(self, info: Info, input: DeferDocumentsInput) -> DeferDocumentsResult:
        promised = DeferralRequest(tuple(input.missing), input.due_on, input.commitment)
        return await change_deferral(info, input, deferral_actions.defer, promised)

    @step_mutation(
        "补交材料：takes in one missing document. What comes in after a default rectifies it, and does not "
        "undo it [4.2.2] [5.1.5]."
    )
    async def hand_in_document(self, info: Info, input: HandInDocumentInput) -> HandInDocumentResult:
        return await change_deferral(
            info,
            input,
            lambda work, by, which: deferral_actions.hand_in(
                work, by, HandInDocument(which, input.document, input.receipt, input.on)
            ),
        )

    @step_mutation(
        "催告：demands the missing documents, from the day after the promised one; the applicant is notified [5.1.2c]."
    )
    async def remind_documents(self, info: Info, input: RemindDocumentsInput) -> RemindDocumentsResult:
        return await change_deferral(info, input, deferral_actions.remind, input.paper)

    @step_mutation(
        "催告送达：records that the demand reached the applicant; the 3 working days begin the day after [5.1.2c]."
    )
    async def serve_reminder(self, info: Info, input: ServeReminderInput) -> ServeReminderResult:
        return await change_deferral(info, input, deferral_actions.serve_reminder, input.proof, input.on)

    @step_mutation(
        "撤回容缺承诺：the applicant or its delegate withdraws: nothing is owed any more. It undoes no default [4.2.2]."
    )
    async def withdraw_deferral(self, info: Info, input: WithdrawDeferralInput) -> WithdrawDeferralResult:
        return await change_deferral(info, input, deferral_actions.withdraw)

    @step_mutation(
        "登记书面撤回容缺承诺：an officer of the department enters a withdrawal that came on paper, with its "
        "reference and its own day. The applicant is notified, and can contest one that is not its own [4.2.2] [5.1.6]."
    )
    async def enter_deferral_withdrawal(
        self, info: Info, input: EnterDeferralWithdrawalInput
    ) -> EnterDeferralWithdrawalResult:
        return await change_deferral(info, input, deferral_actions.withdraw, step_details(input), Means.PAPER)
