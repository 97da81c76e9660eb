"""The reference rows that records of a subject need: an area, sectors, departments, subjects."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Table, func, insert, select

from storage import tables
from storage.database.database import Database
from tests.consent.samples import BUREAU, NOW, OTHER_BUREAU, OTHER_SUBJECT_ID, SUBJECT_ID

AREA, SECTOR = "370305001", "MARKET"


async def lay(database: Database) -> None:
    """Put down the reference rows."""
    named = {"name_zh": "名", "name_en": "name"}
    departments = [{"code": code, "sector_code": SECTOR, **named} for code in (BUREAU, OTHER_BUREAU)]
    await database.write(
        (insert(tables.areas), {"code": AREA, **named}),
        (insert(tables.sectors), {"code": SECTOR, **named}),
        (insert(tables.departments), departments),
    )


async def settle(database: Database, subjects: Sequence[UUID] = (SUBJECT_ID, OTHER_SUBJECT_ID)) -> None:
    """Put down bare subjects, with nothing known about them."""
    row = {"kind": "NATURAL_PERSON", "area_code": AREA, "registered_at": NOW, "registered_by": "x", "changed_at": NOW}
    await database.write((insert(tables.subjects), [{"subject_id": subject_id, **row} for subject_id in subjects]))


async def count(database: Database, table: Table) -> int:
    """Count the rows of *table*."""
    rows = await database.fetch(select(func.count()).select_from(table))
    number: int = rows[0][0]
    return number
