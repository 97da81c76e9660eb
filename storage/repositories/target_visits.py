"""The last visits of supervisors to their target lists, and their subscriptions to changes [5.2.2]."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select, update

from credit.cases.status import UnrectifiedPolicy
from credit.focused_checks.actions import AREA_END, SupervisionArea
from credit.focused_checks.focused_check import ChangeKind
from credit.focused_checks.visits import CHANGED, News, Subscribed
from storage.database.conflicts import insert_once
from storage.queries.target_changes import target_change_rows
from storage.repositories.rows import SqlRepository
from storage.tables import outbox, target_visits


class TargetVisitRepository(SqlRepository):
    """The table `target_visits`: implements `VisitStore`."""

    async def mark(self, actor_ref: str, area_of_supervision: SupervisionArea, at: datetime, on: date) -> None:
        await self._change(actor_ref, area_of_supervision, {"seen_at": at, "seen_on": on})

    async def subscribe(
        self, actor_ref: str, area_of_supervision: SupervisionArea, at: datetime | None, on: date | None
    ) -> None:
        await self._change(actor_ref, area_of_supervision, {"subscribed_at": at, "told_at": at, "told_on": on})

    async def subscribed(self) -> Sequence[Subscribed]:
        row = target_visits.c
        found = await self._session.fetch(
            select(row.actor_ref, row.sector_code, row.area_code, row.told_at, row.told_on)
            .where(row.subscribed_at.is_not(None), row.told_at.is_not(None))
            .order_by(row.actor_ref, row.sector_code, row.area_code)
            .with_for_update()
        )
        return [Subscribed(ref, SupervisionArea(sector, area), at, on) for ref, sector, area, at, on in found]

    async def changes(self, one: Subscribed, today: date, unrectified: UnrectifiedPolicy) -> Mapping[ChangeKind, int]:
        """Count the changes since *one* was last notified: figures without subjects."""
        changed = target_change_rows(unrectified, "r")
        found = await self._session.fetch(
            select(changed.c.kind, func.count()).group_by(changed.c.kind),
            {
                "today": today,
                "actor_ref": one.actor_ref,
                "actor_sector": one.area_of_supervision.sector,
                "actor_area": one.area_of_supervision.area,
                "actor_area_end": one.area_of_supervision.area + AREA_END,
                "changes_seen_at": one.told_at,
                "changes_seen_on": one.told_on,
            },
        )
        return {ChangeKind(kind): int(number) for kind, number in found}

    async def record_notified(self, one: Subscribed, at: datetime, on: date) -> None:
        await self._change(one.actor_ref, one.area_of_supervision, {"told_at": at, "told_on": on})

    async def news(self, actor_ref: str, area_of_supervision: SupervisionArea) -> Sequence[News]:
        """Return the messages to this supervisor about this area that it has not seen yet, the newest first."""
        row = outbox.c
        found = await self._session.fetch(
            select(row.about, row.created_at)
            .where(*_to(actor_ref, area_of_supervision))
            .order_by(row.created_at.desc())
        )
        return [
            News(date.fromisoformat(about["on"]), at, {kind: int(about[kind.value.lower()]) for kind in ChangeKind})
            for about, at in found
        ]

    async def mark_notifications_seen(self, actor_ref: str, area_of_supervision: SupervisionArea, at: datetime) -> None:
        """Note that these messages have arrived: a supervisor that marks its targets as seen has been notified."""
        await self._session.execute(update(outbox).where(*_to(actor_ref, area_of_supervision)).values(sent_at=at))

    async def _change(self, actor_ref: str, area_of_supervision: SupervisionArea, values: Mapping[str, object]) -> None:
        key = {"actor_ref": actor_ref, "sector_code": area_of_supervision.sector, "area_code": area_of_supervision.area}
        await self._session.execute(insert_once(target_visits), key)
        await self._update_row(target_visits, key, values)


def _to(actor_ref: str, area_of_supervision: SupervisionArea) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a message waits for this supervisor, about this area."""
    about = outbox.c.about
    said = (
        ("actor_ref", actor_ref),
        ("sector_code", area_of_supervision.sector),
        ("area_code", area_of_supervision.area),
    )
    waits = outbox.c.sent_at.is_(None), outbox.c.topic == CHANGED
    return (*waits, *(about[name].as_string() == value for name, value in said))
