"""Records who has what information about a case, and who has to be notified that it was wrong [5.1.4(6)].

**For all code that gives out information about a case** (courier, consultations, credit checks, exports, notices, cases
that a platform pushes to us): call `record_delivery` in the transaction in which the information goes out, with the
names of its items:

    delivery = Delivery(case_id, "LZ-SCJG", Route.CONSULTATION, items, context.now)
    await record_delivery(work, context, subject_id, delivery)

*recipient* is a reference that stays the same (a department's code, `city-platform`, an association's code), never a
name. One call for each case that the information was about. A delivery that went out before a correction and is
recorded after it is still notified: the order of the two calls does not matter. If only the fact of the restraint went
out, call `record_restraint_disclosed`.

**For the courier**: the topic is `correction.tell`; the message contains the ids of notification and correction, the
recipient and the route, and no particulars. When it has been delivered, call `recipient_notified`. The corrected record
that goes out with it is a delivery of its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from credit.cases.case import Fact
from credit.cases.steps import StepName
from credit.core.context import ActionContext
from credit.core.errors import UnknownCase
from credit.core.unit_of_work import UnitOfWork
from credit.corrections.correction import (
    Correction,
    Delivery,
    RecordItem,
    Route,
    completed_on,
    record_notified,
    still_to_notify,
)
from credit.corrections.ports import RecipientNotification, Sent
from credit.corrections.record_step import record_step
from credit.subjects.record_events import RecordEvent

TOPIC = "correction.tell"


async def record_delivery(
    work: UnitOfWork, context: ActionContext, subject_id: UUID, delivery: Delivery, message_id: UUID | None = None
) -> None:
    """Record that a recipient has information about a case of the subject since `delivery.sent_at`.

    If the case was corrected since that instant, the recipient is notified.
    """
    sent = Sent(subject_id, context.new_id(), delivery, message_id)
    await work.corrections.deliver(sent)
    facts = {
        "delivery_id": str(sent.delivery_id),
        "case_id": str(delivery.case_id),
        "recipient": delivery.recipient,
        "route": delivery.route.value,
        "items": sorted(item.value for item in delivery.items),
        "sent_at": delivery.sent_at.isoformat(),
    }
    await work.record_event(context, subject_id, RecordEvent.DELIVERED, facts)
    for one in await work.corrections.of_subject(subject_id):
        if one.done is not None and still_to_notify(one, [delivery]):
            await enqueue_notifications(work, context, one)


async def record_restraint_disclosed(
    work: UnitOfWork, context: ActionContext, subject_id: UUID, recipient: str, route: Route
) -> None:
    """Record that a recipient learned that a subject is restrained today, for each case that restrains it [5.2.3].

    If one of these cases is later removed as wrong, that recipient is notified.
    """
    items = frozenset({RecordItem.STANDING})
    for case in await work.cases.all_of(subject_id):
        if case.is_public(context.today, context.unrectified):
            delivery = Delivery(case.case_id, recipient, route, items, context.now)
            await record_delivery(work, context, subject_id, delivery)


async def enqueue_notifications(work: UnitOfWork, context: ActionContext, correction: Correction) -> Correction:
    """Enqueue one message for each recipient and route not notified yet, and save the state of the correction."""
    sent = await work.corrections.deliveries_of(correction.subject_id)
    left = {_key(each) for each in await work.corrections.recipients(correction.subject_id, correction.correction_id)}
    for message in still_to_notify(correction, sent):
        if (message.recipient, message.route) in left:
            continue
        notification = RecipientNotification(
            subject_id=correction.subject_id,
            telling_id=context.new_id(),
            correction_id=correction.correction_id,
            message=message,
            message_id=context.new_id(),
            left_at=context.now,
        )
        await work.corrections.add_recipient(notification, correction)
        await work.outbox(TOPIC, _about(notification, correction), notification.message_id, context.now)
    return await _save(work, correction, sent)


async def recipient_notified(
    work: UnitOfWork, context: ActionContext, subject_id: UUID, telling_id: UUID, fact: Fact | None = None
) -> Correction:
    """Record that a recipient has been notified; a repeated call changes nothing. Raises UnknownCase.

    The last notification completes the correction.
    """
    correction = await lock_correction(work, subject_id, telling_id)
    recipients = await work.corrections.recipients(subject_id, correction.correction_id)
    notification = next(each for each in recipients if each.telling_id == telling_id)
    notified_by = fact or Fact(context.today, context.actor.ref, context.actor.department, (), context.now)
    notified = record_notified(correction, notification.message, notified_by)
    if notified == correction or not await work.corrections.record_notified(notification, notified_by, context.now):
        return correction
    facts = {"recipient": notification.message.recipient, "route": notification.message.route.value}
    await record_step(work, context, StepName.RECIPIENT_TOLD, notified_by, correction, facts)
    return await _save(work, notified, await work.corrections.deliveries_of(subject_id))


async def lock_correction(work: UnitOfWork, subject_id: UUID, telling_id: UUID) -> Correction:
    """Return the correction of a notification; others that notify of it wait until this transaction ends.

    Raises UnknownCase.
    """
    correction_id = await work.corrections.correction_of(subject_id, telling_id)
    correction = None if correction_id is None else await work.corrections.load(subject_id, correction_id)
    if correction is None:
        raise UnknownCase
    return correction


async def _save(work: UnitOfWork, correction: Correction, sent: Sequence[Delivery]) -> Correction:
    await work.corrections.save(correction, completed_on(correction, sent))
    return replace(correction, version=correction.version + 1)


def _about(notification: RecipientNotification, correction: Correction) -> dict[str, str]:
    about = {
        "to": notification.message.recipient,
        "route": notification.message.route.value,
        "subject_id": str(notification.subject_id),
        "correction_id": str(notification.correction_id),
        "telling_id": str(notification.telling_id),
        "department_code": correction.department_code,
    }
    return about if correction.case_id is None else about | {"case_id": str(correction.case_id)}


def _key(notification: RecipientNotification) -> tuple[str, object]:
    return notification.message.recipient, notification.message.route
