"""Writes the demo's district to the database: sealed, masked and indexed like real data, in one transaction.

The same seed on the same day gives the same district, ids included; only keys, nonces and salts differ. A second run
does nothing: a database that holds any data is never seeded.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter
from random import Random
from typing import Any, TypeVar
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Table as SqlTable
from sqlalchemy import case, func, insert, or_, select, update

from consent.disclosures.formats import Disclosure
from consent.leaves.provenance import Provenance
from consent.ledger.system_entries import ReferenceData
from consent.templates import Templates
from consent.vocabulary import Channel, KnownBy
from credit.calendar.calendar import shipped
from credit.cases.case import RemovalCause, ReviewOutcome, ServiceMeans
from credit.core.recorded_step import SALT_BYTES, RecordedStep
from credit.subjects.registration_record import RegistrationChannel, RegistrationRecord
from credit.subjects.subject import Place
from credit.subjects.subject import SealedText as Sealed
from gateway.demo.district.district import area_rows, department_rows, sector_rows
from gateway.demo.district.matters import matter_rows
from gateway.demo.district.people import AREA_NAMES, Person, people
from gateway.demo.records.access_entries import Reads
from gateway.demo.records.applications import DemoApplication, applications
from gateway.demo.records.cases import BASIS, DemoCase, cases
from gateway.demo.records.consents import Makers, consents
from gateway.demo.records.steps import legal_document, steps_of_application, steps_of_case
from gateway.demo.seed.in_memory_work import InMemoryUnitOfWork
from gateway.demo.seed.seeded_random import from_seed, new_id
from gateway.demo.seed.well_known_ids import PLATFORM
from gateway.demo.stories.all_stories import stories
from gateway.demo.stories.story_runner import StoryRunner, whole
from gateway.notices.service import NoticeIssuer
from gateway.subjects.seal_registration import new_subject, sealed
from gateway.subjects.sealing_unit_of_work import SealingUnitOfWork
from policy.actors import Role
from policy.crypto.keyring import Keyring
from policy.crypto.masking import mask_text
from policy.decisions import Decisions
from storage import tables
from storage.database.database import Database
from storage.database.session import Session
from storage.ledger.attestation.closing import close_before_anybody
from storage.ledger.system_entries import digest_of_rows, state
from storage.repositories.case_row import CaseRow
from storage.repositories.reference import everything
from storage.repositories.subjects.subjects import NewSubject

AT_ONCE = 500
"""How many rows are in one statement."""
SEALING, WRITING = "封存申报主体", "写入数据库"
REFERENCE_FIRST = (tables.sectors, tables.areas, tables.departments, tables.matters)
"""The tables that all others refer to."""
Row = TypeVar("Row")
Progress = Callable[[str, int, int], None]
"""Called with the stage, the number done and the total."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The services that seeding needs. *random* makes keys and salts, never shapes."""

    database: Database
    keyring: Keyring
    policy: Decisions
    templates: Templates
    random: Callable[[int], bytes]
    notices: NoticeIssuer | None = None
    """Makes documents; without it no document is made."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """The counts of the seeded tables."""

    departments: int
    matters: int
    subjects: int
    applications: int
    restraint_cases: int
    authorisations: int
    disclosures: int


def _no_progress(_what: str, _done: int, _all: int) -> None:
    """Ignore the progress."""


async def is_empty(database: Database) -> bool:
    """Whether the database holds no data."""
    async with database.snapshot() as session:
        looked = [await session.fetch(select(table).limit(1)) for table in (tables.subjects, tables.sectors)]
    return not any(looked)


async def seed(
    tools: Tools, *, count: int, seed_number: int, now: datetime, today: date, progress: Progress = _no_progress
) -> Seeded | None:
    """Write *count* subjects and everything about them; None where the database is not empty."""
    if not await is_empty(tools.database):
        return None
    district = await _make_district(tools, from_seed(seed_number), count, now, today, progress)
    rows = _rows(district)
    made_by = Provenance(Channel.COMMAND_LINE, KnownBy.OPERATOR, uuid5(NAMESPACE_OID, "chengxin demo seed"))
    async with SealingUnitOfWork(tools.database, tools.keyring, made_by) as work:
        written, total = 0, sum(map(len, [*rows.values(), district.subjects, district.cases, district.disclosures]))
        await close_before_anybody(work.session, now)
        for table in REFERENCE_FIRST:
            await work.session.execute(insert(table), rows.pop(table))
            there = await everything(work.session, table)
            stated = ReferenceData(now, table.name, len(there), digest_of_rows(there))
            await state(work.session, stated, table.name)
        for some in _chunks(district.subjects):
            await work.subjects.register_all(some)
            await work.subjects.record([_put_on_record(one, tools.random) for one in some])
            progress(WRITING, written := written + len(some), total)
        for cases_at_once in _chunks(district.cases):
            await work.cases.add(cases_at_once)
            progress(WRITING, written := written + len(cases_at_once), total)
        for table, of_table in rows.items():
            for rows_at_once in _chunks(of_table):
                await work.session.execute(insert(table), rows_at_once)
                progress(WRITING, written := written + len(rows_at_once), total)
        await _write_acts(work, district)
        for disclosures in _chunks(sorted(district.disclosures, key=attrgetter("at"))):
            await work.own_logs.append(disclosures)
            progress(WRITING, written := written + len(disclosures), total)
        await _decide(work.session)
        await stories(_story_runner(tools, district, work, now, today))
        counted = await _counted(work.session)
        await work.commit()
    progress(WRITING, total, total)
    return counted


async def _write_acts(work: SealingUnitOfWork, district: "_District") -> None:
    """Append the acts of the past, each with its entry of the ledger."""
    for events in _chunks(district.consent_work.events):
        await work.authorisations.append_events(events)
    for ends in _chunks(district.consent_work.recorded.events):
        await work.delegations.append_events(ends)
    for case_steps in _chunks(district.case_steps):
        await work.cases.append_all(case_steps)
    for steps in _chunks(district.application_steps):
        await work.applications.append_all(steps)


async def _decide(session: Session) -> None:
    """Set how each notice was served and what its review decided: the dates of a case do not say it."""
    row = tables.restraint_cases.c
    at_once, upheld = row.served_on == row.noticed_on, or_(row.dropped_on.is_(None), row.dropped_on != row.reviewed_on)
    means = case((at_once, ServiceMeans.ON_THE_SPOT.value), else_=ServiceMeans.BY_POST.value)
    outcome = case((upheld, ReviewOutcome.UPHELD.value), else_=ReviewOutcome.DROPPED.value)
    cases = update(tables.restraint_cases)
    await session.execute(cases.where(row.served_on.is_not(None)).values(service_means=means))
    await session.execute(cases.where(row.reviewed_on.is_not(None)).values(review_outcome=outcome))
    await session.execute(cases.where(row.removed_on.is_not(None)).values(removal=RemovalCause.WRONG.value))


async def _counted(session: Session) -> Seeded:
    """Count the rows, those of the stories included."""
    found = {}
    for field in fields(Seeded):
        [(found[field.name],)] = await session.fetch(
            select(func.count()).select_from(tables.metadata.tables[field.name])
        )
    return Seeded(**found)


def _story_runner(
    tools: Tools, district: "_District", work: SealingUnitOfWork, now: datetime, today: date
) -> StoryRunner:
    return StoryRunner(
        work=work,
        chance=district.chance,
        random=tools.random,
        now=now,
        today=today,
        calendar=whole(shipped(), today),
        templates=tools.templates,
        reads=district.reads,
        people={person.subject_id: person for person in district.people},
        notices=tools.notices,
    )


@dataclass(frozen=True, slots=True)
class _District:
    """The sealed data to write, and the random generator for the stories."""

    chance: Random
    people: Sequence[Person]
    reads: Reads
    subjects: Sequence[NewSubject]
    applications: Sequence[DemoApplication]
    cases: Sequence[CaseRow]
    case_steps: Sequence[RecordedStep]
    application_steps: Sequence[RecordedStep]
    consent_work: InMemoryUnitOfWork
    disclosures: Sequence[Disclosure]


async def _make_district(
    tools: Tools, chance: Random, count: int, now: datetime, today: date, progress: Progress
) -> _District:
    """Make the district in memory. The order of the draws is part of the meaning of a seed."""
    subjects = list(people(chance, count, now, today))
    new = []
    for done, person in enumerate(subjects, start=1):
        new.append(_sealed_subject(tools.keyring, chance, person))
        progress(SEALING, done, count)
    made_cases = list(cases(chance, shipped(), subjects, now, today))
    made_applications = list(applications(chance, subjects, made_cases, now))
    consent_work = await consents(Makers(chance, tools.random, tools.templates, now, today, shipped()), subjects)
    reads = Reads(chance, tools.random, tools.policy, now)
    read = list(reads.disclosures(subjects, made_cases, made_applications, consent_work.authorised.values()))
    keys = {one.subject_id: one.key.wrapped for one in new}
    case_rows = [_sealed_case(tools.keyring, keys[case.subject.subject_id], case) for case in made_cases]
    case_steps = [step for case in made_cases for step in steps_of_case(case, tools.random)]
    application_steps = [step for filed in made_applications for step in steps_of_application(filed, tools.random)]
    return _District(
        chance, subjects, reads, new, made_applications, case_rows, case_steps, application_steps, consent_work, read
    )


def _sealed_subject(keyring: Keyring, chance: Random, person: Person) -> NewSubject:
    ids = iter((person.subject_id, new_id(chance), uuid5(person.subject_id, "secret")))
    return new_subject(
        person.registration,
        keyring,
        area_name=AREA_NAMES[person.area_code],
        by="demo",
        at=person.registered_at,
        new_id=lambda: next(ids),
    )


def _put_on_record(subject: NewSubject, random: Callable[[int], bytes]) -> RegistrationRecord:
    """Return who put a demo person on record: the city's platform, before this district began."""
    return RegistrationRecord(
        subject_id=subject.subject_id,
        registration_id=uuid5(subject.subject_id, "registration"),
        at=subject.registered_at,
        actor_ref=PLATFORM,
        role=Role.PLATFORM.value,
        department_code=None,
        channel=RegistrationChannel.PLATFORM,
        case_id=None,
        salt=random(SALT_BYTES),
    )


