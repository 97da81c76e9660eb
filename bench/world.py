"""The rows that all contenders read: sealed for the gateway, and in plaintext for the unprotected contenders."""

import os
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Column, Date, ForeignKey, Index, MetaData, String, Table, Text, Uuid, insert, text

from credit.core.values.identifiers import IdNumber
from credit.subjects.registration import Registration
from credit.subjects.subject import Place, SubjectKind
from gateway.subjects.seal_registration import new_subject
from policy.crypto.keyring import Keyring
from storage import tables
from storage.database.database import Database
from storage.unit_of_work import SqlUnitOfWork

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
    Index("ix_plain_cases", "sector_code", "published_on", "case_id"),
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
    now, today = datetime.now(UTC), datetime.now(UTC).date()
    async with database.writing() as session:
        await session.execute(insert(tables.sectors), [{"code": "market", "name_zh": "市场监管", "name_en": "Market"}])
        rows = [{"code": code, "name_zh": name, "name_en": name} for code, name in [("370305", "临淄区"), *AREAS]]
        await session.execute(insert(tables.areas), rows)
        department = {"code": "D1", "name_zh": "演示局", "name_en": "Demo bureau", "sector_code": "market"}
        await session.execute(insert(tables.departments), [department])
        await session.execute(insert(plain_areas), [{"code": code, "name": name} for code, name in AREAS])
        await session.execute(insert(plain_departments), [{"code": "D1", "name": "演示局"}])
    for start in range(0, subjects, 1_000):
        await _some(database, keyring, range(start, min(start + 1_000, subjects)), now, today)
    async with database.writing() as session:  # autovacuum would have done this before the first query
        await session.execute(text("ANALYZE"))


async def _some(database: Database, keyring: Keyring, places: range, now: datetime, today: date) -> None:
    news, cases, plain_people, plain_restraints = [], [], [], []
    for at in places:
        area_code, area_name = AREAS[at % len(AREAS)]
        name, facts = f"演示{at}", f"第{at}号容缺材料经催告仍未提交"
        registration = Registration(
            SubjectKind.NATURAL_PERSON, name, IdNumber.parse(number(at)), area_code, None, f"{area_name}演示路{at}号"
        )
        new = new_subject(registration, keyring, area_name=area_name, by="bench", at=now, new_id=uuid.uuid4)
        news.append(new)
        plain_people.append(
            {"subject_id": new.subject_id, "name": name, "identifier": number(at), "area_code": area_code}
        )
        if at % 2:
            continue
        case_id, published = uuid.uuid4(), today - timedelta(days=at % 150)
        place = Place("restraint_cases", "facts", new.subject_id, case_id, 1)
        shared = {
            "case_id": case_id,
            "subject_id": new.subject_id,
            "department_code": "D1",
            "sector_code": "market",
            "circumstance": "DOCUMENTS_NOT_SUPPLIED",
            "published_on": published,
            "ends_on": published + timedelta(days=181),
        }
        plain_restraints.append(shared | {"facts": facts})
        cases.append(
            shared
            | {
                "number": f"B{at}",
                "number_key": f"B{at}",
                "area_code": area_code,
                "channel": "FACT_FINDING",
                "basis": "bench",
                "handler_ref": "bench",
                "facts_sealed": keyring.seal(facts, place, new.key.wrapped),
                "facts_mask": "［已隐去］",
                "collected_at": now,
                "determined_on": published,
                "changed_at": now,
            }
        )
    async with SqlUnitOfWork(database) as work:
        await work.subjects.register_all(news)
        await work.session.execute(insert(tables.restraint_cases), cases)
        await work.session.execute(insert(plain_subjects), plain_people)
        await work.session.execute(insert(plain_cases), plain_restraints)
        await work.commit()


def new_keyring(folder: str) -> str:
    """Create a key file in *folder* and return its path."""
    path = Path(folder) / "kek.key"
    Keyring.create(path, os.urandom)
    return str(path)
