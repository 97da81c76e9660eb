"""A walk over the pages of any list, with somebody at work between them, loses no row that was there all the time.

Each root list of the schema has a row here: who reads it, the rows, and the columns that its steps really change.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, update

from consent.vocabulary import DataClass, Purpose
from credit.calendar.calendar import shipped
from credit.cases.status import Circumstance
from policy.actors import Role
from policy.decisions import Withheld
from schema.core.fields import ManySource, core, field_map
from schema.core.global_ids import decode
from storage import tables
from storage.repositories.deadlines.due_days import recount
from tests.builders import HEALTH, MARKET, NOW, SCJG, TODAY, WENSHAO, WJJ
from tests.schema.service import ServiceUnderTest, open_service, settings_for
from tests.shipped_schema import shipped_types
from tests.storage.rows import count_days, filled, key

FIRST, MANY, PAGE, TURNS = 3, 7, 100, 60
BEGAN_BEFORE = NOW - timedelta(seconds=55)
"""The instant of a change that was not committed yet when the first page was read."""
Values = dict[str, Any]


def nothing(_: int) -> Values:
    return {}


@dataclass(frozen=True)
class Walk:
    """One list: its reader, the table of its rows, the values of the *n*-th row, and what the *n*-th step changes.

    *beside* are the records that a row belongs to, each under the same key; *link* is the column that says so.
    """

    who: str
    purpose: str
    table: Table
    row: Callable[[int], Values] = nothing
    step: Callable[[int], Values] = nothing
    selection: str = "id"
    given: str = ""
    beside: Sequence[tuple[Table, Callable[[int], Values]]] = ()
    link: str = ""
    moves: bool = False
    key: Callable[[Mapping[str, Any]], object] = field(default=lambda node: decode(node["id"]).keys[-1])


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def case(n: int, **values: Any) -> Values:
    """Give a case of the market sector in force; its number is the *n*-th."""
    return {
        "number": f"续-{n:03}", "department_code": SCJG, "sector_code": MARKET, "area_code": WENSHAO,
        "circumstance": "FALSE_MATERIAL", "channel": "FACT_FINDING", "basis": "五（一）2", "handler_ref": "handler-1",
        "collected_at": at(-90_000 - n // 2), "changed_at": at(-9_000 - n), "determined_on": on(-200),
        "published_on": on(-20 - n // 2 % 100),
        "ends_on": on(160 + n),
    } | values  # fmt: skip


def heard(n: int) -> Values:
    """Give a case whose subject kept silent: it can be determined."""
    nothing_yet = dict.fromkeys(("determined_on", "published_on", "ends_on"))
    days = {"verified_at": at(-80_000), "noticed_on": on(-50), "served_on": on(-30 - n % 3)}
    return case(200 + n) | nothing_yet | days


def restarted(n: int) -> Values:
    """Another publication restarts the period [5.1.5]."""
    return {"ends_on": on(180 + n), "changed_at": at(n)}


def filing(n: int) -> Values:
    return {"department_code": SCJG, "matter_code": "SCJG-01", "filed_at": at(-900 - n // 2)}


def authorised(n: int) -> Values:
    return {
        "recipient_code": SCJG, "purpose": "CREDIT_CHECK", "groups": 31, "uses_allowed": 3, "expires_on": on(30),
        "requested_at": at(-900 - n // 2), "granted_at": at(-800),
    }  # fmt: skip


def dated(column: str, **values: Any) -> Callable[[int], Values]:
    """Give rows two of which have the same instant in *column*."""
    return lambda n: {column: at(-900 - n // 2), **values}


def coded(n: int) -> Values:
    return {"code": f"W-{n:03}", "name_zh": f"名-{n}", "name_en": f"Name {n}"}


MINE = ("person-1", "SELF_ACCESS")
FILED = ((tables.applications, filing),)
DONE = {"done_on": TODAY, "done_at": NOW, "done_by": "handler-1"}
WALKS: Mapping[str, Walk] = {
    "restraintCases": Walk(
        "handler", "DETERMINATION", tables.restraint_cases, case,
        lambda n: {"changed_at": at(n) if n > 1 else BEGAN_BEFORE, "step_version": n + 1}, moves=True,
    ),
    "focusedCheckTargets": Walk(
        "regulator", "FOCUSED_CHECK", tables.restraint_cases, lambda n: case(50 + n), restarted,
        given="circumstance: FALSE_MATERIAL,",
    ),
    "publicRestraintList": Walk(
        "anonymous", "PUBLICITY", tables.restraint_cases, lambda n: case(100 + n), restarted,
        key=lambda node: node["id"],
    ),
    "focusedCheckChanges": Walk(
        "regulator", "FOCUSED_CHECK", tables.restraint_cases, nothing,
        lambda n: {"removed_on": TODAY if n % 2 else None, "changed_at": at(n)}, "subjectId",
        'since: "2026-10-01T00:00:00+08:00",', key=lambda node: decode(node["subjectId"]).keys[-1],
    ),
    "worklist": Walk(
        "head", "DETERMINATION", tables.restraint_cases, heard,
        lambda n: {"served_on": on(-60 + 11 * (n % 4)), "changed_at": at(n)}, "step case { id }", "step: DETERMINE,",
        moves=True, key=lambda node: decode(node["case"]["id"]).keys[-1],
    ),
    "applications": Walk(*MINE, tables.applications, filing, lambda n: {"accepted_at": at(n), "changed_at": at(n)}),
    "deferrals": Walk(
        *MINE, tables.deferrals, lambda n: {"department_code": SCJG, "committed_on": on(-9), "due_on": on(n // 2)},
        lambda n: {"served_on": TODAY, "step_version": n + 1}, beside=FILED,
    ),
    "commitments": Walk(
        *MINE, tables.commitments, lambda n: {"department_code": SCJG, "committed_on": on(-9 - n // 2)},
        lambda n: {"completed_on": TODAY, "step_version": n + 1}, beside=FILED,
    ),
    "creditChecks": Walk(
        *MINE, tables.credit_checks, dated("at", department_code=SCJG, finding="CLEAN"), beside=FILED
    ),
    "corrections": Walk(
        *MINE, tables.corrections,
        lambda n: {"department_code": SCJG, "discovered_on": on(-n // 2), "remedy": "CORRECT", "cause": "WRONG"},
        lambda n: DONE | {"step_version": n + 1},
    ),
    "objections": Walk(
        *MINE, tables.objections,
        lambda n: {"department_code": SCJG, "raised_on": on(-n // 2), "raised_by": "account-1", "raised_as": "subject"},
        lambda n: {"assigned_ref": "reviewer-1", "step_version": n + 1},
    ),
    "deletionDuties": Walk(
        *MINE, tables.deletion_duties,
        lambda n: {"recipient_code": SCJG, "cause": "EXPIRED", "since_on": on(-30 - n // 2), "counts_from_on": on(-30)},
        lambda _: {"acknowledged_on": TODAY, "outcome": "DELETED"},
    ),
    "evidenceFiles": Walk(
        *MINE, tables.files, lambda n: dated("uploaded_at")(n) | {"reference": f"file:{n}"},
        beside=(*FILED, (tables.file_attachments, lambda _: {"record": "APPLICATION"})),
    ),
    "focusedChecks": Walk(
        *MINE, tables.focused_checks,
        dated("recorded_at", sector_code=MARKET, area_code=WENSHAO, outcome="NOTHING_FOUND", checked_on=TODAY),
    ),
    "consultations": Walk(
        "association", "CONSULTATION", tables.consultations,
        dated("at", recipient_code="LZ-GUILD", kind="AWARD", recipient_kind="ASSOCIATION"),
    ),
    "myConsultations": Walk(
        *MINE, tables.consultation_lines, dated("at", recipient_code=SCJG, kind="AWARD", reply="NOT_RESTRAINED"),
    ),
    "myNotifications": Walk(
        *MINE, tables.notifications, dated("at", audience="SUBJECT", topic="application.filed"),
        lambda n: {"seen_at": at(n), "seen_by": "account-1", "seen_as": "subject"},
    ),
    "departmentNotifications": Walk(
        "head", "DETERMINATION", tables.notifications,
        dated("at", audience="DEPARTMENT", topic="correction.found", department_code=SCJG),
        lambda n: {"seen_at": at(n), "seen_by": "head-1", "seen_as": "head"},
        beside=((tables.restraint_cases, lambda n: case(300 + n)),), link="case_id",
    ),
    "myAuthorisations": Walk(*MINE, tables.authorisations, authorised, lambda n: {"withdrawn_at": at(n)}),
    "entryDelays": Walk(
        "auditor", "AUDIT", tables.entry_delays, dated("ordered_at", department_code=SCJG, opens_on=on(9)),
        lambda n: {"opens_on": on(n)},
    ),
    "myAccessLog": Walk(
        *MINE, tables.access_entries,
        dated("at", role="clerk", purpose="CREDIT_CHECK", basis="STATUTE", department_code=SCJG),
        given="purpose: CREDIT_CHECK,",
    ),
    "departments": Walk("anonymous", "", tables.departments, lambda n: coded(n) | {"sector_code": MARKET}),
    "matters": Walk(
        "anonymous", "", tables.matters, lambda n: coded(n) | {"department_code": SCJG, "sector_code": MARKET},
        lambda n: {"name_zh": f"改-{n}"},
    ),
    "sectors": Walk("anonymous", "", tables.sectors, coded, lambda n: {"name_zh": f"改-{n}"}),
    "areas": Walk("anonymous", "", tables.areas, lambda n: coded(n) | {"code": f"370307{n:03}"}),
}  # fmt: skip


def sources_of_lists() -> Mapping[str, ManySource]:
    """Give the sources of the root lists, by their names."""
    found = field_map(shipped_types()).items()
    return {
        name.partition(".")[2]: one for name, one in found if name.startswith("Query.") and isinstance(one, ManySource)
    }


def _ordered() -> Iterator[tuple[str, Walk]]:
    """Give a row for each order that a list can be asked for."""
    apart = 2_000  # the numbers of cases are unique
    for root, source in sources_of_lists().items():
        for order, choice in source.orders.items():
            apart += 100
            narrowed, values = _apart(root, apart)
            asked = {"who": "office", "purpose": "SUPERVISION"} if root == "restraintCases" else {}
            row = partial(_later, WALKS[root].row, apart, values)
            given, moves = f"{narrowed} orderBy: {order.name},", choice.ordering.moving is not None
            yield f"{root} {order.name}", replace(WALKS[root], row=row, given=given, moves=moves, **asked)


def _later(row: Callable[[int], Values], apart: int, values: Values, n: int) -> Values:
    return row(apart + n) | values


def _apart(root: str, apart: int) -> tuple[str, Values]:
    """Give a filter that only the rows of one order pass, and what they pass it by; no other list has them."""
    if root == "restraintCases":
        return f'handler: "walker-{apart}",', {
            "handler_ref": f"walker-{apart}",
            "department_code": WJJ,
            "sector_code": HEALTH,
            "unlisted": True,
        }
    if root == "focusedCheckTargets":
        others = [one for one in Circumstance if one is not Circumstance.FALSE_MATERIAL]
        circumstance = others[apart // 100 % len(others)]
        values = {"circumstance": circumstance.value, "department_code": WJJ, "unlisted": True}
        return f"circumstance: {circumstance},", values
    return "", {}


ORDERED: Mapping[str, Walk] = dict(_ordered())
"""The lists in each of their orders."""
LISTS: Mapping[str, Walk] = {**WALKS, **ORDERED}


@pytest.fixture(scope="module")
async def busy(shared_url: str, kek: Path) -> AsyncIterator[ServiceUnderTest]:
    """Give a service that the lists share: each adds rows of its own."""
    async with open_service(settings_for(kek, shared_url)) as service:
        yield service


def test_every_list_is_walked(busy: ServiceUnderTest) -> None:
    query = core(busy.services.schema).query_type
    assert query is not None
    assert set(WALKS) == {name for name, one in query.fields.items() if "after" in one.args}
    moving = {name for name, one in sources_of_lists().items() if one.moving}
    assert moving == {name for name, walk in WALKS.items() if walk.moves}


def test_who_has_tasks_of_cases_sees_when_they_changed(busy: ServiceUnderTest) -> None:
    """A cursor of the worklist tells that a case changed: only whoever reads `changedAt` anyway (decision 14)."""
    policy = busy.services.policy
    for role in set(Role) - {Role.CLERK}:  # whose tasks are those of the window
        for purpose in Purpose:
            if not isinstance(policy.read(role, purpose, DataClass.WORKLIST), Withheld):
                shown = policy.read(role, purpose, policy.classes["RestraintCase.changedAt"])
                assert not isinstance(shown, Withheld), (role, purpose)


@dataclass(frozen=True)
class Way:
    """A direction of a walk: the arguments, and the parts of `pageInfo` that lead on or tell of what was passed."""

    size: str
    cursor: str
    further: str
    end: str
    came: str


FORWARDS = Way("first", "after", "hasNextPage", "endCursor", "hasPreviousPage")
BACKWARDS = Way("last", "before", "hasPreviousPage", "startCursor", "hasNextPage")
INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


def document(root: str, walk: Walk, size: int, way: Way = FORWARDS) -> str:
    purpose = f"@purpose(is: {walk.purpose})" if walk.purpose else ""
    page = f"totalCount total {{ count isExact }} {INFO} nodes {{ {walk.selection} }}"
    field = root.partition(" ")[0]
    return f"query($a: String) {purpose} {{ {field}({walk.given} {way.size}: {size}, {way.cursor}: $a) {{ {page} }} }}"


async def page_of(
    service: ServiceUnderTest, root: str, walk: Walk, size: int, cursor: str | None = None, way: Way = FORWARDS
) -> tuple[list[object], dict[str, Any]]:
    """Give the keys of a page's rows, in the order of the way, and the page."""
    reply = await service.ask(document(root, walk, size, way), walk.who, {"a": cursor})
    assert not reply.errors, reply.json
    page = reply.data[root.partition(" ")[0]]
    keys = [walk.key(node) for node in page["nodes"]]
    return keys if way is FORWARDS else keys[::-1], page


