"""Puts a subject on record at the window [3.2] [5.1.3]."""

from typing import Annotated

import strawberry

from consent.log_entries import Entrance
from credit.core.errors import CreditError
from credit.subjects.identifiers import parse_identifier
from credit.subjects.subject import Capacity, SubjectKind, identifier_kind
from queryplan.entities import Entity
from schema.core.context import Info
from schema.core.enums import CapacityName
from schema.core.global_ids import code_of, encode
from schema.core.inputs import KeyedInput, mutation_input
from schema.core.mutation import or_refusal, request_key, stored_before
from schema.core.ports import TriedNumber
from schema.core.refusals import Collision, NotWellFormed


@strawberry.type(description="The subject is on record.")
class SubjectRegistered:
    subject_id: strawberry.ID = strawberry.field(
        description="Its global id. For somebody who was on record before it is the id of that record, which stays as "
        "it is: so the answer does not tell who has one."
    )


@mutation_input(description="Puts a subject on record, with the basic information of [5.1.3] and nothing more.")
class RegisterSubjectInput(KeyedInput):
    kind: SubjectKind = strawberry.field(description="What the subject is.")
    name: str = strawberry.field(description="姓名或名称。")
    number: str = strawberry.field(description="身份证号或统一社会信用代码。Its kind follows from the subject's.")
    area: strawberry.ID = strawberry.field(description="The sub-district or town of its address.")
    phone: str | None = strawberry.field(default=None, description="联系电话。")
    address: str | None = strawberry.field(default=None, description="注册地址或住址。")
    capacities: list[CapacityName] = strawberry.field(
        default_factory=list, description="In what capacity it acts for others [3.2]."
    )


RegisterSubjectResult = Annotated[
    SubjectRegistered | NotWellFormed | Collision,
    strawberry.union("RegisterSubjectResult", description="The result of registering."),
]


@strawberry.type(description="Subjects on record [3.2].")
class SubjectMutation:
    @strawberry.mutation(
        description="登记申报主体：puts a subject on record at the window. Its particulars are sealed at once; doing "
        "it twice does nothing twice [3.2] [5.1.3]."
    )
    async def register_subject(self, info: Info, input: RegisterSubjectInput) -> RegisterSubjectResult:
        return await or_refusal(info.context, input, _register(info, input))


async def _register(info: Info, given: RegisterSubjectInput) -> SubjectRegistered:
    """Let the gateway register it, in a transaction of its own: a number on record before needs a second one."""
    context, key = info.context, request_key(info, given)
    tried = [] if await stored_before(context, key) is not None else _tried(given)
    await context.lookups.admit(context.actor, Entrance.REGISTRATION, len(tried))
    subject_id = await context.register(
        context.action,
        kind=given.kind,
        name=given.name,
        number=given.number,
        area_code=code_of(given.area, Entity.AREA),
        phone=given.phone,
        address=given.address,
        capacities=Capacity(sum(Capacity[one.name] for one in set(given.capacities))),
        key=key.text,
        asked=key.request_hash,
    )
    await context.lookups.record(context.actor, context.purpose, Entrance.REGISTRATION, tried)
    return SubjectRegistered(subject_id=strawberry.ID(encode(Entity.SUBJECT, subject_id)))


def _tried(given: RegisterSubjectInput) -> list[TriedNumber]:
    """Return the number, which the answer never tells of; nothing for a number that is none and will be refused.

    Registering is counted and recorded like a search: what its caller can read afterwards may tell who had a record.
    """
    try:
        return [TriedNumber(parse_identifier(identifier_kind(given.kind), given.number).text, is_hit=False)]
    except CreditError:
        return []
