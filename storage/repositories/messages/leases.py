"""Leases of jobs that only one process may do at a time, with the database's clock: no clock of ours decides."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, or_
from sqlalchemy.dialects.postgresql import insert

from storage.database.database import Database
from storage.database.sql_dates import instant_after
from storage.tables import leases

LEASE_SECONDS: Final = 30
"""How long a lease lasts that its holder does not renew."""

_ROW = leases.c
_NEW = insert(leases).values(name=bindparam("job"), holder=bindparam("whose"), expires_at=instant_after(LEASE_SECONDS))
TAKE: Final = _NEW.on_conflict_do_update(
    index_elements=[_ROW.name],
    set_={"holder": _NEW.excluded.holder, "expires_at": _NEW.excluded.expires_at},
    where=or_(_ROW.holder == _NEW.excluded.holder, _ROW.expires_at <= instant_after(0)),
).returning(_ROW.holder)
"""Take the lease if it is free, over or one's own. A lease of another's that lasts is left as it is: no row."""


async def take_lease(database: Database, name: str, holder: UUID) -> bool:
    """Take the lease of the job *name*, or renew it; return whether *holder* has it now."""
    async with database.writing() as session:
        return bool(await session.fetch(TAKE, {"job": name, "whose": holder}))


async def end_lease(database: Database, name: str, holder: UUID) -> None:
    """End the lease of *holder*; that of another stays."""
    await database.write((delete(leases).where(_ROW.name == name, _ROW.holder == holder), None))
