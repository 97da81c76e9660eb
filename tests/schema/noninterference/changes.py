"""A change of a database in one place, and what a variation is: the change, its clause, and who may notice it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, insert, select, update

from credit.core.evidence_files import FileRecord, reference_of
from credit.core.values.document_numbers import number_key
from credit.subjects.subject import Place
from policy.crypto.masking import mask_text, masks_for
from queryplan.entities import Entity
from storage import tables
from storage.database.database import Database
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import AREAS, NOW, SCJG, TODAY, WENSHAO, Case, Held, Party, World, case_row, enrol, particulars
from tests.storage import rows

FORMER = "案-001 的旧事实一则"
PAST_YEAR = 2025
"""The year whose figures are asked."""


@dataclass(slots=True)
class Change:
    """A database that nobody else has open, with its world, to be changed in one place."""

    database: Database
    world: World

    async def insert(self, *more: tuple[Table, Mapping[str, Any]]) -> None:
        async with self.database.writing() as session:
            for table, row in more:
                await session.execute(insert(table), dict(row))
            await rows.count_days(session)

    async def update(self, table: Table, row_id: Mapping[str, object], **values: object) -> None:
        async with self.database.writing() as session:
            where = [table.c[name] == value for name, value in row_id.items()]
            assert await session.execute(update(table).where(*where).values(**values)) == 1
            await rows.count_days(session)

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
        if given.get("confidential"):
            await self._mark(case)

    async def _mark(self, case: Case) -> None:
        """Free the number of a confidential case, as the mark does."""
        taken = tables.taken_numbers.c
        async with self.database.writing() as session:
            await session.execute(delete(tables.taken_numbers).where(taken.number == number_key(case.number)))
        marked = f"M-{case.case_id.hex}"
        columns = {"number": marked, "number_key": number_key(marked), "marked_number": case.number}
        await self.update(tables.restraint_cases, {"case_id": case.case_id}, **columns)

    async def claimed(self, which: str) -> None:
        """Let the subject of a case have claimed within its period that it is rectified."""
        case_id, on = self.world.case(which).case_id, TODAY - timedelta(days=1)
        await self.update(tables.restraint_cases, {"case_id": case_id}, claimed_on=on, timely_claim_on=on)

    async def version(self, which: str, number: int) -> None:
        """Add a version of the facts of a case."""
        case, version_id = self.world.case(which), self.world.new_id()
        whose = self.owner(case.subject_id)
        own = {"version_id": version_id, "case_id": case.case_id, "number": number, "facts_mask": mask_text(FORMER),
               "facts_sealed": self.sealed("facts_versions", "facts", whose, version_id, FORMER)}  # fmt: skip
        await self.record(f"version {number} of {which}", Entity.FACTS_VERSION, whose,
                          rows.facts_version("one", "one", "case"), **own)  # fmt: skip

    async def step(self, which: str, whose: str, step: str, **facts: str) -> None:
        """Add a step of a case, with what it decided."""
        case = self.world.case(which)
        row = rows.case_step("one", "one", "case", step=step, facts=facts)
        own = {"case_id": case.case_id, "department_code": SCJG}
        await self.record(f"{step} of {which}", Entity.CASE_STEP, whose, row, **own)

    async def delay(self, which: str, whose: str, opens_on: date) -> UUID:
        """Add a delay of the entries of a case, with its step; give its id."""
        case, ordered = self.world.case(which), NOW - timedelta(days=2)
        acts = [{"at": ordered.isoformat(), "by": "head-1", "ground": "某法第一条", "opens_on": opens_on.isoformat()}]
        own = {
            "case_id": case.case_id,
            "department_code": SCJG,
            "ordered_at": ordered,
            "opens_on": opens_on,
            "acts": acts,
        }
        delay = rows.entry_delay("one", "one")
        delay_id = await self.record(f"delay of {which}", Entity.ENTRY_DELAY, whose, delay, **own)
        facts = {"delay_id": str(delay_id), "opens_on": opens_on.isoformat(), "ground": "某法第一条"}
        await self.step(which, whose, "ENTRIES_DELAYED", **facts)
        return delay_id

    async def entry(self, whose: str, **own: Any) -> None:
        """Add an entry of a read of somebody's data by another officer, two days ago."""
        plain = {"department_code": SCJG, "at": NOW - timedelta(days=2), "actor_ref": "clerk-7"}
        await self.record(f"one more entry of {whose} {own}", Entity.ACCESS_ENTRY, whose,
                          rows.access_entry("one", "one"), **(plain | own))  # fmt: skip

    async def text(self, which: str, item: str, text: str) -> None:
        """Replace a sealed text of a case by another with the same mask."""
        case, keyring = self.world.case(which), self.world.keyring
        party = self.world.party(self.owner(case.subject_id))
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

    async def _number(self, party: Party, number: str) -> None:
        own = {"subject_id": party.subject_id}
        wanted = select(tables.identifiers.c.identifier_id).where(tables.identifiers.c.subject_id == party.subject_id)
        ((row_id,),) = await self.database.fetch(wanted)
        place = Place("identifiers", "number", party.subject_id, row_id, 1)
        box = self.world.keyring.seal(number, place, party.wrapped)
        term = self.world.keyring.term(party.number_kind, number)
        await self.update(tables.identifiers, own, number_sealed=box)
        await self.update(tables.identifier_terms, own, term=term)
        self.world.parties[f"{number} of another"] = replace(party, number=number)

    async def record(
        self, name: str, entity: Entity, whose: str, which: tuple[Table, Mapping[str, Any]], **own: Any
    ) -> UUID:
        """Add a record of a subject, which the world knows by *name* from now on; *own* are its own columns."""
        table, row = which
        key = next(one.name for one in table.primary_key if one.name != "subject_id")
        held = self.hold(name, entity, whose, row_id := own.pop(key, None) or self.world.new_id())
        known = {column: value for column, value in own.items() if column in table.c}
        await self.insert((table, dict(row) | {key: row_id} | known | held))
        return row_id

    def sealed(self, table: str, item: str, whose: str, row_id: UUID, text: str) -> bytes:
        """Give *text* sealed for an item of a row of the first version."""
        party = self.world.party(whose)
        return self.world.keyring.seal(text, Place(table, item, party.subject_id, row_id, 1), party.wrapped)

    async def file(self, name: str, whose: str, of: FileRecord, record_id: UUID, *, by: str = "handler") -> None:
        """Attach one more file to a record; *by* is the role of who gave it."""
        file_id = self.world.new_id()
        (table, row), attached = rows.file("one", "one", of.value, "one")
        box = self.sealed("files", "content", whose, file_id, "5paH5Lmm")
        own = {"file_id": file_id, "reference": file_reference(file_id), "uploaded_as": by, "size": 6,
               "uploaded_at": NOW - timedelta(days=2), "content_sealed": box}  # fmt: skip
        await self.record(name, Entity.EVIDENCE_FILE, whose, (table, row), **own)
        bound = {"subject_id": self.world.party(whose).subject_id, "file_id": file_id, "record_id": record_id,
                 "attachment_id": self.world.new_id()}  # fmt: skip
        await self.insert((attached[0], dict(attached[1]) | bound))

    def owner(self, subject_id: UUID) -> str:
        """Give the name of a subject."""
        return next(name for name, one in self.world.parties.items() if one.subject_id == subject_id)

    def hold(self, name: str, entity: Entity, whose: str, row_id: UUID) -> dict[str, Any]:
        """Give the key of a new record of a subject, which the world knows by *name* from now on."""
        held = self.world.held[name] = Held(entity, self.world.party(whose).subject_id, row_id)
        return {"subject_id": held.subject_id}


