"""The actions on authorisations: load, apply the pure rule, save, record, notify. The caller commits [5.1.6].

Permission is checked here again, whatever the policy tables say: only the subject, or a delegate whose authority is
recorded and live, may answer a request or offer an authorisation; only staff may make one, and only for its own
department. A contested paper is decided, and the paper after it confirmed, by the head of the department or the
district office, never by who recorded it. A record that the caller may not know about is reported as not found, whether
or not it exists.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NotRequired, TypedDict, Unpack
from uuid import UUID

from consent import rules
from consent.authorisation import Authorisation, ContestFinding
from consent.context import ConsentCaller, ConsentContext
from consent.delegation import Power, guardian_consents
from consent.deletions.deletion_duty import DeletionDuty, of_narrowing
from consent.errors import (
    FILE_UNKNOWN,
    GUARDIAN_REQUIRED,
    MAY_NOT_ASK,
    NOT_FOR_AN_APPLICATION,
    NOT_YOURS,
    NOTICE_CHANGED,
    NOTICE_NOT_SHOWN,
    VERSION_CONFLICT,
    BadEvidence,
    Collision,
    NotAdmitted,
    NotFound,
    NotNow,
    OutOfBounds,
)
from consent.leaves.canonical_form import SALT_BYTES
from consent.leaves.consent_events import ConsentEvent, Event, terms_of
from consent.notices.shown_notices import notice_of
from consent.ports import Work
from consent.request_frequency import check_frequency
from consent.rules import AS_IT_STANDS, Bounds, Letter, Paper
from consent.templates import ASKS, Recipients, Template, Templates, template_for
from consent.vocabulary import Purpose
from consent.ward_rules import needs_guardian

SUBJECT, AGENT, HEAD, OFFICE = "subject", "agent", "head", "office"
RECORD = "AUTHORISATION"
"""The kind of record that the file of a paper is attached to."""

ON_PAPER: Mapping[Event, Event] = {
    Event.REFUSED: Event.REFUSED_ON_PAPER,
    Event.NARROWED: Event.NARROWED_ON_PAPER,
    Event.WITHDRAWN: Event.WITHDRAWN_ON_PAPER,
    Event.CONTESTED: Event.CONTESTED_ON_PAPER,
}
"""What the subject does, as the event of a letter that an officer of the recipient enters."""

RECIPIENTS: Mapping[Event, str] = {
    Event.REQUESTED: "subject",
    Event.RECORDED_ON_PAPER: "subject",
    Event.GRANTED: "recipient",
    Event.NARROWED: "recipient",
    Event.WITHDRAWN: "recipient",
    **dict.fromkeys(ON_PAPER.values(), "subject"),
    Event.CONTESTED: "recipient",
    Event.OFFERED: "recipient",
    Event.CONFIRMED: "subject",
    Event.CONTEST_DECIDED: "subject",
}
"""Who is notified of each event. Of a refusal nobody but the subject is: it is not held against it [5.1.6]."""


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
    return await _save(work, context, Event.REQUESTED, asked, over=0)


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
    await _require_guardian(work, context, subject_id)
    contested = await _contested_papers(work, asked)  # the subject is locked since its delegations were read
    recorded = rules.record_paper(asked, template, paper, contested, today=context.today)
    saved = await _save(work, context, Event.RECORDED_ON_PAPER, recorded, over=0)
    await _attach(work, context, saved, recorded.paper_evidence)
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
    await _require_own(work, context, subject_id)
    await _require_guardian(work, context, subject_id)
    template = template_for(templates, purpose)
    if template.recipients is not Recipients.DEPARTMENTS:
        raise OutOfBounds(NOT_FOR_AN_APPLICATION)
    recipient = await work.authorisations.window_of(subject_id, application_id)
    if recipient is None:
        raise NotFound
    asked = _written(context, template, subject_id, recipient, bounds, application_id)
    return await _save(work, context, Event.OFFERED, rules.offer(asked, today=context.today), over=0)


class AuthorisationKey(TypedDict):
    """An authorisation, and the version that the caller saw: another one is refused. None accepts any."""

    subject_id: UUID
    authorisation_id: UUID
    expected_version: NotRequired[int | None]


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
    asked = await _own(work, context, **which)
    await _require_guardian(work, context, asked.subject_id)
    template = template_for(templates, asked.purpose)
    given = rules.grant(asked, template, bounds, by=context.actor.ref, at=context.now, today=context.today)
    if notice is None and must_be_shown:
        raise NotNow(NOTICE_NOT_SHOWN)
    if notice is not None:
        given = replace(given, notice_digest=await _shown(work, context, asked, notice))
    return await _save(work, context, Event.GRANTED, given, over=asked.version)


async def refuse_authorisation(
    work: Work, context: ConsentContext, letter: Letter | None = None, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """Refuse a request, by oneself or by a *letter* that an officer enters. The ordinary service goes on.

    The recipient is not notified. An officer learns nothing of the request from it, not even its version.
    """
    asked = await _answered(work, context, letter, **which)
    refused = rules.refuse(asked, at=context.now, today=context.today, letter=letter)
    return await _save_answer(work, context, Event.REFUSED, refused, letter, refused.refusal_evidence, over=asked)


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
    given = await _answered(work, context, letter, **which)
    template = template_for(templates, given.purpose)
    less = rules.narrow(given, template, bounds, at=context.now, today=context.today, letter=letter)
    _seen(given, **which)
    duty = of_narrowing(given, less, context.new_id, context.today)
    return await _save_answer(
        work, context, Event.NARROWED, less, letter, less.narrowing_evidence, over=given, duty=duty
    )


async def withdraw_authorisation(
    work: Work, context: ConsentContext, letter: Letter | None = None, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """End an authorisation at once: in one call, like granting, or by a *letter* that an officer enters.

    No reason is asked. A letter counts from its own day.
    """
    given = await _answered(work, context, letter, **which)
    ended = rules.withdraw(given, by=context.actor.ref, at=context.now, today=context.today, letter=letter)
    _seen(given, **which)
    return await _save_answer(work, context, Event.WITHDRAWN, ended, letter, ended.withdrawal_evidence, over=given)


async def contest_authorisation(
    work: Work, context: ConsentContext, letter: Letter | None = None, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """State that an authorisation recorded from paper was never given; from this moment on it allows no read."""
    recorded = await _answered(work, context, letter, **which)
    contested = rules.contest(recorded, by=context.actor.ref, at=context.now, today=context.today, letter=letter)
    _seen(recorded, **which)
    others = await _others(work, recorded)
    saved = await _save_answer(
        work, context, Event.CONTESTED, contested, letter, contested.contest_paper, over=recorded
    )
    for paper in others:
        if rules.can_be_held(paper, context.today):
            await _save(work, context, Event.HELD, rules.hold(paper, at=context.now), over=paper.version)
    return saved


async def confirm_paper_authorisation(
    work: Work, context: ConsentContext, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """Confirm, as a second person, a paper that was recorded after a contest; it is live from this moment on."""
    waiting = await _supervised(work, context, **which)
    await _require_guardian(work, context, waiting.subject_id)
    others = await _others(work, waiting)
    confirmed = rules.confirm(waiting, others, by=context.actor.ref, at=context.now, today=context.today)
    return await _save(work, context, Event.CONFIRMED, confirmed, over=waiting.version)


async def decide_contest(
    work: Work, context: ConsentContext, *, finding: ContestFinding, evidence: str, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """Decide on a contest, as somebody else than who recorded the paper; the subject is notified [5.1.6]."""
    contested = await _supervised(work, context, **which)
    decided = rules.decide_contest(contested, finding, evidence, by=context.actor.ref, at=context.now)
    saved = await _save(work, context, Event.CONTEST_DECIDED, decided, over=contested.version)
    await _attach(work, context, saved, decided.contest_evidence)
    return saved


async def end_consents(
    work: Work, context: ConsentContext, subject_id: UUID, is_void: Callable[[Authorisation], bool]
) -> None:
    """Withdraw what the subject could not give [Civil Code 144]; each recipient is notified as of any withdrawal."""
    for given in await work.authorisations.of_subject(subject_id):
        if is_void(given):
            withdrawn = rules.withdraw(given, by=context.actor.ref, at=context.now, today=context.today)
            await _save(work, context, Event.WITHDRAWN, withdrawn, over=given.version)


def _requested(
    context: ConsentContext, template: Template, subject_id: UUID, bounds: Bounds, application_id: UUID | None
) -> Authorisation:
    """Return a new request for the caller's own department."""
    return _written(context, template, subject_id, _asking_for(template, context.actor), bounds, application_id)


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


