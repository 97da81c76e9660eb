"""The recipient acknowledges that it has deleted what it received, or uses it no more [5.1.6] [PIPL 47].

The caller commits. Only an officer of the recipient acknowledges, for the own department or association: what is not
theirs is reported as not found.
"""

from typing import Final
from uuid import UUID

from consent.context import ConsentContext
from consent.deletions.deletion_duty import DeletionDuty, DeletionOutcome, acknowledge
from consent.errors import NOT_THE_RECIPIENT, VERSION_CONFLICT, Collision, NotAdmitted, NotFound
from consent.leaves.canonical_form import SALT_BYTES
from consent.leaves.consent_events import ConsentEvent, Event, terms_of
from consent.ports import Work

RECIPIENTS: Final = frozenset({"clerk", "handler", "head", "association"})
"""The roles that answer for what their department or association received."""
TOPIC: Final = "deletion.acknowledged"


async def acknowledge_deletion(
    work: Work,
    context: ConsentContext,
    outcome: DeletionOutcome,
    reference: str | None,
    *,
    subject_id: UUID,
    duty_id: UUID,
    expected_version: int | None = None,
) -> DeletionDuty:
    """Acknowledge a duty of the caller's own department; the subject is notified.

    Raises NotAdmitted, NotFound, VERSION_CONFLICT, and what `acknowledge` raises.
    """
    actor = context.actor
    if actor.role not in RECIPIENTS or actor.department is None:
        raise NotAdmitted(NOT_THE_RECIPIENT)
    duty = await work.deletions.load(subject_id, duty_id)
    if duty is None or duty.recipient_code != actor.department:
        raise NotFound
    done = acknowledge(duty, outcome, reference, by=actor.ref, at=context.now, today=context.today)
    if expected_version not in {None, duty.version}:
        raise Collision(VERSION_CONFLICT)
    authorisation = await work.authorisations.load(subject_id, duty.authorisation_id)
    if authorisation is None:
        raise NotFound
    await work.deletions.acknowledge(done, over=duty.version)
    facts = {"duty_id": str(duty_id), "outcome": outcome.value, "reference": done.reference}
    await work.authorisations.append_event(
        ConsentEvent(
            subject_id=subject_id,
            event_id=context.new_id(),
            authorisation_id=duty.authorisation_id,
            at=context.now,
            actor_ref=actor.ref,
            role=actor.role,
            event=Event.DELETION_ACKNOWLEDGED,
            facts=terms_of(authorisation) | {"deletion": facts},
            salt=context.random(SALT_BYTES),
        )
    )
    about = {
        "to": "subject",
        "subject_id": str(subject_id),
        "authorisation_id": str(duty.authorisation_id),
        "recipient_code": duty.recipient_code,
    }
    await work.outbox(TOPIC, about, context.new_id(), context.now)
    return done
