"""What the actions on cases need of others: who acts and when, and the archive, which keeps these promises."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from credit.cases.case import Case
from credit.cases.steps import Step
from credit.cases.texts import CaseStatement, Texts, Whereabouts
from credit.subjects.subject import Place, Sealed, SealedText


class By(Protocol):
    """Who acts, in which role. *subject* is whom a `subject` is; a delegate is known by *ref*."""

    @property
    def ref(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def department(self) -> str | None: ...

    @property
    def subject(self) -> UUID | None: ...


class Moment(Protocol):
    """What comes in from the street: the instant, the day in Asia/Shanghai, new ids and chance."""

    @property
    def now(self) -> datetime: ...

    @property
    def today(self) -> date: ...

    @property
    def new_id(self) -> Callable[[], UUID]: ...

    @property
    def random(self) -> Callable[[int], bytes]: ...


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

    async def append(self, step: Step) -> None:
        """Append *step* and pend its leaf. There is no other verb: steps are never changed."""
        ...


class DelegationStore(Protocol):
    """The recorded delegations."""

    async def live_delegation(self, subject_id: UUID, delegate_ref: str, today: date) -> bool:
        """Whether *delegate_ref* may act for the subject today."""
        ...


class Sealing(Protocol):
    """Keeps texts sealed. What is sealed already can be carried to another place, and is shown to nobody for it."""

    async def seal(self, place: Place, text: str) -> SealedText:
        """Return *text* sealed for *place* under its subject's key, beside its mask; raises UnknownCase for no key."""
        ...

    async def reseal(self, sealed: Sealed, place: Place) -> bytes:
        """Return what is sealed, sealed for another place of the same subject."""
        ...


class CaseWork(Protocol):
    """One unit of work: everything below becomes durable together, or not at all. The caller commits."""

    @property
    def procedure(self) -> CaseStore: ...

    @property
    def delegations(self) -> DelegationStore: ...

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        """Leave a message for the courier; *about* holds references only."""
        ...


class SealingCaseWork(CaseWork, Sealing, Protocol):
    """A unit of work for the actions that keep a text."""
