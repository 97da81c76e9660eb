"""Arguments and options that several commands take."""

from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID

import typer

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


def id_of(text: str, what: str, hint: str) -> UUID:
    """Return the id of *what* that *text* is. Raises CommandMisused with *hint*."""
    try:
        return UUID(text)
    except ValueError:
        raise CommandMisused(f"that is no {what} id", hint) from None
