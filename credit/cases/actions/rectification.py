"""Claims of rectification: the subject states that the breach is rectified, and gets an answer [5.1.5].

`procedure` confirms a rectification. A reading of [5.1.5]: the claim starts a clock of the authority
(`credit.cases.rules.deadlines`). Without it a restraint could stay for ever because nobody examines the evidence.
"""

from collections.abc import Iterable
from functools import partial

from credit.cases.actions.take_step import StepDetails, require_handler, require_own, require_subject, take_step
from credit.cases.case import Case
from credit.cases.rules import closing
from credit.cases.steps import StepName
from credit.core.context import ActionContext
from credit.core.record_refs import CaseRef
from credit.core.unit_of_work import UnitOfWork


async def claim(work: UnitOfWork, context: ActionContext, which: CaseRef, evidence: Iterable[str]) -> Case:
    """Record today the evidence of the subject, or of its delegate, that the breach is rectified [5.1.5]."""
    await require_own(work, context, which.subject_id)
    step = partial(closing.claim_rectification, today=context.today, unrectified=context.unrectified)
    details = StepDetails(None, tuple(evidence))
    return await take_step(work, context, which, details, StepName.RECTIFICATION_CLAIMED, require_subject, step)


async def refuse(work: UnitOfWork, context: ActionContext, which: CaseRef, details: StepDetails) -> Case:
    """Refuse the open claim: not rectified, for the reasons in the evidence; the subject is notified."""
    step = partial(closing.refuse_claim, today=context.today, unrectified=context.unrectified)
    return await take_step(work, context, which, details, StepName.RECTIFICATION_REFUSED, require_handler, step)
