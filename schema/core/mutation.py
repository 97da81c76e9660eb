"""Runs a mutation: once for each key, in one transaction, with its expected refusals as members of the result union.

A resolver translates its input and makes one call:

    return await run_mutation(
        info.context, "serve-case", input,
        lambda work, by: procedure.serve(work, by, case_ref(input), step_details(input), input.means),
        CASE_CHANGED,
    )

The name goes into the hash that tells requests apart: it never changes. For the key we store ids only. The payload is
made of these, and the executor reads the record back by them, under today's rights.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from consent.errors import KEY_REUSED, Collision, ConsentError
from consent.idempotency import once_for_ids
from credit.core.context import ActionContext
from credit.core.errors import CreditError
from schema.core.context import RequestContext
from schema.core.idempotency import keyed_request_hash
from schema.core.inputs import KeyedInput
from schema.core.ports import CommittingWork
from schema.core.refusals import to_graphql

Done = TypeVar("Done")
"""What an action returns."""

Act = Callable[[CommittingWork, ActionContext], Awaitable[Done]]
"""Calls one action of `credit` or `consent` in a transaction that has begun."""

OnRefused = Callable[[RequestContext, CreditError, KeyedInput], Awaitable[None]]
"""Is given the request, the refusal and the input, before the refusal is shown."""


@dataclass(frozen=True, slots=True)
class MutationResult(Generic[Done]):
    """How the outcome of an action is stored for the idempotency key, and how the payload is made of what is stored."""

    stored: Callable[[Done], Mapping[str, str]]
    payload: Callable[[Mapping[str, str]], Any]

    def payload_of(self, done: Done) -> Any:  # noqa: ANN401 - a member of the mutation's union
        """Return the payload of *done*."""
        return self.payload(self.stored(done))


def record_result(payload: Callable[..., object], field: str, **attributes: str) -> MutationResult[Any]:
    """Return the result of a mutation that leads to a record.

    *attributes* are the ids of the record, each by the name under which it is stored; in their order they are its keys.
    The *field* of the payload holds the keys until the executor reads the record back.
    """

    def stored(record: object) -> Mapping[str, str]:
        return {name: str(getattr(record, attribute)) for name, attribute in attributes.items()}

    def made(ids: Mapping[str, str]) -> object:
        return payload(**{field: tuple(UUID(ids[name]) for name in attributes)})

    return MutationResult(stored, made)


@dataclass(frozen=True, slots=True)
class RequestKey:
    """The caller's idempotency key, if there is one, and the hash of what is asked under it."""

    text: str | None
    request_hash: str


def request_key(context: RequestContext, name: str, given: KeyedInput) -> RequestKey:
    """Return the key of *given*, an input of the mutation *name*; raises BadArgument for a key that is none."""
    return RequestKey(given.idempotency_key, keyed_request_hash(context, name, given))


async def run_mutation(
    context: RequestContext,
    name: str,
    given: KeyedInput,
    act: Act[Done],
    result: MutationResult[Done],
    *,
    on_refused: OnRefused | None = None,
) -> Any:  # noqa: ANN401 - a member of the mutation's union
    """Carry out *act* once and return its payload, or the refusal; *on_refused* is called before a refusal is shown."""
    key = request_key(context, name, given)
    return await or_refusal(
        run_once(context, key, act, result),
        None if on_refused is None else lambda error: on_refused(context, error, given),
    )


async def run_once(context: RequestContext, key: RequestKey, act: Act[Done], result: MutationResult[Done]) -> Any:  # noqa: ANN401 - as above
    """Carry out *act* in one transaction, unless it was under this key; return the payload once all is durable."""
    async with context.begin() as work:

        async def stored() -> Mapping[str, str]:
            return result.stored(await act(work, context.action))

        found = await once_for_ids(
            work, context.actor.ref, key.text, asked=key.request_hash, at=context.now, act=stored
        )
        await work.commit()
    return result.payload(found)


async def stored_before(context: RequestContext, key: RequestKey) -> Mapping[str, str] | None:
    """Return what is stored for *key*; None where there is nothing yet. Raises KEY_REUSED.

    For a mutation that asks another service before its transaction: a request sent again does not ask twice.
    """
    if key.text is None:
        return None
    async with context.begin() as work:
        before = await work.recall(context.actor.ref, key.text)
    if before is not None and before.request_hash != key.request_hash:
        raise Collision(KEY_REUSED)
    return None if before is None else before.result


async def or_refusal(doing: Awaitable[Any], on_refused: Callable[[CreditError], Awaitable[None]] | None = None) -> Any:  # noqa: ANN401 - as above
    """Return what *doing* gives, or an expected refusal as the schema shows it; one that no type shows is a bug."""
    try:
        return await doing
    except ConsentError as error:
        return to_graphql(error)
    except CreditError as error:
        refusal = to_graphql(error)
        if on_refused is not None:
            await on_refused(error)
        return refusal
