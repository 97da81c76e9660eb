"""`chengxin focused-check …`: notifies supervisors of what changed among their targets [5.2.2]."""

import asyncio
import os
from typing import Annotated, cast
from uuid import uuid4

import typer

from credit.calendar.deadlines import civil_date
from credit.cases.status import UnrectifiedPolicy
from credit.core import unit_of_work
from credit.focused_checks import visits
from gateway.cli.output import CommandRefused, machine, print_result
from gateway.database_file import revision
from gateway.settings.settings import Settings, connection_url, read
from gateway.wiring import utc_now
from storage.database.database import Database
from storage.database.migrate import head
from storage.unit_of_work import SqlUnitOfWork


def app() -> typer.Typer:
    """Return the noun `focused-check`."""
    noun = typer.Typer(help="Focused checks.", no_args_is_help=True, rich_markup_mode=None)
    noun.callback()(_noun)
    noun.command("tell")(tell)
    return noun


def _noun() -> None:
    """Focused checks."""


def tell(*, as_json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False) -> None:
    """Notify every subscribed supervisor whose list of targets has changed, by event or by date [5.2.2].

    Run it daily or more often: a change is reported once only. This command notices a target that leaves by date
    alone; the target has left from midnight, whether or not this command was run [5.1.5].
    """
    settings = read(os.environ)
    if revision(settings) != head():
        raise CommandRefused("the database is not at this release's revision", "run 'chengxin db migrate'")
    notified = asyncio.run(_notify(settings))
    if as_json:
        machine({"told": notified})
    else:
        print_result(f"{notified} supervisors told")


async def _notify(settings: Settings) -> int:
    now = utc_now()
    database = Database.open(connection_url(settings))
    try:
        async with SqlUnitOfWork(database) as work:
            keyless = cast("unit_of_work.UnitOfWork", work)  # notifying supervisors seals nothing, and needs no key
            notified = await visits.notify_subscribers(
                keyless, now, civil_date(now), UnrectifiedPolicy(settings.unrectified), uuid4
            )
            await work.commit()
            return notified
    finally:
        await database.close()
