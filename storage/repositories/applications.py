"""Applications and their steps [4]."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from consent.log_entries import application_step_bytes
from credit.applications.application import Application, Facilitation, Outcome
from credit.applications.refusals import ApplicationChangedMeanwhile, ApplicationNumberTaken
from credit.core.errors import UnknownCase
from credit.core.recorded_step import RecordedStep
from credit.incentives.incentive import MatterTerms
from storage.database.session import Session
from storage.repositories.notices.number_registry import APPLICATION, claim
from storage.repositories.rows import append_step, is_there, named, of_application, select_named, update_row
from storage.repositories.subjects.subjects import AT_ONCE
from storage.tables import application_steps, applications, matters, subjects

COLUMNS = tuple("step_version" if field.name == "version" else field.name for field in fields(Application))
OPENS = {"green_channel": "GREEN_CHANNEL", "deferred_documents": "DEFERRED_DOCUMENTS", "commitment": "COMMITMENT"}
"""The columns of `matters` that allow an incentive of the governing document; further incentives are listed by code."""


class ApplicationRepository:
    """The tables `applications`, `application_steps` and (for incentives) `matters`: implements `ApplicationStore`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def load(self, subject_id: UUID, application_id: UUID) -> Application | None:
        own = applications.c.subject_id == subject_id, applications.c.application_id == application_id
        rows = await self._session.fetch(select_named(applications, COLUMNS).where(*own).with_for_update())
        return _application(named(COLUMNS, rows)[0]) if rows else None

    async def numbered(self, department_code: str, numbers: Sequence[str]) -> Sequence[Application]:
        """Return the applications of a department that have one of *numbers*, confidential ones too."""
        found: list[Application] = []
        for first in range(0, len(numbers), AT_ONCE):
            some = applications.c.number.in_(numbers[first : first + AT_ONCE])
            own = select_named(applications, COLUMNS).where(applications.c.department_code == department_code, some)
            found += map(_application, named(COLUMNS, await self._session.fetch(own)))
        return found

    async def add(self, application: Application) -> None:
        if not await is_there(self._session, subjects.c.subject_id == application.subject_id):
            raise UnknownCase
        same = applications.c.department_code == application.department_code
        if await is_there(self._session, same, applications.c.number == application.number):
            raise ApplicationNumberTaken
        number = application.number
        if number is not None and not await claim(self._session, application.department_code, APPLICATION, number):
            raise ApplicationNumberTaken
        await self._session.execute(insert(applications), _row(application) | {"changed_at": application.filed_at})

    async def save(self, application: Application, expected_version: int, at: datetime) -> None:
        own = of_application(application.subject_id, application.application_id) | {"step_version": expected_version}
        values = _row(application) | {"changed_at": at, "step_version": expected_version + 1}
        if not await update_row(self._session, applications, own, values):
            raise ApplicationChangedMeanwhile

    async def append(self, step: RecordedStep) -> None:
        await append_step(
            self._session, application_steps, step, application_step_bytes(step, step.about), about="application_id"
        )

    async def terms(self, matter_code: str) -> MatterTerms | None:
        names = (*OPENS, "incentives", "facilitation_basis", *LIMITS)
        rows = await self._session.fetch(select_named(matters, names).where(matters.c.code == matter_code))
        return _terms(matter_code, named(names, rows)[0]) if rows else None

    async def matter_of(self, matter_code: str, department_code: str) -> bool:
        of_department = matters.c.code == matter_code, matters.c.department_code == department_code
        return await is_there(self._session, *of_department)


LIMITS = ("deferral_longest_days", "commitment_limit_days", "commitment_verify_days")


def _application(row: Mapping[str, Any]) -> Application:
    named = {("version" if name == "step_version" else name): value for name, value in row.items()}
    outcome = row["outcome"]
    named |= {"channel": Facilitation(row["channel"]), "outcome": None if outcome is None else Outcome(outcome)}
    return Application(**named)


def _row(application: Application) -> dict[str, Any]:
    row = {name: getattr(application, name) for name in COLUMNS if name != "step_version"}
    outcome = application.outcome
    return row | {"channel": application.channel.value, "outcome": None if outcome is None else outcome.value}


def _terms(code: str, row: Mapping[str, Any]) -> MatterTerms:
    allows = {incentive for column, incentive in OPENS.items() if row[column]}
    return MatterTerms(
        code,
        frozenset(allows | set(row["incentives"] or ())),
        row["facilitation_basis"],
        **{name: row[name] for name in LIMITS},
    )
