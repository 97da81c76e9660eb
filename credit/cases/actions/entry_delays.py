"""The actions of the head that delay the access entries of an open investigation [5.1.6]. The caller commits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from credit.cases.actions.take_step import StepDetails, reference, require_head, take_step
from credit.cases.case import Case, Fact
from credit.cases.rules import entry_delays
from credit.cases.steps import StepName
from credit.core.context import ActionContext
from credit.core.record_refs import CaseRef
from credit.core.unit_of_work import UnitOfWork
from credit.core.values.blanks import is_blank


@dataclass(frozen=True, slots=True)
class DelayEntries:
    """Until which day the entries of a case are delayed, and by which law."""

    case: CaseRef
    details: StepDetails
    citation: str
    until: date


async def delay(work: UnitOfWork, context: ActionContext, command: DelayEntries) -> Case:
    """Delay the entries of reads for the case from now on; its subject sees them, and the delay, on the day."""
    step = partial(entry_delays.order, delay_id=context.new_id())
    return await _take(work, context, command, StepName.ENTRIES_DELAYED, step)


async def extend(work: UnitOfWork, context: ActionContext, command: DelayEntries) -> Case:
    """Extend the running delay; the entries that it covers open later too."""
    return await _take(work, context, command, StepName.DELAY_EXTENDED, entry_delays.extend)


async def _take(
    work: UnitOfWork, context: ActionContext, command: DelayEntries, name: StepName, rule: Callable[..., Case]
) -> Case:
    citation = reference("citation", command.citation) if not is_blank(command.citation) else ""

    def step(case: Case, fact: Fact) -> Case:
        return rule(
            case,
            fact,
            citation=citation,
            opens_on=command.until,
            today=context.today,
            longest_days=context.longest_delay_days,
        )

    case = await take_step(work, context, command.case, command.details, name, require_head, step)
    await work.cases.keep_delay(case)
    return case
