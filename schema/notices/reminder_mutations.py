"""Issuing the reminder of deferred documents, as the other documents are issued [5.1.2c]."""

from typing import Annotated

import strawberry

from credit.notices import reminders
from credit.notices.facts import NoticeKind, draft
from schema.core.context import Info
from schema.core.inputs import ApplicationStepInput, application_ref, mutation_input
from schema.core.mutations.mutation import or_refusal, request_key, run_once, step_mutation
from schema.core.mutations.refusals import Collision, NotDue, NotFound, NotWellFormed, PromiseRefused
from schema.notices.facts import gather_of_application
from schema.notices.mutations import NOTICE_ISSUED, NoticeIssued, NotMade


@mutation_input(description="制作催告书：issues the reminder of an application's missing documents [5.1.2c].")
class IssueReminderInput(ApplicationStepInput):
    number: str = strawberry.field(description="文号：the reminder's number; `remindDocuments` takes it as its paper.")
    expected_version: int | None = strawberry.field(
        default=None, description="How many changes of the deferral were seen, from 1. Default: as it stands."
    )


IssueReminderResult = Annotated[
    NoticeIssued | NotMade | NotDue | PromiseRefused | NotWellFormed | NotFound | Collision,
    strawberry.union("IssueReminderResult", description="The result of issuing a reminder."),
]


@strawberry.type(description="Issuing reminders [5.1.2c].")
class ReminderMutation:
    @step_mutation(
        "制作催告书：issues the reminder of deferred documents as PDF, from the day after the promised "
        "one, with what is still missing; the same number is the same document [5.1.2c] [A]."
    )
    async def issue_reminder(self, info: Info, input: IssueReminderInput) -> IssueReminderResult:
        return await or_refusal(info, input, _issue(info, input))


async def _issue(info: Info, given: IssueReminderInput) -> object:
    """Return the document with its keys: one of the same number that is on record, or one made now."""
    context, key = info.context, request_key(info, given)
    async with context.begin() as work:
        demand = await reminders.prepare(work, context.action, application_ref(given), given.number)
    if demand.before is not None:
        return NOTICE_ISSUED.payload_of(demand.before)
    facts = {
        **await gather_of_application(context.ask, given.application),
        "number": demand.number,
        "issued_on": context.today,
        "documents": demand.documents,
        "promised_on": demand.deferral.due_on,
    }
    department_code = demand.deferral.department_code
    made = await context.notices.make(draft(NoticeKind.REMINDER, facts), department_code, context.now)
    return await run_once(context, given, key, lambda work, by: reminders.record(work, by, demand, made), NOTICE_ISSUED)
