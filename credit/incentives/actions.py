"""The actions that grant incentives, decided in the transaction that saves the grant [4.2] [5.2.1].

`grant_incentive` can be part of another action's unit of work: a deferral or a commitment grants its incentive and
saves its promise together, or neither.
"""

from dataclasses import replace
from typing import Any, Final

from credit.applications.actions import CLERK, load_application, save_step
from credit.applications.application import ApplicationStep, Facilitation, still_open
from credit.cases.actions.take_step import reference
from credit.cases.active_restraint import restrained_now
from credit.core.context import ActionContext
from credit.core.record_refs import ApplicationRef
from credit.core.unit_of_work import UnitOfWork
from credit.credit_checks.credit_check import CreditCheck
from credit.incentives import incentive as incentives_incentive
from credit.incentives.incentive import Granted
from credit.incentives.refusals import NOT_ELIGIBLE, PROMISE_NEEDED, AlreadyGranted, NotEligible

PROMISED: Final = frozenset({Facilitation.DEFERRED_DOCUMENTS, Facilitation.COMMITMENT})
"""The channels that depend on a promise, which is saved with the grant (`credit.promises`)."""


async def grant_incentive(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    incentive: str,
    *,
    helper_ref: str | None = None,
    commitment_ref: str | None = None,
) -> Granted:
    """Grant *incentive* to the application, or raise a named NoIncentive; its subject is notified.

    All conditions are checked here: the matter's own terms, the last credit check of this application, and whether the
    subject is restrained now. A check in the morning does not outweigh a publication at noon [5.2.1].
    """
    helper = reference("helper", helper_ref) if helper_ref else None
    commitment = reference("commitment", commitment_ref) if commitment_ref else None
    application = still_open(await load_application(work, context.actor, which, CLERK))
    terms = await work.applications.terms(application.matter_code)
    known = context.granting.incentives.get(incentive)
    if terms is None or known is None:
        raise NotEligible(NOT_ELIGIBLE, incentive=named(incentive))
    check = await _valid_check(work, context, which)
    await work.ledger.require_application(which.subject_id, which.id)
    granted = incentives_incentive.grant(
        known,
        terms,
        check,
        await restrained_now(work, context, which.subject_id),
        grant_id=context.new_id(),
        application_id=application.application_id,
        by=context.actor.ref,
        at=context.now,
        helper_ref=helper,
        commitment_ref=commitment,
        valid_days=context.granting.check_valid_days,
    )
    if any(one.incentive == incentive for one in await work.grants.of_application(which.subject_id, which.id)):
        raise AlreadyGranted
    await work.grants.append(granted)
    # An incentive without a channel leaves the application in its own [4.2.4].
    moved = application if known.channel is None else replace(application, channel=known.channel)
    await save_step(
        work, context, ApplicationStep.GRANTED, moved, over=application.version,
        facts=_facts(granted, moved.channel),
        evidence=() if granted.commitment_ref is None else (granted.commitment_ref,),
        notify="subject",
    )  # fmt: skip
    return granted


async def _valid_check(work: UnitOfWork, context: ActionContext, which: ApplicationRef) -> CreditCheck | None:
    """Return the last check, unless the subject has withdrawn the authorisation for it.

    Earlier grants stay, but the check decides nothing new, and nothing about the subject is disclosed [5.1.6].
    """
    check = await work.credit_checks.last(which.subject_id, which.id)
    if check is None or await work.checking.is_valid(check.subject_id, check.authorisation_id, context.today):
        return check
    return None


async def grant_by_name(
    work: UnitOfWork,
    context: ActionContext,
    which: ApplicationRef,
    incentive: str,
    *,
    helper_ref: str | None = None,
    commitment_ref: str | None = None,
) -> Granted:
    """Grant an incentive that needs no promise. Raises PROMISE_NEEDED for the others, and what granting raises.

    Without a promise there would be nothing to hand in or to verify, and no deadline [4.2.2] [4.2.3].
    """
    known = context.granting.incentives.get(incentive)
    if known is not None and known.channel in PROMISED:
        raise NotEligible(PROMISE_NEEDED, incentive=known.code)
    return await grant_incentive(work, context, which, incentive, helper_ref=helper_ref, commitment_ref=commitment_ref)


def named(incentive: str) -> str:
    """Return a code that a refusal may quote; any other text becomes `?`, because it could be an identity number."""
    return incentive if incentive.isascii() and incentive.replace("_", "").isalpha() else "?"


def _facts(granted: Granted, channel: Facilitation) -> dict[str, Any]:
    return {
        "channel": channel.value,
        "grant_id": str(granted.grant_id),
        "incentive": granted.incentive,
        "check_id": str(granted.check_id),
        "helper_ref": granted.helper_ref,
    }