async def whole(
    service: ServiceUnderTest, root: str, walk: Walk, way: Way = FORWARDS
) -> tuple[list[object], dict[str, Any]]:
    """Give the keys of a list to which nothing happens meanwhile, in the order of the way, and its last page."""
    found, page = await page_of(service, root, walk, PAGE, way=way)
    while page["pageInfo"][way.further]:
        more, page = await page_of(service, root, walk, PAGE, page["pageInfo"][way.end], way)
        found += more
    return found, page


async def add(service: ServiceUnderTest, root: str, walk: Walk, n: int) -> None:
    """Add the *n*-th row, and what it belongs to."""
    if walk.row is nothing:
        return
    name, whose = f"{root} {n}", service.world.party("person-1").subject_id
    async with service.services.database.writing() as session:
        for table, values in (*walk.beside, (walk.table, walk.row)):
            row = filled(table, name)[1] | {"subject_id": whose} | values(n)
            if walk.link and table is walk.table:
                row |= {walk.link: key(name)}
            known = {column: value for column, value in row.items() if column in table.c}
            await session.execute(insert(table), known)
        await recount(session, shipped())


async def take_step(service: ServiceUnderTest, root: str, walk: Walk, keys: list[object], n: int) -> None:
    """Change the rows with these *keys*."""
    changed = walk.step(n)
    by = "subject_id" if root == "focusedCheckChanges" else list(walk.table.primary_key)[-1].name
    if changed:
        async with service.services.database.writing() as session:
            which = walk.table.c[by].in_(keys)
            await session.execute(update(walk.table).where(which).values(changed))
            await count_days(session)


