"""Arguments and options that several commands take."""

from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from credit.core.errors import InvalidItem
from credit.core.values.dates import parse_iso_date
from gateway.cli.output import CommandMisused

As = Annotated[
    str, typer.Option("--as", metavar="REF", help="Your account reference, never a name; recorded as the operator's.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]
Yes = Annotated[bool, typer.Option("--yes", help="Replace an existing file.")]
Word = TypeVar("Word", bound=StrEnum)


def one_of(kind: type[Word], word: str, what: str) -> Word:
    """Return the member of *kind* that *word* names, in any case. Raises CommandMisused."""
    for member in kind:
        if member.value.lower() == word.lower():
            return member
    raise CommandMisused(f"there is no {what} {word!r}", f"there are {', '.join(kind)}")


def iso_day(text: str) -> date:
    """Return the day that *text* is: 2026-03-05. Raises BadParameter, which the command line reports."""
    try:
        return parse_iso_date(text)
    except InvalidItem:
        raise typer.BadParameter("a day such as 2026-03-05") from None


def id_of(text: str, what: str, hint: str) -> UUID:
    """Return the id of *what* that *text* is. Raises CommandMisused with *hint*."""
    try:
        return UUID(text)
    except ValueError:
        raise CommandMisused(f"that is no {what} id", hint) from None
