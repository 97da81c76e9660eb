"""Applications and their steps [4]."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from consent.leaves.steps import application_step_bytes
from credit.applications.application import Application, Facilitation, Outcome
from credit.applications.refusals import ApplicationChangedMeanwhile, ApplicationNumberTaken
from credit.core import late_entries
from credit.core.errors import UnknownCase
from credit.core.recorded_step import RecordedStep
from credit.core.values.document_numbers import number_key
from credit.incentives.incentive import MatterTerms
from storage.repositories.ledger_leaves import append_steps
from storage.repositories.notices.number_registry import APPLICATION, claim
from storage.repositories.rows import (
    SqlRepository,
    attributes,
    field_names,
    in_parts,
    of_application,
    select_named,
    these,
)
from storage.tables import application_steps, applications, matters, subjects

COLUMNS = tuple("step_version" if name == "version" else name for name in field_names(Application))
OPENS = {"green_channel": "GREEN_CHANNEL", "deferred_documents": "DEFERRED_DOCUMENTS", "commitment": "COMMITMENT"}
"""The columns of `matters` that allow an incentive of the governing document; further incentives are listed by code."""


class ApplicationRepository(SqlRepository):
    """The tables `applications`, `application_steps` and (for incentives) `matters`: implements `ApplicationStore`."""

    async def load(self, subject_id: UUID, application_id: UUID) -> Application | None:
        own = applications.c.subject_id == subject_id, applications.c.application_id == application_id
        row = await self._row(select_named(applications, COLUMNS).where(*own).with_for_update())
        return None if row is None else _application(row)

    async def look_at_these(self, keys: Collection[tuple[UUID, UUID]]) -> Sequence[Application]:
        """Return the applications with these keys, each a subject and an application, without a lock."""
        found: list[Application] = []
        for part in in_parts(sorted(keys)):
            wanted = select_named(applications, COLUMNS).where(these(applications, part, "application_id"))
            found += [_application(row) for row in await self._rows(wanted)]
        return found

    async def numbered(self, department_code: str, numbers: Sequence[str]) -> Sequence[Application]:
        """Return the applications of a department that have one of *numbers*, confidential ones too."""
        found: list[Application] = []
        for part in in_parts(sorted(set(map(number_key, numbers)))):
            own = applications.c.department_code == department_code, applications.c.number_key.in_(part)
            found += map(_application, await self._rows(select_named(applications, COLUMNS).where(*own)))
        return found

    async def add(self, application: Application) -> None:
        if not await self._is_there(subjects.c.subject_id == application.subject_id):
            raise UnknownCase
        number = application.number
        if number is not None:
            same = applications.c.department_code == application.department_code
            is_there = await self._is_there(same, applications.c.number_key == number_key(number))
            if is_there or not await claim(self._session, application.department_code, APPLICATION, number):
                raise ApplicationNumberTaken
        await self._session.execute(insert(applications), _row(application) | {"changed_at": application.filed_at})

    async def save(self, application: Application, expected_version: int, at: datetime) -> None:
        own = of_application(application.subject_id, application.application_id) | {"step_version": expected_version}
        values = _row(application) | {"changed_at": at, "step_version": expected_version + 1}
        if not await self._update_row(applications, own, values):
            raise ApplicationChangedMeanwhile

    async def append(self, step: RecordedStep) -> None:
        await self.append_all([step])

    async def append_all(self, steps: Sequence[RecordedStep]) -> None:
        """Append several steps, each as by `append`."""
        written = [(step, partial(application_step_bytes, step, step.about)) for step in steps]
        await append_steps(self._session, application_steps, written, about="application_id")

    async def terms(self, matter_code: str) -> MatterTerms | None:
        names = (*OPENS, "incentives", "facilitation_basis", *LIMITS)
        row = await self._row(select_named(matters, names).where(matters.c.code == matter_code))
        return None if row is None else _terms(matter_code, row)

    async def matter_of(self, matter_code: str, department_code: str) -> bool:
        of_department = matters.c.code == matter_code, matters.c.department_code == department_code
        return await self._is_there(*of_department)


LIMITS = ("deferral_longest_days", "commitment_limit_days", "commitment_verify_days")


def _application(row: Mapping[str, Any]) -> Application:
    named = {("version" if name == "step_version" else name): value for name, value in row.items()}
    outcome = row["outcome"]
    named["paper_withdrawal"] = late_entries.read_withdrawal(row["paper_withdrawal"])
    named |= {"channel": Facilitation(row["channel"]), "outcome": None if outcome is None else Outcome(outcome)}
    return Application(**named)


def _row(application: Application) -> dict[str, Any]:
    row = attributes(application, [name for name in COLUMNS if name != "step_version"])
    outcome = application.outcome
    return row | {
        "number_key": None if application.number is None else number_key(application.number),
        "channel": application.channel.value,
        "outcome": None if outcome is None else outcome.value,
        "paper_withdrawal": late_entries.written_withdrawal(application.paper_withdrawal),
    }


def _terms(code: str, row: Mapping[str, Any]) -> MatterTerms:
    allows = {incentive for column, incentive in OPENS.items() if row[column]}
    return MatterTerms(
        code,
        frozenset(allows | set(row["incentives"] or ())),
        row["facilitation_basis"],
        **{name: row[name] for name in LIMITS},
    )
