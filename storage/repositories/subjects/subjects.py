"""Subjects, their keys and their identifiers. All of it arrives sealed and masked: storage has no key."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import insert, select, tuple_
from sqlalchemy.exc import IntegrityError

from consent.leaves.registrations import registration_bytes
from credit.cases.status import UnrectifiedPolicy
from credit.core.values.identifiers import IdentifierKind
from credit.subjects.registration_record import RegistrationRecord
from credit.subjects.subject import Capacity, NamedSubject, Place, Sealed, SealedText, SubjectKind
from queryplan.entities import Entity
from queryplan.scopes import Scope
from storage.database.conflicts import is_duplicate
from storage.errors import SubjectAlreadyRegistered
from storage.queries.conditions.entry_delays import running_delay
from storage.queries.scopes import in_any
from storage.repositories.ledger_leaves import append_committed, ledger_of, stamped
from storage.repositories.rows import SqlRepository, attributes, field_names, in_parts, sealed_text_columns
from storage.repositories.subjects.subject_secrets import NewSecret, SubjectSecretRepository
from storage.tables import areas, identifier_terms, identifiers, registrations, subject_keys, subjects

Term = tuple[IdentifierKind, bytes]
NO_CAPACITY = Capacity(0)


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A subject's key, wrapped under the KEK of that name."""

    wrapped: bytes = field(repr=False)
    kek: str


@dataclass(frozen=True, slots=True)
class NewIdentifier:
    """An identifier to be registered, sealed at version 1.

    *term* is its blind index; *terms* are all versions that an earlier registration may have, including *term*.
    """

    identifier_id: UUID
    kind: IdentifierKind
    number: SealedText
    derived: bool
    term: bytes = field(repr=False)
    terms: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewSubject:
    """A subject to be registered, sealed at version 1."""

    subject_id: UUID
    kind: SubjectKind
    area_code: str
    name: SealedText
    phone: SealedText | None
    address: SealedText | None
    key: SubjectKey
    identifiers: tuple[NewIdentifier, ...]
    registered_at: datetime
    registered_by: str
    capacities: Capacity = NO_CAPACITY
    secret: NewSecret | None = None
    digests: Sequence[tuple[Place, bytes]] = ()
    """The keyed digests of its texts: the next entry about the subject commits to them."""


