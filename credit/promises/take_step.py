"""How a step of a promise is taken: admitted, at the version seen, kept with who took it, and told [4.2.2] [4.2.3].

The officers of the application's own department take the steps; the applicant can withdraw. For everybody else there
is no such application, whether or not it exists. The caller commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from credit.applications import actions
from credit.applications.actions import SALT_BYTES, WhichApplication
from credit.applications.application import Application
from credit.applications.ports import ApplicationWork, StepTaken
from credit.applications.refusals import ApplicationChangedMeanwhile
from credit.calendar.calendar import Calendar
from credit.cases.actions.take_step import AGENT, HANDLER, SUBJECT, require_own
from credit.core.errors import UnknownCase
from credit.core.labels import Labelled
from credit.core.ports import By, Moment
from credit.incentives.actions import GrantingRules
from credit.promises.commitment import Commitment
from credit.promises.deferral import Deferral

CLERK: Final = "clerk"
P = TypeVar("P", Deferral, Commitment)
OFFICERS: Final = (CLERK, HANDLER)
"""Who handles applications: the window's clerks and the department's handlers [4.2]."""


class PromiseStep(Labelled):
    """The steps of deferred documents and of commitments, kept with who took them."""

    DEFERRED = "DEFERRED", "容缺受理", "4.2.2"
    HANDED_IN = "HANDED_IN", "补交材料", "4.2.2"
    REMINDED = "REMINDED", "发出催告", "5.1.2c"
    REMINDER_SERVED = "REMINDER_SERVED", "催告送达", "5.1.2c"
    DEFERRAL_WITHDRAWN = "DEFERRAL_WITHDRAWN", "撤回容缺承诺", "4.2.2"
    DEFERRAL_ENDED = "DEFERRAL_ENDED", "容缺承诺终止", "4.2.2"
    COMMITTED = "COMMITTED", "作出告知承诺", "4.2.3"
    COMPLETED = "COMPLETED", "承诺事项办结", "4.2.3"
    COMMITMENT_VERIFIED = "COMMITMENT_VERIFIED", "核验承诺", "4.2.3"
    COMMITMENT_WITHDRAWN = "COMMITMENT_WITHDRAWN", "撤回告知承诺", "4.2.3"
    COMMITMENT_ENDED = "COMMITMENT_ENDED", "告知承诺终止", "4.2.3"


@dataclass(frozen=True, slots=True)
class PromiseRules:
    """What promises are counted and granted by."""

    calendar: Calendar
    granting: GrantingRules


async def its_application(work: ApplicationWork, by: By, which: WhichApplication, *roles: str) -> Application:
    """Return the application for an officer of its department; what is not theirs, or confidential, is not there.

    The version that the caller saw is the promise's, and is compared there.
    """
    return await actions.load(work, by, WhichApplication(which.subject_id, which.application_id), *roles)


async def for_withdrawing(work: ApplicationWork, by: By, moment: Moment, which: WhichApplication) -> Application:
    """Return the application for who may withdraw from it: an officer for the applicant, the applicant, a delegate."""
    if by.role in OFFICERS:
        return await its_application(work, by, which, *OFFICERS)
    await require_own(work, by, moment, which.subject_id)
    found = await work.applications.load(which.subject_id, which.application_id)
    if found is None or found.confidential:
        raise UnknownCase
    return found


def seen(promise: P | None, which: WhichApplication) -> P:
    """Return the promise where it stands as the caller saw it; raises UnknownCase, ApplicationChangedMeanwhile."""
    if promise is None:
        raise UnknownCase
    if which.expected_version not in {None, promise.version}:
        raise ApplicationChangedMeanwhile
    return promise


async def record(
    work: ApplicationWork,
    by: By,
    moment: Moment,
    step: PromiseStep,
    promise: Deferral | Commitment,
    *,
    on: date | None = None,
    facts: Mapping[str, Any] | None = None,
    evidence: tuple[str, ...] = (),
    told: bool = False,
) -> None:
    """Append the step, and leave word for the subject where it is *told*. References, terms and days only."""
    await work.applications.append(
        StepTaken(
            subject_id=promise.subject_id,
            step_id=moment.new_id(),
            application_id=promise.application_id,
            step=step.value,
            on=on or moment.today,
            at=moment.now,
            actor_ref=by.ref,
            role=by.role,
            department_code=None if by.role in {SUBJECT, AGENT} else by.department,
            evidence=evidence,
            facts=dict(facts or {}),
            salt=moment.random(SALT_BYTES),
        )
    )
    if told:
        about = {
            "to": "subject",
            "subject_id": str(promise.subject_id),
            "application_id": str(promise.application_id),
            "department_code": promise.department_code,
        }
        await work.outbox("promise." + step.value.lower().replace("_", "-"), about, moment.new_id(), moment.now)
