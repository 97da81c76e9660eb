"""Runs a mutation: once for each key, in one transaction, with its expected refusals as members of the result union.

A resolver translates its input and makes one call. Where the input names a record that an action changes:

    change_case = RecordMutation(case_ref, CASE_CHANGED)

    return await change_case(info, input, procedure.serve, step_details(input), input.means)

and for any other action:

    return await run_mutation(info, input, CASE_CHANGED, collect.collect, collected)

For the key we store ids only. The payload is made of these, and the executor reads the record back by them, under
today's rights.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar
from uuid import UUID

import strawberry

from consent.errors import KEY_REUSED, Collision, ConsentError
from consent.idempotency import once_for_ids
from credit.core.context import ActionContext
from credit.core.errors import CreditError
from policy.actions import Action
from schema.core.context import Info, RequestContext
from schema.core.fields import ACTION
from schema.core.inputs import KeyedInput, require_impersonal, require_whole_items
from schema.core.mutations.idempotency import keyed_request_hash
from schema.core.mutations.refusals import to_graphql
from schema.core.ports import CommittingWork

Done = TypeVar("Done")
"""What an action returns."""
Given = TypeVar("Given", bound=KeyedInput)
"""The input of a mutation."""
Which = TypeVar("Which")
"""The record that an input names."""
Details = ParamSpec("Details")
"""What an action takes besides the record that it changes."""

SUBJECT_ID: Final = "subject_id"
"""What is stored for a key under this name is whom the record is about."""

Act = Callable[[CommittingWork, ActionContext], Awaitable[Done]]
"""Calls one action of `credit` or `consent` in a transaction that has begun."""

OTHER_NAMES: Final[Mapping[str, str]] = {
    "requestAuthorisation": "request",
    "recordPaperAuthorisation": "record-paper",
    "grantAuthorisation": "grant",
    "narrowAuthorisation": "narrow",
    "refuseAuthorisation": "refuse",
    "withdrawAuthorisation": "withdraw",
    "contestAuthorisation": "contest",
}
"""The mutations whose requests are hashed under another name than that of their field."""


@dataclass(frozen=True, slots=True)
class MutationResult(Generic[Done]):
    """How the outcome of an action is stored for the idempotency key, and how the payload is made of what is stored."""

    stored: Callable[[Done], Mapping[str, str]]
    """Gives what is stored, with the `subject_id` of the record, if it is about somebody."""
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


def step_mutation(description: str) -> Any:  # noqa: ANN401 - a decorator, as `strawberry.mutation` returns it
    """Decorate the resolver of a mutation that takes a step, and does not merely write: its action is `transition`."""
    return strawberry.mutation(metadata={ACTION: Action.TRANSITION}, description=description)


def hashed_name(field: str) -> str:
    """Return the name of the mutation *field* in the hash that tells requests apart: `serve-case` for `serveCase`.

    INVARIANT: it never changes, or a request that is sent again after an update would be refused as another one.
    """
    return OTHER_NAMES.get(field) or re.sub("[A-Z]", lambda capital: f"-{capital[0].lower()}", field)


def request_key(info: Info, given: KeyedInput) -> RequestKey:
    """Return the key of *given*, the input of the mutation that is run; raises BadArgument for a key that is none."""
    return RequestKey(given.idempotency_key, keyed_request_hash(info.context, hashed_name(info.field_name), given))


@dataclass(frozen=True, slots=True)
class RecordMutation(Generic[Given, Which, Done]):
    """A mutation whose input names a record, which an action changes."""

    named: Callable[[Given], Which]
    result: MutationResult[Done]

    async def __call__(
        self,
        info: Info,
        given: Given,
        action: Callable[Concatenate[CommittingWork, ActionContext, Which, Details], Awaitable[Done]],
        *args: Details.args,
        **kwargs: Details.kwargs,
    ) -> Any:  # noqa: ANN401 - a member of the mutation's union
        """Carry out `action(work, context, record, *args, **kwargs)` once; return its payload, or the refusal."""

        async def act(work: CommittingWork, by: ActionContext) -> Done:
            return await action(work, by, self.named(given), *args, **kwargs)

        return await run_mutation(info, given, self.result, act)


async def run_mutation(
    info: Info,
    given: KeyedInput,
    result: MutationResult[Done],
    action: Callable[Concatenate[CommittingWork, ActionContext, Details], Awaitable[Done]],
    *args: Details.args,
    **kwargs: Details.kwargs,
) -> Any:  # noqa: ANN401 - as above
    """Carry out `action(work, context, *args, **kwargs)` once; return its payload, or the refusal."""
    context, key = info.context, request_key(info, given)
    act = run_once(context, given, key, lambda work, by: action(work, by, *args, **kwargs), result)
    return await or_refusal(info, given, act)


async def run_once(
    context: RequestContext, given: KeyedInput, key: RequestKey, act: Act[Done], result: MutationResult[Done]
) -> Any:  # noqa: ANN401 - as above
    """Carry out *act* in one transaction, unless it was under this key; return the payload once all is durable.

    No text of *given* may be one that no person typed; what it keeps in clear may hold no number of a person, nor name
    whom the record is about. This is checked once
    the action has admitted the caller, and before anything is stored.
    """
    async with context.begin() as work:

        async def stored() -> Mapping[str, str]:
            kept = result.stored(await act(work, context.action))
            require_whole_items(given)
            await require_impersonal(work, given, kept.get(SUBJECT_ID))
            return kept

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


async def or_refusal(info: Info, given: KeyedInput, doing: Awaitable[Any]) -> Any:  # noqa: ANN401 - as above
    """Return what *doing* gives, or an expected refusal as the schema shows it; one that no type shows is a bug.

    What the refusal of *given* reveals of a subject is on record before the refusal is shown.
    """
    try:
        return await doing
    except (ConsentError, CreditError) as error:
        refusal = to_graphql(error)
        if isinstance(error, CreditError):
            await info.context.record_refusal(info.context, error, given)
        info.context.refused.append((info.field_name, refusal.code))
        return refusal
