"""Granting an incentive: decided at the moment of granting, inside the transaction that keeps it [4.2] [5.2.1].

`grant_incentive` can be a part of another action's unit of work: a deferral or a commitment grants its incentive and
keeps its own promise together, or neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from credit.applications.actions import CLERK, WhichApplication, keep, load
from credit.applications.application import ApplicationStep, Facilitation, go_through, still_open
from credit.applications.ports import ApplicationWork
from credit.applications.refusals import AlreadyGranted
from credit.cases.actions.take_step import reference
from credit.cases.active_restraint import restrained_now
from credit.cases.status import UnrectifiedPolicy
from credit.core.ports import By, Moment
from credit.credit_checks.credit_check import CreditCheck
from credit.incentives import incentive as incentive_rules
from credit.incentives.incentive import Granted, Incentive
from credit.incentives.refusals import NotEligible, PromiseNeeded

PROMISED: Final = frozenset({Facilitation.DEFERRED_DOCUMENTS, Facilitation.COMMITMENT})
"""The channels that rest on a promise, which is kept with the grant (`credit.promises`)."""


@dataclass(frozen=True, slots=True)
class GrantingRules:
    """What a deployment decides by: the incentives there are, how long a check counts, and what unrectified means."""

    incentives: Mapping[str, Incentive] = field(default_factory=incentive_rules.shipped)
    check_valid_days: int = 0
    lapse: UnrectifiedPolicy = UnrectifiedPolicy.STAYS


async def grant_incentive(
    work: ApplicationWork,
    by: By,
    moment: Moment,
    rules: GrantingRules,
    which: WhichApplication,
    incentive: str,
    *,
    helper_ref: str | None = None,
    commitment_ref: str | None = None,
) -> Granted:
    """Grant *incentive* to the application, or raise NoIncentive by name; its subject is told.

    Everything that decides is looked at here: the matter's own terms, the last check of this very application, and
    whether the subject is restrained now. A check of the morning does not outweigh a publication at noon [5.2.1].
    """
    helper = reference("helper", helper_ref) if helper_ref else None
    commitment = reference("commitment", commitment_ref) if commitment_ref else None
    application = still_open(await load(work, by, which, CLERK))
    terms = await work.applications.terms(application.matter_code)
    known = rules.incentives.get(incentive)
    if terms is None or known is None:
        raise NotEligible(named(incentive))
    check = await _standing_check(work, which, moment)
    granted = incentive_rules.grant(
        known,
        terms,
        check,
        await restrained_now(work, which.subject_id, moment, rules.lapse),
        grant_id=moment.new_id(),
        application_id=application.application_id,
        by=by.ref,
        at=moment.now,
        helper_ref=helper,
        commitment_ref=commitment,
        valid_days=rules.check_valid_days,
    )
    if any(one.incentive == incentive for one in await work.promises.grants(which.subject_id, which.application_id)):
        raise AlreadyGranted
    await work.promises.keep_grant(granted)
    await keep(
        work, by, moment, ApplicationStep.GRANTED, go_through(application, known.channel), over=application.version,
        facts=_facts(granted), evidence=() if granted.commitment_ref is None else (granted.commitment_ref,),
        told="subject",
    )  # fmt: skip
    return granted


async def _standing_check(work: ApplicationWork, which: WhichApplication, moment: Moment) -> CreditCheck | None:
    """Return the last check, unless the subject has taken back the authorisation that it was made on.

    What was granted before stays; but nothing new is decided on it, and nothing about the subject is told [5.1.6].
    """
    check = await work.promises.last_check(which.subject_id, which.application_id)
    if check is None or await work.checking.stands(check.subject_id, check.authorisation_id, moment.today):
        return check
    return None


async def grant_by_name(
    work: ApplicationWork,
    by: By,
    moment: Moment,
    rules: GrantingRules,
    which: WhichApplication,
    incentive: str,
    *,
    helper_ref: str | None = None,
    commitment_ref: str | None = None,
) -> Granted:
    """Grant an incentive that rests on no promise. Raises PromiseNeeded for the others, and what granting raises.

    Without its promise there would be nothing to be handed in, verified, or late [4.2.2] [4.2.3].
    """
    known = rules.incentives.get(incentive)
    if known is not None and known.channel in PROMISED:
        raise PromiseNeeded(known.code)
    return await grant_incentive(
        work, by, moment, rules, which, incentive, helper_ref=helper_ref, commitment_ref=commitment_ref
    )


def named(incentive: str) -> str:
    """Return an incentive's code as a refusal may quote it: what is none could be anything, a number among it."""
    return incentive if incentive.isascii() and incentive.replace("_", "").isalpha() else "?"


def _facts(granted: Granted) -> dict[str, Any]:
    return {
        "grant_id": str(granted.grant_id),
        "incentive": granted.incentive,
        "check_id": str(granted.check_id),
        "helper_ref": granted.helper_ref,
    }
