"""`chengxin calendar …`: the official working days by which every legal clock counts [5.1.4]."""

from datetime import date
from typing import Annotated, Any

import typer

from credit.calendar import Calendar, shipped
from credit.deadlines import civil_date
from gateway.cli.speaking import Refused, machine, result
from gateway.wiring import utc_now


def app() -> typer.Typer:
    """Return the noun `calendar`."""
    noun = typer.Typer(help="The official working days.", no_args_is_help=True, rich_markup_mode=None)
    noun.callback()(_noun)
    noun.command("check")(check)
    return noun


def _noun() -> None:
    """The official working days."""  # noqa: D401 - names what the verbs are about


def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """List the years that have a table; refuse when one is missing that should be there.

    Next year's should be there from 1 November on, when the State Council's notice is out as a rule.
    """
    calendar, today = shipped(), civil_date(utc_now())
    if as_json:
        machine(facts(calendar, today))
    else:
        result("\n".join(lines(calendar, today)))
    require(calendar, today)


def lines(calendar: Calendar, today: date) -> list[str]:
    """Return a line for each year with a table, and one for next year where it has none."""
    known = [table for table in map(calendar.of_year, sorted(calendar.years)) if table is not None]
    told = [f"{each.year}: {len(each.off)} days off, {len(each.work)} moved; {each.source}" for each in known]
    if today.year + 1 not in calendar.years:
        told.append(f"{today.year + 1}: no table yet; clocks that run into it are provisional")
    return told


def facts(calendar: Calendar, today: date) -> dict[str, Any]:
    """Return the same for machines."""
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
    """Raise Refused where a year has no table that should have one by *today*."""
    missing = calendar.missing(today)
    if missing:
        years = " and ".join(map(str, missing))
        raise Refused(
            f"there is no table of working days for {years}",
            f"enter the State Council's notice as credit/calendars/{missing[0]}.toml, in the form of the years before",
        )
