"""Everything that the audit compares without a key, as walks: each goes over one table or log, a page at a time.

A page is compared in one snapshot, so that a change which commits meanwhile is seen whole or not at all. Where a page
ends is text, so that a position can be kept, and a walk goes on after a restart.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.engine import Dialect

from consent.disclosures.pending_groups import Tag
from consent.errors import EdgeRefused
from consent.ledger.right_edge import RightEdge
from consent.ports import LOG_CODES, Log
from storage.database.session import Session
from storage.ledger.audit import (
    attested,
    groups_and_trees,
    known_subjects,
    rows_and_entries,
    system_records,
    uses,
    withheld_acts,
)
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.ledger.audit.folds import recipient_records
from storage.ledger.audit.folds.kinds import KINDS
from storage.ledger.audit.folds.records import contradicted_records, deleted_records
from storage.ledger.recomputed_entries import Key, tables_of
from storage.repositories.published_cases import differing_rows
from storage.tables import published_cases

Position = Sequence[str]
"""Where a page ended: the ids of its last row, or a place in a log."""
Page = Callable[[Session, Position | None, int], Awaitable[tuple[list[Contradiction], Position | None]]]
"""Compares the next page behind a position; returns its findings and where it ended, None at the end of the walk."""
ROWS_AT_ONCE: Final = 500
"""How many rows one page has: some hundredths of a second, and some hundred kilobytes."""


@dataclass(frozen=True, slots=True)
class AuditWalk:
    """One walk by its name, which stays the same from release to release."""

    name: str
    page: Page


def walks(dialect: Dialect, tag: Tag) -> list[AuditWalk]:
    """Return the walks over one database, in their order."""
    found = [AuditWalk("groups", _at_once(lambda session: groups_and_trees.waiting_groups(session, tag)))]
    found += [
        AuditWalk("groups held", _at_once(groups_and_trees.kept_groups)),
        AuditWalk("leaves mismatched", _at_once(rows_and_entries.kept_mismatches)),
        AuditWalk("erasures", _at_once(rows_and_entries.erased_entries)),
    ]
    for log in LOG_CODES:
        found.append(AuditWalk(f"tree {log}", partial(_tree, log)))
    for log in rows_and_entries.READ:
        found.append(AuditWalk(f"entries waiting {log}", _at_once(_waiting(log))))
        found.append(AuditWalk(f"entries {log}", partial(_entries, log)))
        found += [AuditWalk(f"rows {table.name}", _by_key(_added(table))) for table in tables_of(log)]
    found.append(AuditWalk("attested", attested.attested_page))
    for kind in KINDS:
        found.append(AuditWalk(f"records {kind.table.name}", _by_key(_with(contradicted_records, kind))))
        for history in kind.histories:
            name = f"told {kind.table.name} {history.table.name}"
            found.append(AuditWalk(name, _by_key(_with(deleted_records, kind, history))))
    found += [
        AuditWalk("withheld acts", _by_key(withheld_acts.unopened)),
        AuditWalk("withheld openings", _by_key(withheld_acts.wrong_openings)),
        AuditWalk(
            "uses", _by_key(lambda session, after, limit: uses.contradicted_uses(session, dialect, after, limit))
        ),
        *(AuditWalk(name, _at_once(compare)) for name, compare in system_records.WALKS.items()),
        AuditWalk("recipients", _by_key(recipient_records.contradicted_recipients)),
        AuditWalk("subjects", _by_key(known_subjects.unregistered)),
        AuditWalk("subjects disclosures", _by_key(known_subjects.shown_to_nobody)),
        *(AuditWalk(f"subjects {table.name}", _at_once(_naming(table))) for table in known_subjects.NAMING),
        AuditWalk("published cases", _at_once(_read_model)),
    ]
    return found


ByKey = Callable[[Session, Key | None, int], Awaitable[tuple[list[Contradiction], Key | None]]]


def _by_key(page: ByKey) -> Page:
    async def turned(
        session: Session, position: Position | None, limit: int
    ) -> tuple[list[Contradiction], Position | None]:
        after = None if position is None else tuple(map(UUID, position))
        findings, end = await page(session, after, limit)
        return findings, None if end is None else [str(one) for one in end]

    return turned


def _at_once(compare: Callable[[Session], Awaitable[list[Contradiction]]]) -> Page:
    async def whole(session: Session, _: Position | None, __: int) -> tuple[list[Contradiction], None]:
        return await compare(session), None

    return whole


def _with(page: Callable[..., Awaitable[tuple[list[Contradiction], Key | None]]], *given: Any) -> ByKey:  # noqa: ANN401 - what the page takes
    return lambda session, after, limit: page(session, *given, after, limit)


def _added(table: Table) -> ByKey:
    return lambda session, after, limit: rows_and_entries.added_rows(session, table, after, limit)


def _waiting(log: Log) -> Callable[[Session], Awaitable[list[Contradiction]]]:
    return lambda session: rows_and_entries.entries_that_wait(session, log)


def _naming(table: Table) -> Callable[[Session], Awaitable[list[Contradiction]]]:
    return lambda session: known_subjects.named_by_nobody(session, table)


async def _entries(
    log: Log, session: Session, position: Position | None, limit: int
) -> tuple[list[Contradiction], Position | None]:
    start = 0 if position is None else int(position[0])
    findings, end = await rows_and_entries.entries_of_log(session, log, start, limit)
    return findings, None if end is None else [str(end)]


async def _tree(
    log: Log, session: Session, position: Position | None, limit: int
) -> tuple[list[Contradiction], Position | None]:
    walk = groups_and_trees.TreeWalk(log)
    if position is not None:
        try:
            walk.edge = RightEdge.decode(int(position[0]), bytes.fromhex(position[1]))
        except (EdgeRefused, ValueError):
            walk = groups_and_trees.TreeWalk(log)
    findings, is_over = await walk.go_on(session, limit)
    return findings, None if is_over else [str(walk.edge.size), walk.edge.encode().hex()]


async def _read_model(session: Session) -> list[Contradiction]:
    differs = await differing_rows(session)
    return [Contradiction(ContradictionCode.READ_MODEL_DIFFERS, published_cases.name)] if differs else []
