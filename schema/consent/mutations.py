"""Changes an authorisation: asked, given, narrowed, refused, withdrawn, contested [4.1] [5.1.6]."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry
from strawberry.types import Info

from consent import actions
from consent.authorisation import Authorisation as Kept
from consent.errors import ConsentError
from consent.errors import NotFound as NowhereToBeFound
from consent.idempotency import once
from consent.rules import Bounds
from consent.vocabulary import FieldGroup, Purpose
from queryplan.entities import Entity
from schema.consent.types import Authorisation
from schema.core.context import RequestContext
from schema.core.enums import Group
from schema.core.fields import read_back
from schema.core.idempotency import KEY, id_of, keyed_request_hash
from schema.core.ports import CommittingWork
from schema.core.refusals import (
    AskedBefore,
    BadEvidence,
    Collision,
    NotAdmitted,
    NotFound,
    NotNarrower,
    NotNow,
    OutOfBounds,
    Refusal,
    to_graphql,
)


@strawberry.type(description="It is done. The authorisation as it now stands, read back by the guarded road.")
class AuthorisationChanged:
    authorisation: Authorisation | None = read_back(Entity.AUTHORISATION, "The authorisation as it now stands.")


VERSION = "How many changes of it were seen: refused where there were others. Default: as it stands."


@strawberry.input(description="Asks a subject for an authorisation towards the caller's own department [4.1] [5.2.3].")
class RequestAuthorisationInput:
    subject: strawberry.ID = strawberry.field(description="Whom to ask.")
    purpose: Purpose = strawberry.field(description="For which purpose; it must be one that rests on consent.")
    scope: list[Group] | None = strawberry.field(default=None, description="Which groups of fields; default: template.")
    expires_on: date | None = strawberry.field(default=None, description="The last day; default: the template's.")
    uses: int | None = strawberry.field(default=None, description="How often; default: the template's.")
    application: strawberry.ID | None = strawberry.field(default=None, description="The application it is for.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Records consent that was given on paper at the window, with its evidence [5.1.6].")
class RecordPaperAuthorisationInput:
    subject: strawberry.ID = strawberry.field(description="Who gave it.")
    purpose: Purpose = strawberry.field(description="For which purpose.")
    evidence: str = strawberry.field(description="The file reference of the signed paper; no identity number in it.")
    scope: list[Group] | None = strawberry.field(default=None, description="Which groups of fields; default: template.")
    expires_on: date | None = strawberry.field(default=None, description="The last day; default: the template's.")
    uses: int | None = strawberry.field(default=None, description="How often; default: the template's.")
    application: strawberry.ID | None = strawberry.field(default=None, description="The application it is for.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Says yes to a request: to all of it, or to less [5.1.6].")
class GrantAuthorisationInput:
    authorisation: strawberry.ID = strawberry.field(description="Which request.")
    scope: list[Group] | None = strawberry.field(default=None, description="Fewer groups; default: as asked.")
    expires_on: date | None = strawberry.field(default=None, description="An earlier last day; default: as asked.")
    uses: int | None = strawberry.field(default=None, description="Fewer uses; default: as asked.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Leaves less of a live authorisation, from this moment on [5.1.6].")
class NarrowAuthorisationInput:
    authorisation: strawberry.ID = strawberry.field(description="Which authorisation.")
    scope: list[Group] | None = strawberry.field(default=None, description="Fewer groups; default: as they are.")
    expires_on: date | None = strawberry.field(default=None, description="An earlier last day; default: as it is.")
    uses: int | None = strawberry.field(default=None, description="Fewer uses; default: as they are.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Names an authorisation to refuse, withdraw or contest. No reason is asked [5.1.6].")
class AuthorisationInput:
    authorisation: strawberry.ID = strawberry.field(description="Which authorisation.")
    expected_version: int | None = strawberry.field(default=None, description=VERSION)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


RequestAuthorisationResult = Annotated[
    AuthorisationChanged | OutOfBounds | AskedBefore | NotAdmitted | NotFound | Collision,
    strawberry.union("RequestAuthorisationResult", description="What came of a request for an authorisation."),
]


RecordPaperAuthorisationResult = Annotated[
    AuthorisationChanged | OutOfBounds | BadEvidence | NotAdmitted | NotFound | Collision,
    strawberry.union(
        "RecordPaperAuthorisationResult", description="What came of recording an authorisation from paper."
    ),
]


GrantAuthorisationResult = Annotated[
    AuthorisationChanged | OutOfBounds | NotNow | NotNarrower | NotAdmitted | NotFound | Collision,
    strawberry.union("GrantAuthorisationResult", description="What came of saying yes."),
]


NarrowAuthorisationResult = Annotated[
    AuthorisationChanged | OutOfBounds | NotNow | NotNarrower | NotAdmitted | NotFound | Collision,
    strawberry.union("NarrowAuthorisationResult", description="What came of narrowing."),
]


RefuseAuthorisationResult = Annotated[
    AuthorisationChanged | NotNow | NotAdmitted | NotFound | Collision,
    strawberry.union("RefuseAuthorisationResult", description="What came of saying no."),
]


WithdrawAuthorisationResult = Annotated[
    AuthorisationChanged | NotNow | NotAdmitted | NotFound | Collision,
    strawberry.union("WithdrawAuthorisationResult", description="What came of withdrawing."),
]


ContestAuthorisationResult = Annotated[
    AuthorisationChanged | NotNow | BadEvidence | NotAdmitted | NotFound | Collision,
    strawberry.union("ContestAuthorisationResult", description="What came of contesting."),
]


Act = Callable[[CommittingWork], Awaitable[Kept]]


@strawberry.type(description="Authorisations, from request to withdrawal [5.1.6].")
class AuthorisationMutation:
    @strawberry.mutation(
        description="请求授权：asks a subject for an authorisation; the subject is told [4.1] [5.1.6]."
    )
    async def request_authorisation(
        self, info: Info[RequestContext, None], input: RequestAuthorisationInput
    ) -> RequestAuthorisationResult:
        context = info.context

        async def act(work: CommittingWork) -> Kept:
            return await actions.request_authorisation(
                work,
                context.action,
                context.templates,
                subject_id=id_of(input.subject, Entity.SUBJECT).keys[0],  # type: ignore[arg-type]  # a UUID, by its entity
                purpose=input.purpose,
                bounds=_bounds(input),
                application_id=await _application(context, work, input),
            )

        return await _change(context, "request", input, act)

    @strawberry.mutation(description="登记纸质授权：records consent given on paper; the subject is told [5.1.6].")
    async def record_paper_authorisation(
        self, info: Info[RequestContext, None], input: RecordPaperAuthorisationInput
    ) -> RecordPaperAuthorisationResult:
        context = info.context

        async def act(work: CommittingWork) -> Kept:
            return await actions.record_paper_authorisation(
                work,
                context.action,
                context.templates,
                subject_id=id_of(input.subject, Entity.SUBJECT).keys[0],  # type: ignore[arg-type]  # as above
                purpose=input.purpose,
                evidence=input.evidence,
                bounds=_bounds(input),
                application_id=await _application(context, work, input),
            )

        return await _change(context, "record-paper", input, act)

    @strawberry.mutation(description="同意授权：says yes to a request, whole or to less of it [5.1.6].")
    async def grant_authorisation(
        self, info: Info[RequestContext, None], input: GrantAuthorisationInput
    ) -> GrantAuthorisationResult:
        context, ids = info.context, _authorisation(input)

        async def act(work: CommittingWork) -> Kept:
            return await actions.grant_authorisation(
                work, context.action, context.templates, bounds=_bounds(input), **ids
            )

        return await _change(context, "grant", input, act)

    @strawberry.mutation(description="缩小授权：leaves less of a live authorisation [5.1.6].")
    async def narrow_authorisation(
        self, info: Info[RequestContext, None], input: NarrowAuthorisationInput
    ) -> NarrowAuthorisationResult:
        context, ids = info.context, _authorisation(input)

        async def act(work: CommittingWork) -> Kept:
            return await actions.narrow_authorisation(
                work, context.action, context.templates, bounds=_bounds(input), **ids
            )

        return await _change(context, "narrow", input, act)

    @strawberry.mutation(
        description="拒绝授权：says no to a request. The ordinary service goes on; nobody is told [5.1.6]."
    )
    async def refuse_authorisation(
        self, info: Info[RequestContext, None], input: AuthorisationInput
    ) -> RefuseAuthorisationResult:
        context, ids = info.context, _authorisation(input)
        return await _change(
            context, "refuse", input, lambda work: actions.refuse_authorisation(work, context.action, **ids)
        )

    @strawberry.mutation(description="撤回授权：ends an authorisation at once, as easily as it was given [5.1.6].")
    async def withdraw_authorisation(
        self, info: Info[RequestContext, None], input: AuthorisationInput
    ) -> WithdrawAuthorisationResult:
        context, ids = info.context, _authorisation(input)
        return await _change(
            context, "withdraw", input, lambda work: actions.withdraw_authorisation(work, context.action, **ids)
        )

    @strawberry.mutation(
        description="对纸质授权提出异议：says that an authorisation recorded from paper was never given; it opens "
        "nothing from this moment on [5.1.6]."
    )
    async def contest_authorisation(
        self, info: Info[RequestContext, None], input: AuthorisationInput
    ) -> ContestAuthorisationResult:
        context, ids = info.context, _authorisation(input)
        return await _change(
            context, "contest", input, lambda work: actions.contest_authorisation(work, context.action, **ids)
        )


async def _change(context: RequestContext, action: str, given: Any, act: Act) -> Any:  # noqa: ANN401 - any input, any union
    """Carry out *act* once, in one transaction; expected refusals become members of the union."""
    asked = keyed_request_hash(context, action, given)
    try:
        async with context.begin() as work:
            done = await once(
                work, context.actor.ref, given.idempotency_key, asked=asked, at=context.now, act=lambda: act(work)
            )
            await work.commit()
    except ConsentError as error:
        refusal: Refusal = to_graphql(error)
        return refusal
    return AuthorisationChanged(authorisation=(done.subject_id, done.authorisation_id))  # type: ignore[arg-type]  # its keys, until it is read back


def _authorisation(given: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the inputs that name one
    subject_id, authorisation_id = id_of(given.authorisation, Entity.AUTHORISATION).keys
    return {"subject_id": subject_id, "authorisation_id": authorisation_id, "expected_version": given.expected_version}


async def _application(context: RequestContext, work: CommittingWork, given: Any) -> UUID | None:  # noqa: ANN401 - either input
    """Return the subject's application at the caller's own window that an authorisation is for; raises NotFound."""
    if given.application is None:
        return None
    (subject_id,) = cast("tuple[UUID]", id_of(given.subject, Entity.SUBJECT).keys)
    owner_id, application_id = cast("tuple[UUID, UUID]", id_of(given.application, Entity.APPLICATION).keys)
    found = await work.applications.load(subject_id, application_id) if owner_id == subject_id else None
    if found is None or found.confidential or found.department_code != context.actor.department:
        raise NowhereToBeFound
    return application_id


def _bounds(given: Any) -> Bounds:  # noqa: ANN401 - any of the inputs with bounds
    groups = None if given.scope is None else FieldGroup(sum(FieldGroup[one.name] for one in set(given.scope)))
    return Bounds(groups, given.expires_on, given.uses)
