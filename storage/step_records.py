"""The records on which steps are tried without taking them: read for a page at once, in one snapshot and unlocked."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
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
from storage.database.database import Database
from storage.database.session import Session
from storage.repositories.applications import ApplicationRepository
from storage.repositories.authorisations import AuthorisationRepository
from storage.repositories.cases import CaseRepository
from storage.repositories.corrections import CorrectionRepository
from storage.repositories.objections import ObjectionRepository
from storage.repositories.promises.commitments import CommitmentRepository
from storage.repositories.promises.deferrals import DeferralRepository
from storage.repositories.subjects.delegations import DelegationRepository
from storage.repositories.subjects.deletion_duties import DeletionRepository

RecordKey = tuple[UUID, UUID]
"""The subject of a record, and its own id."""


class SqlStepRecords:
    """Records by their keys in one snapshot: implements `StepRecords` of the schema."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def cases(self, keys: Collection[RecordKey]) -> Sequence[Case]:
        """Return cases with their steps."""
        return await CaseRepository(self._session).look_at_these(keys)

    async def applications(self, keys: Collection[RecordKey]) -> Sequence[Application]:
        """Return applications."""
        return await ApplicationRepository(self._session).look_at_these(keys)

    async def deferrals(self, keys: Collection[RecordKey]) -> Sequence[Deferral]:
        """Return the deferrals of applications."""
        return await DeferralRepository(self._session).look_at_these(keys)

    async def commitments(self, keys: Collection[RecordKey]) -> Sequence[Commitment]:
        """Return the commitments of applications."""
        return await CommitmentRepository(self._session).look_at_these(keys)

    async def duties(self, keys: Collection[RecordKey]) -> Sequence[DeletionDuty]:
        """Return duties to delete."""
        return await DeletionRepository(self._session).look_at_these(keys)

    async def corrections(self, keys: Collection[RecordKey]) -> Sequence[Correction]:
        """Return corrections."""
        return await CorrectionRepository(self._session).look_at_these(keys)

    async def objections(self, keys: Collection[RecordKey]) -> Sequence[Objection]:
        """Return objections."""
        return await ObjectionRepository(self._session).look_at_these(keys)

    async def contested(self, objections: Collection[Objection]) -> Mapping[RecordKey, Contested]:
        """Return the records other than cases that these objections are to; of a read it is not known who made it."""
        return await ObjectionRepository(self._session).look_at_contested(objections)

    async def authorisations(self, subject_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Authorisation]]:
        """Return every authorisation of these subjects, by subject."""
        return await AuthorisationRepository(self._session).of_subjects(subject_ids)

    async def delegations(self, subject_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Delegation]]:
        """Return every delegation of these subjects, by subject."""
        return await DelegationRepository(self._session).of_subjects(sorted(subject_ids))


class SqlStepRecordStore:
    """Opens the records of a database: implements `StepRecordStore` of the schema."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def open(self) -> AsyncIterator[SqlStepRecords]:
        """Open one snapshot."""
        async with self._database.snapshot() as session:
            yield SqlStepRecords(session)
