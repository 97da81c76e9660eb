"""Rules of cases, of focused checks and their targets, and of the access log."""

from sqlalchemy import FromClause, and_, exists, not_, or_, select, true
from sqlalchemy import case as sql_case

from consent.vocabulary import Purpose
from credit.cases.rules.next_steps import Task
from credit.cases.status import UnrectifiedPolicy
from credit.cases.steps import StepName
from storage.database.sql_dates import civil_day
from storage.queries.conditions.row_conditions import Condition, bind, in_area, in_force, same, within_area
from storage.queries.conditions.scope_rules.combinators import with_record
from storage.queries.literals import word
from storage.tables import applications, entry_delays, registrations, restraint_cases, subjects


def notified(case: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the subject was notified of *case*: before, it is an open investigation [5.1.4(2)]."""
    return or_(*(case.c[name].is_not(None) for name in ("noticed_on", "served_on", "determined_on", "published_on")))


def is_opened(entry: FromClause, _: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> Condition:
    """Return the condition that no delay hides *entry* from its subject today [5.1.6]; without a day one does."""
    delay = entry_delays.alias()
    return or_(
        entry.c.opens_on.is_(None), exists().where(same(delay, entry, "delay_id"), delay.c.opens_on <= bind("today"))
    )


def read_by_others(entry: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that neither the subject nor a delegate of it made the read of *entry*."""
    return entry.c.purpose != word(Purpose.SELF_ACCESS.value)


def checked_here(check: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *check* was made in the actor's sector and area."""
    return and_(check.c.sector_code == bind("actor_sector"), in_area(check))


def reviewing(case: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the actor reviews *case* in its present department."""
    # The handler of a case never reviews it [5.1.4(4)]. An assignment ends with the post: person and department.
    return and_(
        case.c.reviewer_ref == bind("actor_ref"),
        case.c.handler_ref != bind("actor_ref"),
        case.c.department_code == bind("actor_department"),
    )


def to_review(item: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the actor has to review what *item* is about."""
    # The contested record may be no case: then the work item knows no handler.
    mine = and_(item.c.reviewer_ref == bind("actor_ref"), item.c.department_code == bind("actor_department"))
    return and_(mine, or_(item.c.handler_ref.is_(None), item.c.handler_ref != bind("actor_ref")))


def to_confirm(case: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *case* is a former record of the actor's department that is not confirmed [5.1.4]."""
    open_days = (case.c[name].is_(None) for name in ("determined_on", "removed_on", "dropped_on", "referred_on"))
    return and_(case.c.department_code == bind("actor_department"), case.c.taken_over_on.is_not(None), *open_days)


def to_confirm_item(item: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the task *item* of the actor's department is to confirm a former record."""
    mine = item.c.department_code == bind("actor_department")
    return and_(mine, item.c.step == word(Task.CONFIRM_TAKEN_OVER.value))


def issued_today(notice: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the actor issued *notice* today, so that it can hand the document over [A]."""
    return and_(notice.c.issued_by == bind("actor_ref"), notice.c.issued_on == bind("today"))


def focused(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *case* is in force in the actor's sector."""
    return and_(case.c.sector_code == bind("actor_sector"), in_force(case, unrectified))


def focused_case(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *case* is in force in the actor's sector, and its subject in the actor's area."""
    if "subject_area_code" in case.c:
        # CASE hides the range from PostgreSQL, which would expect few rows of it and sort them all.
        return and_(focused(case, unrectified), sql_case((within_area(case.c.subject_area_code), true())))
    # A scalar, not EXISTS: PostgreSQL would turn that into a join and, not knowing the area when it plans, begin
    # with every subject there. So it walks down the sector's list and looks at each subject by its key.
    subject = subjects.alias()
    here = select(in_area(subject)).where(subject.c.subject_id == case.c.subject_id).scalar_subquery()
    return and_(focused(case, unrectified), here)


def still_target(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that the subject of *row* is a target of the actor today [5.2.2]."""
    subject = subjects.alias()
    restrained = with_record(restraint_cases, focused)(subject, unrectified)
    return exists().where(subject.c.subject_id == row.c.subject_id, in_area(subject), restrained)


def put_on_record_here(subject: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the department put *subject* on record of late, and nothing was filed there since."""
    made, filed = registrations.alias(), applications.alias()
    since = exists().where(
        filed.c.subject_id == made.c.subject_id,
        filed.c.department_code == bind("actor_department"),
        filed.c.filed_at >= made.c.at,
    )
    return exists().where(
        made.c.subject_id == subject.c.subject_id,
        made.c.department_code == bind("actor_department"),
        made.c.case_id.is_(None),
        civil_day(made.c.at) >= bind("registered_from"),
        not_(since),
    )


def not_of_secrecy(step: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *step* neither sets nor removes the mark `confidential`: the subject sees neither."""
    return step.c.step.not_in([word(name.value) for name in (StepName.MARKED, StepName.UNMARKED)])
