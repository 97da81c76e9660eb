"""The command `chengxin`: a noun, a verb, and a result.

Exit 0: done; 1: refused; 2: misused. A refusal is two lines on stderr:

    error: the database is at revision none, and this release needs 0001
    hint: run 'chengxin db migrate'
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Final

import typer

from gateway.cli.output import CommandMisused, CommandRefused, exit_with_error, print_progress, print_result

REFUSED, MISUSED = 1, 2
NOUNS: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = {
    "account": (
        "The accounts of the issuer.",
        "operations.account",
        {"reference": "reference", "sessions": "sessions", "end-sessions": "end_sessions"},
    ),
    "calendar": ("The official working days.", "operations.calendar", {"add": "add", "check": "check"}),
    "courier": (
        "Messages to the city platform and to supervising departments [5.1.4(5)] [5.2.2].",
        "operations.courier",
        {"run": "run", "once": "once", "status": "status", "dead": "dead", "retry": "retry"},
    ),
    "db": ("The database.", "operations.db", {"migrate": "migrate", "rebuild": "rebuild"}),
    "demo": (
        "The synthetic district of demo mode.",
        "operations.demo",
        {
            "seed": "seed",
            "reset": "reset",
            "token": "token",
            "city-platform": "city_platform",
            "joint-measures": "joint_measures",
        },
    ),
    "documents": (
        "The GraphQL documents that front-ends send.",
        "operations.documents",
        {"check": "check", "load": "load", "list": "list_", "retire": "retire"},
    ),
    "file": ("Files that were uploaded as evidence.", "operations.file", {"purge": "purge"}),
    "focused-check": ("Focused checks.", "records.focused_check", {"tell": "tell"}),
    "key": ("The key file.", "operations.key", {"create": "create"}),
    "ledger": (
        "The ledger that anybody can verify [5.1.6].",
        "ledger",
        {
            "attest": "attest:attest",
            "audit": "audit:audit",
            "sequence": "sequence:sequence",
            "status": "status:status",
            "verify": "verify:verify",
            "witness": "witness:witness",
            "follow": "copies:follow",
            "restore-store": "copies:restore_store",
        },
    ),
    "lookups": ("Numbers that are looked up [5.1.6].", "operations.lookups", {"caller": "caller"}),
    "notice": ("Notices as PDF.", "records.notice", {"preview": "preview"}),
    "policy": (
        "The tables that say who may see what.",
        "operations.policy",
        {"check": "check", "explain": "explain", "diff": "diff"},
    ),
    "quarantine": (
        "Pushed messages of another platform that were not accepted.",
        "records.quarantine",
        {"list": "list_", "show": "show_", "settle": "settle_"},
    ),
    "receipt": ("Receipts of consent events and reads [5.1.6].", "ledger.receipt", {"verify": "verify"}),
    "reference": ("Departments, matters, sectors and areas.", "operations.reference", {"load": "load"}),
    "schema": ("The GraphQL schema.", "operations.schema", {"print": "print_"}),
    "subject": ("The subjects on record.", "operations.subject", {"erase": "erase", "refold": "refold"}),
}
"""Each noun: its help, its module, and its verbs with their functions; `page:function` is one of a page of a folder."""
VERBS: Final[Mapping[str, tuple[str, str, str]]] = {
    "serve": ("Start the gateway and serve until stopped.", "operations.serve", "serve"),
    "figures": ("Write the yearly sheet of a department or of the district.", "records.figures", "figures"),
    "import": ("Import records from a CSV file or an .xlsx workbook.", "records.import_export", "import_"),
    "export": ("Export records as a table, for a purpose.", "records.import_export", "export"),
    "consult": ("Ask whether the subjects in a file are restrained now.", "records.consult", "consult"),
}
"""The verbs without a noun: the help in the list of commands, the module, and the function."""


def command(word: str) -> typer.Typer:
    """Return the command with what the noun or verb *word* needs; the others show their help, and are not imported."""
    app = typer.Typer(
        name="chengxin",
        help="诚信网关 · a gateway to a district's service-credit records, guarded and recorded.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
    )
    app.callback()(_options)
    for name, (help_text, module, function) in VERBS.items():
        verb = _function(module, function) if name == word else _not_imported
        app.command(name, short_help=help_text)(verb)
    for name, (help_text, module, functions) in NOUNS.items():
        noun = typer.Typer(help=help_text, no_args_is_help=True, rich_markup_mode=None)
        # With a callback, a noun with a single verb still needs the verb.
        noun.callback()(lambda: None)
        for verb_name, function in functions.items() if name == word else ():
            noun.command(verb_name)(_function(module, function))
        app.add_typer(noun, name=name)
    return app


def _function(module: str, name: str) -> Callable[..., None]:
    page, _, function = name.rpartition(":")
    path = ".".join(filter(None, ("gateway.cli", module, page)))
    found: Callable[..., None] = getattr(import_module(path), function)
    return found


def _version(asked: bool) -> None:  # noqa: FBT001 - typer calls it with the value
    if asked:
        print_result(f"chengxin {version('chengxin-gateway')}")
        raise typer.Exit


def _options(
    *, _: Annotated[bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version.")] = False
) -> None:
    """Take the options before any noun or verb."""


def _not_imported() -> None:
    """Stand for a verb that the command line does not name."""


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; return the exit code."""
    try:
        code = _carry_out(arguments)
    except typer.TyperException as misused:
        message = misused.format_message()
        if message.startswith("Usage:"):
            print_progress(message)
        else:
            exit_with_error(_plainly(message), f"run '{_path(misused)} --help'")
        return MISUSED
    except typer.Abort:
        return REFUSED
    except CommandRefused as refused:
        exit_with_error(str(refused).rstrip("."), refused.hint)
        return MISUSED if isinstance(refused, CommandMisused) else REFUSED
    except Exception as error:
        refusals = import_module("gateway.cli.refusals")
        if not isinstance(error, refusals.REFUSALS):
            raise
        exit_with_error(*refusals.explain_error(error))
        return REFUSED
    return code if isinstance(code, int) else 0


def _carry_out(arguments: Sequence[str]) -> object:
    """Carry the line out by typer; `serve` without it, where its options are plain."""
    words = arguments or os.environ.get("COMP_WORDS", os.environ.get("_TYPER_COMPLETE_ARGS", "")).split()[1:]
    word = next((argument for argument in words if not argument.startswith("-")), "")
    if arguments and arguments[0] == "serve":
        serve = import_module("gateway.cli.operations.serve")
        options = serve.plain_options(arguments[1:])
        if options is not None:
            return serve.serve(**options)
    return command(word)(arguments, prog_name="chengxin", standalone_mode=False)


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))


def _path(misused: typer.TyperException) -> str:
    context = getattr(misused, "ctx", None)
    return context.command_path if context else "chengxin"


def _plainly(sentence: str) -> str:
    """Return a sentence of the library in our style: lower case at the beginning, no full stop."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")
