"""Another key file never opens a database: not at the start, not at the command line, not later on [5.1.6]."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from gateway.cli.services import with_services
from gateway.demo.bootstrap import DemoRefused, make_key
from gateway.key_file_check import WrongKeyFile, recognise_key_file, require_key_file
from gateway.server import prepare
from gateway.settings.settings import Settings
from policy.crypto import key_file
from policy.crypto.key_file import Roots
from policy.crypto.keyring import Keyring
from storage.database.database import Database
from storage.tables import key_checks, subject_keys
from tests.builders import NOW, new_keyring
from tests.schema.service import settings_for
from tests.world_snapshots import record_world

NEW_KEK, NEW_ROOT = "aa" * 8, bytes(range(32))


def ring(roots: Roots) -> Keyring:
    return Keyring(roots, os.urandom)


@pytest.fixture
def roots(kek: Path) -> Roots:
    return key_file.read(kek)


def added(roots: Roots) -> Roots:
    return replace(roots, keks={**roots.keks, NEW_KEK: NEW_ROOT}, index={**roots.index, 2: NEW_ROOT})


def rotated(roots: Roots) -> Roots:
    return replace(added(roots), kek_id=NEW_KEK, index_version=2)


def without_the_older_kek(roots: Roots) -> Roots:
    return replace(rotated(roots), keks={NEW_KEK: NEW_ROOT})


def without_the_older_root(roots: Roots) -> Roots:
    return replace(rotated(roots), index={2: NEW_ROOT})


def with_another_root(roots: Roots) -> Roots:
    return replace(roots, index={1: NEW_ROOT})


def with_another_kek(roots: Roots) -> Roots:
    return replace(roots, keks={roots.kek_id: NEW_ROOT})


def another(_: Roots) -> Roots:
    return Roots(NEW_KEK, {NEW_KEK: NEW_ROOT}, 1, {1: NEW_ROOT})


OTHERS = (another, without_the_older_kek, without_the_older_root, with_another_root, with_another_kek)


async def recorded(database: Database) -> set[tuple[str, str]]:
    return {(kind, name) for kind, name in await database.fetch(select(key_checks.c.kind, key_checks.c.name))}


@pytest.mark.parametrize("since", ["this release", "an earlier release"])
@pytest.mark.parametrize("other", OTHERS, ids=lambda one: one.__name__)
async def test_another_file_is_refused(database_url: str, roots: Roots, other, since: str) -> None:
    """Also for a database that has no check values yet: there the file has to open what is on record."""
    await record_world(database_url, ring(roots))
    database = Database.open(database_url)
    if since == "this release":
        await require_key_file(database, ring(roots), NOW)
    before = await recorded(database)
    with pytest.raises(WrongKeyFile) as refused:
        await require_key_file(database, ring(other(roots)), NOW)
    assert "key file" in str(refused.value)
    assert "CHENGXIN_KEK_FILE" in refused.value.hint
    assert await recorded(database) == before
    await database.close()


async def test_a_key_is_recorded_once_it_is_in_force_or_in_use(database_url: str, roots: Roots) -> None:
    """So a file with a further key can be given to one replica after the other, before the key comes into force."""
    await record_world(database_url, ring(roots))
    database = Database.open(database_url)
    first = {("KEK", roots.kek_id), ("INDEX", "1")}
    for _ in range(2):
        await require_key_file(database, ring(added(roots)), NOW)
        assert await recorded(database) == first
        await recognise_key_file(database, ring(roots))
    await require_key_file(database, ring(rotated(roots)), NOW)
    assert await recorded(database) == first | {("KEK", NEW_KEK), ("INDEX", "2")}
    with pytest.raises(WrongKeyFile):  # the replica that does not have the key yet
        await recognise_key_file(database, ring(roots))
    await database.close()


async def test_a_kek_that_wraps_nothing_any_more_may_leave_the_file(database_url: str, roots: Roots) -> None:
    database = Database.open(database_url)
    await require_key_file(database, ring(roots), NOW)
    await require_key_file(database, ring(without_the_older_kek(roots)), NOW)
    assert await recorded(database) == {("KEK", NEW_KEK), ("INDEX", "1"), ("INDEX", "2")}
    await database.close()


async def test_one_damaged_key_does_not_decide_about_the_file(database_url: str, roots: Roots) -> None:
    await record_world(database_url, ring(roots))
    database = Database.open(database_url)
    [(subject_id, wrapped), *_] = await database.fetch(select(subject_keys.c.subject_id, subject_keys.c.wrapped))
    flipped = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    own = subject_keys.c.subject_id == subject_id
    async with database.writing() as session:
        await session.execute(update(subject_keys).where(own).values(wrapped=flipped))
    await require_key_file(database, ring(roots), NOW)
    await database.close()


@pytest.mark.parametrize("now_there", ["nothing", "another file's values"])
async def test_a_database_that_is_exchanged_meanwhile_is_not_ready(
    database_url: str, roots: Roots, now_there: str
) -> None:
    database = Database.open(database_url)
    await require_key_file(database, ring(roots), NOW)
    await recognise_key_file(database, ring(roots))
    async with database.writing() as session:
        await session.execute(delete(key_checks))
    if now_there != "nothing":
        await require_key_file(database, ring(another(roots)), NOW)
    with pytest.raises(WrongKeyFile):
        await recognise_key_file(database, ring(roots))
    await database.close()


@pytest.fixture
async def filled(database_url: str, kek: Path, tmp_path: Path) -> Settings:
    """Give the settings of a demo over filled tables; its key file is another one, or missing."""
    await record_world(database_url, Keyring.load(kek, os.urandom))
    return settings_for(tmp_path / "mine" / "kek.key", database_url)


def test_a_demo_without_its_key_file_makes_none_over_filled_tables(filled: Settings) -> None:
    with pytest.raises(DemoRefused) as refused:
        prepare(filled, lambda *_: None)
    assert str(filled.kek_file) in str(refused.value)
    assert "restore the key file" in refused.value.hint
    assert not filled.kek_file.exists()


def test_a_demo_makes_the_key_file_of_an_empty_database(sqlite_url: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "mine" / "kek.key", sqlite_url)
    make_key(settings)
    assert settings.kek_file.exists()


def test_neither_a_server_nor_a_command_starts_with_another_file(
    filled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.kek_file.parent.mkdir(exist_ok=True)
    new_keyring(filled.kek_file.parent)
    with pytest.raises(WrongKeyFile):
        prepare(filled, lambda *_: None)
    monkeypatch.setenv("CHENGXIN_DATABASE_URL", filled.database_url)
    monkeypatch.setenv("CHENGXIN_KEK_FILE", str(filled.kek_file))
    with pytest.raises(WrongKeyFile):
        with_services(lambda _: pytest.fail("the work began"))
