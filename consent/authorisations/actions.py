"""The actions on authorisations: load, apply the pure rule, save, record, notify. The caller commits [5.1.6].

`callers` checks permission, `records` saves.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Unpack
from uuid import UUID

from consent import rules
from consent.authorisation import Authorisation, ContestFinding
from consent.authorisations.callers import (
    AuthorisationKey,
    asking_for,
    load_answered,
    load_own,
    load_supervised,
    require_guardian,
    require_own,
    require_version,
)
from consent.authorisations.records import attach, save, save_answer
from consent.context import ConsentContext
from consent.deletions.deletion_duty import of_narrowing
from consent.errors import (
    MAY_NOT_ASK,
    NOT_FOR_AN_APPLICATION,
    NOTICE_CHANGED,
    NOTICE_NOT_SHOWN,
    NotAdmitted,
    NotFound,
    NotNow,
    OutOfBounds,
)
from consent.leaves.consent_events import Event
from consent.notices.shown_notices import notice_of
from consent.ports import Work
from consent.request_frequency import check_frequency
from consent.rules import AS_IT_STANDS, Bounds, Letter, Paper
from consent.templates import Recipients, Template, Templates, template_for
from consent.vocabulary import Purpose


async def request_authorisation(
    work: Work,
    context: ConsentContext,
    templates: Templates,
    *,
    subject_id: UUID,
    purpose: Purpose,
    bounds: Bounds = AS_IT_STANDS,
    application_id: UUID | None = None,
) -> Authorisation:
    """Ask a subject for an authorisation for the caller's own department; the subject is notified [4.1, 5.2.3].

    Raises AskedBefore if the same request was made before, was not granted, and not enough time has passed [5.1.6].
    """
    template = template_for(templates, purpose)
    asked = _requested(context, template, subject_id, bounds, application_id)
    filed_at = None
    if application_id is not None:
        filed_at = await work.authorisations.filed_at(subject_id, application_id)
    check_frequency(
        template,
        await work.authorisations.asked(subject_id, purpose, asked.recipient_code),
        application_id=application_id,
        filed_at=filed_at,
        today=context.today,
    )
    return await save(work, context, Event.REQUESTED, asked, over=0)


async def record_paper_authorisation(
    work: Work,
    context: ConsentContext,
    templates: Templates,
    *,
    subject_id: UUID,
    purpose: Purpose,
    paper: Paper,
    bounds: Bounds = AS_IT_STANDS,
    application_id: UUID | None = None,
) -> Authorisation:
    """Record consent given on paper at a department's window; the subject is notified and can contest it [5.1.6].

    After a contest the paper waits for a second person. Recipients outside government cannot do this: a paper held by
    the party that profits from it is no evidence.
    """
    template = template_for(templates, purpose)
    if template.recipients is not Recipients.DEPARTMENTS:
        raise NotAdmitted(MAY_NOT_ASK)
    asked = _requested(context, template, subject_id, bounds, application_id)
    await require_guardian(work, context, subject_id)
    contested = await _contested_papers(work, asked)  # the subject is locked since its delegations were read
    recorded = rules.record_paper(asked, template, paper, contested, today=context.today)
    saved = await save(work, context, Event.RECORDED_ON_PAPER, recorded, over=0)
    await attach(work, context, saved, recorded.paper_evidence)
    return saved


async def offer_authorisation(
    work: Work,
    context: ConsentContext,
    templates: Templates,
    *,
    subject_id: UUID,
    application_id: UUID,
    purpose: Purpose,
    bounds: Bounds = AS_IT_STANDS,
) -> Authorisation:
    """Give an authorisation for one's own undecided application, to the department that handles it, unasked [5.1.6]."""
    await require_own(work, context, subject_id)
    await require_guardian(work, context, subject_id)
    template = template_for(templates, purpose)
    if template.recipients is not Recipients.DEPARTMENTS:
        raise OutOfBounds(NOT_FOR_AN_APPLICATION)
    recipient = await work.authorisations.window_of(subject_id, application_id)
    if recipient is None:
        raise NotFound
    asked = _written(context, template, subject_id, recipient, bounds, application_id)
    return await save(work, context, Event.OFFERED, rules.offer(asked, today=context.today), over=0)


async def grant_authorisation(
    work: Work,
    context: ConsentContext,
    templates: Templates,
    *,
    notice: str | None = None,
    must_be_shown: bool = False,
    bounds: Bounds = AS_IT_STANDS,
    **which: Unpack[AuthorisationKey],
) -> Authorisation:
    """Grant a request, in full or in part.

    *notice* is the digest of the notice that the subject was shown, and the grant is bound to it; None where none was
    shown by this system. Raises NOTICE_CHANGED if another one is in force, and NOTICE_NOT_SHOWN where one *must be
    shown* and none is named.
    """
    asked = await load_own(work, context, **which)
    await require_guardian(work, context, asked.subject_id)
    template = template_for(templates, asked.purpose)
    given = rules.grant(asked, template, bounds, by=context.actor.ref, at=context.now, today=context.today)
    if notice is None and must_be_shown:
        raise NotNow(NOTICE_NOT_SHOWN)
    if notice is not None:
        given = replace(given, notice_digest=await _shown(work, context, asked, notice))
    return await save(work, context, Event.GRANTED, given, over=asked.version)


