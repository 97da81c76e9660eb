"""Records against the events and steps that made them: what was added, deleted or changed beside them [5.1.4] [5.1.6].

A record is a row of state: an authorisation, a delegation, a case, an application. Its history is the rows of a table
of entries about it, which `rows_and_entries` compares with the ledger. Both are read in one snapshot.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, select, tuple_

from consent.recorded_state import RecordedEvent, authorisation_columns, delegation_columns, differing
from credit.applications.recorded_state import application_columns, application_row
from credit.cases.recorded_state import case_columns, timely_claim
from credit.cases.steps import StepName
from credit.core.recorded_step import RecordedStep
from storage.database.array_binds import id_pairs, joined_pairs
from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.recomputed_entries import UNREADABLE, Key
from storage.repositories.rows import named, split
from storage.tables import (
    application_steps,
    applications,
    authorisations,
    case_steps,
    consent_events,
    delegation_events,
    delegations,
    restraint_cases,
)

Row = Mapping[str, Any]
Columns = Mapping[str, Any]
EVENT: Final = ("event", "at", "actor_ref", "role", "facts")
STEP: Final = ("step_id", "step", "on", "at", "actor_ref", "role", "department_code", "evidence", "facts")


@dataclass(frozen=True)
class History:
    """A table whose rows tell of records: *about* names the record that *link* of the record's row names too.

    *told* gives the id of the record that a row tells of, where that is not what it is about.
    """

    table: Table
    about: str
    columns: Sequence[str]
    link: str
    told: Callable[[Row], UUID | None] | None = None

    @property
    def source(self) -> str:
        """The column of the id of a row."""
        return next(column.name for column in self.table.primary_key if column.name != "subject_id")


@dataclass(frozen=True)
class RecordTable:
    """A kind of record: its table and key, the tables that tell of it, and what these say.

    *expected* gives the columns of a record from its row and its history; *stored* gives the row as that compares.
    """

    table: Table
    key: str
    histories: Sequence[History]
    expected: Callable[[Row, Sequence[Row]], Columns]
    stored: Callable[[Row], Row] = dict
    with_sealed: Sequence[str] = ()
    """The sealed columns that are compared, by their digests."""


def _authorisation(_: Row, events: Sequence[Row]) -> Columns:
    return authorisation_columns(_events(events))


def _delegation(_: Row, events: Sequence[Row]) -> Columns:
    return delegation_columns(_events(events))


def _events(rows: Iterable[Row]) -> list[RecordedEvent]:
    return [RecordedEvent(**row) for row in rows]


def _case(row: Row, steps: Sequence[Row]) -> Columns:
    taken = [recorded_step(step, StepName(step["step"])) for step in steps]
    found = case_columns(taken)
    return {**found, **timely_claim(taken, row["ends_on"])} if found else {}


def _application(_: Row, steps: Sequence[Row]) -> Columns:
    return application_columns([recorded_step(step, step["step"]) for step in steps])


def recorded_step(row: Row, name: str) -> RecordedStep:
    """Return a step from the columns that say what happened: without subject, record and salt."""
    nobody = UUID(int=0)
    plain = {**row, "step": name, "evidence": split(row["evidence"])}
    return RecordedStep(subject_id=nobody, about=nobody, salt=b"", **plain)


AUTHORISATIONS: Final = RecordTable(
    authorisations,
    "authorisation_id",
    [History(consent_events, "authorisation_id", EVENT, "authorisation_id")],
    _authorisation,
)
DELEGATIONS: Final = RecordTable(
    delegations,
    "delegation_id",
    [History(delegation_events, "delegation_id", (*EVENT, "department_code"), "delegation_id")],
    _delegation,
)
CASES: Final = RecordTable(restraint_cases, "case_id", [History(case_steps, "case_id", STEP, "case_id")], _case)
APPLICATIONS: Final = RecordTable(
    applications,
    "application_id",
    [History(application_steps, "application_id", STEP, "application_id")],
    _application,
    application_row,
)
KINDS: Final = (AUTHORISATIONS, DELEGATIONS, CASES, APPLICATIONS)


async def contradicted_records(
    session: Session, kind: RecordTable, after: Key | None, limit: int
) -> tuple[list[Contradiction], Key | None]:
    """Compare the next *limit* records of a kind with their history; return where to go on, None at the end."""
    keys = await keys_of(session, kind.table, kind.key, after, limit)
    findings = await compare_records(session, kind, keys)
    return findings, keys[-1] if len(keys) == limit else None


async def compare_records(session: Session, kind: RecordTable, keys: Sequence[Key]) -> list[Contradiction]:
    """Return what contradicts these records, given by subject and id, in their history."""
    if not keys:
        return []
    hidden = ("_sealed", "_mask")
    plain = [one for one in kind.table.c if not one.name.endswith(hidden) or one.name in kind.with_sealed]
    names = tuple(one.name for one in plain)
    rows, damaged = await _rows(session, kind.table, names, ("subject_id", kind.key), keys)
    told = [await _history(session, history, rows) for history in kind.histories]
    findings = [_finding(ContradictionCode.STATE_DIFFERS, kind, key) for key in damaged]
    for row in rows:
        key, taken, is_damaged = (row["subject_id"], row[kind.key]), list[Row](), False
        for history, (by_link, unreadable) in zip(kind.histories, told, strict=True):
            link = (row["subject_id"], row[history.link])
            is_damaged = is_damaged or link in unreadable
            taken += by_link.get(link, ())
        findings += (
            [_finding(ContradictionCode.STATE_DIFFERS, kind, key)] if is_damaged else _compared(kind, key, row, taken)
        )
    return findings


async def _history(
    session: Session, history: History, rows: Sequence[Row]
) -> tuple[Mapping[Key, Sequence[Row]], set[Key]]:
    """Return the rows of a history by the records that these *rows* link to, and the links that cannot be read."""
    links = sorted({(row["subject_id"], row[history.link]) for row in rows if row[history.link] is not None})
    names = ("subject_id", history.about, *history.columns)
    taken, unreadable = await _rows(session, history.table, names, names[:2], links)
    found = defaultdict[Key, list[Row]](list)
    for row in taken:
        found[row["subject_id"], row.pop(history.about)].append(row)
        row.pop("subject_id")
    return found, unreadable


async def deleted_records(
    session: Session, kind: RecordTable, history: History, after: Key | None, limit: int
) -> tuple[list[Contradiction], Key | None]:
    """Return the records that the next *limit* rows of a history tell of, and that do not exist."""
    keys = await keys_of(session, history.table, history.source, after, limit)
    if not keys:
        return [], None
    names = ("subject_id", history.about, *history.columns)
    rows, _ = await _rows(session, history.table, names, ("subject_id", history.source), keys)
    told = {(row["subject_id"], _told(history, row)) for row in rows}
    wanted_keys = sorted((subject, record) for subject, record in told if record is not None)
    own = ("subject_id", kind.key)
    there, unreadable = await _rows(session, kind.table, own, own, wanted_keys)
    known = {(row["subject_id"], row[kind.key]) for row in there} | unreadable
    lacking = [key for key in wanted_keys if key not in known]
    findings = [_finding(ContradictionCode.STATE_DELETED, kind, key) for key in lacking]
    return findings, keys[-1] if len(keys) == limit else None


def _told(history: History, row: Row) -> UUID | None:
    try:
        about: UUID = row[history.about]
        return about if history.told is None else history.told(row)
    except UNREADABLE:
        return None


def _compared(kind: RecordTable, key: Key, row: Row, history: Sequence[Row]) -> list[Contradiction]:
    try:
        expected = kind.expected(row, history)
        columns = differing(expected, kind.stored(row))
    except UNREADABLE:  # facts that no act has written: their own row is named as well
        return [_finding(ContradictionCode.STATE_DIFFERS, kind, key)]
    if not expected:
        return [_finding(ContradictionCode.STATE_ADDED, kind, key)]
    return [_finding(ContradictionCode.STATE_DIFFERS, kind, key, columns)] if columns else []


def _finding(code: ContradictionCode, kind: RecordTable, key: Key, columns: tuple[str, ...] = ()) -> Contradiction:
    return Contradiction(code, kind.table.name, key[1], key[0], columns=columns)


async def keys_of(session: Session, table: Table, key: str, after: Key | None, limit: int) -> list[Key]:
    """Return the subject and the id of the next rows of a table, in order."""
    columns = table.c.subject_id, table.c[key]
    wanted: Select[Any] = select(*columns).order_by(*columns).limit(limit)
    if after is not None:
        typed = [bindparam(None, value, column.type) for value, column in zip(after, columns, strict=True)]
        wanted = wanted.where(tuple_(*columns) > tuple_(*typed))
    return [tuple(row) for row in await session.fetch(wanted)]


@lru_cache(maxsize=256)
def _joined(table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> Select[Any]:
    """Return the statement for the rows under keys; made once, for making it takes longer than running it."""
    pairs, subject, own = id_pairs("pairs")
    rows = pairs.join(table, (table.c[key[0]] == subject) & (table.c[key[1]] == own))
    return select(*(table.c[name] for name in names)).select_from(rows)


async def _rows(
    session: Session, table: Table, names: Sequence[str], key: Sequence[str], keys: Sequence[Key]
) -> tuple[list[dict[str, Any]], set[Key]]:
    """Return the rows under these keys by the names of their columns, and the keys of rows that cannot be read."""
    if not keys:
        return [], set()
    joined = _joined(table, tuple(names), tuple(key))
    try:
        return named(names, await session.fetch(joined, {"pairs": joined_pairs((a, b) for a, b in keys)})), set()
    except UNREADABLE:
        pass
    found: list[dict[str, Any]] = []
    damaged: set[Key] = set()
    for each in keys:
        try:
            found += named(names, await session.fetch(joined, {"pairs": joined_pairs([(each[0], each[1])])}))
        except UNREADABLE:
            damaged.add(each)
    return found, damaged
