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
from sqlalchemy import func, insert, select, text

from consent.disclosures.formats import Ground
from consent.vocabulary import Basis, Purpose
from credit.calendar.calendar import shipped
from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage import tables
from storage.access_log.subject_index import index_waiting
from storage.database.database import Database
from storage.repositories.deadlines.due_days import recount
from tests.builders import NOW, SCJG, TODAY, WJJ
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.schema.subscriptions.listeners import listen
from tests.schema.test_walks import BACKWARDS, DONE, FORWARDS, WALKS, Walk, Way, document, nothing, sources_of_lists
from tests.storage.disclosure_rows import DisclosureRows, Page
from tests.storage.rows import filled, key
from tests.storage.sqlite_steps import sqlite_steps

DENSE, FIRST = 1_000, 10
FEW = 15
"""How many rows a scan may read beyond those of its page."""
OLDEST = ("myAccessLog", "the last page")
"""A log's oldest entries: those of others that are older are looked through on the way, at most `MOST_WALKED`."""
RUNNING_CASES = "those of the running cases"
INSTRUCTIONS = {"worklist": 80_000, RUNNING_CASES: 60_000}
"""What SQLite may do for a page, else `MOST`. What is left of a walk looks at the department's open tasks once.

A status is looked for among the running cases: six times as many of the department are not.
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
    field, begin = root.partition(" ")[0], 5_000 if root.endswith(" over") else 0
    for n in range(DENSE):
        name = f"dense {root} {n}"
        for table, values in (*walk.beside, (walk.table, walk.row)):
            same = {column: value for column, value in values(0).items() if isinstance(value, date)}
            row = (
                filled(table, name)[1]
                | {"subject_id": whose}
                | values(1_000 + list(WALKS).index(field) * 10_000 + begin + n)
                | same
            )
            if root == "restraintCases":
                row["reviewer_ref"] = "reviewer-1"
            if walk.link and table is walk.table:
                row |= {walk.link: key(name)}
            rows.setdefault(table, []).append({column: row[column] for column in row if column in table.c})
    return rows


OVER: Mapping[str, tuple[Any, dict[str, Any]]] = {
    "applications": (tables.applications, {"accepted_at": NOW, "decided_at": NOW, "outcome": "APPROVED"}),
    "deferrals": (tables.deferrals, {"supplied_on": TODAY}),
    "commitments": (tables.commitments, {"completed_on": TODAY, "verified_on": TODAY, "outcome": "MET"}),
    "corrections": (tables.corrections, DONE | {"completed_on": TODAY}),
    "objections": (tables.objections, {"answered_on": TODAY, "answer": "REJECTED", "assigned_ref": "reviewer-1"}),
    "deletionDuties": (tables.deletion_duties, {"acknowledged_on": TODAY, "outcome": "DELETED"}),
    "departmentNotifications": (tables.notifications, {"seen_at": NOW}),
}
"""What makes the rows of a list such that nothing is open in them any more."""


def rows_over(root: str, walk: Walk, whose: object) -> Mapping[Any, list[Mapping[str, Any]]]:
    """Give by table as many rows of a list that are over, which stand before the others from the other end."""
    table, values = OVER[root]
    rows = dense_rows(f"{root} over", walk, whose)
    first = walk.row(0)
    earlier = {
        name: first[name] - timedelta(days=9) for name in first if isinstance(first[name], date) and name not in values
    }
    return {**rows, table: [row | earlier | values for row in rows[table]]}


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
                if root in OVER:
                    for table, rows in rows_over(root, walk, whose).items():
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
    older = (await older_entries(dense)) if (root, page) == OLDEST else 0
    await require_few(dense, asked, root, FEW + older)


async def older_entries(service: ServiceUnderTest) -> int:
    """Give how many entries of anybody are older than those of the dense day."""
    entry = tables.disclosures.c
    ((found,),) = await service.services.database.fetch(select(func.count()).where(entry.at <= NOW))
    return int(found)


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


READERS = {
    "restraintCases": (
        ("handler", "DETERMINATION"),
        ("head", "DETERMINATION"),
        ("reviewer", "REVIEW"),
        ("office", "SUPERVISION"),
        ("platform", "PLATFORM_EXCHANGE"),
        ("regulator", "FOCUSED_CHECK"),
    ),
    "focusedCheckTargets": (("regulator", "FOCUSED_CHECK"), ("regulator of wenshao", "FOCUSED_CHECK")),
    "focusedChecks": (("regulator", "FOCUSED_CHECK"), ("person-1", "SELF_ACCESS")),
}
"""Who has each column by which a scope finds the rows of a list with several orders."""
UNSEEN = {("platform", "COLLECTED_AT"), ("regulator", "COLLECTED_AT")}
"""Who does not see the day by which an order goes."""


def orders() -> Iterator[tuple[str, str, str, str]]:
    """Give every order of a list with everybody who may ask for it."""
    for root, source in sources_of_lists().items():
        for order in source.orders:
            for who, purpose in READERS[root]:
                if (who, order.name.rpartition("_")[0]) not in UNSEEN:
                    yield root, order.name, who, purpose


@pytest.mark.sampled
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("root", "order", "who", "purpose"), list(orders()))
async def test_a_page_in_another_order_reads_no_more(
    dense: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, page: str, root: str, order: str, who: str, purpose: str
) -> None:
    walk = replace(WALKS[root], who=who, purpose=purpose, given=f"orderBy: {order},")
    way, is_first = PAGES[page]
    cursor = None
    if not is_first:
        reply = await dense.ask(_document(root, walk, 50, way), walk.who, {"a": None})
        assert not reply.errors, reply.json
        cursor = reply.data[root]["pageInfo"][way.end]
    asked = noted(dense, monkeypatch)
    reply = await dense.ask(_document(root, walk, FIRST, way), walk.who, {"a": cursor})
    assert not reply.errors, reply.json
    assert len(reply.data[root]["nodes"]) == FIRST
    await require_few(dense, asked, root)


OPEN = [
    # Who asks for which purpose, the root, what is open in it: many rows that are over stand on the way there.
    ("clerk", "APPLICATION_HANDLING", "applications", "isOpen: true"),
    ("clerk", "APPLICATION_HANDLING", "applications", "status: [FILED]"),
    ("clerk", "APPLICATION_HANDLING", "deferrals", "isOpen: true"),
    ("clerk", "APPLICATION_HANDLING", "commitments", "isOpen: true"),
    ("head", "DETERMINATION", "corrections", "isOpen: true"),
    ("office", "SUPERVISION", "corrections", "isOpen: true"),
    ("head", "DETERMINATION", "objections", "isOpen: true"),
    ("office", "SUPERVISION", "objections", "isOpen: true"),
    ("clerk", "APPLICATION_HANDLING", "deletionDuties", "isOpen: true"),
    ("office", "SUPERVISION", "deletionDuties", "isOpen: true"),
    ("head", "DETERMINATION", "departmentNotifications", "seen: false"),
]


@pytest.mark.sampled
@pytest.mark.parametrize("page", ["the first page", "the last page"])
@pytest.mark.parametrize(("who", "purpose", "root", "given"), OPEN)
async def test_what_is_open_is_found_without_what_is_over(
    dense: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, page: str, who: str, purpose: str, root: str, given: str
) -> None:
    way, _ = PAGES[page]
    walk = replace(WALKS[root], who=who, purpose=purpose, given=f"{given}, orderBy: REVERSED,")
    asked = noted(dense, monkeypatch)
    reply = await dense.ask(_document(root, walk, FIRST, way), who, {"a": None})
    assert not reply.errors, reply.json
    assert len(reply.data[root]["nodes"]) == FIRST
    await require_few(dense, asked, root)


RUNNING = [
    ("head", "DETERMINATION", "status: [COLLECTED, VERIFIED, NOTICED]"),
    ("office", "SUPERVISION", "status: [DETERMINED]"),
    ("office", "SUPERVISION", 'status: [DETERMINED], handler: "handler-1"'),
]


@pytest.mark.sampled
@pytest.mark.parametrize(("who", "purpose", "given"), RUNNING)
async def test_a_status_before_the_publication_is_looked_for_among_the_running_cases(
    dense: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, who: str, purpose: str, given: str
) -> None:
    asked = noted(dense, monkeypatch)
    reply = await dense.ask(
        f"query @purpose(is: {purpose}) {{ restraintCases({given}) {{ nodes {{ __typename }} }} }}", who
    )
    assert not reply.errors, reply.json
    await require_few(dense, asked, RUNNING_CASES, DENSE + FEW)


ELSEWHERE, LATER, LATER_AT = f'"{encode(Entity.DEPARTMENT, WJJ)}"', '"2027-09-01"', '"2027-09-01T00:00:00+08:00"'
FILTERS = [
    # Who asks for which purpose, the root, a filter that no dense row passes.
    ("office", "SUPERVISION", "restraintCases", f"department: {ELSEWHERE}"),
    ("office", "SUPERVISION", "restraintCases", f"changedSince: {LATER_AT}"),
    ("office", "SUPERVISION", "restraintCases", 'changedUntil: "2020-01-01T00:00:00+08:00"'),
    # A filter and an order together.
    ("office", "SUPERVISION", "restraintCases", f"department: {ELSEWHERE}, orderBy: PUBLISHED_ON_ASC"),
    ("office", "SUPERVISION", "restraintCases", f"department: {ELSEWHERE}, orderBy: COLLECTED_AT_DESC"),
    ("office", "SUPERVISION", "restraintCases", f"since: {LATER}, orderBy: PUBLISHED_ON_ASC"),
    ("head", "DETERMINATION", "restraintCases", f"since: {LATER}, orderBy: PUBLISHED_ON_DESC"),
    ("head", "DETERMINATION", "restraintCases", 'handler: "nobody", orderBy: PUBLISHED_ON_DESC'),
    ("head", "DETERMINATION", "restraintCases", 'handler: "nobody", orderBy: COLLECTED_AT_ASC'),
    ("head", "DETERMINATION", "restraintCases", 'reviewer: "nobody", orderBy: PUBLISHED_ON_ASC'),
    ("head", "DETERMINATION", "restraintCases", 'reviewer: "nobody", orderBy: COLLECTED_AT_DESC'),
    ("regulator", "FOCUSED_CHECK", "focusedCheckTargets", f"department: {ELSEWHERE}, orderBy: CHANGED_AT_DESC"),
    ("regulator", "FOCUSED_CHECK", "focusedCheckTargets", f"changedSince: {LATER_AT}, orderBy: CHANGED_AT_DESC"),
    ("office", "SUPERVISION", "objections", 'assignedTo: "nobody"'),
    ("clerk", "APPLICATION_HANDLING", "applications", f"isOpen: true, filedSince: {LATER_AT}"),
    ("head", "DETERMINATION", "objections", f"isOpen: true, raisedSince: {LATER}"),
    ("anonymous", "PUBLICITY", "publicRestraintList", f"department: {ELSEWHERE}"),
    ("regulator", "FOCUSED_CHECK", "focusedCheckTargets", f"department: {ELSEWHERE}"),
    ("regulator", "FOCUSED_CHECK", "focusedCheckTargets", f"changedSince: {LATER_AT}"),
    ("regulator", "FOCUSED_CHECK", "focusedChecks", f"checkedSince: {LATER}, orderBy: CHECKED_ON_ASC"),
    ("clerk", "CREDIT_CHECK", "myAuthorisations", "status: [REQUESTED]"),
    ("auditor", "AUDIT", "entryDelays", f"orderedSince: {LATER_AT}"),
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
    await require_few(dense, asked, root)


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
