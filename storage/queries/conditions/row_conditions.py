"""Conditions on a row: the binds that they use, what is confidential, in force, in an area, and not finished yet."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    String,
    Uuid,
    and_,
    bindparam,
    exists,
    false,
    func,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy import case as sql_case
from sqlalchemy.types import TypeEngine

from credit.cases.status import UnrectifiedPolicy
from storage.database.column_types import Instant
from storage.queries.conditions import promise_conditions
from storage.queries.literals import number, word
from storage.tables import (
    applications,
    commitments,
    corrections,
    deferrals,
    issued_notices,
    objections,
    published_cases,
    restraint_cases,
)

Condition = ColumnElement[bool]
Rule = Callable[[FromClause, UnrectifiedPolicy], Condition]

ACTOR_BINDS: Mapping[str, TypeEngine[Any]] = {
    "actor_ref": String(),
    "actor_department": String(),
    "actor_sector": String(),
    "actor_area": String(),
    "actor_area_end": String(),
    # The township of a supervisor of one township, or of a part of it.
    "actor_township": String(),
    "actor_subject": Uuid(),
    "today": Date(),
    # The first day of the registrations by which a window still sees somebody.
    "registered_from": Date(),
    # The start of the changes to list, where it is not the marked visit.
    "changes_seen_at": Instant(),
    "changes_seen_on": Date(),
}
"""The facts about the actor that a scope may use. Each may be missing, and then matches no row."""


def bind(name: str) -> ColumnElement[Any]:
    """Return the bind of this name, filled in when the statement runs."""
    return bindparam(name, type_=ACTOR_BINDS[name], required=False)


def is_open(row: FromClause) -> Condition:
    """Return the condition that *row*, its application and its case are not marked confidential [5.1.6]."""
    if "confidential" in row.c:
        return row.c.confidential.is_(False)
    if getattr(row, "element", row) in (deferrals, commitments):
        return has_open_application(row)
    if "case_id" not in row.c or getattr(row, "element", row) is published_cases:
        return true()
    case = restraint_cases.alias()
    return not_(exists().where(same(case, row, "case_id"), case.c.confidential.is_(True)).correlate(row))


def in_force(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *case* is in force today [5.1.5], as `RestraintDates.is_in_force`."""
    today = bind("today")
    runs = or_(case.c.paused_on.is_(None), case.c.paused_on > today, case.c.resumed_on <= today)
    return and_(in_period(case, unrectified), runs)


