"""The access log is one list over disclosures and the entries of before, and shows a subject only its own [5.1.6].

A world of both kinds, mixed in time over several months, is compared with the same list written down in Python.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from consent.delegation import OVERSIGHT
from consent.disclosures.formats import Ground
from consent.vocabulary import Basis
from queryplan.entities import Entity
from queryplan.plan import Column, Figure, Filter, Order, QueryPlan, SelectPlan, mirrored
from queryplan.scopes import Scope
from storage.database.database import Database
from storage.queries.access_entries.entry_rows import LOG_ORDER
from storage.queries.query_runner import SqlQueryRunner
from tests.hypothesis_profiles import examples
from tests.storage import rows
from tests.storage.disclosure_rows import DisclosureRows, Page, id_at
from tests.storage.rows import EARLIER, key, put

SUBJECTS: Final = [key(f"subject {index}") for index in range(5)]
OFTEN, RARELY = SUBJECTS[0], SUBJECTS[-1]
DELEGATORS = SUBJECTS[1:3]
ERASED = key("erased")
FIELDS = (("A.a", "PERSON_NAME", "CLEAR"), ("A.b", "PHONE", "MASKED"), ("A.c", "FACTS", "CLEAR"))
GROUNDS = [Ground(basis, f"[{number}]", FIELDS[:number]) for number, basis in enumerate(list(Basis)[:3], start=1)]
PURPOSES = ("CREDIT_CHECK", "DETERMINATION", "SELF_ACCESS")
NOW: Final = EARLIER + timedelta(days=240)
DELAYS: Mapping[str, date] = {"over": NOW.date(), "runs": NOW.date() + timedelta(days=1)}
ACTOR: Final = {**rows.ACTOR, "today": NOW.date()}
COLUMNS = ("entry_id", "subject_id", "at", "purpose", "actor_ref", "grounds")


@dataclass(frozen=True)
class Entry:
    """One entry as the list has it."""

    entry_id: UUID
    subject_id: UUID
    at: datetime
    purpose: str
    actor_ref: str
    grounds: list[tuple[str, str, list[list[str]], UUID | None]]
    hidden: bool
    role: str = "clerk"
    department: str = "D1"

    @property
    def row(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in COLUMNS)


@dataclass(frozen=True)
class World:
    """A database and what is in it, newest first."""

    query_runner: SqlQueryRunner
    entries: Sequence[Entry]


def instant(chance: Random, months: range) -> datetime:
    return NOW - timedelta(days=30 * chance.choice(months), minutes=chance.randrange(20_000), seconds=7)


def written(ground: Ground, used: UUID | None) -> tuple[str, str, list[list[str]], UUID | None]:
    return ground.basis.value, ground.citation, [list(one) for one in ground.fields], used


def disclosures(chance: Random) -> tuple[list[Page], list[Entry]]:
    """Make pages of some subjects, few of them of RARELY, some delayed, some with somebody who was erased."""
    pages, entries = [], []
    for serial in range(150):
        among = [*SUBJECTS[1:-1], *([RARELY] if serial % 40 == 3 else ()), ERASED]
        of = [*([OFTEN] if serial % 3 else ()), *chance.sample(among, chance.randrange(1, 4))]
        chance.shuffle(of)
        delay = chance.choice((*DELAYS, *[None] * 8))
        if delay is not None:
            of = [OFTEN]
        same = chance.random() < 0.5
        parts = {
            one: None
            if one == ERASED
            else ((GROUNDS[0], None),)
            if same
            else tuple(
                (ground, chance.choice((None, key(f"authorisation {serial}"))))
                for ground in chance.sample(GROUNDS, chance.randrange(1, 4))
            )
            for one in of
        }
        at, purpose = instant(chance, range(5)), chance.choice(PURPOSES)
        values = {} if delay is None else {"delay_id": key(delay), "opens_on": DELAYS[delay]}
        role, department = ("subject", "agent", "clerk")[serial % 3], f"D{serial % 2 + 1}"
        context = {"purpose": purpose, "role": role, "department_code": department}
        page = Page(f"page {serial}", parts, at, context, values | {"actor_ref": f"reader-{serial}"})
        pages.append(page)
        entries += [
            Entry(
                page.disclosure_id, one, at, purpose, f"reader-{serial}",
                [written(*each) for each in part], delay == "runs", role, department,
            )
            for one, part in parts.items()
            if part is not None
        ]  # fmt: skip
    return pages, entries


def kept(chance: Random) -> tuple[list[rows.Row], list[Entry]]:
    """Make entries of before, most of them older than the pages."""
    made, entries = [], []
    for serial in range(60):
        one, purpose, at = chance.choice(SUBJECTS), chance.choice(PURPOSES), instant(chance, range(4, 8))
        delay = chance.choice((*DELAYS, *[None] * 8))
        hidden = {} if delay is None else {"delay_id": key(delay), "opens_on": DELAYS[delay]}
        if delay is not None:
            one = OFTEN
        entry_id, used = id_at(at, f"kept {serial}"), chance.choice((None, key("authorisation")))
        role, department = ("subject", "clerk")[serial % 2], f"D{serial % 3 + 1}"
        table, values = rows.access_entry(
            f"kept {serial}", of="one", purpose=purpose, authorisation_id=used, at=at,
            role=role, department_code=department,
        )  # fmt: skip
        made.append((table, values | {"subject_id": one, "entry_id": entry_id, **hidden}))
        ground = (values["basis"], values["citation"], values["fields"], used)
        entries.append(Entry(entry_id, one, at, purpose, "clerk-1", [ground], delay == "runs", role, department))
    return made, entries


@pytest.fixture(scope="module")
async def world(shared_database: Database) -> World:
    chance = Random(20261129)  # noqa: S311 - a test's world, the same every time
    pages, new = disclosures(chance)
    old, before = kept(chance)
    await put(
        shared_database,
        *((table, row | {"subject_id": one}) for one in SUBJECTS for table, row in [rows.subject("one")]),
        *old,
        *(
            (table, row | {"subject_id": OFTEN})
            for name, opens_on in DELAYS.items()
            for table, row in [rows.entry_delay(name, "one", opens_on=opens_on)]
        ),
        *(
            (table, row | {"subject_id": one, "delegate_ref": rows.ACTOR["actor_ref"], "powers": OVERSIGHT})
            for one in DELEGATORS
            for table, row in [rows.delegation(f"delegation of {one}", "one", starts_on=EARLIER.date())]
        ),
    )
    await DisclosureRows(shared_database).put(pages)
    listed = sorted([*new, *before], key=lambda entry: (entry.entry_id, entry.subject_id), reverse=True)
    return World(SqlQueryRunner(shared_database), listed)


BASE = SelectPlan(
    Entity.ACCESS_ENTRY, tuple(Column("", name) for name in COLUMNS), order=LOG_ORDER, figures=(Figure.TOTAL,)
)
FROM = NOW - timedelta(days=40)
Readers = Mapping[str, tuple[SelectPlan, Any]]


def of_own(entry: Entry, binds: Mapping[str, Any]) -> bool:
    return entry.subject_id == binds["actor_subject"] and not entry.hidden


READERS: Readers = {
    "a subject": (replace(BASE, scopes=(Scope.OWN,)), of_own),
    "a delegate": (
        replace(BASE, scopes=(Scope.DELEGATED_OVERSIGHT,)),
        lambda entry, _: entry.subject_id in DELEGATORS and not entry.hidden,
    ),
    "a subject and delegate": (
        replace(BASE, scopes=(Scope.OWN, Scope.DELEGATED_OVERSIGHT)),
        lambda entry, binds: of_own(entry, binds) or (entry.subject_id in DELEGATORS and not entry.hidden),
    ),
    "a delegate, of one subject": (
        replace(BASE, scopes=(Scope.DELEGATED_OVERSIGHT,), filters=(Filter("", "subject_id", "=", "of"),)),
        lambda entry, binds: entry.subject_id == binds["of"] in DELEGATORS and not entry.hidden,
    ),
    "an auditor": (replace(BASE, scopes=(Scope.ALL,)), lambda *_: True),
    "an auditor, of one subject": (
        replace(BASE, scopes=(Scope.ALL,), filters=(Filter("", "subject_id", "=", "of"),)),
        lambda entry, binds: entry.subject_id == binds["of"],
    ),
    "an auditor, of some subjects": (
        replace(BASE, scopes=(Scope.ALL,), filters=(Filter("", "subject_id", "in", "some"),)),
        lambda entry, binds: entry.subject_id in binds["some"],
    ),
    "a department": (replace(BASE, scopes=(Scope.DEPARTMENT,)), lambda entry, _: entry.department == "D1"),
}
FILTERS: Readers = {
    "everything": (BASE, lambda *_: True),
    "one purpose": (
        replace(BASE, filters=(Filter("", "purpose", "=", "purpose"),)),
        lambda entry, binds: entry.purpose == binds["purpose"],
    ),
    "by others": (
        replace(BASE, filters=(Filter("", "by_others", "=", "yes"),)),
        lambda entry, _: entry.role != "subject",
    ),
    "by oneself": (
        replace(BASE, filters=(Filter("", "by_others", "=", "no"),)),
        lambda entry, _: entry.role == "subject",
    ),
    "by others, from one department": (
        replace(BASE, filters=(Filter("", "by_others", "=", "yes"), Filter("", "department_code", "=", "here"))),
        lambda entry, _: entry.role != "subject" and entry.department == "D2",
    ),
    "of some time": (
        replace(BASE, filters=(Filter("", "at", ">=", "since"), Filter("", "at", "<", "until"))),
        lambda entry, binds: binds["since"] <= entry.at < binds["until"],
    ),
}


async def walk(query_runner: SqlQueryRunner, statement: SelectPlan, binds: Mapping[str, Any]) -> list[list[Any]]:
    """Turn the pages as a client would; the total comes with each."""
    pages: list[list[Any]] = []
    given_, at = dict(binds), statement
    while True:
        result = await query_runner.read(query_runner.prepare(QueryPlan((at,))), given_)
        pages.append([*result.rows[0]])
        if len(result.rows[0]) < int(statement.limit or 0):
            return pages
        assert result.figures[0][Figure.TOTAL][None] is not None
        assert at is statement or result.figures[0][Figure.BEHIND][None]
        at = replace(statement, after="after", figures=(*statement.figures, Figure.BEHIND))
        given_ |= {"after_0": pages[-1][-1][0], "after_1": pages[-1][-1][1]}


@pytest.mark.sampled
@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=examples(30, few=6))
@given(some.data())
async def test_a_walk_gives_every_entry_once_from_either_end(world: World, reader: str, data: some.DataObject) -> None:
    (statement, is_shown), (narrowed, passes) = READERS[reader], FILTERS[data.draw(some.sampled_from(list(FILTERS)))]
    limit = data.draw(some.sampled_from((1, 3, 20, 1_000)))
    statement = replace(statement, filters=(*statement.filters, *narrowed.filters), limit=limit)
    is_mirrored = data.draw(some.booleans())
    binds = {
        **ACTOR, "actor_subject": data.draw(some.sampled_from([*SUBJECTS, ERASED])),
        "of": data.draw(some.sampled_from([*SUBJECTS, ERASED, UUID(int=0)])), "some": SUBJECTS[2:],
        "yes": True, "no": False, "here": "D2",
        "purpose": data.draw(some.sampled_from(PURPOSES)), "since": FROM, "until": NOW - timedelta(days=9),
    }  # fmt: skip
    expected = [entry.row for entry in world.entries if is_shown(entry, binds) and passes(entry, binds)]
    if is_mirrored:
        statement, expected = replace(statement, order=mirrored(LOG_ORDER)), expected[::-1]
    if limit == 1:
        expected = expected[:5]
        pages = await walk(world.query_runner, statement, binds) if len(expected) < 5 else []
        pages = pages or [[row] for row in expected]
    else:
        pages = await walk(world.query_runner, statement, binds)
    assert [row for page in pages for row in page] == expected
    total = await world.query_runner.read(world.query_runner.prepare(QueryPlan((replace(statement, limit=1),))), binds)
    assert total.figures == [
        {Figure.TOTAL: {None: sum(is_shown(entry, binds) and passes(entry, binds) for entry in world.entries)}}
    ]


@pytest.mark.parametrize("scope", [Scope.OWN, Scope.ALL])
async def test_an_entry_of_either_kind_is_found_by_its_id(world: World, scope: Scope) -> None:
    one = replace(
        BASE, order=(), figures=(), scopes=(scope,),
        filters=(Filter("", "subject_id", "=", "of"), Filter("", "entry_id", "=", "this")),
    )  # fmt: skip
    several = replace(one, filters=(Filter("", "subject_id", "in", "some"), Filter("", "entry_id", "in", "these")))
    shown = [entry for entry in world.entries if scope is Scope.ALL or (entry.subject_id == OFTEN and not entry.hidden)]
    by_one, by_several = (world.query_runner.prepare(QueryPlan((plan,))) for plan in (one, several))
    for entry in world.entries[::7]:
        binds = {**ACTOR, "actor_subject": OFTEN, "of": entry.subject_id, "this": entry.entry_id}
        found = await world.query_runner.read(by_one, binds)
        assert found.rows == [[entry.row] if entry in shown else []]
    # Each key column is searched by itself, as for `nodes`.
    asked = world.entries[:40]
    ids = {"some": [entry.subject_id for entry in asked], "these": [entry.entry_id for entry in asked]}
    found = await world.query_runner.read(by_several, {**ACTOR, "actor_subject": OFTEN, **ids})
    assert {entry.row[:2] for entry in asked if entry in shown} <= {row[:2] for row in found.rows[0]}


async def test_nothing_of_the_others_leaves_storage(world: World) -> None:
    """Whatever columns a plan can name, no value has another subject's id, part or salt."""
    names = ("subject_id", "entry_id", "at", "actor_ref", "role", "department_code", "purpose", "document_hash",
             "delay_id", "opens_on", "grounds")  # fmt: skip
    plan = replace(BASE, columns=tuple(Column("", name) for name in names), scopes=(Scope.OWN,), figures=())
    for one in SUBJECTS:
        result = await world.query_runner.read(
            world.query_runner.prepare(QueryPlan((plan,))), {**ACTOR, "actor_subject": one}
        )
        told = re.sub(r"[^0-9a-f]", "", repr(result.rows).lower())
        assert result.rows[0]
        assert not [other for other in SUBJECTS if other != one and other.hex in told]
        used = {ground[3] for row in result.rows[0] for ground in row[-1]}
        assert used == {
            ground[3]
            for entry in world.entries
            if entry.subject_id == one and not entry.hidden
            for ground in entry.grounds
        }


async def test_another_order_is_kept_too(world: World) -> None:
    order = (Order("at"), Order("entry_id"), Order("subject_id"))
    plan = replace(BASE, order=order, scopes=(Scope.OWN,), limit=10, figures=())
    binds = {**ACTOR, "actor_subject": OFTEN}
    result = await world.query_runner.read(world.query_runner.prepare(QueryPlan((plan,))), binds)
    mine = [entry for entry in world.entries if of_own(entry, binds)]
    oldest = sorted(mine, key=lambda entry: (entry.at, entry.entry_id))[:10]
    assert result.rows == [[entry.row for entry in oldest]]
