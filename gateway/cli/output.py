"""Output of the command: the result on stdout, progress on stderr, a refusal in two lines."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Self

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import DBAPIError

from credit.core.errors import CalendarRefused
from credit.policy_texts.refusals import DataFileRefused
from gateway.auth.dev_issuer import DevIssuerRefused
from gateway.demo.bootstrap import DemoRefused
from gateway.load_reference import ReferenceRefused
from gateway.server import ServingRefused
from gateway.settings.settings import SettingRefused
from policy.crypto.keyring import KeyFileRefused
from policy.errors import PolicyRefused
from policy.rules import FILES
from storage.errors import UnknownDatabase

SETTINGS = "every setting is described in docs/operations.md"


class CommandRefused(Exception):
    """The command refuses. *hint* says what would help."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class CommandMisused(CommandRefused):
    """The command was called wrongly, such as with a word that it does not know."""


HINTS: tuple[tuple[type[Exception], str], ...] = (
    (SettingRefused, SETTINGS),
    (DataFileRefused, "the files of that kind under credit/ show the form"),
    (CalendarRefused, "credit/calendar/data shows the form; nothing was entered"),
    (DevIssuerRefused, SETTINGS),
    (PolicyRefused, "mend the row, then run 'chengxin policy check'"),
    (KeyFileRefused, "CHENGXIN_KEK_FILE names the file; only its owner may be able to read it"),
    (UnknownDatabase, "set CHENGXIN_DATABASE_URL to sqlite:///path/to/file or postgresql://user@host/database"),
    (DBAPIError, "see that the database runs, and that CHENGXIN_DATABASE_URL names it"),
    (OSError, SETTINGS),
)
REFUSALS: tuple[type[Exception], ...] = (
    CommandRefused,
    ServingRefused,
    DemoRefused,
    ReferenceRefused,
    *(kind for kind, _ in HINTS),
)
"""Reported in two lines. Any other exception is a bug, and keeps its traceback."""


def print_result(text: str) -> None:
    """Print the result."""
    typer.echo(text)


def print_json(facts: Mapping[str, Any]) -> None:
    """Print the result as JSON."""
    sys.stdout.write(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_facts(facts: Mapping[str, Any], lines: Iterable[str], *, as_json: bool) -> None:
    """Print the result: *facts* as JSON for machines, or else the *lines*."""
    if as_json:
        print_json(facts)
        return
    for line in lines:
        print_result(line)


def print_progress(text: str) -> None:
    """Print a note about progress to stderr."""
    typer.echo(text, err=True)


def exit_with_error(message: str, hint: str) -> None:
    """Print the error and its hint."""
    print_progress(f"error: {message}")
    print_progress(f"hint: {hint}")


def explain_error(error: Exception) -> tuple[str, str]:
    """Return the two lines of a refusal."""
    if isinstance(error, PolicyRefused) and not error.line:
        return _message(error), f"a policy is a folder with {', '.join(FILES)}"
    hint = getattr(error, "hint", "") or next(hint for kind, hint in HINTS if isinstance(error, kind))
    return _message(error), hint


def _message(error: Exception) -> str:
    # A message of the database or the system may quote a row or an address: report its class only.
    if isinstance(error, DBAPIError):
        return f"the database refused ({type(error.orig or error).__name__})"
    if isinstance(error, OSError):
        about = f": {error.filename}" if error.filename else ""
        return f"{(error.strerror or type(error).__name__).lower()}{about}"
    return str(error).rstrip(".")


class Bars:
    """Progress on stderr, one bar for each task; none where stderr is not a terminal."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._progress.start()
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
