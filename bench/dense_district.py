"""Half of all subjects are restrained, all in one sector, and half of these since one day: no day is sparse.

The rows are made by the database, a million in some minutes. Their sealed values are random bytes of the right length:
they are read, and never opened.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, text

from bench import world
from storage.database.column_types import Instant
from storage.database.database import Database

EMPTY_TOWNSHIP: Final = "370305900"
"""A township in which nobody is registered."""
_DIALECTS: Final = {
    "postgresql": {
        "places": "generate_series(0, {} - 1) AS place(at)",
        "id": "gen_random_uuid()",
        "noise": "decode(repeat(md5(random()::text), 4), 'hex')",
        "day": "DATE '{}' - ({})",
    },
    "sqlite": {
        "places": "(WITH RECURSIVE place(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM place WHERE at < {} - 1) "
        "SELECT at FROM place)",
        "id": "lower(hex(randomblob(16)))",
        "noise": "randomblob(64)",
        "day": "date('{}', -({}) || ' days')",
    },
}
_DAYS_AGO: Final = "CASE WHEN at % 4 = 0 THEN 1 ELSE 1 + at % 150 END"
"""Since when the subject in this place is restrained."""


async def fill(database: Database, subjects: int) -> None:
    """Fill *database* with so many subjects, and the restraints of every second one."""
    now = datetime.now(UTC)
    words = _DIALECTS[database.dialect.name]
    made, noise, places = words["id"], words["noise"], words["places"].format(subjects)
    began, ends = (words["day"].format(now.date(), back) for back in (_DAYS_AGO, f"{_DAYS_AGO} - 183"))
    areas = ", ".join(f"('{code}', '{name}', '{name}')" for code, name in [("370305", "临淄区"), *world.AREAS])
    townships = " ".join(f"WHEN {at} THEN '{code}'" for at, (code, _) in enumerate(world.AREAS))
    statements = (
        "INSERT INTO sectors (code, name_zh, name_en) VALUES ('S0', '领域', 'Sector')",
        f"INSERT INTO areas (code, name_zh, name_en) VALUES {areas}",
        "INSERT INTO departments (code, name_zh, name_en, sector_code) VALUES ('D0', '演示局', 'Demo', 'S0')",
        f"""INSERT INTO subjects (subject_id, kind, area_code, name_sealed, name_mask, registered_at, registered_by,
            changed_at) SELECT {made}, 'NATURAL_PERSON', CASE at % {len(world.AREAS)} {townships} END, {noise}, '演**',
            :now, CAST(at AS VARCHAR(12)), :now FROM {places}""",
        f"""INSERT INTO subject_keys (subject_id, wrapped, kek, created_at)
            SELECT subject_id, {noise}, 'bench', :now FROM subjects""",
        f"""INSERT INTO identifiers (subject_id, identifier_id, kind, number_sealed, number_mask)
            SELECT subject_id, {made}, 'ID_NUMBER', {noise}, '3****************1' FROM subjects""",
        f"""INSERT INTO restraint_cases (subject_id, case_id, number, number_key, department_code, sector_code,
            area_code, township_code, circumstance, channel, basis, handler_ref, facts_sealed, facts_mask, collected_at,
            determined_on, published_on, ends_on, changed_at, counted_version)
            SELECT subject_id, {made}, 'B' || at, 'B' || at, 'D0', 'S0', area_code, area_code,
            'DOCUMENTS_NOT_SUPPLIED', 'FACT_FINDING', 'bench', 'handler-0', {noise}, '［已隐去］', :earlier,
            {began}, {began}, {ends}, :earlier, 1
            FROM (SELECT subject_id, area_code, CAST(registered_by AS INTEGER) AS at FROM subjects) AS registered
            WHERE at % 2 = 0""",
        "ANALYZE",
    )
    instants = {"now": now, "earlier": now - timedelta(days=30)}
    async with database.writing() as session:
        for statement in statements:
            given = {name: value for name, value in instants.items() if f":{name}" in statement}
            binds = (bindparam(name, value, type_=Instant()) for name, value in given.items())
            await session.execute(text(statement).bindparams(*binds))
