"""`chengxin courier …`: waiting and failed messages to the city platform and the supervisors, and sending them."""

import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from credit.subjects.record_events import RecordEvent, resent_facts
from gateway.cli.arguments import Json, id_of
from gateway.cli.operator_context import OperatorContext
from gateway.cli.output import CommandRefused, print_facts, print_json, print_progress, print_result
from gateway.cli.services import settings_of_migrated, with_database, with_services
from gateway.cli.stop_signal import stop_signal
from gateway.outbox_relay.recipients import recipients
from gateway.outbox_relay.relay import OutboxRelay
from gateway.outbox_relay.runner import keep_running, relay_of
from gateway.outbox_relay.status import OutboxCounts, outbox_counts
from gateway.runtime import utc_now
from gateway.services import Services
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.repositories.messages.outbox_queue import DeadLetter
from storage.unit_of_work import SqlUnitOfWork

SHOWN = 100
LISTED_BY = "'chengxin courier dead' lists them"


def run() -> None:
    """Deliver messages until stopped; for a server with CHENGXIN_COURIER=off."""

    async def work(services: Services) -> None:
        async with _relay(services) as relay:
            # A delivery under way is finished and recorded; then the command ends.
            await keep_running(relay, stop_signal(), services.settings.courier_seconds)

    with_services(work, limits=None)
    print_progress("stopped")


def once(*, as_json: Json = False) -> None:
    """Deliver what is due now, and print the result."""

    async def work(services: Services) -> dict[str, object]:
        async with _relay(services) as relay:
            return (await relay.round()).facts()

    facts = with_services(work)
    if as_json:
        print_json(facts)
        return
    if facts["elsewhere"]:
        print_progress("note: another courier of this database is at work")
    print_result(
        ", ".join(f"{facts[name]} {name.replace('_', ' ')}" for name in ("sent", "failed", "dead", "nothing_to_tell"))
    )


def status(*, as_json: Json = False) -> None:
    """Show how many messages wait, for which recipient and since when, without personal data."""
    settings = settings_of_migrated()

    async def count(database: Database) -> OutboxCounts:
        async with SqlUnitOfWork(database) as work:
            return await outbox_counts(work, database, recipients(settings))

    counts = with_database(settings, count)
    print_facts(counts.facts(), counts.lines(), as_json=as_json)


def dead(*, as_json: Json = False) -> None:
    """List the messages that were given up, and why; `retry` sends one again."""

    async def load(database: Database) -> list[DeadLetter]:
        async with SqlUnitOfWork(database) as work:
            return list(await work.outbox_queue.given_up(SHOWN))

    letters = with_database(settings_of_migrated(), load)
    lines = [
        f"{each.message_id}  {each.topic}  {each.route}  {each.failure}  "
        f"{each.attempts} attempts since {each.created_at:%Y-%m-%d %H:%M}Z"
        for each in letters
    ]
    print_facts({"dead": list(map(_facts, letters))}, lines or ["nothing was given up"], as_json=as_json)
    if as_json:
        return
    for failure, number in Counter(str(each.failure) for each in letters).items():
        print_progress(f"note: {number} with {failure}; docs/city-platform.md says what each code means")


def retry(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="The message, as `courier dead` shows it.")],
) -> None:
    """Put a dead letter back, at the end of its case; it will report the state of the case when it is sent.

    The log of its subject says that the operator did it: this needs the key file.
    """
    wanted, settings = id_of(message_id, "message", LISTED_BY), settings_of_migrated()
    context = OperatorContext(utc_now(), uuid4, os.urandom)

    async def revive(database: Database) -> bool:
        async with SqlUnitOfWork(database, context.provenance()) as work:
            letter = await work.outbox_queue.revive(wanted)
            if letter is not None and "subject_id" in letter:
                facts = resent_facts(wanted, letter)
                await work.record_event(context, UUID(letter["subject_id"]), RecordEvent.MESSAGE_RESENT, facts)
            await work.commit()
            return letter is not None

    if not with_database(settings, revive, Keyring.load(settings.kek_file, os.urandom).pending_tag):
        raise CommandRefused("there is no dead letter of this id", LISTED_BY)
    print_result("it will be sent in the next round")


@asynccontextmanager
async def _relay(services: Services) -> AsyncIterator[OutboxRelay]:
    """Yield the relay; raises CommandRefused where no recipient is configured."""
    async with relay_of(services) as relay:
        if not relay.recipients:
            raise CommandRefused(
                "there is nobody to send to",
                "set CHENGXIN_PLATFORM_URL or CHENGXIN_SUPERVISORS_FILE; until then messages wait",
            )
        yield relay


def _facts(letter: DeadLetter) -> dict[str, Any]:
    return {
        "message_id": str(letter.message_id),
        "topic": letter.topic,
        "route": letter.route,
        "created_at": letter.created_at.isoformat(),
        "attempts": letter.attempts,
        "failure": letter.failure,
    }
