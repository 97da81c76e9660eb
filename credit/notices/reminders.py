"""The actions that issue the reminder of deferred documents: the formal demand, before it is sent [5.1.2c].

The document is issued first; then `remindDocuments` takes its number. So only an existing document is recorded as sent.
"""

from dataclasses import dataclass

from credit.applications.actions import OFFICERS
from credit.applications.refusals import ApplicationChangedMeanwhile
from credit.cases.actions.take_step import document_number
from credit.core.context import ActionContext
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.notices.actions import Whose, notify_subject, number_taken, put_on_record
from credit.notices.facts import NoticeKind
from credit.notices.issued_notice import Issued, RenderedNotice
from credit.promises import deferral as promises_deferral
from credit.promises.deferral import Deferral
from credit.promises.take_step import load_promise


@dataclass(frozen=True, slots=True)
class PreparedReminder:
    """A reminder that may be issued: the documents owed, since when, its number. *before*: it was already issued."""

    deferral: Deferral
    number: str
    documents: tuple[str, ...]
    before: Issued | None = None

    def __repr__(self) -> str:
        return "<Demand>"


async def prepare(work: UnitOfWork, context: ActionContext, which: ApplicationRef, number: str) -> PreparedReminder:
    """Check whether the reminder may be issued today; a number names one document.

    Raises UnknownCase, StepNotWellFormed, and what `credit.promises.deferral.remind` refuses: NOT_DUE_YET,
    ALREADY_REMINDED, PROMISE_CLOSED.
    """
    given = document_number("number", number)
    deferral = await load_promise(work, work.deferrals, context.actor, which, *OFFICERS)
    before = await work.issued_notices.find(which.subject_id, NoticeKind.REMINDER, given)
    if before is not None:
        if before.application_id != which.id:
            raise number_taken()
        return PreparedReminder(deferral, given, (), before)
    promises_deferral.remind(deferral, by=context.actor.ref, paper=given, today=context.today)  # only for its refusals
    return PreparedReminder(deferral, given, deferral.still_missing(context.today))


async def record(
    work: UnitOfWork, context: ActionContext, demand: PreparedReminder, rendered: RenderedNotice
) -> Issued:
    """Save the reminder and notify the applicant; raises ApplicationChangedMeanwhile if more documents came in."""
    owed = demand.deferral
    now = await work.deferrals.load(owed.subject_id, owed.application_id)
    if now is None or now.version != owed.version:
        raise ApplicationChangedMeanwhile
    before = await work.issued_notices.find(owed.subject_id, NoticeKind.REMINDER, demand.number)
    if before is not None:
        return before
    whose = Whose(owed.subject_id, owed.department_code, application_id=owed.application_id)
    issued = await put_on_record(work, context, NoticeKind.REMINDER, demand.number, rendered, whose)
    await notify_subject(work, context, issued)
    return issued
