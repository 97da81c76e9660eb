"""Messages to other platforms that wait or were given up: for the office, which supervises [6.2].

Figures, ids and codes. A message holds references to a case, and not even those are shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from credit.core.context import ActionContext
from credit.subjects.record_events import RecordEvent, resent_facts
from schema.core.context import Info
from schema.core.errors import BadId
from schema.core.global_ids import READ_BY
from schema.core.inputs import KeyedInput, mutation_input
from schema.core.mutations.mutation import MutationResult, run_mutation
from schema.core.mutations.refusals import Collision, NotFound
from schema.core.ports import CommittingWork
from schema.core.words.refusal_codes import NO_SUCH_MESSAGE

SHOWN = 100
ROUTE = (
    "Recipient: platform, supervision, supervisors, subject; null for nobody yet. A text, because the queue keeps "
    "messages of other releases."
)
TOPIC = "What gave rise to it, as `restraint-case.published`: a text, as `route` is."


@strawberry.type(description="待发信息：how many messages of one kind wait to be sent, and how it went so far [6.2].")
class WaitingMessage:
    route: str | None = strawberry.field(description=ROUTE)
    topic: str = strawberry.field(description=TOPIC)
    failure: str | None = strawberry.field(description="The code of the last failure; null where none has failed.")
    count: int = strawberry.field(description="How many.")
    oldest: datetime = strawberry.field(description="When the oldest of them was left (UTC).")
    attempts: int = strawberry.field(description="The most attempts that any of them has had.")


@strawberry.type(
    description="无法送达的信息：a message that its recipient refused for good; a person can send it again."
)
class DeadLetter:
    message: strawberry.ID = strawberry.field(description="The message's id; give it to `resendMessage`.")
    route: str = strawberry.field(description=ROUTE)
    topic: str = strawberry.field(description=TOPIC)
    created_at: datetime = strawberry.field(description="When it was left (UTC).")
    attempts: int = strawberry.field(description="How often it was tried.")
    dead_at: datetime = strawberry.field(description="When it was given up (UTC).")
    failure: str | None = strawberry.field(description="Why: a code, as `REFUSED_422`.")


@strawberry.type(description="信息推送情况：how the messages to other platforms stand. Nothing about anybody [6.2].")
class OutboxStatus:
    waiting: list[WaitingMessage] = strawberry.field(description="What waits, by kind and by the last failure.")
    dead: list[DeadLetter] = strawberry.field(description="What was given up, the oldest first, 100 at most.")


@strawberry.type(description="The state of the messages to other platforms.")
class OutboxQuery:
    @strawberry.field(
        description="信息推送情况：what waits for other platforms and what was given up, for the office. Figures, "
        "ids and codes only [5.1.4(5)] [6.2]."
    )
    async def outbox_status(self, info: Info) -> OutboxStatus:
        async with info.context.begin() as work:
            waiting = await work.outbox_queue.waiting()
            dead = await work.outbox_queue.given_up(SHOWN)
        return OutboxStatus(
            waiting=[
                WaitingMessage(
                    route=one.route,
                    topic=one.topic,
                    failure=one.failure,
                    count=one.count,
                    oldest=one.oldest,
                    attempts=one.attempts,
                )
                for one in waiting
            ],
            dead=[
                DeadLetter(
                    message=strawberry.ID(str(one.message_id)),
                    route=one.route,
                    topic=one.topic,
                    created_at=one.created_at,
                    attempts=one.attempts,
                    dead_at=one.dead_at,
                    failure=one.failure,
                )
                for one in dead
            ],
        )


@mutation_input(description="重新发送：puts a message that was given up back among those that wait.")
class ResendMessageInput(KeyedInput):
    message: strawberry.ID = strawberry.field(
        description="The message, as `outboxStatus` names it.", metadata={READ_BY: UUID}
    )


@strawberry.type(description="It waits again, and will say how things stand when it is sent.")
class MessageQueued:
    message_id: strawberry.ID = strawberry.field(description="The message's id.")


ResendMessageResult = Annotated[
    MessageQueued | NotFound | Collision,
    strawberry.union("ResendMessageResult", description="The result of sending a message again."),
]


@strawberry.type(description="Sending again what was given up.")
class OutboxMutation:
    @strawberry.mutation(
        description="重新发送：sends a message again that its recipient refused for good. It goes to the end of its "
        "case, and says how things stand by then. Who asked for it is recorded [6.2]."
    )
    async def resend_message(self, info: Info, input: ResendMessageInput) -> ResendMessageResult:
        message_id = _id(input.message)
        try:
            return await run_mutation(info, input, _queued(input), _revive, message_id)
        except _NoSuchLetter:
            return NotFound(
                code=NO_SUCH_MESSAGE.code, message=NO_SUCH_MESSAGE.chinese, message_en=NO_SUCH_MESSAGE.english
            )


async def _revive(work: CommittingWork, by: ActionContext, message_id: UUID) -> UUID:
    """Put the message back and record who did it; raises _NoSuchLetter."""
    letter = await work.outbox_queue.revive(message_id)
    if letter is None:
        raise _NoSuchLetter
    if "subject_id" in letter:
        of_message = resent_facts(message_id, letter)
        await work.record_event(by, UUID(str(letter["subject_id"])), RecordEvent.MESSAGE_RESENT, of_message)
    about = {"message_id": str(message_id), "by": by.actor.ref, "role": by.actor.role}
    await work.outbox("outbox.resent", about, by.new_id(), by.now)
    return message_id


def _queued(given: ResendMessageInput) -> MutationResult[UUID]:
    return MutationResult(
        lambda message_id: {"message_id": str(message_id)}, lambda _: MessageQueued(message_id=given.message)
    )


class _NoSuchLetter(Exception):
    """No message of this id was given up."""


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadId from None