async def settle(service: ServiceUnderTest, walk: Walk) -> None:
    """Let what changed in the walks of before have changed long before this one."""
    if not walk.moves:
        return
    async with service.services.database.writing() as session:
        lately = walk.table.c.changed_at >= BEGAN_BEFORE
        await session.execute(update(walk.table).where(lately).values(changed_at=at(-8_000)))


@pytest.mark.sampled
@pytest.mark.parametrize("way", [FORWARDS, BACKWARDS], ids=["forwards", "backwards"])
@pytest.mark.parametrize("root", LISTS)
async def test_a_walk_loses_no_row_that_was_there_all_the_time(busy: ServiceUnderTest, root: str, way: Way) -> None:
    walk = LISTS[root]
    await settle(busy, walk)
    start = MANY * 3 if way is BACKWARDS else 0
    for n in range(start, start + MANY):
        await add(busy, root, walk, n)
    before, _ = await whole(busy, root, walk)
    assert len(before) > FIRST, "a list of one page is no walk"
    assert (await whole(busy, root, walk, BACKWARDS))[0] == before[::-1]
    seen: list[object] = []
    cursor: str | None = None
    for turn in range(TURNS):
        keys, page = await page_of(busy, root, walk, FIRST, cursor, way)
        seen += keys
        assert page["pageInfo"][way.came] is (cursor is not None)
        if not page["pageInfo"][way.further]:
            break
        cursor = page["pageInfo"][way.end]
        unread = [one for one in before if one not in seen]
        # Of the rows that were not read the last ones, which a step brings to the front; and some that were read.
        if root != "publicRestraintList":  # its ids lead to no row
            await take_step(busy, root, walk, [*unread[-2:], *seen[:1]], turn + 1)
        if turn < FIRST:
            await add(busy, root, walk, start + MANY + turn)
    else:
        raise AssertionError("the walk has no end")
    now, page = await whole(busy, root, walk)
    assert [one for one in before if one in now and one not in seen] == []
    assert page["totalCount"] == page["total"]["count"] == len(set(now))
    assert page["total"]["isExact"]
    if not walk.moves:
        assert len(seen) == len(set(seen))


