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
from storage.ledger.attestation.attested_rows import Attestation, attestations, columns_of
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
class RestsOn:
    """Which record a row belongs to, by its column *link*: where that was attested, the row can begin afterwards.

    *expected* gives the columns of the row from the later acts, and what that record was when it was attested.
    """

    table: Table
    link: str
    expected: Callable[[Row, Sequence[Row], Columns], Columns]


@dataclass(frozen=True)
class RecordTable:
    """A kind of record: its table and key, the tables that tell of it, and what these say.

    *expected* gives the columns of a record from its row, its history, and what it was when it was attested, if it was;
    nothing without the act that begins it. *stored* gives the row as that compares. *unsaid* are columns of which no
    act says anything, or not each time: what an attested row had in them binds nobody.
    """

    table: Table
    key: str
    histories: Sequence[History]
    expected: Callable[[Row, Sequence[Row], Columns], Columns]
    stored: Callable[[Row], Row] = dict
    unsaid: frozenset[str] = frozenset()
    with_sealed: Sequence[str] = ()
    """The sealed columns that are compared, by their digests."""
    rests_on: RestsOn | None = None

    @property
    def plain(self) -> tuple[str, ...]:
        """The columns of a row that are not sealed."""
        return tuple(column.name for column in self.table.c if not column.name.endswith(("_sealed", "_mask")))


def _authorisation(_: Row, events: Sequence[Row], attested: Columns) -> Columns:
    return authorisation_columns(_events(events), attested)


def _delegation(_: Row, events: Sequence[Row], attested: Columns) -> Columns:
    return delegation_columns(_events(events), attested)


def _events(rows: Iterable[Row]) -> list[RecordedEvent]:
    return [RecordedEvent(**{name: value for name, value in row.items() if name != "event_id"}) for row in rows]


def _case(row: Row, steps: Sequence[Row], attested: Columns) -> Columns:
    taken = [recorded_step(step, StepName(step["step"])) for step in steps]
    found = case_columns(taken, attested)
    return {**found, **timely_claim(taken, row["ends_on"], attested)} if found else {}


