"""`chengxin policy …`: shows who may see what and why, and how a change of the tables would change it."""

import difflib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from consent.vocabulary import DataClass, Purpose
from gateway.cli.output import CommandRefused, machine, one_of, print_result
from gateway.settings.settings import POLICY_OF_THIS_RELEASE
from policy import explain as policy_explain
from policy.actors import Role
from policy.decisions import Withheld, load, load_second_reading
from policy.diff import CellChange, Direction, diff_folders
from schema.build import build
from schema.core.fields import classified_fields, core, refusal_fields

Folder = Annotated[
    Path,
    typer.Option("--policy", metavar="FOLDER", envvar="CHENGXIN_POLICY_DIR", show_default=False,
                 help="The folder of the tables. Default: those of this release."),
]  # fmt: skip
Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]


def app() -> typer.Typer:
    """Return the noun `policy`."""
    noun = typer.Typer(help="The tables that say who may see what.", no_args_is_help=True, rich_markup_mode=None)
    noun.callback()(_noun)
    noun.command("check")(check)
    noun.command("explain")(explain)
    noun.command("diff")(diff)
    return noun


def _noun() -> None:
    """The tables that say who may see what."""  # noqa: D401 - names what the verbs are about


def check(folder: Folder = POLICY_OF_THIS_RELEASE, as_json: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Check that the tables can be read, and that every field of the schema has its class."""
    schema = core(build())
    table = load(folder, refusal_fields(schema))
    table.require(classified_fields(schema))
    facts = {
        "version": table.version,
        "who": len(table.rules.who),
        "need": len(table.rules.need),
        "fields": len(table.classes),
        "classes": len(DataClass),
    }
    if as_json:
        machine(facts)
    else:
        print_result(
            f"policy {table.version} holds: {facts['who']} rows of who.csv, {facts['need']} rows of need.csv, "
            f"{facts['fields']} fields in {facts['classes']} classes"
        )


def explain(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="The role that asks, such as clerk.")],
    purpose: Annotated[str, typer.Argument(metavar="PURPOSE", help="The purpose, such as CREDIT_CHECK; or none.")],
    field: Annotated[str, typer.Argument(metavar="TYPE.FIELD", help="The field, such as RestraintCase.facts.")],
    folder: Folder = POLICY_OF_THIS_RELEASE,
    as_json: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show what a role sees of a field for a purpose, which rows decide it, and what would unlock it."""
    who, what_for = (
        one_of(Role, role, "role"),
        None if purpose.lower() == "none" else one_of(Purpose, purpose, "purpose"),
    )
    table = load_second_reading(folder, refusal_fields(core(build())))
    if field not in table.classes:
        near = difflib.get_close_matches(field, table.classes, n=3)
        raise CommandRefused(
            f"no field {field} has a class", f"did you mean {', '.join(near)}" if near else "see classes.csv"
        )
    explanation = policy_explain.explain(table, who, what_for, field)
    if as_json:
        machine(_explained(explanation))
    else:
        print_result("\n".join(line.rstrip() for line in explanation.lines()))


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The folder of the old tables.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The folder of the new tables.")],
    as_json: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """List the cells that NEW changes, and whether any role would see or do more than before."""
    changes = diff_folders(old, new)
    if as_json:
        machine({"changes": [asdict(change) for change in changes]})
        return
    for change in changes:
        print_result(change.line())
    cells = [change for change in changes if isinstance(change, CellChange)]
    wider = sum(change.direction in {Direction.WIDER, Direction.MIXED} for change in cells)
    print_result(f"{len(cells)} cells changed, {wider} of them wider; {len(changes) - len(cells)} fields changed class")


def _explained(explanation: policy_explain.Explanation) -> dict[str, Any]:
    facts = asdict(explanation)
    if isinstance(explanation.decision, Withheld):
        facts["decision"] = {"withheld": facts["decision"]}
    else:
        facts["decision"] = {"shown": facts["decision"]}
    return facts
