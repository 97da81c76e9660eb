"""Rules made of other rules: of columns, of both or one of several, and of the record that a row belongs to [5.1.6]."""

from sqlalchemy import FromClause, Table, and_, exists, or_, true

from credit.cases.rules.next_steps import Side
from credit.cases.status import UnrectifiedPolicy
from storage.queries.conditions.row_conditions import Condition, Rule, bind, is_open, same
from storage.queries.literals import word
from storage.tables import applications, objections, restraint_cases


def own(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* is of the actor itself."""
    return row.c.subject_id == bind("actor_subject")


def anything(_: FromClause, __: UnrectifiedPolicy) -> Condition:
    """Return the condition that every row meets."""
    return true()


def equals(column: str, name: str) -> Rule:
    """Return the rule that *column* equals the bind *name*."""
    return lambda row, _: row.c[column] == bind(name)


def with_record(records: Table, rule: Rule) -> Rule:
    """Return the rule for the subjects of the cases or applications that *rule* selects."""

    def subject_rule(subject: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        record = records.alias()
        return exists().where(record.c.subject_id == subject.c.subject_id, is_open(record), rule(record, unrectified))

    return subject_rule


def of_case(rule: Rule) -> Rule:
    """Return the rule for records of the cases that *rule* selects, confidential cases excluded [5.1.6]."""

    def owned_rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        case = restraint_cases.alias()
        return exists().where(same(case, row, "case_id"), is_open(case), rule(case, unrectified))

    return owned_rule


def contested_in(rule: Rule) -> Rule:
    """Return the rule for cases that an objection in *rule* contests."""

    def case_rule(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        objection = objections.alias()
        return exists().where(same(objection, case, "case_id"), rule(objection, unrectified))

    return case_rule


def kept_with(rule: Rule) -> Rule:
    """Return the rule for records that are kept with an application that *rule* selects."""

    def owned_rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        filed = applications.alias()
        return exists().where(same(filed, row, "application_id"), is_open(filed), rule(filed, unrectified))

    return owned_rule


def of_application(rule: Rule) -> Rule:
    """Return the rule for records that belong to an application that *rule* selects, and to no case."""
    return both(lambda row, _: row.c.case_id.is_(None), kept_with(rule))


def of_breach(rule: Rule) -> Rule:
    """Return the rule for applications and their promises in which the breach of a case was that *rule* selects."""

    def application_rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        case = restraint_cases.alias()
        return exists().where(same(case, row, "application_id"), is_open(case), rule(case, unrectified))

    return application_rule


def either(*rules: Rule) -> Rule:
    """Return the rule that one of *rules* holds."""
    return lambda row, unrectified: or_(*(rule(row, unrectified) for rule in rules))


def both(*rules: Rule) -> Rule:
    """Return the rule that all *rules* hold."""
    return lambda row, unrectified: and_(*(rule(row, unrectified) for rule in rules))


department = equals("department_code", "actor_department")
recipient = equals("recipient_code", "actor_department")
assigned = both(equals("handler_ref", "actor_ref"), department)


def side(*sides: Side) -> Rule:
    """Return the rule that a work item belongs to one of *sides*."""
    return lambda item, _: item.c.side.in_([word(side.value) for side in sorted(sides)])
