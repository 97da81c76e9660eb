"""What the actions on applications need of the archive, which keeps these promises [4]."""

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
    """Applications, and the steps that led where they stand. `Application.version` counts every change of one."""

    async def load(self, subject_id: UUID, application_id: UUID) -> Application | None:
        """Return the application, or None where there is none of that id *for that subject*.

        Nobody else changes it until this unit of work ends.
        """
        ...

    async def add(self, application: Application) -> None:
        """Keep a new application; raises UnknownCase where its subject is not there, NumberTaken for its number."""
        ...

    async def save(self, application: Application, expected_version: int, at: datetime) -> None:
        """Keep *application* over the version at which it was read; raises ApplicationChangedMeanwhile."""
        ...

    async def append(self, step: RecordedStep) -> None:
        """Append *step* and pend its leaf. There is no other verb: steps are never changed."""
        ...

    async def terms(self, matter_code: str) -> MatterTerms | None:
        """Return what the matter allows, or None where there is no such matter."""
        ...

    async def matter_of(self, matter_code: str, department_code: str) -> bool:
        """Tell whether the department handles the matter."""
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
        """Return what the application was granted, oldest first."""
        ...

    async def append(self, granted: Granted) -> None:
        """Append a grant; raises AlreadyGranted where the application has that incentive."""
        ...


@dataclass(frozen=True, slots=True)
class Used:
    """An authorisation for a credit check, used once just now; *with_identity*: it covers the number [5.1.6]."""

    authorisation_id: UUID
    with_identity: bool


class CheckingStore(Protocol):
    """What a credit check asks of the consents [4.1] [5.1.6]."""

    async def use(self, subject_id: UUID, application_id: UUID, department_code: str, today: date) -> Used | None:
        """Use a live authorisation of the subject once, or return None where there is none, and leave no trace.

        It is for a credit check by this department, and for this application or for any.
        """
        ...

    async def stands(self, subject_id: UUID, authorisation_id: UUID, today: date) -> bool:
        """Tell whether the subject still stands by an authorisation that was used: its uses may be up."""
        ...
