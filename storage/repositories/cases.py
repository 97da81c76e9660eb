"""Cases and their steps, and the cases of an import [5.1].

An import replaces a whole row, if no step was taken since it read the row; `version` counts the changes of sealed text.
A step is appended, with a leaf in the access log, and its changed days are written only if `step_version` is still that
at which the case was read.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy import case as sql_case
from sqlalchemy.exc import IntegrityError

from consent.leaves.provenance import COLUMNS as PROVENANCE
from consent.leaves.provenance import CONTENT
from consent.leaves.steps import case_step_bytes
from credit.calendar.deadlines import civil_date
from credit.cases.case import Case, EntryDelay
from credit.cases.refusals import NumberTaken
from credit.cases.steps import StepName, with_steps
from credit.cases.texts import CaseStatement, FactsVersion, Texts, Whereabouts
from credit.core.errors import CaseChangedMeanwhile
from credit.core.recorded_step import RecordedStep
from credit.core.values.document_numbers import number_key
from credit.subjects.areas import TOWNSHIP_DIGITS
from storage.database.column_types import Instant
from storage.database.conflicts import insert_once, is_duplicate
from storage.errors import Stale
from storage.repositories.case_row import (
    IMPORTED,
    CaseRow,
    columns,
    due_day_columns,
    from_columns,
    imported_columns,
    imported_row,
)
from storage.repositories.deadlines.due_days import CountingRepository, count_uncounted
from storage.repositories.ledger_leaves import append_steps
from storage.repositories.notices.number_registry import CASE, claim, note, release
from storage.repositories.rows import (
    attributes,
    column_names,
    field_names,
    in_parts,
    sealed_text_columns,
    select_named,
    split,
    these,
    unsealed_names,
)
from storage.tables import (
    applications,
    case_statements,
    case_steps,
    departments,
    entry_delays,
    facts_versions,
    restraint_cases,
    subjects,
)

CaseNumber = tuple[UUID, str]
"""The subject of a case, and the key of its number: what identifies a case in an import."""

COLUMNS = unsealed_names(restraint_cases)
"""The columns that the rules need: no sealed text, and `step_version` as their version."""
STEP_COLUMNS = tuple(name for name in column_names(case_steps) if name not in {*PROVENANCE, CONTENT})
STATEMENT_COLUMNS = tuple(name for name in field_names(CaseStatement) if name != "text")
VERSION_COLUMNS = tuple(name for name in field_names(FactsVersion) if name != "facts")


SEEN_BY_OTHERS: Final = (
    *("basis", "legal_document", "determined_on", "published_on", "ends_on", "period_basis", "unlisted"),
    *("listed_until", "paused_on", "resumed_on", "rectified_on", "removed_on", "removal", "dropped_on", "referred_on"),
    "taken_over_on",
)
"""What others than the authority and the subject see of a restraint besides its number, by column."""
CLAIM: Final = ("timely_claim_on", "timely_claim_answered_on")
"""What decides after the last day whether a restraint is in force."""


def _changed_at(after: Mapping[str, object], at: datetime) -> ColumnElement[datetime]:
    """Return when the case last changed, once it has the values *after* at *at*.

    The public and the window see this instant, and their lists are ordered by it. So a step that changes nothing of
    what they see of a published case does not move it: a claim of rectification, a new handler, the mark of
    secrecy and its end [5.1.5] [5.1.6].
    """
    row = restraint_cases.c

    def same(*names: str) -> ColumnElement[bool]:
        return and_(*(row[name].is_not_distinct_from(after[name]) for name in names))

    number = func.coalesce(row.marked_number, row.number) == (after["marked_number"] or after["number"])
    is_quiet = and_(
        row.published_on.is_not(None), number, same(*SEEN_BY_OTHERS), or_(row.ends_on >= civil_date(at), same(*CLAIM))
    )
    return sql_case((is_quiet, row.changed_at), else_=literal(at, Instant()))


def _kept_key(after: Mapping[str, object]) -> ColumnElement[str]:
    """Return the key of the number: the stored one while the number stays, for that of an old duplicate is its own."""
    row = restraint_cases.c
    stays = and_(row.number == after["number"], row.number_key.is_not(None))
    return sql_case((stays, row.number_key), else_=literal(after["number_key"]))


class CaseRepository(CountingRepository):
    """The tables `restraint_cases`, `case_steps`, `case_statements` and `facts_versions`: implements `CaseStore`."""

    async def load(self, subject_id: UUID, case_id: UUID) -> Case | None:
        own = _cases(subject_id).where(restraint_cases.c.case_id == case_id)
        found = await self._read(own, subject_id)
        return found[0] if found else None

    async def all_of(self, subject_id: UUID) -> Sequence[Case]:
        """Return all cases of a subject, locked until this transaction ends.

        The publication of another case restarts a period: two publications at once must see each other [5.1.5].
        """
        every = _cases(subject_id).order_by(restraint_cases.c.case_id)
        return await self._read(every.with_for_update(), subject_id)

    async def look_at_all(self, subject_id: UUID) -> Sequence[Case]:
        """Return all cases of a subject, for a decision that changes none of them."""
        return await self._read(_cases(subject_id), subject_id)

    async def look_at_these(self, keys: Collection[tuple[UUID, UUID]]) -> Sequence[Case]:
        """Return the cases with these keys, each a subject and a case, without a lock."""
        found: list[Case] = []
        for part in in_parts(sorted(keys)):
            wanted = select_named(restraint_cases, COLUMNS).where(these(restraint_cases, part, "case_id"))
            found += await self._read(wanted, *{subject_id for subject_id, _ in part})
        return found

    async def save(self, case: Case, expected_version: int, at: datetime) -> None:
        own = _of(case) | {"step_version": expected_version}
        after = columns(case)
        # Whoever saw the case before its mark sees it again as it was: a gap in the count would tell of the mark.
        is_unmarked = and_(restraint_cases.c.confidential.is_(True), literal(not case.confidential))
        version = sql_case((is_unmarked, expected_version - 1), else_=expected_version + 1)
        values = after | {"changed_at": _changed_at(after, at), "step_version": version, "number_key": _kept_key(after)}
        values |= due_day_columns(case, await self._calendar.get()) | {"counted_version": version}
        if not await self._update_row(restraint_cases, own, values):
            raise CaseChangedMeanwhile

    async def whereabouts(
        self, subject_id: UUID, department_code: str, application_id: UUID | None
    ) -> Whereabouts | None:
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
        row = columns(case) | {
            "subject_id": case.subject_id,
            "case_id": case.case_id,
            "department_code": case.department_code,
            "application_id": case.application_id,
            "circumstance": case.circumstance.value,
            "channel": case.channel.value,
            "sector_code": where.sector_code,
            "area_code": where.area_code,
            "township_code": where.area_code[:TOWNSHIP_DIGITS],
            **sealed_text_columns(facts=texts.facts, evidence=texts.evidence, notes=texts.notes),
            "version": 1,
            "step_version": 1,
            "changed_at": at,
            **due_day_columns(case, await self._calendar.get()),
            "counted_version": 1,
        }
        if not await claim(self._session, case.department_code, CASE, case.number):
            raise NumberTaken
        if await self._session.execute(insert_once(restraint_cases).values(row)) == 0:
            raise NumberTaken

    async def confidential(self, department_code: str, number: str) -> Sequence[Case]:
        marked = (
            select(restraint_cases.c.subject_id, restraint_cases.c.case_id)
            .where(restraint_cases.c.department_code == department_code)
            .where(restraint_cases.c.confidential.is_(True))
        )
        found = [await self.load(subject_id, case_id) for subject_id, case_id in await self._session.fetch(marked)]
        key = number_key(number)
        return [case for case in found if case is not None and number_key(case.marked_number or case.number) == key]

    async def free_number(self, case: Case) -> None:
        number = case.marked_number or case.number
        own = (
            restraint_cases.c.department_code == case.department_code,
            restraint_cases.c.number_key == number_key(number),
        )
        if not await self._session.fetch(select(restraint_cases.c.case_id).where(*own).limit(1)):
            await release(self._session, case.department_code, CASE, number)

    async def claim_number(self, department_code: str, number: str) -> None:
        if not await claim(self._session, department_code, CASE, number):
            raise NumberTaken

    async def add_statement(self, statement: CaseStatement) -> None:
        row = attributes(statement, STATEMENT_COLUMNS) | {"version": 1} | sealed_text_columns(text=statement.text)
        await self._session.execute(insert(case_statements), row)

    async def count_versions(self, subject_id: UUID, case_id: UUID) -> int:
        row = facts_versions.c
        own = select(func.count()).where(row.subject_id == subject_id, row.case_id == case_id)
        [(count,)] = await self._session.fetch(own)
        return int(count)

    async def add_version(self, version: FactsVersion) -> None:
        row = attributes(version, VERSION_COLUMNS) | {"version": 1} | sealed_text_columns(facts=version.facts)
        await self._session.execute(insert(facts_versions), row)

    async def append(self, step: RecordedStep) -> None:
        await self.append_all([step])

    async def append_all(self, steps: Sequence[RecordedStep]) -> None:
        """Append several steps, each as by `append`."""
        written = [(step, partial(case_step_bytes, step, step.about)) for step in steps]
        await append_steps(self._session, case_steps, written, about="case_id")

    async def keep_delay(self, case: Case) -> None:
        last = case.delays[-1]
        acts = [act for act in case.delays if act.delay_id == last.delay_id]
        own = {"subject_id": case.subject_id, "delay_id": last.delay_id}
        values = {"opens_on": last.opens_on, "acts": [_written_act(act) for act in acts]}
        if not await self._update_row(entry_delays, own, values):
            made = {"department_code": case.department_code, "ordered_at": acts[0].ordered.instant}
            await self._session.execute(insert(entry_delays), own | values | made | {"case_id": case.case_id})

    async def open_entries(self, case: Case, today: date) -> None:
        delay = entry_delays.c
        running = delay.subject_id == case.subject_id, delay.case_id == case.case_id, delay.opens_on > today
        await self._session.execute(update(entry_delays).where(*running).values(opens_on=today))

    async def existing(self, numbers: Sequence[CaseNumber]) -> Mapping[CaseNumber, CaseRow]:
        """Return those of these cases that exist, in the form that an import compares."""
        found: dict[CaseNumber, CaseRow] = {}
        table = restraint_cases.c
        for part in in_parts(numbers):
            some = tuple_(table.subject_id, table.number_key).in_(part)
            cases = map(imported_row, await self._rows(select_named(restraint_cases, IMPORTED).where(some)))
            found |= {(case.subject_id, number_key(case.number)): case for case in cases}
        return found

    async def add(self, cases: Sequence[CaseRow]) -> None:
        """Add new cases; raises Stale where one of them has been added since `existing` was asked."""
        if not cases:
            return
        try:
            await self._session.execute(insert(restraint_cases), [imported_columns(case) for case in cases])
            await note(self._session, CASE, ((case.department_code, case.number) for case in cases))
            await count_uncounted(self._session, await self._calendar.get())
        except IntegrityError as error:
            if is_duplicate(error):
                raise Stale("one of the cases", cases[0].case_id) from None
            raise

    async def change(self, case: CaseRow) -> None:
        """Replace the last version by *case*; raises Stale where another version is stored, or a step was taken."""
        own = _of(case) | {"version": case.version - 1, "step_version": case.step_version}
        after = imported_columns(case)
        values = after | {"step_version": case.step_version + 1, "number_key": _kept_key(after)}
        if not await self._update_row(restraint_cases, own, values):
            raise Stale("case", case.case_id)
        await count_uncounted(self._session, await self._calendar.get())

    async def date_changes(self, cases: Sequence[CaseRow], at: datetime) -> None:
        """Set the instant of the last change of *cases*."""
        row = restraint_cases.c
        own = row.subject_id == bindparam("of_subject"), row.case_id == bindparam("of_case")
        if cases:
            keys = [{"of_subject": case.subject_id, "of_case": case.case_id} for case in cases]
            await self._session.execute(update(restraint_cases).where(*own).values(changed_at=at), keys)

    async def _read(self, wanted: Select[Any], *subject_ids: UUID) -> list[Case]:
        rows = await self._rows(wanted)
        if not rows:
            return []
        row = case_steps.c
        own = row.subject_id.in_(subject_ids), row.case_id.in_([found["case_id"] for found in rows])
        steps: dict[UUID, list[RecordedStep]] = {}
        for each in await self._rows(select_named(case_steps, STEP_COLUMNS).where(*own)):
            steps.setdefault(each["case_id"], []).append(_step(each))
        return [
            with_steps(from_columns(found | {"version": found["step_version"]}), steps.get(found["case_id"], ()))
            for found in rows
        ]


def _written_act(act: EntryDelay) -> dict[str, str]:
    return {
        "at": act.ordered.instant.isoformat(),
        "by": str(act.ordered.by),
        "ground": act.citation,
        "opens_on": act.opens_on.isoformat(),
    }


def _of(case: Case | CaseRow) -> dict[str, object]:
    return {"subject_id": case.subject_id, "case_id": case.case_id}


def _cases(subject_id: UUID) -> Select[Any]:
    return select_named(restraint_cases, COLUMNS).where(restraint_cases.c.subject_id == subject_id)


def _step(row: dict[str, Any]) -> RecordedStep:
    about = row.pop("case_id")
    return RecordedStep(**row | {"about": about, "step": StepName(row["step"]), "evidence": split(row["evidence"])})
