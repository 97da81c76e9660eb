"""The actions on applications: load, apply the pure rule, save, record, notify. The caller commits [4].

Permission is checked here again, whatever the policy tables say. A clerk at the service window of the department that
handles the matter may file an application; the clerks and handlers of that department take the steps; the applicant, or
its delegate, can withdraw at any time.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from credit.applications import application as applications_application
from credit.applications.application import Application, ApplicationStep, Facilitation, Outcome
from credit.applications.refusals import MATTER_NOT_HERE, ApplicationChangedMeanwhile, ApplicationRefused
from credit.cases.actions.take_step import AGENT, HANDLER, SUBJECT, record_number, require_own
from credit.core.context import ActionContext, Caller
from credit.core.errors import UnknownCase
from credit.core.evidence_files import AttachedTo, FileRecord, attach_files
from credit.core.outbox import enqueue, topic_of
from credit.core.record_refs import ApplicationRef
from credit.core.recorded_step import recorded_step
from credit.core.unit_of_work import UnitOfWork

OnDecided = Callable[[UnitOfWork, ActionContext, ApplicationRef, Outcome], Awaitable[None]]
"""A hook that settles, in the same transaction, what depends on an application that is decided or withdrawn."""

CLERK: Final = "clerk"
OFFICERS: Final = (CLERK, HANDLER)
"""The roles that handle applications: the window's clerks and the department's handlers [4.2]."""


async def file(
    work: UnitOfWork, context: ActionContext, *, subject_id: UUID, matter_code: str, number: str | None = None
) -> Application:
    """Record an application at the clerk's own service window, under the window's number or a generated one."""
    if context.actor.role != CLERK or context.actor.department is None:
        raise UnknownCase
    application_id = context.new_id()
    given = f"{context.today:%Y%m%d}-{application_id.hex[:8].upper()}" if number is None else record_number(number)
    if not await work.applications.matter_of(matter_code, context.actor.department):
        raise ApplicationRefused(MATTER_NOT_HERE)
    filed = Application(
        subject_id,
        application_id,
        matter_code,
        context.actor.department,
        given,
        Facilitation.ORDINARY,
        context.actor.ref,
        context.now,
    )
    await work.applications.add(filed)
    await save_step(work, context, ApplicationStep.FILED, filed, facts={"matter_code": matter_code})
    return filed


async def accept(work: UnitOfWork, context: ActionContext, which: ApplicationRef) -> Application:
    """Accept an application for processing; its subject is notified."""
    application = await load_application(work, context.actor, which, *OFFICERS)
    accepted = applications_application.accept(application, context.now)
    await save_step(work, context, ApplicationStep.ACCEPTED, accepted, over=application.version, notify="subject")
    return accepted


async def decide(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, outcome: Outcome, on_decided: OnDecided
) -> Application:
    """End an application with an outcome; its subject is notified.

    *on_decided* settles the promises that depend on the application, in the same transaction, and raises if that is
    impossible (`credit.promises.settle`) [4.2.2] [4.2.3].
    """
    application = await load_application(work, context.actor, which, *OFFICERS)
    decided = applications_application.decide(application, outcome, context.now)
    facts = {"outcome": outcome.value}
    await save_step(
        work, context, ApplicationStep.DECIDED, decided, over=application.version, facts=facts, notify="subject"
    )
    await on_decided(work, context, which, outcome)
    return decided


async def withdraw(
    work: UnitOfWork, context: ActionContext, which: ApplicationRef, on_decided: OnDecided
) -> Application:
    """Withdraw an application: by the applicant, by its delegate, or by an officer for an applicant at the window.

    *on_decided* works as in `decide`.
    """
    if context.actor.role in {SUBJECT, AGENT}:
        application, notify = require_version(await load_own(work, context, which), which), "department"
    else:
        application, notify = await load_application(work, context.actor, which, *OFFICERS), "subject"
    withdrawn = applications_application.withdraw(application, context.now)
    await save_step(work, context, ApplicationStep.WITHDRAWN, withdrawn, over=application.version, notify=notify)
    await on_decided(work, context, which, Outcome.WITHDRAWN)
    return withdrawn


async def load_application(work: UnitOfWork, actor: Caller, which: ApplicationRef, *roles: str) -> Application:
    """Return the application to an officer of its department, in one of *roles*, at the version that the caller saw.

    Raises UnknownCase if it does not exist, is not the department's or is confidential; ApplicationChangedMeanwhile.
    """
    # INVARIANT: the role is settled before anything is loaded, so that not even its time says what there is.
    if actor.role not in roles or actor.department is None:
        raise UnknownCase
    return require_version(await find_at_department(work, actor, which), which)


async def find_at_department(work: UnitOfWork, actor: Caller, which: ApplicationRef) -> Application:
    """Return the application that the caller's own department handles, in any version.

    Raises UnknownCase if it does not exist, is not the department's or is confidential.
    """
    found = await work.applications.load(which.subject_id, which.id)
    if found is None or found.confidential or found.department_code != actor.department:
        raise UnknownCase
    return found


async def application_of(
    work: UnitOfWork, actor: Caller, subject_id: UUID, which: ApplicationRef | None
) -> UUID | None:
    """Return the id of the application that an authorisation of the subject is for; None where it is for none.

    Raises UnknownCase if the application is another subject's, or not one that the caller's department handles [4.1].
    """
    if which is None:
        return None
    if which.subject_id != subject_id:
        raise UnknownCase
    return (await find_at_department(work, actor, which)).application_id


async def load_own(work: UnitOfWork, context: ActionContext, which: ApplicationRef) -> Application:
    """Return the application to its applicant, or to its delegate; raises UnknownCase, also if it is confidential."""
    await require_own(work, context, which.subject_id, "APPLICATIONS")
    found = await work.applications.load(which.subject_id, which.id)
    if found is None or found.confidential:
        raise UnknownCase
    return found


def require_version(application: Application, which: ApplicationRef) -> Application:
    """Return *application*, or raise ApplicationChangedMeanwhile if the caller saw another version."""
    if not which.is_current(application.version):
        raise ApplicationChangedMeanwhile
    return application


async def save_step(
    work: UnitOfWork,
    context: ActionContext,
    step: str,
    application: Application,
    *,
    over: int | None = None,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
    notify: str | None = None,
) -> None:
    """Save *application* over the version *over* (None: it did not change), append the step, and notify the recipient.

    *evidence* and *facts* contain references, days and choices: nothing personal.
    """
    if over is not None:
        await work.applications.save(application, over, context.now)
    await work.applications.append(
        recorded_step(
            context,
            step,
            subject_id=application.subject_id,
            about=application.application_id,
            on=context.today,
            department_code=context.actor.department,
            evidence=evidence,
            facts=facts,
        )
    )
    application_id = application.application_id
    # The only paper that comes with a step is the commitment of a grant.
    to = AttachedTo(FileRecord.APPLICATION, application_id)
    await attach_files(work, context, application.subject_id, *to, evidence, "commitment")
    if notify is not None and not application.confidential:
        await enqueue(work, context, topic_of("application", step), notify, application, application_id=application_id)
