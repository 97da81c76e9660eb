"""A district that grows: the number of staff stays the same for every number of subjects.

Of each thousand subjects eighty have had a case: fifty are free again, twenty are restrained, ten wait for a step. A
handler has twenty cases at a time whatever the size; departments and supervisors have all the more. A hundred others
have filed an application, which is decided; those with a waiting case have an open one.
"""

import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, insert, text

from bench import world
from credit.core.values.identifiers import IdNumber
from credit.subjects.registration import Registration
from credit.subjects.subject import Place, SubjectKind
from gateway.subjects.seal_registration import new_subject
from policy.crypto.keyring import Keyring
from storage import tables
from storage.database.database import Database
from storage.repositories.deadlines.due_days import keep_counted
from storage.unit_of_work import SqlUnitOfWork

DEPARTMENTS: Final = 12
SECTORS: Final = 6
CHUNK: Final = 5_000
Rows = list[dict[str, Any]]


async def settle(database: Database, keyring: Keyring, subjects: int) -> None:
    """Fill *database* with so many *subjects*, and their waiting, restraining and ended cases."""
    now = datetime.now(UTC)
    areas = [{"code": code, "name_zh": name, "name_en": name} for code, name in [("370305", "临淄区"), *world.AREAS]]
    sectors = [{"code": f"S{at}", "name_zh": f"领域{at}", "name_en": f"Sector {at}"} for at in range(SECTORS)]
    departments = [
        {"code": f"D{at}", "name_zh": f"演示{at}局", "name_en": f"Demo {at}", "sector_code": f"S{at % SECTORS}"}
        for at in range(DEPARTMENTS)
    ]
    matters = [
        {"code": f"M{at}", "name_zh": f"演示事项{at}", "name_en": f"Demo {at}", "department_code": f"D{at}"}
        | {"sector_code": f"S{at % SECTORS}"}
        for at in range(DEPARTMENTS)
    ]
    await put_rows(
        database,
        {tables.sectors: sectors, tables.areas: areas, tables.departments: departments, tables.matters: matters},
    )
    in_sql = database.dialect.name == "postgresql"
    if in_sql:
        await _bystanders_in_sql(database, subjects, now)
    waiting = 0
    for start in range(0, subjects, CHUNK):
        news, cases = [], []
        blank: dict[Table, Rows] = {tables.subjects: [], tables.subject_keys: [], tables.identifiers: []}
        blank[tables.identifier_terms] = []
        filed: Rows = []
        for at in range(start, min(start + CHUNK, subjects)):
            place = at % 1_000
            if place >= 80:
                if in_sql:
                    continue
                bystander = _bystander(blank, at, now)
                if place < 180:
                    filed.append(_application(at, bystander, now - timedelta(days=30 + at % 500), decided=True))
                continue
            area_code, area_name = world.AREAS[at % len(world.AREAS)]
            registration = Registration(
                SubjectKind.NATURAL_PERSON, f"演示{at}", IdNumber.parse(world.number(at)), area_code, None, None
            )
            new = new_subject(registration, keyring, area_name=area_name, by="bench", at=now, new_id=uuid.uuid4)
            news.append(new)
            case = case_row(at, new.subject_id, keyring, new.key.wrapped, area_code, now)
            case |= _over(at, now) if place < 50 else restrained(at, now) if place < 70 else _waiting(waiting, now)
            if place >= 70:
                waiting += 1
                filed.append(_application(at, new.subject_id, now - timedelta(days=at % 7), decided=False))
            cases.append(case)
        async with SqlUnitOfWork(database) as work:
            await work.subjects.register_all(news)
            await work.commit()
        await put_rows(database, {**blank, tables.restraint_cases: cases, tables.applications: filed})
    await keep_counted(database)
    async with database.writing() as session:  # autovacuum would have done this before the first query
        await session.execute(text("ANALYZE"))


async def _bystanders_in_sql(database: Database, subjects: int, now: datetime) -> None:
    """Add those without a case, as `_bystander` makes them, in five statements: a million in seconds."""
    area = "(ARRAY[" + ",".join(f"'{code}'" for code, _ in world.AREAS) + f"])[1 + at % {len(world.AREAS)}]"
    noise = "decode(repeat(md5(random()::text), {}), 'hex')".format
    of = "SELECT subject_id, {} FROM subjects WHERE registered_by = 'bystander'".format
    decided = f"SELECT subject_id, gen_random_uuid(), 'M' || at % {DEPARTMENTS}, 'D' || at % {DEPARTMENTS}"
    filed = "filed - interval '5 days', filed - interval '5 days', 'APPROVED', filed"
    statements = (
        f"""INSERT INTO subjects (subject_id, kind, area_code, name_sealed, name_mask, registered_at, registered_by,
            changed_at) SELECT gen_random_uuid(), 'NATURAL_PERSON', {area}, {noise(4)}, '演**', '{now}', 'bystander',
            '{now}' FROM generate_series(0, {subjects - 1}) AS at WHERE at % 1000 >= 80""",
        "INSERT INTO subject_keys (subject_id, wrapped, kek, created_at) " + of(f"{noise(4)}, 'bench', '{now}'"),
        "INSERT INTO identifiers (subject_id, identifier_id, kind, number_sealed, number_mask) "
        + of(f"gen_random_uuid(), 'ID_NUMBER', {noise(4)}, '3****************1'"),
        "INSERT INTO identifier_terms (subject_id, kind, term) "
        + of(f"'ID_NUMBER', uuid_send(subject_id) || {noise(1)}"),
        f"""INSERT INTO applications (subject_id, application_id, matter_code, department_code, number, number_key,
            clerk_ref, filed_at, accepted_at, outcome, decided_at) {decided}, 'A-' || at, 'A-' || at, 'clerk', {filed}
            FROM (SELECT subject_id, at, '{now}'::timestamptz - interval '1 day' * (30 + at % 500) AS filed FROM
            (SELECT subject_id, row_number() OVER () AS at FROM subjects WHERE registered_by = 'bystander') AS numbered
            WHERE at % 92 < 10) AS chosen""",
    )
    async with database.writing() as session:
        for statement in statements:
            await session.execute(text(statement.replace(":", r"\:")))