def _application(_: Row, steps: Sequence[Row], attested: Columns) -> Columns:
    return application_columns([recorded_step(step, step["step"]) for step in steps], attested)


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
    unsaid=frozenset({"uses_made"}),  # the access record says it
)
DELEGATIONS: Final = RecordTable(
    delegations,
    "delegation_id",
    [History(delegation_events, "delegation_id", (*EVENT, "department_code"), "delegation_id")],
    _delegation,
)
CASES: Final = RecordTable(
    restraint_cases,
    "case_id",
    [History(case_steps, "case_id", STEP, "case_id")],
    _case,
    unsaid=frozenset(
        {
            "number_key", "marked_number", "agents_case_id", "occurred_on", "sector_code", "area_code",
            "township_code", "version", "clock", "clock_started_on", "clock_due_on", "waits_for", "waits_since_on",
            "waits_sorts_on", "counted_version", "changed_at", "step_version",
        }
    ),
)  # fmt: skip
APPLICATIONS: Final = RecordTable(
    applications,
    "application_id",
    [History(application_steps, "application_id", STEP, "application_id")],
    _application,
    application_row,
    frozenset({"number_key", "clerk_ref", "changed_at", "step_version", "confidential"}),
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
    return (await compared_records(session, kind, keys)).findings


@dataclass(frozen=True)
class Compared:
    """What contradicts records, which of them nobody began, with their acts, and what was attested of the others."""

    findings: list[Contradiction]
    unbegun: Mapping[Key, tuple[Row, Sequence[UUID]]]
    attested: Sequence[UUID]
    """The ids of the attestations that were taken into account."""

    def __add__(self, other: "Compared") -> "Compared":
        both = {**self.unbegun, **other.unbegun}
        return Compared([*self.findings, *other.findings], both, [*self.attested, *other.attested])


async def compared_records(session: Session, kind: RecordTable, keys: Sequence[Key]) -> Compared:
    """Compare these records, given by subject and id, with their history, and with what was attested of them."""
    if not keys:
        return Compared([], {}, ())
    names = (*kind.plain, *kind.with_sealed)
    rows, damaged = await _rows(session, kind.table, names, ("subject_id", kind.key), keys)
    told = [await _history(session, history, rows) for history in kind.histories]
    findings = [_finding(ContradictionCode.STATE_DIFFERS, kind, key) for key in damaged]
    unbegun: dict[Key, tuple[dict[str, Any], list[Row]]] = {}
    for row in rows:
        key, taken, is_damaged = (row["subject_id"], row[kind.key]), list[Row](), False
        for history, (by_link, unreadable) in zip(kind.histories, told, strict=True):
            link = (row["subject_id"], row[history.link])
            is_damaged = is_damaged or link in unreadable
            taken += by_link.get(link, ())
        compared = (
            [_finding(ContradictionCode.STATE_DIFFERS, kind, key)] if is_damaged else _compared(kind, key, row, taken)
        )
        if [one.code for one in compared] == [ContradictionCode.STATE_ADDED]:
            unbegun[key] = row, taken
        else:
            findings += compared
    attested = await attestations(session, kind.table, list(unbegun))
    for own, state in attested.items():
        findings += _compared(kind, own, *unbegun.pop(own), state)
    findings += await _compared_with_what_they_rest_on(session, kind, unbegun)
    acts = {own: (row, [act_of(kind, act) for act in taken]) for own, (row, taken) in unbegun.items()}
    return Compared(findings, acts, [one.attestation_id for one in attested.values()])


async def _compared_with_what_they_rest_on(
    session: Session, kind: RecordTable, unbegun: Mapping[Key, tuple[Row, Sequence[Row]]]
) -> list[Contradiction]:
    """Return what contradicts records that no act began and nobody attested: those over them may be attested."""
    over = kind.rests_on
    links = {} if over is None else {own: (own[0], row[over.link]) for own, (row, _) in unbegun.items()}
    given = {} if over is None else await attestations(session, over.table, list(links.values()))
    findings = [_finding(ContradictionCode.STATE_ADDED, kind, own) for own in unbegun if links.get(own) not in given]
    for own, (row, taken) in unbegun.items():
        if links.get(own) in given:
            findings += _compared(kind, own, row, taken, given[links[own]], over)
    return findings


def act_of(kind: RecordTable, row: Row) -> UUID:
    """Return the id of an act, by its row in one of the histories of a kind."""
    act: UUID = next(row[history.source] for history in kind.histories if history.source in row)
    return act


async def _history(
    session: Session, history: History, rows: Sequence[Row]
) -> tuple[Mapping[Key, Sequence[Row]], set[Key]]:
    """Return the rows of a history by the records that these *rows* link to, and the links that cannot be read."""
    links = sorted({(row["subject_id"], row[history.link]) for row in rows if row[history.link] is not None})
    names = ("subject_id", history.about, *{history.source: None, **dict.fromkeys(history.columns)})
    taken, unreadable = await _rows(session, history.table, names, names[:2], links)
    found = defaultdict[Key, list[Row]](list)
    hidden = {"subject_id", history.about}
    for row in taken:
        found[row["subject_id"], row[history.about]].append({name: row[name] for name in row if name not in hidden})
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


def _compared(
    kind: RecordTable,
    key: Key,
    row: Row,
    history: Sequence[Row],
    attested: Attestation | None = None,
    over: RestsOn | None = None,
) -> list[Contradiction]:
    """Return what contradicts a record; what was *attested* is of itself, or of the record *over* it."""
    try:
        later = history if attested is None else [act for act in history if str(act_of(kind, act)) not in attested.acts]
        if attested is not None and over is not None:
            expected = over.expected(row, later, columns_of(over.table, attested.state))
        else:
            expected = kind.expected(row, later, {} if attested is None else _binding(kind, attested))
        columns = differing(expected, kind.stored(row))
    except UNREADABLE:  # facts that no act has written: their own row is named as well
        return [_finding(ContradictionCode.STATE_DIFFERS, kind, key)]
    if not expected:
        return [_finding(ContradictionCode.STATE_ADDED, kind, key)]
    return [_finding(ContradictionCode.STATE_DIFFERS, kind, key, columns)] if columns else []


def _binding(kind: RecordTable, attested: Attestation) -> Columns:
    """Return the columns of an attested row that stay as they were until an act changes them."""
    row = kind.stored(columns_of(kind.table, attested.state))
    return {name: value for name, value in row.items() if name not in kind.unsaid}


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
