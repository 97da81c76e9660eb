"""How the counter takes a step of a correction or an objection: once, in one transaction, refused by name."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast
from uuid import UUID

from consent.errors import Collision as Collided
from consent.idempotency import once_for_ids
from credit.core.errors import CreditError
from schema.core.context import RequestContext
from schema.core.idempotency import keyed_request_hash
from schema.core.ports import CommittingWork
from schema.core.refusals import Refusal, to_graphql

Keys = tuple[UUID, UUID]


async def hear(
    context: RequestContext,
    action: str,
    given: Any,  # noqa: ANN401 - any input
    act: Callable[[CommittingWork], Awaitable[Keys]],
    payload: Callable[[Keys], object],
) -> Any:  # noqa: ANN401 - any union
    """Carry out *act* once, and return the payload of the row that it led to; refusals become members of the union."""
    asked, refusal = keyed_request_hash(context, action, given), cast("Refusal | None", None)
    found: Mapping[str, str] = {}
    try:
        async with context.begin() as work:

            async def ids() -> Mapping[str, str]:
                subject_id, row_id = await act(work)
                return {"subject_id": str(subject_id), "row_id": str(row_id)}

            key = given.idempotency_key
            found = await once_for_ids(work, context.actor.ref, key, asked=asked, at=context.now, act=ids)
            await work.commit()
    except Collided as error:
        refusal = to_graphql(error)
    except CreditError as error:
        refusal = to_graphql(error)
    if refusal is not None:
        return refusal
    return payload((UUID(found["subject_id"]), UUID(found["row_id"])))
