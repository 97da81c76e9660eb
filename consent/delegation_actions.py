"""The actions on delegations: check who asks, apply the pure rule, save, record, notify. The caller commits [5.1.6].

Who may, whatever the policy tables say: the subject records an agent or an officer itself; a clerk records any kind on
paper, of a subject of its window; a delegate never, because a chain has one link. The subject ends a delegation at any
time, the delegate gives its own up, and the office that recorded it ends it on evidence. A guardianship is ended by
that office alone; its subject and its guardian contest it, and the head or the district office decides.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from consent import delegation_rules
from consent.authorisations.actions import end_consents
from consent.authorisations.callers import AGENT, HEAD, OFFICE, SUBJECT
from consent.context import ConsentContext
from consent.delegation import Delegation, DelegationKind, GuardianshipFinding, Power, is_guarded
from consent.delegation_rules import BETWEEN, Principal, Terms
from consent.errors import (
    AUTHORITY_NOT_SHOWN,
    DELEGATE_CANNOT_DELEGATE,
    FILE_UNKNOWN,
    NOT_YOURS,
    RECORDED_AT_THE_WINDOW,
    VERSION_CONFLICT,
    Collision,
    NotAdmitted,
    NotDelegable,
    NotFound,
)
from consent.leaves.canonical_form import SALT_BYTES
from consent.leaves.delegation_events import DelegationEvent, DelegationStep
from consent.ports import Work
from consent.rules import Letter
from consent.vocabulary import FieldGroup
from consent.ward_rules import gave_alone, gave_for_ward

CLERK = "clerk"
RECORD = "DELEGATION"
"""The kind of record that the files of its evidence are attached to."""


async def record_delegation(work: Work, context: ConsentContext, longest_days: int, terms: Terms) -> Delegation:
    """Record who may act for a subject, on which evidence, how far and how long; the subject is notified.

    What an adult gave by itself since the first day of a guardianship that is recorded only now, ends.
    """
    office = await _recording_office(work, context, terms)
    held = await work.delegations.of_subject(terms.subject_id)
    principal = await _principal(work, context, terms, held)
    recorded = delegation_rules.record(
        terms,
        principal,
        delegation_id=context.new_id(),
        by=context.actor.ref,
        role=context.actor.role,
        department_code=office,
        longest_days=longest_days,
        at=context.now,
        today=context.today,
    )
    await _save(work, context, DelegationStep.RECORDED, recorded, over=0)
    await _attach(work, context, recorded, recorded.evidence)
    if recorded.kind is DelegationKind.GUARDIAN and not principal.is_minor:
        is_void = partial(gave_alone, recorded=recorded, before=held, today=context.today)
        await end_consents(work, context, recorded.subject_id, is_void)
    return recorded


async def end_delegation(
    work: Work,
    context: ConsentContext,
    *,
    subject_id: UUID,
    delegation_id: UUID,
    expected_version: int | None = None,
    evidence: Sequence[str] = (),
) -> Delegation:
    """End a delegation at once, in one call: the delegate's next request finds nothing. The subject is notified.

    A guardianship is ended by the office alone. INVARIANT: what is not the caller's is reported as not found, whether
    or not it exists.
    """
    actor = context.actor
    found = await _loaded(work, context, {SUBJECT, AGENT, CLERK}, subject_id, delegation_id, expected_version)
    if actor.role == CLERK and not any(each.strip() for each in evidence):
        raise NotDelegable(AUTHORITY_NOT_SHOWN)
    ended = delegation_rules.end(found, by=actor.ref, role=actor.role, evidence=evidence, at=context.now)
    await _save(work, context, DelegationStep.ENDED, ended, over=found.version)
    await _attach(work, context, ended, ended.end_evidence)
    return ended


async def contest_guardianship(
    work: Work,
    context: ConsentContext,
    letter: Letter | None = None,
    *,
    subject_id: UUID,
    delegation_id: UUID,
    expected_version: int | None = None,
) -> Delegation:
    """Contest a recorded guardianship, as its subject or its guardian: from now on the guardian reads and does nothing.

    A *letter* of either is entered by a clerk of the department that recorded it. The subject's protection stays as it
    is, so a contest wins it nothing but the rest: a person under guardianship appoints no agent and is not restrained,
    and for an adult ward or a child under 14 nobody consents meanwhile.
    """
    who = {SUBJECT, AGENT} if letter is None else {CLERK}
    found = await _loaded(work, context, who, subject_id, delegation_id, expected_version)
    contested = delegation_rules.contest(
        found, by=context.actor.ref, at=context.now, today=context.today, letter=letter
    )
    await _save(work, context, DelegationStep.CONTESTED, contested, over=found.version)
    await _attach(work, context, contested, contested.contest_paper)
    return contested


async def decide_guardianship(
    work: Work,
    context: ConsentContext,
    *,
    subject_id: UUID,
    delegation_id: UUID,
    finding: GuardianshipFinding,
    evidence: Sequence[str],
    expected_version: int | None = None,
) -> Delegation:
    """Decide the contest of a guardianship, as the head of the department that recorded it or the district office.

    Where it never held, what its guardian gave ends.
    """
    actor = context.actor
    found = await _loaded(work, context, {HEAD, OFFICE}, subject_id, delegation_id, expected_version)
    decided = delegation_rules.decide(found, finding, by=actor.ref, role=actor.role, evidence=evidence, at=context.now)
    await _save(work, context, DelegationStep.CONTEST_DECIDED, decided, over=found.version)
    await _attach(work, context, decided, decided.contest_evidence)
    if finding is GuardianshipFinding.NEVER_HELD:
        is_void = partial(gave_for_ward, never_held=decided, today=context.today)
        await end_consents(work, context, decided.subject_id, is_void)
    return decided


async def _loaded(
    work: Work,
    context: ConsentContext,
    roles: Collection[str],
    subject_id: UUID,
    delegation_id: UUID,
    expected_version: int | None,
) -> Delegation:
    """Return the delegation to a caller in one of *roles*; raises NotAdmitted, NotFound, Collision.

    An officer's is one that its department recorded; the district office decides on any that is contested.
    """
    actor = context.actor
    if actor.role not in roles:
        raise NotAdmitted(NOT_YOURS)
    found = await work.delegations.load(subject_id, delegation_id)
    if found is None:
        raise NotFound
    here = actor.department is not None and found.department_code == actor.department
    may = {
        SUBJECT: actor.subject == subject_id,
        AGENT: found.delegate_ref == actor.ref,
        CLERK: here,
        HEAD: here and found.contested_at is not None,
        OFFICE: found.contested_at is not None,
    }
    if not may.get(actor.role, False):
        raise NotFound
    if expected_version not in {None, found.version}:
        raise Collision(VERSION_CONFLICT)
    return found


async def _recording_office(work: Work, context: ConsentContext, terms: Terms) -> str | None:
    """Return the department that records it; None where the subject does. Raises NotAdmitted, NotFound."""
    actor = context.actor
    if actor.role == AGENT:
        raise NotAdmitted(DELEGATE_CANNOT_DELEGATE)
    if actor.role == SUBJECT:
        if actor.subject != terms.subject_id:
            raise NotFound
        if terms.kind not in {DelegationKind.AGENT, DelegationKind.OFFICER}:
            raise NotAdmitted(RECORDED_AT_THE_WINDOW)
        return None
    if actor.role != CLERK or actor.department is None:
        raise NotAdmitted(NOT_YOURS)
    registered_from = context.today - timedelta(days=context.registration_days)
    if not await work.delegations.is_at_window(terms.subject_id, actor.department, context.today, registered_from):
        raise NotFound
    return actor.department


async def _principal(work: Work, context: ConsentContext, terms: Terms, held: Sequence[Delegation]) -> Principal:
    kind = await work.kind_of(terms.subject_id)
    if kind is None:
        raise NotFound
    never_held = GuardianshipFinding.NEVER_HELD
    return Principal(
        str(kind),
        await work.age_on(terms.subject_id, context.today),
        await work.age_on(terms.subject_id, terms.expires_on),
        is_guarded=is_guarded(held, context.today),
        is_in_dispute=any(one.is_in_dispute for one in held),
        misrecorded_by=frozenset(one.recorded_by for one in held if one.contest_finding is never_held),
        ended_after=frozenset(one.recorded_by for one in held if one.recorded_as == CLERK and one.ended_as == SUBJECT),
    )


async def _attach(work: Work, context: ConsentContext, to: Delegation, evidence: str | None) -> None:
    """Attach the uploaded files that *evidence* names; raises FILE_UNKNOWN."""
    named = evidence.split(BETWEEN) if evidence else ()
    if await work.attach_files(context, to.subject_id, RECORD, to.delegation_id, named):
        raise NotDelegable(FILE_UNKNOWN)


async def _save(work: Work, context: ConsentContext, step: DelegationStep, changed: Delegation, *, over: int) -> None:
    """Save *changed* over the version *over*, append the event with its entry, and notify the subject."""
    await work.delegations.save(changed, over)
    happened = DelegationEvent(
        subject_id=changed.subject_id,
        event_id=context.new_id(),
        delegation_id=changed.delegation_id,
        at=context.now,
        actor_ref=context.actor.ref,
        role=context.actor.role,
        department_code=None if context.actor.role in {SUBJECT, AGENT} else context.actor.department,
        event=step,
        facts=_facts(step, changed),
        salt=context.random(SALT_BYTES),
    )
    await work.delegations.append_event(happened)
    about = {"to": "subject", "subject_id": str(changed.subject_id), "delegation_id": str(changed.delegation_id)}
    if happened.department_code is not None:
        about["department_code"] = happened.department_code
    topic = f"delegation.{step.value.lower().replace('_', '-')}"
    await work.outbox(topic, about, context.new_id(), context.now)
    if step is DelegationStep.CONTESTED and changed.department_code is not None:
        theirs = about | {"to": "department", "department_code": changed.department_code}
        await work.outbox(topic, theirs, context.new_id(), context.now)


def _facts(step: DelegationStep, delegation: Delegation) -> dict[str, object]:
    """Return the terms after an event: references, choices and days, nothing personal."""
    papers = {
        DelegationStep.RECORDED: delegation.evidence,
        DelegationStep.ENDED: delegation.end_evidence,
        DelegationStep.CONTESTED: delegation.contest_paper,
        DelegationStep.CONTEST_DECIDED: delegation.contest_evidence,
    }.get(step)
    decided = delegation.contest_finding if step is DelegationStep.CONTEST_DECIDED else None
    finding: dict[str, object] = {} if decided is None else {"finding": decided.value}
    if step is DelegationStep.CONTESTED and delegation.contested_on is not None:
        finding = {"contested_on": delegation.contested_on.isoformat()}
    return finding | {
        "kind": delegation.kind.value,
        "delegate_ref": delegation.delegate_ref,
        "groups": [group.name for group in FieldGroup if group in delegation.groups],
        "powers": [power.name for power in Power if power in delegation.powers],
        "starts_on": delegation.starts_on.isoformat(),
        "expires_on": delegation.expires_on.isoformat(),
        "evidence": papers.split(BETWEEN) if papers else [],
        "version": delegation.version,
    }
