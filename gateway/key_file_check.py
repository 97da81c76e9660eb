"""Recognises the key file: a database is served with the keys that sealed it, or not at all [5.1.6].

With another key file nobody would be found by number, and each person would be registered a second time. So the
database keeps a check value of each key (`key_checks`), which is compared at the start and by the readiness check. A
key gets its value when it is in force for the first time. A database without any value is new, or of an earlier
release, and then gets its values only if the file opens a sample of what is there.
"""

from collections.abc import Mapping
from datetime import datetime

from policy.crypto.key_file import KeyFileRefused
from policy.crypto.keyring import INDEX, KEK, KeyName, Keyring
from storage.database.database import Database
from storage.repositories.subjects.key_checks import KeyCheckRepository, Name

RESTORE = (
    "restore the key file that this database was filled with, and name it by CHENGXIN_KEK_FILE; or name the database "
    "that the file belongs to by CHENGXIN_DATABASE_URL"
)


class WrongKeyFile(KeyFileRefused):
    """The key file is not the one that the database was filled with. *hint* says what to do."""

    hint = RESTORE


async def require_key_file(database: Database, keyring: Keyring, at: datetime) -> None:
    """Compare the key file with the database, and record the keys that are new. Raises WrongKeyFile."""
    async with database.snapshot() as session:
        checks = KeyCheckRepository(session)
        recorded = await checks.recorded()
        in_use = keyring.in_force if recorded else keyring.in_force | await _proven(checks, keyring)
        over = {name for name in recorded if await _is_over(checks, keyring, name)}
    _compare(keyring, {name: value for name, value in recorded.items() if name not in over})
    new: dict[Name, bytes] = {name: keyring.checks[name] for name in in_use if name not in recorded}
    if not new and not over:
        return
    async with database.writing() as session:
        checks = KeyCheckRepository(session)
        for name in over:
            await checks.remove(name)
        await checks.add(new, at)
        # Another process may have recorded its keys first.
        _compare(keyring, await checks.recorded())


async def recognise_key_file(database: Database, keyring: Keyring) -> None:
    """Raise WrongKeyFile where the database is none that these keys were recorded in: it was exchanged meanwhile."""
    async with database.snapshot() as session:
        recorded = await KeyCheckRepository(session).recorded()
    _compare(keyring, recorded)
    if not keyring.in_force <= recorded.keys():
        raise WrongKeyFile("the database has no check value of the keys in force")


async def holds_sealed_values(database: Database) -> bool:
    """Return whether anything in the database is sealed under a key file."""
    async with database.snapshot() as session:
        return bool(await KeyCheckRepository(session).keks())


def _compare(keyring: Keyring, recorded: Mapping[Name, bytes]) -> None:
    for name, value in recorded.items():
        mine = keyring.checks.get(KeyName(*name))
        if mine is None:
            raise _lacks(name)
        if mine != value:
            raise WrongKeyFile(f"the key file is another one: its {_words(name)} is not the one of this database")


async def _is_over(checks: KeyCheckRepository, keyring: Keyring, name: Name) -> bool:
    """Return whether the file lacks a KEK that wraps nothing any more: it may go after a rotation. A root may not."""
    return KeyName(*name) not in keyring.checks and name[0] == KEK and not await checks.is_wrapping(name[1])


async def _proven(checks: KeyCheckRepository, keyring: Keyring) -> set[KeyName]:
    """Return the keys under which anything is sealed or indexed; raises WrongKeyFile where none of it opens."""
    names = {KeyName(KEK, kek) for kek in await checks.keks()}
    names |= {KeyName(INDEX, str(version)) for version in await checks.index_versions()}
    for name in sorted(names):
        if name not in keyring.checks:
            raise _lacks(name)
        if not await (_opens(checks, keyring, name.name) if name.kind == KEK else _finds(checks, keyring, name.name)):
            raise WrongKeyFile(f"the key file is another one: its {_words(name)} does not open what is on record")
    return names


async def _opens(checks: KeyCheckRepository, keyring: Keyring, kek: str) -> bool:
    return any(keyring.opens(key, subject_id) for subject_id, key in await checks.wrapped(kek))


async def _finds(checks: KeyCheckRepository, keyring: Keyring, version: str) -> bool:
    found = await checks.indexed(int(version))
    return not found or any(keyring.is_indexed(one.number, one.kind, one.term) for one in found)


def _lacks(name: Name) -> WrongKeyFile:
    return WrongKeyFile(f"the key file lacks the {_words(name)}, which this database was filled with")


def _words(name: Name) -> str:
    kind, key = name
    return f"key-encryption key {key}" if kind == KEK else f"index root {key}"
