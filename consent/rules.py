"""The rules of authorisations. Pure: each returns the changed value, or raises a named refusal [5.1.6].

    request ──> grant ──> narrow* ──> withdraw
       └──────> refuse ──> grant
    offer   ──> narrow* ──> withdraw
    request ──> record_paper ──> narrow* ──> withdraw, contest ──> decide_contest
                     └──> hold ──> confirm ──> …

What the subject does it can do by a letter too, which an officer enters: refuse, narrow, withdraw, contest.

LAW: no sequence of these steps widens a scope, prolongs a period, adds a use, or revives an ended authorisation.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from consent.authorisation import Authorisation, ContestFinding, Status
from consent.errors import (
    ALREADY_ANSWERED,
    ALREADY_CONTESTED,
    ALREADY_WITHDRAWN,
    APPLICATION_NOT_NAMED,
    ASKER_CANNOT_ANSWER,
    CANNOT_WIDEN,
    CONTEST_ALREADY_DECIDED,
    CONTEST_OPEN,
    EVIDENCE_MISSING,
    EVIDENCE_NOT_A_REFERENCE,
    NO_USES,
    NOT_CONTESTED,
    NOT_LIVE,
    NOT_ON_PAPER,
    NOT_WAITING,
    NOTHING_NARROWED,
    PERIOD_IN_THE_PAST,
    PERIOD_TOO_LONG,
    POSTED_IN_FUTURE,
    POSTED_TOO_EARLY,
    RECORDER_CANNOT_CONFIRM,
    RECORDER_CANNOT_DECIDE,
    REQUEST_LAPSED,
    SCOPE_TOO_SMALL,
    SIGNED_IN_FUTURE,
    SIGNED_TOO_LONG_AGO,
    USES_ALREADY_MADE,
    BadEvidence,
    NotAdmitted,
    NotNarrower,
    NotNow,
    OutOfBounds,
)
from consent.templates import Template, check
from consent.vocabulary import FieldGroup, civil_date

LONGEST_REFERENCE = 100
PAPER_DAYS = 30
"""How many days after its day a paper can be recorded: consent that was given long ago is asked for again."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds that are requested or given.

    None means no change: the template's default for a request, else the value before.
    """

    groups: FieldGroup | None = None
    expires_on: date | None = None
    uses: int | None = None


AS_IT_STANDS = Bounds()


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed paper: the reference of the paper or of its uploaded file, and the day on which it was signed."""

    evidence: str
    signed_on: date


@dataclass(frozen=True, slots=True)
class Letter:
    """An act of the subject on paper: its reference or that of its file, and the day of posting or handing in."""

    evidence: str
    on: date


def request(
    template: Template,
    *,
    authorisation_id: UUID,
    subject_id: UUID,
    recipient_code: str,
    bounds: Bounds = AS_IT_STANDS,
    application_id: UUID | None = None,
    by: str,
    at: datetime,
    today: date,
) -> Authorisation:
    """Request an authorisation from a subject within *template*. It does not allow any read yet."""
    unbounded = bounds.expires_on is None or bounds.uses is None
    if template.single_application and application_id is None and unbounded:
        raise OutOfBounds(APPLICATION_NOT_NAMED)
    asked = Authorisation(
        subject_id=subject_id,
        authorisation_id=authorisation_id,
        purpose=template.purpose,
        recipient_code=recipient_code,
        groups=template.allowed if bounds.groups is None else bounds.groups,
        means=template.means_zh,
        template=template.ref,
        application_id=application_id,
        requested_at=at,
        requested_by=by,
        expires_on=bounds.expires_on or today + timedelta(days=template.default_days),
        uses_allowed=template.default_uses if bounds.uses is None else bounds.uses,
    )
    check(template, asked.groups, asked.expires_on, asked.uses_allowed, today)
    return asked


def offer(asked: Authorisation, *, today: date) -> Authorisation:
    """Turn what the subject itself wrote into an authorisation that nobody asked for; it is live from today."""
    return replace(asked, granted_at=asked.requested_at, granted_by=asked.requested_by, starts_on=today)


def record_paper(
    asked: Authorisation, template: Template, paper: Paper, before: Iterable[Authorisation], *, today: date
) -> Authorisation:
    """Turn a new request into an authorisation given on *paper*. The longest period counts from the paper's day.

    It is live from today, and the subject can contest it. If the subject has contested one of those *before*, for the
    same purpose at whichever department, it waits for a second person.
    """
    _must_be_open(asked, today)
    if paper.signed_on > today:
        raise BadEvidence(SIGNED_IN_FUTURE)
    if paper.signed_on < today - timedelta(days=PAPER_DAYS):
        raise BadEvidence(SIGNED_TOO_LONG_AGO, days=PAPER_DAYS)
    latest = template.latest(paper.signed_on)
    if asked.expires_on > latest:
        raise OutOfBounds(PERIOD_TOO_LONG, latest=latest)
    return replace(
        asked,
        granted_at=asked.requested_at,
        granted_by=asked.requested_by,
        starts_on=today,
        paper_evidence=reference(paper.evidence),
        signed_on=paper.signed_on,
        held_at=asked.requested_at if any(one.contested_at for one in before) else None,
    )


