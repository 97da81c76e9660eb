"""Sample data, written through the real stores: sealed, masked, indexed and scoped as by a running server.

    world = await build_world(database, keyring)
    world.party("person-1").gid          # a natural person of the first sub-district
    world.case("in-force").number        # its restraint, handled by handler-1
    world.actor("clerk")                 # whoever asks

Two sectors (market, health), two sub-districts of the district and one outside it, and of each of the four kinds
of subject one in each sub-district. Everybody is plainly synthetic: births 1900-1912, sequences never given.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert

from consent import actions
from consent.authorisation import Authorisation
from consent.rules import Bounds, Paper
from consent.templates import catalogue
from consent.vocabulary import FieldGroup, Purpose
from credit.calendar.deadlines import civil_date
from credit.cases.status import period_end
from credit.core.context import ActionContext, Caller
from credit.core.values.identifiers import IdentifierKind
from credit.subjects.registration import register
from credit.subjects.subject import Capacity, Place, SubjectKind, identifier_kind
from gateway.auth.dev_issuer import Persona
from gateway.subjects.seal_registration import new_subject, sealed
from policy.actors import ANONYMOUS, Actor, Role
from policy.crypto.keyring import Keyring
from policy.crypto.masking import mask_text
from queryplan.entities import Entity
from schema.core.global_ids import encode
from storage import tables
from storage.access_log.recorder import GroupCommitRecorder
from storage.database.database import Database
from storage.repositories.case_row import CaseRow
from storage.repositories.subjects.subjects import NewSubject
from storage.unit_of_work import SqlUnitOfWork
from tests.action_context import action_context
from tests.credit.subjects.synthetic_numbers import id_number, social_credit_code
from tests.storage.rows import count_days
from tests.work_of_adults import WorkOfAdults

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""A Friday, 10:00 in the morning in Shanghai."""
TODAY = civil_date(NOW)
LONG_AGO = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
NAMESPACE = UUID("00000000-0000-4000-8000-000000000001")

MARKET, HEALTH = "market", "health"
DISTRICT, WENSHAO, XUEGONG, ELSEWHERE = "370305", "370305001", "370305002", "370306001"
SCJG, WJJ, SPFW, GUILD = "LZ-SCJG", "LZ-WJJ", "LZ-SPFW", "LZ-GUILD"
AREAS = {DISTRICT: "临淄区", WENSHAO: "闻韶街道", XUEGONG: "雪宫街道", ELSEWHERE: "邻区街道"}
SECTORS = {MARKET: "市场监管", HEALTH: "卫生健康"}
DEPARTMENTS = {
    SCJG: ("临淄区市场监督管理局", MARKET),
    WJJ: ("临淄区卫生健康局", HEALTH),
    SPFW: ("临淄区行政审批服务局", MARKET),
    GUILD: ("临淄区演示行业协会", MARKET),
}
MATTERS = {"SCJG-01": (SCJG, "食品经营许可"), "SCJG-02": (SCJG, "小作坊登记"), "WJJ-01": (WJJ, "公共场所卫生许可")}

ACTORS: Mapping[str, Actor] = {
    "anonymous": ANONYMOUS,
    "clerk": Actor("clerk-1", Role.CLERK, SCJG),
    "other clerk": Actor("clerk-2", Role.CLERK, WJJ),
    "handler": Actor("handler-1", Role.HANDLER, SCJG),
    "other handler": Actor("handler-2", Role.HANDLER, SCJG),
    "reviewer": Actor("reviewer-1", Role.REVIEWER, SCJG),
    "handling reviewer": Actor("handler-2", Role.REVIEWER, SCJG),
    "head": Actor("head-1", Role.HEAD, SCJG),
    "regulator": Actor("regulator-1", Role.REGULATOR, None, MARKET, DISTRICT),
    "regulator of wenshao": Actor("regulator-2", Role.REGULATOR, None, MARKET, WENSHAO),
    "regulator of health": Actor("regulator-3", Role.REGULATOR, None, HEALTH, DISTRICT),
    "regulator elsewhere": Actor("regulator-4", Role.REGULATOR, None, MARKET, "370306"),
    "association": Actor("guild-1", Role.ASSOCIATION, GUILD),
    "platform": Actor("city-platform", Role.PLATFORM),
    "office": Actor("office-1", Role.OFFICE),
    "auditor": Actor("auditor-1", Role.AUDITOR),
    "admin": Actor("admin-1", Role.ADMIN),
    "agent": Actor("agent-1", Role.AGENT),
    "stranger": Actor("agent-9", Role.AGENT),
}
"""Who may ask, besides the subjects themselves (`World.actor("person-1")`)."""


