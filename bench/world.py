"""The rows that all contenders read: sealed for the gateway, and in plaintext for the unprotected contenders.

    python bench/world.py <database address> <key file> <number of subjects>

makes the key file and the tables, fills them, and prints the ids of subjects with many restraints as JSON. It is a
script so that it can fill the database of another revision of the gateway (see `bench/__main__.py`).
"""

import asyncio
import json
import os
import sys
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    create_engine,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.ext.asyncio import create_async_engine

from credit.core.values.identifiers import IdNumber
from credit.subjects.registration import Registration
from credit.subjects.subject import Place, SubjectKind
from gateway.subjects.seal_registration import new_subject
from policy.crypto.keyring import Keyring
from storage import tables
from storage.database.database import Database
from storage.database.migrate import migrate
from storage.unit_of_work import SqlUnitOfWork

MANY: Final = 6
"""How many restraints every fortieth person is under, for the page of its five newest."""
SLICE: Final = 250
"""How many subjects one transaction puts on record: more would exceed the time limit of a statement on SQLite."""
PAGE_FUNCTION = """
CREATE FUNCTION focused_check_targets() RETURNS SETOF plain_cases LANGUAGE sql STABLE AS $$
    SELECT * FROM plain_cases WHERE sector_code = 'market' AND published_on <= CURRENT_DATE AND ends_on >= CURRENT_DATE
    ORDER BY published_on DESC, case_id
$$
"""
"""The page, for a contender that makes its queries from the tables."""
plain = MetaData()
plain_areas = Table("plain_areas", plain, Column("code", String(12), primary_key=True), Column("name", Text))
plain_departments = Table(
    "plain_departments", plain, Column("code", String(32), primary_key=True), Column("name", Text)
)
plain_subjects = Table(
    "plain_subjects",
    plain,
    Column("subject_id", Uuid, primary_key=True),
    Column("name", Text),
    Column("identifier", Text),
    Column("area_code", ForeignKey("plain_areas.code")),
)
plain_cases = Table(
    "plain_cases",
    plain,
    Column("case_id", Uuid, primary_key=True),
    Column("subject_id", ForeignKey("plain_subjects.subject_id")),
    Column("department_code", ForeignKey("plain_departments.code")),
    Column("sector_code", String(32)),
    Column("circumstance", String(32)),
    Column("facts", Text),
    Column("published_on", Date),
    Column("ends_on", Date),
    Index("ix_plain_cases", "sector_code", text("published_on DESC"), "case_id"),
    Index("ix_plain_cases_subject", "subject_id", text("published_on DESC"), "case_id"),
)

AREAS = [(f"3703050{at:02d}", f"第{at}街道") for at in range(1, 13)]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(at: int) -> str:
    """Return a plainly synthetic ID number: a birth in 1900 to 1912, with a valid check character."""
    born = date(1900, 1, 1) + timedelta(days=at % 4_000)
    base = f"370305{born:%Y%m%d}{1 + at // 4_000:03d}"
    return base + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(base, WEIGHTS, strict=True)) % 11]


async def settle(database: Database, keyring: Keyring, subjects: int) -> None:
    """Fill *database*: *subjects* persons, every second one restrained, all in one sector of one district."""
    now = datetime.now(UTC)
    async with database.writing() as session:
        await session.execute(insert(tables.sectors), [{"code": "market", "name_zh": "市场监管", "name_en": "Market"}])
        rows = [{"code": code, "name_zh": name, "name_en": name} for code, name in [("370305", "临淄区"), *AREAS]]
        await session.execute(insert(tables.areas), rows)
        department = {"code": "D1", "name_zh": "演示局", "name_en": "Demo bureau", "sector_code": "market"}
        await session.execute(insert(tables.departments), [department])
        await session.execute(insert(plain_areas), [{"code": code, "name": name} for code, name in AREAS])
        await session.execute(insert(plain_departments), [{"code": "D1", "name": "演示局"}])
    for start in range(0, subjects, SLICE):
        await _some(database, keyring, range(start, min(start + SLICE, subjects)), now)
    async with database.writing() as session:  # autovacuum would have done this before the first query
        await session.execute(text("ANALYZE"))


