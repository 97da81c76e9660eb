"""The numbers on record get their keys, and what shares one stays, on both databases [5.1.3]."""

import asyncio
import uuid
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, inspect, select, text

from storage.database import migrate
from tests.storage.database.test_migrations import look

REVISION = "0024"
ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
CASES = (  # subject, case, number, day of its collection, its key afterwards
    (ONE, 1, "试[2026]1号", 3, "试[2026]1号"),  # another of the subject is typed like the key
    (ONE, 2, "试〔2026〕1号", 4, "试〔2026〕1号"),
    (OTHER, 3, "试(2026)2号", 6, "试(2026)2号"),  # another of the subject is older
    (OTHER, 4, "试［2026］2号", 5, "试〔2026〕2号"),
    (OTHER, 5, "lz 2026-5", 5, "LZ2026-5"),
)


def put(connection: Connection, name: str, **values: Any) -> None:
    """Insert a row with something in every column that has to have a value."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET session_replication_role = replica"))  # without the rows that it refers to
    table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
    fillers = {bool: False, int: 1, bytes: b"x", datetime: datetime(2026, 1, 1, tzinfo=UTC), date: date(2026, 1, 1)}
    row = {
        column.name: fillers.get(column.type.python_type, "FACT_FINDING" if column.name == "channel" else "OTHER")
        for column in table.c
        if not column.nullable and column.server_default is None and column.name not in values
    }
    connection.execute(table.insert().values(row | values))


def before(connection: Connection) -> None:
    kind = (lambda value: value.hex) if connection.dialect.name == "sqlite" else (lambda value: value)
    for name in ("areas", "sectors", "departments"):
        put(connection, name, code="OTHER")
    for subject in (ONE, OTHER):
        put(connection, "subjects", subject_id=kind(subject), kind="NATURAL_PERSON")
    for subject, case, number, day, _ in CASES:
        ids = {"subject_id": kind(subject), "case_id": kind(uuid.UUID(int=case)), "number": number}
        put(connection, "restraint_cases", **ids, collected_at=datetime(2026, 1, day, tzinfo=UTC))
    for number in ("试[2026]1号", "试〔2026〕1号", "试(2026)2号", "LZ-9"):
        put(connection, "taken_numbers", department_code="D", series="CASE", number=number)


def after(connection: Connection) -> tuple[list[Any], set[str]]:
    def table(name: str) -> Table:
        return Table(name, MetaData(), autoload_with=connection, resolve_fks=False)

    cases, taken = table("restraint_cases"), table("taken_numbers")
    kept = connection.execute(select(cases.c.number, cases.c.number_key)).all()
    return [tuple(one) for one in kept], set(connection.execute(select(taken.c.number)).scalars())


async def test_each_number_gets_its_key_and_none_is_lost(empty_url: str) -> None:
    down = str(migrate.scripts().get_revision(REVISION).down_revision)
    await asyncio.to_thread(migrate.migrate, empty_url, down)
    await look(empty_url, before)
    await asyncio.to_thread(migrate.migrate, empty_url, REVISION)
    kept, taken = await look(empty_url, after)
    assert sorted(kept) == sorted((number, key) for _, _, number, _, key in CASES)
    assert taken == {"试〔2026〕1号", "试〔2026〕2号", "LZ-9"}
    await asyncio.to_thread(migrate.downgrade, empty_url, down)
    columns = await look(empty_url, lambda one: {c["name"] for c in inspect(one).get_columns("restraint_cases")})
    assert "number_key" not in columns
