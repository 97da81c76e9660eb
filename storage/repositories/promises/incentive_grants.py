"""Granted incentives, append-only. The step of the application commits the ledger to them [4.2]."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from credit.incentives.incentive import Granted
from credit.incentives.refusals import AlreadyGranted
from storage.database.conflicts import insert_once
from storage.repositories.rows import SqlRepository, field_names, named
from storage.tables import incentive_grants

RENAMED = {"by": "by_ref"}
FIELDS = field_names(Granted)


class GrantRepository(SqlRepository):
    """The table `incentive_grants`: implements `GrantStore`."""

    async def of_application(self, subject_id: UUID, application_id: UUID) -> Sequence[Granted]:
        column = incentive_grants.c
        rows = await self._session.fetch(
            select(*(column[RENAMED.get(name, name)] for name in FIELDS))
            .where(column.subject_id == subject_id, column.application_id == application_id)
            .order_by(column.at, column.grant_id)
        )
        return [Granted(**row) for row in named(FIELDS, rows)]

    async def append(self, granted: Granted) -> None:
        row = {RENAMED.get(name, name): getattr(granted, name) for name in FIELDS}
        if await self._session.execute(insert_once(incentive_grants), row) == 0:
            raise AlreadyGranted
