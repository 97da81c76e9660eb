"""The records of a disclosure: which boxes each covers, and how it becomes durable [5.1.6]."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from consent.disclosures.formats import Disclosure
from consent.leaves.number_lookups import NumberLookup
from consent.ledger.notes.promised_entries import PromisedEntries
from consent.vocabulary import Purpose
from credit.subjects.subject import Sealed
from schema.core.ports import AccessRecorder, OwnLogs


class DurableRecord(ABC):
    """A record of who saw what. `schema.execution.disclosure` accepts no other proof."""

    promised: PromisedEntries | None = None
    """What the log promises for its entries, once it is durable; None where nothing is promised."""

    @abstractmethod
    def covers(self, boxes: Iterable[Sealed]) -> bool:
        """Return whether the record covers every subject of *boxes*."""

    def covers_subjects(self, subjects: set[bytes]) -> bool:
        """Return whether the record covers every value of these *subjects*, by the 16 bytes of their ids."""
        return not subjects

    @abstractmethod
    async def write(self) -> None:
        """Return once the record is durable. If it raises, no part of the record was stored."""


class AppendedDisclosures(DurableRecord):
    """Disclosures that the recorder makes durable, with the uses of authorisations and the lookups of the answer."""

    def __init__(
        self,
        recorder: AccessRecorder,
        disclosures: Sequence[Disclosure],
        uses: Sequence[tuple[UUID, UUID]] = (),
        lookups: Sequence[NumberLookup] = (),
    ) -> None:
        self._recorder, self._disclosures, self._uses, self._lookups = recorder, disclosures, uses, lookups

    def covers(self, boxes: Iterable[Sealed]) -> bool:
        return _cover(self._disclosures, boxes)

    def covers_subjects(self, subjects: set[bytes]) -> bool:
        return subjects.issubset([each.bytes for one in self._disclosures for each in one.subjects])

    async def write(self) -> None:
        if self._disclosures or self._lookups:
            self.promised = await self._recorder.record(self._disclosures, self._uses, self._lookups)


class LoggingWork(Protocol):
    """A unit of work that stores access records."""

    @property
    def own_logs(self) -> OwnLogs: ...

    async def commit(self) -> None: ...


class CommittedDisclosures(DurableRecord):
    """Disclosures that belong to a unit of work: its commit makes them durable with its other changes.

    *committed* takes their entries then.
    """

    def __init__(
        self, work: LoggingWork, disclosures: Sequence[Disclosure], committed: Callable[[Sequence[bytes]], None]
    ) -> None:
        self._work, self._disclosures, self._committed = work, disclosures, committed

    def covers(self, boxes: Iterable[Sealed]) -> bool:
        return _cover(self._disclosures, boxes)

    async def write(self) -> None:
        if self._disclosures:
            await self._work.own_logs.append(self._disclosures)
        await self._work.commit()
        self._committed([each.entry() for each in self._disclosures])


class MessageWork(Protocol):
    """A unit of work that enqueues messages."""

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None: ...

    async def commit(self) -> None: ...


class CommittedMessage(DurableRecord):
    """A message that names the row that is opened, for items that belong to no subject on record yet [5.1.3]."""

    def __init__(self, work: MessageWork, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        self._work, self._topic, self._about, self._id, self._at = work, topic, about, message_id, at

    def covers(self, boxes: Iterable[Sealed]) -> bool:
        return {str(box.place.row_id) for box in boxes} <= set(self._about.values())

    async def write(self) -> None:
        await self._work.outbox(self._topic, self._about, self._id, self._at)
        await self._work.commit()


class PublicRead(DurableRecord):
    """No record: a published case was disclosed once and to all by its publication (docs/decisions/0007).

    It covers boxes for the purpose of publicity only.
    """

    def __init__(self, purpose: Purpose | None) -> None:
        self._purpose = purpose

    def covers(self, boxes: Iterable[Sealed]) -> bool:
        return self._purpose is Purpose.PUBLICITY or not list(boxes)

    def covers_subjects(self, subjects: set[bytes]) -> bool:
        return self._purpose is Purpose.PUBLICITY or not subjects

    async def write(self) -> None:
        """Return at once."""


def _cover(disclosures: Iterable[Disclosure], boxes: Iterable[Sealed]) -> bool:
    return {box.place.subject_id for box in boxes} <= {each for one in disclosures for each in one.subjects}
