"""The check values of the keys of the key file, and samples of what is sealed and indexed under each key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, delete, func, select

from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import Place, Sealed
from storage.database.conflicts import insert_once
from storage.repositories.rows import SqlRepository
from storage.tables import identifier_terms, identifiers, key_checks, subject_keys

Name = tuple[str, str]
"""The kind and the name of a key."""
SAMPLES = 20
"""How many rows are tried for each key: a damaged one does not decide."""


@dataclass(frozen=True, slots=True)
class IndexedNumber:
    """A sealed identifier, and the search term that finds it."""

    kind: IdentifierKind
    term: bytes
    number: Sealed


class KeyCheckRepository(SqlRepository):
    """The table `key_checks`, and which keys are in use."""

    async def recorded(self) -> Mapping[Name, bytes]:
        """Return the check value of each key that is on record."""
        row = key_checks.c
        found = await self._session.fetch(select(row.kind, row.name, row.check_value))
        return {(kind, name): bytes(value) for kind, name, value in found}

    async def add(self, checks: Mapping[Name, bytes], at: datetime) -> None:
        """Record the check values; what is on record already stays."""
        for (kind, name), value in checks.items():
            row = {"kind": kind, "name": name, "check_value": value, "recorded_at": at}
            await self._session.execute(insert_once(key_checks), row)

    async def remove(self, name: Name) -> None:
        """Forget a key that is in use no more."""
        row = key_checks.c
        await self._session.execute(delete(key_checks).where(row.kind == name[0], row.name == name[1]))

    async def keks(self) -> Sequence[str]:
        """Return the id of each KEK that wraps a subject's key."""
        found = await self._session.fetch(select(subject_keys.c.kek).distinct())
        return [kek for (kek,) in found]

    async def is_wrapping(self, kek: str) -> bool:
        """Return whether the KEK wraps any subject's key."""
        return await self._is_there(subject_keys.c.kek == kek)

    async def wrapped(self, kek: str) -> Sequence[tuple[UUID, bytes]]:
        """Return some subjects, with their keys as the KEK wraps them."""
        row = subject_keys.c
        found = await self._session.fetch(select(row.subject_id, row.wrapped).where(row.kek == kek).limit(SAMPLES))
        return [(subject_id, bytes(key)) for subject_id, key in found]

    async def index_versions(self) -> Sequence[int]:
        """Return the version of each index root that a search term was made under."""
        found = await self._session.fetch(select(_VERSION).distinct())
        return [bytes(version)[0] for (version,) in found]

    async def indexed(self, version: int) -> Sequence[IndexedNumber]:
        """Return some identifiers that are found by a term of this version."""
        term, row, key = identifier_terms.c, identifiers.c, subject_keys.c
        wanted = (
            select(term.kind, term.term, row.subject_id, row.identifier_id, row.version, row.number_sealed, key.wrapped)
            .select_from(identifier_terms)
            .join(identifiers, (row.subject_id == term.subject_id) & (row.kind == term.kind))
            .join(subject_keys, key.subject_id == term.subject_id)
            .where(_VERSION.in_([version.to_bytes(1, "big")]), row.number_sealed.is_not(None))
            .limit(SAMPLES)
        )
        return [
            IndexedNumber(
                IdentifierKind(kind),
                bytes(term),
                Sealed(Place("identifiers", "number", subject_id, row_id, row_version), bytes(text), bytes(wrapped)),
            )
            for kind, term, subject_id, row_id, row_version, text, wrapped in await self._session.fetch(wanted)
        ]


_VERSION = func.substr(identifier_terms.c.term, 1, 1, type_=LargeBinary)
