"""What the actions on cases need of others: who acts and when, and the archive, which keeps these promises."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from credit.cases.case import Case
from credit.cases.texts import CaseStatement, Texts, Whereabouts
from credit.core.recorded_step import RecordedStep


class CaseStore(Protocol):
    """Cases, and the steps that led where they stand. `Case.version` counts every change of a case."""

    async def load(self, subject_id: UUID, case_id: UUID) -> Case | None:
        """Return the case with its steps, or None where there is none of that id *for that subject*."""
        ...

    async def all_of(self, subject_id: UUID) -> Sequence[Case]:
        """Return all cases of a subject, and keep others from changing them until this unit of work ends."""
        ...

    async def save(self, case: Case, expected_version: int, at: datetime) -> None:
        """Keep *case* over the version at which it was read; raises CaseChangedMeanwhile where another stands."""
        ...

    async def whereabouts(
        self, subject_id: UUID, department_code: str, application_id: UUID | None
    ) -> Whereabouts | None:
        """Return where a case of that department against that subject belongs; None where one of them is not on record.

        The application is, where one is named, the subject's own.
        """
        ...

    async def open(self, case: Case, where: Whereabouts, texts: Texts, at: datetime) -> None:
        """Add a case; raises NumberTaken where its department has one of that number."""
        ...

    async def confidential(self, department_code: str, number: str) -> Sequence[Case]:
        """Return the department's cases of that number that are marked confidential, to unmark them [5.1.6]."""
        ...

    async def keep_statement(self, statement: CaseStatement) -> None:
        """Add a statement in its own words [5.1.4(3)]."""
        ...

    async def append(self, step: RecordedStep) -> None:
        """Append *step* and pend its leaf. There is no other verb: steps are never changed."""
        ...


class DelegationLookup(Protocol):
    """The recorded delegations."""

    async def live_delegation(self, subject_id: UUID, delegate_ref: str, today: date) -> bool:
        """Whether *delegate_ref* may act for the subject today."""
        ...
