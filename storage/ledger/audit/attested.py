"""Rows that were taken over at an upgrade: whether they exist, and whether they are those that `system` says [5.1.6].

The rows themselves are compared where their tables are. A row that was attested after the take-over was closed changes
the tree of all, whoever wrote it.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from storage.database.session import Session
from storage.ledger.attestation.closing import AttestedTree, closings
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.audit.folds.kinds import KINDS
from storage.ledger.recomputed_entries import Key
from storage.repositories.rows import in_parts
from storage.tables import attested_rows, metadata, subjects


async def attested_page(
    session: Session, position: Sequence[str] | None, limit: int
) -> tuple[list[Contradiction], Sequence[str] | None]:
    """Compare the next *limit* attested rows; return where to go on, None at the end: then the tree is compared."""
    tree = AttestedTree() if position is None else AttestedTree.read(position)
    keys = await tree.go_on(session, limit)
    findings = await _deleted(session, keys)
    if len(keys) == limit:
        return findings, tree.written()
    closed = await closings(session)
    same = all((each.rows, each.digest) == (tree.edge.size, tree.edge.root) for each in closed)
    if len(closed) > 1 or not same:
        findings.append(Contradiction(ContradictionCode.ATTESTED_DIFFER, attested_rows.name, log="system"))
    return findings, None


async def _deleted(session: Session, keys: Sequence[Key]) -> list[Contradiction]:
    """Return the records that were attested and do not exist."""
    row = attested_rows.c
    told: dict[str, set[Key]] = {}
    for part in in_parts([key[-1] for key in keys]):
        wanted = select(row.record, row.subject_id, row.record_id).where(row.attestation_id.in_(part))
        for record, subject_id, record_id in await session.fetch(wanted):
            told.setdefault(record, set()).add((subject_id, record_id))
    findings = []
    for record, named in told.items():
        lacking = named - await _there(session, record, sorted({key[-1] for key in named}))
        findings += [Contradiction(ContradictionCode.STATE_DELETED, record, key[1], key[0]) for key in sorted(lacking)]
    return findings


async def _there(session: Session, record: str, ids: Sequence[UUID]) -> set[Key]:
    key = _KEYS.get(record)
    if key is None:  # a table that has no attested rows: the tree differs
        return set()
    table = metadata.tables[record].c
    found: set[Key] = set()
    for part in in_parts(ids):
        rows = await session.fetch(select(table.subject_id, table[key]).where(table[key].in_(part)))
        found |= {(row[0], row[1]) for row in rows}
    return found


_KEYS = {subjects.name: "subject_id"} | {kind.table.name: kind.key for kind in KINDS}
