"""Files and databases made up for these tests. Nobody here exists: births 1900-1912, sequences never given."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select

from credit.cases.actions.procedure import confirm_taken_over
from credit.core.context import Caller
from credit.core.record_refs import CaseRef
from gateway.import_export.importing.report import ImportReport
from gateway.import_export.importing.run import ImportMode, import_file
from gateway.services import Services, build_services
from gateway.settings import settings
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.actors import Actor, Role
from policy.crypto.keyring import Keyring
from storage import tables
from storage.database.database import Database
from tests.credit.subjects.synthetic_numbers import REFERENCE, id_number, row

BOTH = pytest.mark.parametrize("mode", list(ImportMode), ids=[mode.value for mode in ImportMode])
"""Both modes of an import."""
NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
HANDLER = Actor("handler-1", Role.HANDLER, "LZ-SPFW")
OTHER_DEPARTMENT = Actor("handler-9", Role.HANDLER, "LZ-SCJG")
MARKED = ("演示甲", "演示乙", "13800000000", "示例路", "经核实为虚假", id_number())
"""What no output, report or message of an import may repeat."""


def number(at: int) -> str:
    """Return the ID number of the person at this place."""
    return id_number(sequence=f"{at % 999 + 1:03}", born=f"19{at // 999 % 13:02}0203", area=f"37{at // 12987:04}")


def case(at: int, **changed: str | None) -> dict[str, str]:
    """Return a row about a person and a case of its own, with some cells *changed* or (None) left out."""
    return row(**{"身份证号": number(at), "案件编号": f"LZ-2026-{at:04}", "姓名": f"演示甲{at}", **changed})


def sheet(*rows: Mapping[str, str], delimiter: str = ",", above: Sequence[str] = ()) -> str:
    """Return rows as a table under the headers of all of them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for one in rows for name in one)), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return "".join(f"{line}\r\n" for line in above) + text.getvalue()


def put(folder: Path, content: str | bytes, name: str = "cases.csv") -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


async def furnish(database: Database) -> None:
    """Put down the reference rows that tests.credit.subjects.synthetic_numbers speaks of."""
    named = {"name_en": "name"}
    sector = {"LZ-SPFW": "approval", "LZ-SCJG": "market"}
    async with database.writing() as session:
        rows: list[tuple[Table, list[dict[str, Any]]]] = [
            (tables.sectors, [{"code": code, "name_zh": code, **named} for code in sector.values()]),
            (tables.areas, [{"code": code, "name_zh": name, **named} for code, name in REFERENCE.areas.items()]),
            (
                tables.departments,
                [
                    {"code": code, "name_zh": name, "sector_code": sector[code], **named}
                    for code, name in REFERENCE.departments.items()
                ],
            ),
        ]
        for table, values in rows:
            await session.execute(insert(table), values)


def services_over(url: str, folder: Path, **given: str) -> Services:
    """Build the services over the database at *url*, with a clock that always shows NOW."""
    kek = folder / "kek.key"
    if not kek.exists():
        Keyring.create(kek, os.urandom)
    environment = {"KEK_FILE": str(kek), "DATABASE_URL": url, **given}
    read = settings.read({f"CHENGXIN_{name}": value for name, value in environment.items()})
    return build_services(read, now=lambda: NOW)


async def take(
    services: Services, path: Path, actor: Actor = HANDLER, mode: ImportMode = ImportMode.ALL, *, dry_run: bool = False
) -> ImportReport:
    return await import_file(services, path, actor, mode=mode, dry_run=dry_run)


async def confirm_all(services: Services, at: datetime = NOW) -> None:
    """Let the heads confirm every former record at an instant, so that it counts [5.1.4]."""
    async with services.database.snapshot() as session:
        table = tables.restraint_cases.c
        waiting = table.taken_over_on.is_not(None), table.determined_on.is_(None)
        found = await session.fetch(select(table.subject_id, table.case_id, table.department_code).where(*waiting))
    for subject_id, case_id, department in found:
        context = services.graphql_service.action_context(Caller("head-1", Role.HEAD.value, department), at)
        async with SealingUnitOfWork(services.database, services.keyring) as work:
            await confirm_taken_over(work, context, CaseRef(subject_id, case_id), ("old-list-1",))
            await work.commit()


def outcomes(report: ImportReport) -> dict[str, int]:
    """Return the outcomes that occurred."""
    return {outcome.value: count for outcome, count in report.counts.items() if count}


def reasons(report: ImportReport) -> list[tuple[int, str, str]]:
    """Return line, header and code of every problem."""
    return [(row.line, problem.field, problem.code) for row in report.refused for problem in row.problems]


async def count(services: Services, table: Table) -> int:
    rows = await services.database.fetch(select(func.count()).select_from(table))
    found: int = rows[0][0]
    return found


async def every(services: Services, table: Table) -> list[dict[str, Any]]:
    rows = await services.database.fetch(select(*table.c))
    return [dict(zip(table.c.keys(), row, strict=True)) for row in rows]
