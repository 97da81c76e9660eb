"""The access log as it grows [5.1.6]."""

from datetime import UTC, datetime
from uuid import UUID

import strawberry

from queryplan.entities import Entity
from queryplan.plan import Order
from queryplan.signals import SignalKind
from schema.consent.access_types import AccessEntry
from schema.core.connections import OF_SUBJECT, Batch
from schema.core.fields import ManySource, OnlyNew, WatchSource, planned


def _place(at: datetime) -> tuple[object, ...]:
    """Return the first id of entries at the instant *at*: they begin with its milliseconds [RFC 9562 section 5.7]."""
    milliseconds = round((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    return UUID(int=milliseconds << 80), UUID(int=0)


@strawberry.type
class AccessSubscription:
    """The subscription of this topic."""

    @planned(
        WatchSource(
            ManySource(
                Entity.ACCESS_ENTRY, (Order("entry_id"), Order("subject_id")), None, OF_SUBJECT, always="is_heard"
            ),
            SignalKind.READ,
            OnlyNew(("subject_id", "entry_id"), _place),
            own_side=True,  # two auditors would be sent each other's reads without end
        ),
        "访问记录：each read of the caller's data, or of whom it acts for, as it is recorded, as `myAccessLog` has it. "
        "Not the caller's own reads, nor the subject's, nor what a delegate is sent by a subscription, nor one whose "
        "entry is delayed by law: `myAccessLog` lists them all in time [5.1.6].",
    )
    def access_recorded(self, subject: strawberry.ID | None = None) -> Batch[AccessEntry]: ...
