"""The worklist as it changes [5.1.4] [6.1]."""

from datetime import date

import strawberry

from credit.cases.rules.next_steps import Side, Task
from queryplan.entities import Entity
from queryplan.signals import SignalKind
from schema.core.connections import FirstPage
from schema.core.fields import ManySource, WatchSource, planned
from schema.worklist.types import CHOICES, MOVING, ORDER, WorkItem


@strawberry.type
class WorklistSubscription:
    """The subscription of this topic."""

    @planned(
        WatchSource(ManySource(Entity.WORK_ITEM, ORDER, None, CHOICES, moving=MOVING), SignalKind.ACT),
        "待办清单变动：the first page of `worklist`, with the same filters, whenever it is another one than before: a "
        "task has come, has changed or is done, or a day has begun [5.1.4] [6.1].",
    )
    def worklist_changed(
        self,
        late: bool | None = None,  # noqa: FBT001 - an argument of the schema, always by name
        due_by: date | None = None,
        step: Task | None = None,
        side: Side | None = None,
        department: strawberry.ID | None = None,
        handler: str | None = None,
    ) -> FirstPage[WorkItem]: ...
