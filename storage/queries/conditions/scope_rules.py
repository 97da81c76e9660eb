"""The rules of the scopes: each takes a row and returns the condition that it is in the scope [5.1.6].

A bind that is NULL matches no row: a fact about the actor that is not given shows no record.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    FromClause,
    Select,
    Table,
    and_,
    exists,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy import case as sql_case

from consent.delegation import OVERSIGHT
from consent.vocabulary import FieldGroup, Purpose
from credit.cases.rules.next_steps import Side, Task
from credit.cases.status import UnrectifiedPolicy
from credit.cases.steps import StepName
from credit.core.evidence_files import SUBJECTS_SIDE, FileRecord
from credit.notifications.topics import Audience
from credit.objections.objection import DISTRICT_OFFICE
from queryplan.scopes import Scope
from storage.database.sql_dates import civil_day
from storage.queries.conditions import promise_conditions
from storage.queries.conditions.row_conditions import (
    Condition,
    Rule,
    bind,
    has_open_application,
    in_area,
    in_force,
    is_open,
    same,
    unfinished_application,
    unfinished_case,
    within_area,
)
from storage.queries.literals import number, word
from storage.tables import (
    applications,
    authorisations,
    commitments,
    corrections,
    deferrals,
    delegations,
    entry_delays,
    file_attachments,
    focused_checks,
    objections,
    registrations,
    restraint_cases,
    subjects,
)

Keys = Callable[[UnrectifiedPolicy], Select[Any] | CompoundSelect[Any]]
"""Gives the keys of records, each with its subject: where a list begins."""


def own(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* is of the actor itself."""
    return row.c.subject_id == bind("actor_subject")


def anything(_: FromClause, __: UnrectifiedPolicy) -> Condition:
    """Return the condition that every row meets."""
    return true()


