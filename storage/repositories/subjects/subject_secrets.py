"""The secrets that blind subjects' heads, sealed, each with its entry in the log of its subject [5.1.6]."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from consent.leaves.subject_secrets import subject_secret_bytes
from storage.repositories.ledger_leaves import append_committed
from storage.repositories.rows import SqlRepository, attributes
from storage.tables import subject_keys, subject_secrets


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret to be stored: sealed, and its digest, to which its entry commits."""

    subject_id: UUID
    secret_id: UUID
    at: datetime
    digest: bytes
    secret: bytes = field(repr=False)
    salt: bytes = field(repr=False)


class SubjectSecretRepository(SqlRepository):
    """The table `subject_secrets`."""

    async def store(self, new: Sequence[NewSecret]) -> None:
        """Store secrets, and append their entries; the database refuses a second one of a subject."""
        if not new:
            return
        rows = [attributes(one, _COLUMNS) for one in new]
        await self._session.execute(insert(subject_secrets), rows)
        for one, row in zip(new, rows, strict=True):
            written = subject_secret_bytes(**{name: row[name] for name in _COMMITTED})
            append_committed(self._session, subject_secrets, row, one.secret_id, written)

    async def without_secret(self, after: UUID, first: int) -> Sequence[tuple[UUID, bytes]]:
        """Return the *first* subjects after this id that have a key and no secret, each with its wrapped key."""
        keys, secrets = subject_keys.c, subject_secrets.c
        wanted = (
            select(keys.subject_id, keys.wrapped)
            .select_from(subject_keys.outerjoin(subject_secrets, secrets.subject_id == keys.subject_id))
            .where(secrets.subject_id.is_(None), keys.subject_id > after)
            .order_by(keys.subject_id)
            .limit(first)
        )
        return [(subject_id, bytes(wrapped)) for subject_id, wrapped in await self._session.fetch(wanted)]


_COLUMNS = ("subject_id", "secret_id", "at", "digest", "secret", "salt")
_COMMITTED = ("subject_id", "secret_id", "at", "digest")
