"""The actions on delegations: check who asks, apply the pure rule, save, record, notify. The caller commits [5.1.6].

Who may, whatever the policy tables say: the subject records an agent or an officer itself; a clerk records any kind on
paper, of a subject of its window; a delegate never, because a chain has one link. The subject ends a delegation at any
time, the delegate gives its own up, and the office that recorded it ends it on evidence.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from consent import delegation_rules
from consent.actions import AGENT, SUBJECT
from consent.context import ConsentContext
from consent.delegation import Delegation, DelegationKind, Power
from consent.delegation_rules import BETWEEN, Principal, Terms
from consent.errors import (
    AUTHORITY_NOT_SHOWN,
    DELEGATE_CANNOT_DELEGATE,
    NOT_YOURS,
    RECORDED_AT_THE_WINDOW,
    VERSION_CONFLICT,
    Collision,
    NotAdmitted,
    NotDelegable,
    NotFound,
)
from consent.log_entries import SALT_BYTES, DelegationEvent, DelegationStep
from consent.ports import Work
from consent.vocabulary import FieldGroup

CLERK = "clerk"


async def record_delegation(work: Work, context: ConsentContext, longest_days: int, terms: Terms) -> Delegation:
    """Record who may act for a subject, on which evidence, how far and how long; the subject is notified."""
    office = await _recording_office(work, context, terms)
    principal = await _principal(work, context, terms)
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

    INVARIANT: what is not the caller's is reported as not found, whether or not it exists.
    """
    actor = context.actor
    if actor.role not in {SUBJECT, AGENT, CLERK}:
        raise NotAdmitted(NOT_YOURS)
    found = await work.delegations.load(subject_id, delegation_id)
    may = found is not None and {
        SUBJECT: actor.subject == subject_id,
        AGENT: found.delegate_ref == actor.ref,
        CLERK: actor.department is not None and found.department_code == actor.department,
    }.get(actor.role, False)
    if found is None or not may:
        raise NotFound
    if expected_version not in {None, found.version}:
        raise Collision(VERSION_CONFLICT)
    if actor.role == CLERK and not any(each.strip() for each in evidence):
        raise NotDelegable(AUTHORITY_NOT_SHOWN)
    ended = delegation_rules.end(found, by=actor.ref, role=actor.role, evidence=evidence, at=context.now)
    await _save(work, context, DelegationStep.ENDED, ended, over=found.version)
    return ended


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


async def _principal(work: Work, context: ConsentContext, terms: Terms) -> Principal:
    kind = await work.kind_of(terms.subject_id)
    if kind is None:
        raise NotFound
    return Principal(
        str(kind),
        await work.age_on(terms.subject_id, context.today),
        await work.age_on(terms.subject_id, terms.expires_on),
        await work.delegations.is_guarded(terms.subject_id, context.today),
    )


async def _save(work: Work, context: ConsentContext, step: DelegationStep, changed: Delegation, *, over: int) -> None:
    """Save *changed* over the version *over*, append the event with its pending leaf, and notify the subject."""
    await work.delegations.save(changed, over)
    happened = DelegationEvent(
        subject_id=changed.subject_id,
        event_id=context.new_id(),
        delegation_id=changed.delegation_id,
        at=context.now,
        actor_ref=context.actor.ref,
        role=context.actor.role,
        department_code=context.actor.department if context.actor.role == CLERK else None,
        event=step,
        facts=_facts(changed),
        salt=context.random(SALT_BYTES),
    )
    await work.delegations.append_event(happened)
    await work.pend("consent", happened.event_id, happened.leaf_hash(), context.now)
    about = {"to": "subject", "subject_id": str(changed.subject_id), "delegation_id": str(changed.delegation_id)}
    if happened.department_code is not None:
        about["department_code"] = happened.department_code
    await work.outbox(f"delegation.{step.value.lower()}", about, context.new_id(), context.now)


def _facts(delegation: Delegation) -> dict[str, object]:
    """Return the terms after an event: references, choices and days, nothing personal."""
    papers = delegation.evidence if delegation.withdrawn_at is None else delegation.end_evidence
    return {
        "kind": delegation.kind.value,
        "delegate_ref": delegation.delegate_ref,
        "groups": [group.name for group in FieldGroup if group in delegation.groups],
        "powers": [power.name for power in Power if power in delegation.powers],
        "starts_on": delegation.starts_on.isoformat(),
        "expires_on": delegation.expires_on.isoformat(),
        "evidence": papers.split(BETWEEN) if papers else [],
        "version": delegation.version,
    }
