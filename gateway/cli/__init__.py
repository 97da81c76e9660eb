"""The command `chengxin`: a noun, a verb, and a result.

Exit 0: done; 1: refused; 2: misused. A refusal is two lines on stderr:

    error: the database is at revision none, and this release needs 0001
    hint: run 'chengxin db migrate'
"""

import sys
from collections.abc import Sequence

import typer

from gateway.cli.operations import calendar, courier, db, demo, key, policy, reference, schema
from gateway.cli.operations.serve import serve
from gateway.cli.output import REFUSALS, CommandMisused, exit_with_error, explain_error, print_progress
from gateway.cli.records import consult, focused_check, import_export, notice, quarantine
from gateway.cli.records.figures import figures

REFUSED, MISUSED = 1, 2


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
    app.command("serve")(serve)
    app.add_typer(calendar.app(), name="calendar")
    app.add_typer(courier.app(), name="courier")
    app.add_typer(db.app(), name="db")
    app.add_typer(demo.app(), name="demo")
    app.add_typer(focused_check.app(), name="focused-check")
    app.add_typer(key.app(), name="key")
    app.add_typer(notice.app(), name="notice")
    app.add_typer(policy.app(), name="policy")
    app.add_typer(quarantine.app(), name="quarantine")
    app.add_typer(reference.app(), name="reference")
    app.add_typer(schema.app(), name="schema")
    app.command("figures")(figures)
    app.command("import")(import_export.import_)
    app.command("export")(import_export.export)
    app.command("consult")(consult.consult)
    return app


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
