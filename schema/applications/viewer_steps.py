"""The steps of an application, each as it is tried on one: what `viewerCan` tells of it [4.2]."""

from typing import Final

from credit.applications import actions
from credit.applications.application import Outcome
from credit.core.late_entries import Means
from credit.core.record_refs import ApplicationRef
from credit.promises.settle import resume_promises, settle_promises
from schema.core.viewer_steps.loads import load_applications
from schema.core.viewer_steps.step_names import ViewerStepName
from schema.core.viewer_steps.topics import WITH_PAPER, Attempt, StepTopic, tried


def _which(on: Attempt) -> ApplicationRef:
    return ApplicationRef(on.subject_id, on.record_id)


async def _decide(on: Attempt, outcome: Outcome) -> object:
    return await actions.decide(on.work, on.by, _which(on), outcome, settle_promises)


_N = ViewerStepName
APPLICATION_STEPS: Final = StepTopic(
    (
        tried(_N.ACCEPT_APPLICATION, lambda on: actions.accept(on.work, on.by, _which(on))),
        tried(_N.DECIDE_APPLICATION, lambda on: _decide(on, Outcome.APPROVED), lambda on: _decide(on, Outcome.REFUSED)),
        tried(_N.WITHDRAW_APPLICATION, lambda on: actions.withdraw(on.work, on.by, _which(on), settle_promises)),
        tried(
            _N.ENTER_APPLICATION_WITHDRAWAL,
            lambda on: actions.withdraw(on.work, on.by, _which(on), settle_promises, WITH_PAPER, Means.PAPER),
        ),
        tried(
            _N.CONTEST_WITHDRAWAL, lambda on: actions.contest_withdrawal(on.work, on.by, _which(on), resume_promises)
        ),
        tried(
            _N.ENTER_WITHDRAWAL_CONTEST,
            lambda on: actions.contest_withdrawal(on.work, on.by, _which(on), resume_promises, WITH_PAPER, Means.PAPER),
        ),
    ),
    load_applications,
)
"""The steps of the application itself. What rests on a credit check (an incentive, a promise) is no step of it."""