async def put_rows(database: Database, rows: Mapping[Table, Sequence[Mapping[str, Any]]]) -> None:
    async with database.writing() as session:
        for table, values in rows.items():
            if values:
                await session.execute(insert(table), list(values))


def _application(at: int, subject_id: uuid.UUID, filed_at: datetime, *, decided: bool) -> dict[str, Any]:
    return {
        "subject_id": subject_id, "application_id": uuid.uuid4(), "matter_code": f"M{at % DEPARTMENTS}",
        "department_code": f"D{at % DEPARTMENTS}", "number": f"A{at}", "number_key": f"A{at}",
        "clerk_ref": f"clerk-{at % DEPARTMENTS}",
        "filed_at": filed_at, "accepted_at": filed_at, "outcome": "APPROVED" if decided else None,
        "decided_at": filed_at + timedelta(days=5) if decided else None,
    }  # fmt: skip


def _bystander(rows: dict[Table, Rows], at: int, now: datetime) -> uuid.UUID:
    """Add a subject without a case. Its sealed data is never opened, so it is random bytes of the right length."""
    subject_id = uuid.uuid4()
    rows[tables.subjects].append(
        {
            "subject_id": subject_id, "kind": "NATURAL_PERSON", "area_code": world.AREAS[at % len(world.AREAS)][0],
            "name_sealed": os.urandom(64), "name_mask": "演**", "registered_at": now, "registered_by": "bench",
            "changed_at": now,
        }
    )  # fmt: skip
    rows[tables.subject_keys].append(
        {"subject_id": subject_id, "wrapped": os.urandom(60), "kek": "bench", "created_at": now}
    )
    rows[tables.identifiers].append(
        {
            "subject_id": subject_id, "identifier_id": uuid.uuid4(), "kind": "ID_NUMBER",
            "number_sealed": os.urandom(64), "number_mask": "3****************1",
        }
    )  # fmt: skip
    rows[tables.identifier_terms].append({"kind": "ID_NUMBER", "term": os.urandom(33), "subject_id": subject_id})
    return subject_id


def case_row(
    at: int, subject_id: uuid.UUID, keyring: Keyring, wrapped: bytes, area_code: str, now: datetime
) -> dict[str, Any]:
    case_id, facts = uuid.uuid4(), f"第{at}号容缺材料经催告仍未提交"
    return {
        "subject_id": subject_id, "case_id": case_id, "number": f"B{at}", "number_key": f"B{at}",
        "department_code": f"D{at % DEPARTMENTS}",
        "sector_code": "S0", "area_code": area_code, "circumstance": "DOCUMENTS_NOT_SUPPLIED",
        "channel": "FACT_FINDING", "basis": "bench", "handler_ref": f"earlier-{at % 97}", "reviewer_ref": None,
        "facts_sealed": keyring.seal(facts, Place("restraint_cases", "facts", subject_id, case_id, 1), wrapped),
        "facts_mask": "［已隐去］", "collected_at": now - timedelta(days=60 + at % 300), "verified_at": None,
        "noticed_on": None, "served_on": None, "stated_on": None, "determined_on": None, "published_on": None,
        "ends_on": None, "rectified_on": None, "changed_at": now - timedelta(days=at % 180),
    }  # fmt: skip


def _published(days_ago: int, now: datetime) -> dict[str, Any]:
    on = now.date() - timedelta(days=days_ago)
    return {"determined_on": on, "published_on": on, "ends_on": on + timedelta(days=183)}


def _over(at: int, now: datetime) -> dict[str, Any]:
    return _published(200 + at % 700, now) | {"rectified_on": date(2022, 6, 1)}


def restrained(at: int, now: datetime) -> dict[str, Any]:
    return _published(1 + at % 150, now)


def _waiting(nth: int, now: datetime) -> dict[str, Any]:
    """Yield the steps of a waiting case: for its handler in groups of twenty, or for a reviewer."""
    today, step = now.date(), nth % 5
    days = [today - timedelta(days=nth % 11 + back) for back in (9, 7, 5, 3)]
    steps = {"verified_at": now - timedelta(days=nth % 11), "noticed_on": days[1], "served_on": days[2]}
    found = {name: value for name, value in zip(steps, steps.values(), strict=True) if step > list(steps).index(name)}
    if step == 4:
        found |= steps | {"stated_on": days[3], "reviewer_ref": f"reviewer-{nth // 100}"}
    return found | {"handler_ref": f"handler-{nth // 20}", "department_code": f"D{nth // 20 % DEPARTMENTS}"}
