"""`chengxin calendar …`: the official working days, by which every legal deadline is counted [5.1.4]."""

import asyncio
import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from credit.calendar.calendar import Calendar, YearNotice, read_notice, shipped
from credit.calendar.deadlines import civil_date
from credit.cases.status import UnrectifiedPolicy
from gateway.auth.bearer_tokens import PERSONAL, REFERENCE
from gateway.cli.output import CommandMisused, CommandRefused, machine, print_result
from gateway.database_file import revision
from gateway.settings.settings import Settings, connection_url, read
from gateway.wiring import utc_now
from gateway.working_days import AlreadyEntered, Entered, Entering, enter, in_force
from storage.database.database import Database
from storage.database.migrate import head


def app() -> typer.Typer:
    """Return the noun `calendar`."""
    noun = typer.Typer(help="The official working days.", no_args_is_help=True, rich_markup_mode=None)
    noun.callback()(_noun)
    noun.command("add")(add)
    noun.command("check")(check)
    return noun


def _noun() -> None:
    """The official working days."""  # noqa: D401 - names what the verbs are about


def add(
    file: Annotated[Path, typer.Argument(metavar="YEAR.toml", help="A year, in the form of credit/calendar/data.")],
    *,
    ref: Annotated[str, typer.Option("--as", metavar="REF", help="Who acts: an account reference, never a name.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace the year's earlier table.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Enter a year's official working days, recalculate every open deadline, and record each that changes [5.1.4].

    Running servers use it within a minute.
    """
    settings = read(os.environ)
    if not REFERENCE.fullmatch(ref) or PERSONAL.search(ref):
        raise CommandMisused(
            "--as takes an account reference", "letters, digits and . _ : - , no name and no identity number"
        )
    if revision(settings) != head():
        raise CommandRefused("the database is not at this release's revision", "run 'chengxin db migrate'")
    notice = read_notice(file)
    entered = asyncio.run(_enter(settings, notice, ref, replace=replace))
    if as_json:
        machine({"year": entered.year, "moved": entered.moved, "confirmed": entered.confirmed})
    else:
        done = "replaced" if entered.replaced else "entered"
        print_result(f"{entered.year} {done}: {entered.moved} open clocks moved, {entered.confirmed} made certain")


async def _enter(settings: Settings, notice: YearNotice, ref: str, *, replace: bool) -> Entered:
    now = utc_now()
    entering = Entering(ref, now, civil_date(now), UnrectifiedPolicy(settings.unrectified), uuid4, os.urandom)
    database = Database.open(connection_url(settings))
    try:
        return await enter(database, notice, entering, replace=replace)
    except AlreadyEntered as there:
        hint = "there is nothing to do" if there.same else "see that it is right, then add --replace"
        raise CommandRefused(str(there), hint) from None
    finally:
        await database.close()


async def _in_force() -> Calendar:
    """Return the calendar of the database; that of this release where the database has none yet."""
    settings = read(os.environ)
    if await asyncio.to_thread(revision, settings) != head():
        return shipped()
    database = Database.open(connection_url(settings))
    try:
        return await in_force(database)
    finally:
        await database.close()


def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """List the years that have a table; refuse when a required one is missing.

    Next year's is required from 1 November on: by then the State Council has usually published its notice.
    """
    calendar, today = asyncio.run(_in_force()), civil_date(utc_now())
    if as_json:
        machine(facts(calendar, today))
    else:
        print_result("\n".join(lines(calendar, today)))
    require(calendar, today)


def lines(calendar: Calendar, today: date) -> list[str]:
    """Return a line for each year with a table, and one for next year where it has none."""
    known = [table for table in map(calendar.of_year, sorted(calendar.years)) if table is not None]
    calendar_lines = [f"{each.year}: {len(each.off)} days off, {len(each.work)} moved; {each.source}" for each in known]
    if today.year + 1 not in calendar.years:
        calendar_lines.append(f"{today.year + 1}: no table yet; clocks that run into it are provisional")
    return calendar_lines


def facts(calendar: Calendar, today: date) -> dict[str, Any]:
    """Return the same as JSON-ready values."""
    known = [table for table in map(calendar.of_year, sorted(calendar.years)) if table is not None]
    return {
        "today": today,
        "years": [
            {"year": each.year, "off": len(each.off), "moved": len(each.work), "source": each.source} for each in known
        ],
        "missing": list(calendar.missing(today)),
        "next_year_loaded": today.year + 1 in calendar.years,
    }


def require(calendar: Calendar, today: date) -> None:
    """Raise CommandRefused where a year that is required by *today* has no table."""
    missing = calendar.missing(today)
    if missing:
        years = " and ".join(map(str, missing))
        raise CommandRefused(
            f"there is no table of working days for {years}",
            f"write the State Council's notice down as {missing[0]}.toml, in the form of credit/calendar/data, and run "
            f"'chengxin calendar add {missing[0]}.toml'",
        )