async def refuse_authorisation(
    work: Work, context: ConsentContext, letter: Letter | None = None, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """Refuse a request, by oneself or by a *letter* that an officer enters. The ordinary service goes on.

    The recipient is not notified. An officer learns nothing of the request from it, not even its version.
    """
    asked = await load_answered(work, context, letter, **which)
    refused = rules.refuse(asked, at=context.now, today=context.today, letter=letter)
    return await save_answer(work, context, Event.REFUSED, refused, letter, refused.refusal_evidence, over=asked)


async def narrow_authorisation(
    work: Work,
    context: ConsentContext,
    templates: Templates,
    letter: Letter | None = None,
    *,
    bounds: Bounds,
    **which: Unpack[AuthorisationKey],
) -> Authorisation:
    """Narrow a live authorisation from this moment on, by oneself or by a *letter* that an officer enters."""
    given = await load_answered(work, context, letter, **which)
    template = template_for(templates, given.purpose)
    less = rules.narrow(given, template, bounds, at=context.now, today=context.today, letter=letter)
    require_version(given, **which)
    duty = of_narrowing(given, less, context.new_id, context.today)
    return await save_answer(
        work, context, Event.NARROWED, less, letter, less.narrowing_evidence, over=given, duty=duty
    )


async def withdraw_authorisation(
    work: Work, context: ConsentContext, letter: Letter | None = None, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """End an authorisation at once: in one call, like granting, or by a *letter* that an officer enters.

    No reason is asked. A letter counts from its own day.
    """
    given = await load_answered(work, context, letter, **which)
    ended = rules.withdraw(given, by=context.actor.ref, at=context.now, today=context.today, letter=letter)
    require_version(given, **which)
    return await save_answer(work, context, Event.WITHDRAWN, ended, letter, ended.withdrawal_evidence, over=given)


async def contest_authorisation(
    work: Work, context: ConsentContext, letter: Letter | None = None, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """State that an authorisation recorded from paper was never given; from this moment on it allows no read."""
    recorded = await load_answered(work, context, letter, **which)
    contested = rules.contest(recorded, by=context.actor.ref, at=context.now, today=context.today, letter=letter)
    require_version(recorded, **which)
    others = await _others(work, recorded)
    saved = await save_answer(work, context, Event.CONTESTED, contested, letter, contested.contest_paper, over=recorded)
    for paper in others:
        if rules.can_be_held(paper, context.today):
            await save(work, context, Event.HELD, rules.hold(paper, at=context.now), over=paper.version)
    return saved


async def confirm_paper_authorisation(
    work: Work, context: ConsentContext, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """Confirm, as a second person, a paper that was recorded after a contest; it is live from this moment on."""
    waiting = await load_supervised(work, context, **which)
    await require_guardian(work, context, waiting.subject_id)
    others = await _others(work, waiting)
    confirmed = rules.confirm(waiting, others, by=context.actor.ref, at=context.now, today=context.today)
    return await save(work, context, Event.CONFIRMED, confirmed, over=waiting.version)


async def decide_contest(
    work: Work, context: ConsentContext, *, finding: ContestFinding, evidence: str, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """Decide on a contest, as somebody else than who recorded the paper; the subject is notified [5.1.6]."""
    contested = await load_supervised(work, context, **which)
    decided = rules.decide_contest(contested, finding, evidence, by=context.actor.ref, at=context.now)
    saved = await save(work, context, Event.CONTEST_DECIDED, decided, over=contested.version)
    await attach(work, context, saved, decided.contest_evidence)
    return saved


async def end_consents(
    work: Work, context: ConsentContext, subject_id: UUID, is_void: Callable[[Authorisation], bool]
) -> None:
    """Withdraw what the subject could not give [Civil Code 144]; each recipient is notified as of any withdrawal."""
    for given in await work.authorisations.of_subject(subject_id):
        if is_void(given):
            withdrawn = rules.withdraw(given, by=context.actor.ref, at=context.now, today=context.today)
            await save(work, context, Event.WITHDRAWN, withdrawn, over=given.version)


def _requested(
    context: ConsentContext, template: Template, subject_id: UUID, bounds: Bounds, application_id: UUID | None
) -> Authorisation:
    """Return a new request for the caller's own department."""
    return _written(context, template, subject_id, asking_for(template, context.actor), bounds, application_id)


def _written(
    context: ConsentContext,
    template: Template,
    subject_id: UUID,
    recipient_code: str,
    bounds: Bounds,
    application_id: UUID | None,
) -> Authorisation:
    return rules.request(
        template,
        authorisation_id=context.new_id(),
        subject_id=subject_id,
        recipient_code=recipient_code,
        bounds=bounds,
        application_id=application_id,
        by=context.actor.ref,
        at=context.now,
        today=context.today,
    )


async def _contested_papers(work: Work, asked: Authorisation) -> list[Authorisation]:
    """Return the papers for the same purpose that the subject has contested, at whichever department."""
    every = await work.authorisations.of_subject(asked.subject_id)
    return [each for each in every if each.purpose is asked.purpose and each.contested_at]


async def _shown(work: Work, context: ConsentContext, asked: Authorisation, digest: str) -> str:
    """Keep the notice of the request *asked*, and return its digest; raises NOTICE_CHANGED for another *digest*."""
    in_force = notice_of(asked, await work.authorisations.recipient_name(asked.recipient_code))
    if digest != in_force.digest:
        raise NotNow(NOTICE_CHANGED)
    await work.authorisations.keep_notice(in_force, context.now)
    return in_force.digest


async def _others(work: Work, one: Authorisation) -> Sequence[Authorisation]:
    """Return what the same department requested or recorded for the same purpose, besides *one*; all are locked."""
    asked = await work.authorisations.asked(one.subject_id, one.purpose, one.recipient_code)
    return [other for other in asked if other.authorisation_id != one.authorisation_id]
