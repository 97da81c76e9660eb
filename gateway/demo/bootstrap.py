"""Prepares a demo: makes its keys, tables and people where they are missing, and leaves existing ones alone."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from credit.calendar.deadlines import civil_date
from gateway.database_file import make_database_folder, open_database, revision, sqlite_file
from gateway.demo.seed.seed import Progress, Seeded, Tools, is_empty, seed
from gateway.key_file_check import holds_sealed_values, require_key_file
from gateway.ledger.factory import own_store_folder
from gateway.notices.factory import notice_service
from gateway.quotas import rate_limiter
from gateway.settings.settings import Settings, connection_url
from policy.crypto.keyring import Keyring
from policy.decisions import load
from storage.database.database import Database
from storage.database.limits import COMMANDS
from storage.database.revisions import head

SUBJECTS, SEED = 2_000, 1
"""The default number of subjects, and the default seed."""


class DemoRefused(Exception):
    """A request that the demo refuses. *hint* says what would help."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def make_key(settings: Settings) -> None:
    """Make the demo's key file, where it is missing and the database holds nothing yet. Raises DemoRefused."""
    if settings.kek_file.exists():
        return
    if revision(settings) is not None and asyncio.run(_is_filled(settings)):
        raise DemoRefused(
            f"there is no key file at {settings.kek_file}, and the database holds what was sealed under it",
            "restore the key file; or delete the demo's database, and let the demo begin again",
        )
    settings.kek_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    Keyring.create(settings.kek_file, os.urandom)


async def _is_filled(settings: Settings) -> bool:
    database = Database.open(connection_url(settings))
    try:
        return await holds_sealed_values(database)
    finally:
        await database.close()


def migrate_demo(settings: Settings) -> None:
    """Bring the demo's tables to this release."""
    make_database_folder(settings)
    if revision(settings) != head():
        # Imported where it is needed: a start that finds its tables should not take longer for it.
        from storage.database.migrate import migrate  # noqa: PLC0415

        migrate(connection_url(settings))


def reset_demo(settings: Settings) -> None:
    """Remove the demo's database and what its ledger published; the keys stay. Raises DemoRefused.

    Stopped anywhere, it can be done again.
    """
    file = sqlite_file(settings)
    if file is None or settings.ledger_store is not None:
        raise DemoRefused(
            "only a demo on SQLite, with the ledger's store beside it, is reset",
            "empty the database and the store yourself; 'chengxin db migrate' and 'chengxin demo seed' begin again",
        )
    if file.exists():
        _require_closed(file)
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)
    folder = own_store_folder(settings)
    if folder.exists():
        shutil.rmtree(folder)


def _require_closed(file: Path) -> None:
    """Raise DemoRefused while another process has the database open: only alone can a connection leave the WAL."""
    connection = sqlite3.connect(file, timeout=0)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError:
        raise DemoRefused("the demo is being served, or its database is open elsewhere", "stop it first") from None
    finally:
        connection.close()


def seed_demo(
    settings: Settings, now: Callable[[], datetime], *, count: int, seed_number: int, progress: Progress
) -> Seeded | None:
    """Add the demo's people; None where the database holds anybody. Runs its own event loop.

    Raises DemoRefused and KeyFileRefused.
    """
    if not settings.is_demo:
        raise DemoRefused("demo data is for demo mode only", "unset CHENGXIN_MODE, and point to another database")
    if revision(settings) != head():
        raise DemoRefused("the database is not at this release's revision", "run 'chengxin db migrate'")
    make_key(settings)
    return asyncio.run(_seed(settings, now(), count, seed_number, progress))


async def _seed(settings: Settings, now: datetime, count: int, seed_number: int, progress: Progress) -> Seeded | None:
    keyring = Keyring.load(settings.kek_file, os.urandom)
    database = open_database(settings, COMMANDS, keyring.pending_tag)
    try:
        await require_key_file(database, keyring, now)
        if not await is_empty(database):  # asked before the tools are made, which takes a moment
            return None
        tools = Tools(
            database=database,
            keyring=keyring,
            policy=load(settings.policy_dir),
            templates=database.templates,
            random=os.urandom,
            notices=notice_service(settings, database, keyring, rate_limiter(settings, database, lambda: now)),
        )
        return await seed(
            tools, count=count, seed_number=seed_number, now=now, today=civil_date(now), progress=progress
        )
    finally:
        await database.close()
