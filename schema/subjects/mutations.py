"""Puts a subject on record at the window [3.2] [5.1.3]."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from consent.errors import Collision as Collided
from credit.core.errors import RegistrationRefused
from credit.subjects.subject import Capacity, SubjectKind
from queryplan.entities import Entity
from schema.core.context import RequestContext
from schema.core.enums import CapacityName
from schema.core.global_ids import encode
from schema.core.idempotency import KEY, id_of, keyed_request_hash
from schema.core.refusals import Collision, NotWellFormed, to_graphql


@strawberry.type(description="The subject is on record.")
class SubjectRegistered:
    subject_id: strawberry.ID = strawberry.field(
        description="Its global id. For somebody who was on record before it is the id of that record, which stays as "
        "it is: so the answer does not tell who has one."
    )


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


RegisterSubjectResult = Annotated[
    SubjectRegistered | NotWellFormed | Collision,
    strawberry.union("RegisterSubjectResult", description="What came of registering."),
]


@strawberry.type(description="Subjects on record [3.2].")
class SubjectMutation:
    @strawberry.mutation(
        description="登记申报主体：puts a subject on record at the window. Its particulars are sealed at once; doing "
        "it twice does nothing twice [3.2] [5.1.3]."
    )
    async def register_subject(
        self, info: Info[RequestContext, None], input: RegisterSubjectInput
    ) -> RegisterSubjectResult:
        context = info.context
        try:
            subject_id = await context.register(
                context.action,
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
        except (RegistrationRefused, Collided) as refused:
            return to_graphql(refused)  # type: ignore[return-value]  # one of the union, by its branch
        return SubjectRegistered(subject_id=strawberry.ID(encode(Entity.SUBJECT, subject_id)))
