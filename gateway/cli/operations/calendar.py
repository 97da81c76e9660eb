"""`chengxin calendar …`: the official working days, by which every legal deadline is counted [5.1.4]."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from credit.calendar.calendar import Calendar, YearTable, read_notice, shipped
from credit.calendar.deadlines import civil_date
from credit.cases.status import UnrectifiedPolicy
from credit.core.operator_acts import LONGEST_ACCOUNT, operator_for
from gateway.auth.accounts import is_account_reference
from gateway.cli.arguments import As, Json
from gateway.cli.output import CommandMisused, CommandRefused, print_facts
from gateway.cli.services import require_migrated, with_database
from gateway.database_file import revision
from gateway.runtime import utc_now
from gateway.settings.settings import clock_periods, read
from gateway.working_days import AlreadyEntered, Entering, enter, in_force
from policy.crypto.keyring import Keyring
from storage.database.revisions import head


def add(
    file: Annotated[Path, typer.Argument(metavar="YEAR.toml", help="A year, in the form of credit/calendar/data.")],
    *,
    ref: As,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the year's earlier table.")] = False,
    as_json: Json = False,
) -> None:
    """Enter a year's official working days, recalculate every open deadline, and record each that changes [5.1.4].

    Running servers use it within a minute.
    """
    settings = read(os.environ)
    if len(ref) > LONGEST_ACCOUNT or not is_account_reference(ref):
        raise CommandMisused(
            "--as takes an account reference", "'chengxin account reference' prints that of an account"
        )
    require_migrated(settings)
    notice, now = read_notice(file), utc_now()
    unrectified = UnrectifiedPolicy(settings.unrectified)
    entering = Entering(
        operator_for(ref), now, civil_date(now), unrectified, uuid4, os.urandom, clock_periods(settings)
    )
    try:
        tag = Keyring.load(settings.kek_file, os.urandom).pending_tag
        entered = with_database(settings, lambda database: enter(database, notice, entering, replace=replace), tag)
    except AlreadyEntered as there:
        hint = "there is nothing to do" if there.same else "see that it is right, then add --replace"
        raise CommandRefused(str(there), hint) from None
    done = "replaced" if entered.replaced else "entered"
    print_facts(
        {"year": entered.year, "moved": entered.moved, "confirmed": entered.confirmed},
        [f"{entered.year} {done}: {entered.moved} open clocks moved, {entered.confirmed} made certain"],
        as_json=as_json,
    )


def check(*, as_json: Json = False) -> None:
    """List the years that have a table; refuse when a required one is missing.

    Next year's is required from 1 November on: by then the State Council has usually published its notice.
    """
    settings = read(os.environ)
    # Where the database has no calendar yet, that of this release is in force.
    calendar = with_database(settings, in_force) if revision(settings) == head() else shipped()
    today = civil_date(utc_now())
    print_facts(facts(calendar, today), lines(calendar, today), as_json=as_json)
    require(calendar, today)


def lines(calendar: Calendar, today: date) -> list[str]:
    """Return a line for each year with a table, and one for next year where it has none."""
    calendar_lines = [
        f"{each.year}: {len(each.off)} days off, {len(each.work)} moved; {each.source}" for each in _tables(calendar)
    ]
    if today.year + 1 not in calendar.years:
        calendar_lines.append(f"{today.year + 1}: no table yet; clocks that run into it are provisional")
    return calendar_lines


def facts(calendar: Calendar, today: date) -> dict[str, Any]:
    """Return the same as JSON-ready values."""
    return {
        "today": today,
        "years": [
            {"year": each.year, "off": len(each.off), "moved": len(each.work), "source": each.source}
            for each in _tables(calendar)
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


def _tables(calendar: Calendar) -> list[YearTable]:
    return [table for table in map(calendar.of_year, sorted(calendar.years)) if table is not None]
