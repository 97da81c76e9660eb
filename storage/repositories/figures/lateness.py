"""What is late: the tasks that are open today, and the entries that were recorded long after their day [6.1]."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Date, Select, String, and_, bindparam, exists, func, not_, select

from consent.leaves.consent_events import Event
from consent.leaves.delegation_events import DelegationStep
from credit.calendar.deadlines import civil_date
from credit.cases.rules.next_steps import Side
from credit.cases.status import Circumstance, UnrectifiedPolicy
from credit.cases.steps import StepName
from credit.statistics.figures import LateEntryRecord, Lateness
from storage.database.session import Session
from storage.database.sql_dates import civil_day
from storage.queries.work_items import work_item_rows
from storage.repositories.figures.conditions import first_instant, same_record
from storage.tables import (
    application_steps,
    applications,
    case_steps,
    consent_events,
    delegation_events,
    focused_checks,
    hearing_steps,
    restraint_cases,
)

_WITH_GROUNDS: Final = (Circumstance.DOCUMENTS_NOT_SUPPLIED.value, Circumstance.COMMITMENT_NOT_MET.value)
_GROUNDED: Final = (StepName.COLLECTED.value, StepName.VERIFIED.value)
_DAY_OF_LETTER: Final[Mapping[str, str]] = {
    Event.NARROWED_ON_PAPER.value: "narrowed_on",
    Event.WITHDRAWN_ON_PAPER.value: "withdrawn_on",
    Event.CONTESTED_ON_PAPER.value: "contested_on",
    DelegationStep.CONTESTED.value: "contested_on",
}
"""By event, the fact that has the own day of the letter, where it came on paper."""


async def lateness(session: Session, department: str | None, binds: Mapping[str, object]) -> Sequence[Lateness]:
    """Return by department and handler how many tasks are open, due soon, and late.

    *binds* are those of a worklist, and `soon`: the last day for which a task is due soon. A task of no case, such as
    the answer to an objection to another record, has no handler and is counted for none.
    """
    given = {**binds, **({} if department is None else {"department": department})}
    rows = await session.fetch(_lateness(of_one_department=department is not None), given)
    return [Lateness(*row) for row in rows]


@cache
def _lateness(*, of_one_department: bool) -> Select[Any]:
    # Made once: SQLAlchemy takes longer for so many SELECTs than the database takes to count.
    items = work_item_rows(UnrectifiedPolicy.STAYS, "waiting").c
    soon = and_(items.is_late.is_(False), items.due_on <= bindparam("soon", type_=Date()))
    counts = (func.count(), func.count().filter(soon), func.count().filter(items.is_late.is_(True)))
    which = [items.handler_ref.is_not(None), items.side != Side.SUBJECT.value]
    if of_one_department:
        which.append(items.department_code == bindparam("department", type_=String()))
    whose = items.department_code, items.handler_ref
    return select(*whose, *counts).where(*which).group_by(*whose).order_by(*whose)


async def late_entries(session: Session, year: int) -> list[LateEntryRecord]:
    """Return the steps that officers recorded in the year on a later day than the steps' own [5.1.4]."""
    case, application = restraint_cases.c, applications.c
    of_case, of_application, of_hearing = case_steps.c, application_steps.c, hearing_steps.c
    filed = and_(application.subject_id == of_hearing.subject_id, application.application_id == of_hearing.record_id)
    secret = exists().where(filed, application.confidential.is_(True))
    sources = (
        (
            case_steps.join(restraint_cases, same_record(of_case, case, "case_id")),
            of_case,
            case.confidential.is_(False),
        ),
        (
            application_steps.join(applications, same_record(of_application, application)),
            of_application,
            application.confidential.is_(False),
        ),
        (hearing_steps, of_hearing, not_(secret)),
    )
    found: list[LateEntryRecord] = []
    for source, step, is_open in sources:
        asked = (
            select(step.department_code, step.at)
            .select_from(source)
            .where(step.at >= first_instant(year), step.at < first_instant(year + 1), step.department_code.is_not(None))
            .where(step.on < civil_day(step.at), is_open)
        )
        found += [LateEntryRecord(department, civil_date(at)) for department, at in await session.fetch(asked)]
    elsewhere = (_late_letters, _late_grounds, _late_visits)
    return [*found, *[record for counted in elsewhere for record in await counted(session, year)]]


async def _late_visits(session: Session, year: int) -> list[LateEntryRecord]:
    """Return the visits of supervisors of a department that were recorded on a later day than their own [5.2.2]."""
    row = focused_checks.c
    asked = select(row.department_code, row.recorded_at).where(
        row.recorded_at >= first_instant(year),
        row.recorded_at < first_instant(year + 1),
        row.department_code.is_not(None),
        row.checked_on < civil_day(row.recorded_at),
    )
    return [LateEntryRecord(department, civil_date(at)) for department, at in await session.fetch(asked)]


async def _late_letters(session: Session, year: int) -> list[LateEntryRecord]:
    """Return the letters about authorisations and guardianships that were entered later than on their own day [5.1.6].

    Refusals are not counted: a figure that grew by one would tell of them.
    """
    found: list[LateEntryRecord] = []
    sources = (
        (consent_events.c, consent_events.c.facts["recipient_code"].as_string()),
        (delegation_events.c, delegation_events.c.department_code),
    )
    for row, department_code in sources:
        asked = select(department_code, row.event, row.at, row.facts).where(
            row.at >= first_instant(year), row.at < first_instant(year + 1), row.event.in_(_DAY_OF_LETTER)
        )
        for department, event, at, facts in await session.fetch(asked):
            own_day, recorded_on = facts.get(_DAY_OF_LETTER[event]), civil_date(at)
            if own_day is not None and date.fromisoformat(own_day) < recorded_on:
                found.append(LateEntryRecord(department, recorded_on))
    return found


async def _late_grounds(session: Session, year: int) -> list[LateEntryRecord]:
    """Return the acts among the grounds of cases that were recorded late with a step of the year [5.1.2c] [5.1.2d]."""
    step, case = case_steps.c, restraint_cases.c
    asked = (
        select(case.department_code, step.at, step.facts)
        .select_from(case_steps.join(restraint_cases, same_record(step, case, "case_id")))
        .where(step.at >= first_instant(year), step.at < first_instant(year + 1), case.confidential.is_(False))
        .where(case.circumstance.in_(_WITH_GROUNDS), step.step.in_(_GROUNDED))
    )
    found: list[LateEntryRecord] = []
    for department, at, facts in await session.fetch(asked):
        grounds, recorded_on = facts.get("grounds") or {}, civil_date(at)
        # A later step repeats the grounds; the act was recorded with the step of its day.
        found += [
            LateEntryRecord(department, recorded_on)
            for act in ("reminded", "verified")
            if f"{act}_own_day" in grounds and grounds[f"{act}_on"] == recorded_on.isoformat()
        ]
    return found
