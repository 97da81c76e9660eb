"""[6.2] Others write while an export reads: its file holds exactly the rows of one moment, of every kind of record."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, and_, delete, insert, select, update

from consent.vocabulary import Purpose
from gateway.import_export.exporting.export_form import export_file
from gateway.import_export.exporting.export_run import ExportOptions
from gateway.import_export.exporting.export_table import export_records
from gateway.import_export.exporting.paged_query import PageRequest
from gateway.import_export.exporting.tables import KINDS
from gateway.import_export.importing.importers import BASIC
from schema.core.ports import GraphQLRequest, GraphQLResponse
from schema.execution.service import GraphQLService
from storage import tables
from tests.databases import on_both
from tests.hypothesis_profiles import examples
from tests.schema.more_records import add_records
from tests.schema.service import ServiceUnderTest

pytestmark = pytest.mark.slow

CASES = tables.restraint_cases
WRITTEN: Mapping[str, tuple[str, Purpose, Table]] = {
    # kind: who exports it, for what, the table of its rows
    BASIC: ("handler", Purpose.DETERMINATION, CASES),
    "cases": ("handler", Purpose.DETERMINATION, CASES),
    "case-steps": ("handler", Purpose.DETERMINATION, CASES),
    "statements": ("handler", Purpose.DETERMINATION, CASES),
    "notices": ("handler", Purpose.DETERMINATION, CASES),
    "subjects": ("platform", Purpose.PLATFORM_EXCHANGE, CASES),
    "corrections": ("handler", Purpose.DETERMINATION, tables.corrections),
    "objections": ("head", Purpose.DETERMINATION, tables.objections),
    "focused-checks": ("regulator", Purpose.FOCUSED_CHECK, tables.focused_checks),
    "focused-check-changes": ("regulator", Purpose.FOCUSED_CHECK, CASES),
    "consultations": ("head", Purpose.CONSULTATION, tables.consultations),
    "consultation-replies": ("person-1", Purpose.SELF_ACCESS, tables.consultation_lines),
    "applications": ("clerk", Purpose.APPLICATION_HANDLING, tables.applications),
    "grants": ("clerk", Purpose.APPLICATION_HANDLING, tables.applications),
    "credit-checks": ("clerk", Purpose.APPLICATION_HANDLING, tables.credit_checks),
    "deferrals": ("other clerk", Purpose.APPLICATION_HANDLING, tables.deferrals),
    "commitments": ("clerk", Purpose.APPLICATION_HANDLING, tables.commitments),
    "matters": ("clerk", Purpose.APPLICATION_HANDLING, tables.matters),
    "authorisations": ("clerk", Purpose.CREDIT_CHECK, tables.authorisations),
    "delegations": ("person-1", Purpose.SELF_ACCESS, tables.delegations),
    "notifications": ("person-1", Purpose.SELF_ACCESS, tables.notifications),
    "department-notifications": ("handler", Purpose.DETERMINATION, tables.notifications),
    "access-log": ("auditor", Purpose.AUDIT, tables.access_entries),
}
OWNERS = {"department_code": "LZ-SPFW", "recipient_code": "LZ-SPFW"}
"""Who a row leaves for."""
MOVED = ("changed_at", "at", "filed_at", "discovered_on", "raised_on", "checked_on", "committed_on", "requested_at")
"""The columns by which a list may be sorted."""
APPENDED = (
    tables.access_entries,
    tables.consultations,
    tables.consultation_lines,
    tables.credit_checks,
    tables.focused_checks,
)
"""Tables whose rows never change, and are only copied. The access log grows by every page that is read as well."""


def test_every_kind_has_an_entry() -> None:
    assert set(WRITTEN) == {BASIC, *KINDS}


@on_both
async def test_a_file_holds_the_rows_of_one_moment(service: ServiceUnderTest, tmp_path: Path, monkeypatch) -> None:
    await add_records(service)
    different = []
    # `make test` takes every second kind, PostgreSQL those that SQLite leaves out; `make check` takes all on both.
    step = 1 if examples(2, few=1) > 1 else 2
    first = int(service.services.database.dialect.name == "postgresql") % step
    for kind, (who, purpose, table) in islice(WRITTEN.items(), first, None, step):
        quiet = await exported(service, tmp_path / f"{kind}-quiet.csv", kind, who, purpose)
        async with restored(service, table):
            with monkeypatch.context() as patch, between_pages(patch, service, table) as steps:
                by_one(patch)
                beside = await exported(service, tmp_path / f"{kind}-beside.csv", kind, who, purpose)
        assert steps == ["written"], kind
        if table is tables.access_entries:  # the first export is in the second
            assert beside.count(b"\n") > quiet.count(b"\n") > 1, kind
        elif beside != quiet:
            different.append(kind)
    assert different == []


async def exported(service: ServiceUnderTest, path: Path, kind: str, who: str, purpose: Purpose) -> bytes:
    actor, options = service.world.actor(who), ExportOptions(replace=True)
    if kind == BASIC:
        await export_file(service.services, path, actor, purpose, options=options)
    else:
        await export_records(service.services, path, actor, purpose, KINDS[kind], options=options)
    return path.read_bytes()  # noqa: ASYNC240 - a small file, and nobody else waits here


def by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every page have one row."""
    document = PageRequest.document
    monkeypatch.setattr(PageRequest, "document", lambda asked, _, *, counted: document(asked, 1, counted=counted))


