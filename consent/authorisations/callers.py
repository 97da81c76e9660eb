"""Who may ask for an authorisation, answer it, or decide on its paper [5.1.6].

Permission is checked here again, whatever the policy tables say: only the subject, or a delegate whose authority is
recorded and live, may answer a request or offer an authorisation; only staff may make one, and only for its own
department. A contested paper is decided, and the paper after it confirmed, by the head of the department or the
district office, never by who recorded it. A record that the caller may not know about is reported as not found, whether
or not it exists.
"""

from typing import NotRequired, TypedDict, Unpack
from uuid import UUID

from consent.authorisation import Authorisation
from consent.context import ConsentCaller, ConsentContext
from consent.delegation import Power, guardian_consents
from consent.errors import GUARDIAN_REQUIRED, MAY_NOT_ASK, NOT_YOURS, VERSION_CONFLICT, Collision, NotAdmitted, NotFound
from consent.ports import Work
from consent.rules import Letter
from consent.templates import ASKS, Template
from consent.ward_rules import needs_guardian

SUBJECT, AGENT, HEAD, OFFICE = "subject", "agent", "head", "office"


class AuthorisationKey(TypedDict):
    """An authorisation, and the version that the caller saw: another one is refused. None accepts any."""

    subject_id: UUID
    authorisation_id: UUID
    expected_version: NotRequired[int | None]


def asking_for(template: Template, actor: ConsentCaller) -> str:
    """Return the department or association that the caller asks for: its own, never another."""
    if actor.role != ASKS[template.recipients] or actor.department is None:
        raise NotAdmitted(MAY_NOT_ASK)
    return actor.department


async def load_answered(
    work: Work, context: ConsentContext, letter: Letter | None, **which: Unpack[AuthorisationKey]
) -> Authorisation:
    """Load what the subject answers: for itself or its delegate, or for an officer of the recipient with its *letter*.

    INVARIANT: for an officer the version is compared after the rule, or it would tell a refused request from an
    unanswered one.
    """
    if letter is None:
        return await load_own(work, context, **which)
    actor = context.actor
    if actor.role not in ASKS.values() or actor.department is None:
        raise NotAdmitted(NOT_YOURS)
    found = await work.authorisations.load(which["subject_id"], which["authorisation_id"])
    if found is None or found.recipient_code != actor.department:
        raise NotFound
    return found


async def load_own(work: Work, context: ConsentContext, **which: Unpack[AuthorisationKey]) -> Authorisation:
    """Load an authorisation of the subject that the caller is or acts for; raises VERSION_CONFLICT."""
    await require_own(work, context, which["subject_id"])
    return require_version(await work.authorisations.load(which["subject_id"], which["authorisation_id"]), **which)


async def require_own(work: Work, context: ConsentContext, subject_id: UUID) -> None:
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


async def load_supervised(work: Work, context: ConsentContext, **which: Unpack[AuthorisationKey]) -> Authorisation:
    """Load a paper that the head of the department, or the district office, decides on; raises VERSION_CONFLICT."""
    actor = context.actor
    found = await work.authorisations.load(which["subject_id"], which["authorisation_id"])
    own = found is not None and actor.role == HEAD and actor.department == found.recipient_code
    if found is None or found.paper_evidence is None or not (own or actor.role == OFFICE):
        raise NotFound
    return require_version(found, **which)


def require_version(found: Authorisation | None, **which: Unpack[AuthorisationKey]) -> Authorisation:
    """Return *found* if it has the version that the caller saw."""
    if found is None:
        raise NotFound
    if which.get("expected_version") not in {None, found.version}:
        raise Collision(VERSION_CONFLICT)
    return found


async def require_guardian(work: Work, context: ConsentContext, subject_id: UUID) -> None:
    """Refuse a consent for a child under 14, or for an adult ward, that does not come from a recorded guardian.

    On paper the guardian signs, so one has to be recorded before [PIPL 31] [Civil Code 21, 22].
    """
    held = await work.delegations.of_subject(subject_id)
    if not needs_guardian(await work.age_on(subject_id, context.today), held, context.today):
        return
    by = context.actor.ref if context.actor.role == AGENT else None
    if context.actor.role == SUBJECT or not guardian_consents(held, context.today, by):
        raise NotAdmitted(GUARDIAN_REQUIRED)
