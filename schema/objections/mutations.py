"""Objecting, and answering an objection: at any time, to any record about oneself [5.1.4(6)].

The actions of `credit.objections.actions` decide who may do it and what follows.
"""

from datetime import date
from typing import Annotated, cast
from uuid import UUID

import strawberry

from credit.core.context import ActionContext
from credit.core.errors import UnknownCase
from credit.core.late_entries import Means
from credit.core.record_refs import ObjectionRef
from credit.corrections.correction import Correction, RecordItem
from credit.objections import actions, objection
from credit.objections.actions import ContestedRecord, ObjectionDecision
from credit.objections.objection import ObjectionAnswer, RecordKind
from policy.decisions import Withheld
from queryplan.entities import Entity
from schema.core.context import Info, RequestContext
from schema.core.entities import data_class_of
from schema.core.errors import BadId
from schema.core.fields import read_back
from schema.core.global_ids import decode, record_ids_of
from schema.core.inputs import EVIDENCE, ON, PAPER, POSTED, KeyedInput, details_of_today, mutation_input, step_details
from schema.core.mutations.mutation import MutationResult, RecordMutation, record_result, run_mutation, step_mutation
from schema.core.mutations.refusals import (
    Collision,
    Lacking,
    NotFound,
    NotTheirs,
    NotWellFormed,
    NotYet,
    OutOfTurn,
    StepRefused,
    TooLate,
)
from schema.core.ports import CommittingWork
from schema.objections.types import ENTITY_OF, Objection

OBJECTION = "Which objection, by its global id."
SEEN = "How many changes of the objection were seen, from 1: refused where there were more. Default: as it stands."
_KIND_OF = {entity: kind for kind, entity in ENTITY_OF.items()}


@mutation_input()
class ObjectionInput(KeyedInput):
    """The input of a step of an objection."""

    objection: strawberry.ID = strawberry.field(description=OBJECTION)
    expected_version: int | None = strawberry.field(default=None, description=SEEN)


@mutation_input(description="提出异议：contests a record about oneself, today. No evidence is needed [5.1.4(6)].")
class RaiseObjectionInput(KeyedInput):
    record: strawberry.ID = strawberry.field(
        description="Which record, by its global id: a case, an application, a credit check, an authorisation, an "
        "entry of the access log, or oneself."
    )
    text: str | None = strawberry.field(
        default=None,
        description="异议内容：what is wrong, in one's own words. Kept sealed. Of an entry of the access log it may be "
        "left out: the subject does not recognise the read.",
    )
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)


@mutation_input(description="登记书面异议：enters an objection that came by post or was handed in [5.1.4(6)].")
class EnterObjectionInput(KeyedInput):
    record: strawberry.ID = strawberry.field(description="Which record the paper contests, by its global id.")
    on: date = strawberry.field(description=POSTED)
    evidence: list[str] = strawberry.field(description=PAPER)
    text: str | None = strawberry.field(
        default=None, description="异议内容：its own words, 10,000 characters at most; stored sealed."
    )


@mutation_input(description="指定异议办理人员：gives an objection to somebody who had no hand in the record.")
class AssignObjectionInput(ObjectionInput):
    reviewer: str = strawberry.field(description="The staff reference of whoever is to answer it.")


@mutation_input(description="答复异议：answers an objection [5.1.4(4)] [5.1.4(6)].")
class AnswerObjectionInput(ObjectionInput):
    answer: ObjectionAnswer = strawberry.field(
        description="Rejected, or granted by a correction or a removal; of an entry of the access log, what was found "
        "about the read."
    )
    reasons: str | None = strawberry.field(
        default=None,
        description="答复理由：why, in words, for the subject. A rejection needs it, or a paper; a finding about a "
        "read always does, and one that it was justified names its occasion. Kept sealed.",
    )
    items: list[RecordItem] = strawberry.field(
        default_factory=list, description="What is wrong, where it is granted by a correction."
    )
    evidence: list[str] = strawberry.field(default_factory=list, description=EVIDENCE)
    on: date | None = strawberry.field(default=None, description=ON)


@strawberry.type(description="It is done. The objection is read back like any query.")
class ObjectionChanged:
    objection: Objection | None = read_back(Entity.OBJECTION, "The objection as it now stands.")


OBJECTION_CHANGED: MutationResult[objection.Objection] = record_result(
    ObjectionChanged, "objection", subject_id="subject_id", row_id="objection_id"
)
OBJECTION_ANSWERED: MutationResult[tuple[objection.Objection, Correction | None]] = MutationResult(
    lambda answered: OBJECTION_CHANGED.stored(answered[0]), OBJECTION_CHANGED.payload
)
"""An answer that grants leads to a correction as well; the payload shows the objection."""


