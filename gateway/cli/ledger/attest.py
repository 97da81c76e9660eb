"""`chengxin ledger attest`: takes over the rows of releases that kept no acts, once after an upgrade [5.1.6]."""

from collections.abc import Mapping
from typing import Annotated

import typer

from credit.core.operator_acts import operator_for
from gateway.cli.arguments import Json
from gateway.cli.output import CommandRefused, print_facts, print_progress
from gateway.cli.services import with_services
from gateway.ledger.audit.attester import AttestationDisturbed, AttestationOver, Attester
from gateway.services import Services


def attest(
    *,
    on_behalf_of: Annotated[
        str, typer.Option("--as", metavar="REF", help="The account that ordered it; every entry says that you did it.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Take over the rows that a release wrote before it kept their acts, each as it stands, with an entry.

    Once: then the log system closes it, and a row without acts is a contradiction. Compare the rows before, for they
    cannot be told from inserted ones. It can be stopped and run again.
    """

    def attester(services: Services) -> Attester:
        return Attester(services.database, services.runtime, operator_for(on_behalf_of))

    try:
        found = with_services(lambda services: attester(services).count(), limits=None)
        if not dry_run:
            _ask(found, yes=yes)
            found = with_services(lambda services: attester(services).run(), limits=None)
    except AttestationOver as over:
        at = over.closed.at.isoformat(timespec="seconds")
        print_facts(
            {"closed_at": at, "rows": over.closed.rows},
            [f"closed at {at}: nothing is taken over any more"],
            as_json=as_json,
        )
        return
    except AttestationDisturbed:
        raise CommandRefused("another process takes rows over at the same time", "run it again, once") from None
    verb = "would be taken over" if dry_run else "were taken over"
    lines = [f"{rows} {table}" for table, rows in found.items()]
    print_facts({"attested": dict(found)}, [*lines, f"{sum(found.values())} rows {verb}"], as_json=as_json)


def _ask(found: Mapping[str, int], *, yes: bool) -> None:
    for table, rows in found.items():
        print_progress(f"{rows} {table}")
    question = f"Take over {sum(found.values())} rows as they stand, and close it for good?"
    if not yes and not typer.confirm(question, err=True):
        raise CommandRefused("nothing was taken over", "answer yes, or give --yes")
