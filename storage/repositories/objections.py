"""Objections, the contested records, and the steps of objections that are about no case [5.1.4(6)]."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, exists, insert, or_, select

from consent.leaves.steps import hearing_step_bytes
from credit.calendar.deadlines import civil_date, objection_due
from credit.cases.case import Fact
from credit.cases.steps import StepName
from credit.core import late_entries
from credit.core.errors import CaseChangedMeanwhile
from credit.core.operator_acts import account_of
from credit.core.recorded_step import RecordedStep
from credit.corrections.ports import Contested
from credit.objections.objection import Objection, ObjectionAnswer, RecordKind
from credit.subjects.subject import SealedText
from storage.queries.access_entries.single_entry import opened_entry
from storage.repositories.deadlines.due_days import CountingRepository
from storage.repositories.ledger_leaves import append_steps
from storage.repositories.rows import column_names, fact_of, in_parts, joined, sealed_text_columns, select_named, these
from storage.tables import (
    applications,
    authorisations,
    credit_checks,
    hearing_steps,
    objections,
    restraint_cases,
    subjects,
)

COLUMNS = tuple(name for name in column_names(objections) if not name.endswith(("_sealed", "_mask")))

RECORDS: Mapping[RecordKind, tuple[Table, str, str, str, str]] = {
    RecordKind.APPLICATION: (applications, "application_id", "department_code", "clerk_ref", "filed_at"),
    RecordKind.CREDIT_CHECK: (credit_checks, "check_id", "department_code", "by_ref", "at"),
    RecordKind.AUTHORISATION: (authorisations, "authorisation_id", "recipient_code", "requested_by", "requested_at"),
}
"""The columns of each kind of record: its id, the department that answers for it, the officer who made it, and when."""
OPENED_ENTRY = opened_entry("department_code", "actor_ref", "at")
NOTIFIED_SINCE = ("noticed_on", "served_on", "determined_on", "published_on")


class ObjectionRepository(CountingRepository):
    """The tables `objections` and `hearing_steps`: implements `ObjectionStore`."""

    async def contested(self, subject_id: UUID, kind: RecordKind, record_id: UUID, today: date) -> Contested | None:
        if kind is RecordKind.SUBJECT:
            return await self._subject(subject_id) if record_id == subject_id else None
        if kind is RecordKind.ACCESS_ENTRY:
            named = {"subject_id": subject_id, "entry_id": record_id, "today": today}
            rows = await self._session.fetch(OPENED_ENTRY, named)
        else:
            rows = await self._session.fetch(_record(subject_id, kind, record_id))
        if not rows:
            return None
        keeper, maker, made_at = rows[0]
        return Contested(
            kind,
            record_id,
            keeper,
            frozenset() if maker is None else frozenset({account_of(maker)}),
            civil_date(made_at),
        )

    async def add(self, objection: Objection, raised_as: str, text: SealedText | None, at: datetime) -> None:
        row = {
            "subject_id": objection.subject_id,
            "objection_id": objection.objection_id,
            "record": objection.record.value,
            "record_id": objection.record_id,
            "case_id": objection.record_id if objection.record is RecordKind.RESTRAINT_CASE else None,
            "department_code": objection.department_code,
            "raised_on": objection.raised.on,
            "due_on": objection_due(objection.raised.on, await self._calendar.get()).on,
            "raised_at": at,
            "raised_by": objection.raised.by,
            "raised_as": raised_as,
            "evidence": joined(objection.raised.evidence),
            "late_entries": _late(objection),
            **sealed_text_columns(text=text),
        }
        await self._session.execute(insert(objections), row)

    async def load(self, subject_id: UUID, objection_id: UUID) -> Objection | None:
        """Return the objection, locked until the transaction ends, or None where that subject has none of this id."""
        found = await self._read(
            objections.c.subject_id == subject_id, objections.c.objection_id == objection_id, lock=True
        )
        return found[0] if found else None

    async def look_at_these(self, keys: Collection[tuple[UUID, UUID]]) -> Sequence[Objection]:
        """Return the objections with these keys, each a subject and an objection, without a lock."""
        found: list[Objection] = []
        for part in in_parts(sorted(keys)):
            found += await self._read(these(objections, part, "objection_id"))
        return found

    async def look_at_contested(self, of: Collection[Objection]) -> Mapping[tuple[UUID, UUID], Contested]:
        """Return the contested records other than cases, by subject and id, a statement for each kind.

        Who made the read of an entry is left out, and so is the department of a subject's own record.
        """
        found: dict[tuple[UUID, UUID], Contested] = {}
        for kind in {each.record for each in of} - {RecordKind.RESTRAINT_CASE}:
            keys = sorted({(each.subject_id, each.record_id) for each in of if each.record is kind})
            for key, made_by in (await self._makers(kind, keys)).items():
                staff = frozenset() if made_by is None else frozenset({account_of(made_by)})
                found[key] = Contested(kind, key[1], None, staff)
        return found

    async def _makers(
        self, kind: RecordKind, keys: Sequence[tuple[UUID, UUID]]
    ) -> Mapping[tuple[UUID, UUID], str | None]:
        """Return who made each of these records of one kind; nothing for one that may not be known."""
        if kind is RecordKind.ACCESS_ENTRY:
            return dict.fromkeys(keys)
        if kind is RecordKind.SUBJECT:
            table, key, by = subjects, "subject_id", "registered_by"
        else:
            table, key, _, by, _ = RECORDS[kind]
        wanted = select(table.c.subject_id, table.c[key], table.c[by]).where(these(table, keys, key))
        if kind is not RecordKind.SUBJECT:
            wanted = _of_no_secrecy(wanted, table, kind)
        return {
            (subject_id, record_id): made_by for subject_id, record_id, made_by in await self._session.fetch(wanted)
        }

    async def of_record(self, subject_id: UUID, kind: RecordKind, record_id: UUID) -> Sequence[Objection]:
        # One at a time for each record: two at once must see each other, and there may be no row to lock yet.
        await self._lock_subject(subject_id)
        return await self._read(
            objections.c.subject_id == subject_id,
            objections.c.record == kind.value,
            objections.c.record_id == record_id,
        )

    async def of_subject(self, subject_id: UUID) -> Sequence[Objection]:
        """Return all objections of a subject, the oldest first."""
        return await self._read(objections.c.subject_id == subject_id)

    async def save(self, objection: Objection, reasons: SealedText | None, at: datetime) -> None:
        changes: dict[str, object] = {"assigned_ref": objection.assigned_ref, "step_version": objection.version + 1}
        answered = objection.answered
        if answered is not None and objection.answer is not None:
            changes |= {
                "answered_on": answered.on,
                "answered_at": at,
                "answered_by": answered.by,
                "answer": objection.answer.value,
                "answer_evidence": joined(answered.evidence),
                "late_entries": _late(objection),
                **sealed_text_columns(reasons=reasons),
            }
        own = {
            "subject_id": objection.subject_id,
            "objection_id": objection.objection_id,
            "step_version": objection.version,
        }
        if not await self._update_row(objections, own, changes):
            raise CaseChangedMeanwhile

    async def append(self, step: RecordedStep) -> None:
        entry = partial(hearing_step_bytes, step, step.about, cast("str", step.record), cast("UUID", step.record_id))
        await append_steps(self._session, hearing_steps, [(step, entry)], about="about")

    async def _subject(self, subject_id: UUID) -> Contested | None:
        """Return the subject's own record. The authority of the last case that it was notified of answers for it."""
        registered = await self._session.fetch(
            select(subjects.c.registered_by, subjects.c.registered_at).where(subjects.c.subject_id == subject_id)
        )
        if not registered:
            return None
        cases, filed = restraint_cases.c, applications.c
        known = or_(*(cases[name].is_not(None) for name in NOTIFIED_SINCE))
        last = select(cases.department_code).where(cases.subject_id == subject_id, cases.confidential.is_(False), known)
        rows = await self._session.fetch(last.order_by(cases.collected_at.desc(), cases.case_id).limit(1))
        if not rows:
            newest = select(filed.department_code).where(filed.subject_id == subject_id, filed.confidential.is_(False))
            rows = await self._session.fetch(newest.order_by(filed.filed_at.desc(), filed.application_id).limit(1))
        department = rows[0][0] if rows else None
        by, at = registered[0]
        return Contested(RecordKind.SUBJECT, subject_id, department, frozenset({account_of(by)}), civil_date(at))

    async def _read(self, *which: Any, lock: bool = False) -> list[Objection]:  # noqa: ANN401 - SQLAlchemy's conditions
        wanted = select_named(objections, COLUMNS).where(*which)
        wanted = wanted.order_by(objections.c.raised_on, objections.c.objection_id)
        return [_objection(row) for row in await self._rows(wanted.with_for_update() if lock else wanted)]


