"""Statement and defence: by the subject, its delegate, or the handler who enters a letter [5.1.4(3)].

A step of the case records when and by whom it was made; its text is stored sealed under the step's id.
"""

from credit.cases.actions.other_periods import reckon_others
from credit.cases.actions.take_step import (
    TODAY,
    StepDetails,
    act_of_subject,
    admission_of,
    fact_of,
    record_step,
    require_version,
    text_of,
)
from credit.cases.case import Case
from credit.cases.refusals import STATEMENT_EMPTY, Lacking
from credit.cases.rules import transitions
from credit.cases.steps import StepName
from credit.cases.texts import CaseStatement
from credit.core.context import ActionContext
from credit.core.late_entries import Means
from credit.core.record_refs import CaseRef
from credit.core.unit_of_work import UnitOfWork
from credit.subjects.subject import Place


async def state(
    work: UnitOfWork,
    context: ActionContext,
    which: CaseRef,
    details: StepDetails = TODAY,
    text: str | None = None,
    means: Means = Means.ONLINE,
) -> Case:
    """Record a statement and defence [5.1.4(3)]: of the subject or its delegate today, or on a paper of its own day.

    The handler enters the paper, which is its evidence.
    """
    admit = await admission_of(work, context, which.subject_id, means)
    fact = act_of_subject(context, details, StepName.STATED, means)
    case = require_version(admit(await work.cases.load(which.subject_id, which.id), context.actor), which)
    text = text_of("text", text)
    if text is None and not fact.evidence:
        raise Lacking(STATEMENT_EMPTY)
    stated = transitions.state(
        case, fact, calendar=context.calendar, today=context.today, unrectified=context.unrectified
    )
    reopens = stated.open_pause != case.open_pause
    if reopens:
        await reckon_others(work, context, stated)
    await work.cases.save(stated, case.version, context.now)
    # Sealed before the step is recorded, whose entry in the ledger commits to the text.
    step_id = context.new_id()
    place = Place("case_statements", "text", case.subject_id, step_id, 1)
    sealed = None if text is None else await work.seal(place, text)
    await record_step(work, context, StepName.STATED, fact, stated, step_id=step_id)
    await work.cases.add_statement(
        CaseStatement(
            subject_id=case.subject_id,
            statement_id=step_id,
            case_id=case.case_id,
            stated_on=fact.on,
            entered_at=context.now,
            entered_by=context.actor.ref,
            entered_as=context.actor.role,
            text=sealed,
        )
    )
    if reopens:
        # It was posted in time and arrived after the determination: recipients of the list take the case down.
        await record_step(work, context, StepName.REOPENED, fact_of(context, TODAY, StepName.REOPENED), stated)
    return stated
