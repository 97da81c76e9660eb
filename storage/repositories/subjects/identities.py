"""The identity of a subject that is known without a key: its kind, its area, and its search term."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from credit.cases.refusals import NumberOfAnother
from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import SubjectKind, identifier_kind
from storage.database.conflicts import is_duplicate
from storage.repositories.rows import SqlRepository
from storage.repositories.subjects.subjects import SubjectRepository
from storage.tables import areas, identifier_terms, identifiers, subject_keys, subjects


@dataclass(frozen=True, slots=True)
class SubjectIdentity:
    """The kind and area of a subject; *identifier_id* is the row of the number that fits its kind."""

    subject_id: UUID
    kind: SubjectKind
    area_name: str
    identifier_id: UUID | None


class IdentityRepository(SqlRepository):
    """The plain columns of `subjects` and `identifiers`, and the blind index."""

    async def kind_of(self, subject_id: UUID) -> SubjectKind | None:
        """Return the kind of a subject, or None. It never changes, so nothing is locked."""
        rows = await self._session.fetch(select(subjects.c.kind).where(subjects.c.subject_id == subject_id))
        return SubjectKind(rows[0][0]) if rows else None

    async def load(self, subject_id: UUID) -> SubjectIdentity | None:
        """Return the identity of a subject, locked until this transaction ends, or None."""
        rows = await self._session.fetch(
            select(subjects.c.kind, areas.c.name_zh)
            .select_from(subjects.join(areas, areas.c.code == subjects.c.area_code))
            .where(subjects.c.subject_id == subject_id)
            .with_for_update(of=subjects)
        )
        if not rows:
            return None
        kind = SubjectKind(rows[0][0])
        fitting = identifiers.c.subject_id == subject_id, identifiers.c.kind == identifier_kind(kind).value
        found = await self._session.fetch(select(identifiers.c.identifier_id).where(*fitting))
        return SubjectIdentity(subject_id, kind, rows[0][1], found[0][0] if found else None)

    async def count(self) -> int:
        """Return how many subjects have a key."""
        return int((await self._session.fetch(select(func.count()).select_from(subject_keys)))[0][0])

    async def owner(self, kind: IdentifierKind, terms: Collection[bytes]) -> UUID | None:
        """Return the subject that has the number, under any version of its term."""
        return await SubjectRepository(self._session).find(kind, terms)

    async def renumber(self, known: SubjectIdentity, term: bytes, *, derived: bool) -> None:
        """Make *term* the only search term of this kind for the subject; raises NumberOfAnother."""
        kind = identifier_kind(known.kind).value
        own = identifier_terms.c.subject_id == known.subject_id, identifier_terms.c.kind == kind
        await self._session.execute(delete(identifier_terms).where(*own))
        row = {"kind": kind, "term": term, "subject_id": known.subject_id}
        try:
            await self._session.execute(insert(identifier_terms), row)
        except IntegrityError as error:
            # Another transaction has registered it since the search.
            if is_duplicate(error):
                raise NumberOfAnother from None
            raise
        await self._session.execute(
            update(identifiers)
            .where(identifiers.c.subject_id == known.subject_id, identifiers.c.identifier_id == known.identifier_id)
            .values(derived=derived)
        )
