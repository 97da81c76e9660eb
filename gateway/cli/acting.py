"""Who acts in a command: the bearer of a token, or an account on whose behalf the operator acts.

With `--token-file` the actor is who the token says; it is verified as at the HTTP endpoint. With `--as` nothing shows
that the account's owner acts, so every record says that the operator did, on behalf of that account.
"""

import os
import stat
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import httpx
import typer
from starlette.datastructures import Headers

from consent.vocabulary import KnownBy
from credit.calendar.deadlines import civil_date
from credit.core.operator_acts import operator_for
from gateway.auth.dev_issuer import DevIssuer
from gateway.auth.jwks import KeySource, PublishedKeys
from gateway.cli.output import CommandMisused, CommandRefused
from gateway.demo.personas.personas import personas
from gateway.http.errors import WORDS, Code, HttpRefusal
from gateway.import_export.errors import ExchangeRefused, ImportRefusal
from gateway.services import Services, token_authenticator
from policy.actors import Actor, Role

OnBehalfOf = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="REF",
        help="The account on whose behalf you, the operator, act; every record says so. Or else --token-file.",
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        metavar="FILE",
        help="A file with the bearer token of the person who acts, readable by its owner only; - for standard input.",
    ),
]
_STANDARD_INPUT: Final = Path("-")
_MOST_BYTES: Final = 1 << 16


class TokenNotAccepted(ExchangeRefused):
    """The token is refused, for the reason that the HTTP endpoint would give."""

    def __init__(self, refusal: HttpRefusal) -> None:
        hint = "name one with --role" if refusal.code is Code.ACTING_ROLE_REQUIRED else ""
        facts = " ".join(str(fact) for fact in refusal.facts.values())
        super().__init__(ImportRefusal.TOKEN, code=refusal.code.value, hint=": ".join(filter(None, (hint, facts))))
        _, self.message_zh, self.message = WORDS[refusal.code]


@dataclass(frozen=True, slots=True)
class Acting:
    """What a command line says of its actor.

    With a token, *role* is one of those that it holds; where none is named and it holds several, the *usual_role* is
    meant. Without a token, the usual one is meant where none is named.
    """

    on_behalf_of: str | None
    token_file: Path | None
    role: Role | None
    department: str | None = None
    sector: str | None = None
    area: str | None = None
    subject: UUID | None = None
    usual_role: Role | None = None

    def __post_init__(self) -> None:
        if (self.on_behalf_of is None) == (self.token_file is None):
            raise CommandMisused(
                "one of --token-file and --as says who acts",
                "--token-file FILE for a person with a token; --as REF for your own act, on behalf of an account",
            )
        stated = {"department": self.department, "sector": self.sector, "area": self.area, "subject": self.subject}
        given = [f"--{name}" for name, value in stated.items() if value is not None]
        if self.token_file is not None and given:
            raise CommandMisused(f"the token says what {given[0]} would", f"leave {', '.join(given)} out")

    async def actor(self, services: Services) -> Actor:
        """Return the actor; raises ExchangeRefused for a token that is not accepted, CommandRefused for its file."""
        if self.token_file is None:
            ref, role = operator_for(str(self.on_behalf_of)), self.role or self.usual_role
            if role is None:
                raise CommandMisused("--as needs --role", f"one of {', '.join(Role)}")
            return Actor(ref, role, self.department, self.sector, self.area, self.subject, known_by=KnownBy.OPERATOR)
        token = _token(self.token_file)
        async with _issuer_keys(services) as keys:
            authenticate = token_authenticator(services, keys)
            try:
                try:
                    return await authenticate(_headers(token, self.role))
                except HttpRefusal as refusal:
                    if refusal.code is not Code.ACTING_ROLE_REQUIRED or self.usual_role is None:
                        raise
                    return await authenticate(_headers(token, self.usual_role))
            except HttpRefusal as refusal:
                raise TokenNotAccepted(refusal) from None


def _headers(token: str, role: Role | None) -> Headers:
    named = {} if role is None else {"acting-role": role.value}
    return Headers({"authorization": f"Bearer {token}", **named})


@asynccontextmanager
async def _issuer_keys(services: Services) -> AsyncIterator[KeySource]:
    """Open the source of the keys by which the gateway verifies tokens."""
    settings, now = services.settings, services.runtime.now
    if settings.is_demo:
        yield DevIssuer(settings, personas(civil_date(now())), now).keys
        return
    async with httpx.AsyncClient(timeout=5.0) as client:
        yield PublishedKeys(str(settings.oidc_jwks_url), client, time.monotonic)


def _token(file: Path) -> str:
    """Return the token in *file*. Raises CommandRefused; like every message, it never quotes the token."""
    if file == _STANDARD_INPUT:
        content = sys.stdin.buffer.read(_MOST_BYTES)
    else:
        try:
            with file.open("rb") as opened:
                # Checked on the open file and not on the path, which could be replaced meanwhile. A pipe is nobody's.
                mode = os.fstat(opened.fileno()).st_mode
                if os.name == "posix" and stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO):
                    raise CommandRefused(
                        "others can read the token file", f"run 'chmod 600 {file}', and renew the token"
                    )
                content = opened.read(_MOST_BYTES)
        except OSError:
            raise CommandRefused("the token file cannot be read", "--token-file - reads standard input") from None
    token = content.removeprefix(b"\xef\xbb\xbf").strip()
    if not token or not token.isascii() or b"\n" in token:
        raise CommandRefused("the token file holds no token", "it holds the token alone, in one line")
    return token.decode("ascii")
