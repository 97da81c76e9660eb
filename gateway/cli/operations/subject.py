"""`chengxin subject …`: the subjects on record."""

from typing import Annotated
from uuid import UUID

import typer

from consent.vocabulary import ErasureReason
from credit.core.operator_acts import operator_for
from gateway.cli.arguments import Json
from gateway.cli.output import Bars, CommandMisused, CommandRefused, print_facts, print_progress
from gateway.cli.services import with_services
from gateway.services import Services, subject_eraser
from gateway.subjects import refold as names
from gateway.subjects.erase import MattersOpen, UnknownSubject
from storage.repositories.subjects.erasure import Counts


def erase(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The subject's id.")],
    *,
    on_behalf_of: Annotated[
        str, typer.Option("--as", metavar="REF", help="The account that ordered it; the record says that you did it.")
    ],
    reason: Annotated[ErasureReason, typer.Option("--reason", help="Why, by the law [PIPL 47].")],
    evidence: Annotated[str, typer.Option("--evidence", metavar="REF", help="The reference of the order on paper.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Erase a subject: its key, number, names and trees, and its place in every record of access.

    Nothing brings it back. What the authority did stays, by the id alone; the proofs of all other subjects stay valid.
    """
    try:
        subject_id = UUID(subject)
    except ValueError:
        raise CommandMisused("this is no id of a subject", "give the id as the gateway shows it") from None
    if not yes and not typer.confirm(f"Erase subject {subject_id}? Nothing brings it back.", err=True):
        raise CommandRefused("nothing was erased", "answer yes, or give --yes")

    async def work(services: Services) -> Counts:
        try:
            return await subject_eraser(services).erase(subject_id, operator_for(on_behalf_of), reason, evidence)
        except UnknownSubject:
            raise CommandRefused("there is no subject with this id", "was it erased before?") from None
        except MattersOpen as open_matters:
            what = " and ".join(open_matters.tables)
            raise CommandRefused(f"something of the subject is open: {what}", "end it first") from None

    counts = with_services(work)
    facts = {"consent_entries": counts.consent, "access_entries": counts.access}
    line = f"erased, with {counts.consent} entries of the log consent and {counts.access} of access"
    print_facts(facts, [line], as_json=as_json)
    print_progress("note: backups and the log of the database keep what was there until they expire")


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
