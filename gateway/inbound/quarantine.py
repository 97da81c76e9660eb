"""Quarantined messages: a person views one, which is recorded, and settles it [5.1.3] [5.1.6]."""

from typing import Final
from uuid import UUID

from consent.vocabulary import Purpose
from gateway.import_export.authorize import admit_import
from gateway.import_export.reference_lists import load_lists
from gateway.services import Services
from policy.actors import Actor
from schema.execution.disclosure import RecordedDisclosure
from schema.execution.durable_records import CommittedMessage
from storage.repositories.messages.inbound_messages import BODY, TABLE, Held
from storage.unit_of_work import SqlUnitOfWork

SHOWN, SETTLED = "quarantine.shown", "quarantine.settled"
TAKEN_IN, DISCARDED = "TAKEN_IN", "DISCARDED"
"""Imported through a new message or manually; or discarded."""
OPENS: Final = frozenset({(TABLE, BODY)})


class NotThere(Exception):
    """The department has no waiting item with this id."""


async def show(services: Services, actor: Actor, item_id: UUID) -> tuple[Held, str]:
    """Return an item and its content to an actor who may import its cases; raises NotThere, ExchangeRefused.

    The view is durable before the content is opened. The message is on no subject's record yet, so in no subject's log.
    """
    await _admit(services, actor)
    async with SqlUnitOfWork(services.database) as work:
        held = await work.inbound.held(1, item_id)
        item = next((one for one in held if one.body is not None and _is_theirs(one, actor)), None)
        if item is None or item.body is None:
            raise NotThere
        about = {"item_id": str(item_id), "by": actor.ref, "role": actor.role.value, "department_code": _of(actor)}
        message = CommittedMessage(work, SHOWN, about, services.runtime.new_id(), services.runtime.now())
        disclosure = RecordedDisclosure(services.keyring, actor, Purpose.DETERMINATION, services.policy.version, OPENS)
        recorded = await disclosure.record([item.body], message)
    return item, recorded.open(item.body)


async def settle(services: Services, actor: Actor, item_id: UUID, settled_as: str) -> None:
    """Settle an item and destroy it with its key; raises NotThere, ExchangeRefused."""
    await _admit(services, actor)
    now = services.runtime.now()
    async with SqlUnitOfWork(services.database) as work:
        held = await work.inbound.held(1, item_id)
        theirs = any(_is_theirs(one, actor) for one in held)
        if not theirs or not await work.inbound.settle(item_id, actor.ref, settled_as, now):
            raise NotThere
        about = {"item_id": str(item_id), "by": actor.ref, "role": actor.role.value, "department_code": _of(actor)}
        await work.outbox(SETTLED, about, services.runtime.new_id(), now)
        await work.commit()
    await services.database.checkpoint()


async def _admit(services: Services, actor: Actor) -> None:
    admit_import(services.policy, actor, await load_lists(services.database))


def _is_theirs(item: Held, actor: Actor) -> bool:
    """Return whether an item is for the actor's department; one without a department is for every department."""
    return item.department_code in {None, actor.department}


def _of(actor: Actor) -> str:
    return str(actor.department)
