"""The whole world of the sample data."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert

from credit.subjects.subject import Capacity, Place
from policy.crypto.keyring import Keyring
from policy.crypto.masking import mask_text
from queryplan.entities import Entity
from storage import tables
from storage.database.database import Database
from storage.repositories.case_row import CaseRow
from storage.repositories.subjects.subjects import NewSubject
from storage.unit_of_work import SqlUnitOfWork
from tests.builders.applications import put_applications, put_promises
from tests.builders.consent_records import put_authorisations
from tests.builders.district import (
    AREAS,
    DEPARTMENTS,
    HEALTH,
    MATTERS,
    NOW,
    SCJG,
    SECTORS,
    SPFW,
    WENSHAO,
    WJJ,
    XUEGONG,
    Ids,
)
from tests.builders.handles import Held, Party, World
from tests.builders.subjects import KINDS, case_row, enrol, particulars
from tests.builders.taken_over import take_over


async def build_world(database: Database, keyring: Keyring) -> World:
    """Put the whole world on record; decisions can rest on all of it where *database* has the tag of *keyring*."""
    world = World(keyring, Ids())
    await _reference(database)
    await _parties(database, world)
    await _cases(database, world)
    await put_applications(database, world)
    await put_promises(database, world)
    await put_authorisations(database, world)
    await _delegations(database, world)
    await _notices(database, world)
    await take_over(database)
    return world


async def _reference(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(insert(tables.sectors), [_named(code, name) for code, name in SECTORS.items()])
        await session.execute(insert(tables.areas), [_named(code, name) for code, name in AREAS.items()])
        await session.execute(
            insert(tables.departments),
            [
                _named(code, name) | {"sector_code": sector, "window_zh": "演示窗口", "telephone": "0533-7000000"}
                for code, (name, sector) in DEPARTMENTS.items()
            ],
        )
        await session.execute(
            insert(tables.matters),
            [
                _named(code, name)
                | {"department_code": of, "sector_code": DEPARTMENTS[of][1], "commitment": code.endswith("01")}
                for code, (of, name) in MATTERS.items()
            ],
        )


def _named(code: str, name: str) -> dict[str, Any]:
    return {"code": code, "name_zh": name, "name_en": f"Demo {code}"}


async def _parties(database: Database, world: World) -> None:
    new: list[NewSubject] = []
    for kind in KINDS:
        for place, area in ((1, WENSHAO), (2, XUEGONG)):
            given = particulars(kind, place, area)
            if kind == "company":
                given["capacities"] = Capacity.AGENCY | Capacity.INTERMEDIARY
            world.parties[f"{kind}-{place}"], one = enrol(world.keyring, world.new_id, **given)
            new.append(one)
    async with SqlUnitOfWork(database) as work:
        await work.subjects.register_all(new)
        await work.commit()


CASES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    # Name: whose, and what is particular about it.
    "in-force": ("person-1", {"reviewer_ref": "reviewer-1", "legal_document": "临审告字〔2026〕第1号"}),
    "company in force": ("company-1", {"handler_ref": "handler-2", "published_on": date(2026, 11, 3)}),
    "trader in force": ("trader-1", {"handler_ref": "handler-2", "reviewer_ref": "handler-2"}),
    "in the other sub-district": ("person-2", {"published_on": date(2026, 10, 8)}),
    "club in force": ("club-2", {"department_code": SPFW, "handler_ref": "handler-7", "channel": "PLATFORM_QUERY"}),
    "last day": ("company-2", {"published_on": date(2026, 5, 20)}),
    "ended": ("club-1", {"published_on": date(2026, 3, 2), "rectified_on": date(2026, 4, 1)}),
    "overdue": ("trader-2", {"published_on": date(2026, 4, 2)}),
    "unpublished": (
        "person-1",
        {"published_on": None, "handler_ref": "handler-2", "verified_at": NOW - timedelta(days=3),
         "noticed_on": date(2026, 11, 18), "served_on": date(2026, 11, 19), "reviewer_ref": "reviewer-1"},
    ),
    "removed": ("company-1", {"removed_on": date(2026, 11, 10), "published_on": date(2026, 9, 1)}),
    "confidential": ("club-1", {"confidential": True}),
    "of the health sector": (
        "person-2",
        {"sector_code": HEALTH, "department_code": WJJ, "handler_ref": "handler-5", "published_on": date(2026, 11, 4)},
    ),
}  # fmt: skip


async def _cases(database: Database, world: World) -> None:
    rows: list[CaseRow] = []
    for serial, (name, (whose, facts)) in enumerate(CASES.items(), start=1):
        given = dict(facts)
        if given.get("published_on", ...) is None:
            given |= {"determined_on": None, "ends_on": None}
        given.setdefault("collected_at", NOW - timedelta(days=20, hours=serial))
        given.setdefault("changed_at", NOW - timedelta(days=10, hours=serial))
        world.cases[name], row = case_row(world.keyring, world.new_id, world.party(whose), f"案-{serial:03}", **given)
        rows.append(row)
    async with SqlUnitOfWork(database) as work:
        await work.cases.add(rows)
        await work.commit()


DELEGATIONS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "live": ("person-1", {}),
    "expired": ("person-2", {"expires_on": date(2026, 11, 19)}),
    "withdrawn": ("company-2", {"withdrawn_at": NOW - timedelta(days=1)}),
    "of another": ("company-1", {"delegate_ref": "agent-2"}),
}


async def _delegations(database: Database, world: World) -> None:
    rows = []
    for name, (whose, facts) in DELEGATIONS.items():
        held = Held(Entity.DELEGATION, world.party(whose).subject_id, world.new_id())
        world.held[f"delegation {name}"] = held
        plain = {
            "subject_id": held.subject_id, "delegation_id": held.row_id, "delegate_ref": "agent-1",
            "evidence": "委托书-2026-0001", "granted_at": NOW - timedelta(days=30), "expires_on": date(2026, 12, 31),
            "withdrawn_at": None,
        }  # fmt: skip
        rows.append({**plain, **facts})
    async with database.writing() as session:
        await session.execute(insert(tables.delegations), rows)


async def _notices(database: Database, world: World) -> None:
    """Put one issued document on record; what it holds is no PDF."""
    case, party, notice_id = world.cases["in-force"], world.party("person-1"), world.new_id()
    world.held["notice"] = Held(Entity.ISSUED_NOTICE, party.subject_id, notice_id)
    place = Place("issued_notices", "pdf", party.subject_id, notice_id, 1)
    row = {
        "subject_id": party.subject_id, "notice_id": notice_id, "kind": "NOTICE", "number": "示例信告〔2026〕1号",
        "case_id": case.case_id, "department_code": SCJG, "issued_on": date(2026, 10, 20),
        "issued_at": NOW - timedelta(days=31), "issued_by": "handler-1", "issued_as": "handler",
        "code_hash": bytes(32), "template": "0" * 64, "digest": bytes(32), "salt": bytes(16),
        "pdf_sealed": world.keyring.seal("5paH5Lmm", place, party.wrapped), "pdf_mask": mask_text("5paH5Lmm"),
    }  # fmt: skip
    async with database.writing() as session:
        await session.execute(insert(tables.issued_notices), row)


async def crowd(database: Database, world: World, size: int) -> Sequence[Party]:
    """Add *size* persons of the first sub-district, each with a restraint in force and an application."""
    people = [
        enrol(world.keyring, world.new_id, **particulars("person", 1, WENSHAO, serial)) for serial in range(1, size + 1)
    ]
    cases = [
        case_row(world.keyring, world.new_id, party, f"众-{serial:03}", changed_at=NOW - timedelta(minutes=serial))[1]
        for serial, (party, _) in enumerate(people, start=1)
    ]
    async with SqlUnitOfWork(database) as work:
        await work.subjects.register_all([new for _, new in people])
        await work.cases.add(cases)
        await work.session.execute(
            insert(tables.applications),
            [
                {"subject_id": party.subject_id, "application_id": world.new_id(), "matter_code": "SCJG-01",
                 "department_code": SCJG, "filed_at": NOW - timedelta(minutes=serial)}
                for serial, (party, _) in enumerate(people)
            ],
        )  # fmt: skip
        await work.commit()
    return [party for party, _ in people]
