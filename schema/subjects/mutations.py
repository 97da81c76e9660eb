"""Puts a subject on record at the window [3.2] [5.1.3]."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from uuid import UUID

import strawberry

from consent.vocabulary import Purpose
from credit.core.context import ActionContext
from credit.corrections.actions import question_name
from credit.corrections.correction import Correction
from credit.subjects import refusals
from credit.subjects.registration_record import RegistrationChannel
from credit.subjects.subject import SubjectKind, identifier_kind
from queryplan.entities import Entity
from schema.core.context import Info
from schema.core.enums import CapacityName
from schema.core.global_ids import encode
from schema.core.inputs import KeyedInput, PersonInput, mutation_input
from schema.core.mutations.mutation import MutationResult, or_refusal, request_key, run_once
from schema.core.mutations.refusals import Collision, NameConflict, NotFound, NotWellFormed
from schema.core.ports import CommittingWork
from schema.execution.named_person import registered_number, run_for_person


@strawberry.type(description="The subject is on record.")
class SubjectRegistered:
    subject_id: strawberry.ID = strawberry.field(
        description="Its global id. For somebody who was on record before it is the id of that record, which stays as "
        "it is: so the answer does not tell who has one."
    )


@strawberry.type(
    description="The number is on record under another name. The record stays as it is until the head of the "
    "department has decided which name is right: `correctSubject` for this correction [5.1.3]."
)
class NameToConfirm:
    correction: strawberry.ID = strawberry.field(description="The global id of the correction, for the head.")


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
    name_confirmed: bool = strawberry.field(
        default=False,
        description="已核对证件：the document was looked at again and shows this name, although it reads like a word "
        "for nothing, such as Null. If the number is on record under another one, the head of the department decides.",
    )
    evidence: list[str] = strawberry.field(
        default_factory=list,
        description="The references of the papers that show this name, or of their uploaded files; no name and no "
        "identity number in them. They are kept only where the head has to decide which name is right [5.1.3].",
    )


RegisterSubjectResult = Annotated[
    SubjectRegistered | NameToConfirm | NameConflict | NotWellFormed | NotFound | Collision,
    strawberry.union("RegisterSubjectResult", description="The result of registering."),
]


def _stored(done: UUID | Correction) -> Mapping[str, str]:
    if isinstance(done, Correction):
        return {"subject_id": str(done.subject_id), "correction_id": str(done.correction_id)}
    return {"subject_id": str(done)}


def _payload(purpose: Purpose | None, ids: Mapping[str, str]) -> SubjectRegistered | NameToConfirm:
    subject_id = UUID(ids["subject_id"])
    if "correction_id" in ids:
        correction = encode(Entity.CORRECTION, subject_id, UUID(ids["correction_id"]), purpose=purpose)
        return NameToConfirm(correction=strawberry.ID(correction))
    return SubjectRegistered(subject_id=strawberry.ID(encode(Entity.SUBJECT, subject_id, purpose=purpose)))


@strawberry.type(description="Subjects on record [3.2].")
class SubjectMutation:
    @strawberry.mutation(
        description="登记申报主体：puts a subject on record at the window. Its particulars are sealed at once; doing "
        "it twice does nothing twice. A number that is on record under another name is refused [3.2] [5.1.3]."
    )
    async def register_subject(self, info: Info, input: RegisterSubjectInput) -> RegisterSubjectResult:
        return await or_refusal(info, input, _register(info, input))


async def _register(info: Info, given: RegisterSubjectInput) -> SubjectRegistered | NameToConfirm:
    context, key = info.context, request_key(info, given)
    result: MutationResult[UUID | Correction] = MutationResult(_stored, partial(_payload, context.purpose))
    person = PersonInput(
        kind=given.kind,
        name=given.name,
        number=given.number,
        area=given.area,
        phone=given.phone,
        address=given.address,
        capacities=given.capacities,
        name_confirmed=given.name_confirmed,
    )

    async def registered(_work: CommittingWork, _by: ActionContext, subject_id: UUID) -> UUID | Correction:
        return subject_id

    async def questioned(work: CommittingWork, by: ActionContext) -> UUID | Correction:
        kind = identifier_kind(given.kind)
        subject_id = await work.subjects.find(kind, context.keyring.terms(kind, registered_number(person)))
        if subject_id is None:
            raise refusals.NameConflict  # it was put right meanwhile
        return await question_name(work, by, subject_id, tuple(given.evidence))

    try:
        return await run_for_person(context, given, key, person, result, RegistrationChannel.WINDOW, registered)
    except refusals.NameConflict:
        if not given.name_confirmed:
            raise
        return await run_once(context, given, key, questioned, result)
