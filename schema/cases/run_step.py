"""How the counter takes a step of a case: once, in one transaction, refused by a name that the union has [5.1.4].

What was changed is read back by the guarded road (`CaseChanged`).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast
from uuid import UUID

from consent.errors import Collision as Collided
from consent.idempotency import once_for_ids
from credit.cases.case import Case
from credit.cases.rules.grounds import CommitmentCheck, DeferredDocuments, Grounds, Impersonation
from credit.core.errors import CreditError
from queryplan.entities import Entity
from schema.cases.types import CaseChanged
from schema.core.context import RequestContext
from schema.core.errors import BadArgument
from schema.core.idempotency import id_of, keyed_request_hash
from schema.core.ports import CommittingWork
from schema.core.refusals import Refusal, to_graphql

Act = Callable[[CommittingWork], Awaitable[Case]]


async def take_step(context: RequestContext, action: str, given: Any, act: Act) -> Any:  # noqa: ANN401 - any input, any union
    """Carry out *act* once, in one transaction; expected refusals become members of the union."""
    asked, refusal = keyed_request_hash(context, action, given), cast("Refusal | None", None)
    found: Mapping[str, str] = {}
    try:
        async with context.begin() as work:

            async def ids() -> Mapping[str, str]:
                done = await act(work)
                return {"subject_id": str(done.subject_id), "case_id": str(done.case_id)}

            key = given.idempotency_key
            found = await once_for_ids(work, context.actor.ref, key, asked=asked, at=context.now, act=ids)
            await work.commit()
    except Collided as error:
        refusal = to_graphql(error)
    except CreditError as error:
        refusal = to_graphql(error)
    if refusal is not None:
        return refusal
    keys = UUID(found["subject_id"]), UUID(found["case_id"])
    return CaseChanged(case=keys)  # type: ignore[arg-type]  # its keys, until it is read back


def grounds_of(given: Any) -> Grounds | None:  # noqa: ANN401 - any of the inputs with grounds
    """Return what the circumstance rests on; raises BadArgument where two circumstances are argued at once."""
    named = [name for name in ("documents", "commitment", "impersonation") if getattr(given, name) is not None]
    if len(named) > 1:
        raise BadArgument(argument=named[1])
    if given.documents is not None:
        found = given.documents
        return DeferredDocuments(found.promised_for, found.reminded_on, found.supplied_on)
    if given.commitment is not None:
        return CommitmentCheck(given.commitment.committed_on, given.commitment.verified_on, given.commitment.met)
    if given.impersonation is not None:
        victim = given.impersonation.victim
        return Impersonation(None if victim is None else cast("UUID", id_of(victim, Entity.SUBJECT).keys[0]))
    return None
