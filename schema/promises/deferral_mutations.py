"""The steps of deferred documents, by whom they belong to [4.2.2] [5.1.2c]. One input and one result union for each."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from credit.core.unit_of_work import UnitOfWork
from credit.promises import deferral_actions
from credit.promises.deferral import Deferral as Deferred
from credit.promises.deferral_actions import DeferralRequest, HandInDocument
from queryplan.entities import Entity
from schema.core.context import RequestContext
from schema.core.fields import read_back
from schema.core.inputs import STEP, application_ref
from schema.core.refusals import (
    ApplicationNotReady,
    Collision,
    DateOutOfBounds,
    NotDue,
    NotFound,
    NotWellFormed,
    PromiseRefused,
    Refusal,
)
from schema.incentives.refusals import NoIncentive
from schema.promises.deferral_types import Deferral
from schema.promises.inputs import (
    DeferDocumentsInput,
    HandInDocumentInput,
    RemindDocumentsInput,
    ServeReminderInput,
    WithdrawDeferralInput,
)
from schema.promises.run_step import Act, step


@strawberry.type(description="It is done. The deferral as it now stands, read back by the guarded road.")
class DeferralChanged:
    deferral: Deferral | None = read_back(Entity.DEFERRAL, "The deferral as it now stands, as far as you may see.")


DeferDocumentsResult = Annotated[
    DeferralChanged
    | NoIncentive
    | ApplicationNotReady
    | DateOutOfBounds
    | PromiseRefused
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("DeferDocumentsResult", description="What came of a promise of missing documents."),
]
HandInDocumentResult = Annotated[
    DeferralChanged | DateOutOfBounds | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("HandInDocumentResult", description="What came of a hand-in."),
]
RemindDocumentsResult = Annotated[
    DeferralChanged | NotDue | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("RemindDocumentsResult", description="What came of a reminder."),
]
ServeReminderResult = Annotated[
    DeferralChanged | DateOutOfBounds | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("ServeReminderResult", description="What came of the service of a reminder."),
]
WithdrawDeferralResult = Annotated[
    DeferralChanged | DateOutOfBounds | PromiseRefused | NotFound | Collision,
    strawberry.union("WithdrawDeferralResult", description="What came of a withdrawal."),
]


@strawberry.type(description="The steps of deferred documents [4.2.2].")
class DeferralMutation:
    @strawberry.mutation(
        metadata=STEP,
        description="容缺受理：lets an application go ahead on a written promise of what is missing. The incentive is "
        "granted with it, decided at this moment, or neither is kept [4.2.2] [5.2.1].",
    )
    async def defer_documents(
        self,
        info: Info[RequestContext, None],
        input: DeferDocumentsInput,  # noqa: A002 - the usual name
    ) -> DeferDocumentsResult:
        context, promised = info.context, DeferralRequest(tuple(input.missing), input.due_on, input.commitment)

        async def act(work: UnitOfWork) -> Deferred:
            return await deferral_actions.defer(work, context.action, application_ref(input), promised)

        return await _changed(context, "defer-documents", input, act)

    @strawberry.mutation(
        metadata=STEP,
        description="补交材料：takes in one missing document. What comes in after a default rectifies it, and does not "
        "undo it [4.2.2] [5.1.5].",
    )
    async def hand_in_document(
        self,
        info: Info[RequestContext, None],
        input: HandInDocumentInput,  # noqa: A002 - as above
    ) -> HandInDocumentResult:
        context, given = info.context, input

        async def act(work: UnitOfWork) -> Deferred:
            return await deferral_actions.hand_in(
                work, context.action, HandInDocument(application_ref(given), given.document, given.receipt, given.on)
            )

        return await _changed(context, "hand-in-document", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="催告：demands the missing documents, from the day after the promised one; the applicant is told "
        "[5.1.2c].",
    )
    async def remind_documents(
        self,
        info: Info[RequestContext, None],
        input: RemindDocumentsInput,  # noqa: A002 - as above
    ) -> RemindDocumentsResult:
        context, given = info.context, input

        async def act(work: UnitOfWork) -> Deferred:
            return await deferral_actions.remind(work, context.action, application_ref(given), given.paper)

        return await _changed(context, "remind-documents", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="催告送达：records that the demand reached the applicant; the 3 working days begin the day after "
        "[5.1.2c].",
    )
    async def serve_reminder(
        self,
        info: Info[RequestContext, None],
        input: ServeReminderInput,  # noqa: A002 - as above
    ) -> ServeReminderResult:
        context, given = info.context, input

        async def act(work: UnitOfWork) -> Deferred:
            return await deferral_actions.serve_reminder(
                work, context.action, application_ref(given), given.proof, given.on
            )

        return await _changed(context, "serve-reminder", given, act)

    @strawberry.mutation(
        metadata=STEP,
        description="撤回容缺承诺：the applicant withdraws, or an officer records it: nothing is owed any more. It "
        "undoes no default [4.2.2].",
    )
    async def withdraw_deferral(
        self,
        info: Info[RequestContext, None],
        input: WithdrawDeferralInput,  # noqa: A002 - as above
    ) -> WithdrawDeferralResult:
        context, given = info.context, input

        async def act(work: UnitOfWork) -> Deferred:
            return await deferral_actions.withdraw(work, context.action, application_ref(given))

        return await _changed(context, "withdraw-deferral", given, act)


async def _changed(context: RequestContext, action: str, given: Any, act: Act) -> Any:  # noqa: ANN401 - any input, any union
    done = await step(context, action, given, act)
    return done if isinstance(done, Refusal) else DeferralChanged(deferral=done)
