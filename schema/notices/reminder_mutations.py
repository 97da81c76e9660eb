"""Issuing the reminder of deferred documents, as the other documents are issued [5.1.2c]."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.types import Info

from consent.errors import Collision as Collided
from consent.idempotency import once_for_ids
from credit.core.errors import CreditError
from credit.notices import reminders
from credit.notices.facts import NoticeKind, draft
from schema.core.context import RequestContext
from schema.core.idempotency import KEY, keyed_request_hash
from schema.core.inputs import application_ref
from schema.core.refusals import Collision, NotDue, NotFound, NotWellFormed, PromiseRefused, to_graphql
from schema.notices.facts import gather_of_application
from schema.notices.mutations import FactsLacking, NoticeIssued, NotPrintable, NotSigned, TemplateBroken


@strawberry.input(description="制作催告书：issues the reminder of an application's missing documents [5.1.2c].")
class IssueReminderInput:
    application: strawberry.ID = strawberry.field(description="Which application, by its global id.")
    number: str = strawberry.field(description="文号：the reminder's number; `remindDocuments` takes it as its paper.")
    expected_version: int | None = strawberry.field(
        default=None, description="How many changes of the deferral were seen, from 1. Default: as it stands."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


IssueReminderResult = Annotated[
    NoticeIssued
    | FactsLacking
    | NotPrintable
    | TemplateBroken
    | NotSigned
    | NotDue
    | PromiseRefused
    | NotWellFormed
    | NotFound
    | Collision,
    strawberry.union("IssueReminderResult", description="What came of issuing a reminder."),
]


@strawberry.type(description="Issuing reminders [5.1.2c].")
class ReminderMutation:
    @strawberry.mutation(
        description="制作催告书：issues the reminder of deferred documents as PDF, from the day after the promised "
        "one, with what is still missing; the same number is the same document [5.1.2c] [A]."
    )
    async def issue_reminder(self, info: Info[RequestContext, None], input: IssueReminderInput) -> IssueReminderResult:
        try:
            keys = await _issue(info.context, input, keyed_request_hash(info.context, "issue-reminder", input))
        except Collided as error:
            return to_graphql(error)  # type: ignore[return-value]  # Collision, which the union has
        except CreditError as error:
            return to_graphql(error)  # type: ignore[return-value]  # one of the union's
        return NoticeIssued(notice=keys)  # type: ignore[arg-type]  # its keys, until it is read back


async def _issue(context: RequestContext, given: IssueReminderInput, asked: str) -> tuple[UUID, UUID]:
    """Return the keys of the document: on record before, or made now."""
    which = application_ref(given)
    async with context.begin() as work:
        demand = await reminders.prepare(work, context.action, which, given.number)
    if demand.before is not None:
        return demand.before.subject_id, demand.before.notice_id
    facts = {
        **await gather_of_application(context.ask, given.application),
        "number": demand.number,
        "issued_on": context.today,
        "documents": demand.documents,
        "promised_on": demand.deferral.due_on,
    }
    department_code = demand.deferral.department_code
    made = await context.notices.make(draft(NoticeKind.REMINDER, facts), department_code, context.now)
    async with context.begin() as work:

        async def ids() -> Mapping[str, str]:
            kept = await reminders.keep(work, context.action, demand, made)
            return {"subject_id": str(kept.subject_id), "notice_id": str(kept.notice_id)}

        found = await once_for_ids(work, context.actor.ref, given.idempotency_key, asked=asked, at=context.now, act=ids)
        await work.commit()
    return UUID(found["subject_id"]), UUID(found["notice_id"])
