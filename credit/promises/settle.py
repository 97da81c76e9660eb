"""What becomes of promises when the application that they rest on is decided or withdrawn [4.2.2] [4.2.3]."""

from credit.applications.application import Outcome
from credit.core.context import ActionContext
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.promises import commitment_actions, deferral_actions


async def settle_promises(work: UnitOfWork, context: ActionContext, which: ApplicationRef, outcome: Outcome) -> None:
    """End or complete the promises of an application that was decided with *outcome*.

    Refused or withdrawn, it ends what is still to be done, and undoes no default; approved, it completes a commitment,
    and what documents are missing goes on being owed. Raises MatterCompleted, CommitmentFoundUnmet.
    """
    await deferral_actions.decided(work, context, which, outcome)
    await commitment_actions.decided(work, context, which, outcome)
