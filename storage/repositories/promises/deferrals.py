"""Deferred documents, one row each [4.2.2] [5.1.2c]."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert

from credit.applications.refusals import ApplicationChangedMeanwhile
from credit.promises.deferral import Deferral
from credit.promises.deferral_row import columns, from_columns
from credit.promises.due_days import deferral_days
from storage.repositories.deadlines.due_days import CountingRepository
from storage.repositories.rows import column_names, in_parts, of_application, select_named, these
from storage.tables import deferrals

COLUMNS = column_names(deferrals)


class DeferralRepository(CountingRepository):
    """The table `deferrals`: implements `PromiseStore[Deferral]`."""

    async def load(self, subject_id: UUID, application_id: UUID) -> Deferral | None:
        """Return the deferral of the application, locked until the transaction ends, or None where it has none."""
        return await self._one(_row(subject_id, application_id).with_for_update())

    async def look(self, subject_id: UUID, application_id: UUID) -> Deferral | None:
        """Return the same without a lock, for reading only."""
        return await self._one(_row(subject_id, application_id))

    async def look_at_these(self, keys: Collection[tuple[UUID, UUID]]) -> Sequence[Deferral]:
        """Return the deferrals with these keys, each a subject and an application, without a lock."""
        found: list[Deferral] = []
        for part in in_parts(sorted(keys)):
            wanted = select_named(deferrals, COLUMNS).where(these(deferrals, part, "application_id"))
            found += [from_columns(row, version=row["step_version"]) for row in await self._rows(wanted)]
        return found

    async def add(self, deferral: Deferral) -> None:
        if await self._is_there(*_is(deferral.subject_id, deferral.application_id)):
            raise ApplicationChangedMeanwhile
        await self._session.execute(insert(deferrals), await self._written(deferral, deferral.version))

    async def save(self, deferral: Deferral) -> None:
        await self._update(deferral, await self._written(deferral, deferral.version + 1))

    async def collected(self, deferral: Deferral, case_id: UUID) -> None:
        """Note the case that its default became. The version stays: the applicant must not see that a case began."""
        await self._update(deferral, {"case_id": case_id})

    async def _written(self, deferral: Deferral, version: int) -> dict[str, Any]:
        days = deferral_days(deferral.due_on, deferral.served_on(), await self._calendar.get())
        return columns(deferral) | asdict(days) | {"step_version": version}

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
