"""Calls of the actions of an authorisation, each in a unit of work of its own."""

from consent.authorisation import ContestFinding
from consent.authorisations import actions
from consent.rules import Bounds, Paper
from consent.vocabulary import Purpose
from credit.core.context import Caller
from tests.consent.samples import (
    AGENT,
    APPLICATION_ID,
    BUREAU,
    CLERK,
    SUBJECT,
    SUBJECT_ID,
    TEMPLATES,
    TODAY,
    day,
    delegated,
    moment,
)

GRANT, REFUSE, NARROW, WITHDRAW, CONTEST = "grant", "refuse", "narrow", "withdraw", "contest"
LESS = Bounds(uses=1)
NEXT_WEEK = day(7)
HEAD = Caller("head-1", "head", BUREAU)


async def ask(memory, by=CLERK, purpose=Purpose.CREDIT_CHECK, **more):
    async with memory.work() as work:
        return await actions.request_authorisation(
            work,
            moment().acting_as(by),
            TEMPLATES,
            **{"subject_id": SUBJECT_ID, "purpose": purpose, "application_id": APPLICATION_ID} | more,
        )


async def record(memory, by=CLERK, evidence="LZ-2026-0012", purpose=Purpose.CREDIT_CHECK, signed_on=TODAY):
    async with memory.work() as work:
        return await actions.record_paper_authorisation(
            work,
            moment().acting_as(by),
            TEMPLATES,
            subject_id=SUBJECT_ID,
            purpose=purpose,
            paper=Paper(evidence, signed_on),
            application_id=APPLICATION_ID,
        )


async def act(memory, action, authorisation, by=SUBJECT, after=0, **more):
    """Carry out one of the subject's five actions in a unit of work of its own."""
    which = {"subject_id": authorisation.subject_id, "authorisation_id": authorisation.authorisation_id} | more
    async with memory.work() as work:
        match action:
            case "grant":
                return await actions.grant_authorisation(work, moment(after).acting_as(by), TEMPLATES, **which)
            case "narrow":
                bounds = which.pop("bounds", LESS)
                return await actions.narrow_authorisation(
                    work, moment(after).acting_as(by), TEMPLATES, which.pop("letter", None), bounds=bounds, **which
                )
            case "refuse":
                return await actions.refuse_authorisation(work, moment(after).acting_as(by), **which)
            case "withdraw":
                return await actions.withdraw_authorisation(work, moment(after).acting_as(by), **which)
            case "contest":
                return await actions.contest_authorisation(work, moment(after).acting_as(by), **which)


async def ready_for(memory, action):
    """An authorisation on which *action* would succeed for its subject."""
    if action == CONTEST:
        return await record(memory)
    asked = await ask(memory)
    return asked if action in {GRANT, REFUSE} else await act(memory, GRANT, asked)


def stored(memory, authorisation):
    return memory.state.authorisations[authorisation.subject_id, authorisation.authorisation_id]


async def delegate(memory, subject_id=SUBJECT_ID, ref=AGENT.ref, expires_on=NEXT_WEEK, withdrawn_at=None):
    given = {"subject_id": subject_id, "expires_on": expires_on, "withdrawn_at": withdrawn_at}
    await memory.delegate(delegated(ref, **given))


async def confirm(memory, authorisation, by=HEAD):
    which = {"subject_id": authorisation.subject_id, "authorisation_id": authorisation.authorisation_id}
    async with memory.work() as work:
        return await actions.confirm_paper_authorisation(work, moment().acting_as(by), **which)


async def decide(memory, authorisation, by=HEAD, evidence="finding-1", finding=ContestFinding.NEVER_GIVEN):
    which = {"subject_id": authorisation.subject_id, "authorisation_id": authorisation.authorisation_id}
    async with memory.work() as work:
        return await actions.decide_contest(work, moment().acting_as(by), finding=finding, evidence=evidence, **which)


def last_events(memory, count):
    return [(event.event, event.actor_ref) for event in memory.state.events[-count:]]
