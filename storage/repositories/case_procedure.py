"""The procedure of a case as the archive keeps it: its row, and the steps that led there [5.1.4].

`storage.repositories.cases` is the same table for import, where a whole row takes the place of the last. Here a step is
appended, with a leaf in the access log, and the days that it changed are written over the version at which the case was
read.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, insert, select, update

from consent.log_entries import canonical, instant
from credit.cases.case import Case
from credit.cases.case_row import columns, from_columns
from credit.cases.refusals import NumberTaken
from credit.cases.steps import BETWEEN, StepName, with_steps
from credit.cases.texts import CaseStatement, Texts, Whereabouts
from credit.core.errors import CaseChangedMeanwhile
from credit.core.recorded_step import RecordedStep
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.repositories.notices.number_registry import CASE, claim
from storage.repositories.recorded_steps import append_step
from storage.repositories.subjects.subjects import sealed_text_columns
from storage.tables import applications, case_statements, case_steps, departments, restraint_cases, subjects

COLUMNS = tuple(
    column.name
    for column in restraint_cases.c
    if not column.name.endswith(("_sealed", "_mask")) and column.name != "version"
)
"""What the rules ask of a row: no sealed text, and `step_version` for the version that they know."""
STEP_COLUMNS = tuple(column.name for column in case_steps.c)
STATEMENT_COLUMNS = tuple(field.name for field in fields(CaseStatement) if field.name != "text")


class CaseProcedure:
    """The tables `restraint_cases` and `case_steps`: the promises of `credit.core.ports`, kept in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def load(self, subject_id: UUID, case_id: UUID) -> Case | None:
        """Return the case with its steps, or None where that subject has none of this id."""
        own = _cases(subject_id).where(restraint_cases.c.case_id == case_id)
        found = await self._read(own, subject_id)
        return found[0] if found else None

    async def all_of(self, subject_id: UUID) -> Sequence[Case]:
        """Return all cases of a subject, and keep others from changing them until this transaction ends.

        A period runs anew by the publication of another case: two publications at once must see each other [5.1.5].
        """
        every = _cases(subject_id).order_by(restraint_cases.c.case_id)
        return await self._read(every.with_for_update(), subject_id)

    async def save(self, case: Case, expected_version: int, at: datetime) -> None:
        """Keep what the steps of *case* have written; raises CaseChangedMeanwhile where another version stands."""
        hit = await self._session.execute(
            update(restraint_cases)
            .where(
                restraint_cases.c.subject_id == case.subject_id,
                restraint_cases.c.case_id == case.case_id,
                restraint_cases.c.step_version == expected_version,
            )
            .values(columns(case) | {"changed_at": at, "step_version": expected_version + 1})
        )
        if hit == 0:
            raise CaseChangedMeanwhile

    async def whereabouts(
        self, subject_id: UUID, department_code: str, application_id: UUID | None
    ) -> Whereabouts | None:
        """Return the department's sector and the subject's area; None where one of the three is not on record."""
        wanted = (
            select(departments.c.sector_code, subjects.c.area_code)
            .join_from(subjects, departments, departments.c.code == department_code)
            .where(subjects.c.subject_id == subject_id)
        )
        if application_id is not None:
            own = exists().where(
                applications.c.subject_id == subject_id,
                applications.c.application_id == application_id,
                applications.c.confidential.is_(False),
            )
            wanted = wanted.where(own)
        rows = await self._session.fetch(wanted)
        return Whereabouts(*rows[0]) if rows else None

    async def open(self, case: Case, where: Whereabouts, texts: Texts, at: datetime) -> None:
        """Add a case at its first version; raises NumberTaken where its department has one of that number."""
        row = columns(case) | {name: getattr(case, name) for name in ("subject_id", "case_id", "number")}
        row |= {
            "department_code": case.department_code,
            "application_id": case.application_id,
            "circumstance": case.circumstance.value,
            "channel": case.channel.value,
            "sector_code": where.sector_code,
            "area_code": where.area_code,
            **sealed_text_columns("facts", texts.facts),
            **sealed_text_columns("evidence", texts.evidence),
            **sealed_text_columns("notes", texts.notes),
            "version": 1,
            "step_version": 1,
            "changed_at": at,
        }
        if not await claim(self._session, case.department_code, CASE, case.number):
            raise NumberTaken
        if await self._session.execute(insert_once(restraint_cases).values(row)) == 0:
            raise NumberTaken

    async def confidential(self, department_code: str, number: str) -> Sequence[Case]:
        """Return the department's cases of that number that are marked confidential [5.1.6]."""
        marked = (
            select(restraint_cases.c.subject_id, restraint_cases.c.case_id)
            .where(restraint_cases.c.department_code == department_code)
            .where(restraint_cases.c.number == number, restraint_cases.c.confidential.is_(True))
        )
        found = [await self.load(subject_id, case_id) for subject_id, case_id in await self._session.fetch(marked)]
        return [case for case in found if case is not None]

    async def keep_statement(self, statement: CaseStatement) -> None:
        """Add a statement in its own words."""
        row = {name: getattr(statement, name) for name in STATEMENT_COLUMNS}
        await self._session.execute(
            insert(case_statements), row | {"version": 1} | sealed_text_columns("text", statement.text)
        )

    async def append(self, step: RecordedStep) -> None:
        await append_step(self._session, case_steps, step, written(step), about="case_id")

    async def _read(self, wanted: Select[Any], subject_id: UUID) -> list[Case]:
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in await self._session.fetch(wanted)]
        if not rows:
            return []
        own = [row["case_id"] for row in rows]
        taken = await self._session.fetch(
            select(*(case_steps.c[name] for name in STEP_COLUMNS)).where(
                case_steps.c.subject_id == subject_id, case_steps.c.case_id.in_(own)
            )
        )
        steps = [_step(dict(zip(STEP_COLUMNS, row, strict=True))) for row in taken]
        return [
            with_steps(
                from_columns(row | {"version": row["step_version"]}),
                [step for step in steps if step.about == row["case_id"]],
            )
            for row in rows
        ]


def written(step: RecordedStep) -> bytes:
    """Write down every field of *step* but the salt, by its own name, and `"type":"case-step/1"`."""
    return canonical(
        {
            "type": "case-step/1",
            "subject_id": str(step.subject_id),
            "step_id": str(step.step_id),
            "case_id": str(step.about),
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


def _cases(subject_id: UUID) -> Select[Any]:
    wanted = (restraint_cases.c[name] for name in COLUMNS)
    return select(*wanted).where(restraint_cases.c.subject_id == subject_id)


def _step(row: dict[str, Any]) -> RecordedStep:
    evidence = row["evidence"]
    references = tuple(evidence.split(BETWEEN)) if evidence else ()
    about = row.pop("case_id")
    return RecordedStep(**row | {"about": about, "step": StepName(row["step"]), "evidence": references})
