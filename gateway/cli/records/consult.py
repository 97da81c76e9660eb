"""`chengxin consult`: a batch consultation by file, before a rating, an award or a selection [5.2.3]."""

from pathlib import Path
from typing import Annotated

import typer

from credit.consultations.consultation import ConsultationKind
from gateway.cli.acting import Acting, OnBehalfOf, TokenFile
from gateway.cli.arguments import Json, Yes
from gateway.cli.output import CommandMisused, print_facts
from gateway.cli.records.import_export import refusals
from gateway.cli.services import with_services
from gateway.import_export.consult_batch import ConsultationQuestion, Consulted, consult_file
from gateway.services import Services
from policy.actors import Role


def consult(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A .csv or .xlsx with a column 身份证号 or 统一社会信用代码, or both."),
    ],
    *,
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="Where to write the replies.")],
    kind: Annotated[
        ConsultationKind, typer.Option(metavar="KIND", case_sensitive=False, help="RATING, AWARD, SELECTION.")
    ],
    occasion: Annotated[
        str, typer.Option(metavar="REFERENCE", help="The occasion, without a person's name or number.")
    ],
    ref: OnBehalfOf = None,
    token_file: TokenFile = None,
    department: Annotated[
        str | None, typer.Option(metavar="CODE", help="The department or association that asks; with --as.")
    ] = None,
    role: Annotated[
        Role | None, typer.Option(metavar="ROLE", help="The acting role: head or, by default, association.")
    ] = None,
    statute: Annotated[
        str | None, typer.Option(metavar="CITATION", help="The statute on which a department asks.")
    ] = None,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Ask whether the subjects in a file are restrained now; the answer has line numbers and replies only [5.2.3].

    Run again on the same day for the same occasion, it gives the same replies.
    """
    acting, asking = (
        Acting(ref, token_file, role, department, usual_role=Role.ASSOCIATION),
        ConsultationQuestion(kind, occasion, statute),
    )
    if ref is not None and department is None:
        raise CommandMisused("--as needs --department", "the department or association that asks")

    async def work(services: Services) -> Consulted:
        return await consult_file(services, file, output, await acting.actor(services), asking, replace=yes)

    with refusals(as_json=as_json):
        done = with_services(work)
    counts = [f"{number:>8}  {reply.value} {reply.zh}" for reply, number in done.counts.items()]
    print_facts(done.facts(), [*counts, f"answered at {done.at}"], as_json=as_json)
