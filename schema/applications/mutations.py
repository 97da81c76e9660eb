"""The steps of an application, at the window and by the applicant: file, accept, decide, withdraw [4.2]."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry
from strawberry.types import Info

from consent.errors import Collision as Collided
from consent.idempotency import once_for_ids
from credit.applications import actions
from credit.applications.application import Application as Kept
from credit.applications.application import Outcome
from credit.core.errors import CreditError
from credit.promises.settle import settle_promises
from queryplan.entities import Entity
from schema.applications.inputs import ApplicationInput, DecideApplicationInput, FileApplicationInput
from schema.applications.types import Application
from schema.core.context import RequestContext
from schema.core.errors import BadArgument
from schema.core.fields import read_back
from schema.core.idempotency import id_of, keyed_request_hash
from schema.core.inputs import STEP, application_ref
from schema.core.ports import CommittingWork
from schema.core.refusals import ApplicationNotReady, Collision, NotFound, NotWellFormed, Refusal, to_graphql


@strawberry.type(description="It is done. The application as it now stands, read back by the guarded road.")
class ApplicationChanged:
    application: Application | None = read_back(Entity.APPLICATION, "The application as it now stands.")


FileApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotWellFormed | NotFound | Collision,
    strawberry.union("FileApplicationResult", description="What came of filing."),
]
AcceptApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotFound | Collision,
    strawberry.union("AcceptApplicationResult", description="What came of accepting."),
]
DecideApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotFound | Collision,
    strawberry.union("DecideApplicationResult", description="What came of deciding."),
]
WithdrawApplicationResult = Annotated[
    ApplicationChanged | ApplicationNotReady | NotFound | Collision,
    strawberry.union("WithdrawApplicationResult", description="What came of withdrawing an application."),
]

Act = Callable[[CommittingWork], Awaitable[Kept]]


@strawberry.type(description="The steps of an application [4.2].")
class ApplicationMutation:
    @strawberry.mutation(description="申请：puts an application on record at the clerk's own window [4.2].")
    async def file_application(
        self, info: Info[RequestContext, None], input: FileApplicationInput
    ) -> FileApplicationResult:
        context, given = info.context, input
        (subject_id,) = cast("tuple[UUID]", id_of(given.subject, Entity.SUBJECT).keys)
        (matter_code,) = cast("tuple[str]", id_of(given.matter, Entity.MATTER).keys)

        async def act(work: CommittingWork) -> Kept:
            return await actions.file(
                work, context.action, subject_id=subject_id, matter_code=matter_code, number=given.number
            )

        return await _step(context, "file-application", given, act)

    @strawberry.mutation(metadata=STEP, description="受理：takes an application in hand; its subject is told [4.2].")
    async def accept_application(
        self, info: Info[RequestContext, None], input: ApplicationInput
    ) -> AcceptApplicationResult:
        context, which = info.context, application_ref(input)
        return await _step(
            context, "accept-application", input, lambda work: actions.accept(work, context.action, which)
        )

    @strawberry.mutation(
        metadata=STEP,
        description="办结：ends an application; its subject is told. Refused, what was promised ends, and no default "
        "follows; approved, it completes a commitment, and missing documents stay owed [4.2] [4.2.2] [4.2.3].",
    )
    async def decide_application(
        self, info: Info[RequestContext, None], input: DecideApplicationInput
    ) -> DecideApplicationResult:
        context, given, which = info.context, input, application_ref(input)
        if given.outcome is Outcome.WITHDRAWN:
            raise BadArgument(argument="outcome")
        return await _step(
            context,
            "decide-application",
            given,
            lambda work: actions.decide(work, context.action, which, given.outcome, settle_promises),
        )

    @strawberry.mutation(
        metadata=STEP,
        description="撤回申请：ends an application by the applicant's own word, at any time before it is decided; by "
        "the applicant, its delegate, or said at the window [4.2].",
    )
    async def withdraw_application(
        self, info: Info[RequestContext, None], input: ApplicationInput
    ) -> WithdrawApplicationResult:
        context, which = info.context, application_ref(input)
        return await _step(
            context,
            "withdraw-application",
            input,
            lambda work: actions.withdraw(work, context.action, which, settle_promises),
        )


async def _step(context: RequestContext, action: str, given: Any, act: Act) -> Any:  # noqa: ANN401 - any input, any union
    """Carry out *act* once, in one transaction; expected refusals become members of the union."""
    asked, refusal = keyed_request_hash(context, action, given), cast("Refusal | None", None)
    found: Mapping[str, str] = {}
    try:
        async with context.begin() as work:

            async def ids() -> Mapping[str, str]:
                done = await act(work)
                return {"subject_id": str(done.subject_id), "application_id": str(done.application_id)}

            found = await once_for_ids(
                work, context.actor.ref, given.idempotency_key, asked=asked, at=context.now, act=ids
            )
            await work.commit()
    except Collided as error:
        refusal = to_graphql(error)
    except CreditError as error:
        refusal = to_graphql(error)
    if refusal is not None:
        return refusal
    return ApplicationChanged(application=(UUID(found["subject_id"]), UUID(found["application_id"])))  # type: ignore[arg-type]  # its keys, until it is read back