def can_be_held(authorisation: Authorisation, today: date) -> bool:
    """Return whether it was recorded from paper by one person, and is not over."""
    one_person = authorisation.paper_evidence is not None and authorisation.held_at is None
    return one_person and authorisation.status(today) in {Status.LIVE, Status.USED_UP}


def hold(authorisation: Authorisation, *, at: datetime) -> Authorisation:
    """Let a paper wait for a second person, because the subject has contested another one."""
    return _next(replace(authorisation, held_at=at))


def confirm(
    authorisation: Authorisation, others: Iterable[Authorisation], *, by: str, at: datetime, today: date
) -> Authorisation:
    """Let a second person confirm a paper, once every contest among *others* has been decided; it is live from then."""
    if authorisation.status(today) is not Status.UNCONFIRMED:
        raise NotNow(NOT_WAITING)
    if by == authorisation.requested_by:
        raise NotAdmitted(RECORDER_CANNOT_CONFIRM)
    if any(one.contested_at is not None and one.contest_decided_at is None for one in others):
        raise NotNow(CONTEST_OPEN)
    return _next(replace(authorisation, confirmed_at=at, confirmed_by=by))


def grant(
    authorisation: Authorisation,
    template: Template,
    bounds: Bounds = AS_IT_STANDS,
    *,
    by: str,
    at: datetime,
    today: date,
) -> Authorisation:
    """Grant what was requested, or less. The bounds of *template* are those of the day of the grant.

    A subject that refused can change its mind while the request's last day has not passed. Then the row looks like
    one that was granted at once; the events keep the refusal.
    """
    _must_be_open(replace(authorisation, refused_at=None), today)
    if by == authorisation.requested_by:
        raise NotAdmitted(ASKER_CANNOT_ANSWER)
    given = _lessened(authorisation, bounds)
    check(template, given.groups, given.expires_on, given.uses_allowed, today)
    narrowed_at = None if given == authorisation else at
    unanswered = replace(given, refused_at=None, refused_on=None, refusal_evidence=None)
    return _next(replace(unanswered, granted_at=at, granted_by=by, starts_on=today, narrowed_at=narrowed_at))


def refuse(authorisation: Authorisation, *, at: datetime, today: date, letter: Letter | None = None) -> Authorisation:
    """Refuse, also by a *letter* that an officer enters. No reason is asked, and none is stored.

    INVARIANT: a letter about a refused request is taken like one about an unanswered request, and so is its day: the
    officer learns nothing of the subject's refusal [5.1.6].
    """
    _must_be_open(authorisation if letter is None else replace(authorisation, refused_at=None), today)
    on, evidence = _entered(letter, civil_date(authorisation.requested_at), today)
    refused_at = authorisation.refused_at or at
    return _next(replace(authorisation, refused_at=refused_at, refused_on=on, refusal_evidence=evidence))


def narrow(
    authorisation: Authorisation,
    template: Template,
    bounds: Bounds,
    *,
    at: datetime,
    today: date,
    letter: Letter | None = None,
) -> Authorisation:
    """Narrow a live authorisation: fewer groups, an earlier end, fewer uses; from now on, also by a *letter*."""
    if not authorisation.is_live(today):
        raise NotNow(NOT_LIVE)
    less = _lessened(authorisation, bounds)
    if less == authorisation:
        raise NotNarrower(NOTHING_NARROWED)
    # Not check(): a template that became tighter since the grant must not prevent narrowing.
    if less.groups != authorisation.groups and less.groups & template.required != template.required:
        raise OutOfBounds(SCOPE_TOO_SMALL)
    if less.expires_on < today:
        raise OutOfBounds(PERIOD_IN_THE_PAST)
    if less.uses_allowed < 1:
        raise OutOfBounds(NO_USES)
    if less.uses_allowed < less.uses_made:
        raise NotNarrower(USES_ALREADY_MADE, made=less.uses_made)
    on, evidence = _entered(letter, authorisation.starts_on, today)
    return _next(replace(less, narrowed_at=at, narrowed_on=on, narrowing_evidence=evidence))


