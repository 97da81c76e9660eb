"""What the counter needs of a unit of work for what follows from a restraint [5.2.2] [5.2.3]."""

from collections.abc import Sequence
from typing import Protocol

from consent.log_entries import AccessEntry
from credit.consultations.actions import ConsultationStore
from credit.focused_checks.actions import FocusedCheckStore
from credit.focused_checks.visits import VisitStore
from credit.notifications.actions import NotificationStore


class OwnLogs(Protocol):
    """Access entries that are part of a unit of work."""

    async def append(self, entries: Sequence[AccessEntry]) -> None:
        """Append the entries of those who are on record; of nobody, nothing is kept."""
        ...


class EffectStores(Protocol):
    """The stores of consultations, of what their subjects see of them, of focused checks, and of who was told."""

    @property
    def consultations(self) -> ConsultationStore: ...

    @property
    def own_logs(self) -> OwnLogs: ...

    @property
    def focused_checks(self) -> FocusedCheckStore: ...

    @property
    def notifications(self) -> NotificationStore: ...

    @property
    def target_visits(self) -> VisitStore: ...
