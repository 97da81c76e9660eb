"""Which rows of an entity are in a scope: one row of `SCOPE_RULES` for each pair of them.

A missing pair means no row, and a bind that is NULL matches no row: a fact about the actor that is not given shows
no record. A record marked confidential is in no scope, nor is any record that belongs to it, and it brings no other
record into a scope [5.1.6].
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import FromClause, Table, and_, exists, false, not_, or_, select, true

from consent.delegation import OVERSIGHT
from consent.vocabulary import FieldGroup
from credit.cases.rules.next_steps import Side
from credit.cases.status import UnrectifiedPolicy
from credit.cases.steps import StepName
from credit.core.evidence_files import SUBJECTS_SIDE, FileRecord
from credit.notifications.topics import Audience
from credit.objections.objection import DISTRICT_OFFICE
from queryplan.entities import Entity
from queryplan.scopes import WHILE_OPEN, Scope
from storage.queries.literals import number, word
from storage.queries.row_conditions import (
    Condition,
    Rule,
    bind,
    has_open_application,
    in_area,
    in_force,
    is_open,
    listed,
    same,
    unfinished_application,
    unfinished_case,
)
from storage.tables import (
    applications,
    authorisations,
    corrections,
    delegations,
    entry_delays,
    file_attachments,
    focused_checks,
    objections,
    registrations,
    restraint_cases,
    subjects,
)


def in_scope(scope: Scope, entity: Entity, row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* of *entity* is in *scope*."""
    if scope is Scope.ALL:
        return is_open(row)
    rule = SCOPE_RULES.get((WHILE_OPEN.get(scope, scope), entity))
    if rule is None:
        return false()
    if scope in WHILE_OPEN:
        rule = _while_open(scope, entity, rule)
    return and_(is_open(row), rule(row, unrectified))


