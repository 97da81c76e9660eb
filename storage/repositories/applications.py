"""Applications, and the steps that led where they stand: the promises of `credit.applications.ports`, in SQL [4]."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, insert, literal, select, update

from consent.log_entries import canonical, instant
from credit.applications.application import Application, Facilitation, Outcome
from credit.applications.refusals import ApplicationChangedMeanwhile, NumberTaken
from credit.core.errors import UnknownCase
from credit.core.recorded_step import RecordedStep
from credit.incentives.incentive import MatterTerms
from storage.database.session import Session
from storage.repositories.notices.number_registry import APPLICATION, claim
from storage.repositories.recorded_steps import append_step
from storage.repositories.subjects.subjects import AT_ONCE
from storage.tables import application_steps, applications, matters, subjects

COLUMNS = tuple("step_version" if field.name == "version" else field.name for field in fields(Application))
OPENS = {"green_channel": "GREEN_CHANNEL", "deferred_documents": "DEFERRED_DOCUMENTS", "commitment": "COMMITMENT"}
"""The columns of `matters` that open an incentive of the governing document; further ones are listed by code."""


class Applications:
    """The tables `applications` and `application_steps`, and what `matters` says of incentives."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def load(self, subject_id: UUID, application_id: UUID) -> Application | None:
        """Return the application, or None where that subject has none of this id; nobody else changes it meanwhile."""
        wanted = (applications.c[name] for name in COLUMNS)
        own = applications.c.subject_id == subject_id, applications.c.application_id == application_id
        rows = await self._session.fetch(select(*wanted).where(*own).with_for_update())
        return _application(dict(zip(COLUMNS, rows[0], strict=True))) if rows else None

    async def numbered(self, department_code: str, numbers: Sequence[str]) -> Sequence[Application]:
        """Return those of a department's applications that have one of *numbers*, confidential ones too."""
        wanted = [applications.c[name] for name in COLUMNS]
        found: list[Application] = []
        for first in range(0, len(numbers), AT_ONCE):
            some = applications.c.number.in_(numbers[first : first + AT_ONCE])
            rows = await self._session.fetch(
                select(*wanted).where(applications.c.department_code == department_code, some)
            )
            found += (_application(dict(zip(COLUMNS, row, strict=True))) for row in rows)
        return found

    async def add(self, application: Application) -> None:
        if not await self._there(exists().where(subjects.c.subject_id == application.subject_id)):
            raise UnknownCase
        same = applications.c.department_code == application.department_code
        if await self._there(exists().where(same, applications.c.number == application.number)):
            raise NumberTaken
        number = application.number
        if number is not None and not await claim(self._session, application.department_code, APPLICATION, number):
            raise NumberTaken
        await self._session.execute(insert(applications), _row(application) | {"changed_at": application.filed_at})

    async def save(self, application: Application, expected_version: int, at: datetime) -> None:
        """Keep *application*; raises ApplicationChangedMeanwhile where another version stands."""
        hit = await self._session.execute(
            update(applications)
            .where(
                applications.c.subject_id == application.subject_id,
                applications.c.application_id == application.application_id,
                applications.c.step_version == expected_version,
            )
            .values(_row(application) | {"changed_at": at, "step_version": expected_version + 1})
        )
        if hit == 0:
            raise ApplicationChangedMeanwhile

    async def append(self, step: RecordedStep) -> None:
        await append_step(self._session, application_steps, step, written(step), about="application_id")

    async def terms(self, matter_code: str) -> MatterTerms | None:
        """Return what the matter allows, or None where there is no such matter [4.2]."""
        names = (*OPENS, "incentives", "facilitation_basis", *LIMITS)
        rows = await self._session.fetch(
            select(*(matters.c[name] for name in names)).where(matters.c.code == matter_code)
        )
        return _terms(matter_code, dict(zip(names, rows[0], strict=True))) if rows else None

    async def matter_of(self, matter_code: str, department_code: str) -> bool:
        return await self._there(
            exists().where(matters.c.code == matter_code, matters.c.department_code == department_code)
        )

    async def _there(self, condition: Any) -> bool:  # noqa: ANN401 - any EXISTS of SQLAlchemy
        return bool(await self._session.fetch(select(literal(1)).where(condition)))


LIMITS = ("deferral_longest_days", "commitment_limit_days", "commitment_verify_days")


def written(step: RecordedStep) -> bytes:
    """Write down every field of *step* but the salt, by its own name, and `"type":"application-step/1"`."""
    return canonical(
        {
            "type": "application-step/1",
            "subject_id": str(step.subject_id),
            "step_id": str(step.step_id),
            "application_id": str(step.about),
            "step": step.step,
            "on": step.on.isoformat(),
            "at": instant(step.at),
            "actor_ref": step.actor_ref,
            "role": step.role,
            "department_code": step.department_code,
            "evidence": list(step.evidence),
            "facts": dict(step.facts),
        }
    )


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
