"""The steps of an objection, each as it is tried on one: what `viewerCan` tells of it [5.1.4(6)]."""

from typing import Final

from credit.cases.actions.take_step import TODAY
from credit.core.record_refs import ObjectionRef
from credit.objections import actions
from credit.objections.actions import ObjectionDecision
from credit.objections.objection import ObjectionAnswer, RecordKind
from schema.core.viewer_steps.loads import load_objections
from schema.core.viewer_steps.step_names import ViewerStepName
from schema.core.viewer_steps.topics import PAPER, SOMEBODY_ELSE, Attempt, StepTopic, tried


def _which(on: Attempt) -> ObjectionRef:
    return ObjectionRef(on.subject_id, on.record_id)


async def _answer(on: Attempt) -> object:
    """Try to reject it, with reasons; of a read, to find it justified [5.1.6]."""
    objection = await on.work.objections.load(on.subject_id, on.record_id)
    is_read = objection is not None and objection.record is RecordKind.ACCESS_ENTRY
    answer = ObjectionAnswer.JUSTIFIED if is_read else ObjectionAnswer.REJECTED
    return await actions.answer_objection(on.work, on.by, _which(on), TODAY, ObjectionDecision(answer, PAPER))


_N = ViewerStepName
OBJECTION_STEPS: Final = StepTopic(
    (
        tried(_N.ASSIGN_OBJECTION, lambda on: actions.assign_objection(on.work, on.by, _which(on), SOMEBODY_ELSE)),
        tried(_N.ANSWER_OBJECTION, _answer),
    ),
    load_objections,
)
"""The steps of an objection. Who made the read that one is to, only the step itself looks up."""
