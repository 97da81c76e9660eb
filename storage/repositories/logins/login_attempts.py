"""Logins that were sent to the identity provider: each is taken once, by the browser that began it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert

from credit.subjects.subject import Place, Sealed
from storage.database.database import Database
from storage.tables import login_attempts

TABLE, SECRETS = "login_attempts", "secrets"
_ROW = login_attempts.c


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A login on its way. *secrets* is sealed: the nonce, the code verifier, and where the browser goes on."""

    attempt_id: UUID
    state_hash: bytes = field(repr=False)
    browser_hash: bytes = field(repr=False)
    secrets: Sealed = field(repr=False)
    ends_at: datetime


def attempt_place(attempt_id: UUID) -> Place:
    """Return the place of the sealed secrets of an attempt."""
    return Place(TABLE, SECRETS, attempt_id, attempt_id, 1)


class LoginAttemptRepository:
    """The table `login_attempts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, attempt: LoginAttempt) -> None:
        """Store an attempt."""
        row = {
            "attempt_id": attempt.attempt_id,
            "state_hash": attempt.state_hash,
            "browser_hash": attempt.browser_hash,
            "wrapped": attempt.secrets.key,
            "secrets_sealed": attempt.secrets.text,
            "ends_at": attempt.ends_at,
        }
        await self._database.write((insert(login_attempts), row))

    async def take(self, state_hash: bytes) -> LoginAttempt | None:
        """Return the attempt of this state, which nobody can take again; None where there is none, or no more."""
        columns = _ROW.attempt_id, _ROW.browser_hash, _ROW.wrapped, _ROW.secrets_sealed, _ROW.ends_at
        taken = delete(login_attempts).where(_ROW.state_hash == state_hash).returning(*columns)
        async with self._database.writing() as session:
            rows = await session.fetch(taken)
        if not rows:
            return None
        attempt_id, browser_hash, wrapped, secrets, ends_at = rows[0]
        box = Sealed(attempt_place(attempt_id), bytes(secrets), bytes(wrapped))
        return LoginAttempt(attempt_id, state_hash, bytes(browser_hash), box, ends_at)

    async def sweep(self, now: datetime) -> None:
        """Delete the attempts that are over."""
        await self._database.write((delete(login_attempts).where(_ROW.ends_at <= now), None))
