"""Sessions of browsers: found by the hash of their cookie, listed and ended by their account."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, or_, select, update

from credit.subjects.subject import Place, Sealed
from storage.database.database import Database
from storage.tables import login_sessions

TABLE, TOKENS = "login_sessions", "tokens"
_ROW = login_sessions.c
_COLUMNS = (
    _ROW.session_id, _ROW.cookie_hash, _ROW.account_ref, _ROW.role, _ROW.wrapped, _ROW.version, _ROW.tokens_sealed,
    _ROW.created_at, _ROW.used_at, _ROW.renewed_at, _ROW.ends_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A row of the table. *role* is None until one of several is chosen. *tokens* is sealed for this version."""

    session_id: UUID
    cookie_hash: bytes = field(repr=False)
    account_ref: str
    role: str | None
    tokens: Sealed = field(repr=False)
    created_at: datetime
    used_at: datetime
    renewed_at: datetime
    ends_at: datetime


def session_place(session_id: UUID, version: int = 1) -> Place:
    """Return the place of the sealed tokens of a session."""
    return Place(TABLE, TOKENS, session_id, session_id, version)


class LoginSessionRepository:
    """The table `login_sessions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, session: StoredSession, instead_of: UUID | None = None) -> bool:
        """Store a session; with *instead_of* that one ends. False, and nothing is stored, where it has ended."""
        async with self._database.writing() as transaction:
            if instead_of is not None:
                ended = await transaction.execute(delete(login_sessions).where(_ROW.session_id == instead_of))
                if not ended:
                    return False
            await transaction.execute(insert(login_sessions), _as_row(session))
        return True

    async def find(self, cookie_hash: bytes) -> StoredSession | None:
        """Return the session of a cookie, whether or not it is over by its times."""
        rows = await self._database.fetch(select(*_COLUMNS).where(_ROW.cookie_hash == cookie_hash))
        return _read(rows[0]) if rows else None

    async def of_account(self, account_ref: str) -> Sequence[StoredSession]:
        """Return the sessions of an account, the newest login first."""
        order = _ROW.created_at.desc(), _ROW.session_id
        rows = await self._database.fetch(select(*_COLUMNS).where(_ROW.account_ref == account_ref).order_by(*order))
        return [_read(row) for row in rows]

    async def use(self, session_id: UUID, now: datetime, before: datetime) -> None:
        """Note that a session is used now, unless that was noted after *before*."""
        own = _ROW.session_id == session_id, _ROW.used_at <= before
        await self._database.write((update(login_sessions).where(*own).values(used_at=now), None))

    async def claim_renewal(self, session: StoredSession, now: datetime) -> bool:
        """Return whether this process may ask for new tokens now: of several, one may."""
        own = _ROW.session_id == session.session_id, _ROW.renewed_at == session.renewed_at
        async with self._database.writing() as transaction:
            return await transaction.execute(update(login_sessions).where(*own).values(renewed_at=now)) > 0

    async def renew(self, session_id: UUID, tokens: Sealed, ends_at: datetime) -> bool:
        """Store new tokens of a session; False where it has ended meanwhile."""
        new = {"tokens_sealed": tokens.text, "version": tokens.place.version, "ends_at": ends_at}
        own = _ROW.session_id == session_id, _ROW.version == tokens.place.version - 1
        async with self._database.writing() as transaction:
            return await transaction.execute(update(login_sessions).where(*own).values(new)) > 0

    async def end(self, account_ref: str, session_id: UUID | None = None) -> int:
        """End one session of an account, or all; return how many ended."""
        one = [] if session_id is None else [_ROW.session_id == session_id]
        async with self._database.writing() as transaction:
            return await transaction.execute(delete(login_sessions).where(_ROW.account_ref == account_ref, *one))

    async def sweep(self, now: datetime, unused_since: datetime) -> None:
        """Delete the sessions that are over at *now*, or were not used since *unused_since*."""
        is_over = or_(_ROW.ends_at <= now, _ROW.used_at <= unused_since)
        await self._database.write((delete(login_sessions).where(is_over), None))


def _as_row(session: StoredSession) -> dict[str, object]:
    return {
        "session_id": session.session_id,
        "cookie_hash": session.cookie_hash,
        "account_ref": session.account_ref,
        "role": session.role,
        "wrapped": session.tokens.key,
        "version": session.tokens.place.version,
        "tokens_sealed": session.tokens.text,
        "created_at": session.created_at,
        "used_at": session.used_at,
        "renewed_at": session.renewed_at,
        "ends_at": session.ends_at,
    }


def _read(row: Sequence[object]) -> StoredSession:
    session_id, cookie_hash, account, role, wrapped, version, tokens, *times = row
    place = session_place(session_id, version)  # type: ignore[arg-type]  # a row of the database is object
    box = Sealed(place, bytes(tokens), bytes(wrapped))  # type: ignore[call-overload]  # as above
    return StoredSession(session_id, bytes(cookie_hash), account, role, box, *times)  # type: ignore[arg-type,call-overload]  # as above
