"""Applications, with the check, the grant and the promises that came of them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from credit.subjects.subject import Place
from gateway.subjects.seal_registration import sealed
from policy.crypto.masking import mask_text
from queryplan.entities import Entity
from storage import tables
from storage.database.database import Database
from tests.builders.district import NOW, SCJG, WJJ
from tests.builders.handles import Held, World
from tests.builders.taken_over import take_over
from tests.storage.rows import count_days

APPLICATIONS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "of person-1": ("person-1", {}),
    "decided": (
        "person-1",
        {"accepted_at": NOW - timedelta(days=8), "decided_at": NOW - timedelta(days=1), "outcome": "APPROVED",
         "matter_code": "SCJG-02", "channel": "GREEN_CHANNEL"},
    ),
    "of company-1": ("company-1", {"channel": "COMMITMENT"}),
    "at the other department": ("person-2", {"department_code": WJJ, "matter_code": "WJJ-01"}),
    "confidential": ("club-1", {"confidential": True}),
}  # fmt: skip


async def put_applications(database: Database, world: World) -> None:
    rows = [
        _filed(world, name, whose, NOW - timedelta(days=9, hours=serial), **facts)
        for serial, (name, (whose, facts)) in enumerate(APPLICATIONS.items(), start=1)
    ]
    async with database.writing() as session:
        await session.execute(insert(tables.applications), rows)
        await session.execute(insert(tables.credit_checks), credit_check_of(world, world.application("decided")))
        await session.execute(insert(tables.incentive_grants), _granted(world, world.application("decided")))


async def put_application(database: Database, world: World, name: str, whose: str, filed_at: datetime) -> Held:
    """Put an application on record as it stands; from now on the world has it under *name*."""
    await database.write((insert(tables.applications), _filed(world, name, whose, filed_at)))
    await take_over(database, tables.applications)
    return world.application(name)


def _filed(world: World, name: str, whose: str, filed_at: datetime, **facts: Any) -> dict[str, Any]:
    held = Held(Entity.APPLICATION, world.party(whose).subject_id, world.new_id())
    world.held[f"application {name}"] = held
    plain = {
        "subject_id": held.subject_id, "application_id": held.row_id, "matter_code": "SCJG-01",
        "department_code": SCJG, "channel": "ORDINARY", "clerk_ref": "clerk-1", "accepted_at": None,
        "decided_at": None, "outcome": None, "confidential": False, "filed_at": filed_at,
    }  # fmt: skip
    return {**plain, **facts}


def credit_check_of(world: World, application: Held) -> dict[str, Any]:
    """Give the credit check on which an application went through the green channel; it was clean then."""
    held = world.held["check"] = Held(Entity.CREDIT_CHECK, application.subject_id, UUID(int=0xC1))
    answers = [
        {"source": source, "finding": "CLEAN", "memorandum": None, "reason": None}
        for source in ("RESTRAINT_LIST", "JOINT_MEASURES")
    ]
    return {
        "subject_id": held.subject_id, "check_id": held.row_id, "application_id": application.row_id,
        "department_code": SCJG, "by_ref": "clerk-1", "at": NOW - timedelta(days=8), "purpose": "CREDIT_CHECK",
        "authorisation_id": UUID(int=0xC2), "finding": "CLEAN", "answers": answers,
    }  # fmt: skip


def _granted(world: World, application: Held) -> dict[str, Any]:
    held = world.held["grant"] = Held(Entity.INCENTIVE_GRANT, application.subject_id, UUID(int=0xC3))
    return {
        "subject_id": held.subject_id, "grant_id": held.row_id, "application_id": application.row_id,
        "incentive": "GREEN_CHANNEL", "department_code": SCJG, "at": NOW - timedelta(days=8), "by_ref": "clerk-1",
        "check_id": world.held["check"].row_id, "helper_ref": "helper-7",
    }  # fmt: skip


async def put_promises(database: Database, world: World) -> None:
    """Let one application owe a document, reminded of the day before, and another rest on a commitment that was met."""
    owing, committed = world.application("at the other department"), world.application("of company-1")
    deferral = {
        "subject_id": owing.subject_id, "application_id": owing.row_id, "department_code": WJJ,
        "documents": [
            {"document": "场地证明", "handed_in_on": None, "received_by": None, "receipt": None},
            {"document": "验资报告", "handed_in_on": "2026-11-13", "received_by": "clerk-2", "receipt": "收件-0001"},
        ],
        "reminders": [{"sent_on": "2026-11-19", "by": "clerk-2", "paper": "催告-0001", "served_on": "2026-11-19",
                       "proof": "回执-0001"}],
        "commitment_ref": "承诺-0001", "committed_on": date(2026, 11, 11), "due_on": date(2026, 11, 18),
        "served_on": date(2026, 11, 19), "step_version": 4,
    }  # fmt: skip
    place = Place("commitments", "facts", committed.subject_id, committed.row_id, 1)
    facts = sealed(
        world.keyring, world.party("company-1").wrapped, place, COMMITMENT_FACTS, mask_text(COMMITMENT_FACTS)
    )
    commitment = {
        "subject_id": committed.subject_id, "application_id": committed.row_id, "department_code": SCJG,
        "document": "临审〔2026〕示例1号", "commitment_ref": "承诺-0002", "committed_on": date(2026, 11, 11),
        "limit_days": 2, "verify_days": 5, "completed_on": date(2026, 11, 13), "verified_on": date(2026, 11, 18),
        "verified_by": "handler-1", "outcome": "MET", "evidence": ["核验-0001"], "facts_sealed": facts.sealed,
        "facts_mask": facts.mask, "step_version": 3,
    }  # fmt: skip
    world.held["deferral"] = Held(Entity.DEFERRAL, owing.subject_id, owing.row_id)
    world.held["commitment"] = Held(Entity.COMMITMENT, committed.subject_id, committed.row_id)
    async with database.writing() as session:
        await session.execute(insert(tables.deferrals), deferral)
        await session.execute(insert(tables.commitments), commitment)
        await count_days(session)


COMMITMENT_FACTS = "现场核验：设施齐全，与承诺一致。"
"""What the verification of the world's commitment found."""