def _record(subject_id: UUID, kind: RecordKind, record_id: UUID) -> Select[Any]:
    table, key, department, by, made = RECORDS[kind]
    wanted = select(table.c[department], table.c[by], table.c[made]).where(
        table.c.subject_id == subject_id, table.c[key] == record_id
    )
    return _of_no_secrecy(wanted, table, kind)


def _of_no_secrecy(wanted: Select[Any], table: Table, kind: RecordKind) -> Select[Any]:
    if "confidential" in table.c:
        wanted = wanted.where(table.c.confidential.is_(False))
    if kind is RecordKind.CREDIT_CHECK:  # it is confidential if its application is [5.1.6]
        same = (applications.c[name] == table.c[name] for name in ("subject_id", "application_id"))
        wanted = wanted.where(exists().where(*same, applications.c.confidential.is_(False)))
    return wanted


def _objection(row: Mapping[str, Any]) -> Objection:
    answer = row["answer"]
    answered = None
    if answer is not None:
        answered = _fact(row, "answered", row["answered_by"], row["department_code"], row["answer_evidence"])
        answered = replace(answered, late=late_entries.of_step(row["late_entries"], StepName.OBJECTION_ANSWERED))
    return Objection(
        objection_id=row["objection_id"],
        subject_id=row["subject_id"],
        record=RecordKind(row["record"]),
        record_id=row["record_id"],
        department_code=row["department_code"],
        raised=replace(
            _fact(row, "raised", row["raised_by"], None, row["evidence"]),
            late=late_entries.of_step(row["late_entries"], StepName.OBJECTED),
        ),
        answered=answered,
        answer=None if answer is None else ObjectionAnswer(answer),
        assigned_ref=row["assigned_ref"],
        version=row["step_version"],
    )


def _late(objection: Objection) -> dict[str, dict[str, str]] | None:
    """Return both days of an objection and of its answer, where they were recorded late."""
    answered = objection.answered
    entries = [(StepName.OBJECTED, objection.raised.late)]
    return late_entries.column([*entries, (StepName.OBJECTION_ANSWERED, None if answered is None else answered.late)])


def _fact(row: Mapping[str, Any], name: str, by: str, department: str | None, evidence: str | None) -> Fact:
    return fact_of(row[f"{name}_on"], row[f"{name}_at"], by, department, evidence)
