"""`chengxin quarantine …`: what another platform pushed and we could not take in [5.1.3] [6.2]."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from gateway.cli.output import Misused, Refused, machine, result, talk
from gateway.import_export.errors import ExchangeRefused
from gateway.inbound.quarantine import DISCARDED, TAKEN_IN, NotThere, settle, show
from gateway.settings.settings import connection_url, read
from gateway.telemetry import logging as log
from gateway.wiring import Parts, build_house
from policy.actors import Actor, Role
from storage.database.migrate import current, head
from storage.repositories.messages.inbound_messages import Held
from storage.unit_of_work import UnitOfWork

LISTED = 100
Done = TypeVar("Done")
Item = Annotated[str, typer.Argument(metavar="ID", help="The item, as `quarantine list` shows it.")]
As = Annotated[str, typer.Option("--as", metavar="REF", help="Who acts: an account reference, never a name.")]
Department = Annotated[str, typer.Option(metavar="CODE", help="The department of who acts.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]


def app() -> typer.Typer:
    """Return the noun `quarantine`."""
    noun = typer.Typer(
        help="What another platform pushed and could not be taken in.", no_args_is_help=True, rich_markup_mode=None
    )
    noun.command("list")(list_)
    noun.command("show")(show_)
    noun.command("settle")(settle_)
    return noun


def list_(*, as_json: Json = False) -> None:
    """List what waits, with codes and without a word of what came in."""

    async def go(parts: Parts) -> list[Held]:
        async with UnitOfWork(parts.database) as work:
            return list(await work.inbound.held(LISTED))

    items = _with(go)
    if as_json:
        machine({"items": [_facts(item) for item in items]})
        return
    for item in items:
        about = item.department_code or "(no department)"
        result(f"{item.item_id}  {item.received_at:%Y-%m-%d %H:%M}Z  {item.source}  {about}  {item.reasons}")
    if not items:
        result("nothing waits")


def show_(item_id: Item, *, ref: As, department: Department) -> None:
    """Show what came in, for who may take in cases of its department; that it was looked at is recorded."""

    async def go(parts: Parts) -> tuple[Held, str]:
        return await show(parts, Actor(ref, Role.HANDLER, department), _id(item_id))

    item, text = _with(go)
    talk(f"note: {item.reasons}")
    result(text)


def settle_(
    item_id: Item,
    *,
    ref: As,
    department: Department,
    discard: Annotated[
        bool, typer.Option("--discard/--taken-in", help="There was nothing in it; or it was taken in otherwise.")
    ],
) -> None:
    """Say that it is dealt with; what came in is destroyed with its key."""

    async def go(parts: Parts) -> None:
        actor = Actor(ref, Role.HANDLER, department)
        await settle(parts, actor, _id(item_id), DISCARDED if discard else TAKEN_IN)

    _with(go)
    result("settled, and what came in is destroyed")


def _with(go: Callable[[Parts], Awaitable[Done]]) -> Done:
    settings = read(os.environ)
    log.configure(settings)
    stands = current(connection_url(settings))
    if stands != head():
        raise Refused(
            f"the database is at revision {stands or 'none'}, and this release needs {head()}",
            "run 'chengxin db migrate'",
        )

    async def whole() -> Done:
        parts = build_house(settings)
        try:
            return await go(parts)
        finally:
            await parts.close()

    try:
        return asyncio.run(whole())
    except NotThere:
        raise Refused(
            "nothing of this id waits for this department", "'chengxin quarantine list' shows what does"
        ) from None
    except ExchangeRefused as refused:
        raise Refused(f"{refused.code}: {refused.message.rstrip('.')}", refused.hint or "see policy/who.csv") from None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Misused("that is no item id", "'chengxin quarantine list' shows them") from None


def _facts(item: Held) -> dict[str, object]:
    return {
        "item_id": str(item.item_id),
        "source": item.source,
        "message_key": item.key,
        "received_at": item.received_at.isoformat(),
        "department_code": item.department_code,
        "reasons": item.reasons.split(),
    }
