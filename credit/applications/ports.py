"""Ports of the actions on applications: repositories that `storage` implements [4]."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from credit.applications.application import Application
from credit.core.recorded_step import RecordedStep
from credit.credit_checks.credit_check import CreditCheck
from credit.incentives.incentive import Granted, MatterTerms


class ApplicationStore(Protocol):
    """Applications and their recorded steps. `Application.version` counts every change of an application."""

    async def load(self, subject_id: UUID, application_id: UUID) -> Application | None:
        """Return the application, or None if *that subject* has none with that id.

        It is locked: nobody else can change it until this unit of work ends.
        """
        ...

    async def add(self, application: Application) -> None:
        """Add an application; raises UnknownCase if its subject does not exist, NumberTaken for its number."""
        ...

    async def save(self, application: Application, expected_version: int, at: datetime) -> None:
        """Save *application* over the version that was read; raises ApplicationChangedMeanwhile."""
        ...

    async def append(self, step: RecordedStep) -> None:
        """Append *step* and its pending leaf. There is no other operation: steps are never changed."""
        ...

    async def terms(self, matter_code: str) -> MatterTerms | None:
        """Return what the matter allows, or None if there is no such matter."""
        ...

    async def matter_of(self, matter_code: str, department_code: str) -> bool:
        """Return whether the department handles the matter."""
        ...


class CreditCheckStore(Protocol):
    """Credit checks, appended and never changed."""

    async def last(self, subject_id: UUID, application_id: UUID) -> CreditCheck | None:
        """Return the latest credit check of the application with its answers, or None without any [4.1]."""
        ...

    async def append(self, check: CreditCheck) -> None:
        """Append a credit check with each source's answer."""
        ...


class GrantStore(Protocol):
    """Granted incentives, appended and never changed."""

    async def of_application(self, subject_id: UUID, application_id: UUID) -> Sequence[Granted]:
        """Return the grants of the application, oldest first."""
        ...

    async def append(self, granted: Granted) -> None:
        """Append a grant; raises AlreadyGranted if the application has that incentive."""
        ...


@dataclass(frozen=True, slots=True)
class Used:
    """An authorisation for a credit check that was just used once; *with_identity*: it covers the number [5.1.6]."""

    authorisation_id: UUID
    with_identity: bool


class CheckingStore(Protocol):
    """The authorisations that a credit check uses [4.1] [5.1.6]."""

    async def use(self, subject_id: UUID, application_id: UUID, department_code: str, today: date) -> Used | None:
        """Use a live authorisation of the subject once; if there is none, return None and leave no trace.

        The authorisation is for a credit check by this department, and for this application or for any.
        """
        ...

    async def is_valid(self, subject_id: UUID, authorisation_id: UUID, today: date) -> bool:
        """Return whether an authorisation that was used is still valid; it may have no uses left."""
        ...
