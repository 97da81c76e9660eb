"""`chengxin policy …`: shows who may see what and why, and how a change of the tables would change it."""

import difflib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from consent.vocabulary import DataClass, Purpose
from gateway.cli.arguments import Json, one_of
from gateway.cli.output import CommandRefused, print_facts
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


def check(folder: Folder = POLICY_OF_THIS_RELEASE, *, as_json: Json = False) -> None:
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
    line = (
        f"policy {table.version} holds: {facts['who']} rows of who.csv, {facts['need']} rows of need.csv, "
        f"{facts['fields']} fields in {facts['classes']} classes"
    )
    print_facts(facts, [line], as_json=as_json)


def explain(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="The role that asks, such as clerk.")],
    purpose: Annotated[str, typer.Argument(metavar="PURPOSE", help="The purpose, such as CREDIT_CHECK; or none.")],
    field: Annotated[str, typer.Argument(metavar="TYPE.FIELD", help="The field, such as RestraintCase.facts.")],
    folder: Folder = POLICY_OF_THIS_RELEASE,
    *,
    as_json: Json = False,
) -> None:
    """Show what a role sees of a field for a purpose, which rows decide it, and what would unlock it."""
    who = one_of(Role, role, "role")
    what_for = None if purpose.lower() == "none" else one_of(Purpose, purpose, "purpose")
    table = load_second_reading(folder, refusal_fields(core(build())))
    if field not in table.classes:
        near = difflib.get_close_matches(field, table.classes, n=3)
        raise CommandRefused(
            f"no field {field} has a class", f"did you mean {', '.join(near)}" if near else "see classes.csv"
        )
    explanation = policy_explain.explain(table, who, what_for, field)
    facts = asdict(explanation)
    facts["decision"] = {"withheld" if isinstance(explanation.decision, Withheld) else "shown": facts["decision"]}
    print_facts(facts, (line.rstrip() for line in explanation.lines()), as_json=as_json)


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The folder of the old tables.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The folder of the new tables.")],
    *,
    as_json: Json = False,
) -> None:
    """List the cells that NEW changes, and whether any role would see or do more than before."""
    changes = diff_folders(old, new)
    cells = [change for change in changes if isinstance(change, CellChange)]
    wider = sum(change.direction in {Direction.WIDER, Direction.MIXED} for change in cells)
    total = f"{len(cells)} cells changed, {wider} of them wider; {len(changes) - len(cells)} fields changed class"
    print_facts(
        {"changes": [asdict(change) for change in changes]},
        [*(change.line() for change in changes), total],
        as_json=as_json,
    )
