"""The actions on applications: load, take the pure step, save, record who took it, tell. The caller commits [4].

Who may is decided here once more, whatever the policy tables say: a clerk at the window of the department that handles
the matter files; its clerks and handlers take the steps; and the applicant, or its delegate, can withdraw at any time.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from credit.applications import application as application_rules
from credit.applications.application import Application, ApplicationStep, Facilitation, Outcome
from credit.applications.ports import ApplicationWork, StepTaken
from credit.applications.refusals import ApplicationChangedMeanwhile, MatterNotHere
from credit.cases.actions.take_step import AGENT, HANDLER, SUBJECT, reference
from credit.core.errors import InvalidItem, Problem, StepNotWellFormed, UnknownCase
from credit.core.flaws import Flaw
from credit.core.ports import By, Moment

SALT_BYTES: Final = 16
CLERK: Final = "clerk"


@dataclass(frozen=True, slots=True)
class WhichApplication:
    """Which application, and at which version the caller saw it; None where the caller does not care."""

    subject_id: UUID
    application_id: UUID
    expected_version: int | None = None


AnyWork = TypeVar("AnyWork", bound=ApplicationWork)
OnDecided = Callable[[AnyWork, By, Moment, WhichApplication, Outcome], Awaitable[None]]
"""What the caller settles together with an application that has been decided or withdrawn."""

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


async def decide(
    work: AnyWork, by: By, moment: Moment, which: WhichApplication, outcome: Outcome, on_decided: OnDecided[AnyWork]
) -> Application:
    """End an application with an outcome; its subject is told.

    *on_decided* settles what rests on the application, in the same transaction, and raises where it cannot be settled
    so (`credit.promises.settle`) [4.2.2] [4.2.3].
    """
    application = await load(work, by, which, *OFFICERS)
    decided = application_rules.decide(application, outcome, moment.now)
    facts = {"outcome": outcome.value}
    await keep(
        work, by, moment, ApplicationStep.DECIDED, decided, over=application.version, facts=facts, told="subject"
    )
    await on_decided(work, by, moment, which, outcome)
    return decided


async def withdraw(
    work: AnyWork, by: By, moment: Moment, which: WhichApplication, on_decided: OnDecided[AnyWork]
) -> Application:
    """End an application by the applicant's own word: its own, its delegate's, or said at the window.

    *on_decided* settles what rests on it, as in `decide`.
    """
    if by.role in {SUBJECT, AGENT}:
        application, told = await _own(work, by, moment, which), "department"
    else:
        application, told = await load(work, by, which, *OFFICERS), "subject"
    withdrawn = application_rules.withdraw(application, moment.now)
    await keep(work, by, moment, ApplicationStep.WITHDRAWN, withdrawn, over=application.version, told=told)
    await on_decided(work, by, moment, which, Outcome.WITHDRAWN)
    return withdrawn


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


async def load(work: ApplicationWork, by: By, which: WhichApplication, *roles: str) -> Application:
    """Return the application for an officer of its department, in one of *roles*, at the version that was seen.

    Raises UnknownCase for what is not there, not the department's, or confidential; ApplicationChangedMeanwhile.
    """
    # INVARIANT: the role is settled before anything is loaded, so that not even its time says what there is.
    if by.role not in roles or by.department is None:
        raise UnknownCase
    found = await work.applications.load(which.subject_id, which.application_id)
    if found is None or found.confidential or found.department_code != by.department:
        raise UnknownCase
    return current(found, which)


def current(application: Application, which: WhichApplication) -> Application:
    """Return *application*, or raise ApplicationChangedMeanwhile where the caller saw another version."""
    if which.expected_version not in {None, application.version}:
        raise ApplicationChangedMeanwhile
    return application


async def keep(
    work: ApplicationWork,
    by: By,
    moment: Moment,
    step: str,
    application: Application,
    *,
    over: int | None = None,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
    told: str | None = None,
) -> None:
    """Save *application* over the version *over* (None: it is as it was), append the step, and tell whom it concerns.

    *evidence* and *facts* hold references, days and choices: nothing personal.
    """
    if over is not None:
        await work.applications.save(application, over, moment.now)
    await work.applications.append(
        StepTaken(
            subject_id=application.subject_id,
            step_id=moment.new_id(),
            application_id=application.application_id,
            step=str(step),
            on=moment.today,
            at=moment.now,
            actor_ref=by.ref,
            role=by.role,
            department_code=by.department,
            evidence=evidence,
            facts=dict(facts or {}),
            salt=moment.random(SALT_BYTES),
        )
    )
    if told is not None and not application.confidential:
        about = {
            "to": told,
            "subject_id": str(application.subject_id),
            "application_id": str(application.application_id),
            "department_code": application.department_code,
        }
        await work.outbox("application." + str(step).lower().replace("_", "-"), about, moment.new_id(), moment.now)
