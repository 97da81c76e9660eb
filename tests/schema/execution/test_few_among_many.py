"""A list of the few rows that are open, or in one township, does not look at the many others that are newer."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, insert, text

from credit.calendar.calendar import shipped
from policy.actors import Actor, Role
from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage import tables
from storage.queries.statements.compiled_select import CompiledSelect
from storage.repositories.deadlines.due_days import recount
from tests.builders import HEALTH, MARKET, NOW, TODAY, WENSHAO, WJJ, XUEGONG
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.schema.test_page_cost import described, explained, nodes, rows_read
from tests.schema.test_walks import case
from tests.storage.rows import Row, filled, key
from tests.storage.sqlite_steps import sqlite_steps

MANY, OPEN, FIRST = 1_000, 12, 10
SCANNED = 4 * OPEN
"""How many rows one scan may read: what is open, for each condition that asks for it."""
INSTRUCTIONS = 60_000
"""What SQLite may do. To look at what is closed takes more."""
HANDLER = Actor("handler-7", Role.HANDLER, WJJ)
REVIEWER = Actor("reviewer-7", Role.REVIEWER, WJJ)
LISTS: Mapping[str, tuple[Actor | str, str, str]] = {
    "checks of open applications": ("other clerk", "CREDIT_CHECK", "creditChecks"),
    "files of open applications": ("other clerk", "APPLICATION_HANDLING", "evidenceFiles"),
    "files of a handler's open cases": (HANDLER, "DETERMINATION", "evidenceFiles"),
    "files of open reviews": (REVIEWER, "REVIEW", "evidenceFiles"),
    "applications of open reviews": (REVIEWER, "REVIEW", "applications"),
    "targets of one township": (Actor("regulator-7", Role.REGULATOR, None, MARKET, XUEGONG), "FOCUSED_CHECK",
                              "focusedCheckTargets"),
}  # fmt: skip
"""Who reads each list, for which purpose, and its root. Each shows a full page."""


def file_of(name: str, whose: UUID, record: str, at: datetime) -> Iterator[Row]:
    """Give a file of the record of the same name."""
    own: dict[str, Any] = {"subject_id": whose, "file_id": key(name)}
    yield filled(tables.files, name, **own, reference=f"file:{name}", uploaded_at=at)
    yield filled(tables.file_attachments, name, **own, record=record, record_id=key(name))


def rows(n: int, at: datetime, *, is_closed: bool) -> Iterator[Row]:
    """Give a subject with an application, its check, a case of the department, a file of each, and a target."""
    name = f"{'closed' if is_closed else 'open'} {n}"
    whose = key(f"subject of {name}")
    area = WENSHAO if is_closed else XUEGONG
    yield filled(tables.subjects, name, subject_id=whose, kind="NATURAL_PERSON", area_code=area)
    filed: dict[str, Any] = {"subject_id": whose, "application_id": key(name), "department_code": WJJ}
    decided: dict[str, Any] = {"decided_at": NOW, "outcome": "APPROVED"} if is_closed else {}
    yield filled(tables.applications, name, **filed, matter_code="WJJ-01", filed_at=at, **decided)
    yield filled(tables.credit_checks, name, **filed, check_id=key(name), at=at, finding="CLEAN")
    yield from file_of(name, whose, "APPLICATION", at)
    of, before = f"case {name}", TODAY - timedelta(days=400)
    ended = dict.fromkeys(("ends_on", "rectified_on", "determined_on", "published_on"), before)
    running = dict.fromkeys(ended) | dict.fromkeys(("stated_on", "served_on", "noticed_on"), before)
    # An officer's own closed cases are looked at: there are as many as one person handles.
    is_own = not is_closed or n < OPEN
    officers = {"handler_ref": HANDLER.account, "reviewer_ref": REVIEWER.account} if is_own else {}
    its: dict[str, Any] = filed | officers | {"case_id": key(of), "sector_code": HEALTH, "number": of, "changed_at": at}
    yield filled(tables.restraint_cases, of, **case(n, **its, **(ended if is_closed else running)))
    yield from file_of(of, whose, "RESTRAINT_CASE", at)
    on = {"published_on": TODAY} if is_closed else {}
    target = case(5_000 + n, subject_id=whose, number=f"target {name}", **on)
    yield filled(tables.restraint_cases, f"target {name}", **target)


@pytest.fixture(scope="module")
async def crowded(shared_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a service over few open rows among many that were closed today, and few targets of one township."""
    async with open_service(settings_for(kek, shared_url)) as service:
        await service.services.database.fetch_text("SELECT 1", [])  # a connection that was open before the statistics
        put: dict[Table, list[Mapping[str, Any]]] = {}
        closed = (row for n in range(MANY) for row in rows(n, NOW, is_closed=True))
        running = (row for n in range(OPEN) for row in rows(n, NOW - timedelta(days=300), is_closed=False))
        for table, row in (*closed, *running):
            put.setdefault(table, []).append(row)
        async with service.services.database.writing() as session:
            for table, made in put.items():
                names = dict.fromkeys(name for row in made for name in row)
                await session.execute(insert(table), [{name: row.get(name) for name in names} for row in made])
            await recount(session, shipped())
        await service.services.database.renew_statistics()
        if service.services.database.dialect.name == "postgresql":  # whose server does it by itself, but later
            async with service.services.database.writing() as session:
                await session.execute(text("ANALYZE"))
        yield service


