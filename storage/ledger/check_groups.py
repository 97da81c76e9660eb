"""Whether a group that waits is what was written: its tag, its place in its recorder's chain, and its rows.

A group whose tag does not fit is still integrated where its rows give exactly its entries: then somebody changed the
tag, or the group before it is gone, and the record itself is whole. Else it is held, and stays for an auditor.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from uuid import UUID

from consent.disclosures.pending_groups import NO_TAG, Tag, tagged_bytes
from consent.errors import NotCanonical
from consent.ledger.system_entries import HeldGroup
from consent.ports import Log
from storage.database.session import Session
from storage.ledger.waiting_groups import WaitingEntry, WaitingGroup

_SOURCE_BYTES: Final = 16


class Fault(StrEnum):
    """What is wrong with a group. Stable words, for the log `system` and for alarms."""

    TAG = "TAG"
    """Its tag is not that of its bytes."""
    GAP = "GAP"
    """A group of its recorder is missing before it."""
    REPEATED = "REPEATED"
    """Its number was integrated before, or one of its rows has another entry already."""
    FORM = "FORM"
    """Its columns cannot be read."""


@dataclass(frozen=True, slots=True)
class GroupFinding:
    """A fault of one group. *is_held*: its entries are not in the log."""

    fault: Fault
    log: Log
    recorder: UUID | None
    number: int | None
    is_held: bool


@dataclass(slots=True)
class ChainState:
    """How far a recorder's groups were taken."""

    next_number: int = 0
    last_tag: bytes = NO_TAG


@dataclass(frozen=True, slots=True)
class CheckedGroups:
    """The entries of each log that can be integrated, in order; the groups that are held; and what was found."""

    entries: dict[Log, list[WaitingEntry]] = field(default_factory=dict)
    held: list[tuple[WaitingGroup, Fault]] = field(default_factory=list)
    findings: list[GroupFinding] = field(default_factory=list)


Recompute = Callable[[Session, Log, Sequence[UUID], Sequence[UUID | None]], Awaitable[Mapping[UUID, bytes | None]]]
"""Gives the entry of each row as its table has it now, by source, given its subject; None where there is none."""
TakeBefore = Callable[[UUID, int], Awaitable[Sequence[WaitingGroup]]]
"""Takes the groups of a recorder that have a lower number."""


@dataclass(frozen=True, slots=True)
class GroupCheck:
    """Checks groups within the transaction that took them. *chains* are those of their recorders, and are advanced."""

    session: Session
    tag: Tag
    recompute: Recompute
    take_before: TakeBefore
    chains: dict[UUID, ChainState]

    async def check(self, groups: Sequence[WaitingGroup]) -> CheckedGroups:
        """Return what becomes of *groups*, which come in the order of `take_groups`."""
        checked = CheckedGroups()
        for group in groups:
            for each in await self._with_missing(group):
                await self._check(each, checked)
        return checked

    async def _with_missing(self, group: WaitingGroup) -> Sequence[WaitingGroup]:
        """Return *group* after those before it that only now can be seen."""
        if group.recorder is None or group.number is None:
            return [group]
        if group.number <= self.chains.setdefault(group.recorder, ChainState()).next_number:
            return [group]
        return [*await self.take_before(group.recorder, group.number), group]

    async def _check(self, group: WaitingGroup, checked: CheckedGroups) -> None:
        try:
            entries = group.entries()
        except NotCanonical:
            self._hold(group, Fault.FORM, checked)
            return
        fault = self._fault_of(group)
        is_held = fault is not None and not await self._fits_rows(group.log, entries)
        if fault is Fault.GAP or (fault is not None and not is_held):
            checked.findings.append(GroupFinding(fault, group.log, group.recorder, group.number, is_held=False))
        if is_held:
            # After a gap the tag covers what is not there: it says nothing, and the rows have spoken.
            self._hold(group, Fault.TAG if fault is Fault.GAP else fault or Fault.TAG, checked)
            return
        checked.entries.setdefault(group.log, []).extend(entries)

    def _fault_of(self, group: WaitingGroup) -> Fault | None:
        """Return the fault of *group* by its number and tag, and advance its recorder's chain."""
        if group.recorder is None or group.number is None:
            return None if self._is_tag_of(group, NO_TAG) else Fault.TAG
        chain = self.chains.setdefault(group.recorder, ChainState())
        if group.number < chain.next_number:
            return Fault.REPEATED
        fault = None
        if group.number > chain.next_number:
            fault = Fault.GAP
        elif not self._is_tag_of(group, chain.last_tag):
            fault = Fault.TAG
        chain.next_number, chain.last_tag = group.number + 1, group.tag or NO_TAG
        return fault

    def _is_tag_of(self, group: WaitingGroup, previous: bytes) -> bool:
        if group.tag is None:
            return False
        # The migration filled in owners that a tag of type 1 does not cover.
        return any(
            compare_digest(self.tag(_written(group, previous, owners)), group.tag)
            for owners in dict.fromkeys((group.owners, None))
        )

    async def _fits_rows(self, log: Log, entries: Sequence[WaitingEntry]) -> bool:
        sources, owners = [each.source for each in entries], [each.owner for each in entries]
        found = await self.recompute(self.session, log, sources, owners)
        return all(found.get(each.source) == each.leaf for each in entries)

    @staticmethod
    def _hold(group: WaitingGroup, fault: Fault, checked: CheckedGroups) -> None:
        checked.held.append((group, fault))
        checked.findings.append(GroupFinding(fault, group.log, group.recorder, group.number, is_held=True))


def held_entry(group: WaitingGroup, fault: Fault, now: datetime) -> HeldGroup:
    """Return what the log `system` says of a group that is held."""
    digest = sha256(group.sources + group.leaves).digest()
    entries = len(group.sources) // _SOURCE_BYTES
    return HeldGroup(now, group.log, fault.value, group.recorder, group.number, entries, digest)


def _written(group: WaitingGroup, previous: bytes, owners: bytes | None) -> bytes:
    return tagged_bytes(group.log, group.sources, group.leaves, group.recorder, group.number or 0, previous, owners)
