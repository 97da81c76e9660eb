"""Which acts count for their subject at once, and which only when it sees the record that they are about [5.1.4(2)].

    act ──> its entry, at the end of its transaction
              the subject sees the record:   the entry counts for it
              it does not:                   the entry counts for nobody, and `withheld_entries` has a row
    any later act about the subject ──> each withheld entry whose record it sees by now gets its second entry, in that
                                        transaction (`entry_openings`, consent/ledger/entry_openings.py)

The rules are those by which the subject reads its records (`storage.queries.conditions.scope_rules`). They are asked
when the transaction ends: so the step of the notice counts at once, behind the second entries of what came before it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, FromClause, Select, Table, and_, bindparam, exists, insert, not_, select, union_all

from consent.leaves.canonical_form import NOBODY
from consent.ledger.entry_openings import opening
from credit.cases.status import UnrectifiedPolicy
from credit.cases.steps import StepName
from credit.core.evidence_files import SUBJECTS_SIDE, FileRecord
from storage.database.array_binds import id_pairs, joined_pairs
from storage.database.conflicts import insert_once
from storage.database.session import Session
from storage.queries.conditions.row_conditions import Condition, is_open
from storage.queries.conditions.scope_rules import notified, of_no_case_without_notice
from storage.tables import (
    application_steps,
    applications,
    attested_rows,
    authorisations,
    case_steps,
    clock_recounts,
    consent_events,
    consultation_lines,
    corrections,
    delegation_events,
    delegations,
    deletion_duties,
    entry_delays,
    entry_openings,
    file_attachments,
    focused_checks,
    hearing_steps,
    issued_notices,
    objections,
    registrations,
    restraint_cases,
    subject_events,
    subject_secrets,
    subjects,
    withheld_entries,
)

Row = Mapping[str, Any]
NEVER: Final = UUID(int=0)
"""What stands for the record of an act that its subject is never told of."""
_OF_SECRECY: Final = frozenset({StepName.MARKED.value, StepName.UNMARKED.value})
"""The steps that the subject sees neither while they hold nor afterwards [5.1.6]."""
_OF_DELAY: Final = frozenset({StepName.ENTRIES_DELAYED.value, StepName.DELAY_EXTENDED.value})
"""The steps that the subject sees on the date of the delay, or with the notice of the case before it [5.1.6]."""

_OF_OFFICERS: Final = frozenset({FileRecord.RESTRAINT_CASE, FileRecord.OBJECTION, FileRecord.FOCUSED_CHECK})
"""The records of which the subject sees its own papers and none of the officers'."""


def _at_once(_: Row) -> None:
    return None


def _of_case_step(row: Row) -> UUID:
    step = str(row["step"])
    if step in _OF_SECRECY:
        return NEVER
    decides: UUID = UUID(row["facts"]["delay_id"]) if step in _OF_DELAY else row["case_id"]
    return decides


def _of_attachment(row: Row) -> UUID:
    is_unseen = str(row["record"]) in _OF_OFFICERS and row["attached_as"] not in SUBJECTS_SIDE
    record_id: UUID = NEVER if is_unseen else row["record_id"]
    return record_id


def _case_of_event(row: Row) -> UUID | None:
    case_id = row["facts"].get("case_id")
    return None if case_id is None else UUID(case_id)


def _of_attested_row(row: Row) -> UUID | None:
    """Return the record with which a row counts that was taken over: itself, or what it belongs to."""
    if row["record"] in {authorisations.name, delegations.name, deletion_duties.name}:
        return None
    decides: UUID = row["record_id"]
    is_part = row["record"] not in {subjects.name, *(table.name for table, _, _ in _DECIDING)}
    named = row["state"].get("case_id") or row["state"].get("application_id") if is_part else None
    return decides if named is None else UUID(named)


COUNTED_WITH: Final[Mapping[Table, Callable[[Row], UUID | None]]] = {
    consent_events: _at_once,
    delegation_events: _at_once,
    consultation_lines: _at_once,
    entry_openings: _at_once,
    case_steps: _of_case_step,
    attested_rows: _of_attested_row,
    application_steps: lambda row: row["application_id"],
    hearing_steps: lambda row: row["record_id"],
    issued_notices: lambda row: row["case_id"] or row["application_id"],
    focused_checks: lambda row: row["case_id"],
    clock_recounts: lambda row: row["about"],
    file_attachments: _of_attachment,
    registrations: lambda row: row["case_id"] or row["subject_id"],
    subject_events: _case_of_event,
    subject_secrets: lambda row: row["subject_id"],
}
"""For each table of entries of `consent`: with which record a row counts; None at once.

The subject itself stands for its own record, which it sees when it sees one of its registrations.
"""


@dataclass(frozen=True, slots=True)
class AppendedEntry:
    """An entry that a transaction appends: the row that it commits to, and in `consent` its subject.

    *record_id* is what `COUNTED_WITH` says. *salt* is that of the commitment.
    """

    source: UUID
    entry: bytes
    owner: UUID | None
    record_id: UUID | None = None
    salt: bytes = field(default=b"", repr=False)


