"""The actions on applications: load, apply the pure rule, save, record, notify. The caller commits [4].

Permission is checked here again, whatever the policy tables say. A clerk at the service window of the department that
handles the matter may file an application; the clerks and handlers of that department take the steps; the applicant, or
its delegate, can withdraw at any time, and contest a withdrawal on paper, online or on a paper that an officer enters.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from credit.applications import application as applications_application
from credit.applications.application import Application, ApplicationStep, Facilitation, Outcome, still_open
from credit.applications.refusals import (
    MATTER_NOT_HERE,
    NO_PAPER_WITHDRAWAL,
    ApplicationChangedMeanwhile,
    ApplicationRefused,
)
from credit.cases.actions.take_step import HANDLER, TODAY, StepDetails, record_number, references, require_own
from credit.core.context import ActionContext, Caller
from credit.core.errors import StepNotWellFormed, UnknownCase
from credit.core.evidence_files import AttachedTo, FileRecord, attach_files
from credit.core.flaws import Flaw
from credit.core.late_entries import Means, PaperWithdrawal, WithdrawalContest, days_of
from credit.core.outbox import enqueue, topic_of
from credit.core.record_refs import ApplicationRef
from credit.core.recorded_step import recorded_step
from credit.core.unit_of_work import UnitOfWork

OnDecided = Callable[[UnitOfWork, ActionContext, ApplicationRef, Outcome, PaperWithdrawal | None], Awaitable[None]]
"""A hook that settles, in the same transaction, what depends on an application that is decided or withdrawn."""
OnContested = Callable[[UnitOfWork, ActionContext, ApplicationRef, WithdrawalContest], Awaitable[bool]]
"""A hook that takes up again what depends on an application whose withdrawal on paper is contested."""

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
    await save_step(work, context, ApplicationStep.FILED, filed, facts=filing_facts(filed))
    return filed


def filing_facts(filed: Application) -> dict[str, Any]:
    """Return what the first step of an application decides, as it is stored."""
    return {"matter_code": filed.matter_code, "number": filed.number, "channel": filed.channel.value}


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
    await on_decided(work, context, which, outcome, None)
    return decided


async def withdraw(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    on_decided: OnDecided,
    details: StepDetails = TODAY,
    means: Means = Means.ONLINE,
) -> Application:
    """Withdraw an application: by the applicant or its delegate, or on a paper that an officer enters.

    The paper counts from its own day; the applicant is notified, and can contest it. *on_decided* works as in `decide`.
    """
    paper, evidence = entered_paper(context, details, ApplicationStep.WITHDRAWN, means)
    if paper is None:
        application, notify = require_version(await load_own(work, context, which), which), "department"
    else:
        application, notify = await load_application(work, context.actor, which, *OFFICERS), "subject"
    withdrawn = applications_application.withdraw(application, context.now, paper)
    await save_step(
        work,
        context,
        ApplicationStep.WITHDRAWN,
        withdrawn,
        over=application.version,
        on=None if paper is None else paper.on,
        evidence=evidence,
        notify=notify,
    )
    await on_decided(work, context, which, Outcome.WITHDRAWN, paper)
    return withdrawn


def entered_paper(
    context: ActionContext, details: StepDetails, step: str, means: Means
) -> tuple[PaperWithdrawal | None, tuple[str, ...]]:
    """Return the withdrawal that an officer enters, with its references; None and nothing for one that is made online.

    Raises StepNotWellFormed for a paper without a reference.
    """
    if means is Means.ONLINE:
        return None, ()
    evidence = references(details.evidence)
    if not evidence:
        raise StepNotWellFormed.of("evidence", Flaw.REQUIRED)
    days = days_of(step, details.on, context.today)
    return PaperWithdrawal(days.own_day, context.today, context.actor.ref), evidence


async def contest_withdrawal(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    on_contested: OnContested,
    details: StepDetails = TODAY,
    means: Means = Means.ONLINE,
) -> Application:
    """Take up again what a withdrawal on paper ended, at the word of the applicant or its delegate [4.2] [5.1.6].

    No reason is asked, and nobody decides on it: a withdrawal is the applicant's own word. On paper another officer
    enters it than who entered the withdrawal, and the applicant is notified. *on_contested* takes up the promises, and
    says whether one was withdrawn on paper.
    """
    step = ApplicationStep.WITHDRAWAL_CONTESTED
    contest, evidence = entered_contest(context, details, step, means)
    if means is Means.ONLINE:
        application, notify = require_version(await load_own(work, context, which), which), "department"
    else:
        application, notify = await load_application(work, context.actor, which, *OFFICERS), "subject"
    contested, over = application, None
    if application.outcome is Outcome.WITHDRAWN:
        contested, over = applications_application.contest_withdrawal(application, contest), application.version
    still_open(contested)
    if not await on_contested(work, context, which, contest) and over is None:
        raise ApplicationRefused(NO_PAPER_WITHDRAWAL)
    await save_step(work, context, step, contested, over=over, on=contest.on, evidence=evidence, notify=notify)
    return contested


def entered_contest(
    context: ActionContext, details: StepDetails, step: str, means: Means
) -> tuple[WithdrawalContest, tuple[str, ...]]:
    """Return the contest that is made online today, or the one on paper with its references."""
    paper, evidence = entered_paper(context, details, step, means)
    if paper is None:
        return WithdrawalContest(context.today, context.today), ()
    return WithdrawalContest(paper.on, paper.recorded_on, paper.entered_by), evidence


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
    on: date | None = None,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
    notify: str | None = None,
) -> None:
    """Save *application* over the version *over* (None: it did not change), append the step, and notify the recipient.

    *on* is the own day of the step, by default today.
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
            on=on or context.today,
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
