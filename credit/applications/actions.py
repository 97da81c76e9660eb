"""The actions on applications: load, take the pure step, save, record who took it, tell. The caller commits [4].

Who may is decided here once more, whatever the policy tables say: a clerk at the window of the department that handles
the matter files; its clerks and handlers take the steps; and the applicant, or its delegate, can withdraw at any time.
"""

from typing import Final
from uuid import UUID

from credit.applications import application as application_rules
from credit.applications.application import Application, ApplicationStep, Facilitation, Outcome
from credit.applications.ports import ApplicationWork
from credit.applications.refusals import MatterNotHere
from credit.cases.actions.take_step import AGENT, HANDLER, SUBJECT, reference
from credit.core.errors import InvalidItem, Problem, StepNotWellFormed, UnknownCase
from credit.core.flaws import Flaw
from credit.core.ports import By, Moment
from credit.incentives.actions import CLERK, WhichApplication, current, keep, load
from credit.promises import commitment_actions, deferral_actions
from credit.promises.ports import PromiseWork

OFFICERS: Final = (CLERK, HANDLER)
LONGEST_NUMBER: Final = 40


async def file(
    work: ApplicationWork, by: By, moment: Moment, *, subject_id: UUID, matter_code: str, number: str | None = None
) -> Application:
    """Put an application on record at the clerk's own window, under the window's number or one that is made."""
    if by.role != CLERK or by.department is None:
        raise UnknownCase
    application_id = moment.new_id()
    given = f"{moment.today:%Y%m%d}-{application_id.hex[:8].upper()}" if number is None else _number(number)
    if not await work.applications.matter_of(matter_code, by.department):
        raise MatterNotHere
    filed = Application(
        subject_id, application_id, matter_code, by.department, given, Facilitation.ORDINARY, by.ref, moment.now
    )
    await work.applications.add(filed)
    await keep(work, by, moment, ApplicationStep.FILED, filed, facts={"matter_code": matter_code})
    return filed


async def accept(work: ApplicationWork, by: By, moment: Moment, which: WhichApplication) -> Application:
    """Take an application in hand; its subject is told."""
    application = await load(work, by, which, *OFFICERS)
    accepted = application_rules.accept(application, moment.now)
    await keep(work, by, moment, ApplicationStep.ACCEPTED, accepted, over=application.version, told="subject")
    return accepted


async def decide(work: PromiseWork, by: By, moment: Moment, which: WhichApplication, outcome: Outcome) -> Application:
    """End an application with an outcome; its subject is told.

    Refused, it ends what was promised and is still to be done; approved, it completes a commitment, and what documents
    are missing goes on being owed [4.2.2] [4.2.3]. Raises MatterCompleted, CommitmentFoundUnmet.
    """
    application = await load(work, by, which, *OFFICERS)
    decided = application_rules.decide(application, outcome, moment.now)
    facts = {"outcome": outcome.value}
    await keep(
        work, by, moment, ApplicationStep.DECIDED, decided, over=application.version, facts=facts, told="subject"
    )
    await _settle(work, by, moment, which, outcome)
    return decided


async def withdraw(work: PromiseWork, by: By, moment: Moment, which: WhichApplication) -> Application:
    """End an application by the applicant's own word: its own, its delegate's, or said at the window.

    What it promised ends with it, where something is still to be done; no default is undone [4.2.2] [4.2.3].
    """
    if by.role in {SUBJECT, AGENT}:
        application, told = await _own(work, by, moment, which), "department"
    else:
        application, told = await load(work, by, which, *OFFICERS), "subject"
    withdrawn = application_rules.withdraw(application, moment.now)
    await keep(work, by, moment, ApplicationStep.WITHDRAWN, withdrawn, over=application.version, told=told)
    await _settle(work, by, moment, which, Outcome.WITHDRAWN)
    return withdrawn


async def _settle(work: PromiseWork, by: By, moment: Moment, which: WhichApplication, outcome: Outcome) -> None:
    await deferral_actions.decided(work, by, moment, which, outcome)
    await commitment_actions.decided(work, by, moment, which, outcome)


async def _own(work: ApplicationWork, by: By, moment: Moment, which: WhichApplication) -> Application:
    # INVARIANT: settled before anything is loaded, so that not even its time says whether there is one.
    if by.role == SUBJECT:
        may = by.subject == which.subject_id
    else:
        may = await work.delegations.live_delegation(which.subject_id, by.ref, moment.today)
    found = await work.applications.load(which.subject_id, which.application_id) if may else None
    if found is None or found.confidential:
        raise UnknownCase
    return current(found, which)


def _number(raw: str) -> str:
    number = reference("number", raw)
    if len(number) > LONGEST_NUMBER:
        raise StepNotWellFormed((Problem.of("number", InvalidItem(Flaw.TOO_LONG)),))
    return number
