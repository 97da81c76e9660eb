"""Deferred documents, one row each [4.2.2] [5.1.2c]."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert

from credit.applications.refusals import ApplicationChangedMeanwhile
from credit.promises.deferral import Deferral, is_kept
from credit.promises.deferral_row import columns, from_columns
from storage.database.session import Session
from storage.repositories.rows import is_there, named, of_application, select_named, update_row
from storage.tables import deferrals

COLUMNS = tuple(column.name for column in deferrals.c)


class DeferralRepository:
    """The table `deferrals`: implements `PromiseStore[Deferral]`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def load(self, subject_id: UUID, application_id: UUID) -> Deferral | None:
        """Return the deferral of the application, locked until the transaction ends, or None where it has none."""
        return await self._one(_row(subject_id, application_id).with_for_update())

    async def look(self, subject_id: UUID, application_id: UUID) -> Deferral | None:
        """Return the same without a lock, for reading only."""
        return await self._one(_row(subject_id, application_id))

    async def add(self, deferral: Deferral) -> None:
        if await is_there(self._session, *_is(deferral.subject_id, deferral.application_id)):
            raise ApplicationChangedMeanwhile
        await self._session.execute(insert(deferrals), columns(deferral) | {"step_version": deferral.version})

    async def save(self, deferral: Deferral) -> None:
        await self._update(deferral, columns(deferral) | {"step_version": deferral.version + 1})

    async def collected(self, deferral: Deferral, case_id: UUID) -> None:
        """Note the case that its default became. The version stays: the applicant must not see that a case began."""
        await self._update(deferral, {"case_id": case_id})

    async def kept(self, department_code: str, since: date, until: date, today: date) -> Mapping[bool | None, int]:
        """Count the department's deferrals that were due in the period, by whether they were fulfilled [6.1]."""
        rows = await self._session.fetch(
            select_named(deferrals, COLUMNS).where(
                deferrals.c.department_code == department_code, deferrals.c.due_on >= since, deferrals.c.due_on <= until
            )
        )
        return Counter(is_kept(_deferral(row), today) for row in named(COLUMNS, rows))

    async def _one(self, wanted: Select[Any]) -> Deferral | None:
        rows = await self._session.fetch(wanted)
        return _deferral(named(COLUMNS, rows)[0]) if rows else None

    async def _update(self, deferral: Deferral, values: Mapping[str, Any]) -> None:
        # A case that was collected meanwhile does not raise the version, and must not be lost.
        known = {"step_version": deferral.version, "case_id": deferral.case_id}
        own = of_application(deferral.subject_id, deferral.application_id) | known
        if not await update_row(self._session, deferrals, own, values):
            raise ApplicationChangedMeanwhile


def _row(subject_id: UUID, application_id: UUID) -> Select[Any]:
    return select_named(deferrals, COLUMNS).where(*_is(subject_id, application_id))


def _is(subject_id: UUID, application_id: UUID) -> tuple[Any, ...]:
    return deferrals.c.subject_id == subject_id, deferrals.c.application_id == application_id


def _deferral(row: Mapping[str, Any]) -> Deferral:
    return from_columns(row, version=row["step_version"])
