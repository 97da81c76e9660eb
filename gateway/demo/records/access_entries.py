"""The demo's access records: who read what in the last months, for which purpose and by which right [5.1.6].

The policy itself decides which fields a read shows, in which form and on which basis. So the demo's log contains only
what the gateway would have recorded.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from random import Random
from uuid import UUID

from consent.authorisation import Authorisation
from consent.disclosures.formats import Disclosure
from consent.vocabulary import GROUP_OF, Basis, Channel, FieldGroup, Form, KnownBy, Purpose
from credit.calendar.deadlines import civil_date
from credit.subjects.subject import SubjectKind
from gateway.demo.district.district import ASSOCIATION, DISTRICT, MARKET, OFFICE, PLATFORM
from gateway.demo.district.people import Person
from gateway.demo.records.applications import DemoApplication
from gateway.demo.records.cases import DemoCase
from gateway.demo.seed.seeded_random import new_id, some_hours_before
from gateway.demo.seed.well_known_ids import ASSOCIATION as ASSOCIATION_REF
from gateway.demo.seed.well_known_ids import CLERK, MYSELF, SUBJECT
from gateway.demo.seed.well_known_ids import OFFICE as OFFICE_REF
from gateway.demo.seed.well_known_ids import PLATFORM as PLATFORM_REF
from gateway.demo.seed.well_known_ids import REGULATOR as REGULATOR_REF
from gateway.uuid7 import time_ordered
from policy.actors import Actor, Role
from policy.decisions import Decisions, Withheld
from schema.core.ports import RequestOrigin, Runtime
from schema.execution.access_entries import Disclosed, DisclosureBuilder

EVERYTHING = ~FieldGroup(0)
DAYS_BACK = 120
"""How many days the log covers."""
TYPE_OF = {
    SubjectKind.NATURAL_PERSON: "NaturalPerson",
    SubjectKind.LEGAL_PERSON: "LegalPerson",
    SubjectKind.SOLE_TRADER: "SoleTrader",
    SubjectKind.OTHER_ORGANISATION: "OtherOrganisation",
}
OF_SUBJECT = ("name", "identifier", "phone", "address", "isRestrained")
OF_CASE = ("circumstance", "publishedOn", "endsOn", "status", "facts", "evidence", "internalNotes")
OF_APPLICATION = ("matter", "filedAt", "status")


@dataclass(frozen=True, slots=True)
class _Reader:
    """A reader: its role, its department, and its purpose."""

    ref: str
    role: Role
    department: str | None
    purpose: Purpose


Seeds = Callable[[int], bytes]
Shown = tuple[tuple[tuple[str, str, str], ...], Basis, str]


class Reads:
    """Makes access records as the policy decides them."""

    def __init__(self, chance: Random, seeds: Seeds, table: Decisions, now: datetime) -> None:
        self._chance, self._table, self._now = chance, table, now
        self._runtime = Runtime(
            now=lambda: now,
            today=civil_date,
            random=seeds,
            new_id=lambda: new_id(chance),
            new_entry_id=lambda at: time_ordered(at, chance.randbytes),
        )
        self._shown = cache(self._work_out)

    def disclosures(
        self,
        subjects: Sequence[Person],
        cases: Sequence[DemoCase],
        applications: Sequence[DemoApplication],
        authorisations: Iterable[Authorisation],
    ) -> Iterator[Disclosure]:
        """Yield every record: by authorisation, of cases, of applications, and of subjects who read their own data."""
        kinds = {person.subject_id: person.kind for person in subjects}
        for authorisation in authorisations:
            yield from self._consented(authorisation, kinds[authorisation.subject_id])
        for case in cases:
            if not case.confidential:
                yield from self._of_case(case)
        for application in applications:
            if not application.confidential:
                yield from self._of_application(application, kinds[application.subject_id])
        for person in self._chance.choices(subjects, k=len(subjects) // 4):
            yield self._disclosure(_self(person), person.subject_id, person.kind, OF_SUBJECT, at=self._recently())
        for person in subjects:
            if person.subject_id == MYSELF.subject_id:
                yield self._disclosure(_self(person), person.subject_id, person.kind, OF_SUBJECT, at=self._recently())

    def of_check(self, subject_id: UUID, kind: SubjectKind, at: datetime, authorisation_id: UUID) -> Disclosure:
        """Return the record of a credit check at the demo's window, which shows whether the subject is restrained."""
        reader = _Reader(CLERK, Role.CLERK, MARKET, Purpose.CREDIT_CHECK)
        return self._disclosure(reader, subject_id, kind, ("isRestrained",), at=at, authorisation_id=authorisation_id)

    def of_consultation(self, subject_id: UUID, kind: SubjectKind, at: datetime, authorisation_id: UUID) -> Disclosure:
        """Return the record of a reply to the demo's association, on an authorisation [5.2.3]."""
        reader = _Reader(ASSOCIATION_REF, Role.ASSOCIATION, ASSOCIATION, Purpose.CONSULTATION)
        return self._disclosure(reader, subject_id, kind, ("isRestrained",), at=at, authorisation_id=authorisation_id)

    def _consented(self, authorisation: Authorisation, kind: SubjectKind) -> Iterator[Disclosure]:
        """Yield one record for each use of an authorisation."""
        consulted = authorisation.recipient_code == ASSOCIATION
        role = Role.ASSOCIATION if consulted else Role.CLERK
        reader = _Reader(authorisation.requested_by, role, authorisation.recipient_code, authorisation.purpose)
        at = authorisation.granted_at or self._now
        for _ in range(authorisation.uses_made):
            at += timedelta(minutes=self._chance.randint(2, 30))
            yield self._disclosure(
                reader,
                authorisation.subject_id,
                kind,
                OF_SUBJECT,
                at=at,
                authorisation_id=authorisation.authorisation_id,
                groups=authorisation.groups,
            )

    def _of_case(self, case: DemoCase) -> Iterator[Disclosure]:
        person, chance = case.subject, self._chance
        department = case.department.code
        readers = [_Reader(case.handler_ref, Role.HANDLER, department, Purpose.DETERMINATION)] * chance.randint(1, 2)
        if case.reviewer_ref:
            readers.append(_Reader(case.reviewer_ref, Role.REVIEWER, department, Purpose.REVIEW))
        if case.restrains:
            readers.append(_regulator(case))
            readers.append(_Reader(PLATFORM_REF, Role.PLATFORM, PLATFORM, Purpose.PLATFORM_EXCHANGE))
            readers.append(_Reader(OFFICE_REF, Role.OFFICE, OFFICE, Purpose.SUPERVISION))
        for reader in readers:
            earliest = case.when.collected_at
            at = max(self._recently(), min(earliest + timedelta(hours=2), self._now))
            yield self._disclosure(reader, person.subject_id, person.kind, OF_SUBJECT, of_case=True, at=at)

    def _of_application(self, application: DemoApplication, kind: SubjectKind) -> Iterator[Disclosure]:
        if (self._now - application.filed_at).days > DAYS_BACK:
            return
        reader = _Reader(application.clerk_ref, Role.CLERK, application.department_code, Purpose.APPLICATION_HANDLING)
        at = min(application.filed_at + timedelta(minutes=self._chance.randint(1, 60)), self._now)
        yield self._disclosure(reader, application.subject_id, kind, OF_SUBJECT, of_application=True, at=at)

    def _disclosure(
        self,
        reader: _Reader,
        subject_id: UUID,
        kind: SubjectKind,
        names: Sequence[str],
        *,
        of_case: bool = False,
        of_application: bool = False,
        at: datetime,
        authorisation_id: UUID | None = None,
        groups: FieldGroup = EVERYTHING,
    ) -> Disclosure:
        fields = [f"{TYPE_OF[kind]}.{name}" for name in names]
        fields += [f"RestraintCase.{name}" for name in OF_CASE if of_case]
        fields += [f"Application.{name}" for name in OF_APPLICATION if of_application]
        shown, basis, citation = self._shown(reader.role, reader.purpose, tuple(fields), groups)
        document_hash = sha256(f"demo {reader.role} {reader.purpose}".encode()).hexdigest()
        delivered = reader.role is Role.PLATFORM
        known_by = KnownBy.CONFIGURED if delivered else KnownBy.DEMO_TOKEN
        actor = Actor(reader.ref, reader.role, reader.department, known_by=known_by)
        channel = Channel.DELIVERY if delivered else Channel.GRAPHQL
        origin = RequestOrigin(document_hash, channel, self._runtime.new_id())
        builder = DisclosureBuilder.of(self._runtime, actor, reader.purpose, origin, at)
        return builder.build_one([Disclosed(subject_id, basis, citation, authorisation_id, shown)])

    def _work_out(self, role: Role, purpose: Purpose, fields: tuple[str, ...], groups: FieldGroup) -> Shown:
        """Return the *fields* shown to the role for the purpose, and the right. Own rows are assumed."""
        shown, right = [], None
        for name in fields:
            data_class = self._table.classes[name]
            decision = self._table.read(role, purpose, data_class)
            if isinstance(decision, Withheld) or GROUP_OF.get(data_class, EVERYTHING) & ~groups:
                continue
            best = next((one for one in decision if one.form is Form.CLEAR), decision[0])
            right = right or (best.basis, best.citation)
            shown.append((name, data_class.value, best.form.value))
        basis, citation = right or (Basis.STATUTE, "")
        return tuple(shown), basis, citation

    def _recently(self) -> datetime:
        return some_hours_before(self._chance, self._now, days=(0, DAYS_BACK))


def _self(person: Person) -> _Reader:
    own = person.subject_id == MYSELF.subject_id
    return _Reader(SUBJECT if own else f"account-{person.subject_id}", Role.SUBJECT, None, Purpose.SELF_ACCESS)


def _regulator(case: DemoCase) -> _Reader:
    ref = REGULATOR_REF if case.department.code == MARKET else f"regulator-{DISTRICT}-{case.department.sector_code}"
    return _Reader(ref, Role.REGULATOR, case.department.code, Purpose.FOCUSED_CHECK)
