"""Records a delivery, in the transaction that marks its message as sent [5.1.4(6)].

A delivery says which recipient has which items: if one of them turns out wrong, that recipient is notified. An
announcement shows no particulars, but that this authority has a case; so its recipient is notified of a removal. A
payload that removes a case shows nothing, and is no delivery.
"""

from typing import Final
from uuid import UUID

from credit.core.context import ActionContext
from credit.corrections.correction import Delivery, RecordItem
from credit.corrections.deliveries import lock_correction, recipient_notified, record_delivery
from gateway.outbox_relay.payloads import PayloadState, state_of
from gateway.outbox_relay.read_current_state import Opened
from gateway.outbox_relay.recipients import Recipient
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from storage.repositories.messages.outbox_queue import OutboxMessage

ANNOUNCED: Final = frozenset({RecordItem.AUTHORITY})


async def on_delivered(
    work: SealingUnitOfWork, context: ActionContext, message: OutboxMessage, recipient: Recipient, opened: Opened
) -> None:
    """Record the delivery of a payload, and mark the correction that it carried as notified."""
    subject_id = UUID(str(message.about["subject_id"]))
    state = state_of(message, opened)
    if state is not PayloadState.ENDED and message.lane is not None:
        items = opened.items if state is PayloadState.IN_FORCE else ANNOUNCED
        delivery = Delivery(message.lane, recipient.name, recipient.route, items, opened.at)
        await record_delivery(work, context, subject_id, delivery, message.message_id)
    telling_id = message.about.get("telling_id")
    if telling_id is None:
        return
    # Two parts that arrive at once take turns here, or each would take the other one for the last.
    await lock_correction(work, subject_id, UUID(str(telling_id)))
    if await work.outbox_queue.is_last_of(str(telling_id), message.message_id):
        await recipient_notified(work, context, subject_id, UUID(str(telling_id)))