def delegation_is_mine(delegation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *delegation* makes the actor a delegate today: what is in dispute rests."""
    return and_(
        delegation.c.delegate_ref == bind("actor_ref"),
        delegation.c.withdrawn_at.is_(None),
        or_(delegation.c.contested_at.is_(None), delegation.c.contest_decided_at.is_not(None)),
        delegation.c.starts_on <= bind("today"),
        bind("today") <= delegation.c.expires_on,
    )


def delegated_with(*, groups: int = 0, powers: int = 0) -> Rule:
    """Return the rule for records whose subject has given the actor all of *groups* and, if named, one of *powers*."""

    def rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        delegation = delegations.alias()
        mine = _includes(delegation, unrectified, groups, powers)
        return exists().where(delegation.c.subject_id == row.c.subject_id, *mine)

    return rule


def _includes(delegation: FromClause, unrectified: UnrectifiedPolicy, groups: int, powers: int) -> list[Condition]:
    conditions = [delegation_is_mine(delegation, unrectified)]
    if groups:
        conditions.append(delegation.c.groups.bitwise_and(number(groups)) == number(groups))
    if powers:
        conditions.append(delegation.c.powers.bitwise_and(number(powers)) != number(0))
    return conditions


delegated = delegated_with()
_NEEDED: Mapping[Scope, Mapping[str, int]] = {
    Scope.DELEGATED: {},
    Scope.DELEGATED_CONTACT: {"groups": FieldGroup.CONTACT},
    Scope.DELEGATED_RESTRAINT: {"groups": FieldGroup.RESTRAINT},
    Scope.DELEGATED_FACTS: {"groups": FieldGroup.FACTS},
    Scope.DELEGATED_APPLICATIONS: {"groups": FieldGroup.APPLICATIONS},
    Scope.DELEGATED_OVERSIGHT: {"powers": OVERSIGHT},
}
DELEGATED: Mapping[Scope, Rule] = {scope: delegated_with(**needed) for scope, needed in _NEEDED.items()}
"""The scopes of a delegate, each by what its delegation has to include."""


def delegating_subjects(scope: Scope, unrectified: UnrectifiedPolicy) -> Select[Any]:
    """Return the ids of the subjects whose records are in *scope*, one of `DELEGATED`."""
    delegation = delegations.alias()
    needed = {"groups": 0, "powers": 0, **_NEEDED[scope]}
    return select(delegation.c.subject_id).where(*_includes(delegation, unrectified, **needed))


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


def equals(column: str, name: str) -> Rule:
    """Return the rule that *column* equals the bind *name*."""
    return lambda row, _: row.c[column] == bind(name)


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


def to_answer(objection: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the actor answers *objection* in its present department."""
    mine = objection.c.assigned_ref == bind("actor_ref")
    return and_(mine, objection.c.department_code == bind("actor_department"))


def to_answer_in_the_office(objection: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the actor has to answer *objection* in the district office [6.1]."""
    # The office may be a department of its own in the token; what it answers is filed under its fixed code.
    of_the_office = objection.c.department_code == word(DISTRICT_OFFICE)
    return and_(objection.c.assigned_ref == bind("actor_ref"), of_the_office, objection.c.answered_on.is_(None))


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


def with_record(records: Table, rule: Rule) -> Rule:
    """Return the rule for the subjects of the cases or applications that *rule* selects."""

    def subject_rule(subject: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        record = records.alias()
        return exists().where(record.c.subject_id == subject.c.subject_id, is_open(record), rule(record, unrectified))

    return subject_rule


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


def not_completed(correction: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *correction* is open."""
    return correction.c.completed_on.is_(None)


def unanswered(objection: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *objection* is open."""
    return objection.c.answered_on.is_(None)


def not_of_secrecy(step: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *step* neither sets nor removes the mark `confidential`: the subject sees neither."""
    return step.c.step.not_in([word(name.value) for name in (StepName.MARKED, StepName.UNMARKED)])


def of_case(rule: Rule) -> Rule:
    """Return the rule for records of the cases that *rule* selects, confidential cases excluded [5.1.6]."""

    def owned_rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        case = restraint_cases.alias()
        return exists().where(same(case, row, "case_id"), is_open(case), rule(case, unrectified))

    return owned_rule


def kept_with(rule: Rule) -> Rule:
    """Return the rule for records that are kept with an application that *rule* selects."""

    def owned_rule(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        filed = applications.alias()
        return exists().where(same(filed, row, "application_id"), is_open(filed), rule(filed, unrectified))

    return owned_rule


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


def of_open_application(row: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the application of *row* is not confidential [5.1.6]."""
    return has_open_application(row)


def for_consultation(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *authorisation* is for a consultation [5.2.3]."""
    return authorisation.c.purpose == word(Purpose.CONSULTATION.value)


def contested(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that a second person has to decide on *authorisation*, contested or waiting [5.1.6]."""
    row = authorisation.c
    undecided = and_(row.contested_at.is_not(None), row.contest_decided_at.is_(None))
    unconfirmed = and_(row.held_at.is_not(None), row.confirmed_at.is_(None), row.withdrawn_at.is_(None))
    return or_(undecided, and_(unconfirmed, row.contested_at.is_(None), row.expires_on >= bind("today")))


def decided_by_the_actor(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the actor decided on the contest of *authorisation*, or confirmed it."""
    return or_(
        authorisation.c.contest_decided_by == bind("actor_ref"), authorisation.c.confirmed_by == bind("actor_ref")
    )


def allows_reads(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *authorisation* is live, or will be once a second person has confirmed it [5.1.6]."""
    row = authorisation.c
    given = and_(row.granted_at.is_not(None), row.withdrawn_at.is_(None), row.contested_at.is_(None))
    return and_(given, bind("today") <= row.expires_on, row.uses_made < row.uses_allowed)


def on_paper(authorisation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *authorisation* was recorded from paper; no such one was ever refused [5.1.6]."""
    return authorisation.c.paper_evidence.is_not(None)


def of_a_contest(item: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that the task *item* is about a paper authorisation or a contested guardianship."""
    return or_(item.c.authorisation_id.is_not(None), item.c.delegation_id.is_not(None))


def disputed(delegation: FromClause, _: UnrectifiedPolicy) -> Condition:
    """Return the condition that *delegation*, a guardianship, was contested; the decision changes nothing of that."""
    return delegation.c.contested_at.is_not(None)


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


def within_the_delegation(row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that the delegate may see what the notification *row* is about."""
    delegation = delegations.alias()
    needs = {
        "case_id": Scope.DELEGATED_RESTRAINT,
        "application_id": Scope.DELEGATED_APPLICATIONS,
        "authorisation_id": Scope.DELEGATED_OVERSIGHT,
        "objection_id": Scope.DELEGATED_OVERSIGHT,
    }
    mine = exists().where(same(delegation, row, "delegation_id"), delegation_is_mine(delegation, unrectified))
    return and_(
        *(or_(row.c[name].is_(None), DELEGATED[scope](row, unrectified)) for name, scope in needs.items()),
        or_(row.c.delegation_id.is_(None), mine),
    )


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


@dataclass(frozen=True, slots=True)
class FileRule:
    """The rule for files attached to a record that *rule* selects; where *given*, only for the subject's own.

    A file of a confidential record is shown to nobody [5.1.6]. *among* gives the keys of some records, among them all
    that *rule* selects, where *rule* alone would look at many others.
    """

    kind: FileRecord
    records: Table
    key: str
    rule: Rule
    given: bool = False
    among: Keys | None = None

    def __call__(self, file: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
        """Return the condition that *file* is attached to such a record."""
        bound, record = file_attachments.alias(), self.records.alias()
        of_file = same(bound, file, "file_id"), *self._attached(bound, record)
        mine = file.c.uploaded_as.in_([word(role) for role in sorted(SUBJECTS_SIDE)]) if self.given else true()
        # A scalar, not EXISTS: PostgreSQL would read every attachment once and keep the set, for a page of a few files.
        found = select(number(1)).where(*of_file, is_open(record), self.rule(record, unrectified)).limit(number(1))
        return and_(mine, found.correlate(file).scalar_subquery().is_not(None))

    def keys(self, unrectified: UnrectifiedPolicy) -> Select[Any]:
        """Return the keys of the files of such records, so that a list begins with these and not with all files."""
        bound, record = file_attachments.alias(), self.records.alias()
        keys = select(bound.c.subject_id, bound.c.file_id)
        if self.among is None:
            return keys.where(*self._attached(bound, record), is_open(record), self.rule(record, unrectified))
        among = tuple_(bound.c.subject_id, bound.c.record_id).in_(self.among(unrectified))
        return keys.where(bound.c.record == word(self.kind.value), among)

    def _attached(self, bound: FromClause, record: FromClause) -> tuple[Condition, ...]:
        to = record.c.subject_id == bound.c.subject_id, record.c[self.key] == bound.c.record_id
        return bound.c.record == word(self.kind.value), *to


def file_of_case(rule: Rule, *, given: bool = False) -> FileRule:
    """Return the rule for files of the cases that *rule* selects; *given*: of those that its subject gave."""
    return FileRule(FileRecord.RESTRAINT_CASE, restraint_cases, "case_id", rule, given)


def file_of_objection(rule: Rule, *, given: bool = False) -> FileRule:
    """Return the rule for files of the objections that *rule* selects; *given*: that its subject gave."""
    return FileRule(FileRecord.OBJECTION, objections, "objection_id", rule, given)


def file_of_application(rule: Rule, *, among: Keys | None = None) -> FileRule:
    """Return the rule for files of the applications that *rule* selects, all of which are *among* others."""
    return FileRule(FileRecord.APPLICATION, applications, "application_id", rule, among=among)


def file_of_authorisation(rule: Rule) -> FileRule:
    """Return the rule for files of the authorisations that *rule* selects."""
    return FileRule(FileRecord.AUTHORISATION, authorisations, "authorisation_id", rule)


def file_of_delegation(rule: Rule) -> FileRule:
    """Return the rule for files of the delegations that *rule* selects."""
    return FileRule(FileRecord.DELEGATION, delegations, "delegation_id", rule)


def file_of_correction(rule: Rule) -> FileRule:
    """Return the rule for files of the corrections that *rule* selects."""
    return FileRule(FileRecord.CORRECTION, corrections, "correction_id", rule)


def file_of_check(rule: Rule) -> FileRule:
    """Return the rule for files of the focused checks that *rule* selects."""
    return FileRule(FileRecord.FOCUSED_CHECK, focused_checks, "check_id", rule)


def open_applications(_: UnrectifiedPolicy) -> CompoundSelect[Any]:
    """Return the keys of applications of the actor's department, among them all that are open.

    As `unfinished_application`, which looks at one application; here each way of being open has an index of its own.
    """
    filed, owed, given, contested = applications.c, deferrals.c, commitments.c, objections.c
    here = bind("actor_department")
    unkept = or_(given.completed_on.is_(None), given.verified_on.is_(None), given.outcome == word("NOT_MET"))
    return union_all(
        select(filed.subject_id, filed.application_id).where(
            filed.department_code == here, promise_conditions.undecided(applications)
        ),
        select(owed.subject_id, owed.application_id).where(
            owed.department_code == here, promise_conditions.documents_owed(deferrals), owed.case_id.is_(None)
        ),
        select(given.subject_id, given.application_id).where(
            given.department_code == here, given.ended_on.is_(None), unkept
        ),
        select(contested.subject_id, contested.record_id).where(contested.answered_on.is_(None)),
    )


def applications_of(rule: Rule) -> Keys:
    """Return what gives the keys of the applications in which the breach of a case was that *rule* selects."""

    def keys(unrectified: UnrectifiedPolicy) -> Select[Any]:
        case = restraint_cases.alias()
        named = case.c.application_id.is_not(None), is_open(case), rule(case, unrectified)
        return select(case.c.subject_id, case.c.application_id).where(*named)

    return keys


department = equals("department_code", "actor_department")
recipient = equals("recipient_code", "actor_department")
assigned = both(equals("handler_ref", "actor_ref"), department)


def side(*sides: Side) -> Rule:
    """Return the rule that a work item belongs to one of *sides*."""
    return lambda item, _: item.c.side.in_([word(side.value) for side in sorted(sides)])
