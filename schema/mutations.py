"""What one may change: authorisations, subjects, cases. One input and one result union each."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry
from strawberry.types import Info

from consent import actions
from consent.authorisation import Authorisation as Kept
from consent.errors import Collision as Collided
from consent.errors import ConsentError
from consent.errors import NotFound as NowhereToBeFound
from consent.idempotency import once
from consent.rules import Bounds
from consent.vocabulary import FieldGroup, Purpose
from credit.core.errors import RegistrationRefused
from credit.subjects.subject import Capacity, SubjectKind
from queryplan.plan import Entity
from schema.applications.mutations import ApplicationMutation
from schema.cases.care_mutations import CaseCareMutation
from schema.cases.collect import CollectMutation
from schema.cases.mutations import CaseMutation
from schema.consent.types import Authorisation
from schema.consultations.mutations import ConsultationMutation
from schema.core.context import RequestContext
from schema.core.enums import CapacityName, Group
from schema.core.fields import read_back
from schema.core.global_ids import encode
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
    NotWellFormed,
    OutOfBounds,
    Refusal,
    problems_of,
    refusal_of,
)
from schema.corrections.mutations import CorrectingMutation
from schema.credit_checks.mutations import CreditCheckMutation
from schema.focused_checks.target_changes import TargetVisitMutation
from schema.focused_checks.types import FocusedCheckMutation
from schema.incentives.mutations import IncentiveMutation
from schema.notices.mutations import IssuingMutation
from schema.notices.reminder_mutations import ReminderMutation
from schema.notifications.types import NotificationMutation
from schema.objections.mutations import ObjectingMutation
from schema.outbox.types import OutboxMutation
from schema.promises.commitment_mutations import CommitmentMutation
from schema.promises.deferral_mutations import DeferralMutation
from schema.promises.open_case import CollectPromiseMutation


@strawberry.type(description="It is done. The authorisation as it now stands, read back by the guarded road.")
class AuthorisationChanged:
    authorisation: Authorisation | None = read_back(Entity.AUTHORISATION, "The authorisation as it now stands.")


@strawberry.type(description="The subject is on record.")
class SubjectRegistered:
    subject_id: strawberry.ID = strawberry.field(
        description="Its global id. For somebody who was on record before it is the id of that record, which stays as "
        "it is: so the answer does not tell who has one."
    )


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


@strawberry.input(description="Puts a subject on record, with the basic information of [5.1.3] and nothing more.")
class RegisterSubjectInput:
    kind: SubjectKind = strawberry.field(description="What the subject is.")
    name: str = strawberry.field(description="姓名或名称。")
    number: str = strawberry.field(description="身份证号或统一社会信用代码。Its kind follows from the subject's.")
    area: strawberry.ID = strawberry.field(description="The sub-district or town of its address.")
    phone: str | None = strawberry.field(default=None, description="联系电话。")
    address: str | None = strawberry.field(default=None, description="注册地址或住址。")
    capacities: list[CapacityName] = strawberry.field(
        default_factory=list, description="In what capacity it acts for others [3.2]."
    )
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
RegisterSubjectResult = Annotated[
    SubjectRegistered | NotWellFormed | Collision,
    strawberry.union("RegisterSubjectResult", description="What came of registering."),
]

Act = Callable[[CommittingWork], Awaitable[Kept]]


@strawberry.type(description="What one may change. Every change is one transaction, recorded with whoever made it.")
class Mutation(
    CollectMutation,
    CaseMutation,
    CaseCareMutation,
    IssuingMutation,
    ReminderMutation,
    ConsultationMutation,
    DeferralMutation,
    CollectPromiseMutation,
    CommitmentMutation,
    FocusedCheckMutation,
    ApplicationMutation,
    CreditCheckMutation,
    IncentiveMutation,
    CorrectingMutation,
    ObjectingMutation,
    TargetVisitMutation,
    OutboxMutation,
    NotificationMutation,
):
    @strawberry.mutation(
        description="请求授权：asks a subject for an authorisation; the subject is told [4.1] [5.1.6]."
    )
    async def request_authorisation(
        self,
        info: Info[RequestContext, None],
        input: RequestAuthorisationInput,  # noqa: A002 - the usual name
    ) -> RequestAuthorisationResult:
        context = info.context

        async def act(work: CommittingWork) -> Kept:
            return await actions.request_authorisation(
                work,
                context.by,
                context.moment,
                context.templates,
                subject_id=id_of(input.subject, Entity.SUBJECT).keys[0],  # type: ignore[arg-type]  # a UUID, by its entity
                purpose=input.purpose,
                bounds=_bounds(input),
                application_id=await _application(context, work, input),
            )

        return await _change(context, "request", input, act)

    @strawberry.mutation(description="登记纸质授权：records consent given on paper; the subject is told [5.1.6].")
    async def record_paper_authorisation(
        self,
        info: Info[RequestContext, None],
        input: RecordPaperAuthorisationInput,  # noqa: A002 - as above
    ) -> RecordPaperAuthorisationResult:
        context = info.context

        async def act(work: CommittingWork) -> Kept:
            return await actions.record_paper_authorisation(
                work,
                context.by,
                context.moment,
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
        self,
        info: Info[RequestContext, None],
        input: GrantAuthorisationInput,  # noqa: A002 - as above
    ) -> GrantAuthorisationResult:
        context, ids = info.context, _authorisation(input)

        async def act(work: CommittingWork) -> Kept:
            return await actions.grant_authorisation(
                work, context.by, context.moment, context.templates, bounds=_bounds(input), **ids
            )

        return await _change(context, "grant", input, act)

    @strawberry.mutation(description="缩小授权：leaves less of a live authorisation [5.1.6].")
    async def narrow_authorisation(
        self,
        info: Info[RequestContext, None],
        input: NarrowAuthorisationInput,  # noqa: A002 - as above
    ) -> NarrowAuthorisationResult:
        context, ids = info.context, _authorisation(input)

        async def act(work: CommittingWork) -> Kept:
            return await actions.narrow_authorisation(
                work, context.by, context.moment, context.templates, bounds=_bounds(input), **ids
            )

        return await _change(context, "narrow", input, act)

    @strawberry.mutation(
        description="拒绝授权：says no to a request. The ordinary service goes on; nobody is told [5.1.6]."
    )
    async def refuse_authorisation(
        self,
        info: Info[RequestContext, None],
        input: AuthorisationInput,  # noqa: A002 - as above
    ) -> RefuseAuthorisationResult:
        context, ids = info.context, _authorisation(input)
        return await _change(
            context, "refuse", input, lambda work: actions.refuse_authorisation(work, context.by, context.moment, **ids)
        )

    @strawberry.mutation(description="撤回授权：ends an authorisation at once, as easily as it was given [5.1.6].")
    async def withdraw_authorisation(
        self,
        info: Info[RequestContext, None],
        input: AuthorisationInput,  # noqa: A002 - as above
    ) -> WithdrawAuthorisationResult:
        context, ids = info.context, _authorisation(input)
        return await _change(
            context,
            "withdraw",
            input,
            lambda work: actions.withdraw_authorisation(work, context.by, context.moment, **ids),
        )

    @strawberry.mutation(
        description="对纸质授权提出异议：says that an authorisation recorded from paper was never given; it opens "
        "nothing from this moment on [5.1.6]."
    )
    async def contest_authorisation(
        self,
        info: Info[RequestContext, None],
        input: AuthorisationInput,  # noqa: A002 - as above
    ) -> ContestAuthorisationResult:
        context, ids = info.context, _authorisation(input)
        return await _change(
            context,
            "contest",
            input,
            lambda work: actions.contest_authorisation(work, context.by, context.moment, **ids),
        )

    @strawberry.mutation(
        description="登记申报主体：puts a subject on record at the window. Its particulars are sealed at once; doing "
        "it twice does nothing twice [3.2] [5.1.3]."
    )
    async def register_subject(
        self,
        info: Info[RequestContext, None],
        input: RegisterSubjectInput,  # noqa: A002 - as above
    ) -> RegisterSubjectResult:
        context = info.context
        try:
            subject_id = await context.register(
                context.by,
                context.moment,
                kind=input.kind,
                name=input.name,
                number=input.number,
                area_code=str(id_of(input.area, Entity.AREA).keys[0]),
                phone=input.phone,
                address=input.address,
                capacities=Capacity(sum(Capacity[one.name] for one in set(input.capacities))),
                key=input.idempotency_key,
                asked=keyed_request_hash(context, "register-subject", input),
            )
        except RegistrationRefused as refused:
            return problems_of(refused)
        except Collided as collided:
            return cast("Collision", refusal_of(collided))
        return SubjectRegistered(subject_id=strawberry.ID(encode(Entity.SUBJECT, subject_id)))


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
        refusal: Refusal = refusal_of(error)
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
