"""How the command speaks: the result on stdout, talk on stderr, a refusal in two lines."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self, TypeVar

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

Word = TypeVar("Word", bound=StrEnum)
SETTINGS = "every setting is described in docs/operations.md"


class CommandRefused(Exception):
    """What the command does not do. *hint* says what would help."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class CommandMisused(CommandRefused):
    """What cannot be meant: a word that the command does not know."""


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
"""What is told in two lines. Anything else is a bug, and shows where it comes from."""


def print_result(text: str) -> None:
    """Print what was asked for."""
    typer.echo(text)


def machine(facts: Mapping[str, Any]) -> None:
    """Print what was asked for, for machines."""
    sys.stdout.write(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_progress(text: str) -> None:
    """Say something by the way."""
    typer.echo(text, err=True)


def exit_with_error(message: str, hint: str) -> None:
    """Say no."""
    print_progress(f"error: {message}")
    print_progress(f"hint: {hint}")


def one_of(kind: type[Word], word: str, what: str) -> Word:
    """Return the member of *kind* that *word* names, in whatever case. Raises Misused."""
    for member in kind:
        if member.value.lower() == word.lower():
            return member
    raise CommandMisused(f"there is no {what} {word!r}", f"there are {', '.join(kind)}")


def explain_error(error: Exception) -> tuple[str, str]:
    """Return the two lines of a refusal."""
    if isinstance(error, PolicyRefused) and not error.line:
        return _message(error), f"a policy is a folder with {', '.join(FILES)}"
    hint = getattr(error, "hint", "") or next(hint for kind, hint in HINTS if isinstance(error, kind))
    return _message(error), hint


def _message(error: Exception) -> str:
    # What a database or the system says may quote a row or an address: told is its kind.
    if isinstance(error, DBAPIError):
        return f"the database refused ({type(error.orig or error).__name__})"
    if isinstance(error, OSError):
        about = f": {error.filename}" if error.filename else ""
        return f"{(error.strerror or type(error).__name__).lower()}{about}"
    return str(error).rstrip(".")


class Bars:
    """Progress on stderr, a bar for each thing that is being done; nothing where nobody watches."""

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