@dataclass(frozen=True, slots=True)
class Party:
    """A subject, with the plaintext of its sealed fields."""

    subject_id: UUID
    kind: SubjectKind
    area: str
    name: str
    number: str
    phone: str | None
    address: str | None
    wrapped: bytes

    @property
    def gid(self) -> str:
        return encode(Entity.SUBJECT, self.subject_id)

    @property
    def number_kind(self) -> IdentifierKind:
        return identifier_kind(self.kind)

    @property
    def document(self) -> dict[str, Any]:
        """What its identity document shows, as a `person` of an input."""
        area = encode(Entity.AREA, self.area)
        return {"kind": self.kind.value, "name": self.name, "number": self.number, "area": area}

    @property
    def itself(self) -> Actor:
        """The subject as an actor."""
        return Actor(f"account-{self.subject_id.hex[:12]}", Role.SUBJECT, subject=self.subject_id)


@dataclass(frozen=True, slots=True)
class Case:
    """A restraint case, and in clear what is sealed of it."""

    subject_id: UUID
    case_id: UUID
    number: str
    facts: str
    evidence: str
    notes: str

    @property
    def gid(self) -> str:
        return encode(Entity.RESTRAINT_CASE, self.subject_id, self.case_id)


@dataclass(frozen=True, slots=True)
class Held:
    """Anything else that belongs to a subject: an application, an authorisation, a delegation."""

    entity: Entity
    subject_id: UUID
    row_id: UUID

    @property
    def gid(self) -> str:
        return encode(self.entity, self.subject_id, self.row_id)


@dataclass(slots=True)
class World:
    """Handles to everything that was put there, by the names that tests use."""

    keyring: Keyring
    new_id: Ids
    parties: dict[str, Party] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)

    def party(self, name: str) -> Party:
        return self.parties[name]

    def case(self, name: str) -> Case:
        return self.cases[name]

    def application(self, name: str) -> Held:
        return self.held[f"application {name}"]

    def authorisation(self, name: str) -> Held:
        return self.held[f"authorisation {name}"]

    def actor(self, name: str) -> Actor:
        """Give the actor of this name, or the subject itself."""
        return ACTORS[name] if name in ACTORS else self.parties[name].itself

    def personas(self) -> Sequence[Persona]:
        """Give a persona for every actor but the anonymous one, for the development issuer."""
        actors = {**ACTORS, **{name: party.itself for name, party in self.parties.items()}}
        return [persona(name, actor) for name, actor in actors.items() if actor.role is not Role.ANONYMOUS]


def persona(name: str, actor: Actor) -> Persona:
    """Give *actor* as the issuer knows it: the claims of its tokens."""
    given = {"department": actor.department, "sector": actor.sector, "area": actor.area}
    given["subject"] = None if actor.subject is None else str(actor.subject)
    claims = {"sub": actor.ref, "roles": [actor.role.value]} | {k: v for k, v in given.items() if v is not None}
    return Persona(name, name, claims)


def new_keyring(folder: Path) -> Path:
    """Make a key file in *folder*; gives its path."""
    path = folder / "kek.key"
    Keyring.create(path, os.urandom)
    return path


@dataclass(slots=True)
class Ids:
    """New ids that are the same in every run, so that pages come in the same order."""

    taken: int = 0

    def __call__(self) -> UUID:
        self.taken += 1
        return uuid5(NAMESPACE, str(self.taken))


def moment(new_id: Callable[[], UUID], at: datetime = NOW) -> ActionContext:
    return action_context(at, new_id)


KINDS: Mapping[str, tuple[SubjectKind, str, tuple[str, str]]] = {
    # Kind: what it is, how its code begins, and the names of the one in each sub-district.
    "person": (SubjectKind.NATURAL_PERSON, "", ("演示甲", "演示丙")),
    "company": (SubjectKind.LEGAL_PERSON, "91", ("演示商贸有限公司", "演示物业有限公司")),
    "trader": (SubjectKind.SOLE_TRADER, "92", ("临淄区演示乙小吃店", "临淄区演示丁理发店")),
    "club": (SubjectKind.OTHER_ORGANISATION, "51", ("演示邻里互助会", "演示书画社")),
}


def particulars(kind: str, place: int, area: str, serial: int = 0) -> dict[str, Any]:
    """Give what is registered of the *serial*-th subject of a kind in the sub-district: in clear, and made up."""
    what, prefix, names = KINDS[kind]
    if what is SubjectKind.NATURAL_PERSON:
        number = id_number(area=DISTRICT, born=f"190{place}0203", sequence=f"{990 - serial:03}")
    else:
        number = social_credit_code(prefix, DISTRICT, f"MA{place}{kind[0].upper()}{serial:04}")
    return {
        "kind": what,
        "name": names[place - 1] if serial == 0 else f"演示戊{_letter(serial)}",
        "number": number,
        "area_code": area,
        "phone": f"1390{place}{len(kind)}{serial:05}",
        "address": f"临淄区{AREAS[area]}示例路{place}{serial:03}号",
    }


