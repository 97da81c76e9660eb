"""Rows that an operator took over at an upgrade, as they stood: how a row becomes a state, and back [5.1.6].

None, text, numbers, choices     as they are; a JSON column too
an instant                       "2026-03-05T01:02:03.000004Z"
a day, an id                     "2026-03-05", "00000000-0000-0000-0000-000000000001"
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Table, Uuid, insert, select

from consent.leaves.canonical_form import plain
from consent.leaves.subject_events import AttestedRow
from storage.database.array_binds import id_pairs, joined_pairs
from storage.database.column_types import Id, Instant
from storage.database.session import Session
from storage.repositories.ledger_leaves import append_committed, ledger_of
from storage.repositories.rows import attributes, field_names
from storage.tables import attested_rows

Row = Mapping[str, Any]
State = Mapping[str, object]
USES_BEFORE: Final = "uses_before"
"""In the state of an authorisation: how many of the uses that it counts the access record does not have."""
_COLUMNS: Final = tuple(name for name in field_names(AttestedRow) if name != "request")


@dataclass(frozen=True, slots=True)
class Attestation:
    """What was attested of a row: its state, and the acts that were kept of it then."""

    attestation_id: UUID
    acts: frozenset[str]
    state: State


async def attestations(
    session: Session, table: Table, keys: Sequence[tuple[UUID, ...]]
) -> dict[tuple[UUID, ...], Attestation]:
    """Return what was attested of rows of *table*, given by subject and id."""
    if not keys:
        return {}
    pairs, subject, own = id_pairs("pairs")
    row = attested_rows.c
    rows = pairs.join(attested_rows, (row.subject_id == subject) & (row.record_id == own))
    wanted = select(row.subject_id, row.record_id, row.attestation_id, row.acts, row.state).select_from(rows)
    found = await session.fetch(
        wanted.where(row.record == table.name), {"pairs": joined_pairs((a, b) for a, b in keys)}
    )
    return {
        (subject_id, record_id): Attestation(attestation_id, frozenset(acts), state)
        for subject_id, record_id, attestation_id, acts, state in found
    }


async def attest(session: Session, rows: Sequence[AttestedRow]) -> None:
    """Append attestations and their entries of the ledger; the database refuses to change them later."""
    ledger = ledger_of(session)
    made = [replace(each, request=ledger.provenance) for each in rows]
    written = [attributes(each, _COLUMNS) | ledger.provenance_columns for each in made]
    if written:
        await session.execute(insert(attested_rows), written)
    for each, row in zip(made, written, strict=True):
        append_committed(session, attested_rows, row, each.attestation_id, each.canonical_bytes())


def row_state(row: Row) -> dict[str, object]:
    """Return a row as a state."""
    return {name: plain(value) for name, value in row.items()}


def columns_of(table: Table, state: State) -> dict[str, Any]:
    """Return the columns of a row by its state; raises ValueError or TypeError for one that no row gives."""
    return {column.name: _read(column.type, state[column.name]) for column in table.c if column.name in state}


def _read(kind: object, value: Any) -> object:  # noqa: ANN401 - of JSON
    match kind:
        case _ if value is None:
            return None
        case Instant():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case Uuid() | Id():
            return UUID(value)
        case _:
            return value
