"""The unit of work that every action gets: its repositories, the outbox, and the sealing of texts.

Each repository has one Protocol, beside the types that it keeps; its docstrings are the contract. Here they are named
only, so that this module needs none of them when it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from credit.applications.ports import ApplicationStore, CheckingStore, CreditCheckStore, GrantStore
    from credit.consultations.actions import ConsultationStore
    from credit.core.ports import CaseStore, DelegationLookup
    from credit.corrections.ports import CorrectionStore, ObjectionStore, Particulars, SealedRows
    from credit.focused_checks.actions import FocusedCheckStore
    from credit.focused_checks.visits import VisitStore
    from credit.notices.issued_notice import NoticeStore
    from credit.notifications.actions import NotificationStore
    from credit.promises.ports import CommitmentStore, DeferralStore
    from credit.subjects.subject import Place, Sealed, SealedText, SubjectKind


class UnitOfWork(Protocol):
    """Everything below becomes durable together, or not at all. The caller commits."""

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
    def deferrals(self) -> DeferralStore: ...

    @property
    def commitments(self) -> CommitmentStore: ...

    @property
    def issued_notices(self) -> NoticeStore: ...

    @property
    def corrections(self) -> CorrectionStore: ...

    @property
    def objections(self) -> ObjectionStore: ...

    @property
    def boxes(self) -> SealedRows: ...

    @property
    def consultations(self) -> ConsultationStore: ...

    @property
    def focused_checks(self) -> FocusedCheckStore: ...

    @property
    def target_visits(self) -> VisitStore: ...

    @property
    def notifications(self) -> NotificationStore: ...

    async def outbox(self, topic: str, about: Mapping[str, str], message_id: UUID, at: datetime) -> None:
        """Leave a message for the courier; *about* holds references only."""
        ...

    async def seal(self, place: Place, text: str) -> SealedText:
        """Return *text* sealed for *place* under its subject's key, beside its mask; raises UnknownCase for no key."""
        ...

    async def reseal(self, sealed: Sealed, place: Place) -> bytes:
        """Return what is sealed, sealed for another place of the same subject; it is shown to nobody for it."""
        ...

    async def kind_of(self, subject_id: UUID) -> SubjectKind | None:
        """Return what a subject is, or None where there is none."""
        ...

    async def reidentify(self, subject_id: UUID, particulars: Particulars, at: datetime) -> None:
        """Put *particulars* in the place of what is kept, at a new version; from now on the old number finds nobody.

        They are sealed, masked and indexed where the keys are. Raises NumberOfAnother where another subject has that
        number, and CaseChangedMeanwhile.
        """
        ...
