"""Deferred documents, one row each [4.2.2] [5.1.2c]."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert

from credit.applications.refusals import ApplicationChangedMeanwhile
from credit.promises.deferral import Deferral
from credit.promises.deferral_row import columns, from_columns
from storage.repositories.rows import SqlRepository, column_names, of_application, select_named
from storage.tables import deferrals

COLUMNS = column_names(deferrals)


class DeferralRepository(SqlRepository):
    """The table `deferrals`: implements `DeferralStore`."""

    async def load(self, subject_id: UUID, application_id: UUID) -> Deferral | None:
        """Return the deferral of the application, locked until the transaction ends, or None where it has none."""
        return await self._one(_row(subject_id, application_id).with_for_update())

    async def look(self, subject_id: UUID, application_id: UUID) -> Deferral | None:
        """Return the same without a lock, for reading only."""
        return await self._one(_row(subject_id, application_id))

    async def add(self, deferral: Deferral) -> None:
        if await self._is_there(*_is(deferral.subject_id, deferral.application_id)):
            raise ApplicationChangedMeanwhile
        await self._session.execute(insert(deferrals), columns(deferral) | {"step_version": deferral.version})

    async def save(self, deferral: Deferral) -> None:
        await self._update(deferral, columns(deferral) | {"step_version": deferral.version + 1})

    async def collected(self, deferral: Deferral, case_id: UUID) -> None:
        """Note the case that its default became. The version stays: the applicant must not see that a case began."""
        await self._update(deferral, {"case_id": case_id})

    async def _one(self, wanted: Select[Any]) -> Deferral | None:
        row = await self._row(wanted)
        return None if row is None else from_columns(row, version=row["step_version"])

    async def _update(self, deferral: Deferral, values: Mapping[str, Any]) -> None:
        # A case that was collected meanwhile does not raise the version, and must not be lost.
        known = {"step_version": deferral.version, "case_id": deferral.case_id}
        own = of_application(deferral.subject_id, deferral.application_id) | known
        if not await self._update_row(deferrals, own, values):
            raise ApplicationChangedMeanwhile


def _row(subject_id: UUID, application_id: UUID) -> Select[Any]:
    return select_named(deferrals, COLUMNS).where(*_is(subject_id, application_id))


def _is(subject_id: UUID, application_id: UUID) -> tuple[Any, ...]:
    return deferrals.c.subject_id == subject_id, deferrals.c.application_id == application_id
