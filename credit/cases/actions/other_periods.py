"""The subject's other periods, after a review has begun or ended that a published case rests for [5.1.4(3)] [5.1.5]."""

from credit.cases.actions.take_step import TODAY, fact_of, save_step
from credit.cases.case import Case
from credit.cases.rules.period import reckon
from credit.cases.steps import StepName
from credit.core.context import ActionContext
from credit.core.unit_of_work import UnitOfWork


async def reckon_others(work: UnitOfWork, context: ActionContext, changed: Case) -> None:
    """Reckon the periods that the published case *changed* restarts: not while it rests, nor once it is dropped.

    *changed* is saved afterwards: all cases of the subject are locked first, as by a publication.
    """
    if changed.published is None:
        return
    every = {case.case_id: case for case in await work.cases.all_of(changed.subject_id)} | {changed.case_id: changed}
    fact = fact_of(context, TODAY, StepName.RUN_ANEW)
    for other in reckon(every.values(), context.today, context.unrectified):
        if other.case_id != changed.case_id:
            await save_step(work, context, StepName.RUN_ANEW, fact, other, over=every[other.case_id].version)
