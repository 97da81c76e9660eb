"""The steps of promises, each as it is tried on one: what `viewerCan` tells of them [4.2.2] [4.2.3]."""

from typing import Final

from credit.core.late_entries import Means
from credit.core.record_refs import ApplicationRef
from credit.promises import commitment_actions, deferral_actions
from credit.promises.commitment import VerificationOutcome
from credit.promises.commitment_actions import VerificationResult
from credit.promises.deferral_actions import HandInDocument
from schema.core.viewer_steps.loads import load_applications
from schema.core.viewer_steps.step_names import ViewerStepName
from schema.core.viewer_steps.topics import PAPER, WITH_PAPER, Attempt, StepTopic, tried

_MET: Final = VerificationResult(VerificationOutcome.MET, "符合承诺", (PAPER,))


def _which(on: Attempt) -> ApplicationRef:
    return ApplicationRef(on.subject_id, on.record_id)


async def _hand_in(on: Attempt) -> object:
    """Try a document that is missing, where one is; else one that was."""
    deferral = await on.work.deferrals.load(on.subject_id, on.record_id)
    listed = () if deferral is None else (*deferral.still_missing(on.by.today), *deferral.missing)
    return await deferral_actions.hand_in(
        on.work, on.by, HandInDocument(_which(on), listed[0] if listed else PAPER, PAPER)
    )


_N = ViewerStepName
DEFERRAL_STEPS: Final = StepTopic(
    (
        tried(_N.HAND_IN_DOCUMENT, _hand_in),
        tried(_N.REMIND_DOCUMENTS, lambda on: deferral_actions.remind(on.work, on.by, _which(on), PAPER)),
        tried(_N.SERVE_REMINDER, lambda on: deferral_actions.serve_reminder(on.work, on.by, _which(on), PAPER, None)),
        tried(_N.WITHDRAW_DEFERRAL, lambda on: deferral_actions.withdraw(on.work, on.by, _which(on))),
        tried(
            _N.ENTER_DEFERRAL_WITHDRAWAL,
            lambda on: deferral_actions.withdraw(on.work, on.by, _which(on), WITH_PAPER, Means.PAPER),
        ),
    ),
    load_applications,
)
"""The steps of a deferral. Its default is collected as a case of its own, where the deferral is not shown [5.1.2c]."""
COMMITMENT_STEPS: Final = StepTopic(
    (
        tried(
            _N.COMPLETE_COMMITMENT, lambda on: commitment_actions.complete(on.work, on.by, _which(on), None, (PAPER,))
        ),
        tried(_N.VERIFY_COMMITMENT, lambda on: commitment_actions.verify(on.work, on.by, _which(on), _MET)),
        tried(_N.WITHDRAW_COMMITMENT, lambda on: commitment_actions.withdraw(on.work, on.by, _which(on))),
        tried(
            _N.ENTER_COMMITMENT_WITHDRAWAL,
            lambda on: commitment_actions.withdraw(on.work, on.by, _which(on), WITH_PAPER, Means.PAPER),
        ),
    ),
    load_applications,
)
"""The steps of a commitment; as of a deferral."""
