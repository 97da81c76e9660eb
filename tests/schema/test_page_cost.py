"""A page of a dense day reads the rows that it shows and a few more, whatever else that day has.

Each root list of the schema is asked for pages where a thousand rows have the same day and the same instant: the first
and the last, the one after that and the one before this. `WALKS` has the lists, so that a new one enters both tests.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from consent.disclosures.formats import Ground
from consent.vocabulary import Basis, Purpose
from credit.calendar.calendar import shipped
from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage.access_log.subject_index import index_waiting
from storage.database.database import Database
from storage.repositories.deadlines.due_days import recount
from tests.builders import NOW, SCJG, WJJ
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.schema.subscriptions.listeners import listen
from tests.schema.test_walks import BACKWARDS, FORWARDS, WALKS, Walk, Way, document, nothing
from tests.storage.disclosure_rows import DisclosureRows, Page
from tests.storage.rows import filled, key
from tests.storage.sqlite_steps import sqlite_steps

DENSE, FIRST = 1_000, 10
FEW = 15
"""How many rows a scan may read beyond those of its page."""
OTHERS = {("myAccessLog", "the last page"): 500}
"""The same for a log's oldest entries, where entries of others are older: at most `MOST_WALKED` are looked through."""
INSTRUCTIONS = {"worklist": 80_000, "worklist of one department": 200_000}
"""What SQLite may do for a page, else `MOST`. What is left of a walk looks at the department's open tasks once.

Of the district's tasks those of one department are looked for in all that are open, where one department has most.
"""
MOST = 40_000
"""To read and sort the dense day takes more."""
PAGES = {
    "the first page": (FORWARDS, True),
    "a page in the middle": (FORWARDS, False),
    "the last page": (BACKWARDS, True),
    "a page before it": (BACKWARDS, False),
}
BY_CHANGES = "focusedCheckChanges"
"""The one list that has no order to be read in: it is one row a subject, and reads all changes since the visit."""


def dense_rows(root: str, walk: Walk, whose: object) -> Mapping[Any, list[Mapping[str, Any]]]:
    """Give by table the rows of a list that all have the days and instants of its first one."""
    rows: dict[Any, list[Mapping[str, Any]]] = {}
    for n in range(DENSE):
        name = f"dense {root} {n}"
        for table, values in (*walk.beside, (walk.table, walk.row)):
            same = {column: value for column, value in values(0).items() if isinstance(value, date)}
            row = (
                filled(table, name)[1]
                | {"subject_id": whose}
                | values(1_000 + list(WALKS).index(root) * 10_000 + n)
                | same
            )
            if walk.link and table is walk.table:
                row |= {walk.link: key(name)}
            rows.setdefault(table, []).append({column: row[column] for column in row if column in table.c})
    return rows


def dense_disclosures(whose: UUID) -> Iterator[Page]:
    """Give as many disclosures of one instant; the access log has those and the entries of before."""
    ground = Ground(Basis.STATUTE, "[5.2.2]", (("NaturalPerson.name", "PERSON_NAME", "CLEAR"),))
    context = {"department_code": SCJG, "purpose": Purpose.CREDIT_CHECK}
    for n in range(DENSE):
        yield Page(f"dense {n}", {whose: ((ground, None),)}, NOW + timedelta(seconds=1), context)


