"""Focused-check targets as they change [5.2.2]."""

import strawberry

from queryplan.entities import Entity
from queryplan.plan import Order
from queryplan.signals import SignalKind
from schema.core.connections import Batch
from schema.core.fields import ManySource, OnlyNew, WatchSource, planned
from schema.focused_checks.target_changes import TargetChange


@strawberry.type
class TargetSubscription:
    """The subscription of this topic."""

    @planned(
        WatchSource(
            ManySource(Entity.TARGET_CHANGE, (Order("subject_id"),)),
            SignalKind.ACT,
            OnlyNew(("subject_id", "kind", "last_change")),
        ),
        "重点核查对象变动：which targets of one's own sector and area are new, changed or have left, as it happens, "
        "in no order: what `focusedCheckChanges` would list since the event before [5.2.2].",
    )
    def target_changed(self) -> Batch[TargetChange]: ...
