"""The access log as it grows [5.1.6]."""

from datetime import UTC, datetime
from uuid import UUID

import strawberry

from queryplan.entities import Entity
from queryplan.plan import Order
from queryplan.signals import SignalKind
from schema.consent.access_types import AccessEntry
from schema.core.connections import Batch
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
            ManySource(Entity.ACCESS_ENTRY, (Order("entry_id"), Order("subject_id")), always="by_others"),
            SignalKind.READ,
            OnlyNew(("subject_id", "entry_id"), _place),
            own=True,  # two auditors would be sent each other's reads without end
        ),
        "访问记录：each read of the caller's data by others, also by its delegates, when it is recorded, as one of "
        "`myAccessLog`. About a read whose entry is delayed by law there is no event: that lists it in time [5.1.6].",
    )
    def access_recorded(self) -> Batch[AccessEntry]: ...
