"""What several commands of the ledger take."""

from pathlib import Path
from typing import Annotated, Final

import typer

from consent.errors import PolicyFileRefused
from consent.ledger.notes.log_policy import LogPolicy
from gateway.cli.output import CommandMisused

Policy = Annotated[
    Path, typer.Option("--policy", metavar="FILE", help="Which logs and witnesses you trust [c2sp.org/tlog-policy].")
]
_FORM: Final = "docs/ledger.md shows the form; get it from the district by another way than its log"


def read_policy(file: Path) -> LogPolicy:
    """Return the policy in *file*. Raises CommandMisused."""
    try:
        return LogPolicy.parse(file.read_bytes())
    except OSError as error:
        raise CommandMisused(f"the policy cannot be read ({type(error).__name__})", _FORM) from None
    except PolicyFileRefused as error:
        raise CommandMisused(f"the policy is refused: {error.flaw.message}", _FORM) from None


def require_url(url: str) -> str:
    """Return the address of a gateway without a slash at its end. Raises CommandMisused."""
    if not url.startswith(("http://", "https://")):
        raise CommandMisused("that is no address", "name it as https://credit.linzi.example")
    return url.rstrip("/")
