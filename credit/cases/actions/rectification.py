"""Claims of rectification: the subject states that the breach is rectified, and gets an answer [5.1.5].

`procedure` confirms a rectification. A reading of [5.1.5]: the claim starts a clock of the authority
(`credit.cases.rules.deadlines`). Without it a restraint could stay for ever because nobody examines the evidence.
"""

from functools import partial

from credit.cases.actions.take_step import (
    TODAY,
    StepDetails,
    act_of_subject,
    admission_of,
    require_handler,
    require_version,
    save_step,
    take_step,
)
from credit.cases.case import Case
from credit.cases.rules import closing
from credit.cases.steps import StepName
from credit.core.context import ActionContext
from credit.core.late_entries import Means
from credit.core.record_refs import CaseRef
from credit.core.unit_of_work import UnitOfWork


async def claim(
    work: UnitOfWork, context: ActionContext, which: CaseRef, details: StepDetails = TODAY, means: Means = Means.ONLINE
) -> Case:
    """Record the evidence of the subject that the breach is rectified [5.1.5].

    The subject or its delegate claims today; the handler enters a claim on paper with its own day.
    """
    admit = await admission_of(work, context, which.subject_id, means)
    name = StepName.RECTIFICATION_CLAIMED
    fact = act_of_subject(context, details, name, means)
    case = require_version(admit(await work.cases.load(which.subject_id, which.id), context.actor), which)
    claimed = closing.claim_rectification(case, fact, today=context.today, unrectified=context.unrectified)
    return await save_step(work, context, name, fact, claimed, over=case.version)


async def refuse(work: UnitOfWork, context: ActionContext, which: CaseRef, details: StepDetails) -> Case:
    """Refuse the open claim: not rectified, for the reasons in the evidence; the subject is notified."""
    step = partial(closing.refuse_claim, today=context.today, unrectified=context.unrectified)
    return await take_step(work, context, which, details, StepName.RECTIFICATION_REFUSED, require_handler, step)
