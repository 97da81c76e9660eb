"""Accounts are found by keyed hashes: of any version of the key, and of one issuer [5.1.6]."""

import os
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateway.account_links.find_subject import LinkedSubjects, account_hashes
from policy.crypto.key_file import Roots
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.repositories.subjects.account_links import AccountLink
from storage.unit_of_work import SqlUnitOfWork
from tests.databases import on_both

ISSUER, ACCOUNT, SUBJECT = "https://login.example/linzi", "u-1024", UUID(int=7)
KEK, FIRST, SECOND = bytes(range(32)), bytes(32), b"\1" * 32
LINKED = AccountLink(SUBJECT, datetime(2026, 3, 5, 1, 2, 3, tzinfo=UTC))


def keyring(current: int, *roots: bytes) -> Keyring:
    return Keyring(Roots("kek-1", {"kek-1": KEK}, current, dict(enumerate(roots, start=1))), os.urandom)


@on_both
async def test_a_link_outlasts_the_rotation_of_the_key(database: Database) -> None:
    (account,) = account_hashes(keyring(1, FIRST), ISSUER, ACCOUNT)
    async with SqlUnitOfWork(database) as work:
        assert await work.account_links.add(account, LINKED)
        assert not await work.account_links.add(account, LINKED)
        await work.commit()
    rotated = keyring(2, FIRST, SECOND)
    assert account_hashes(rotated, ISSUER, ACCOUNT)[0] != account
    assert await LinkedSubjects(database, rotated, ISSUER)(ACCOUNT) == SUBJECT
    assert await LinkedSubjects(database, keyring(1, SECOND), ISSUER)(ACCOUNT) is None
    async with SqlUnitOfWork(database) as work:
        assert await work.account_links.remove(account_hashes(rotated, ISSUER, ACCOUNT))
        await work.commit()
    assert await LinkedSubjects(database, rotated, ISSUER)(ACCOUNT) is None


@pytest.mark.parametrize(
    ("case", "issuer", "account"),
    [
        ("another account", ISSUER, "u-1025"),
        ("the account of another issuer", "https://login.example/else", ACCOUNT),
        ("the same text, divided otherwise", f"{ISSUER}u", "-1024"),
    ],
)
def test_another_account_has_another_hash(case: str, issuer: str, account: str) -> None:
    keys = keyring(1, FIRST)
    assert account_hashes(keys, issuer, account) != account_hashes(keys, ISSUER, ACCOUNT), case
