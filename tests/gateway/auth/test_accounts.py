"""References of accounts: any `sub` is an account, and no record holds it [OIDC Core 2] [5.1.6]."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.values.references import LONGEST_NAME, parse_reference
from gateway.auth.accounts import KEYED, account_references, is_account_reference, keyed_reference, plain_reference
from gateway.http.errors import HttpRefusal
from gateway.settings.settings import SettingRefused, Settings, read
from policy.crypto.key_file import Roots
from policy.crypto.keyring import Keyring
from tests.credit.subjects.synthetic_numbers import id_number
from tests.gateway.fakes import claim_reader

ROOTS = {1: b"\x01" * 32, 2: b"\x02" * 32}
NUMBER = id_number()
ISSUER = "https://login.example/linzi"


def ring(*versions: int, current: int = 1) -> Keyring:
    return Keyring(
        Roots("00" * 8, {"00" * 8: bytes(32)}, current, {each: ROOTS[each] for each in versions}), os.urandom
    )


RING = ring(1)


def settings(**given: str) -> Settings:
    chosen = {"OIDC_ACCOUNT_REFERENCES": "keyed"} | given
    return read({f"CHENGXIN_{name}": value for name, value in chosen.items()})


KEYED_RULE = account_references(settings(), RING)


def account(sub: Any, reference: Callable[[str], str] = KEYED_RULE) -> str:
    return claim_reader(reference).read({"sub": sub, "roles": ["clerk"], "exp": 1}).ref


@pytest.mark.parametrize(
    ("case", "sub"),
    [
        # Accounts that were locked out for what their id looks like.
        ("UUID whose last group ends in 11 digits", "7c9e6679-7425-40de-944b-e13812345678"),
        ("base64url sub beginning with -", "-AbC0defGhIjKlMnOpQrStUvWxYz0123456789abcde"),
        ("base64url sub beginning with _", "_AbC0defGhIjKlMnOpQrStUvWxYz0123456789abcde"),
        ("an identity number", NUMBER),
        ("an identity number of 15 digits", "370305000101001"),
        ("a mobile number", "13800000000"),
        ("a mail address", "demo@example.org"),
        ("a name of a directory", "cn=demo officer,ou=linzi,dc=example"),
        ("a provider and its user", "auth0|5f7c8ec7c33c6c004bbafe82"),
        ("one character", "0"),
        ("spaces around", " u-1 "),
        ("255 characters", "x" * 255),
    ],
)
def test_any_sub_is_an_account_and_its_reference_shows_nothing_of_it(case: str, sub: str):
    reference = account(sub)
    assert KEYED.fullmatch(reference), case
    assert sub not in reference or len(sub) == 1
    assert reference == account(sub)


@pytest.mark.parametrize(
    ("case", "sub"),
    [
        ("none", None),
        ("empty", ""),
        ("256 characters", "x" * 256),
        ("a name", "演示甲"),
        ("a full-width digit", "１"),
        ("a number", 1024),
        ("a list", ["u-1024"]),
        ("a flag", True),
    ],
)
def test_what_oidc_does_not_allow_is_refused_by_name_without_a_quotation(case: str, sub: Any):
    with pytest.raises(HttpRefusal) as caught:
        account(sub)
    assert (caught.value.status, caught.value.code, caught.value.facts) == (401, "SUBJECT_REFUSED", {}), case


def test_upper_and_lower_case_and_issuers_differ():
    assert account("abc") != account("Abc")
    assert keyed_reference(RING, ISSUER, "abc") != keyed_reference(RING, f"{ISSUER}/", "abc")
    assert keyed_reference(RING, "a", "bc") != keyed_reference(RING, "ab", "c")


def test_a_reference_is_exact():
    """It stands in records for ever: this value may not change."""
    assert keyed_reference(RING, ISSUER, "u-1024") == "acct-3kjeedz6ibvcdw6b"


def test_a_rotation_of_the_index_changes_no_reference():
    before, during = keyed_reference(RING, ISSUER, "u-1024"), keyed_reference(ring(1, 2, current=2), ISSUER, "u-1024")
    assert before == during
    assert keyed_reference(ring(2, current=2), ISSUER, "u-1024") != before


@given(st.text(alphabet=st.characters(max_codepoint=127), min_size=1, max_size=255))
def test_a_keyed_reference_can_stand_wherever_a_reference_can(sub: str):
    reference = keyed_reference(RING, ISSUER, sub)
    assert is_account_reference(reference)
    assert parse_reference(reference, LONGEST_NAME) == reference


@pytest.mark.parametrize(
    ("case", "reference", "fits"),
    [
        ("one of a district", "handler-7", True),
        ("one of the demo", "demo-handler", True),
        ("a keyed one", "acct-k3xq7m2nfr5ta6hw", True),
        ("a UUID", "6f1d0e3a-6f0e-4c58-9c55-0d6b4b0f3a11", True),
        ("64 characters", "u" * 64, True),
        ("65 characters", "u" * 65, False),
        ("an identity number", NUMBER, False),
        ("an identity number that ends in x", "37030519000101006x", False),
        ("an identity number with a prefix", f"cn-{NUMBER}", False),
        ("a mobile number", "13800000000", False),
        ("a mail address", "demo@example.org", False),
        ("a name", "演示甲", False),
    ],
)
def test_a_plain_reference_is_short_and_holds_no_number(case: str, reference: str, fits: bool):  # noqa: FBT001 - a column
    assert is_account_reference(reference) is fits, case
    if fits:
        assert account(reference, plain_reference) == reference
        return
    with pytest.raises(HttpRefusal, match=r"REFERENCE_REFUSED|SUBJECT_REFUSED"):
        account(reference, plain_reference)


def test_an_account_keeps_an_earlier_reference(tmp_path: Path):
    file = tmp_path / "kept.toml"
    keyed = account("handler-7")
    file.write_text(f'\ufeff{keyed} = "handler-7"\n', encoding="utf-8")
    rule = account_references(settings(OIDC_KEPT_REFERENCES_FILE=str(file)), RING)
    assert account("handler-7", rule) == "handler-7"
    assert account("handler-8", rule) == account("handler-8")


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("no TOML", "acct-k3xq7m2nfr5ta6hw handler-7"),
        ("the sub itself", 'handler-7 = "handler-7"'),
        ("a name", 'acct-k3xq7m2nfr5ta6hw = "演示甲"'),
        ("a number", f'acct-k3xq7m2nfr5ta6hw = "{NUMBER}"'),
        ("no text", "acct-k3xq7m2nfr5ta6hw = 7"),
        ("one reference for two", 'acct-k3xq7m2nfr5ta6hw = "h-7"\nacct-k3xq7m2nfr5ta6hx = "h-7"'),
        ("one account twice", 'acct-k3xq7m2nfr5ta6hw = "h-7"\nacct-k3xq7m2nfr5ta6hw = "h-8"'),
    ],
)
def test_a_file_of_kept_references_that_is_not_right_stops_the_start(case: str, text: str, tmp_path: Path):
    file = tmp_path / "kept.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingRefused, match="each account and each reference once") as caught:
        account_references(settings(OIDC_KEPT_REFERENCES_FILE=str(file)), RING)
    assert NUMBER not in str(caught.value), case


def test_production_is_keyed_and_the_demo_is_plain_unless_chosen():
    base = {"MODE": "production", "DATABASE_URL": "sqlite:///d", "KEK_FILE": "/k", "OIDC_AUDIENCE": "chengxin"}
    addresses = {"OIDC_ISSUER": ISSUER, "OIDC_JWKS_URL": f"{ISSUER}/jwks"}
    ledger = {"LEDGER_STORE": "file:/l", "LEDGER_ORIGIN": "credit.linzi.example"}
    assert read({f"CHENGXIN_{k}": v for k, v in (base | addresses | ledger).items()}).oidc_account_references == "keyed"
    assert account_references(read({}), RING) is plain_reference