APPLICANT = "applicant"


async def add_applicant(change: Change) -> None:
    """Add somebody of whom the department has an open application and nothing else: in all databases alike."""
    given = particulars("company", 1, WENSHAO, 8)
    world = change.world
    world.parties[APPLICANT], new = enrol(world.keyring, world.new_id, **given)
    async with SqlUnitOfWork(change.database) as work:
        await work.subjects.register_all([new])
        await work.commit()
    row_id = world.new_id()
    own = change.hold("application of the applicant", Entity.APPLICATION, APPLICANT, row_id)
    row = {"application_id": row_id, "matter_code": "SCJG-01", "department_code": SCJG, "clerk_ref": "clerk-1",
           "filed_at": NOW - timedelta(days=2)}  # fmt: skip
    await change.insert((tables.applications, own | row))


Vary = Callable[[Change], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Variation:
    """One thing that differs, the clauses that say who sees it, and these observers."""

    name: str
    clause: str
    seen_by: frozenset[str]
    vary: Vary
    widens: frozenset[str] = frozenset()
    """Who may see more of other records because of it: a delegate, those of the subject."""


def file_reference(file_id: UUID) -> str:
    """Give the reference of a file by its id: not a keyed hash of its bytes, but of the same form."""
    return reference_of(file_id.bytes)