def in_any(scopes: Iterable[Scope], entity: Entity, row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* of *entity* is in one of *scopes*; without a scope no row is."""
    return or_(false(), *(in_scope(scope, entity, row, unrectified) for scope in scopes))


# --- rules --------------------------------------------------------------------------------------------------------


def _own(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    return row.c.subject_id == bind("actor_subject")


def _delegation_is_mine(delegation: FromClause, _: UnrectifiedPolicy) -> Condition:
    return and_(
        delegation.c.delegate_ref == bind("actor_ref"),
        delegation.c.withdrawn_at.is_(None),
        delegation.c.starts_on <= bind("today"),
        bind("today") <= delegation.c.expires_on,
    )


def _delegated_with(*, groups: int = 0, powers: int = 0) -> Rule:
    """Return the rule for records whose subject has given the actor all of *groups* and, if named, one of *powers*."""

    def rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        delegation = delegations.alias()
        conditions = [delegation.c.subject_id == row.c.subject_id, _delegation_is_mine(delegation, unrectified)]
        if groups:
            conditions.append(delegation.c.groups.bitwise_and(number(groups)) == number(groups))
        if powers:
            conditions.append(delegation.c.powers.bitwise_and(number(powers)) != number(0))
        return exists().where(*conditions)

    return rule


_delegated = _delegated_with()
_DELEGATED: Mapping[Scope, Rule] = {
    Scope.DELEGATED: _delegated,
    Scope.DELEGATED_CONTACT: _delegated_with(groups=FieldGroup.CONTACT),
    Scope.DELEGATED_RESTRAINT: _delegated_with(groups=FieldGroup.RESTRAINT),
    Scope.DELEGATED_FACTS: _delegated_with(groups=FieldGroup.FACTS),
    Scope.DELEGATED_APPLICATIONS: _delegated_with(groups=FieldGroup.APPLICATIONS),
    Scope.DELEGATED_OVERSIGHT: _delegated_with(powers=OVERSIGHT),
}
"""The scopes of a delegate, each by what its delegation has to include."""


def _notified(case: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the subject was notified of *case*: before, it is an open investigation [5.1.4(2)]."""
    return or_(*(case.c[name].is_not(None) for name in ("noticed_on", "served_on", "determined_on", "published_on")))


def is_opened(entry: FromClause, _: UnrectifiedPolicy = UnrectifiedPolicy.STAYS) -> Condition:
    """Return the condition that no delay hides *entry* from its subject today [5.1.6]; without a day one does."""
    delay = entry_delays.alias()
    return or_(
        entry.c.opens_on.is_(None), exists().where(same(delay, entry, "delay_id"), delay.c.opens_on <= bind("today"))
    )


def _checked_here(check: FromClause, _: UnrectifiedPolicy) -> Condition:
    return and_(check.c.sector_code == bind("actor_sector"), in_area(check))


def _equals(column: str, name: str) -> Rule:
    return lambda row, _: row.c[column] == bind(name)


def _reviewing(case: FromClause, _: UnrectifiedPolicy) -> Condition:
    # The handler of a case never reviews it [5.1.4(4)]. An assignment ends with the post: person and department.
    return and_(
        case.c.reviewer_ref == bind("actor_ref"),
        case.c.handler_ref != bind("actor_ref"),
        case.c.department_code == bind("actor_department"),
    )


def _to_review(item: FromClause, _: UnrectifiedPolicy) -> Condition:
    # The contested record may be no case: then the work item knows no handler.
    mine = and_(item.c.reviewer_ref == bind("actor_ref"), item.c.department_code == bind("actor_department"))
    return and_(mine, or_(item.c.handler_ref.is_(None), item.c.handler_ref != bind("actor_ref")))


def _to_answer(objection: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the actor answers *objection*, in its present department or in the district office."""
    of_mine = objection.c.department_code == bind("actor_department")
    # The office may be a department of its own in the token; what it answers is filed under its fixed code.
    of_the_office = objection.c.department_code == word(DISTRICT_OFFICE)
    return and_(objection.c.assigned_ref == bind("actor_ref"), or_(of_mine, of_the_office))


def _focused(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    return and_(case.c.sector_code == bind("actor_sector"), in_force(case, unrectified))


def _focused_case(case: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    # A scalar, not EXISTS: PostgreSQL would turn that into a join and, not knowing the area when it plans, begin
    # with every subject there. So it walks down the sector's list and looks at each subject by its key.
    subject = subjects.alias()
    here = select(in_area(subject)).where(subject.c.subject_id == case.c.subject_id).scalar_subquery()
    return and_(_focused(case, unrectified), here)


def _with(records: Table, rule: Rule) -> Rule:
    """Return the rule for the subjects of the cases or applications that *rule* selects."""

    def subject_rule(subject: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        record = records.alias()
        return exists().where(record.c.subject_id == subject.c.subject_id, is_open(record), rule(record, unrectified))

    return subject_rule


def _put_on_record_here(subject: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the department put *subject* on record, and nothing was filed there since."""
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
        not_(since),
    )


def _not_completed(correction: FromClause, _: UnrectifiedPolicy) -> Condition:
    return correction.c.completed_on.is_(None)


def _unanswered(objection: FromClause, _: UnrectifiedPolicy) -> Condition:
    return objection.c.answered_on.is_(None)


def _not_of_secrecy(step: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *step* neither sets nor removes the mark `confidential`: the subject sees neither."""
    return step.c.step.not_in([word(name.value) for name in (StepName.MARKED, StepName.UNMARKED)])


def _of_case(rule: Rule) -> Rule:
    """Return the rule for records of the cases that *rule* selects, confidential cases excluded [5.1.6]."""

    def owned_rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        case = restraint_cases.alias()
        return exists().where(same(case, row, "case_id"), is_open(case), rule(case, unrectified))

    return owned_rule


def _of_application(rule: Rule) -> Rule:
    """Return the rule for records that belong to an application that *rule* selects, and to no case."""

    def owned_rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        filed = applications.alias()
        found = exists().where(same(filed, row, "application_id"), is_open(filed), rule(filed, unrectified))
        return and_(row.c.case_id.is_(None), found)

    return owned_rule


def _either(*rules: Rule) -> Rule:
    return lambda row, unrectified: or_(*(rule(row, unrectified) for rule in rules))


def _both(*rules: Rule) -> Rule:
    return lambda row, unrectified: and_(*(rule(row, unrectified) for rule in rules))


def _of_open_application(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    return has_open_application(row)


def _contested(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    return or_(authorisation.c.contested_at.is_not(None), authorisation.c.held_at.is_not(None))


def _for(audience: Audience, rule: Rule) -> Rule:
    """Return the rule for notifications to *audience* that *rule* selects, without confidential records [5.1.6]."""
    return lambda row, unrectified: and_(
        row.c.audience == word(audience.value),
        rule(row, unrectified),
        or_(row.c.application_id.is_(None), has_open_application(row)),
    )


def _of_no_case_without_notice(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* is about no case, or about one that its subject was notified of [5.1.4(2)]."""
    return or_(row.c.case_id.is_(None), _of_case(_notified)(row, unrectified))


def _within_the_delegation(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that the delegate may see what the notification *row* is about."""
    delegation = delegations.alias()
    needs = {
        "case_id": Scope.DELEGATED_RESTRAINT,
        "application_id": Scope.DELEGATED_APPLICATIONS,
        "authorisation_id": Scope.DELEGATED_OVERSIGHT,
        "objection_id": Scope.DELEGATED_OVERSIGHT,
    }
    mine = exists().where(same(delegation, row, "delegation_id"), _delegation_is_mine(delegation, unrectified))
    return and_(
        *(or_(row.c[name].is_(None), _DELEGATED[scope](row, unrectified)) for name, scope in needs.items()),
        or_(row.c.delegation_id.is_(None), mine),
    )


def _of_application_alone(item: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the task *item* is about an application, and about no case."""
    return and_(item.c.case_id.is_(None), item.c.application_id.is_not(None))


def _not_of_application_alone(item: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    return not_(_of_application_alone(item, unrectified))


def _of_the_window(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* is about an application or an authorisation: the window has no part in a case."""
    return and_(
        row.c.case_id.is_(None), row.c.objection_id.is_(None), row.c.department_code == bind("actor_department")
    )


def _of_the_authority(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* is about a case or an objection that the actor's department answers for."""
    about = or_(row.c.case_id.is_not(None), row.c.objection_id.is_not(None))
    return and_(about, row.c.department_code == bind("actor_department"))


def _file_of(kind: FileRecord, records: Table, key: str, rule: Rule, *, given: bool = False) -> Rule:
    """Return the rule for files attached to a record that *rule* selects; with *given* only for the subject's own.

    A file of a confidential record is shown to nobody [5.1.6].
    """

    def file_rule(file: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        bound, record = file_attachments.alias(), records.alias()
        attached = and_(same(bound, file, "file_id"), bound.c.record == word(kind.value))
        to = and_(record.c.subject_id == bound.c.subject_id, record.c[key] == bound.c.record_id)
        mine = file.c.uploaded_as.in_([word(role) for role in sorted(SUBJECTS_SIDE)]) if given else true()
        return and_(mine, exists().where(attached, to, is_open(record), rule(record, unrectified)))

    return file_rule


def _file_of_case(rule: Rule, *, given: bool = False) -> Rule:
    return _file_of(FileRecord.RESTRAINT_CASE, restraint_cases, "case_id", rule, given=given)


def _file_of_objection(rule: Rule, *, given: bool = False) -> Rule:
    return _file_of(FileRecord.OBJECTION, objections, "objection_id", rule, given=given)


def _file_of_application(rule: Rule) -> Rule:
    return _file_of(FileRecord.APPLICATION, applications, "application_id", rule)


def _file_of_authorisation(rule: Rule) -> Rule:
    return _file_of(FileRecord.AUTHORISATION, authorisations, "authorisation_id", rule)


def _file_of_check(rule: Rule) -> Rule:
    return _file_of(FileRecord.FOCUSED_CHECK, focused_checks, "check_id", rule)


_department = _equals("department_code", "actor_department")
_recipient = _equals("recipient_code", "actor_department")
_assigned = _both(_equals("handler_ref", "actor_ref"), _department)


def _side(*sides: Side) -> Rule:
    return lambda item, _: item.c.side.in_([word(side.value) for side in sides])


_OF_A_DEPARTMENT = (
    Entity.APPLICATION,
    Entity.DEFERRAL,
    Entity.COMMITMENT,
    Entity.RESTRAINT_CASE,
    Entity.ACCESS_ENTRY,
    Entity.CORRECTION,
    Entity.CORRECTION_TELLING,
    Entity.OBJECTION,
    Entity.MATTER,
)
_OF_AN_APPLICATION = (Entity.APPLICATION, Entity.DEFERRAL, Entity.COMMITMENT)
_OF_A_CASE = (
    Entity.CASE_STEP,
    Entity.CASE_STATEMENT,
    Entity.FACTS_VERSION,
    Entity.CORRECTION,
    Entity.CORRECTION_TELLING,
    Entity.ISSUED_NOTICE,
)
_OFFICERS = tuple(side for side in Side if side is not Side.SUBJECT)
_OWNED = (
    Entity.SUBJECT,
    Entity.APPLICATION,
    Entity.AUTHORISATION,
    Entity.DELEGATION,
    Entity.CONSULTATION_LINE,
    Entity.DEFERRAL,
    Entity.COMMITMENT,
    Entity.CORRECTION,
    Entity.CORRECTION_TELLING,
    Entity.OBJECTION,
)

_FOR_THE_SUBJECT = ((Scope.OWN, _own), *_DELEGATED.items())
_OWNED_IF: Mapping[Entity, Rule] = {
    Entity.RESTRAINT_CASE: _notified,
    # What a delay hides opens by the date; so does the delay itself.
    Entity.ACCESS_ENTRY: is_opened,
    Entity.ENTRY_DELAY: lambda delay, _: delay.c.opens_on <= bind("today"),
    Entity.FOCUSED_CHECK: _of_no_case_without_notice,
    Entity.REGISTRATION: _of_no_case_without_notice,
    Entity.CASE_STATEMENT: _of_case(_notified),
    Entity.FACTS_VERSION: _of_case(_notified),
    Entity.CASE_STEP: _both(_not_of_secrecy, _of_case(_notified)),
    Entity.CREDIT_CHECK: _of_open_application,
    Entity.INCENTIVE_GRANT: _of_open_application,
    Entity.WORK_ITEM: _side(Side.SUBJECT),
}
"""Records that the subject and its delegate see under one more condition."""
_FOR_THE_OFFICERS = ((Scope.ASSIGNED, _assigned), (Scope.REVIEWING, _reviewing))

_OPEN_APPLICATION = _with(applications, _both(_department, unfinished_application))
_OPEN_HERE: Mapping[Scope, Rule] = {
    Scope.FILED_OPEN: _OPEN_APPLICATION,
    Scope.DEPARTMENT_OPEN: _either(
        _OPEN_APPLICATION,
        _with(restraint_cases, _both(_department, unfinished_case)),
        _with(corrections, _both(_department, _not_completed)),
        _with(objections, _both(_department, _unanswered)),
    ),
    Scope.ASSIGNED_OPEN: _with(restraint_cases, _both(_assigned, unfinished_case)),
    Scope.REVIEWING_OPEN: _either(
        _with(restraint_cases, _both(_reviewing, unfinished_case)), _with(objections, _both(_to_answer, _unanswered))
    ),
}

_OPEN_ITSELF: Mapping[Entity, Rule] = {
    Entity.RESTRAINT_CASE: unfinished_case,
    Entity.APPLICATION: unfinished_application,
}
"""The records that say by themselves that their subject has something open: the first and cheapest thing to look at."""


def _while_open(scope: Scope, entity: Entity, rule: Rule) -> Rule:
    """Return *rule* for the rows whose subject has something open in the part of the house that *scope* names."""
    if entity is Entity.WORK_ITEM:
        return rule  # a task is something open
    open_here = _OPEN_HERE[scope]
    if entity is Entity.SUBJECT:
        return open_here  # which implies the rule of the subject
    return _both(rule, _either(_OPEN_ITSELF[entity], open_here) if entity in _OPEN_ITSELF else open_here)


SCOPE_RULES: Mapping[tuple[Scope, Entity], Rule] = {
    # Scope.ALL means every row of every entity that is not confidential.
    **{(scope, entity): whose for scope, whose in _FOR_THE_SUBJECT for entity in _OWNED},
    **{
        (scope, entity): _both(whose, condition)
        for scope, whose in _FOR_THE_SUBJECT
        for entity, condition in _OWNED_IF.items()
    },
    # A delegate sees its own delegations, not who else acts for the subject.
    (Scope.DELEGATED, Entity.DELEGATION): _delegation_is_mine,
    # An office sees the delegations that it recorded, in order to end them.
    (Scope.SUBMITTED, Entity.DELEGATION): _equals("department_code", "actor_department"),
    # The subject sees a document after it was notified of the case; handler and reviewer see it from the start.
    **{
        (scope, Entity.ISSUED_NOTICE): _either(_of_case(_both(whose, _notified)), _of_application(whose))
        for scope, whose in _FOR_THE_SUBJECT
    },
    # For a delegate each document belongs to the group of what it is about.
    (Scope.DELEGATED_FACTS, Entity.ISSUED_NOTICE): _of_case(_both(_DELEGATED[Scope.DELEGATED_FACTS], _notified)),
    (Scope.DELEGATED_APPLICATIONS, Entity.ISSUED_NOTICE): _of_application(_DELEGATED[Scope.DELEGATED_APPLICATIONS]),
    (Scope.DELEGATED_RESTRAINT, Entity.WORK_ITEM): _both(
        _DELEGATED[Scope.DELEGATED_RESTRAINT], _side(Side.SUBJECT), _not_of_application_alone
    ),
    (Scope.DELEGATED_APPLICATIONS, Entity.WORK_ITEM): _both(
        _DELEGATED[Scope.DELEGATED_APPLICATIONS], _side(Side.SUBJECT), _of_application_alone
    ),
    # A reminder belongs to the window; a document of a case belongs to its handler, and not to the department.
    (Scope.DEPARTMENT, Entity.ISSUED_NOTICE): _of_application(_department),
    # The authority corrects an error; the department answers the objection.
    **{(Scope.DEPARTMENT, entity): _department for entity in _OF_A_DEPARTMENT},
    (Scope.DEPARTMENT, Entity.SUBJECT): _either(_with(applications, _department), _with(restraint_cases, _department)),
    (Scope.FILED, Entity.SUBJECT): _with(applications, _department),
    **{(Scope.FILED, entity): _department for entity in _OF_AN_APPLICATION},
    (Scope.FILED, Entity.CREDIT_CHECK): _both(_department, _of_open_application),
    (Scope.FILED, Entity.INCENTIVE_GRANT): _both(_department, _of_open_application),
    (Scope.FILED, Entity.ISSUED_NOTICE): _of_application(_department),
    (Scope.DEPARTMENT, Entity.AUTHORISATION): _recipient,
    (Scope.DEPARTMENT, Entity.CONSULTATION): _recipient,
    # The department that an application was filed at.
    (Scope.DEPARTMENT, Entity.CREDIT_CHECK): _both(_department, _of_open_application),
    (Scope.DEPARTMENT, Entity.INCENTIVE_GRANT): _both(_department, _of_open_application),
    # Records of a case are seen by its officers, and by its subject after it was notified.
    **{(scope, entity): _of_case(rule) for scope, rule in _FOR_THE_OFFICERS for entity in _OF_A_CASE},
    (Scope.DEPARTMENT, Entity.CASE_STEP): _of_case(_department),
    (Scope.DEPARTMENT, Entity.CASE_STATEMENT): _of_case(_department),
    (Scope.DEPARTMENT, Entity.FACTS_VERSION): _of_case(_department),
    # Notifications: for a subject about what it may see; in a department for the window, the handler, the head.
    **{
        (scope, Entity.NOTIFICATION): _for(Audience.SUBJECT, _both(whose, _of_no_case_without_notice))
        for scope, whose in _FOR_THE_SUBJECT
    },
    # A delegate is notified of what its delegation lets it see.
    (Scope.DELEGATED, Entity.NOTIFICATION): _for(
        Audience.SUBJECT, _both(_delegated, _of_no_case_without_notice, _within_the_delegation)
    ),
    (Scope.SUBMITTED, Entity.NOTIFICATION): _for(Audience.DEPARTMENT, _of_the_window),
    (Scope.ASSIGNED, Entity.NOTIFICATION): _for(Audience.DEPARTMENT, _both(_of_the_authority, _of_case(_assigned))),
    (Scope.DEPARTMENT, Entity.NOTIFICATION): _for(Audience.DEPARTMENT, _of_the_authority),
    (Scope.REVIEWING, Entity.OBJECTION): _to_answer,
    (Scope.DEPARTMENT, Entity.DEPARTMENT): _equals("code", "actor_department"),
    **{(scope, Entity.SUBJECT): _with(restraint_cases, rule) for scope, rule in _FOR_THE_OFFICERS},
    **{(scope, Entity.RESTRAINT_CASE): rule for scope, rule in _FOR_THE_OFFICERS},
    (Scope.SECTOR_AREA, Entity.SUBJECT): _both(lambda row, _: in_area(row), _with(restraint_cases, _focused)),
    (Scope.SECTOR_AREA, Entity.RESTRAINT_CASE): _focused_case,
    # A supervisor still sees the checks of a subject that has left the list since.
    (Scope.SECTOR_AREA, Entity.FOCUSED_CHECK): _checked_here,
    # The derived table itself covers only the sector and area of the actor.
    (Scope.SECTOR_AREA, Entity.TARGET_CHANGE): lambda _, __: true(),
    (Scope.RESTRAINED, Entity.SUBJECT): _with(restraint_cases, in_force),
    (Scope.RESTRAINED, Entity.RESTRAINT_CASE): in_force,
    # The public sees a case that is in force, listed and not confidential; the date alone hides it [5.1.5].
    (Scope.PUBLISHED, Entity.SUBJECT): _with(restraint_cases, listed),
    (Scope.PUBLISHED, Entity.RESTRAINT_CASE): listed,
    # A worklist lists the tasks of its reader; the list of a head has the tasks of the whole department.
    (Scope.ASSIGNED, Entity.WORK_ITEM): _both(_assigned, _side(Side.HANDLER)),
    (Scope.REVIEWING, Entity.WORK_ITEM): _both(_to_review, _side(Side.REVIEWER)),
    (Scope.SUBMITTED, Entity.WORK_ITEM): _both(_department, _side(Side.CLERK)),
    (Scope.FILED, Entity.WORK_ITEM): _both(_department, _side(Side.CLERK)),
    (Scope.FILED, Entity.NOTIFICATION): _for(Audience.DEPARTMENT, _of_the_window),
    (Scope.DEPARTMENT, Entity.WORK_ITEM): _both(_department, _side(*_OFFICERS)),
    # Of the window: the persons that it put on record, until something is filed there.
    (Scope.SUBMITTED, Entity.SUBJECT): _put_on_record_here,
    (Scope.SUBMITTED, Entity.AUTHORISATION): _recipient,
    # Files are seen with the record that they are attached to; of a case and an objection the subject sees its own.
    **{
        (scope, Entity.EVIDENCE_FILE): _either(
            _file_of_case(_both(whose, _notified), given=True),
            _file_of_objection(whose, given=True),
            _file_of_application(whose),
            _file_of_authorisation(whose),
        )
        for scope, whose in _FOR_THE_SUBJECT
    },
    (Scope.ASSIGNED, Entity.EVIDENCE_FILE): _file_of_case(_assigned),
    (Scope.REVIEWING, Entity.EVIDENCE_FILE): _either(_file_of_case(_reviewing), _file_of_objection(_to_answer)),
    (Scope.DEPARTMENT, Entity.EVIDENCE_FILE): _file_of_application(_department),
    (Scope.SUBMITTED, Entity.EVIDENCE_FILE): _file_of_authorisation(_recipient),
    (Scope.CONTESTED, Entity.EVIDENCE_FILE): _file_of_authorisation(_contested),
    (Scope.SECTOR_AREA, Entity.EVIDENCE_FILE): _file_of_check(_checked_here),
    # The head of the department, or the office, decides on a contested paper.
    (Scope.CONTESTED, Entity.AUTHORISATION): _contested,
    (Scope.CONTESTED, Entity.WORK_ITEM): lambda item, _: item.c.authorisation_id.is_not(None),
}
