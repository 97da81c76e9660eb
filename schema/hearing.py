"""How the counter takes a step of a correction or an objection: once, in one transaction, refused by name.

What tells requests under one idempotency key apart is kept. A plain hash of an identity number is as good as the
number, so particulars and free texts go into it through a key of the keyring.
"""

from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from hashlib import sha256
from typing import Any, Final, cast
from uuid import UUID

from consent.entries import canonical
from consent.errors import Collision as Collided
from consent.idempotency import once_for_ids, request_hash
from credit.errors import CreditError
from credit.subjects import IdentifierKind
from policy.keys import Keyring
from schema.context import Context
from schema.keyed import asked_for
from schema.ports import CommittingWork
from schema.refusals import Refusal, case_refusal_of, refusal_of

Keys = tuple[UUID, UUID]
PERSONAL: Final = ("name", "number", "address", "phone", "facts", "text", "reasons", "particulars")
"""The arguments that tell of somebody."""


async def hear(
    context: Context,
    action: str,
    given: Any,  # noqa: ANN401 - any input
    act: Callable[[CommittingWork], Awaitable[Keys]],
    payload: Callable[[Keys], object],
) -> Any:  # noqa: ANN401 - any union
    """Carry out *act* once, and return the payload of the row that it led to; refusals become members of the union."""
    asked, refusal = _asked(context.keyring, action, given), cast("Refusal | None", None)
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
        refusal = refusal_of(error)
    except CreditError as error:
        refusal = case_refusal_of(error)
    if refusal is not None:
        return refusal
    return payload((UUID(found["subject_id"]), UUID(found["row_id"])))


def _asked(keyring: Keyring, action: str, given: Any) -> str:  # noqa: ANN401 - any input
    """Return the hash of what *given* asks for, the personal part of it keyed; raises BadArgument for a bad key."""
    personal = {name: _plain(getattr(given, name)) for name in PERSONAL if hasattr(given, name)}
    rest = copy(given)
    for name in personal:
        setattr(rest, name, None)
    digest = sha256(canonical(personal)).hexdigest().upper()
    keyed = keyring.term(IdentifierKind.ID_NUMBER, digest).hex()
    return request_hash(action, {"asked": asked_for(action, rest), "personal": keyed})


def _plain(value: object) -> object:
    return dict(vars(value)) if hasattr(value, "__strawberry_definition__") else value
