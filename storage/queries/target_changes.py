"""What became of the focused-check targets since a supervisor last looked, read off the dated facts [5.2.2] [5.1.5].

Two looks are compared: at the instant of the last visit, and today. A fact of the very day of the visit counts as seen
only if nothing was recorded of its case since; so a change can be told twice, and is never missed. What ends by date
alone ends here too: no job has to run for a target to leave.
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
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    union,
)

from credit.cases.status import UnrectifiedPolicy
from credit.focused_checks.focused_check import ChangeKind
from storage.database.column_types import Instant
from storage.queries.scopes import Condition, bind, in_area, in_force, is_open
from storage.tables import restraint_cases, subjects, target_visits

target_changes = Table(
    # What a change looks like; a table of no database.
    "target_changes",
    MetaData(),
    Column("subject_id", Uuid, primary_key=True),
    Column("kind", String(8), nullable=False),  # in the order of the alphabet: new ones first, last who has left
    Column("target_id", Uuid),  # of who is a target: of one that has left nothing is told but that it has
)
_TODAY = bind("today")
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""Before any fact: whoever never looked has seen nothing of what was recorded since."""


def changing(unrectified: UnrectifiedPolicy, alias: str) -> FromClause:
    """Give back the reading: who is, or was, a target in the actor's sector and area, and what became of it."""
    seen_at, seen_on = _since("seen_at"), _since("seen_on")
    ways = (
        lambda case: case.c.changed_at > func.coalesce(seen_at, literal(EARLIEST, Instant())),
        lambda case: and_(case.c.ends_on >= seen_on, case.c.ends_on < _TODAY),
    )
    # A union, not an OR: each way has an index of its own to walk down.
    candidates = union(*(_touched(unrectified, seen_at, seen_on, way) for way in ways)).subquery("candidates")
    subject, now, then = subjects.alias("whom"), restraint_cases.alias("now"), restraint_cases.alias("then")
    is_target = _any(now, subject, in_force(now, unrectified))
    was_target = _any(then, subject, _was_in_force(then, unrectified, seen_at, seen_on))
    looked: Select[Any] = (
        select(subject.c.subject_id, is_target.label("is_target"), was_target.label("was_target"))
        .join_from(candidates, subject, subject.c.subject_id == candidates.c.subject_id)
        .where(in_area(subject))
    )
    both = looked.subquery("both_looks")
    kinds = {
        ChangeKind.ADDED: and_(both.c.is_target, not_(both.c.was_target)),
        ChangeKind.LEFT: and_(both.c.was_target, not_(both.c.is_target)),
    }
    kind = case(
        *((condition, _word(each.value)) for each, condition in kinds.items()), else_=_word(ChangeKind.CHANGED.value)
    )
    values: Mapping[str, ColumnElement[Any]] = {
        "subject_id": both.c.subject_id,
        "kind": kind,
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
    """Give back whom a published case of the sector is about that may have changed in this *way*."""
    touched = restraint_cases.alias()
    return select(touched.c.subject_id).where(
        touched.c.sector_code == bind("actor_sector"),
        is_open(touched),
        way(touched),
        # What is not published is neither; said once more, SQLite would walk down the whole list of the sector.
        or_(in_force(touched, unrectified), _was_in_force(touched, unrectified, seen_at, seen_on)),
    )


def _any(row: FromClause, subject: FromClause, condition: Condition) -> ColumnElement[bool]:
    found = exists().where(
        row.c.subject_id == subject.c.subject_id, row.c.sector_code == bind("actor_sector"), is_open(row), condition
    )
    return func.coalesce(found, false())


def _was_in_force(
    row: FromClause, unrectified: UnrectifiedPolicy, seen_at: ColumnElement[Any], seen_on: ColumnElement[Any]
) -> Condition:
    """Say that *row* was seen in force at the last visit; nothing was, where there was none."""

    def was_seen(day: ColumnElement[Any]) -> Condition:
        return and_(day.is_not(None), or_(day < seen_on, and_(day == seen_on, row.c.changed_at <= seen_at)))

    within_period = seen_on <= row.c.ends_on
    if unrectified is UnrectifiedPolicy.STAYS:
        within_period = or_(within_period, not_(was_seen(row.c.rectified_on)))
    ended = (not_(was_seen(row.c[name])) for name in ("removed_on", "dropped_on", "referred_on"))
    return and_(seen_on.is_not(None), was_seen(row.c.published_on), within_period, *ended)


def _since(what: str) -> ColumnElement[Any]:
    """Give back the instant or the day of the last visit: as asked for, else as marked; NULL for none."""
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


def _word(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", String())
