"""`chengxin account …`: by which reference records name an account, and the sessions of its browsers."""

import os
import sys
from typing import Annotated

import typer

from gateway.auth.accounts import account_references, is_account_reference, keyed_reference
from gateway.cli.arguments import Json
from gateway.cli.output import CommandRefused, print_facts
from gateway.cli.services import settings_of_migrated, with_database
from gateway.http.errors import WORDS, HttpRefusal
from gateway.settings.settings import Settings, read
from policy.crypto.keyring import Keyring
from storage.repositories.logins.login_sessions import LoginSessionRepository, StoredSession

Reference = Annotated[
    str, typer.Argument(metavar="REF", help="The reference of an account, as records and `viewer { ref }` have it.")
]


def reference(
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="Print lines for CHENGXIN_OIDC_KEPT_REFERENCES_FILE instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read account ids from standard input, a line for each, and print their references in the same order.

    An account id is the `sub` of its tokens, or the claim of CHENGXIN_OIDC_SUB_CLAIM. Nothing of it is printed or kept,
    except with --keep, where an id is itself the reference that its account keeps.
    """
    settings = read(os.environ)
    keyring = Keyring.load(settings.kek_file, os.urandom)
    ids = [line for line in (line.rstrip("\r\n") for line in sys.stdin) if line]
    found = _kept(settings, keyring, ids) if keep else _references(settings, keyring, ids)
    print_facts({"references": found}, found, as_json=as_json)


def sessions(ref: Reference, *, as_json: Json = False) -> None:
    """List the sessions of an account's browsers, the newest login first; some may be over by now."""
    found = with_database(settings_of_migrated(), lambda database: LoginSessionRepository(database).of_account(ref))
    print_facts({"sessions": [_as_facts(each) for each in found]}, map(_as_line, found), as_json=as_json)


def end_sessions(ref: Reference, *, as_json: Json = False) -> None:
    """End every session of an account's browsers, in all replicas at once. It does not end its bearer tokens."""
    ended = with_database(settings_of_migrated(), lambda database: LoginSessionRepository(database).end(ref))
    print_facts({"ended": ended}, [f"{ended} sessions ended"], as_json=as_json)


def _as_facts(session: StoredSession) -> dict[str, str | None]:
    return {
        "session": str(session.session_id),
        "role": session.role,
        "logged_in_at": session.created_at.isoformat(),
        "used_at": session.used_at.isoformat(),
        "ends_at": session.ends_at.isoformat(),
    }


def _as_line(session: StoredSession) -> str:
    return f"{session.session_id}  {session.role or '(no role yet)'}  logged in {session.created_at:%Y-%m-%d %H:%M} UTC"


def _references(settings: Settings, keyring: Keyring, ids: list[str]) -> list[str]:
    rule = account_references(settings, keyring)
    try:
        return [rule(account) for account in ids]
    except HttpRefusal as refused:
        raise CommandRefused(
            f"{refused.code}: {WORDS[refused.code][2]}", "docs/tokens.md explains references"
        ) from None


def _kept(settings: Settings, keyring: Keyring, ids: list[str]) -> list[str]:
    if not all(map(is_account_reference, ids)):
        raise CommandRefused(
            "REFERENCE_REFUSED: one of them has never been a reference", "give only ids that records hold as they are"
        )
    return [f'{keyed_reference(keyring, settings.oidc_issuer, account)} = "{account}"' for account in ids]
