"""Settles the promises of an application that is decided or withdrawn [4.2.2] [4.2.3]."""

from credit.applications.application import Outcome
from credit.core.context import ActionContext
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.promises import commitment_actions, deferral_actions


async def settle_promises(work: UnitOfWork, context: ActionContext, which: ApplicationRef, outcome: Outcome) -> None:
    """End or complete the promises of an application that was decided with *outcome*.

    A refusal or withdrawal ends open promises; an existing default remains. An approval completes a commitment; missing
    documents stay owed. Raises MATTER_COMPLETED, COMMITMENT_FOUND_UNMET.
    """
    await deferral_actions.decided(work, context, which, outcome)
    await commitment_actions.decided(work, context, which, outcome)
