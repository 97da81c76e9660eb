"""Databases with any set of variations: each variation is carried out once, and kept as the changes of its rows."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from storage import tables
from storage.database.database import Database
from storage.tables import metadata
from tests.builders import Ids, World
from tests.schema.noninterference.changes import Change, Variation
from tests.schema.noninterference.gateway import copied
from tests.schema.noninterference.variations import VARIATIONS

APART = 1_000
"""How many ids each variation has for itself, so that two of them never give the same."""
SHOWN = [table for table in metadata.sorted_tables if table not in (tables.pending_entries, tables.published_cases)]
"""Every table but the queue of the ledger, whose places of their own no field shows, and what triggers copy."""
Key = tuple[Any, ...]
Rows = Mapping[Key, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Delta:
    """What a variation did to the rows, and what the world knows since."""

    statements: Sequence[tuple[str, Sequence[Any]]]
    tables: frozenset[str]
    world: World


@dataclass(slots=True)
class Worlds:
    """Makes files of the sample data with some variations."""

    base: Path
    folder: Path
    world: World
    deltas: dict[str, Delta] = field(default_factory=dict)

    async def prepare(self) -> None:
        """Carry out every variation once, each in a copy of the sample data."""
        path = self.folder / "one.db"
        database = Database.open(f"sqlite:///{path}")
        before = _rows(self.base)
        for place, variation in enumerate(VARIATIONS, start=1):
            copied(self.base, path)
            world = self._copy(place * APART)
            await variation.vary(Change(database, world))
            after = _rows(path)
            changes = {table.name: list(_changes(table, before, after)) for table in SHOWN}
            changed = frozenset(name for name, statements in changes.items() if statements)
            self.deltas[variation.name] = Delta(list(chain(*changes.values())), changed, world)
        await database.close()

    def _copy(self, ids_from: int = 0) -> World:
        world = self.world
        return replace(
            world, new_id=Ids(world.new_id.taken + ids_from), parties=dict(world.parties), cases=dict(world.cases),
            held=dict(world.held),
        )  # fmt: skip

    def varied(self, variations: Collection[Variation], name: str = "varied") -> Path:
        """Give a file of the sample data with *variations*; without any, the sample data."""
        if not variations:
            return self.base
        path = copied(self.base, self.folder / f"{name}.db")
        with closing(sqlite3.connect(path)) as connection, connection:
            for variation in variations:
                for sql, values in self.deltas[variation.name].statements:
                    assert connection.execute(sql, values).rowcount == 1, variation.name
        return path

    def world_of(self, variations: Collection[Variation]) -> World:
        """Give everything that is in the sample data with *variations*."""
        world = self._copy()
        for variation in variations:
            delta = self.deltas[variation.name]
            world.parties.update(delta.world.parties)
            world.cases.update(delta.world.cases)
            world.held.update(delta.world.held)
        return world

    def subjects(self) -> set[UUID]:
        """Give the subjects of the sample data, whom every database has."""
        return {one.subject_id for one in self.world.parties.values()}


def _rows(path: Path) -> Mapping[str, Rows]:
    found: dict[str, Rows] = {}
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        for table in SHOWN:
            keys = [column.name for column in table.primary_key]
            rows = map(dict, connection.execute(f'SELECT * FROM "{table.name}"'))
            found[table.name] = {tuple(row[key] for key in keys): row for row in rows}
    return found


def _changes(
    table: Table, before: Mapping[str, Rows], after: Mapping[str, Rows]
) -> Iterator[tuple[str, Sequence[Any]]]:
    """Give the statements that lead from the rows *before* to those *after*: of a changed row its changed columns."""
    name, old, new = table.name, before[table.name], after[table.name]
    where = " AND ".join(f'"{column.name}" = ?' for column in table.primary_key)
    for key in old.keys() - new.keys():
        yield f'DELETE FROM "{name}" WHERE {where}', key
    for key, row in new.items():
        if key not in old:
            columns = ", ".join(f'"{column}"' for column in row)
            yield f'INSERT INTO "{name}" ({columns}) VALUES ({", ".join("?" * len(row))})', [*row.values()]
        elif changed := {column: value for column, value in row.items() if value != old[key][column]}:
            columns = ", ".join(f'"{column}" = ?' for column in changed)
            yield f'UPDATE "{name}" SET {columns} WHERE {where}', [*changed.values(), *key]