@pytest.mark.parametrize("moved", ["by a new day", "by another calendar"])
async def test_due_days_that_move_without_a_change_lose_no_task(
    busy: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, moved: str
) -> None:
    """Midnight, or a table of working days that is loaded between two pages: then every task comes again [5.1.4]."""
    start = {"by a new day": 400, "by another calendar": 500}[moved]
    walk = replace(WALKS["worklist"], row=lambda n: heard(start + n))
    for n in range(MANY):
        await add(busy, f"worklist {moved}", walk, n)
    executor = busy.services.graphql_service.read_executor
    before, _ = await page_of(busy, "worklist", walk, PAGE)
    seen, page = await page_of(busy, "worklist", walk, FIRST)
    if moved == "by a new day":
        monkeypatch.setattr(executor, "runtime", replace(executor.runtime, now=lambda: NOW + timedelta(days=1)))
    else:
        off = executor.calendar.off | {on(days) for days in range(-3, 3)}
        monkeypatch.setattr(executor, "calendar", replace(executor.calendar, off=off))
    again: list[object] = []
    while page["pageInfo"]["hasNextPage"]:
        keys, page = await page_of(busy, "worklist", walk, FIRST, page["pageInfo"]["endCursor"])
        again += keys
    assert set(before) <= set(again) | set(seen)
    assert set(before) & set(seen) <= set(again)