def withdraw(
    authorisation: Authorisation, *, by: str, at: datetime, today: date, letter: Letter | None = None
) -> Authorisation:
    """End an authorisation at once. No reason is asked; one that is used up or contested can be withdrawn as well.

    A *letter* counts from its own day.
    """
    if authorisation.withdrawn_at is not None:
        raise NotNow(ALREADY_WITHDRAWN)
    if authorisation.status(today) in {Status.REQUESTED, Status.LAPSED, Status.REFUSED, Status.EXPIRED}:
        raise NotNow(NOT_LIVE)
    on, evidence = _entered(letter, authorisation.starts_on, today)
    return _next(
        replace(authorisation, withdrawn_at=at, withdrawn_by=by, withdrawn_on=on, withdrawal_evidence=evidence)
    )


def contest(
    authorisation: Authorisation, *, by: str, at: datetime, today: date, letter: Letter | None = None
) -> Authorisation:
    """State that a paper authorisation was never given. This is possible at any time, also after it ended.

    Who recorded the paper may enter the *letter* too: a false contest takes nothing from the subject that it cannot
    give again.
    """
    if authorisation.paper_evidence is None:
        raise BadEvidence(NOT_ON_PAPER)
    if authorisation.contested_at is not None:
        raise NotNow(ALREADY_CONTESTED)
    on, evidence = _entered(letter, authorisation.starts_on, today)
    entered_by = None if letter is None else by
    return _next(
        replace(authorisation, contested_at=at, contested_on=on, contest_paper=evidence, contest_entered_by=entered_by)
    )


def decide_contest(
    authorisation: Authorisation, finding: ContestFinding, evidence: str, *, by: str, at: datetime
) -> Authorisation:
    """Decide on a contest with a *finding* and the reference of its reasons. The paper allows no read either way."""
    if authorisation.contested_at is None:
        raise NotNow(NOT_CONTESTED)
    if authorisation.contest_decided_at is not None:
        raise NotNow(CONTEST_ALREADY_DECIDED)
    if by in {authorisation.requested_by, authorisation.confirmed_by, authorisation.contest_entered_by}:
        raise NotAdmitted(RECORDER_CANNOT_DECIDE)
    decided = replace(
        authorisation,
        contest_decided_at=at,
        contest_decided_by=by,
        contest_finding=finding,
        contest_evidence=reference(evidence),
    )
    return _next(decided)


def require_posted(on: date, since: date | None, today: date) -> None:
    """Raise BadEvidence unless a letter was posted between what it answers and today."""
    if on > today:
        raise BadEvidence(POSTED_IN_FUTURE)
    if since is not None and on < since:
        raise BadEvidence(POSTED_TOO_EARLY, since=since)


def _entered(letter: Letter | None, since: date | None, today: date) -> tuple[date | None, str | None]:
    """Return the day of a *letter* and its reference; nothing without one."""
    if letter is None:
        return None, None
    require_posted(letter.on, since, today)
    return letter.on, reference(letter.evidence)


def _must_be_open(authorisation: Authorisation, today: date) -> None:
    """Raise unless the request still waits for its answer."""
    status = authorisation.status(today)
    if status is Status.LAPSED:
        raise NotNow(REQUEST_LAPSED)
    if status is not Status.REQUESTED:
        raise NotNow(ALREADY_ANSWERED)


def _lessened(authorisation: Authorisation, bounds: Bounds) -> Authorisation:
    """Return *authorisation* within *bounds*; raises CANNOT_WIDEN if they ask for more than it gives."""
    groups = authorisation.groups if bounds.groups is None else bounds.groups
    expires_on = bounds.expires_on or authorisation.expires_on
    uses = authorisation.uses_allowed if bounds.uses is None else bounds.uses
    if groups | authorisation.groups != authorisation.groups:
        raise NotNarrower(CANNOT_WIDEN)
    if expires_on > authorisation.expires_on or uses > authorisation.uses_allowed:
        raise NotNarrower(CANNOT_WIDEN)
    return replace(authorisation, groups=groups, expires_on=expires_on, uses_allowed=uses)


def reference(evidence: str) -> str:
    """Return *evidence* trimmed; raises BadEvidence if it is missing, or no short line."""
    text = trimmed(evidence)
    if not text:
        raise BadEvidence(EVIDENCE_MISSING)
    if not is_reference(text):
        raise BadEvidence(EVIDENCE_NOT_A_REFERENCE)
    return text


def trimmed(text: str) -> str:
    """Return *text* in its compatibility form, without space around it."""
    return unicodedata.normalize("NFKC", text).strip()


def is_reference(text: str) -> bool:
    """Return whether *text* is a short reference. The entrance has refused one that holds a person's number [5.1.6]."""
    return len(text) <= LONGEST_REFERENCE and text.isprintable()


def _next(authorisation: Authorisation) -> Authorisation:
    return replace(authorisation, version=authorisation.version + 1)
