"""How the focused-check targets changed since a supervisor's last visit, read off the dated facts [5.2.2] [5.1.5].

The state at the instant of the last visit is compared with that of today. A fact of the day of the visit counts as
seen only if nothing was recorded in its case since; so a change may be listed twice, and is never missed. A restraint
that ends by date alone leaves the list without a job.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    MetaData,
    ScalarSelect,
    Select,
    String,
    Table,
    Uuid,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    union,
)

from credit.cases.status import UnrectifiedPolicy
from credit.focused_checks.focused_check import ChangeKind
from storage.database.column_types import Instant
from storage.queries.conditions.row_conditions import Condition, bind, in_area, in_force, is_open
from storage.queries.literals import number, word
from storage.tables import restraint_cases, subjects, target_visits

target_changes = Table(
    # The columns of a change; the database has no such table.
    "target_changes",
    MetaData(),
    Column("subject_id", Uuid, primary_key=True),
    Column("kind", String(8), nullable=False),  # ADDED, CHANGED, LEFT
    Column("last_change", Instant),  # of the cases that are or were in force: by it one change is told from the next
    Column("target_id", Uuid),  # null for a subject that has left: only that it left is shown
)
_TODAY = bind("today")
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""An instant before every fact: a supervisor without a visit has seen no fact."""


def target_change_rows(unrectified: UnrectifiedPolicy, alias: str) -> FromClause:
    """Return the derived table: each subject that is or was a target in the actor's sector and area, and its change."""
    seen_at, seen_on = _since("seen_at"), _since("seen_on")
    ways = (
        lambda case: case.c.changed_at > func.coalesce(seen_at, literal(EARLIEST, Instant())),
        lambda case: and_(case.c.ends_on >= seen_on, case.c.ends_on < _TODAY),
    )
    # A union and not an OR, because each way of changing has an index of its own.
    candidates = union(*(_touched(unrectified, seen_at, seen_on, way) for way in ways))
    subject, now, then = subjects.alias("subject"), restraint_cases.alias("now"), restraint_cases.alias("then")
    is_target = _any(now, subject, in_force(now, unrectified))
    was_target = _any(then, subject, _was_in_force(then, unrectified, seen_at, seen_on))
    # In the order of the candidates, so that both questions are asked of those of one page.
    looked: Select[Any] = select(
        subject.c.subject_id, is_target.label("is_target"), was_target.label("was_target")
    ).where(subject.c.subject_id.in_(candidates), in_area(subject))
    both = looked.subquery("both_looks")
    kinds = {
        ChangeKind.ADDED: and_(both.c.is_target, not_(both.c.was_target)),
        ChangeKind.LEFT: and_(both.c.was_target, not_(both.c.is_target)),
    }
    kind = case(
        *((condition, word(each.value)) for each, condition in kinds.items()), else_=word(ChangeKind.CHANGED.value)
    )
    values: Mapping[str, ColumnElement[Any]] = {
        "subject_id": both.c.subject_id,
        "kind": kind,
        "last_change": _last_change(unrectified, both, seen_at, seen_on),
        "target_id": case((both.c.is_target, both.c.subject_id)),
    }
    return (
        select(*(values[column.name].label(column.name) for column in target_changes.c))
        .where(or_(both.c.is_target, both.c.was_target))
        .subquery(alias)
    )


def _touched(
    unrectified: UnrectifiedPolicy,
    seen_at: ColumnElement[Any],
    seen_on: ColumnElement[Any],
    way: Callable[[FromClause], Condition],
) -> Select[Any]:
    """Return the subjects of published cases of the sector that may have changed in this *way*."""
    touched = restraint_cases.alias()
    township = bind("actor_township")
    return select(touched.c.subject_id).where(
        touched.c.sector_code == bind("actor_sector"),
        # Whom the area leaves out anyway is not looked at one by one.
        or_(township.is_(None), touched.c.township_code == township),
        is_open(touched),
        way(touched),
        # An unpublished case is neither. To repeat that as a condition would make SQLite scan the whole sector.
        or_(in_force(touched, unrectified), _was_in_force(touched, unrectified, seen_at, seen_on)),
    )


def _any(row: FromClause, subject: FromClause, condition: Condition) -> ColumnElement[bool]:
    # A scalar, not EXISTS: PostgreSQL would read the whole sector once and keep the set, for a page of a few subjects.
    own = row.c.subject_id == subject.c.subject_id, row.c.sector_code == bind("actor_sector")
    found = select(number(1)).where(*own, is_open(row), condition).limit(number(1))
    return found.correlate(subject).scalar_subquery().is_not(None)


def _last_change(
    unrectified: UnrectifiedPolicy, subject: FromClause, seen_at: ColumnElement[Any], seen_on: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return when a case of the subject last changed, of those that are or were in force: no other one is told of."""
    changed = restraint_cases.alias("changed")
    found = select(func.max(changed.c.changed_at)).where(
        changed.c.subject_id == subject.c.subject_id,
        changed.c.sector_code == bind("actor_sector"),
        is_open(changed),
        or_(in_force(changed, unrectified), _was_in_force(changed, unrectified, seen_at, seen_on)),
    )
    return found.correlate(subject).scalar_subquery()


def _was_in_force(
    row: FromClause, unrectified: UnrectifiedPolicy, seen_at: ColumnElement[Any], seen_on: ColumnElement[Any]
) -> Condition:
    """Return the condition that *row* was seen in force at the last visit; without a visit no row was."""

    def was_seen(day: ColumnElement[Any]) -> Condition:
        return and_(day.is_not(None), or_(day < seen_on, and_(day == seen_on, row.c.changed_at <= seen_at)))

    within_period = seen_on <= row.c.ends_on
    if unrectified is UnrectifiedPolicy.STAYS:
        waited = and_(row.c.timely_claim_on.is_not(None), not_(was_seen(row.c.timely_claim_answered_on)))
        within_period = or_(within_period, and_(not_(was_seen(row.c.rectified_on)), not_(waited)))
    ended = (not_(was_seen(row.c[name])) for name in ("removed_on", "dropped_on", "referred_on"))
    runs = or_(not_(was_seen(row.c.paused_on)), was_seen(row.c.resumed_on))
    return and_(seen_on.is_not(None), was_seen(row.c.published_on), within_period, runs, *ended)


def _since(what: str) -> ColumnElement[Any]:
    """Return the instant or the day of the last visit: the requested one, else the marked one; NULL without a visit."""
    visits = target_visits
    marked: ScalarSelect[Any] = (
        select(visits.c[what])
        .where(
            visits.c.actor_ref == bind("actor_ref"),
            visits.c.sector_code == bind("actor_sector"),
            visits.c.area_code == bind("actor_area"),
        )
        .scalar_subquery()
    )
    return func.coalesce(bind("changes_" + what), marked)
