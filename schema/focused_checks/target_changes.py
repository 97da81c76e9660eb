"""Changes among a supervisor's targets since its last visit, and the notification of them [5.2.2]."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from credit.core.context import ActionContext
from credit.core.errors import UnknownCase
from credit.focused_checks import visits
from credit.focused_checks.actions import SupervisionArea
from credit.focused_checks.focused_check import ChangeKind
from queryplan.entities import Entity
from queryplan.plan import Order
from schema.core.connections import Connection
from schema.core.context import Info, RequestContext
from schema.core.fields import ManySource, column, global_id, one, planned
from schema.core.inputs import KeyedInput, mutation_input
from schema.core.mutations.mutation import MutationResult, run_mutation
from schema.core.mutations.refusals import Collision, NotFound
from schema.core.ports import CommittingWork
from schema.focused_checks.types import supervision_area_of
from schema.reference.types import SubjectLink


@strawberry.type(description="重点核查对象变动：one target that differs from the last visit [5.2.2].")
class TargetChange:
    kind: ChangeKind | None = column("kind", "Whether it is new, has changed, or has left.")
    subject_id: strawberry.ID | None = global_id(
        Entity.SUBJECT, "The subject's global id; of one that has left, only this is shown [5.1.5]."
    )
    subject: SubjectLink | None = one("target", Entity.SUBJECT, "The target; null for one that has left.")


@strawberry.type(
    description="订阅消息：what a subscriber was notified of about its list of targets: figures, and nobody's name or "
    "id [5.2.2]."
)
class TargetNews:
    on: date = strawberry.field(description="As of which day in Asia/Shanghai.")
    at: datetime = strawberry.field(description="When it was notified (UTC).")
    added: int = strawberry.field(description="新增：how many targets are new.")
    changed: int = strawberry.field(description="变更：how many have changed.")
    left: int = strawberry.field(description="移出：how many have left the list.")


@strawberry.type(description="What changed among the targets [5.2.2].")
class TargetChangeQuery:
    @strawberry.field(
        description="订阅消息：what the caller, who subscribed by `subscribeTargets`, was notified of since it marked "
        "its targets as seen, the newest first; `focusedCheckChanges` then shows which they are [5.2.2]."
    )
    async def target_news(self, info: Info) -> list[TargetNews]:
        context = info.context
        async with context.begin() as work:
            try:
                found = await visits.news(work, context.action.actor, supervision_area_of(context))
            except UnknownCase:
                return []
        return [
            TargetNews(
                on=one.on,
                at=one.at,
                added=one.figures[ChangeKind.ADDED],
                changed=one.figures[ChangeKind.CHANGED],
                left=one.figures[ChangeKind.LEFT],
            )
            for one in found
        ]

    @planned(
        ManySource(Entity.TARGET_CHANGE, (Order("subject_id"),), since="since"),
        "重点核查对象变动：what changed among the targets of one's own sector and area since the visit that "
        "`markTargetsSeen` marked, or since an instant: `kind` tells who is new, who changed and who has left, in no "
        "order. Read off the dates; before the first visit all are new. A change of the day of the visit may be "
        "reported twice [5.2.2].",
    )
    def focused_check_changes(
        self,
        since: Annotated[
            datetime | None,
            strawberry.argument(description="Since this instant, with a zone; else since the visit that was marked."),
        ] = None,
    ) -> Connection[TargetChange]: ...


@mutation_input(description="标记与订阅：the caller's own visits and subscription; it has nothing to say but its key.")
class TargetVisitInput(KeyedInput):
    pass


@strawberry.type(description="It is noted. The caller's own visits and subscription, and nobody's data.")
class TargetVisitNoted:
    at: datetime = strawberry.field(description="When (UTC).")


MarkTargetsSeenResult = Annotated[
    TargetVisitNoted | NotFound | Collision,
    strawberry.union("MarkTargetsSeenResult", description="The result of marking a visit."),
]
SubscribeTargetsResult = Annotated[
    TargetVisitNoted | NotFound | Collision,
    strawberry.union("SubscribeTargetsResult", description="The result of a subscription."),
]
UnsubscribeTargetsResult = Annotated[
    TargetVisitNoted | NotFound | Collision,
    strawberry.union("UnsubscribeTargetsResult", description="The result of ending one."),
]


Visit = Callable[[CommittingWork, ActionContext, SupervisionArea | None], Awaitable[None]]


@strawberry.type(description="A supervisor's visits and subscription [5.2.2].")
class TargetVisitMutation:
    @strawberry.mutation(
        description="标记已阅：marks the targets of one's own sector and area as seen now; `focusedCheckChanges` "
        "counts from here. Doing it again moves the mark [5.2.2]."
    )
    async def mark_targets_seen(self, info: Info, input: TargetVisitInput) -> MarkTargetsSeenResult:
        return await _note(info, input, visits.mark_seen)

    @strawberry.mutation(
        description="订阅变动：tells the caller from now on when a target is added or leaves; doing it twice does "
        "nothing twice [5.2.2]."
    )
    async def subscribe_targets(self, info: Info, input: TargetVisitInput) -> SubscribeTargetsResult:
        return await _note(info, input, visits.subscribe)

    @strawberry.mutation(description="取消订阅：ends it [5.2.2].")
    async def unsubscribe_targets(self, info: Info, input: TargetVisitInput) -> UnsubscribeTargetsResult:
        return await _note(info, input, lambda work, by, area: visits.unsubscribe(work, by.actor, area))


async def _note(info: Info, given: TargetVisitInput, action: Visit) -> Any:  # noqa: ANN401 - a member of the mutation's union
    return await run_mutation(info, given, _noted(info.context), action, supervision_area_of(info.context))


def _noted(context: RequestContext) -> MutationResult[None]:
    return MutationResult(
        lambda _: {"at": context.now.isoformat()}, lambda ids: TargetVisitNoted(at=datetime.fromisoformat(ids["at"]))
    )
