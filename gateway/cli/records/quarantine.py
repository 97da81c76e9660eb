"""`chengxin quarantine …`: pushed messages of another platform that were not accepted [5.1.3] [6.2]."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from gateway.cli.acting import Acting, OnBehalfOf, TokenFile
from gateway.cli.arguments import Json, id_of
from gateway.cli.output import CommandRefused, print_facts, print_progress, print_result
from gateway.cli.services import with_services
from gateway.import_export.errors import ExchangeRefused
from gateway.inbound.quarantine import DISCARDED, TAKEN_IN, NotThere, settle, show
from gateway.services import Services
from policy.actors import Role
from storage.repositories.messages.inbound_messages import Held
from storage.unit_of_work import SqlUnitOfWork

LISTED = 100
SHOWN_BY = "'chengxin quarantine list' shows them"
Item = Annotated[str, typer.Argument(metavar="ID", help="The item, as `quarantine list` shows it.")]
Department = Annotated[str | None, typer.Option(metavar="CODE", help="The actor's department; with --as.")]


def list_(*, as_json: Json = False) -> None:
    """List the waiting items with their codes, without any content."""

    async def load(services: Services) -> list[Held]:
        async with SqlUnitOfWork(services.database) as work:
            return list(await work.inbound.held(LISTED))

    with _refusals():
        items = with_services(load)
    lines = [
        f"{item.item_id}  {item.received_at:%Y-%m-%d %H:%M}Z  {item.source}  "
        f"{item.department_code or '(no department)'}  {item.reasons}"
        for item in items
    ]
    print_facts({"items": list(map(_facts, items))}, lines or ["nothing waits"], as_json=as_json)


def show_(
    item_id: Item, *, ref: OnBehalfOf = None, token_file: TokenFile = None, department: Department = None
) -> None:
    """Show an item's content to an actor who may import cases of its department; the view is recorded."""
    acting = Acting(ref, token_file, None, department, usual_role=Role.HANDLER)

    async def work(services: Services) -> tuple[Held, str]:
        return await show(services, await acting.actor(services), id_of(item_id, "item", SHOWN_BY))

    with _refusals():
        item, text = with_services(work)
    print_progress(f"note: {item.reasons}")
    print_result(text)


def settle_(
    item_id: Item,
    *,
    discard: Annotated[
        bool, typer.Option("--discard/--taken-in", help="Discard the message, or mark it as already imported.")
    ],
    ref: OnBehalfOf = None,
    token_file: TokenFile = None,
    department: Department = None,
) -> None:
    """Close an item; its content is destroyed with its key."""
    acting = Acting(ref, token_file, None, department, usual_role=Role.HANDLER)

    async def work(services: Services) -> None:
        await settle(
            services, await acting.actor(services), id_of(item_id, "item", SHOWN_BY), DISCARDED if discard else TAKEN_IN
        )

    with _refusals():
        with_services(work)
    print_result("settled, and what came in is destroyed")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NotThere:
        raise CommandRefused(
            "nothing of this id waits for this department", "'chengxin quarantine list' shows what does"
        ) from None
    except ExchangeRefused as refused:
        raise CommandRefused(
            f"{refused.code}: {refused.message.rstrip('.')}", refused.hint or "see policy/who.csv"
        ) from None


def _facts(item: Held) -> dict[str, object]:
    return {
        "item_id": str(item.item_id),
        "source": item.source,
        "message_key": item.key,
        "received_at": item.received_at.isoformat(),
        "department_code": item.department_code,
        "reasons": item.reasons.split(),
    }
