"""Settles the promises of an application that is decided or withdrawn, or taken up again [4.2.2] [4.2.3]."""

from credit.applications.application import Outcome
from credit.core.context import ActionContext
from credit.core.late_entries import PaperWithdrawal, WithdrawalContest
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.promises import commitment_actions, deferral_actions


async def settle_promises(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    outcome: Outcome,
    paper: PaperWithdrawal | None = None,
) -> None:
    """End or complete the promises of an application that was decided with *outcome*, or withdrawn on *paper*.

    A refusal or withdrawal ends open promises; an existing default remains. An approval completes a commitment; missing
    documents stay owed. Raises MATTER_COMPLETED, COMMITMENT_FOUND_UNMET.
    """
    await deferral_actions.decided(work, context, which, outcome, paper)
    await commitment_actions.decided(work, context, which, outcome, paper)


async def resume_promises(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, contest: WithdrawalContest
) -> bool:
    """Take up again the promises that a contested paper ended; return whether it ended one."""
    deferral = await deferral_actions.contested(work, context, which, contest)
    return await commitment_actions.contested(work, context, which, contest) or deferral