@pytest.mark.parametrize("name", LISTS)
async def test_what_is_closed_or_elsewhere_is_not_read(
    crowded: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    who, purpose, root = LISTS[name]
    asked: list[tuple[str, Sequence[object]]] = []
    runner = crowded.services.query_runner
    read = runner.read

    async def watched(prepared: Any, binds: Mapping[str, object], snapshot: Any = None) -> Any:
        step = prepared.for_reader(binds).steps[0]
        asked.append((step.rows.text, step.rows.values(binds)))
        return await read(prepared, binds, snapshot)

    monkeypatch.setattr(runner, "read", watched)
    reply = await crowded.ask(f"query @purpose(is: {purpose}) {{ {root}(first: {FIRST}) {{ nodes {{ id }} }} }}", who)
    assert not reply.errors, reply.json
    assert len(reply.data[root]["nodes"]) == FIRST
    statement, values = asked[0]
    if crowded.services.database.dialect.name == "sqlite":
        assert sqlite_steps(crowded.services.settings.database_url, statement, values) < INSTRUCTIONS
    else:
        plan = await explained(crowded.services.database, statement, values)
        assert [described(node) for node in nodes(plan) if rows_read(node) > SCANNED] == []


async def test_the_children_of_one_parent_are_found_by_the_parent(
    crowded: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[tuple[str, Sequence[object]]] = []
    values_of = CompiledSelect.values

    def noted(statement: CompiledSelect, binds: Mapping[str, object]) -> list[object]:
        values = values_of(statement, binds)
        run.append((statement.text, values))
        return values

    monkeypatch.setattr(CompiledSelect, "values", noted)
    gid = encode(Entity.SUBJECT, key("subject of closed 7"))
    reply = await crowded.ask(
        "query($id: ID!) @purpose(is: FOCUSED_CHECK) {"
        " subject(id: $id) { restraintCases(first: 5) { nodes { id } } } }",
        Actor("regulator-8", Role.REGULATOR, None, MARKET, "370305"),
        {"id": gid},
    )
    assert not reply.errors, reply.json
    assert len(reply.data["subject"]["restraintCases"]["nodes"]) == 1
    for statement, values in run:
        if crowded.services.database.dialect.name == "sqlite":
            assert sqlite_steps(crowded.services.settings.database_url, statement, values) < INSTRUCTIONS // 20
            plan = await crowded.services.database.fetch_text(f"EXPLAIN QUERY PLAN {statement}", values)
            assert not any("ix_restraint_cases_list" in step for *_, step in plan)
        else:
            plan = await explained(crowded.services.database, statement, values)
            assert [described(node) for node in nodes(plan) if rows_read(node) > SCANNED] == []
