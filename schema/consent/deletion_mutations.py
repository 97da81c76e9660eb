"""A recipient acknowledges that it has deleted what it received, or uses it no more [5.1.6] [PIPL 47]."""

from typing import Annotated

import strawberry

from consent.deletions import actions, deletion_duty
from consent.deletions.deletion_duty import DeletionOutcome
from queryplan.entities import Entity
from schema.consent.deletion_types import DeletionDuty
from schema.core.context import Info
from schema.core.fields import read_back
from schema.core.global_ids import record_ids_of
from schema.core.inputs import KeyedInput, mutation_input
from schema.core.mutations.mutation import MutationResult, record_result, run_mutation, step_mutation
from schema.core.mutations.refusals import BadEvidence, Collision, NotAdmitted, NotFound, NotNow, NotWellFormed


@strawberry.type(description="It is done. The duty is read back like any query.")
class DeletionChanged:
    deletion: DeletionDuty | None = read_back(Entity.DELETION_DUTY, "The duty as it now stands.")


DELETION_CHANGED: MutationResult[deletion_duty.DeletionDuty] = record_result(
    DeletionChanged, "deletion", subject_id="subject_id", duty_id="duty_id"
)


@mutation_input(description="登记删除：acknowledges that what was received is deleted, or used no more [5.1.6].")
class AcknowledgeDeletionInput(KeyedInput):
    deletion: strawberry.ID = strawberry.field(description="Which duty, by its global id.")
    outcome: DeletionOutcome = strawberry.field(description="办理结果：what was done.")
    reference: str | None = strawberry.field(
        default=None,
        description="The number of the record of the deletion; where a law demands that it is kept, the number of that "
        "law or file, which is then required. No identity number in it.",
    )
    expected_version: int | None = strawberry.field(
        default=None, description="How many changes of it were seen: refused where there were others."
    )


AcknowledgeDeletionResult = Annotated[
    DeletionChanged | NotNow | BadEvidence | NotAdmitted | NotWellFormed | NotFound | Collision,
    strawberry.union("AcknowledgeDeletionResult", description="The result of acknowledging a deletion."),
]


@strawberry.type(description="What recipients do about what they may no longer use [5.1.6] [PIPL 47].")
class DeletionMutation:
    @step_mutation(
        "登记删除：an officer of the recipient acknowledges that what was received on an authorisation is deleted, or, "
        "where a law demands that it is kept, used no more. The subject is notified [5.1.6] [PIPL 47]."
    )
    async def acknowledge_deletion(self, info: Info, input: AcknowledgeDeletionInput) -> AcknowledgeDeletionResult:
        subject_id, duty_id = record_ids_of(input.deletion, Entity.DELETION_DUTY)
        return await run_mutation(
            info,
            input,
            DELETION_CHANGED,
            actions.acknowledge_deletion,
            input.outcome,
            input.reference,
            subject_id=subject_id,
            duty_id=duty_id,
            expected_version=input.expected_version,
        )
