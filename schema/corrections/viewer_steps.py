"""The steps of a correction, each as it is tried on one: what `viewerCan` tells of it [5.1.4(6)]."""

from typing import Any, Final

from credit.cases.rules.term import SIX_MONTHS
from credit.core.record_refs import CorrectionRef
from credit.corrections import actions
from credit.corrections.actions import ARGUMENT, CorrectionValues
from credit.corrections.correction import IDENTITY, RecordItem
from schema.core.viewer_steps.loads import load_corrections
from schema.core.viewer_steps.step_names import ViewerStepName
from schema.core.viewer_steps.topics import PAPER, WITH_PAPER, Attempt, StepTopic, tried


def _which(on: Attempt) -> CorrectionRef:
    return CorrectionRef(on.subject_id, on.record_id)


async def _correct(on: Attempt, possible: frozenset[RecordItem]) -> None:
    """Try to correct as many of the wrong items as are *possible*; the right values are for the mutation alone."""
    correction = await on.work.corrections.load(on.subject_id, on.record_id)
    items = frozenset() if correction is None else correction.items & possible
    values: dict[str, Any] = {ARGUMENT[item]: SIX_MONTHS if item is RecordItem.VALIDITY else PAPER for item in items}
    await actions.require_open(on.work, on.by, _which(on), CorrectionValues(**values))


_N = ViewerStepName
CORRECTION_STEPS: Final = StepTopic(
    (
        tried(_N.CORRECT_CASE, lambda on: _correct(on, frozenset(ARGUMENT))),
        tried(_N.CORRECT_SUBJECT, lambda on: _correct(on, IDENTITY)),
        tried(_N.REMOVE_CASE, lambda on: actions.remove_case(on.work, on.by, _which(on), WITH_PAPER)),
    ),
    load_corrections,
)
"""The steps that carry a correction out. Who was notified on paper is recorded of each recipient."""