async def _some(database: Database, keyring: Keyring, places: range, now: datetime) -> None:
    news, cases, plain_people, plain_restraints = [], [], [], []
    for at in places:
        area_code, area_name = AREAS[at % len(AREAS)]
        name = f"演示{at}"
        registration = Registration(
            SubjectKind.NATURAL_PERSON, name, IdNumber.parse(number(at)), area_code, None, f"{area_name}演示路{at}号"
        )
        new = new_subject(registration, keyring, area_name=area_name, by="bench", at=now, new_id=uuid.uuid4)
        news.append(new)
        plain_people.append(
            {"subject_id": new.subject_id, "name": name, "identifier": number(at), "area_code": area_code}
        )
        for nth in range(cases_of(at)):
            sealed, plain_case = _restraint(at, nth, new.subject_id, new.key.wrapped, area_code, keyring, now)
            cases.append(sealed)
            plain_restraints.append(plain_case)
    async with SqlUnitOfWork(database) as work:
        await work.subjects.register_all(news)
        await work.session.execute(insert(tables.restraint_cases), cases)
        await work.session.execute(insert(plain_subjects), plain_people)
        await work.session.execute(insert(plain_cases), plain_restraints)
        await work.commit()


def cases_of(at: int) -> int:
    """Return how many restraints the person in this place is under: every second one, and every fortieth six."""
    return 0 if at % 2 else 1 if at % 40 else MANY


def _restraint(
    at: int, nth: int, subject_id: uuid.UUID, wrapped: bytes, area_code: str, keyring: Keyring, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a restraint in force, sealed and in plaintext."""
    case_id, published = uuid.uuid4(), now.date() - timedelta(days=(at + 7 * nth) % 150)
    facts = f"第{at}号容缺材料经催告仍未提交"
    shared = {
        "case_id": case_id,
        "subject_id": subject_id,
        "department_code": "D1",
        "sector_code": "market",
        "circumstance": "DOCUMENTS_NOT_SUPPLIED",
        "published_on": published,
        "ends_on": published + timedelta(days=181),
    }
    place = Place("restraint_cases", "facts", subject_id, case_id, 1)
    sealed = shared | {
        "number": f"B{at}-{nth}",
        "number_key": f"B{at}-{nth}",
        "area_code": area_code,
        "channel": "FACT_FINDING",
        "basis": "bench",
        "handler_ref": "bench",
        "facts_sealed": keyring.seal(facts, place, wrapped),
        "facts_mask": "［已隐去］",
        "collected_at": now,
        "determined_on": published,
        "changed_at": now - timedelta(minutes=(at + 7 * nth) % 150),
    }
    return sealed, shared | {"facts": facts}


def new_keyring(folder: str) -> str:
    """Create a key file in *folder* and return its path."""
    path = Path(folder) / "kek.key"
    Keyring.create(path, os.urandom)
    return str(path)


async def _fill(url: str, key_file: Path, subjects: int) -> None:
    database = Database.open(url)
    await settle(database, Keyring.load(key_file, os.urandom), subjects)
    rows = await database.fetch(
        select(plain_cases.c.subject_id).group_by(plain_cases.c.subject_id).having(func.count() == MANY).limit(500)
    )
    await database.close()
    print(json.dumps([str(row[0]) for row in rows]))


def main(url: str, key_file: str, subjects: str) -> None:
    Keyring.create(Path(key_file), os.urandom)
    migrate(url)
    if url.startswith("sqlite"):
        engine = create_engine(url)
        plain.create_all(engine)
        engine.dispose()
    else:
        asyncio.run(_create(url))
    asyncio.run(_fill(url, Path(key_file), int(subjects)))


async def _create(url: str) -> None:
    engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:"))
    async with engine.begin() as connection:
        await connection.run_sync(plain.create_all)
        await connection.execute(text(PAGE_FUNCTION))
    await engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