@pytest.fixture(scope="module")
async def dense(shared_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a service over lists with a dense day each."""
    async with open_service(settings_for(kek, shared_url)) as service:
        whose = service.world.party("person-1").subject_id
        async with service.services.database.writing() as session:
            for root, walk in WALKS.items():
                if walk.row is not nothing:
                    for table, rows in dense_rows(root, walk, whose).items():
                        await session.execute(insert(table), rows)
            await recount(session, shipped())
        await DisclosureRows(service.services.database).put(list(dense_disclosures(whose)))
        if service.services.database.dialect.name == "sqlite":
            await index_waiting(service.services.database)  # as a server does within a second
        async with service.services.database.writing() as session:
            await session.execute(text("ANALYZE"))
        yield service


@pytest.mark.sampled
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("root", [root for root in WALKS if root != BY_CHANGES])
async def test_a_page_reads_little_more_than_it_shows(
    dense: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, root: str, page: str
) -> None:
    walk, (way, is_first) = WALKS[root], PAGES[page]
    cursor = None
    if not is_first:
        reply = await dense.ask(_document(root, walk, 50, way), walk.who, {"a": None})
        assert not reply.errors, reply.json
        cursor = reply.data[root]["pageInfo"][way.end]
    asked = noted(dense, monkeypatch)
    reply = await dense.ask(_document(root, walk, FIRST, way), walk.who, {"a": cursor})
    assert not reply.errors, reply.json
    assert len(reply.data[root]["nodes"]) == FIRST
    assert reply.data[root]["pageInfo"][way.came] is not is_first
    await require_few(dense, asked, root, OTHERS.get((root, page), FEW))


async def require_few(
    service: ServiceUnderTest, asked: Sequence[tuple[str, Sequence[object]]], root: str, few: int = FEW
) -> None:
    """Require of each statement that it reads no more than a page and a *few* rows."""
    for statement, values in asked:
        if service.services.database.dialect.name == "sqlite":
            took = sqlite_steps(service.services.settings.database_url, statement, values)
            assert took < INSTRUCTIONS.get(root, MOST), took
        else:
            plan = await explained(service.services.database, statement, values)
            scans = [(described(node), rows_read(node)) for node in nodes(plan)]
            assert [scan for scan in scans if scan[1] > FIRST + 1 + few] == []


ELSEWHERE, LATER, LATER_AT = f'"{encode(Entity.DEPARTMENT, WJJ)}"', '"2027-09-01"', '"2027-09-01T00:00:00+08:00"'
FILTERS = [
    # Who asks for which purpose, the root, a filter that no dense row passes.
    ("office", "SUPERVISION", "restraintCases", f"department: {ELSEWHERE}"),
    ("office", "SUPERVISION", "restraintCases", f"changedSince: {LATER_AT}"),
    ("office", "SUPERVISION", "restraintCases", 'changedUntil: "2020-01-01T00:00:00+08:00"'),
    ("office", "SUPERVISION", "corrections", f"department: {ELSEWHERE}"),
    ("office", "SUPERVISION", "corrections", f"foundSince: {LATER}"),
    ("office", "SUPERVISION", "objections", f"department: {ELSEWHERE}"),
    ("office", "SUPERVISION", "objections", 'raisedUntil: "2020-01-01"'),
    ("office", "SUPERVISION", "deletionDuties", f"recipient: {ELSEWHERE}"),
    ("office", "SUPERVISION", "worklist", f"department: {ELSEWHERE}"),
    ("person-1", "SELF_ACCESS", "applications", f"filedSince: {LATER_AT}"),
    ("person-1", "SELF_ACCESS", "creditChecks", f"since: {LATER_AT}"),
    ("person-1", "SELF_ACCESS", "deferrals", f"dueSince: {LATER}"),
    ("person-1", "SELF_ACCESS", "commitments", f"committedSince: {LATER}"),
    ("person-1", "SELF_ACCESS", "myNotifications", f"since: {LATER_AT}"),
    ("regulator", "FOCUSED_CHECK", "focusedCheckTargets", 'until: "2020-01-01"'),
    ("anonymous", "PUBLICITY", "publicRestraintList", 'until: "2020-01-01"'),
    ("association", "CONSULTATION", "consultations", f"askedSince: {LATER_AT}"),
]
LOOK_UPS = [
    ("office", "SUPERVISION", "case", f'number: "none", department: "{encode(Entity.DEPARTMENT, SCJG)}"'),
    (
        "clerk",
        "APPLICATION_HANDLING",
        "application",
        f'number: "none", department: "{encode(Entity.DEPARTMENT, SCJG)}"',
    ),
]


@pytest.mark.sampled
@pytest.mark.parametrize(("who", "purpose", "root", "given"), [*FILTERS, *LOOK_UPS])
async def test_what_passes_a_filter_is_found_without_the_rest(
    dense: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, who: str, purpose: str, root: str, given: str
) -> None:
    shown = "nodes { __typename }" if (who, purpose, root, given) in FILTERS else "__typename"
    asked = noted(dense, monkeypatch)
    reply = await dense.ask(f"query @purpose(is: {purpose}) {{ {root}({given}) {{ {shown} }} }}", who)
    assert not reply.errors, reply.json
    await require_few(dense, asked, "worklist of one department" if root == "worklist" else root)


LOOKS = [
    ("person-1", "SELF_ACCESS", "notificationArrived { nodes { topic at } }", "myNotifications"),
    ("head", "DETERMINATION", "notificationArrived { nodes { topic at } }", "departmentNotifications"),
    ("person-2", "SELF_ACCESS", "accessRecorded { nodes { actor at } }", "myAccessLog"),
    (
        "head",
        "DETERMINATION",
        f"worklistChanged(first: {FIRST}, step: DETERMINE) {{ nodes {{ step case {{ id }} }} }}",
        "worklist",
    ),
]


@pytest.mark.sampled
@pytest.mark.parametrize(("who", "purpose", "field", "root"), LOOKS)
async def test_a_look_of_a_subscription_reads_what_is_new_and_not_the_list(
    dense: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, who: str, purpose: str, field: str, root: str
) -> None:
    """It is made each second, and by everybody; the dense day was an hour ago."""
    executor = dense.services.graphql_service.read_executor
    monkeypatch.setattr(executor, "runtime", replace(executor.runtime, now=lambda: NOW + timedelta(hours=1)))
    asked = noted(dense, monkeypatch)
    heard = await listen(dense, f"subscription @purpose(is: {purpose}) {{ {field} }}", who)
    assert await heard.hears() is None
    await heard.running.close()
    assert asked
    await require_few(dense, asked, root)


def noted(service: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Sequence[object]]]:
    """Give the list of the statements that are run from now on, with their values."""
    asked: list[tuple[str, Sequence[object]]] = []
    runner = service.services.query_runner
    read = runner.read

    async def watched(prepared: Any, binds: Mapping[str, object], snapshot: Any = None) -> Any:
        for step in prepared.steps:
            asked.extend((one.text, one.values(binds)) for one in (step.rows, *step.figures.values()))
        return await read(prepared, binds, snapshot)

    monkeypatch.setattr(runner, "read", watched)
    return asked


def _document(root: str, walk: Walk, size: int, way: Way) -> str:
    return document(root, walk, size, way).replace("totalCount total { count isExact } ", "")


async def explained(database: Database, statement: str, values: Sequence[object]) -> Mapping[str, Any]:
    """Give PostgreSQL's plan as it would be if the tables were large: a small one is best read whole."""
    async with database.writing() as session:
        for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "hashagg"):
            await session.execute(text(f"SET LOCAL enable_{way} = off"))
        found = await session.fetch_text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
    plan = found[0][0]
    whole: Mapping[str, Any] = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return whole


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the scans of tables and indexes in a plan of PostgreSQL."""
    if "Relation Name" in plan or "Index Name" in plan:
        yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def rows_read(scan: Mapping[str, Any]) -> int:
    dropped = (name for name in scan if name.startswith("Rows Removed"))
    return int(scan["Actual Loops"] * (scan["Actual Rows"] + sum(scan[name] for name in dropped)))


def described(scan: Mapping[str, Any]) -> str:
    return f"{scan['Node Type']} {scan.get('Relation Name', '')} {scan.get('Index Name', '')} {scan.get('Alias', '')}"