def in_period(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *case* is in force today, or would be if it did not rest for a review [5.1.4(3)]."""
    today = bind("today")
    ended = (case.c[name] for name in ("removed_on", "dropped_on", "referred_on"))
    within_period = today <= case.c.ends_on
    if unrectified is UnrectifiedPolicy.STAYS:
        wrong = or_(case.c.rectified_on.is_(None), case.c.rectified_on > today)
        within_period = or_(within_period, and_(wrong, not_(_waits_for_answer(case))))
    return and_(case.c.published_on <= today, within_period, *(or_(day.is_(None), day > today) for day in ended))


def listed(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *case* is on the public list today [5.1.5], as `Case.is_public`."""
    until = case.c.listed_until
    return and_(in_force(case, unrectified), case.c.unlisted.is_(False), or_(until.is_(None), until >= bind("today")))


def review_from(case: FromClause) -> ColumnElement[Any]:
    """Return the day from which the review of *case* is counted, as `CaseDates.review_from` [5.1.4(3)] [5.1.4(4)]."""
    reopened = and_(
        case.c.stated_on.is_not(None),
        case.c.reopened_on.is_not(None),
        or_(case.c.reopened_until.is_(None), case.c.reopened_until == case.c.reviewed_on),
    )
    return sql_case((reopened, case.c.reopened_on), else_=case.c.stated_on)


def publication_from(case: FromClause) -> ColumnElement[Any]:
    """Return the day from which the publication of *case* is due, as `CaseDates.publication_from` [5.1.4(5)]."""
    unpublished = case.c.published_on.is_(None)
    waits = and_(unpublished, case.c.reopened_on.is_not(None), case.c.reopened_until.is_(None))
    before = or_(unpublished, case.c.reopened_until <= case.c.published_on)
    reviewed = and_(before, case.c.reopened_until > case.c.determined_on)
    return sql_case((waits, null()), (reviewed, case.c.reopened_until), else_=case.c.determined_on)


def is_resting(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *case* waits, after its period, for the answer to a claim made in it [5.1.5].

    As `RestraintDates.is_resting`.
    """
    if unrectified is not UnrectifiedPolicy.STAYS:
        return false()
    today = bind("today")
    ended = (case.c[name] for name in ("rectified_on", "removed_on", "dropped_on", "referred_on"))
    over = and_(case.c.published_on <= today, case.c.ends_on < today)
    return and_(over, _waits_for_answer(case), *(or_(day.is_(None), day > today) for day in ended))


def _waits_for_answer(case: FromClause) -> Condition:
    """Return the condition that a claim made within the period is not answered yet; never NULL."""
    answered = case.c.timely_claim_answered_on
    return and_(case.c.timely_claim_on.is_not(None), or_(answered.is_(None), answered > bind("today")))


def in_area(row: FromClause) -> Condition:
    """Return the condition that the row's area is the actor's or part of it: its code begins with the actor's code."""
    return within_area(row.c.area_code)


def within_area(code: ColumnElement[str]) -> Condition:
    """Return the condition that the area with this *code* is the actor's or part of it."""
    return and_(code >= bind("actor_area"), code < bind("actor_area_end"))


def read_by_another(entry: FromClause) -> Condition:
    """Return the condition that somebody else than the subject made the read of *entry*, a delegate too."""
    return entry.c.role != word("subject")


def deletion_open(duty: FromClause) -> Condition:
    """Return the condition that a recipient has to delete something by now, and has not acknowledged it [5.1.6]."""
    return and_(duty.c.acknowledged_on.is_(None), duty.c.since_on <= bind("today"))


def deletion_late(duty: FromClause) -> Condition:
    """Return the condition that the last day of such a duty is over."""
    return and_(deletion_open(duty), func.coalesce(duty.c.due_on < bind("today"), false()))


def has_open_application(row: FromClause) -> Condition:
    """Return the condition that the application of *row* is not confidential; else neither is shown [5.1.6]."""
    application = applications.alias()
    # A scalar, not EXISTS: PostgreSQL would read the applications of all windows, for a page of one.
    found = select(number(1)).where(same(application, row, "application_id"), is_open(application)).limit(number(1))
    return found.correlate(row).scalar_subquery().is_not(None)


def same(other: FromClause, row: FromClause, key: str) -> Condition:
    """Return the condition that *other* is the record of the same subject that *key* of *row* names."""
    return and_(other.c.subject_id == row.c.subject_id, other.c[key] == row.c[key])


def _not_ended(case: FromClause) -> Condition:
    ended = (case.c[name] for name in ("removed_on", "dropped_on", "referred_on"))
    return and_(*(or_(day.is_(None), day > bind("today")) for day in ended))


# --- what is not finished yet -------------------------------------------------------------------------------------


def unfinished_application(application: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *application* is open: undecided, with a promise that is due, or contested [4.2]."""
    owed, given, contested = deferrals.alias(), commitments.alias(), objections.alias()
    unmet = and_(given.c.outcome == word("NOT_MET"), given.c.case_id.is_(None), given.c.ended_on.is_(None))
    return or_(
        promise_conditions.undecided(application),
        exists().where(
            same(owed, application, "application_id"), promise_conditions.documents_owed(owed), owed.c.case_id.is_(None)
        ),
        exists().where(
            same(given, application, "application_id"), or_(promise_conditions.commitment_open(given), unmet)
        ),
        exists().where(
            contested.c.subject_id == application.c.subject_id,
            contested.c.record_id == application.c.application_id,
            contested.c.answered_on.is_(None),
        ),
    )


def running_case(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *case* is running or in force [5.1]."""
    runs = or_(case.c.ends_on.is_(None), in_period(case, unrectified), is_resting(case, unrectified))
    return and_(runs, _not_ended(case))


def under_review(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that the review of *case* is open, or that its decision is not issued yet [5.1.4(4)]."""
    decision = issued_notices.alias()
    issued = exists().where(
        same(decision, case, "case_id"),
        decision.c.kind == word("REVIEW_DECISION"),
        decision.c.issued_on >= case.c.reviewed_on,
    )
    stated = and_(case.c.stated_on.is_not(None), case.c.reviewed_on.is_(None), case.c.determined_on.is_(None))
    reopened = and_(case.c.paused_on.is_not(None), case.c.resumed_on.is_(None))
    return and_(
        running_case(case, unrectified), or_(stated, reopened, and_(case.c.reviewed_on.is_not(None), not_(issued)))
    )


def unfinished_case(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *case* is running or in force, or that an error or an objection of it is open [5.1]."""
    wrong, contested = corrections.alias(), objections.alias()
    return or_(
        running_case(case, unrectified),
        exists().where(same(wrong, case, "case_id"), wrong.c.completed_on.is_(None)),
        exists().where(same(contested, case, "case_id"), contested.c.answered_on.is_(None)),
    )
