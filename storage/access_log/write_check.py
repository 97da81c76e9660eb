"""Whether this process can write durably: it tries with one small row, every few seconds.

A probe only reads how the last attempt went. So it answers at once, also where the database does not.
"""

import asyncio
import time
from typing import Final

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from storage.database.database import Database
from storage.database.sql_dates import instant_after
from storage.errors import DatabaseUnavailable, Outage
from storage.tables import write_checks

PLACES: Final = 64
"""How many rows there are: few processes share one, and none waits for another's."""
PAUSE_SECONDS: Final = 2.0
OLDEST_SECONDS: Final = 10.0
"""How old the last success may be: longer than an attempt and a pause take together."""

_NEW = insert(write_checks).values(place=bindparam("at_place"), written_at=instant_after(0))
WRITE: Final = _NEW.on_conflict_do_update(
    index_elements=[write_checks.c.place], set_={"written_at": _NEW.excluded.written_at}
)


class WriteCheck:
    """The attempts of one process, in a row of its own: *place*, a number that other processes hardly have."""

    def __init__(self, database: Database, place: int) -> None:
        self._database = database
        self._place = place % PLACES
        self._written_at = -OLDEST_SECONDS
        self._failure: Exception | None = None

    async def keep_checking(self) -> None:
        """Write, pause, and write again, until it is cancelled."""
        while True:
            await self.check()
            await asyncio.sleep(PAUSE_SECONDS)

    async def check(self) -> None:
        """Write once, and keep the outcome."""
        try:
            await self._database.write((WRITE, {"at_place": self._place}))
        except Exception as error:  # noqa: BLE001 - `require_recent` raises it
            self._failure = error
        else:
            self._failure, self._written_at = None, time.monotonic()

    def require_recent(self) -> None:
        """Raise DatabaseUnavailable unless the last attempt succeeded a short time ago."""
        if self._failure is not None:
            outage = getattr(self._failure, "outage", Outage.READ_ONLY)
            raise DatabaseUnavailable(outage) from self._failure
        if time.monotonic() - self._written_at > OLDEST_SECONDS:
            raise DatabaseUnavailable(Outage.SLOW)
