"""Rules of objections, corrections and applications, and of tasks and notifications about them."""

from sqlalchemy import FromClause, and_, exists, not_, or_
from sqlalchemy import case as sql_case

from credit.cases.status import UnrectifiedPolicy
from credit.notifications.topics import Audience
from credit.objections.objection import DISTRICT_OFFICE
from storage.queries.conditions.row_conditions import (
    Condition,
    Rule,
    bind,
    has_open_application,
    same,
    unfinished_application,
    unfinished_case,
)
from storage.queries.conditions.scope_rules.authorisations import of_a_contest
from storage.queries.conditions.scope_rules.cases import notified
from storage.queries.conditions.scope_rules.combinators import kept_with, of_case
from storage.queries.literals import word
from storage.tables import objections


def to_answer(objection: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the actor answers *objection* in its present department."""
    mine = objection.c.assigned_ref == bind("actor_ref")
    return and_(mine, objection.c.department_code == bind("actor_department"))


def to_answer_in_the_office(objection: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the actor has to answer *objection* in the district office [6.1]."""
    # The office may be a department of its own in the token; what it answers is filed under its fixed code.
    of_the_office = objection.c.department_code == word(DISTRICT_OFFICE)
    return and_(objection.c.assigned_ref == bind("actor_ref"), of_the_office, objection.c.answered_on.is_(None))


def not_completed(correction: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *correction* is open."""
    return correction.c.completed_on.is_(None)


def unanswered(objection: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *objection* is open."""
    return objection.c.answered_on.is_(None)


def about_what_is_open(otherwise: Rule) -> Rule:
    """Return the rule that the record that a notification is about is open; *otherwise* where it names none."""

    def open_rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        contested = objections.alias()
        waits = exists().where(same(contested, row, "objection_id"), unanswered(contested, unrectified))
        return sql_case(
            (row.c.case_id.is_not(None), of_case(unfinished_case)(row, unrectified)),
            (row.c.objection_id.is_not(None), waits),
            (row.c.application_id.is_not(None), kept_with(unfinished_application)(row, unrectified)),
            else_=otherwise(row, unrectified),
        )

    return open_rule


def of_open_application(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the application of *row* is not confidential [5.1.6]."""
    return has_open_application(row)


def of_no_case(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* is about no case: a correction of who somebody is, or an objection to that."""
    return row.c.case_id.is_(None)


def of_an_objection(correction: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that an objection revealed *correction*, and no case did.

    The papers of a window that found another name on a document may be those of another person.
    """
    return and_(of_no_case(correction, unrectified), correction.c.objection_id.is_not(None))


def addressed_to(audience: Audience, rule: Rule) -> Rule:
    """Return the rule for notifications to *audience* that *rule* selects, without confidential records [5.1.6]."""
    return lambda row, unrectified: and_(
        row.c.audience == word(audience.value),
        rule(row, unrectified),
        or_(row.c.application_id.is_(None), has_open_application(row)),
    )


def of_no_case_without_notice(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* is about no case, or about one that its subject was notified of [5.1.4(2)]."""
    return or_(row.c.case_id.is_(None), of_case(notified)(row, unrectified))


def of_application_alone(item: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the task *item* is about an application, and about no case."""
    return and_(item.c.case_id.is_(None), item.c.application_id.is_not(None))


def not_of_application_alone(item: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *item* is about more than an application."""
    return not_(of_application_alone(item, unrectified))


def of_no_window(item: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that the task *item* is about a case, an error or an objection."""
    return and_(item.c.application_id.is_(None), item.c.duty_id.is_(None), not_(of_a_contest(item, unrectified)))


def of_the_window(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* is about an application or an authorisation: the window has no part in a case."""
    return and_(
        row.c.case_id.is_(None), row.c.objection_id.is_(None), row.c.department_code == bind("actor_department")
    )


def of_an_application(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* names an application."""
    return row.c.application_id.is_not(None)


def of_the_authority(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* is about a case or an objection that the actor's department answers for."""
    about = or_(row.c.case_id.is_not(None), row.c.objection_id.is_not(None))
    return and_(about, row.c.department_code == bind("actor_department"))
