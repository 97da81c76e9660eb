"""A seeded district for tests: everything that the demo's acts and stories leave in a database, but for documents."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from consent.templates import catalogue
from credit.calendar.deadlines import civil_date
from gateway.demo.seed.seed import Tools, seed
from gateway.settings.settings import read
from policy.crypto.keyring import Keyring
from policy.decisions import load
from storage.database.database import Database


@dataclass(frozen=True)
class District:
    """A database with the demo's people and stories, and the keys under which they are sealed."""

    database: Database
    keyring: Keyring


@asynccontextmanager
async def seeded_district(url: str, folder: Path, now: datetime, count: int = 40) -> AsyncIterator[District]:
    """Seed the migrated database at *url* with *count* subjects and the stories; the keys lie in *folder*."""
    path = folder / "kek.key"
    Keyring.create(path, os.urandom)
    keyring = Keyring.load(path, os.urandom)
    database = Database.open(url, tag=keyring.pending_tag)
    tools = Tools(database, keyring, load(read({}).policy_dir), catalogue(), os.urandom)
    await seed(tools, count=count, seed_number=1, now=now, today=civil_date(now))
    yield District(database, keyring)
    await database.close()
