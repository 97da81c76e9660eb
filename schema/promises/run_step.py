"""What every step of a promise has in common: done once, in one transaction; refused by name; read back by the road."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from consent.errors import Collision as Collided
from consent.idempotency import once_for_ids
from credit.core.errors import CreditError
from credit.core.unit_of_work import UnitOfWork
from credit.promises.commitment import Commitment
from credit.promises.deferral import Deferral
from queryplan.entities import Entity
from schema.core.context import RequestContext
from schema.core.idempotency import id_of, keyed_request_hash
from schema.core.inputs import application_ref
from schema.core.refusals import Refusal, to_graphql
from schema.execution.refusal_entries import record_refusal

Act = Callable[[UnitOfWork], Awaitable[Deferral | Commitment]]


async def step(context: RequestContext, action: str, given: Any, act: Act) -> Any:  # noqa: ANN401 - any input, any union
    """Carry out *act* once, in one transaction. Return the keys of the promise, or the refusal as the schema has it."""
    asked, refusal = keyed_request_hash(context, action, given), cast("Refusal | None", None)
    try:
        async with context.begin() as work:

            async def ids() -> Mapping[str, str]:
                done = await act(work)
                return {"subject_id": str(done.subject_id), "application_id": str(done.application_id)}

            await once_for_ids(work, context.actor.ref, given.idempotency_key, asked=asked, at=context.now, act=ids)
            await work.commit()
    except Collided as error:
        refusal = to_graphql(error)
    except CreditError as error:
        refusal = to_graphql(error)
        await record_refusal(context, error, application_ref(given))
    return refusal or id_of(given.application, Entity.APPLICATION).keys