def _letter(serial: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(serial))


def enrol(keyring: Keyring, new_id: Callable[[], UUID], by: str = "import", **given: Any) -> tuple[Party, NewSubject]:
    """Seal and mask a subject's particulars; gives its handle and what is to be registered."""
    accepted = register(areas=AREAS, today=TODAY, capacities=given.pop("capacities", Capacity(0)), **given)
    new = new_subject(accepted, keyring, area_name=AREAS[given["area_code"]], by=by, at=LONG_AGO, new_id=new_id)
    party = Party(
        new.subject_id, accepted.kind, given["area_code"], accepted.name, accepted.identifier.text,
        accepted.phone, accepted.address, new.key.wrapped,
    )  # fmt: skip
    return party, new


def case_row(
    keyring: Keyring, new_id: Callable[[], UUID], party: Party, number: str, **facts: Any
) -> tuple[Case, CaseRow]:
    """Seal a case's texts; it is in force in the market sector unless *facts* say otherwise."""
    case_id = new_id()
    case = Case(party.subject_id, case_id, number, f"{number} 的失信事实", f"{number} 的证据", f"{number} 的内部记录")
    texts = {
        item: sealed(
            keyring, party.wrapped, Place("restraint_cases", item, party.subject_id, case_id, 1), text, mask_text(text)
        )
        for item, text in (("facts", case.facts), ("evidence", case.evidence), ("notes", case.notes))
    }
    published = facts.pop("published_on", date(2026, 11, 2))
    row: dict[str, Any] = {
        "department_code": SCJG, "sector_code": MARKET, "area_code": party.area, "circumstance": "FALSE_MATERIAL",
        "channel": "FACT_FINDING", "basis": "临政管办发〔2022〕3号", "handler_ref": "handler-1",
        "collected_at": NOW - timedelta(days=40), "changed_at": NOW - timedelta(days=18),
        "determined_on": published, "published_on": published, "ends_on": published and period_end(published),
    }  # fmt: skip
    return case, CaseRow(subject_id=party.subject_id, case_id=case_id, number=number, **(row | texts | facts))


async def build_world(database: Database, keyring: Keyring) -> World:
    """Put the whole world on record."""
    world = World(keyring, Ids())
    await _reference(database)
    await _parties(database, world)
    await _cases(database, world)
    await _applications(database, world)
    await _promises(database, world)
    await _authorisations(database, world)
    await _delegations(database, world)
    await _notices(database, world)
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


async def _applications(database: Database, world: World) -> None:
    rows = []
    for serial, (name, (whose, facts)) in enumerate(APPLICATIONS.items(), start=1):
        held = Held(Entity.APPLICATION, world.party(whose).subject_id, world.new_id())
        world.held[f"application {name}"] = held
        plain = {
            "subject_id": held.subject_id, "application_id": held.row_id, "matter_code": "SCJG-01",
            "department_code": SCJG, "channel": "ORDINARY", "clerk_ref": "clerk-1", "accepted_at": None,
            "decided_at": None, "outcome": None, "confidential": False,
            "filed_at": NOW - timedelta(days=9, hours=serial),
        }  # fmt: skip
        rows.append({**plain, **facts})
    async with database.writing() as session:
        await session.execute(insert(tables.applications), rows)
        await session.execute(insert(tables.credit_checks), _check(world, world.application("decided")))
        await session.execute(insert(tables.incentive_grants), _granted(world, world.application("decided")))


def _check(world: World, application: Held) -> dict[str, Any]:
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


async def _promises(database: Database, world: World) -> None:
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


async def _authorisations(database: Database, world: World) -> None:
    asked_at = NOW - timedelta(days=12)
    for state, (whose, bounds) in AUTHORISATIONS.items():
        party = world.party(whose)
        held = await ask_for(database, world, party, bounds, at=asked_at, paper=state == "contested")
        world.held[f"authorisation {state}"] = held
        for act in ANSWERS.get(state, ()):
            await answer(database, world, held, act, at=asked_at + timedelta(hours=1))
    used = world.authorisation("used up")
    recorder = GroupCommitRecorder(database)
    await recorder.record([], [(used.subject_id, used.row_id)], today=TODAY)
    await recorder.close()


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


async def live_authorisation(
    database: Database, world: World, party: Party, bounds: Bounds | None = None, by: Actor = ACTORS["clerk"]
) -> Held:
    """Ask and grant at once: for CREDIT_CHECK, or CONSULTATION where an association asks."""
    purpose = Purpose.CONSULTATION if by.role is Role.ASSOCIATION else Purpose.CREDIT_CHECK
    plain = Bounds(expires_on=TODAY + timedelta(days=7), uses=3)
    held = await ask_for(database, world, party, bounds or plain, by=by, purpose=purpose)
    await answer(database, world, held, "grant")
    return held


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
