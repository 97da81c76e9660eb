"""The reference lists for parsing and writing rows: departments, their sectors, areas."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from credit.file_formats.choices import ReferenceLists
from storage.database.database import Database
from storage.tables import areas, departments


@dataclass(frozen=True, slots=True)
class Lists:
    """Departments and areas by code, and the sector of each department."""

    reference: ReferenceLists
    sectors: Mapping[str, str]


async def load_lists(database: Database) -> Lists:
    """Load the lists of this district."""
    async with database.snapshot() as session:
        found = await session.fetch(select(departments.c.code, departments.c.name_zh, departments.c.sector_code))
        places = await session.fetch(select(areas.c.code, areas.c.name_zh))
    return Lists(
        ReferenceLists({code: name for code, name, _ in found}, {code: name for code, name in places}),  # noqa: C416 - a row of the database is no pair for the types
        {code: sector for code, _, sector in found},
    )