class SubjectRepository(SqlRepository):
    """The tables `subjects`, `subject_keys`, `identifiers` and `identifier_terms`."""

    async def register(self, new: NewSubject) -> None:
        """Register one subject; raises SubjectAlreadyRegistered where it, or one of its identifiers, is registered."""
        await self.register_all([new])

    async def register_all(self, new: Sequence[NewSubject]) -> None:
        """Register subjects in few round trips: all of them, or none of this transaction (SubjectAlreadyRegistered)."""
        known = [(one.kind, term) for subject in new for one in subject.identifiers for term in one.terms]
        if not new or await self.find_all(known):
            if new:
                raise SubjectAlreadyRegistered
            return
        try:
            await self._session.execute(insert(subjects), [_subject(subject) for subject in new])
            await self._session.execute(insert(subject_keys), [_key(subject) for subject in new])
            numbered = [(subject, one) for subject in new for one in subject.identifiers]
            if numbered:
                await self._session.execute(insert(identifiers), [_identifier(*pair) for pair in numbered])
                # In one order: two transactions that register the same people would else wait for each other.
                terms = sorted((_term(*pair) for pair in numbered), key=lambda row: cast("bytes", row["term"]))
                await self._session.execute(insert(identifier_terms), terms)
        except IntegrityError as error:
            # Another transaction has registered it since the search, or it is listed twice.
            if is_duplicate(error):
                raise SubjectAlreadyRegistered from None
            raise
        secrets = [subject.secret for subject in new if subject.secret is not None]
        await SubjectSecretRepository(self._session).store(secrets)
        ledger = ledger_of(self._session)
        for subject in new:
            for place, digest in subject.digests:
                ledger.note_sealed(subject.subject_id, f"{place.table}.{place.column}", place.row_id, digest)

    async def find(self, kind: IdentifierKind, terms: Collection[bytes]) -> UUID | None:
        """Find the subject with an identifier of *kind* under one of *terms*, the versions of its blind index."""
        found = await self.find_all([(kind, term) for term in terms])
        return next(iter(found.values()), None)

    async def find_all(self, terms: Sequence[Term]) -> Mapping[Term, UUID]:
        """Find the subjects of many terms at once; terms without a subject are left out."""
        found: dict[Term, UUID] = {}
        key = tuple_(identifier_terms.c.kind, identifier_terms.c.term)
        columns = select(identifier_terms.c.kind, identifier_terms.c.term, identifier_terms.c.subject_id)
        for part in in_parts(terms):
            rows = await self._session.fetch(columns.where(key.in_(part)))
            found.update({(IdentifierKind(kind), bytes(term)): subject_id for kind, term, subject_id in rows})
        return found

    async def named(self, subject_id: UUID) -> NamedSubject | None:
        """Return a subject with its sealed name; None where it does not exist."""
        row = subjects.c
        found = await self._session.fetch(
            select(row.kind, row.version, row.name_sealed, subject_keys.c.wrapped)
            .select_from(subjects.outerjoin(subject_keys, subject_keys.c.subject_id == row.subject_id))
            .where(row.subject_id == subject_id)
        )
        if not found:
            return None
        kind, version, name, wrapped = found[0]
        place = Place("subjects", "name", subject_id, subject_id, version)
        sealed = None if name is None or wrapped is None else Sealed(place, name, wrapped)
        return NamedSubject(subject_id, SubjectKind(kind), sealed)

    async def delay_of(self, subject_id: UUID, department: str | None, today: date) -> tuple[UUID, date] | None:
        """Return the running delay that covers a read of the subject by an officer of *department*, and its day."""
        columns = [running_delay(Entity.SUBJECT, subjects, name) for name in ("delay_id", "opens_on")]
        binds = {"actor_department": department, "today": today}
        found = await self._session.fetch(select(*columns).where(subjects.c.subject_id == subject_id), binds)
        return None if not found or found[0][0] is None else (found[0][0], found[0][1])

    async def area_names(self) -> Mapping[str, str]:
        """Return the district's areas, code to Chinese name."""
        rows = await self._session.fetch(select(areas.c.code, areas.c.name_zh))
        return {code: name for code, name in rows}  # noqa: C416 - a row of the database is no pair for the types

    async def is_within(
        self, subject_id: UUID, scopes: Iterable[Scope], unrectified: UnrectifiedPolicy, binds: Mapping[str, object]
    ) -> bool:
        """Return whether the subject is in one of *scopes* of the actor that *binds* tell of."""
        inside = in_any(scopes, Entity.SUBJECT, subjects, unrectified)
        found = select(subjects.c.subject_id).where(subjects.c.subject_id == subject_id, inside)
        return bool(await self._session.fetch(found, binds))

    async def record(self, records: Sequence[RegistrationRecord]) -> None:
        """Append who put subjects on record, each with its leaf in the log of the subject [5.1.6]."""
        if not records:
            return
        ledger = ledger_of(self._session)
        contents = [ledger.take_content(one.subject_id) for one in records]
        rows = [attributes(one, field_names(RegistrationRecord)) for one in records]
        await self._session.execute(
            insert(registrations), [row | stamped(ledger, content) for row, content in zip(rows, contents, strict=True)]
        )
        names = [name for name in field_names(RegistrationRecord) if name != "salt"]
        for one, row, content in zip(records, rows, contents, strict=True):
            written = registration_bytes(ledger.provenance, content, **{name: row[name] for name in names})
            append_committed(self._session, registrations, row, one.registration_id, written)

    async def key(self, subject_id: UUID) -> SubjectKey | None:
        """Load the wrapped key of a subject; None where it was shredded or never existed."""
        columns = subject_keys.c.wrapped, subject_keys.c.kek
        rows = await self._session.fetch(select(*columns).where(subject_keys.c.subject_id == subject_id))
        return SubjectKey(*rows[0]) if rows else None


def _subject(new: NewSubject) -> dict[str, object]:
    return {
        "subject_id": new.subject_id,
        "kind": new.kind,
        "capacities": new.capacities,
        "area_code": new.area_code,
        "version": 1,
        **sealed_text_columns(name=new.name, phone=new.phone, address=new.address),
        "registered_at": new.registered_at,
        "registered_by": new.registered_by,
        "changed_at": new.registered_at,
    }


def _key(new: NewSubject) -> dict[str, object]:
    key = {"wrapped": new.key.wrapped, "kek": new.key.kek}
    return {"subject_id": new.subject_id, "created_at": new.registered_at, **key}


def _identifier(new: NewSubject, one: NewIdentifier) -> dict[str, object]:
    return {
        "subject_id": new.subject_id,
        "identifier_id": one.identifier_id,
        "kind": one.kind,
        "version": 1,
        **sealed_text_columns(number=one.number),
        "derived": one.derived,
    }


def _term(new: NewSubject, one: NewIdentifier) -> dict[str, object]:
    return {"kind": one.kind, "term": one.term, "subject_id": new.subject_id}
