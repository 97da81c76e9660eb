"""The records on which steps are tried: read for a whole page at once, in one snapshot, without a lock."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from consent.authorisation import Authorisation
from consent.delegation import Delegation
from consent.deletions.deletion_duty import DeletionDuty
from credit.applications.application import Application
from credit.cases.case import Case
from credit.corrections.correction import Correction
from credit.corrections.ports import Contested
from credit.objections.objection import Objection
from credit.promises.commitment import Commitment
from credit.promises.deferral import Deferral

RecordKey = tuple[UUID, UUID]
"""The subject of a record, and its own id."""


@dataclass(frozen=True, slots=True)
class LoadedRecords:
    """The records of a page as the actions take them, by their keys; what is held of a subject, by its id."""

    cases: Mapping[RecordKey, Case] = field(default_factory=dict)
    applications: Mapping[RecordKey, Application] = field(default_factory=dict)
    deferrals: Mapping[RecordKey, Deferral] = field(default_factory=dict)
    commitments: Mapping[RecordKey, Commitment] = field(default_factory=dict)
    duties: Mapping[RecordKey, DeletionDuty] = field(default_factory=dict)
    corrections: Mapping[RecordKey, Correction] = field(default_factory=dict)
    objections: Mapping[RecordKey, Objection] = field(default_factory=dict)
    contested: Mapping[RecordKey, Contested] = field(default_factory=dict)
    """The records other than cases that are objected to, by their own keys."""
    authorisations: Mapping[UUID, Sequence[Authorisation]] = field(default_factory=dict)
    delegations: Mapping[UUID, Sequence[Delegation]] = field(default_factory=dict)


class StepRecords(Protocol):
    """Reads records by their keys, a fixed number of statements however many there are; unknown ones are left out."""

    async def cases(self, keys: Collection[RecordKey]) -> Sequence[Case]:
        """Return cases with their steps."""
        ...

    async def applications(self, keys: Collection[RecordKey]) -> Sequence[Application]:
        """Return applications."""
        ...

    async def deferrals(self, keys: Collection[RecordKey]) -> Sequence[Deferral]:
        """Return the deferrals of applications."""
        ...

    async def commitments(self, keys: Collection[RecordKey]) -> Sequence[Commitment]:
        """Return the commitments of applications."""
        ...

    async def duties(self, keys: Collection[RecordKey]) -> Sequence[DeletionDuty]:
        """Return duties to delete."""
        ...

    async def corrections(self, keys: Collection[RecordKey]) -> Sequence[Correction]:
        """Return corrections."""
        ...

    async def objections(self, keys: Collection[RecordKey]) -> Sequence[Objection]:
        """Return objections."""
        ...

    async def contested(self, objections: Collection[Objection]) -> Mapping[RecordKey, Contested]:
        """Return the records other than cases that these objections are to; of a read it is not known who made it."""
        ...

    async def authorisations(self, subject_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Authorisation]]:
        """Return every authorisation of these subjects, by subject."""
        ...

    async def delegations(self, subject_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Delegation]]:
        """Return every delegation of these subjects, by subject."""
        ...


class StepRecordStore(Protocol):
    """Opens the records for reading; the gateway's wiring provides it."""

    def open(self) -> AbstractAsyncContextManager[StepRecords]:
        """Open one snapshot."""
        ...
