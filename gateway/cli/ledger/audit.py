"""`chengxin ledger …`: the ledger that anybody can verify [5.1.6]."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.cli.arguments import Json
from gateway.cli.output import Bars, CommandRefused, print_facts, print_progress
from gateway.cli.services import with_services
from gateway.ledger.audit.alarm import report_finding
from gateway.ledger.audit.run import findings_of
from gateway.wiring import Services
from storage.ledger.attestation.closing import closings
from storage.ledger.audit.findings import Contradiction, in_order


def audit(
    *,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            metavar="TIME",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
            help="Only what changed since this time in UTC: see docs/operations.md for what that leaves out.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare every table with the ledger, and the ledger with itself, and name each contradiction.

    Nothing is changed, and the server may run. Exit 1: something was found. Ids only are printed, and codes that
    docs/operations.md explains.
    """
    instant = None if since is None else since.replace(tzinfo=UTC)
    with Bars() as bars:

        async def work(services: Services) -> tuple[list[Contradiction], bool]:
            async with services.database.snapshot() as session:
                is_closed = bool(await closings(session))
            return [
                one async for one in findings_of(services.database, services.keyring, bars, since=instant)
            ], is_closed

        findings, is_closed = with_services(work, limits=None)
    found = in_order(findings)
    for finding in found:
        report_finding(finding)
    lines = [_line(one) for one in found] or ["nothing contradicts the ledger"]
    print_facts({"findings": [one.written() for one in found]}, lines, as_json=as_json)
    if since is not None:
        print_progress("note: rows of subjects about whom nothing was appended since then were not compared")
    if not is_closed:
        print_progress("note: rows from before acts were kept were not taken over yet: see 'chengxin ledger attest'")
    if found:
        raise CommandRefused(
            f"{len(found)} contradiction{'s' * (len(found) > 1)} between the records and the ledger",
            "keep the database as it is for an inquiry; docs/operations.md says what each code means",
        )


def _line(finding: Contradiction) -> str:
    facts = finding.written()
    code, table = facts.pop("code"), facts.pop("table")
    columns = " ".join(facts.pop("columns", ()))
    ids = " ".join(f"{name}={value}" for name, value in facts.items())
    return " ".join(part for part in (code, table, columns, ids) if part)
