"""The command `chengxin`: a noun, a verb, and a result.

Exit 0: done; 1: refused; 2: misused. A refusal is two lines on stderr:

    error: the database is at revision none, and this release needs 0001
    hint: run 'chengxin db migrate'
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import typer

from gateway.cli.operations import calendar, courier, db, demo, file, key, lookups, policy, reference, schema
from gateway.cli.operations.serve import serve
from gateway.cli.output import REFUSALS, CommandMisused, exit_with_error, explain_error, print_progress
from gateway.cli.records import focused_check, import_export, notice, quarantine
from gateway.cli.records.consult import consult
from gateway.cli.records.figures import figures

REFUSED, MISUSED = 1, 2
Verbs = Mapping[str, Callable[..., None]]
NOUNS: Final[Mapping[str, tuple[str, Verbs]]] = {
    "calendar": ("The official working days.", {"add": calendar.add, "check": calendar.check}),
    "courier": (
        "Messages to the city platform and to supervising departments [5.1.4(5)] [5.2.2].",
        {
            "run": courier.run,
            "once": courier.once,
            "status": courier.status,
            "dead": courier.dead,
            "retry": courier.retry,
        },
    ),
    "db": ("The database.", {"migrate": db.migrate}),
    "demo": (
        "The synthetic district of demo mode.",
        {
            "seed": demo.seed,
            "token": demo.token,
            "city-platform": demo.city_platform,
            "joint-measures": demo.joint_measures,
        },
    ),
    "file": ("Files that were uploaded as evidence.", {"purge": file.purge}),
    "focused-check": ("Focused checks.", {"tell": focused_check.tell}),
    "key": ("The key file.", {"create": key.create}),
    "lookups": ("Numbers that are looked up [5.1.6].", {"caller": lookups.caller}),
    "notice": ("Notices as PDF.", {"preview": notice.preview}),
    "policy": (
        "The tables that say who may see what.",
        {"check": policy.check, "explain": policy.explain, "diff": policy.diff},
    ),
    "quarantine": (
        "Pushed messages of another platform that were not accepted.",
        {"list": quarantine.list_, "show": quarantine.show_, "settle": quarantine.settle_},
    ),
    "reference": ("Departments, matters, sectors and areas.", {"load": reference.load}),
    "schema": ("The GraphQL schema.", {"print": schema.print_}),
}
"""Each noun: its help, and its verbs."""
VERBS: Final[Verbs] = {
    "serve": serve,
    "figures": figures,
    "import": import_export.import_,
    "export": import_export.export,
    "consult": consult,
}
"""The verbs without a noun."""


def command() -> typer.Typer:
    """Return the whole command."""
    app = typer.Typer(
        name="chengxin",
        help="诚信网关 · a gateway to a district's service-credit records, guarded and recorded.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
    )
    for name, verb in VERBS.items():
        app.command(name)(verb)
    for name, (help_text, verbs) in NOUNS.items():
        app.add_typer(_noun(help_text, verbs), name=name)
    return app


def _noun(help_text: str, verbs: Verbs) -> typer.Typer:
    noun = typer.Typer(help=help_text, no_args_is_help=True, rich_markup_mode=None)
    # With a callback, a noun with a single verb still needs the verb.
    noun.callback()(lambda: None)
    for name, verb in verbs.items():
        noun.command(name)(verb)
    return noun


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; return the exit code."""
    try:
        code = command()(arguments, prog_name="chengxin", standalone_mode=False)
    except typer.TyperException as misused:
        message = misused.format_message()
        if message.startswith("Usage:"):
            print_progress(message)
        else:
            exit_with_error(_plainly(message), f"run '{_path(misused)} --help'")
        return MISUSED
    except typer.Abort:
        return REFUSED
    except REFUSALS as refused:
        exit_with_error(*explain_error(refused))
        return MISUSED if isinstance(refused, CommandMisused) else REFUSED
    return code if isinstance(code, int) else 0


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))


def _path(misused: typer.TyperException) -> str:
    context = getattr(misused, "ctx", None)
    return context.command_path if context else "chengxin"


def _plainly(sentence: str) -> str:
    """Return a sentence of the library in our style: lower case at the beginning, no full stop."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")
