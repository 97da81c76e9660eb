"""What becomes of promises when the application that they rest on is decided or withdrawn [4.2.2] [4.2.3]."""

from credit.applications.actions import WhichApplication
from credit.applications.application import Outcome
from credit.core.ports import By, Moment
from credit.promises import commitment_actions, deferral_actions
from credit.promises.ports import PromiseWork


async def settle_promises(work: PromiseWork, by: By, moment: Moment, which: WhichApplication, outcome: Outcome) -> None:
    """End or complete the promises of an application that was decided with *outcome*.

    Refused or withdrawn, it ends what is still to be done, and undoes no default; approved, it completes a commitment,
    and what documents are missing goes on being owed. Raises MatterCompleted, CommitmentFoundUnmet.
    """
    await deferral_actions.decided(work, by, moment, which, outcome)
    await commitment_actions.decided(work, by, moment, which, outcome)
