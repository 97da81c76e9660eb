"""The unit of work that every action gets: repositories, outbox, and the sealing of texts.

Each repository has one Protocol, next to the types that it stores; its docstrings are the contract. This module uses
them in annotations only, so it imports none of them at run time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from credit.applications.ports import ApplicationStore, CheckingStore, CreditCheckStore, GrantStore
    from credit.consultations.actions import ConsultationStore
    from credit.core.context import ActionContext
    from credit.core.ports import CaseStore, DelegationLookup, LedgerComparison
    from credit.corrections.ports import CorrectionStore, ObjectionStore, Particulars, SealedRows
    from credit.focused_checks.actions import FocusedCheckStore
    from credit.focused_checks.visits import VisitStore
    from credit.notices.issued_notice import NoticeStore
    from credit.notifications.actions import NotificationStore
    from credit.promises.deferral import Deferral
    from credit.promises.ports import CommitmentStore, PromiseStore
    from credit.subjects.record_events import RecordEvent
    from credit.subjects.subject import Place, Sealed, SealedText, SubjectKind


class UnitOfWork(Protocol):
    """All its changes become durable together, or none. The caller commits."""

    @property
    def cases(self) -> CaseStore: ...

    @property
    def delegations(self) -> DelegationLookup: ...

    @property
    def applications(self) -> ApplicationStore: ...

    @property
    def credit_checks(self) -> CreditCheckStore: ...

    @property
    def grants(self) -> GrantStore: ...

    @property
    def checking(self) -> CheckingStore: ...

    @property
    def deferrals(self) -> PromiseStore[Deferral]: ...

    @property
    def commitments(self) -> CommitmentStore: ...

    @property
    def issued_notices(self) -> NoticeStore: ...

    @property
    def corrections(self) -> CorrectionStore: ...

    @property
    def objections(self) -> ObjectionStore: ...

    @property
    def sealed_rows(self) -> SealedRows: ...

    @property
    def consultations(self) -> ConsultationStore: ...

    @property
    def focused_checks(self) -> FocusedCheckStore: ...

    @property
    def target_visits(self) -> VisitStore: ...

    @property
    def notifications(self) -> NotificationStore: ...

    @property
    def ledger(self) -> LedgerComparison: ...

    async def record_event(
        self, context: ActionContext, subject_id: UUID, event: RecordEvent, facts: Mapping[str, object]
    ) -> None:
        """Record what happens to a subject's record besides its steps, with its entry of the ledger, for good.

        *facts* hold references, days and choices, nothing personal.
        """
        ...

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        """Enqueue a message for the courier; *about* contains references only."""
        ...

    async def seal(self, place: Place, text: str) -> SealedText:
        """Return *text* sealed for *place* under its subject's key, with its mask; raises UnknownCase without a key."""
        ...

    async def is_text(self, sealed: Sealed, text: str) -> bool:
        """Return whether the sealed value is this *text*, which the caller wrote itself; nothing is disclosed."""
        ...

    async def reseal(self, sealed: Sealed, place: Place) -> bytes:
        """Seal the value again for another place of the same subject; the text is not disclosed."""
        ...

    async def attach_files(
        self, context: ActionContext, subject_id: UUID, record: str, record_id: UUID, references: Sequence[str]
    ) -> Sequence[str]:
        """Attach the uploaded files among *references* to a record of the subject, and return those that are unknown.

        The implementation, which has the keys, seals each for its subject when it is first attached.
        """
        ...

    async def carry_files(
        self,
        context: ActionContext,
        subject_id: UUID,
        source: tuple[str, UUID],
        to: tuple[str, UUID],
        references: Sequence[str],
    ) -> None:
        """Attach those officers' files among *references* that the record *source* has to another one of the subject.

        A record is its kind and its id. Other references are not touched.
        """
        ...

    async def kind_of(self, subject_id: UUID) -> SubjectKind | None:
        """Return the kind of a subject, or None if it does not exist."""
        ...

    async def age_on(self, subject_id: UUID, day: date) -> int | None:
        """Return the full years of a natural person on *day*, by its identity number; None for everybody else.

        The implementation, which has the keys, gives out neither the number nor the birth date [5.1.6].
        """
        ...

    async def reidentify(self, subject_id: UUID, particulars: Particulars, at: datetime) -> None:
        """Replace stored particulars with *particulars*, at a new version; the old number no longer finds the subject.

        The implementation, which has the keys, seals, masks and indexes them. Raises NumberOfAnother if another subject
        has that number, and CaseChangedMeanwhile.
        """
        ...
