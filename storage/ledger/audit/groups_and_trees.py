"""What waits against its tags and numbers, and each log against the tree that was stored for it.

A tag needs the recorder key. Groups of a recorder are read in the order of their numbers; of the first one that still
waits, the tag before is the one that `ledger_recorders` keeps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from sqlalchemy import select

from consent.disclosures.pending_groups import NO_TAG, Tag, tagged_bytes
from consent.errors import EdgeRefused
from consent.leaves.canonical_form import leaf_hash
from consent.ledger.right_edge import RightEdge
from consent.ports import LOG_CODES, Log
from storage.database.session import Session
from storage.ledger.audit.findings import Contradiction, ContradictionCode
from storage.tables import held_groups, ledger_entries, ledger_recorders, ledger_trees, pending_entries

TREE = "ledger_trees"


async def waiting_groups(session: Session, tag: Tag) -> list[Contradiction]:
    """Return the groups whose tag is not that of their bytes, and the numbers that are missing before one."""
    table = pending_entries.c
    names = ("recorder", "number", "log", "sources", "owners", "leaves", "tag")
    rows = [_Group(*row) for row in await session.fetch(select(*(table[name] for name in names)))]
    of_recorders: dict[UUID, list[_Group]] = {}
    found: list[Contradiction] = []
    for group in rows:
        if group.recorder is None:
            found += group.wrong_tag(tag, NO_TAG)
        else:
            of_recorders.setdefault(group.recorder, []).append(group)
    taken = await _taken(session)
    for recorder, groups in of_recorders.items():
        number, last = taken.get(recorder, (0, NO_TAG))
        found += _of_recorder(groups, number, last, tag)
    return found


async def kept_groups(session: Session) -> list[Contradiction]:
    """Return the groups that the sequencer refused."""
    table = held_groups.c
    return [
        Contradiction(ContradictionCode.GROUP_HELD, "held_groups", held, log=log, columns=(str(reason).lower(),))
        for held, log, reason in await session.fetch(select(table.held_id, table.log, table.reason))
    ]


@dataclass(slots=True)
class TreeWalk:
    """A log read from its beginning, for the tree that it gives: *edge* is that of the entries read so far."""

    log: Log
    edge: RightEdge = field(default_factory=RightEdge)

    async def go_on(self, session: Session, limit: int) -> tuple[list[Contradiction], bool]:
        """Read the next *limit* entries, and return whether that was the end: then the tree is compared.

        Each page is of one snapshot, in which the stored tree has every integrated entry.
        """
        table = ledger_entries.c
        of_log = table.log == LOG_CODES[self.log]
        wanted = select(table.leaf_index, table.leaf).where(of_log, table.leaf_index >= self.edge.size)
        rows = await session.fetch(wanted.order_by(table.leaf_index).limit(limit))
        start = self.edge.size
        missing = next((at for at, row in enumerate(rows, start) if row[0] != at), None)
        if missing is not None:
            return [
                Contradiction(ContradictionCode.TREE_DIFFERS, "ledger_entries", log=self.log, leaf_index=missing)
            ], True
        self.edge = self.edge.append(leaf_hash(bytes(row[1])) for row in rows)
        if len(rows) == limit:
            return [], False
        stored = await self._stored(session)
        return [] if stored == self.edge else [self._differs()], True

    def _differs(self) -> Contradiction:
        return Contradiction(ContradictionCode.TREE_DIFFERS, TREE, log=self.log, leaf_index=self.edge.size)

    async def _stored(self, session: Session) -> RightEdge | None:
        """Return the stored tree, that of no entry where none is stored, or None for bytes that are no tree."""
        table = ledger_trees.c
        rows = await session.fetch(select(table.size, table.edge).where(table.log == LOG_CODES[self.log]))
        if not rows:
            return RightEdge()
        try:
            return RightEdge.decode(rows[0][0], bytes(rows[0][1]))
        except EdgeRefused:
            return None


@dataclass(frozen=True, slots=True)
class _Group:
    recorder: UUID | None
    number: int | None
    log: str
    sources: bytes
    owners: bytes | None
    leaves: bytes
    tag: bytes | None

    def wrong_tag(self, tag: Tag, previous: bytes) -> list[Contradiction]:
        """Return a finding where the tag is another one, or none."""
        owners = None if self.owners is None else bytes(self.owners)
        log, sources, leaves, own = cast("Log", self.log), bytes(self.sources), bytes(self.leaves), self.tag or b""
        number = self.number or 0
        made = [tagged_bytes(log, sources, leaves, self.recorder, number, previous, owners)]
        if owners is not None:  # a row of before revision 33, whose subjects were filled in
            made.append(tagged_bytes(log, sources, leaves, self.recorder, number, previous))
        return [] if bytes(own) in map(tag, made) else [self._finding(ContradictionCode.TAG_WRONG)]

    def missing(self) -> Contradiction:
        """Return the finding that a number before this group is missing."""
        return self._finding(ContradictionCode.GROUP_MISSING)

    def _finding(self, code: ContradictionCode) -> Contradiction:
        return Contradiction(code, "pending_entries", self.recorder, log=self.log, leaf_index=self.number)


def _of_recorder(groups: Sequence[_Group], number: int, last: bytes, tag: Tag) -> Iterator[Contradiction]:
    for group in sorted(groups, key=lambda each: each.number or 0):
        if group.number != number:
            yield group.missing()
        else:
            yield from group.wrong_tag(tag, last)
        number, last = (group.number or 0) + 1, bytes(group.tag or NO_TAG)


async def _taken(session: Session) -> dict[UUID, tuple[int, bytes]]:
    table = ledger_recorders.c
    rows = await session.fetch(select(table.recorder, table.next_number, table.last_tag))
    return {recorder: (number, bytes(last)) for recorder, number, last in rows}
