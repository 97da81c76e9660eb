"""Confidentiality of state secrets: the head of the authority marks a record, and every interface refuses it [5.1.6].

**Reading**: the unmarking has to find what nothing shows. The head of the same department names the case by its number,
on the evidence of who may lift the mark; nobody else can, and no list of what is marked exists. Nobody outside is
notified of either, and what became of periods in the meantime has counted all along (`credit.cases.rules.period`).
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from credit.cases.actions.take_step import (
    HEAD,
    StepDetails,
    document_number,
    fact_of,
    record_number,
    require_head,
    save_step,
    take_step,
)
from credit.cases.case import Case
from credit.cases.rules import closing
from credit.cases.steps import StepName
from credit.core.context import ActionContext
from credit.core.errors import InconsistentFacts, UnknownCase
from credit.core.record_refs import CaseRef
from credit.core.unit_of_work import UnitOfWork


async def mark(work: UnitOfWork, context: ActionContext, which: CaseRef, evidence: Iterable[str]) -> Case:
    """Mark the record as one that touches state secrets, by the head of its authority, today [5.1.6]."""
    details, step = StepDetails(None, tuple(evidence)), partial(closing.mark_confidential, today=context.today)
    case = await take_step(work, context, which, details, StepName.MARKED, require_head, step)
    await work.cases.free_number(case)
    return case


async def unmark(
    work: UnitOfWork, context: ActionContext, number: str, evidence: Iterable[str], new_number: str | None = None
) -> Case:
    """Remove the mark from the department's case of that *number*, today, with evidence of the permission [5.1.6].

    The case gets *new_number* where another case has taken its number meanwhile; raises NumberTaken without one.

    Raises UnknownCase for a case that does not exist, is not marked or is another department's; InconsistentFacts if
    the department has marked cases of several subjects under one number.
    """
    if context.actor.role != HEAD or context.actor.department is None:
        raise UnknownCase
    fact = fact_of(context, StepDetails(None, tuple(evidence)), StepName.UNMARKED)
    found = await work.cases.confidential(context.actor.department, document_number("number", number))
    if not found:
        raise UnknownCase
    if len(found) > 1:
        raise InconsistentFacts
    (case,) = found
    # The admission check runs on a copy without the mark, because the step is about to remove it.
    require_head(replace(case, confidential=False), context.actor)
    given = None if new_number is None else record_number(new_number)
    unmarked = closing.unmark_confidential(case, fact, today=context.today, number=given)
    await work.cases.claim_number(unmarked.department_code, unmarked.number)
    return await save_step(work, context, StepName.UNMARKED, fact, unmarked, over=case.version)
