"""`chengxin quarantine …`: pushed messages of another platform that were not accepted [5.1.3] [6.2]."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from gateway.cli.output import CommandMisused, CommandRefused, machine, print_progress, print_result
from gateway.import_export.errors import ExchangeRefused
from gateway.inbound.quarantine import DISCARDED, TAKEN_IN, NotThere, settle, show
from gateway.settings.settings import connection_url, read
from gateway.telemetry import logging as log
from gateway.wiring import Services, build_services
from policy.actors import Actor, Role
from storage.database.migrate import current, head
from storage.repositories.messages.inbound_messages import Held
from storage.unit_of_work import SqlUnitOfWork

LISTED = 100
Done = TypeVar("Done")
Item = Annotated[str, typer.Argument(metavar="ID", help="The item, as `quarantine list` shows it.")]
As = Annotated[str, typer.Option("--as", metavar="REF", help="Who acts: an account reference, never a name.")]
Department = Annotated[str, typer.Option(metavar="CODE", help="The actor's department.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]


def app() -> typer.Typer:
    """Return the noun `quarantine`."""
    noun = typer.Typer(
        help="Pushed messages of another platform that were not accepted.", no_args_is_help=True, rich_markup_mode=None
    )
    noun.command("list")(list_)
    noun.command("show")(show_)
    noun.command("settle")(settle_)
    return noun


def list_(*, as_json: Json = False) -> None:
    """List the waiting items with their codes, without any content."""

    async def go(services: Services) -> list[Held]:
        async with SqlUnitOfWork(services.database) as work:
            return list(await work.inbound.held(LISTED))

    items = _with(go)
    if as_json:
        machine({"items": [_facts(item) for item in items]})
        return
    for item in items:
        about = item.department_code or "(no department)"
        print_result(f"{item.item_id}  {item.received_at:%Y-%m-%d %H:%M}Z  {item.source}  {about}  {item.reasons}")
    if not items:
        print_result("nothing waits")


def show_(item_id: Item, *, ref: As, department: Department) -> None:
    """Show an item's content to an actor who may import cases of its department; the view is recorded."""

    async def go(services: Services) -> tuple[Held, str]:
        return await show(services, Actor(ref, Role.HANDLER, department), _id(item_id))

    item, text = _with(go)
    print_progress(f"note: {item.reasons}")
    print_result(text)


def settle_(
    item_id: Item,
    *,
    ref: As,
    department: Department,
    discard: Annotated[
        bool, typer.Option("--discard/--taken-in", help="Discard the message, or mark it as already imported.")
    ],
) -> None:
    """Close an item; its content is destroyed with its key."""

    async def go(services: Services) -> None:
        actor = Actor(ref, Role.HANDLER, department)
        await settle(services, actor, _id(item_id), DISCARDED if discard else TAKEN_IN)

    _with(go)
    print_result("settled, and what came in is destroyed")


def _with(go: Callable[[Services], Awaitable[Done]]) -> Done:
    settings = read(os.environ)
    log.configure(settings)
    stands = current(connection_url(settings))
    if stands != head():
        raise CommandRefused(
            f"the database is at revision {stands or 'none'}, and this release needs {head()}",
            "run 'chengxin db migrate'",
        )

    async def whole() -> Done:
        services = build_services(settings)
        try:
            return await go(services)
        finally:
            await services.close()

    try:
        return asyncio.run(whole())
    except NotThere:
        raise CommandRefused(
            "nothing of this id waits for this department", "'chengxin quarantine list' shows what does"
        ) from None
    except ExchangeRefused as refused:
        raise CommandRefused(
            f"{refused.code}: {refused.message.rstrip('.')}", refused.hint or "see policy/who.csv"
        ) from None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommandMisused("that is no item id", "'chengxin quarantine list' shows them") from None


def _facts(item: Held) -> dict[str, object]:
    return {
        "item_id": str(item.item_id),
        "source": item.source,
        "message_key": item.key,
        "received_at": item.received_at.isoformat(),
        "department_code": item.department_code,
        "reasons": item.reasons.split(),
    }
