"""`chengxin subject …`: the subjects on record."""

from typing import Annotated

import typer

from gateway.cli.arguments import Json
from gateway.cli.output import Bars, print_facts, print_progress
from gateway.cli.services import with_services
from gateway.subjects import refold as names
from gateway.wiring import Services


def refold(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Write the names and addresses on record in the one form of their characters, once after an upgrade.

    It needs the key file. It shows nobody's data, and can be stopped and run again.
    """

    async def work(services: Services) -> names.RefoldCounts:
        with Bars() as bars:
            return await names.refold(
                services.database, services.keyring, services.runtime, dry_run=dry_run, progress=bars
            )

    counts = with_services(work)
    facts = {
        "subjects": counts.subjects,
        "refolded": counts.refolded,
        "refused_names": counts.refused_names,
        "damaged": len(counts.damaged),
        "damaged_subjects": [str(subject_id) for subject_id in counts.damaged],
    }
    verb = "would be written" if dry_run else "were written"
    print_facts(facts, [f"{counts.refolded} of {counts.subjects} subjects {verb} in the one form"], as_json=as_json)
    if counts.refused_names:
        print_progress(
            f"note: {counts.refused_names} names would be refused today; their departments correct them [5.1.4(6)]"
        )
    for subject_id in counts.damaged:
        print_progress(f"note: subject {subject_id} stays as it is: a sealed value of it does not open")