@contextmanager
def between_pages(monkeypatch: pytest.MonkeyPatch, service: ServiceUnderTest, table: Table) -> Iterator[list[str]]:
    """Let somebody write between the first page and the next."""
    steps: list[str] = []
    execute = GraphQLService.execute

    async def then_write(self: GraphQLService, request: GraphQLRequest) -> GraphQLResponse:
        answer = await execute(self, request)
        if not steps:
            await write(service, table)
            steps.append("written")
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(GraphQLService, "execute", then_write)
        yield steps


async def write(service: ServiceUnderTest, table: Table) -> None:
    """Copy every row; then move all of them in every order, and let every second one leave its list."""
    if table is tables.access_entries:
        return
    async with service.services.database.writing() as session:
        for at, row in enumerate(await session.fetch(select(*table.c))):
            found: dict[str, Any] = dict(zip(table.c.keys(), row, strict=True))
            if found.get("confidential"):
                continue  # a new mark stops an export: tests/storage/queries/test_live_facts.py
            await session.execute(insert(table), copied(table, found, at))
            if table in APPENDED:
                continue
            moved = {name: later(found[name]) for name in MOVED if found.get(name) is not None}
            leaves = {name: code for name, code in OWNERS.items() if name in found} if at % 2 else {}
            if moved | leaves:
                await session.execute(update(table).where(of(table, found)).values(**moved | leaves))
            if at % 2 and not leaves:
                await session.execute(delete(table).where(of(table, found)))


def copied(table: Table, row: Mapping[str, Any], at: int) -> dict[str, Any]:
    """Give the row under another key."""
    *_, last = table.primary_key.columns
    fresh: Any = uuid4() if isinstance(row[last.name], UUID) else f"{row[last.name]}-{at}"
    numbers = {name: f"{row[name]}-{at}" for name in ("number", "number_key") if row.get(name) is not None}
    return {**row, last.name: fresh, **numbers}


def later(value: date | datetime) -> date | datetime:
    return value + timedelta(days=1)


def of(table: Table, row: Mapping[str, Any]) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key.columns))


@asynccontextmanager
async def restored(service: ServiceUnderTest, table: Table) -> AsyncIterator[None]:
    """Give the table back its rows."""
    database = service.services.database
    before = [dict(zip(table.c.keys(), row, strict=True)) for row in await database.fetch(select(*table.c))]
    yield
    if table in APPENDED:
        return
    keys = [tuple(row[column.name] for column in table.primary_key.columns) for row in before]
    async with database.writing() as session:
        for found in await session.fetch(select(*table.primary_key.columns)):
            if tuple(found) not in keys:
                row = dict(zip(table.primary_key.columns.keys(), found, strict=True))
                await session.execute(delete(table).where(of(table, row)))
        for row in before:
            if not await session.execute(update(table).where(of(table, row)).values(**row)):
                await session.execute(insert(table), row)
