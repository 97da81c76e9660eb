"""One round of the relay: lease due messages, open, send and record each, until none is due.

A message is held by a lease while it is sent; its result and its delivery are recorded in one transaction of their own.
If the process dies in between, the message is sent again under the same key, and the recipient accepts it once.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Protocol

import httpx
import structlog
from sqlalchemy import select

from consent.leaves.provenance import Provenance
from consent.vocabulary import Channel
from credit.cases.status import UnrectifiedPolicy
from credit.core.context import ActionContext, Caller
from gateway.jobs.job_lease import JobLease
from gateway.outbox_relay.backoff import Backoff, Chance, next_try
from gateway.outbox_relay.http_delivery import Delivered, DeliveryResult, Rejected, Retry, post
from gateway.outbox_relay.payloads import DETERMINED_TOPIC, PayloadState, payload, state_of
from gateway.outbox_relay.read_current_state import NotOpened, Opened, open_message
from gateway.outbox_relay.recipients import DeliveryRecipients, Recipient
from gateway.outbox_relay.split_by_case import split
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from gateway.telemetry.logging import where
from policy.crypto.keyring import Keyring
from schema.core.ports import Runtime
from schema.execution.service import GraphQLService
from storage.database.database import Database
from storage.repositories.messages.outbox_queue import NOTHING_TO_TELL, OpenRoutes, OutboxMessage
from storage.tables import departments
from storage.unit_of_work import SqlUnitOfWork

JOB: Final = "courier"
LEASE: Final = timedelta(seconds=90)
BATCH, AT_ONCE = 16, 8
"""How many messages are leased at once, and how many are sent at once: even if each takes its full time limit, the
lease outlasts them."""


class OnDelivered(Protocol):
    """Called in the transaction that marks a message as sent: records the delivery, updates the correction."""

    async def __call__(
        self,
        work: SealingUnitOfWork,
        context: ActionContext,
        message: OutboxMessage,
        recipient: Recipient,
        opened: Opened,
    ) -> None: ...


@dataclass(slots=True)
class RelayRun:
    """Counts of one round."""

    sent: int = 0
    nothing_to_tell: int = 0
    failed: int = 0
    dead: int = 0
    elsewhere: bool = False
    """The courier of another process was running."""

    def facts(self) -> dict[str, object]:
        """Return the counts as JSON-ready values."""
        return {
            "sent": self.sent,
            "nothing_to_tell": self.nothing_to_tell,
            "failed": self.failed,
            "dead": self.dead,
            "elsewhere": self.elsewhere,
        }


@dataclass(slots=True)
class OutboxRelay:
    """Delivers messages for one process."""

    database: Database
    keyring: Keyring
    graphql_service: GraphQLService
    runtime: Runtime
    unrectified: UnrectifiedPolicy
    recipients: DeliveryRecipients
    client: httpx.AsyncClient
    chance: Chance
    on_delivered: OnDelivered
    lease: JobLease
    traced: Callable[[], AbstractContextManager[object]] = nullcontext
    """Gives what traces the delivery of one message."""
    before_recording: Callable[[], None] = lambda: None
    """Called between sending and recording; for the test that kills the process there."""
    _backoffs: dict[str, Backoff] = field(default_factory=dict)

    async def round(self) -> RelayRun:
        """Deliver what is due. Returns at once where another courier of the same database is running."""
        done = RelayRun()
        async with self.lease.for_a_round() as ours:
            done.elsewhere = not ours
            while self.lease.is_held and self.recipients and await self._batch(done):
                pass
        return done

    async def _batch(self, done: RelayRun) -> bool:
        """Deliver one batch; return whether there was one."""
        now = self.runtime.now()
        by_department = await self._by_department()
        able = {recipient.name for recipient in self.recipients.all if self._backoff_with(recipient).is_over(now)}
        recipients = OpenRoutes(
            routes=frozenset(route for route, one in self.recipients.of_route.items() if one.name in able),
            departments=frozenset(code for code, one in by_department.items() if one.name in able),
        )
        async with SqlUnitOfWork(self.database) as work:
            leased = await work.outbox_queue.lease(recipients, BATCH, now=now, until=now + LEASE)
            await work.commit()
        of: dict[str, list[OutboxMessage]] = {}
        known: dict[str, Recipient] = {}
        for message in leased:
            recipient = self._recipient(message, by_department)
            if await split(self.database, self.runtime, message, recipient):
                continue
            known[recipient.name] = recipient
            of.setdefault(recipient.name, []).append(message)
        await asyncio.gather(*(self._to_one(known[name], messages, done) for name, messages in of.items()))
        return bool(leased)

    async def _to_one(self, recipient: Recipient, messages: Sequence[OutboxMessage], done: RelayRun) -> None:
        """Deliver messages to one recipient: after a lost contact one alone first; stop when the contact is lost."""
        backoff = self._backoff_with(recipient)
        rest = list(messages)
        while rest:
            size = 1 if backoff.times else AT_ONCE
            some, rest = rest[:size], rest[size:]
            away = await asyncio.gather(*(self._one(message, recipient, done) for message in some))
            gone = [result for result in away if result is not None]
            if not gone:
                backoff.regain()
                continue
            backoff.lose(self.runtime.now(), self.chance, max(result.after or timedelta(0) for result in gone))
            if self.lease.is_held:  # otherwise another courier may have taken them
                async with SqlUnitOfWork(self.database) as work:
                    await work.outbox_queue.give_back([message.message_id for message in rest])
                    await work.commit()
            return

    async def _one(self, message: OutboxMessage, recipient: Recipient, done: RelayRun) -> Retry | None:
        """Deliver one message; return the result where the recipient is away."""
        try:
            opened = await open_message(self.graphql_service, message, recipient, self.runtime)
            if isinstance(opened, NotOpened):
                await self._failed(message, Retry(opened.code, away=False), done)
                return None
            opened = replace(opened, may_be_announced=await self._may_be_announced(message))
            state = state_of(message, opened)
            if await self._is_unneeded(message, state):
                await self._close_unneeded(message, done)
                return None
            body = payload(message, state, opened, stays=self.unrectified is UnrectifiedPolicy.STAYS)
            key = str(message.message_id)
            if not self.lease.is_held:  # another courier may have this message by now
                return None
            with self.traced():
                result = await post(self.client, recipient, key, body, self.runtime.now())
            return await self._record(message, recipient, opened, result, done)
        except Exception as error:  # noqa: BLE001 - one message must not stop the others; its lease brings it back
            structlog.get_logger().error("courier.broke", message_id=message.message_id, **where(error))
            done.failed += 1
            return None

    async def _record(
        self, message: OutboxMessage, recipient: Recipient, opened: Opened, result: DeliveryResult, done: RelayRun
    ) -> Retry | None:
        log, code = structlog.get_logger(), recipient.name
        match result:
            case Delivered():
                self.before_recording()
                now = self.runtime.now()
                sender = Provenance(Channel.DELIVERY, recipient.actor.known_by, self.runtime.new_id())
                async with SealingUnitOfWork(self.database, self.keyring, sender) as work:
                    await work.outbox_queue.sent(message.message_id, now)
                    caller = Caller(recipient.actor.ref, recipient.actor.role.value)
                    context = self.graphql_service.action_context(caller, now)
                    await self.on_delivered(work, context, message, recipient, opened)
                    await work.commit()
                done.sent += 1
                log.info("courier.sent", message_id=message.message_id, component=code, attempt=message.attempts)
                return None
            case Rejected():
                async with SqlUnitOfWork(self.database) as work:
                    await work.outbox_queue.died(message.message_id, result.code, self.runtime.now())
                    await work.commit()
                done.dead += 1
                log.warning("courier.gave-up", message_id=message.message_id, component=code, code=result.code)
                return None
            case Retry():
                await self._failed(message, result, done)
                return result if result.away else None

    async def _failed(self, message: OutboxMessage, result: Retry, done: RelayRun) -> None:
        now = self.runtime.now()
        again = next_try(
            message.attempts, created_at=message.created_at, now=now, chance=self.chance, asked=result.after
        )
        async with SqlUnitOfWork(self.database) as work:
            await work.outbox_queue.failed(message.message_id, result.code, again)
            await work.commit()
        done.failed += 1
        structlog.get_logger().warning(
            "courier.failed", message_id=message.message_id, code=result.code, attempt=message.attempts
        )

    async def _close_unneeded(self, message: OutboxMessage, done: RelayRun) -> None:
        """Close a message about a case that its recipient never received, and that is not in force."""
        async with SqlUnitOfWork(self.database) as work:
            await work.outbox_queue.sent(message.message_id, self.runtime.now(), failure=NOTHING_TO_TELL)
            await work.commit()
        done.nothing_to_tell += 1

    async def _may_be_announced(self, message: OutboxMessage) -> bool:
        if message.topic != DETERMINED_TOPIC:
            return False
        async with SqlUnitOfWork(self.database) as work:
            return await work.outbox_queue.may_be_announced(message)

    async def _is_unneeded(self, message: OutboxMessage, state: PayloadState) -> bool:
        """Return whether a message is unnecessary: it ends a case that its recipient never received."""
        async with SqlUnitOfWork(self.database) as work:
            return state is PayloadState.ENDED and not await work.outbox_queue.has_notified(message)

    async def _by_department(self) -> dict[str, Recipient]:
        """Return the supervisors of each department's sector, where one is configured."""
        if not self.recipients.of_sector:
            return {}
        rows = await self.database.fetch(select(departments.c.code, departments.c.sector_code))
        of_sector = self.recipients.of_sector
        return {code: of_sector[sector] for code, sector in rows if sector in of_sector}

    def _recipient(self, message: OutboxMessage, by_department: dict[str, Recipient]) -> Recipient:
        if message.route in self.recipients.of_route:
            return self.recipients.of_route[message.route]
        return by_department[str(message.about["department_code"])]

    def _backoff_with(self, recipient: Recipient) -> Backoff:
        return self._backoffs.setdefault(recipient.name, Backoff())
