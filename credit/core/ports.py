"""Ports of the actions on cases: repositories that `storage` implements."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

from credit.cases.case import Case
from credit.cases.texts import CaseStatement, FactsVersion, Texts, Whereabouts
from credit.core.recorded_step import RecordedStep


class CaseStore(Protocol):
    """Cases and their recorded steps. `Case.version` counts every change of a case."""

    async def load(self, subject_id: UUID, case_id: UUID) -> Case | None:
        """Return the case with its steps, or None if *that subject* has none with that id."""
        ...

    async def all_of(self, subject_id: UUID) -> Sequence[Case]:
        """Return all cases of a subject, and lock them until this unit of work ends."""
        ...

    async def save(self, case: Case, expected_version: int, at: datetime) -> None:
        """Save *case* over the version that was read; raises CaseChangedMeanwhile if another version is stored."""
        ...

    async def whereabouts(
        self, subject_id: UUID, department_code: str, application_id: UUID | None
    ) -> Whereabouts | None:
        """Return the sector and area of a case of that department against that subject; None if either does not exist.

        If an application is named, it must be the subject's own.
        """
        ...

    async def open(self, case: Case, where: Whereabouts, texts: Texts, at: datetime) -> None:
        """Add a case; raises NumberTaken if its department has one with that number."""
        ...

    async def confidential(self, department_code: str, number: str) -> Sequence[Case]:
        """Return the department's cases with that number that are marked confidential, to unmark them [5.1.6]."""
        ...

    async def free_number(self, case: Case) -> None:
        """Free the number of *case* in its department, so that another case may have it [5.1.6]."""
        ...

    async def claim_number(self, department_code: str, number: str) -> None:
        """Take *number* for a case of the department; raises NumberTaken if another case has it."""
        ...

    async def add_statement(self, statement: CaseStatement) -> None:
        """Add a statement and its sealed text [5.1.4(3)]."""
        ...

    async def count_versions(self, subject_id: UUID, case_id: UUID) -> int:
        """Return how many versions of its facts a case has on record; none until they are changed."""
        ...

    async def add_version(self, version: FactsVersion) -> None:
        """Add a version of the facts of a case. There is no other operation: versions are never changed."""
        ...

    async def append(self, step: RecordedStep) -> None:
        """Append *step* and its pending leaf. There is no other operation: steps are never changed."""
        ...

    async def keep_delay(self, case: Case) -> None:
        """Store the last delay of the access entries of *case*, with all its acts [5.1.6]."""
        ...

    async def open_entries(self, case: Case, today: date) -> None:
        """End the running delay of the access entries of *case*: they are open from the day *today* on [5.1.6]."""
        ...


DelegatedPower = Literal["DEFENCE", "OBJECTION", "APPLICATIONS"]
"""The powers of a delegate that the actions of this layer need, by their names in `consent.delegation.Power`."""


class DelegationLookup(Protocol):
    """The recorded delegations."""

    async def live_delegation(self, subject_id: UUID, delegate_ref: str, today: date, power: str) -> bool:
        """Whether *delegate_ref* has this power for the subject today."""
        ...

    async def is_at_window(self, subject_id: UUID, department_code: str, today: date, registered_from: date) -> bool:
        """Whether the window could find the subject by its number: put on record there since, or an open matter."""
        ...

    async def is_guarded(self, subject_id: UUID, day: date) -> bool:
        """Whether a guardian was recorded for the subject on that day."""
        ...


class LedgerComparison(Protocol):
    """The comparison of what a decision rests on with the ledger, in the transaction of the decision [5.1.6]."""

    async def require_cases(self, subject_id: UUID) -> None:
        """Raise RecordContradictsLedger unless the cases of the subject are what the ledger says."""
        ...

    async def require_authorisation(self, subject_id: UUID, authorisation_id: UUID) -> None:
        """Raise RecordContradictsLedger unless the authorisation is what its recorded events say."""
        ...

    async def require_application(self, subject_id: UUID, application_id: UUID) -> None:
        """Raise RecordContradictsLedger unless the application, its checks and its grants are what its steps say."""
        ...
