"""What a person does with what could not be taken in: look at it, which is recorded, and settle it [5.1.3] [5.1.6]."""

from typing import Final
from uuid import UUID

from consent.vocabulary import Purpose
from gateway.import_export.authorize import admit_import
from gateway.import_export.reference_lists import load_lists
from gateway.wiring import Services
from policy.actors import Actor
from schema.execution.disclosure import RecordedDisclosure
from schema.execution.durable_records import CommittedMessage
from storage.repositories.messages.inbound_messages import BODY, TABLE, Held
from storage.unit_of_work import SqlUnitOfWork

SHOWN, SETTLED = "quarantine.shown", "quarantine.settled"
TAKEN_IN, DISCARDED = "TAKEN_IN", "DISCARDED"
"""It was mended and sent again under a new key, or collected by hand; or there was nothing in it."""
OPENS: Final = frozenset({(TABLE, BODY)})


class NotThere(Exception):
    """No item of this id waits for this department."""


async def show(services: Services, actor: Actor, item_id: UUID) -> tuple[Held, str]:
    """Return an item with what came in, for who may take in cases of its department; raises NotThere, ExchangeRefused.

    That it was looked at is durable before it is opened. It is on nobody's record yet, so no subject's log has it.
    """
    await _admit(services, actor)
    async with SqlUnitOfWork(services.database) as work:
        held = await work.inbound.held(1, item_id)
        item = next((one for one in held if one.body is not None and _is_theirs(one, actor)), None)
        if item is None or item.body is None:
            raise NotThere
        about = {"item_id": str(item_id), "by": actor.ref, "role": actor.role.value, "department_code": _of(actor)}
        message = CommittedMessage(work, SHOWN, about, services.runtime.new_id(), services.runtime.now())
        disclosure = RecordedDisclosure(
            services.keyring, actor, Purpose.DETERMINATION, services.graphql_service.policy.version, OPENS
        )
        recorded = await disclosure.record([item.body], message)
    return item, recorded.open(item.body)


async def settle(services: Services, actor: Actor, item_id: UUID, settled_as: str) -> None:
    """Note that a person has dealt with an item, and destroy it with its key; raises NotThere, ExchangeRefused."""
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
    admit_import(services.graphql_service.policy, actor, await load_lists(services.database))


def _is_theirs(item: Held, actor: Actor) -> bool:
    """Tell whether an item is for the actor's department; what names none is for whoever looks first."""
    return item.department_code in {None, actor.department}


def _of(actor: Actor) -> str:
    return str(actor.department)
