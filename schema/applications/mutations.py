"""The steps of an application, at the window and by the applicant: file, accept, decide, withdraw [4.2]."""

from typing import Annotated, cast
from uuid import UUID

import strawberry
from strawberry.types import Info

from credit.applications import actions, application
from credit.applications.application import Outcome
from credit.promises.settle import settle_promises
from queryplan.entities import Entity
from schema.applications.inputs import ApplicationInput, DecideApplicationInput, FileApplicationInput
from schema.applications.types import Application
from schema.core.context import RequestContext
from schema.core.errors import BadArgument
from schema.core.fields import read_back
from schema.core.idempotency import id_of
from schema.core.inputs import STEP, application_ref
from schema.core.mutation import MutationResult, record_result, run_mutation
from schema.core.refusals import ApplicationNotReady, Collision, NotFound, NotWellFormed


@strawberry.type(description="It is done. The application is read back like any query.")
class ApplicationChanged:
    application: Application | None = read_back(Entity.APPLICATION, "The application as it now stands.")


APPLICATION_CHANGED: MutationResult[application.Application] = record_result(
    ApplicationChanged, "application", subject_id="subject_id", application_id="application_id"
)


FileApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotWellFormed | NotFound | Collision,
    strawberry.union("FileApplicationResult", description="The result of filing."),
]
AcceptApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotFound | Collision,
    strawberry.union("AcceptApplicationResult", description="The result of accepting."),
]
DecideApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotFound | Collision,
    strawberry.union("DecideApplicationResult", description="The result of deciding."),
]
WithdrawApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotFound | Collision,
    strawberry.union("WithdrawApplicationResult", description="The result of withdrawing an application."),
]


@strawberry.type(description="The steps of an application [4.2].")
class ApplicationMutation:
    @strawberry.mutation(description="申请：puts an application on record at the clerk's own window [4.2].")
    async def file_application(
        self, info: Info[RequestContext, None], input: FileApplicationInput
    ) -> FileApplicationResult:
        (subject_id,) = cast("tuple[UUID]", id_of(input.subject, Entity.SUBJECT).keys)
        (matter_code,) = cast("tuple[str]", id_of(input.matter, Entity.MATTER).keys)
        return await run_mutation(
            info.context,
            "file-application",
            input,
            lambda work, by: actions.file(
                work, by, subject_id=subject_id, matter_code=matter_code, number=input.number
            ),
            APPLICATION_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP, description="受理：takes an application in hand; its subject is notified [4.2]."
    )
    async def accept_application(
        self, info: Info[RequestContext, None], input: ApplicationInput
    ) -> AcceptApplicationResult:
        return await run_mutation(
            info.context,
            "accept-application",
            input,
            lambda work, by: actions.accept(work, by, application_ref(input)),
            APPLICATION_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="办结：ends an application; its subject is notified. Refused, what was promised ends, and no "
        "default follows; approved, it completes a commitment, and missing documents stay owed [4.2] [4.2.2] [4.2.3].",
    )
    async def decide_application(
        self, info: Info[RequestContext, None], input: DecideApplicationInput
    ) -> DecideApplicationResult:
        if input.outcome is Outcome.WITHDRAWN:
            raise BadArgument(argument="outcome")
        return await run_mutation(
            info.context,
            "decide-application",
            input,
            lambda work, by: actions.decide(work, by, application_ref(input), input.outcome, settle_promises),
            APPLICATION_CHANGED,
        )

    @strawberry.mutation(
        metadata=STEP,
        description="撤回申请：ends an application by the applicant's own word, at any time before it is decided; by "
        "the applicant, its delegate, or said at the window [4.2].",
    )
    async def withdraw_application(
        self, info: Info[RequestContext, None], input: ApplicationInput
    ) -> WithdrawApplicationResult:
        return await run_mutation(
            info.context,
            "withdraw-application",
            input,
            lambda work, by: actions.withdraw(work, by, application_ref(input), settle_promises),
            APPLICATION_CHANGED,
        )
