"""`chengxin ledger …`: the ledger that anybody can verify [5.1.6]."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from gateway.cli.arguments import Json
from gateway.cli.output import Bars, CommandMisused, CommandRefused, print_facts, print_progress
from gateway.cli.services import with_services
from gateway.ledger.audit.alarm import report_finding
from gateway.ledger.audit.run import findings_of
from gateway.services import Services
from storage.database.session import Session
from storage.ledger.attestation.closing import closings
from storage.ledger.audit.findings import Contradiction, in_order
from storage.ledger.audit.positions import read_audit

LAST: Final = "last"
_FORMATS: Final = ("%Y-%m-%d", "%Y-%m-%dT%H:%M")


def audit(
    *,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="Only what changed since this time in UTC, or since the 'last' whole audit that found nothing: see "
            "docs/operations.md for what that leaves out.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare every table with the ledger, and the ledger with itself, and name each contradiction.

    Nothing is changed, and the server may run. Exit 1: something was found. Ids only are printed, and codes that
    docs/operations.md explains.
    """
    given = None if since in {None, LAST} else _time(str(since))
    with Bars() as bars:

        async def work(services: Services) -> tuple[list[Contradiction], bool, datetime | None]:
            async with services.database.snapshot() as session:
                is_closed = bool(await closings(session))
                instant = await _last_clean(session) if since == LAST else given
            found = [one async for one in findings_of(services.database, services.keyring, bars, since=instant)]
            return found, is_closed, instant

        findings, is_closed, instant = with_services(work, limits=None)
    found = in_order(findings)
    for finding in found:
        report_finding(finding)
    lines = [_line(one) for one in found] or ["nothing contradicts the ledger"]
    print_facts({"findings": [one.written() for one in found]}, lines, as_json=as_json)
    if instant is not None:
        print_progress(f"note: compared since {instant:{_FORMATS[-1]}} UTC")
        print_progress("note: rows of subjects about whom nothing was appended since then were not compared")
    if not is_closed:
        print_progress("note: rows from before acts were kept were not taken over yet: see 'chengxin ledger attest'")
    if found:
        raise CommandRefused(
            f"{len(found)} contradiction{'s' * (len(found) > 1)} between the records and the ledger",
            "keep the database as it is for an inquiry; docs/operations.md says what each code means",
        )


def _time(text: str) -> datetime:
    for form in _FORMATS:
        with suppress(ValueError):
            return datetime.strptime(text, form).replace(tzinfo=UTC)
    raise CommandMisused("that is no time", f"such as 2026-11-30, 2026-11-30T08:00 or {LAST}")


async def _last_clean(session: Session) -> datetime:
    """Return when the last whole audit that found nothing began. Raises CommandMisused where there was none."""
    audit = await read_audit(session)
    if audit is None or audit.clean_since is None:
        raise CommandMisused(
            "no audit in the background has ended without findings yet",
            "give a time, or leave --since out to compare everything",
        )
    return audit.clean_since


def _line(finding: Contradiction) -> str:
    facts = finding.written()
    code, table = facts.pop("code"), facts.pop("table")
    columns = " ".join(facts.pop("columns", ()))
    ids = " ".join(f"{name}={value}" for name, value in facts.items())
    return " ".join(part for part in (code, table, columns, ids) if part)