def _sealed_case(keyring: Keyring, wrapped: bytes, case: DemoCase) -> CaseRow:
    subject_id, when = case.subject.subject_id, case.when

    def seal_text(column: str, text: str) -> Sealed | None:
        place = Place("restraint_cases", column, subject_id, case.case_id, 1)
        return sealed(keyring, wrapped, place, text, mask_text(text))

    return CaseRow(
        subject_id=subject_id,
        case_id=case.case_id,
        number=case.number,
        department_code=case.department.code,
        sector_code=case.department.sector_code,
        area_code=case.subject.area_code,
        circumstance=case.circumstance.value,
        channel=case.channel.value,
        basis=BASIS,
        handler_ref=case.handler_ref,
        reviewer_ref=case.reviewer_ref,
        changed_at=case.changed_at,
        facts=seal_text("facts", case.facts),
        evidence=seal_text("evidence", case.evidence) if when.verified_at else None,
        notes=seal_text("notes", case.notes) if when.verified_at else None,
        application_id=case.application_id,
        legal_document=legal_document(case),
        confidential=case.confidential,
        **{name: getattr(when, name) for name in when.__slots__},
    )


def _rows(district: _District) -> dict[SqlTable, list[dict[str, object]]]:
    """Return the rows of all other tables, in the order in which they can be written."""
    consent_work = district.consent_work
    return {
        tables.sectors: sector_rows(),
        tables.areas: area_rows(),
        tables.departments: department_rows(),
        tables.matters: matter_rows(),
        tables.applications: _columns(district.applications),
        tables.delegations: _columns(list(consent_work.recorded.held.values())),
        tables.authorisations: _columns(list(consent_work.authorised.values())),
    }


def _columns(made: Sequence[Any]) -> list[dict[str, object]]:
    """Return the rows of dataclasses whose fields have the names of the columns."""
    return [{field.name: getattr(one, field.name) for field in fields(one)} for one in made]


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]