@pytest.mark.parametrize("root", [root for root, walk in LISTS.items() if walk.moves])
async def test_whoever_turns_round_finds_every_row(busy: ServiceUnderTest, root: str) -> None:
    """A cursor by the order is a place in either direction; among rows that came again, the whole list lies behind."""
    walk = LISTS[root]
    await settle(busy, walk)
    for n in range(900, 900 + MANY):
        await add(busy, root, walk, n)
    first, page = await page_of(busy, root, walk, FIRST)
    await take_step(busy, root, walk, first[:1], 1)
    _, page = await page_of(busy, root, walk, FIRST, page["pageInfo"]["endCursor"])
    back = await rest_of(busy, root, walk, page["pageInfo"]["startCursor"], BACKWARDS)
    assert set(first) <= set(back)
    while page["pageInfo"]["hasNextPage"]:
        last, page = await page_of(busy, root, walk, FIRST, page["pageInfo"]["endCursor"])
    now, _ = await page_of(busy, root, walk, PAGE)
    assert set(now) <= {*last, *await rest_of(busy, root, walk, page["pageInfo"]["startCursor"], BACKWARDS)}


async def rest_of(service: ServiceUnderTest, root: str, walk: Walk, cursor: str, way: Way) -> list[object]:
    """Give the keys of all rows on this way from a place on."""
    found: list[object] = []
    for _ in range(TURNS):
        keys, page = await page_of(service, root, walk, FIRST, cursor, way)
        found += keys
        if not page["pageInfo"][way.further]:
            return found
        cursor = page["pageInfo"][way.end]
    raise AssertionError("the walk has no end")