def _objection_ref(given: ObjectionInput) -> ObjectionRef:
    return ObjectionRef(*record_ids_of(given.objection, Entity.OBJECTION), given.expected_version)


change_objection = RecordMutation(_objection_ref, OBJECTION_CHANGED)
answer_objection = RecordMutation(_objection_ref, OBJECTION_ANSWERED)

RaiseObjectionResult = Annotated[
    ObjectionChanged | NotYet | NotWellFormed | NotFound | Collision,
    strawberry.union("RaiseObjectionResult", description="The result of an objection."),
]
EnterObjectionResult = Annotated[
    ObjectionChanged | OutOfTurn | Lacking | StepRefused,
    strawberry.union("EnterObjectionResult", description="The result of entering an objection."),
]
AssignObjectionResult = Annotated[
    ObjectionChanged | TooLate | NotTheirs | NotWellFormed | NotFound | Collision,
    strawberry.union("AssignObjectionResult", description="The result of choosing who answers."),
]
AnswerObjectionResult = Annotated[
    ObjectionChanged | OutOfTurn | Lacking | StepRefused,
    strawberry.union("AnswerObjectionResult", description="The result of an answer."),
]


@strawberry.type(description="Objections of subjects to what is kept about them [5.1.4(6)].")
class ObjectingMutation:
    @strawberry.mutation(
        description="提出异议：the subject, or its delegate, contests any record about it, at any time, or says of "
        "an entry of its access log that it does not recognise the read. An answer is due in 15 working days; nothing "
        "is suspended meanwhile [5.1.4(6)] [5.1.6]."
    )
    async def raise_objection(self, info: Info, input: RaiseObjectionInput) -> RaiseObjectionResult:
        record, details = _record(input.record), details_of_today(input)
        return await run_mutation(info, input, OBJECTION_CHANGED, actions.raise_objection, record, input.text, details)

    @step_mutation(
        "登记书面异议：an officer enters an objection that came on paper; its day is that of posting, and whoever "
        "enters it never answers it. The handler enters one to a case; an officer of the department that keeps it, one "
        "to another record; the district office, one to what no department keeps. The subject is notified [5.1.4(6)]."
    )
    async def enter_objection(self, info: Info, input: EnterObjectionInput) -> EnterObjectionResult:
        record, details = _record(input.record), step_details(input)

        async def act(work: CommittingWork, by: ActionContext) -> objection.Objection:
            _require_own_purpose(info.context, record)
            return await actions.raise_objection(work, by, record, input.text, details, Means.PAPER)

        return await run_mutation(info, input, OBJECTION_CHANGED, act)

    @step_mutation(
        "指定异议办理人员：the head of the department that answers gives an objection to somebody who had "
        "no hand in the record; what no department keeps, the district office answers [5.1.4(4)] [6.1]."
    )
    async def assign_objection(self, info: Info, input: AssignObjectionInput) -> AssignObjectionResult:
        return await change_objection(info, input, actions.assign_objection, input.reviewer)

    @step_mutation(
        "答复异议：whoever was given it answers; the subject is notified. What is granted is an error "
        "found on the day of the answer, with two working days to mend it [5.1.4(4)] [5.1.4(6)]."
    )
    async def answer_objection(self, info: Info, input: AnswerObjectionInput) -> AnswerObjectionResult:
        decided = ObjectionDecision(input.answer, input.reasons, frozenset(input.items))
        return await answer_objection(info, input, actions.answer_objection, step_details(input), decided)


def _require_own_purpose(context: RequestContext, record: ContestedRecord) -> None:
    """Raise UnknownCase for a case where the purpose shows none: at a window there are no cases [5.1.6]."""
    shown = context.policy.read(context.actor.role, context.purpose, data_class_of(ENTITY_OF[record.kind]))
    if record.kind is RecordKind.RESTRAINT_CASE and isinstance(shown, Withheld):
        raise UnknownCase


def _record(text: str) -> ContestedRecord:
    """Return the record that an id names; raises BadId for one that is of no record about somebody."""
    found = decode(text)
    kind: RecordKind | None = _KIND_OF.get(found.entity)
    if kind is None:
        raise BadId
    keys = cast("tuple[UUID, ...]", found.keys)
    return ContestedRecord(keys[0], kind, keys[-1])
