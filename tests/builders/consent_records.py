"""Authorisations that are asked for and answered through the real actions."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from consent.authorisation import Authorisation
from consent.authorisations import actions
from consent.rules import Bounds, Paper
from consent.templates import catalogue
from consent.vocabulary import FieldGroup, Purpose
from credit.calendar.deadlines import civil_date
from credit.core.context import Caller
from policy.actors import Actor, Role
from queryplan.entities import Entity
from storage.access_log.authorisation_uses import Use
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from storage.database.session import Session
from storage.ledger.on_the_spot import LedgerComparer
from storage.tables import authorisations
from tests.builders.district import ACTORS, NOW, SCJG, TODAY, moment
from tests.builders.handles import Held, Party, World
from tests.builders.taken_over import take_over
from tests.work_of_adults import WorkOfAdults

AUTHORISATIONS: Mapping[str, tuple[str, Bounds]] = {
    # State: whose, and with which bounds it was asked for. No subject has more than one that could be live.
    "requested": ("person-2", Bounds(expires_on=date(2026, 12, 1), uses=3)),
    "live": ("company-1", Bounds(expires_on=date(2026, 12, 20), uses=5)),
    "restraint only": ("club-2", Bounds(groups=FieldGroup.RESTRAINT, expires_on=date(2026, 12, 1), uses=9)),
    "refused": ("company-2", Bounds(expires_on=date(2026, 12, 1), uses=3)),
    "withdrawn": ("trader-1", Bounds(expires_on=date(2026, 12, 1), uses=3)),
    "contested": ("trader-2", Bounds(expires_on=date(2026, 12, 1), uses=3)),
    "expired": ("club-1", Bounds(expires_on=date(2026, 11, 19), uses=3)),
    "lapsed": ("club-1", Bounds(expires_on=date(2026, 11, 10), uses=3)),
    "used up": ("company-2", Bounds(expires_on=date(2026, 12, 1), uses=1)),
}


async def put_authorisations(database: Database, world: World) -> None:
    asked_at = NOW - timedelta(days=12)
    for state, (whose, bounds) in AUTHORISATIONS.items():
        party = world.party(whose)
        held = await ask_for(database, world, party, bounds, at=asked_at, paper=state == "contested")
        world.held[f"authorisation {state}"] = held
        for act in ANSWERS.get(state, ()):
            await answer(database, world, held, act, at=asked_at + timedelta(hours=1))
    used = world.authorisation("used up")
    recorder = GroupCommitRecorder(database, granted=_as_recorded)
    await recorder.record([], [(used.subject_id, used.row_id)], today=TODAY)
    await recorder.close()


async def _as_recorded(session: Session, use: Use) -> bool:
    return await LedgerComparer(session, None).is_granted(*use)


ANSWERS: Mapping[str, Sequence[str]] = {
    "live": ("grant",),
    "restraint only": ("grant",),
    "refused": ("refuse",),
    "withdrawn": ("grant", "withdraw"),
    "contested": ("contest",),
    "expired": ("grant",),
    "used up": ("grant",),
}


async def ask_for(
    database: Database,
    world: World,
    party: Party,
    bounds: Bounds,
    *,
    by: Actor = ACTORS["clerk"],
    purpose: Purpose = Purpose.CREDIT_CHECK,
    at: datetime = NOW,
    paper: bool = False,
) -> Held:
    """Ask *party* for an authorisation as *by*; with *paper*, record one given on paper instead."""
    asking = Caller(by.ref, by.role.value, by.department)
    what: dict[str, Any] = {"subject_id": party.subject_id, "purpose": purpose, "bounds": bounds}
    async with WorkOfAdults(database) as work:
        if paper:
            texts = await actions.record_paper_authorisation(
                work,
                moment(world.new_id, at).acting_as(asking),
                catalogue(),
                paper=Paper("卷宗-2026-0001", civil_date(at)),
                **what,
            )
        else:
            # The world's past is made in no order of days; how often one may ask is tested where the rule stands.
            work.authorisations.asked = _nobody_asked_before  # type: ignore[method-assign]  # of this unit of work alone
            texts = await actions.request_authorisation(
                work, moment(world.new_id, at).acting_as(asking), catalogue(), **what
            )
        await work.commit()
    return Held(Entity.AUTHORISATION, texts.subject_id, texts.authorisation_id)


async def _nobody_asked_before(_subject: UUID, _purpose: Purpose, _recipient: str) -> list[Authorisation]:
    return []


async def answer(database: Database, world: World, held: Held, act: str, at: datetime = NOW) -> None:
    """Let the subject of *held* grant, refuse, withdraw or contest it."""
    by = Caller(f"account-{held.subject_id.hex[:12]}", "subject", None, held.subject_id)
    which: dict[str, Any] = {"subject_id": held.subject_id, "authorisation_id": held.row_id}
    async with WorkOfAdults(database) as work:
        if act == "grant":
            await actions.grant_authorisation(work, moment(world.new_id, at).acting_as(by), catalogue(), **which)
        else:
            acts = {
                "refuse": actions.refuse_authorisation,
                "withdraw": actions.withdraw_authorisation,
                "contest": actions.contest_authorisation,
            }
            await acts[act](work, moment(world.new_id, at).acting_as(by), **which)
        await work.commit()


async def put_authorisation(database: Database, world: World, party: Party, **columns: Any) -> Held:
    """Put a live authorisation of the clerk's department for credit checks on record as it stands, whatever rules say.

    It is taken over with its *columns*: so it is not for the ledger that anything refuses it.
    """
    held = Held(Entity.AUTHORISATION, party.subject_id, world.new_id())
    row = {
        "subject_id": held.subject_id, "authorisation_id": held.row_id, "purpose": Purpose.CREDIT_CHECK.value,
        "recipient_code": SCJG, "groups": 5, "means": "联网查询", "template": "credit-check/1", "requested_at": NOW,
        "requested_by": "clerk-1", "granted_at": NOW, "granted_by": "account-1", "starts_on": TODAY,
        "expires_on": TODAY + timedelta(days=7), "uses_allowed": 3,
    }  # fmt: skip
    await database.write((insert(authorisations), row | columns))
    await take_over(database, authorisations)
    return held


async def live_authorisation(
    database: Database, world: World, party: Party, bounds: Bounds | None = None, by: Actor = ACTORS["clerk"]
) -> Held:
    """Ask and grant at once: for CREDIT_CHECK, or CONSULTATION where an association asks."""
    purpose = Purpose.CONSULTATION if by.role is Role.ASSOCIATION else Purpose.CREDIT_CHECK
    plain = Bounds(expires_on=TODAY + timedelta(days=7), uses=3)
    held = await ask_for(database, world, party, bounds or plain, by=by, purpose=purpose)
    await answer(database, world, held, "grant")
    return held
