"""The store of the library `limits` over one transaction of our database: the table `rate_limits`."""

from datetime import datetime, timedelta
from typing import Final

from limits.aio.storage import Storage
from sqlalchemy import bindparam, case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from storage.database.session import Session
from storage.tables import rate_limits

_ROW = rate_limits.c
_NOW = bindparam("now", type_=_ROW.ends_at.type)
_IS_OVER = _ROW.ends_at <= _NOW
_NEW = insert(rate_limits).values(
    key=bindparam("which"), hits=bindparam("amount"), ends_at=bindparam("ends", type_=_ROW.ends_at.type)
)
COUNT: Final = _NEW.on_conflict_do_update(
    index_elements=[_ROW.key],
    set_={
        "hits": case((_IS_OVER, _NEW.excluded.hits), else_=_ROW.hits + _NEW.excluded.hits),
        "ends_at": case((_IS_OVER, _NEW.excluded.ends_at), else_=_ROW.ends_at),
    },
).returning(_ROW.hits)
"""Count in the current window, or begin a new one where it is over: one statement, so that no count is lost."""


class RateLimitStore(Storage):
    """Counts at the instant *now*. What it counted is kept only if the transaction of *session* is committed."""

    STORAGE_SCHEME = None

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__()
        self._session = session
        self._now = now

    @property
    def base_exceptions(self) -> type[Exception]:
        """The errors of this store."""
        return SQLAlchemyError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add *amount* to the counter of *key*, whose window lasts *expiry* seconds; return the counter."""
        ends = self._now + timedelta(seconds=expiry)
        ((hits,),) = await self._session.fetch(COUNT, {"which": key, "amount": amount, "ends": ends, "now": self._now})
        return int(hits)

    async def get(self, key: str) -> int:
        """Return the counter of *key* in its current window."""
        rows = await self._session.fetch(select(_ROW.hits).where(_ROW.key == key, _ROW.ends_at > self._now))
        return int(rows[0][0]) if rows else 0

    async def get_expiry(self, key: str) -> float:
        """Return the end of the current window of *key*, in seconds since 1970; now where there is none."""
        rows = await self._session.fetch(select(_ROW.ends_at).where(_ROW.key == key))
        ends: datetime = rows[0][0] if rows else self._now
        return max(ends, self._now).timestamp()

    async def check(self) -> bool:
        """Return whether the database answers."""
        await self._session.fetch(select(_ROW.key).limit(1))
        return True

    async def reset(self) -> int | None:
        """Forget every counter; return how many there were."""
        return await self._session.execute(delete(rate_limits))

    async def clear(self, key: str) -> None:
        """Forget the counter of *key*."""
        await self._session.execute(delete(rate_limits).where(_ROW.key == key))