async def withhold_and_open(session: Session, appended: Sequence[AppendedEntry]) -> list[AppendedEntry]:
    """Return what the log `consent` gets: of what its subject may not see, an entry that counts for nobody.

    Before them come the second entries of earlier acts about these subjects whose records they see now.
    """
    about = {(each.owner, each.record_id) for each in appended if each.owner is not None and each.record_id is not None}
    if not about:
        return list(appended)
    # Who tells the subject of a case meanwhile waits for this transaction, or this one for it.
    await session.fetch(_LOCK, {_RECORDS: joined_pairs(sorted(about))})
    own = joined_pairs((owner, owner) for owner in sorted({owner for owner, _ in about}))
    waiting = [_Withheld(*row) for row in await session.fetch(_WAITING, {_RECORDS: own})]
    hidden = await hidden_records(session, about | {(each.subject_id, each.record_id) for each in waiting})
    result, withheld = [], list[dict[str, object]]()
    for each in appended:
        if (each.owner, each.record_id) in hidden:
            names = {"subject_id": each.owner, "source": each.source, "record_id": each.record_id}
            withheld.append({**names, "commitment": each.entry, "salt": each.salt})
            result.append(replace(each, entry=NOBODY + each.entry))
        else:
            result.append(each)
    if withheld:
        await session.execute(insert(withheld_entries), withheld)
    due = [each for each in waiting if (each.subject_id, each.record_id) not in hidden]
    return [*await _open(session, due), *result]


async def open_delays(session: Session, today: date) -> list[AppendedEntry]:
    """Return the second entries of the steps that delayed the entries of reads until *today* or an earlier day [5.1.6].

    The subject sees the delay on its date, whether it was notified of the case or not.
    """
    return await _open(session, [_Withheld(*row) for row in await session.fetch(_DELAYED, {"today": today})])


async def hidden_records(session: Session, about: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return those of these records, each after its subject, that their subjects may not see."""
    rows = await session.fetch(_HIDDEN, {_RECORDS: joined_pairs(sorted(about))})
    never = {(owner, record_id) for owner, record_id in about if record_id == NEVER}
    return {(owner, record_id) for owner, record_id in rows} | never


@dataclass(frozen=True, slots=True)
class _Withheld:
    subject_id: UUID
    source: UUID
    record_id: UUID
    commitment: bytes
    salt: bytes


async def _open(session: Session, due: Sequence[_Withheld]) -> list[AppendedEntry]:
    opened: list[AppendedEntry] = []
    for each in due:
        withheld, salt = bytes(each.commitment), bytes(each.salt)
        opening_id, entry = opening(withheld, salt)
        own = {"subject_id": each.subject_id, "opening_id": opening_id, "source": each.source}
        # Another transaction may have opened it since `each` was read: then it is not opened twice.
        if await session.execute(insert_once(entry_openings), {**own, "withheld": withheld, "salt": salt}):
            opened.append(AppendedEntry(opening_id, entry, each.subject_id))
    return opened


# --- the statements, made once ----------------------------------------------------------------------------------------

_RECORDS: Final = "records"
_STAYS: Final = UnrectifiedPolicy.STAYS
"""A case that its subject was notified of stays so under every reading of [5.1.5]."""


def _seen(row: FromClause) -> Condition:
    """Return the condition that the subject sees *row*, as far as its case decides."""
    return of_no_case_without_notice(row, _STAYS)


_DECIDING: Final[Sequence[tuple[Table, str, Callable[[FromClause], Condition]]]] = (
    (restraint_cases, "case_id", lambda row: and_(is_open(row), notified(row, _STAYS))),
    (applications, "application_id", is_open),
    (focused_checks, "check_id", _seen),
    (corrections, "correction_id", _seen),
    (objections, "objection_id", _seen),
    (entry_delays, "delay_id", _seen),
)
"""The records that an act can be about, their keys, and when their subjects see them."""


def _hidden_records() -> Any:  # noqa: ANN401 - SQLAlchemy's
    pairs, owner, record = id_pairs(_RECORDS)
    parts: list[Select[Any]] = []
    for table, key, is_seen in _DECIDING:
        same = and_(table.c.subject_id == owner, table.c[key] == record)
        found: Select[Any] = select(table.c.subject_id, table.c[key]).select_from(pairs.join(table, same))
        parts.append(found.where(not_(is_seen(table))))
    made, seen = registrations.alias(), registrations.alias()
    is_registered = exists().where(made.c.subject_id == owner)
    is_seen_one = exists().where(seen.c.subject_id == owner, _seen(seen))
    own = select(owner, record).select_from(pairs).where(owner == record, is_registered, not_(is_seen_one))
    return union_all(*parts, own)


def _cases() -> Select[Any]:
    pairs, owner, record = id_pairs(_RECORDS)
    case = restraint_cases
    same = and_(case.c.subject_id == owner, case.c.case_id == record)
    wanted = select(case.c.case_id).select_from(pairs.join(case, same)).order_by(case.c.subject_id, case.c.case_id)
    return wanted.with_for_update(read=True, of=case)


def _unopened(other: FromClause, same: Condition) -> Select[Any]:
    """Return the statement for the entries that have no second one, and are joined to *other* by a condition."""
    row, opened = withheld_entries, entry_openings
    of_row = and_(opened.c.subject_id == row.c.subject_id, opened.c.source == row.c.source)
    return (
        select(row.c.subject_id, row.c.source, row.c.record_id, row.c.commitment, row.c.salt)
        .select_from(other.join(row, same).outerjoin(opened, of_row))
        .where(opened.c.source.is_(None))
        .order_by(row.c.subject_id, row.c.source)
    )


def _of_these_subjects() -> Select[Any]:
    pairs, owner, _ = id_pairs(_RECORDS)
    return _unopened(pairs, withheld_entries.c.subject_id == owner)


def _of_ended_delays() -> Select[Any]:
    delay, row = entry_delays.c, withheld_entries.c
    of_delay = and_(row.subject_id == delay.subject_id, row.record_id == delay.delay_id)
    return _unopened(entry_delays, of_delay).where(delay.opens_on <= bindparam("today", type_=Date()))


_HIDDEN: Final = _hidden_records()
_LOCK: Final = _cases()
_WAITING: Final = _of_these_subjects()
_DELAYED: Final = _of_ended_delays()
