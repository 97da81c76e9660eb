"""`chengxin courier …`: waiting and failed messages to the city platform and the supervisors, and sending them."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from gateway.cli.output import CommandMisused, CommandRefused, machine, print_progress, print_result
from gateway.outbox_relay.recipients import DeliveryRecipients, recipients
from gateway.outbox_relay.runner import keep_running, relay_of
from gateway.outbox_relay.status import OutboxCounts, outbox_counts
from gateway.settings.settings import Settings, connection_url, read
from gateway.telemetry import logging as log
from gateway.wiring import build_services
from storage.database.database import Database
from storage.database.migrate import current, head
from storage.repositories.messages.outbox_queue import DeadLetter
from storage.unit_of_work import SqlUnitOfWork

SHOWN = 100
Result = TypeVar("Result")
Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]


def app() -> typer.Typer:
    """Return the noun `courier`."""
    noun = typer.Typer(
        help="Messages to the city platform and to supervising departments [5.1.4(5)] [5.2.2].",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    for name, verb in (("run", run), ("once", once), ("status", status), ("dead", dead), ("retry", retry)):
        noun.command(name)(verb)
    return noun


def run() -> None:
    """Deliver messages until stopped; for a server with CHENGXIN_COURIER=off."""
    settings = _settings()

    async def go(_: Database) -> None:
        services = build_services(settings)
        try:
            async with relay_of(services) as courier:
                _need(courier.recipients)
                stop, loop = asyncio.Event(), asyncio.get_running_loop()
                for each in (signal.SIGINT, signal.SIGTERM):
                    # A delivery under way is finished and recorded; then the command ends.
                    loop.add_signal_handler(each, stop.set)
                await keep_running(courier, stop, settings.courier_seconds)
        finally:
            await services.close()

    _with(settings, go)
    print_progress("stopped")


def once(*, as_json: Json = False) -> None:
    """Deliver what is due now, and print the result."""
    settings = _settings()

    async def go(_: Database) -> dict[str, object]:
        services = build_services(settings)
        try:
            async with relay_of(services) as courier:
                _need(courier.recipients)
                return (await courier.round()).facts()
        finally:
            await services.close()

    facts = _with(settings, go)
    if as_json:
        machine(facts)
        return
    if facts["elsewhere"]:
        print_progress("note: another courier of this database is at work")
    print_result(
        ", ".join(f"{facts[name]} {name.replace('_', ' ')}" for name in ("sent", "failed", "dead", "nothing_to_tell"))
    )


def status(*, as_json: Json = False) -> None:
    """Show how many messages wait, for which recipient and since when, without personal data."""
    settings = _settings()

    async def go(database: Database) -> OutboxCounts:
        async with SqlUnitOfWork(database) as work:
            return await outbox_counts(work, database, recipients(settings))

    found = _with(settings, go)
    if as_json:
        machine(found.facts())
        return
    for line in found.lines():
        print_result(line)


def dead(*, as_json: Json = False) -> None:
    """List the messages that were given up, and why; `retry` sends one again."""

    async def go(database: Database) -> list[DeadLetter]:
        async with SqlUnitOfWork(database) as work:
            return list(await work.outbox_queue.given_up(SHOWN))

    dead_letters = _with(_settings(), go)
    if as_json:
        machine({"dead": [_facts(dead_letter) for dead_letter in dead_letters]})
        return
    for dead_letter in dead_letters:
        print_result(
            f"{dead_letter.message_id}  {dead_letter.topic}  {dead_letter.route}  {dead_letter.failure}  "
            f"{dead_letter.attempts} attempts since {dead_letter.created_at:%Y-%m-%d %H:%M}Z"
        )
    if not dead_letters:
        print_result("nothing was given up")
    for failure, number in Counter(str(dead_letter.failure) for dead_letter in dead_letters).items():
        print_progress(f"note: {number} with {failure}; docs/city-platform.md says what each code means")


def retry(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="The message, as `courier dead` shows it.")],
) -> None:
    """Put a dead letter back, at the end of its case; it will report the state of the case when it is sent."""
    try:
        wanted = UUID(message_id)
    except ValueError:
        raise CommandMisused("that is no message id", "'chengxin courier dead' lists them") from None

    async def go(database: Database) -> bool:
        async with SqlUnitOfWork(database) as work:
            found = await work.outbox_queue.revive(wanted)
            await work.commit()
            return found

    if not _with(_settings(), go):
        raise CommandRefused("there is no dead letter of this id", "'chengxin courier dead' lists them")
    print_result("it will be sent in the next round")


def _settings() -> Settings:
    settings = read(os.environ)
    log.configure(settings)
    stands = current(connection_url(settings))
    if stands != head():
        raise CommandRefused(
            f"the database is at revision {stands or 'none'}, and this release needs {head()}",
            "run 'chengxin db migrate'",
        )
    return settings


def _need(found: DeliveryRecipients) -> None:
    if not found:
        raise CommandRefused(
            "there is nobody to send to",
            "set CHENGXIN_PLATFORM_URL or CHENGXIN_SUPERVISORS_FILE; until then messages wait",
        )


def _with(settings: Settings, go: Callable[[Database], Awaitable[Result]]) -> Result:
    async def whole() -> Result:
        database = Database.open(connection_url(settings))
        try:
            return await go(database)
        finally:
            await database.close()

    return asyncio.run(whole())


def _facts(dead_letter: DeadLetter) -> dict[str, Any]:
    return {
        "message_id": str(dead_letter.message_id),
        "topic": dead_letter.topic,
        "route": dead_letter.route,
        "created_at": dead_letter.created_at.isoformat(),
        "attempts": dead_letter.attempts,
        "failure": dead_letter.failure,
    }