def _asking_for(template: Template, actor: ConsentCaller) -> str:
    """Return the department or association that the caller asks for: its own, never another."""
    if actor.role != ASKS[template.recipients] or actor.department is None:
        raise NotAdmitted(MAY_NOT_ASK)
    return actor.department


async def _answered(
    work: Work, context: ConsentContext, letter: Letter | None, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """Load what the subject answers: for itself or its delegate, or for an officer of the recipient with its *letter*.

    INVARIANT: for an officer the version is compared after the rule, or it would tell a refused request from an
    unanswered one.
    """
    if letter is None:
        return await _own(work, context, **which)
    actor = context.actor
    if actor.role not in ASKS.values() or actor.department is None:
        raise NotAdmitted(NOT_YOURS)
    found = await work.authorisations.load(which["subject_id"], which["authorisation_id"])
    if found is None or found.recipient_code != actor.department:
        raise NotFound
    return found


async def _own(work: Work, context: ConsentContext, **which: Unpack[AuthorisationKey]) -> Authorisation:
    """Load an authorisation of the subject that the caller is or acts for; raises VERSION_CONFLICT."""
    await _require_own(work, context, which["subject_id"])
    return _seen(await work.authorisations.load(which["subject_id"], which["authorisation_id"]), **which)


async def _require_own(work: Work, context: ConsentContext, subject_id: UUID) -> None:
    """Refuse every caller but the subject itself, or a delegate whose authority is recorded and live.

    INVARIANT: whether the caller may is settled before anything is loaded, so that neither the answer nor its time says
    whether somebody else's authorisation exists.
    """
    if context.actor.role == SUBJECT:
        may = context.actor.subject == subject_id
    elif context.actor.role == AGENT:
        may = await work.delegations.live_delegation(
            subject_id, context.actor.ref, context.today, str(Power.CONSENT.name)
        )
    else:
        raise NotAdmitted(NOT_YOURS)
    if not may:
        raise NotFound


async def _supervised(work: Work, context: ConsentContext, **which: Unpack[AuthorisationKey]) -> Authorisation:
    """Load a paper that the head of the department, or the district office, decides on; raises VERSION_CONFLICT."""
    actor = context.actor
    found = await work.authorisations.load(which["subject_id"], which["authorisation_id"])
    own = found is not None and actor.role == HEAD and actor.department == found.recipient_code
    if found is None or found.paper_evidence is None or not (own or actor.role == OFFICE):
        raise NotFound
    return _seen(found, **which)


def _seen(found: Authorisation | None, **which: Unpack[AuthorisationKey]) -> Authorisation:
    """Return *found* if it has the version that the caller saw."""
    if found is None:
        raise NotFound
    if which.get("expected_version") not in {None, found.version}:
        raise Collision(VERSION_CONFLICT)
    return found


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


async def _require_guardian(work: Work, context: ConsentContext, subject_id: UUID) -> None:
    """Refuse a consent for a child under 14, or for an adult ward, that does not come from a recorded guardian.

    On paper the guardian signs, so one has to be recorded before [PIPL 31] [Civil Code 21, 22].
    """
    held = await work.delegations.of_subject(subject_id)
    if not needs_guardian(await work.age_on(subject_id, context.today), held, context.today):
        return
    by = context.actor.ref if context.actor.role == AGENT else None
    if context.actor.role == SUBJECT or not guardian_consents(held, context.today, by):
        raise NotAdmitted(GUARDIAN_REQUIRED)


async def _others(work: Work, one: Authorisation) -> Sequence[Authorisation]:
    """Return what the same department requested or recorded for the same purpose, besides *one*; all are locked."""
    asked = await work.authorisations.asked(one.subject_id, one.purpose, one.recipient_code)
    return [other for other in asked if other.authorisation_id != one.authorisation_id]


async def _attach(work: Work, context: ConsentContext, to: Authorisation, evidence: str | None) -> None:
    """Attach the uploaded file that *evidence* names, if it names one; raises FILE_UNKNOWN."""
    references = () if evidence is None else (evidence,)
    if await work.attach_files(context, to.subject_id, RECORD, to.authorisation_id, references):
        raise BadEvidence(FILE_UNKNOWN)


async def _save_answer(
    work: Work,
    context: ConsentContext,
    event: Event,
    changed: Authorisation,
    letter: Letter | None,
    evidence: str | None,
    *,
    over: Authorisation,
    duty: DeletionDuty | None = None,
) -> Authorisation:
    """Save what the subject answered; of a *letter* also its file, under the event of paper."""
    happened = event if letter is None else ON_PAPER[event]
    saved = await _save(work, context, happened, changed, over=over.version, duty=duty)
    if letter is not None:
        await _attach(work, context, saved, evidence)
    return saved


async def _save(
    work: Work,
    context: ConsentContext,
    event: Event,
    changed: Authorisation,
    *,
    over: int,
    duty: DeletionDuty | None = None,
) -> Authorisation:
    """Save *changed* over the version *over*, append the event with its entry, and notify its recipients.

    What was received on it is to be deleted from its end on; *duty* is what is to be deleted before.
    """
    await work.authorisations.save(changed, over)
    if over:
        await work.deletions.follow(changed)
    if duty is not None:
        await work.deletions.require(duty)
    happened = ConsentEvent(
        subject_id=changed.subject_id,
        event_id=context.new_id(),
        authorisation_id=changed.authorisation_id,
        at=context.now,
        actor_ref=context.actor.ref,
        role=context.actor.role,
        event=event,
        facts=terms_of(changed) | ({} if duty is None else {"deletion": {"duty_id": str(duty.duty_id)}}),
        salt=context.random(SALT_BYTES),
    )
    await work.authorisations.append_event(happened)
    if event in RECIPIENTS:
        about = {
            "to": RECIPIENTS[event],
            "subject_id": str(changed.subject_id),
            "authorisation_id": str(changed.authorisation_id),
            "recipient_code": changed.recipient_code,
        }
        await work.outbox(_topic(event), about, context.new_id(), context.now)
    return changed


def _topic(event: Event) -> str:
    """Return the topic of the outbox, as `authorisation.recorded-on-paper`."""
    return "authorisation." + event.lower().replace("_", "-")
