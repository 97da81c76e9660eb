"""What may differ between two databases, and who may notice: a table to be read against the rules, clause by clause.

A variation changes one thing. Its observers are all who see a difference, read off the rules by hand; to everybody
else the two databases are the same to the byte. `confidential` and the like have no observer at all.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, select, update

from credit.subjects.subject import Place
from policy.actors import Actor, Role
from policy.crypto.masking import mask_text, masks_for
from queryplan.entities import Entity
from storage import tables
from storage.database.database import Database
from storage.unit_of_work import SqlUnitOfWork
from tests import builders
from tests.builders import (
    ACTORS,
    AREAS,
    GUILD,
    HEALTH,
    MARKET,
    NOW,
    SCJG,
    TODAY,
    WENSHAO,
    WJJ,
    Bounds,
    Held,
    World,
    case_row,
    enrol,
    particulars,
)
from tests.credit.subjects.synthetic_numbers import id_number
from tests.storage import rows

OFFICERS: Mapping[str, Actor] = {
    **ACTORS,
    "handler of health": Actor("handler-5", Role.HANDLER, WJJ),
    "head of health": Actor("head-2", Role.HEAD, WJJ),
    "second agent": Actor("agent-2", Role.AGENT),
}
"""Who asks, besides subjects. The second agent is a delegate of company-1, the first one of person-1."""
SUBJECTS = ("person-1", "person-2", "company-1", "club-1")

DEPARTMENT = frozenset(
    {"handler DETERMINATION", "other handler DETERMINATION", "head DETERMINATION", "head SUPERVISION"}
)
HEALTH_DEPARTMENT = frozenset({
    "handler of health DETERMINATION", "head of health DETERMINATION", "head of health SUPERVISION",
})  # fmt: skip
ABOVE = frozenset({"office SUPERVISION", "auditor AUDIT"})
OFFICE = frozenset({"office SUPERVISION"})
AUDITOR = frozenset({"auditor AUDIT"})
PERSON_1 = frozenset({"person-1 SELF_ACCESS", "agent SELF_ACCESS"})
PERSON_2 = frozenset({"person-2 SELF_ACCESS"})
COMPANY_1 = frozenset({"company-1 SELF_ACCESS", "second agent SELF_ACCESS"})
REVIEWER = frozenset({"reviewer REVIEW"})
SUPERVISORS = frozenset({"regulator FOCUSED_CHECK", "regulator of wenshao FOCUSED_CHECK"})
SUPERVISORS_OF_HEALTH = frozenset({"regulator of health FOCUSED_CHECK"})
PLATFORM = frozenset({"platform PLATFORM_EXCHANGE"})
PUBLIC = frozenset({"anonymous PUBLICITY", "handler PUBLICITY"})
CREDIT_CHECK = frozenset({"clerk CREDIT_CHECK"})
"""The window with the live authorisation of company-1."""
WINDOW = frozenset({"clerk APPLICATION_HANDLING", "handler APPLICATION_HANDLING", "other handler APPLICATION_HANDLING"})
OTHER_WINDOW = frozenset({"other clerk APPLICATION_HANDLING", "handler of health APPLICATION_HANDLING"})
ASSOCIATION = frozenset({"association CONSULTATION"})
NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class Change:
    """A database that nobody else has open, with its world, to be changed in one place."""

    database: Database
    world: World

    async def insert(self, *more: tuple[Table, Mapping[str, Any]]) -> None:
        async with self.database.writing() as session:
            for table, row in more:
                await session.execute(insert(table), dict(row))

    async def update(self, table: Table, row_id: Mapping[str, object], **values: object) -> None:
        async with self.database.writing() as session:
            where = [table.c[name] == value for name, value in row_id.items()]
            assert await session.execute(update(table).where(*where).values(**values)) == 1

    async def case(self, name: str, whose: str, more: Mapping[str, object] = {}, **facts: Any) -> None:
        """Add a case of the department by handler-2; *more* are columns that an import does not write."""
        plain = {"handler_ref": "handler-2", "published_on": None, "collected_at": NOW - timedelta(days=6),
                 "changed_at": NOW - timedelta(days=4)}  # fmt: skip
        given = plain | facts
        if given["published_on"] is None:
            given = {"determined_on": None, "ends_on": None} | given
        case, row = case_row(self.world.keyring, self.world.new_id, self.world.party(whose), f"案-9{name}", **given)
        self.world.cases[name] = case
        async with SqlUnitOfWork(self.database) as work:
            await work.cases.add([row])
            await work.commit()
        if more:
            await self.update(tables.restraint_cases, {"case_id": case.case_id}, **more)

    async def text(self, which: str, item: str, text: str) -> None:
        """Replace a sealed text of a case by another with the same mask."""
        case, keyring = self.world.case(which), self.world.keyring
        party = next(one for one in self.world.parties.values() if one.subject_id == case.subject_id)
        place = Place("restraint_cases", item, case.subject_id, case.case_id, 1)
        box = keyring.seal(text, place, party.wrapped)
        assert mask_text(text) == mask_text(getattr(case, item))
        await self.update(tables.restraint_cases, {"case_id": case.case_id}, **{f"{item}_sealed": box})

    async def particulars(self, whose: str, **other: str) -> None:
        """Replace a particular of a subject by another with the same mask; its number is found under the new one."""
        party, keyring = self.world.party(whose), self.world.keyring
        old = {"name": party.name, "number": party.number, "phone": party.phone, "address": party.address}
        area = AREAS[party.area]
        before, after = (masks_for(party.kind, area_name=area, **each) for each in (old, old | other))
        assert before == after
        for item, text in other.items():
            if item == "number":
                await self._number(party, text)
                continue
            place = Place("subjects", item, party.subject_id, party.subject_id, 1)
            box = keyring.seal(text, place, party.wrapped)
            await self.update(tables.subjects, {"subject_id": party.subject_id}, **{f"{item}_sealed": box})

    async def _number(self, party: builders.Party, number: str) -> None:
        own = {"subject_id": party.subject_id}
        wanted = select(tables.identifiers.c.identifier_id).where(tables.identifiers.c.subject_id == party.subject_id)
        ((row_id,),) = await self.database.fetch(wanted)
        place = Place("identifiers", "number", party.subject_id, row_id, 1)
        box = self.world.keyring.seal(number, place, party.wrapped)
        term = self.world.keyring.term(party.number_kind, number)
        await self.update(tables.identifiers, own, number_sealed=box)
        await self.update(tables.identifier_terms, own, term=term)
        self.world.parties[f"{number} of another"] = replace(party, number=number)

    def hold(self, name: str, entity: Entity, whose: str, row_id: UUID) -> dict[str, Any]:
        """Give the key of a new record of a subject, which the world knows by *name* from now on."""
        held = self.world.held[name] = Held(entity, self.world.party(whose).subject_id, row_id)
        return {"subject_id": held.subject_id}


Vary = Callable[[Change], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Variation:
    """One thing that differs, the clauses that say who sees it, and these observers."""

    name: str
    clause: str
    seen_by: frozenset[str]
    vary: Vary


def _case(name: str, **facts: Any) -> Vary:
    whose, more = facts.pop("whose", "company-1"), facts.pop("more", {})
    return lambda change: change.case(name, whose, more, **facts)


VERIFIED = {"verified_at": NOW - timedelta(days=5)}
NOTICED = VERIFIED | {"noticed_on": date(2026, 11, 16), "served_on": date(2026, 11, 16)}
STATED = NOTICED | {"stated_on": date(2026, 11, 17)}
REVIEWED = STATED | {"reviewed_on": date(2026, 11, 18)}
IN_FORCE = {"published_on": date(2026, 11, 16)}
OF_HEALTH = {"department_code": WJJ, "sector_code": HEALTH, "handler_ref": "handler-5"}
EVERYWHERE = DEPARTMENT | ABOVE | COMPANY_1 | CREDIT_CHECK | SUPERVISORS | PLATFORM | PUBLIC

CASES = (
    # An accusation is known to the authority, its supervision, and after the notice to its subject [5.1.4(2)].
    Variation("a case that is collected", "5.1.3 5.1.4(2)", DEPARTMENT | ABOVE, _case("collected")),
    Variation("a case that is verified", "5.1.4(1) 5.1.4(2)", DEPARTMENT | ABOVE, _case("verified", **VERIFIED)),
    Variation("a case that its subject was notified of", "5.1.4(2)", DEPARTMENT | ABOVE | COMPANY_1,
              _case("noticed", **NOTICED)),
    Variation("a case under review", "5.1.4(4)", DEPARTMENT | ABOVE | COMPANY_1 | REVIEWER,
              _case("reviewing", reviewer_ref="reviewer-1", **STATED)),
    Variation("a case dropped before the notice", "5.1.4(2)", DEPARTMENT | ABOVE,
              _case("dropped", dropped_on=date(2026, 11, 18), **VERIFIED)),
    Variation("a case dropped by its review", "5.1.4(4)", DEPARTMENT | ABOVE | COMPANY_1,
              _case("dropped later", dropped_on=date(2026, 11, 18), more={"review_outcome": "DROPPED"}, **REVIEWED)),
    Variation("a case referred to an administrative penalty", "5.1.2", DEPARTMENT | ABOVE | COMPANY_1,
              _case("referred", referred_on=date(2026, 11, 18), **NOTICED)),
    Variation("a case determined and not yet published", "5.1.5", DEPARTMENT | ABOVE | COMPANY_1,
              _case("determined", determined_on=date(2026, 11, 19), **NOTICED)),
    # A restraint in force is known to who has to act on it, and listed; what has ended is neither shared nor used.
    Variation("a restraint in force", "4.1 5.1.5 5.2.2", EVERYWHERE, _case("more", **IN_FORCE)),
    Variation("a restraint that is not listed", "5.1.5", EVERYWHERE - PUBLIC,
              _case("unlisted", more={"unlisted": True}, **IN_FORCE)),
    Variation("a restraint whose listing has ended", "5.1.5", EVERYWHERE - PUBLIC,
              _case("listed once", more={"listed_until": date(2026, 11, 19)}, **IN_FORCE)),
    Variation("a restraint that rests for a review", "5.1.4(3)", DEPARTMENT | ABOVE | COMPANY_1,
              _case("paused", more={"paused_on": date(2026, 11, 19), "stated_on": date(2026, 11, 17)}, **IN_FORCE)),
    Variation("a restraint that has ended and is repaired", "5.1.5", DEPARTMENT | ABOVE | COMPANY_1,
              _case("ended", published_on=date(2026, 3, 3), rectified_on=date(2026, 4, 1))),
    Variation("a restraint that was removed", "5.1.4(6)", DEPARTMENT | ABOVE | COMPANY_1,
              _case("removed", published_on=date(2026, 9, 2), removed_on=date(2026, 9, 20))),
    # Of another department and sector.
    Variation("a case that another department collected", "5.1.1 5.2.2", HEALTH_DEPARTMENT | ABOVE,
              _case("of health", **OF_HEALTH)),
    Variation("a restraint in force of another sector", "5.1.1 5.2.2",
              HEALTH_DEPARTMENT | ABOVE | COMPANY_1 | CREDIT_CHECK | SUPERVISORS_OF_HEALTH | PLATFORM | PUBLIC,
              _case("in force of health", **OF_HEALTH, **IN_FORCE)),
    # A record that touches state secrets is shown by no interface.
    Variation("a confidential case that is collected", "5.1.6", NOBODY, _case("secret", confidential=True)),
    Variation("a confidential case under review", "5.1.6", NOBODY,
              _case("secret review", reviewer_ref="reviewer-1", confidential=True, **STATED)),
    Variation("a confidential restraint in force", "5.1.6", NOBODY,
              _case("secret restraint", whose="person-1", confidential=True, **IN_FORCE)),
)  # fmt: skip

ASSIGNED_2 = frozenset({"handler DETERMINATION", "handler of health DETERMINATION"})
"""The handlers of the two cases of person-2: handler-1 and handler-5."""
NAMED_2 = (
    (DEPARTMENT | HEALTH_DEPARTMENT) - {"head SUPERVISION", "head of health SUPERVISION"}
    | OTHER_WINDOW | SUPERVISORS_OF_HEALTH | {"regulator FOCUSED_CHECK"} | PLATFORM | PERSON_2
)  # fmt: skip
TRIED_2 = (
    (DEPARTMENT | HEALTH_DEPARTMENT) - {"head SUPERVISION", "head of health SUPERVISION"}
    | OTHER_WINDOW
)  # fmt: skip
"""Who may find person-2 by its number: with the number in hand, in its own scope [4.2] [5.1.3]."""

PARTICULARS = (
    Variation("another name with the same mask", "4.2 5.1.3 5.2.2 5.1.6", NAMED_2,
              lambda change: change.particulars("person-2", name="演示寅")),
    Variation("another number with the same mask", "5.1.3 5.1.4(5) 5.1.6", ASSIGNED_2 | PLATFORM | PERSON_2 | TRIED_2,
              lambda change: change.particulars("person-2", number=OTHER_NUMBER)),
    Variation("another telephone with the same mask", "5.1.4(2) 5.1.6", ASSIGNED_2 | PERSON_2,
              lambda change: change.particulars("person-2", phone="13988888800")),
    Variation("another address in the same township", "5.1.4(2) 5.2.2 5.1.6", ASSIGNED_2 | PLATFORM | PERSON_2,
              lambda change: change.particulars("person-2", address="临淄区雪宫街道示例路9999号")),
    Variation("other facts", "5.1.3 5.1.4(4) 5.2.2 5.1.6",
              {"handler DETERMINATION"} | SUPERVISORS | PLATFORM | PERSON_1,
              lambda change: change.text("in-force", "facts", "案-001 的别样事实")),
    Variation("other facts of a case that is not determined", "5.1.3 5.1.4(3) 5.1.6",
              {"other handler DETERMINATION"} | PERSON_1,
              lambda change: change.text("unpublished", "facts", "案-009 的别样事实")),
    Variation("other evidence", "5.1.1 5.1.4(4)", {"handler DETERMINATION"},
              lambda change: change.text("in-force", "evidence", "案-001 的凭据")),
    Variation("other internal notes", "5.1.1 5.1.4(4)", {"handler DETERMINATION"},
              lambda change: change.text("in-force", "notes", "案-001 的别样记录")),
)  # fmt: skip


async def _refused(change: Change) -> None:
    held = change.world.authorisation("requested")
    await builders.answer(change.database, change.world, held, "refuse", at=NOW - timedelta(days=1))


async def _asked(change: Change) -> None:
    bounds = Bounds(expires_on=TODAY + timedelta(days=7), uses=3)
    world, other = change.world, ACTORS["other clerk"]
    at = NOW - timedelta(days=2)
    world.held["asked"] = await builders.ask_for(
        change.database, world, world.party("person-1"), bounds, by=other, at=at
    )


def _registered(by: str, serial: int) -> Vary:
    async def vary(change: Change) -> None:
        given = particulars("person", 1, WENSHAO, serial)
        change.world.parties[f"one more, by {by}"], new = enrol(
            change.world.keyring, change.world.new_id, by=by, **given
        )
        async with SqlUnitOfWork(change.database) as work:
            await work.subjects.register_all([new])
            await work.commit()

    return vary


def _filed(**facts: Any) -> Vary:
    async def vary(change: Change) -> None:
        row_id = change.world.new_id()
        own = change.hold(f"one more application {facts}", Entity.APPLICATION, "company-1", row_id)
        row = {"application_id": row_id, "matter_code": "WJJ-01", "department_code": WJJ, "clerk_ref": "clerk-2",
               "filed_at": NOW - timedelta(days=2)}  # fmt: skip
        await change.insert((tables.applications, own | row | facts))

    return vary


async def _read(change: Change) -> None:
    row_id = change.world.new_id()
    own = change.hold("one more entry", Entity.ACCESS_ENTRY, "person-2", row_id)
    at = NOW - timedelta(days=2)
    table, row = rows.access_entry(
        "one", "one", entry_id=row_id, department_code=SCJG, at=at, read_id=row_id, actor_ref="clerk-7"
    )
    await change.insert((table, dict(row) | own))


async def _delegated(change: Change) -> None:
    row_id = change.world.new_id()
    own = change.hold("one more delegation", Entity.DELEGATION, "person-1", row_id)
    table, row = rows.delegation("one", "one", delegation_id=row_id, delegate_ref="agent-2")
    await change.insert((table, dict(row) | own))


def _about(case: str, entity: Entity, which: tuple[Table, Mapping[str, Any]], key: str, **more: Any) -> Vary:
    """Add a record of a case, whose own id is the column *key*."""

    async def vary(change: Change) -> None:
        of, row_id = change.world.case(case), change.world.new_id()
        whose = next(name for name, one in change.world.parties.items() if one.subject_id == of.subject_id)
        own = change.hold(f"one more {entity} {row_id}", entity, whose, row_id) | {"case_id": of.case_id, key: row_id}
        table, row = which
        known = {name: value for name, value in (own | {"department_code": SCJG} | more).items() if name in table.c}
        if "record_id" in table.c:
            known["record_id"] = of.case_id
        await change.insert((table, dict(row) | known))

    return vary


async def _issued(change: Change) -> None:
    case, row_id = change.world.case("in-force"), change.world.new_id()
    own = change.hold("one more document", Entity.ISSUED_NOTICE, "person-1", row_id)
    place = Place("issued_notices", "pdf", case.subject_id, row_id, 1)
    box = change.world.keyring.seal("5paH5Lmm", place, change.world.party("person-1").wrapped)
    table, row = rows.issued_notice("one", "one", "case", notice_id=row_id, case_id=case.case_id, pdf_sealed=box)
    await change.insert((table, dict(row) | own | {"department_code": SCJG}))


async def _consulted(change: Change) -> None:
    whole, line = change.world.new_id(), change.world.new_id()
    own = change.hold("one more line", Entity.CONSULTATION_LINE, "company-1", line)
    asked = rows.filled(tables.consultations, "one", consultation_id=whole, recipient_code=GUILD, kind="AWARD",
                        recipient_kind="ASSOCIATION", at=NOW - timedelta(days=2), occasion="评优", names=1)  # fmt: skip
    table, row = rows.filled(tables.consultation_lines, "one", line_id=line, consultation_id=whole, kind="AWARD",
                             recipient_code=GUILD, at=NOW - timedelta(days=2), line=1)  # fmt: skip
    await change.insert(asked, (table, dict(row) | own))


async def _visited(change: Change) -> None:
    row_id = change.world.new_id()
    own = change.hold("one more check", Entity.FOCUSED_CHECK, "person-1", row_id)
    table, row = rows.filled(tables.focused_checks, "one", check_id=row_id, sector_code=MARKET, area_code=WENSHAO,
                             checked_on=TODAY - timedelta(days=1), recorded_at=NOW - timedelta(days=1))  # fmt: skip
    await change.insert((table, dict(row) | own))


async def _checked(change: Change) -> None:
    held, row_id = change.world.application("of person-1"), change.world.new_id()
    own = change.hold("one more credit check", Entity.CREDIT_CHECK, "person-1", row_id)
    row = builders._check(change.world, held) | {"check_id": row_id}
    await change.insert((tables.credit_checks, row | own))


def _told(audience: str, whose: str, **about: Any) -> Vary:
    async def vary(change: Change) -> None:
        row_id = change.world.new_id()
        own = change.hold(f"one more notification, {audience}", Entity.NOTIFICATION, whose, row_id)
        case = change.world.case("in-force")
        table, row = rows.filled(
            tables.notifications, "one", notification_id=row_id, audience=audience, topic="CASE_NOTICED",
            at=NOW - timedelta(days=1), department_code=SCJG, case_id=case.case_id,
        )  # fmt: skip
        await change.insert((table, dict(row) | own | about))

    return vary


async def _failed(change: Change) -> None:
    table, row = rows.filled(
        tables.outbox, "one", route="platform", dead_at=NOW, failure="REFUSED", created_at=NOW - timedelta(days=1)
    )
    await change.insert((table, row))


RECORDS = (
    # A refusal looks to everybody else like a request that nobody has answered.
    Variation("a request that was refused", "5.1.6", PERSON_2, _refused),
    Variation("a request for an authorisation", "5.1.6",
              {"other clerk CREDIT_CHECK", "head of health CONSULTATION"} | PERSON_1 | AUDITOR, _asked),
    # That somebody is on record is told to nobody.
    Variation("one subject more", "5.1.6", NOBODY, _registered("import", 7)),
    # A department may begin a case with its own applicant: with the number in hand it finds that one.
    Variation("an application at another window", "4.2 5.1.3",
              OTHER_WINDOW | COMPANY_1 | {"handler of health DETERMINATION", "head of health DETERMINATION"}, _filed()),
    Variation("a confidential application", "5.1.6", NOBODY, _filed(confidential=True)),
    Variation("a read of another's data", "5.1.6", PERSON_2 | AUDITOR, _read),
    # A delegate sees its own delegations, not who else acts for the subject.
    Variation("one delegate more", "5.1.6", {"person-1 SELF_ACCESS", "second agent SELF_ACCESS"}, _delegated),
    Variation("an objection", "5.1.4(6) 6.1", DEPARTMENT | OFFICE | PERSON_1,
              _about("in-force", Entity.OBJECTION, rows.objection("one", "one", "case"), "objection_id")),
    Variation("a correction that is due", "5.1.4(6)", DEPARTMENT | REVIEWER | OFFICE | PERSON_1,
              _about("in-force", Entity.CORRECTION, rows.correction("one", "one", "case"), "correction_id")),
    Variation("a statement in defence", "5.1.4(3) 5.1.4(4)", {"other handler DETERMINATION"} | PERSON_1,
              _about("unpublished", Entity.CASE_STATEMENT, rows.case_statement("one", "one", "case"), "statement_id")),
    Variation("a step of a case", "5.1.4 6.1", DEPARTMENT | REVIEWER | OFFICE | PERSON_1,
              _about("in-force", Entity.CASE_STEP, rows.case_step("one", "one", "case"), "step_id")),
    Variation("a step that marked the case confidential, since lifted", "5.1.6", DEPARTMENT | REVIEWER | OFFICE,
              _about("in-force", Entity.CASE_STEP, rows.case_step("one", "one", "case", step="MARKED"), "step_id")),
    Variation("a document of a case", "A 5.1.4(2)", {"handler DETERMINATION"} | REVIEWER | PERSON_1,
              _issued),
    Variation("a consultation about a company", "5.2.3 5.1.6", ASSOCIATION | COMPANY_1, _consulted),
    Variation("a visit by a supervisor", "5.2.2 5.1.6", SUPERVISORS | PERSON_1, _visited),
    Variation("a credit check that is kept with an application", "4.1", WINDOW | CREDIT_CHECK | PERSON_1, _checked),
    Variation("a notification to a subject", "5.1.6", PERSON_1, _told("SUBJECT", "person-1")),
    Variation("a notification to the authority", "5.1.4",
              {"handler DETERMINATION", "head DETERMINATION"}, _told("DEPARTMENT", "person-1")),
    Variation("a message that the platform did not take", "6.2", OFFICE, _failed),
)  # fmt: skip

OTHER_NUMBER = next(
    number
    for number in (id_number(born="19020203", sequence=f"{sequence:03}") for sequence in range(960, 900, -1))
    if number[-1] == particulars("person", 2, builders.XUEGONG)["number"][-1]
)
VARIATIONS = (*CASES, *PARTICULARS, *RECORDS)
