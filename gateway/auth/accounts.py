"""The reference of an account: what records, logs and lists hold in place of the `sub` of its token.

`sub` is opaque [OIDC Core 2]. Some issuers put an identity number there, so it is stored nowhere.

    keyed    acct-k3xq7m2nfr5ta6hw    `acct-`, then 80 bits of an HMAC of issuer and `sub`, in base32 [RFC 4648]
    plain    handler-7                `sub` itself, where the operator states that its issuer gives out references

Of a million accounts, any two share a keyed reference with a probability of 4 in 10^13 (n² / 2^81).
"""

import re
import tomllib
from base64 import b32encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from credit.core.values.references import holds_number
from gateway.http.errors import Code, HttpRefusal
from gateway.settings.declarations import PREFIX
from gateway.settings.settings import SettingRefused, Settings
from policy.crypto.keyring import Keyring

AccountReference = Callable[[str], str]
"""Returns the reference of the account with this `sub`. Raises HttpRefusal."""
KEYED: Final = re.compile(r"acct-[a-z2-7]{16}", re.ASCII)
REFERENCE_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:|\-]{0,63}", re.ASCII)


def is_account_reference(text: str) -> bool:
    """Return whether *text* can stand in a record as the reference of an account: short, and no person's number."""
    return bool(KEYED.fullmatch(text) or (REFERENCE_FORM.fullmatch(text) and not holds_number(text)))


def plain_reference(sub: str) -> str:
    """Return *sub* itself; raises HttpRefusal if it cannot be a reference."""
    if not is_account_reference(sub):
        raise HttpRefusal(Code.REFERENCE_REFUSED)
    return sub


def keyed_reference(keyring: Keyring, issuer: str, sub: str) -> str:
    """Return the keyed reference of the account *sub* of *issuer*."""
    return f"acct-{b32encode(keyring.account_tag(issuer, sub)).decode().lower()}"


def account_references(settings: Settings, keyring: Keyring) -> AccountReference:
    """Return the rule for references that the settings choose; raises SettingRefused for an unreadable file."""
    if settings.oidc_account_references == "plain":
        return plain_reference
    kept = {} if settings.oidc_kept_references_file is None else _read_kept(settings.oidc_kept_references_file)
    issuer = settings.oidc_issuer

    def reference(sub: str) -> str:
        keyed = keyed_reference(keyring, issuer, sub)
        return kept.get(keyed, keyed)

    return reference


def _read_kept(file: Path) -> Mapping[str, str]:
    """Read the references that accounts keep: `acct-k3xq7m2nfr5ta6hw = "handler-7"`, a line for each."""
    try:
        kept = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        kept = {"": ""}
    are_references = all(
        KEYED.fullmatch(keyed) and isinstance(reference, str) and is_account_reference(reference)
        for keyed, reference in kept.items()
    )
    if not are_references or len(set(kept.values())) < len(kept):
        raise SettingRefused(
            f"Set {PREFIX}OIDC_KEPT_REFERENCES_FILE to a readable file with lines such as "
            'acct-k3xq7m2nfr5ta6hw = "handler-7", each account and each reference once.'
        )
    return kept
