"""Output of the command: the result on stdout, progress on stderr, a refusal in two lines.

Every command line loads this module, so it imports nothing of the gateway.
"""

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

import orjson
import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class CommandRefused(Exception):
    """The command refuses. *hint* says what would help."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class CommandMisused(CommandRefused):
    """The command was called wrongly, such as with a word that it does not know."""


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


class Bars:
    """Progress on stderr, one bar for each task; none where stderr is not a terminal."""

    def __init__(self) -> None:
        self._progress: Progress | None = _progress() if sys.stderr.isatty() else None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._progress is None:
            return
        if what not in self._tasks:
            self._progress.start()
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done, total=total or None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()


def _progress() -> "Progress":
    # Imported where somebody looks: a server has no use for it, and would hold it in memory.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))
