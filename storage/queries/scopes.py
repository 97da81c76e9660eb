"""Which rows of an entity are in a scope: one row of `SCOPE_RULES` for each pair of them.

A missing pair means no row, and a bind that is NULL matches no row: a fact about the actor that is not given shows
no record. A record marked confidential is in no scope, nor is any record that belongs to it, and it brings no other
record into a scope [5.1.6].
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    exists,
    false,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy import case as sql_case
from sqlalchemy.types import TypeEngine

from consent.delegation import OVERSIGHT
from consent.vocabulary import FieldGroup
from credit.cases.rules.next_steps import Side
from credit.cases.status import UnrectifiedPolicy
from credit.cases.steps import StepName
from credit.core.evidence_files import SUBJECTS_SIDE, FileRecord
from credit.notifications.topics import Audience
from credit.objections.objection import DISTRICT_OFFICE
from queryplan.entities import Entity
from queryplan.scopes import Scope
from storage.database.column_types import Instant
from storage.queries.literals import number, word
from storage.tables import (
    applications,
    authorisations,
    commitments,
    deferrals,
    delegations,
    entry_delays,
    file_attachments,
    focused_checks,
    objections,
    restraint_cases,
    subjects,
)

Condition = ColumnElement[bool]
Rule = Callable[[FromClause, UnrectifiedPolicy], Condition]

ACTOR_BINDS: Mapping[str, TypeEngine[Any]] = {
    "actor_ref": String(),
    "actor_department": String(),
    "actor_sector": String(),
    "actor_area": String(),
    "actor_area_end": String(),
    "actor_subject": Uuid(),
    "today": Date(),
    # The start of the changes to list, where it is not the marked visit.
    "changes_seen_at": Instant(),
    "changes_seen_on": Date(),
}
"""The facts about the actor that a scope may use. Each may be missing, and then matches no row."""


def bind(name: str) -> ColumnElement[Any]:
    """Return the bind of this name, filled in when the statement runs."""
    return bindparam(name, type_=ACTOR_BINDS[name], required=False)


def in_scope(scope: Scope, entity: Entity, row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* of *entity* is in *scope*."""
    rule = SCOPE_RULES.get((scope, entity))
    if scope is Scope.ALL:
        return is_open(row)
    return false() if rule is None else and_(is_open(row), rule(row, unrectified))


def in_any(scopes: Iterable[Scope], entity: Entity, row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* of *entity* is in one of *scopes*; without a scope no row is."""
    return or_(false(), *(in_scope(scope, entity, row, unrectified) for scope in scopes))


def is_open(row: FromClause) -> Condition:
    """Return the condition that *row*, its application and its case are not marked confidential [5.1.6]."""
    if "confidential" in row.c:
        return row.c.confidential.is_(False)
    if getattr(row, "element", row) in (deferrals, commitments):
        return _has_open_application(row)
    if "case_id" not in row.c:
        return true()
    case = restraint_cases.alias()
    return not_(exists().where(_same(case, row, "case_id"), case.c.confidential.is_(True)).correlate(row))


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
        case.c.paused_on.is_not(None),
        or_(case.c.resumed_on.is_(None), case.c.resumed_on == case.c.reviewed_on),
    )
    return sql_case((reopened, case.c.paused_on), else_=case.c.stated_on)


def publication_from(case: FromClause) -> ColumnElement[Any]:
    """Return the day from which the publication of *case* is due, as `CaseDates.publication_from` [5.1.4(5)]."""
    unpublished = case.c.published_on.is_(None)
    waits = and_(unpublished, case.c.paused_on.is_not(None), case.c.resumed_on.is_(None))
    before = or_(unpublished, case.c.resumed_on <= case.c.published_on)
    reviewed = and_(before, case.c.resumed_on > case.c.determined_on)
    return sql_case((waits, null()), (reviewed, case.c.resumed_on), else_=case.c.determined_on)


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
    return and_(row.c.area_code >= bind("actor_area"), row.c.area_code < bind("actor_area_end"))


def _has_open_application(row: FromClause) -> Condition:
    """Return the condition that the application of *row* is not confidential; else neither is shown [5.1.6]."""
    application = applications.alias()
    return exists().where(_same(application, row, "application_id"), is_open(application))


def _same(other: FromClause, row: FromClause, key: str) -> Condition:
    """Return the condition that *other* is the record of the same subject that *key* of *row* names."""
    return and_(other.c.subject_id == row.c.subject_id, other.c[key] == row.c[key])


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
        entry.c.opens_on.is_(None), exists().where(_same(delay, entry, "delay_id"), delay.c.opens_on <= bind("today"))
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


def _not_of_secrecy(step: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *step* neither sets nor removes the mark `confidential`: the subject sees neither."""
    return step.c.step.not_in([word(name.value) for name in (StepName.MARKED, StepName.UNMARKED)])


def _of_case(rule: Rule) -> Rule:
    """Return the rule for records of the cases that *rule* selects, confidential cases excluded [5.1.6]."""

    def owned_rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        case = restraint_cases.alias()
        return exists().where(_same(case, row, "case_id"), is_open(case), rule(case, unrectified))

    return owned_rule


def _of_application(rule: Rule) -> Rule:
    """Return the rule for records that belong to an application that *rule* selects, and to no case."""

    def owned_rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        filed = applications.alias()
        found = exists().where(_same(filed, row, "application_id"), is_open(filed), rule(filed, unrectified))
        return and_(row.c.case_id.is_(None), found)

    return owned_rule


def _either(*rules: Rule) -> Rule:
    return lambda row, unrectified: or_(*(rule(row, unrectified) for rule in rules))


def _both(*rules: Rule) -> Rule:
    return lambda row, unrectified: and_(*(rule(row, unrectified) for rule in rules))


def _of_open_application(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    return _has_open_application(row)


def _contested(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    return or_(authorisation.c.contested_at.is_not(None), authorisation.c.held_at.is_not(None))


def _for(audience: Audience, rule: Rule) -> Rule:
    """Return the rule for notifications to *audience* that *rule* selects, without confidential records [5.1.6]."""
    return lambda row, unrectified: and_(
        row.c.audience == word(audience.value),
        rule(row, unrectified),
        or_(row.c.application_id.is_(None), _has_open_application(row)),
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
    mine = exists().where(_same(delegation, row, "delegation_id"), _delegation_is_mine(delegation, unrectified))
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
        attached = and_(_same(bound, file, "file_id"), bound.c.record == word(kind.value))
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
    Entity.CASE_STATEMENT: _of_case(_notified),
    Entity.FACTS_VERSION: _of_case(_notified),
    Entity.CASE_STEP: _both(_not_of_secrecy, _of_case(_notified)),
    Entity.CREDIT_CHECK: _of_open_application,
    Entity.INCENTIVE_GRANT: _of_open_application,
    Entity.WORK_ITEM: _side(Side.SUBJECT),
}
"""Records that the subject and its delegate see under one more condition."""
_FOR_THE_OFFICERS = ((Scope.ASSIGNED, _assigned), (Scope.REVIEWING, _reviewing))

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
    (Scope.DEPARTMENT, Entity.WORK_ITEM): _both(_department, _side(*_OFFICERS)),
    # Of the window: the applications that it received, and the subjects that its clerk has just registered.
    (Scope.SUBMITTED, Entity.SUBJECT): _either(_with(applications, _department), _equals("registered_by", "actor_ref")),
    (Scope.SUBMITTED, Entity.APPLICATION): _department,
    (Scope.SUBMITTED, Entity.RESTRAINT_CASE): _department,
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
