"""Calls that seed a district and read what is on record in it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, Table, select

from consent.templates import catalogue
from credit.calendar.deadlines import civil_date
from gateway.demo.seed.seed import Seeded, Tools, seed
from gateway.settings.settings import read
from policy.crypto.keyring import Keyring
from policy.decisions import Decisions, load
from storage import tables
from storage.database.database import Database
from storage.database.statements import DriverStatement, StatementCompiler
from tests.storage.access_record import stored_disclosures

NOW = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
TODAY = civil_date(NOW)
COUNT, SEED = 300, 7
"""The size and the seed of the district that most tests read."""
SECRET = frozenset({"wrapped", "kek", "term", "salt", "seed", "leaves", "tag", "content", "commitment"})
"""What differs from time to time: keys, nonces, salts, and what is made with them."""
HIDDEN = SECRET | {"context_id", "ground_id"}
"""Also the numbers of contexts and grounds: PostgreSQL gives none of them again after seeding broke off."""
Row = Mapping[str, Any]


@cache
def table() -> Decisions:
    """Give the table of the shipped policy."""
    return load(read({}).policy_dir)


def tools(database: Database, key_file: Path) -> Tools:
    return Tools(database, Keyring.load(key_file, os.urandom), table(), catalogue(), os.urandom)


async def seeded(database: Database, key_file: Path, *, number: int = SEED, count: int = COUNT) -> Seeded | None:
    return await seed(tools(database, key_file), count=count, seed_number=number, now=NOW, today=TODAY)


async def rows(database: Database, table: Table) -> list[Row]:
    async with database.snapshot() as session:
        found = await session.fetch(select(table).order_by(*table.primary_key))
    return [dict(zip(table.c.keys(), row, strict=True)) for row in found]


async def shape(database: Database) -> dict[str, list[str]]:
    """Everything on record but what is secret, and what each database numbers or looks up in its own way."""
    shown = {
        table.name: sorted(
            str({key: value for key, value in row.items() if key not in HIDDEN and not key.endswith("_sealed")})
            for row in await rows(database, table)
        )
        for table in tables.metadata.sorted_tables
        if table not in {tables.disclosed_subjects, tables.unindexed_disclosures}
    }
    shown["subject_secrets"] = [str(row["secret_id"]) for row in await rows(database, tables.subject_secrets)]
    return shown | {"disclosures": [str(replace(one, seed=b"")) for one in await stored_disclosures(database)]}


@dataclass(frozen=True)
class District:
    """The district that most tests read: the file of its database, and what seeding it returned."""

    path: Path
    made: Seeded | None
    statements: int
    """How many statements that took."""


@contextmanager
def noted_statements() -> Iterator[list[Executable]]:
    """Note every statement that is run, whatever the number of its rows."""
    noted: list[Executable] = []
    prepare = StatementCompiler.prepare

    def note(compiler: StatementCompiler, statement: Executable, parameters: Any) -> DriverStatement:
        noted.append(statement)
        return prepare(compiler, statement, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StatementCompiler, prepare.__name__, note)
        yield noted
