"""The rule of each pair of scope and entity; which files and which tasks a scope has."""

from collections.abc import Mapping, Sequence

from sqlalchemy import true

from credit.cases.rules.next_steps import Side
from credit.notifications.topics import Audience
from queryplan.entities import Entity
from queryplan.scopes import Scope
from storage.queries.conditions import scope_rules as rules
from storage.queries.conditions.questions import ANSWERED_BY, questioned
from storage.queries.conditions.row_conditions import (
    Rule,
    bind,
    in_area,
    in_force,
    listed,
    under_review,
    unfinished_application,
    unfinished_case,
)
from storage.tables import (
    applications,
    authorisations,
    corrections,
    delegations,
    focused_checks,
    objections,
    restraint_cases,
)

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
OF_AN_APPLICATION = (Entity.APPLICATION, Entity.DEFERRAL, Entity.COMMITMENT)
_OF_A_CASE = (
    Entity.CASE_STEP,
    Entity.CASE_STATEMENT,
    Entity.FACTS_VERSION,
    Entity.CORRECTION,
    Entity.CORRECTION_TELLING,
    Entity.ISSUED_NOTICE,
)
_OFFICERS = frozenset(Side) - {Side.SUBJECT}
_OWNED = (
    Entity.SUBJECT,
    Entity.APPLICATION,
    Entity.AUTHORISATION,
    Entity.DELETION_DUTY,
    Entity.DELEGATION,
    Entity.CONSULTATION_LINE,
    Entity.DEFERRAL,
    Entity.COMMITMENT,
    Entity.CORRECTION,
    Entity.CORRECTION_TELLING,
    Entity.OBJECTION,
)
_FOR_THE_SUBJECT = ((Scope.OWN, rules.own), *rules.DELEGATED.items())
_OWNED_IF: Mapping[Entity, Rule] = {
    Entity.RESTRAINT_CASE: rules.notified,
    # What a delay hides opens by the date; so does the delay itself.
    Entity.ACCESS_ENTRY: rules.is_opened,
    Entity.ENTRY_DELAY: lambda delay, _: delay.c.opens_on <= bind("today"),
    Entity.FOCUSED_CHECK: rules.of_no_case_without_notice,
    Entity.REGISTRATION: rules.of_no_case_without_notice,
    Entity.CASE_STATEMENT: rules.of_case(rules.notified),
    Entity.FACTS_VERSION: rules.of_case(rules.notified),
    Entity.CASE_STEP: rules.both(rules.not_of_secrecy, rules.of_case(rules.notified)),
    Entity.CREDIT_CHECK: rules.of_open_application,
    Entity.INCENTIVE_GRANT: rules.of_open_application,
}
"""Records that the subject and its delegate see under one more condition."""
_FOR_THE_OFFICERS = ((Scope.ASSIGNED, rules.assigned), (Scope.REVIEWING, rules.reviewing))
_OPEN_APPLICATION = rules.with_record(applications, rules.both(rules.department, unfinished_application))
OPEN_HERE: Mapping[Scope, Rule] = {
    Scope.FILED_OPEN: _OPEN_APPLICATION,
    Scope.SUBMITTED_OPEN: rules.either(rules.put_on_record_here, _OPEN_APPLICATION),
    Scope.DEPARTMENT_OPEN: rules.either(
        rules.with_record(restraint_cases, rules.both(rules.department, unfinished_case)),
        rules.with_record(corrections, rules.both(rules.department, rules.not_completed)),
        rules.with_record(objections, rules.both(rules.department, rules.unanswered)),
    ),
    Scope.ASSIGNED_OPEN: rules.with_record(restraint_cases, rules.both(rules.assigned, unfinished_case)),
}
_CASE_IS_OPEN = rules.of_case(unfinished_case)
_APPLICATION_IS_OPEN = rules.kept_with(unfinished_application)
RECORD_IS_OPEN: Mapping[Entity, Rule] = {
    Entity.RESTRAINT_CASE: unfinished_case,
    **dict.fromkeys((Entity.CASE_STEP, Entity.CASE_STATEMENT, Entity.FACTS_VERSION), _CASE_IS_OPEN),
    Entity.CORRECTION: rules.either(rules.not_completed, _CASE_IS_OPEN),
    Entity.CORRECTION_TELLING: _CASE_IS_OPEN,
    Entity.OBJECTION: rules.either(rules.unanswered, _CASE_IS_OPEN),
    Entity.APPLICATION: unfinished_application,
    **dict.fromkeys(
        (Entity.DEFERRAL, Entity.COMMITMENT, Entity.CREDIT_CHECK, Entity.INCENTIVE_GRANT), _APPLICATION_IS_OPEN
    ),
    Entity.ISSUED_NOTICE: rules.either(_CASE_IS_OPEN, rules.of_application(unfinished_application)),
}
"""By entity: whether the record itself, or the case or application that it belongs to, is open [5.1.6].

What else the subject has open does not count. It counts for a SUBJECT without a record, and where a row names none.
"""

_ASSIGNED_OPEN = rules.both(rules.assigned, unfinished_case)
_FILED_OPEN = rules.both(rules.department, unfinished_application)
_CONTESTED_HERE = rules.both(rules.recipient, rules.contested)
REVIEW_OPEN = rules.both(rules.reviewing, under_review)
_TO_ANSWER = rules.both(rules.to_answer, rules.unanswered)
_FILE_OF_ERROR = rules.file_of_correction(rules.both(rules.department, rules.of_an_objection, rules.not_completed))

FILES: Mapping[Scope, Sequence[rules.FileRule]] = {
    Scope.TO_CONFIRM: (rules.file_of_case(rules.to_confirm),),
    # A delegate reads the papers of its own delegation, whatever groups it has, and of no other.
    Scope.DELEGATED: (rules.file_of_delegation(rules.delegation_is_mine),),
    Scope.RECORDED: (rules.file_of_delegation(rules.department),),
    Scope.RECORDED_CONTESTED: (rules.file_of_delegation(rules.both(rules.department, rules.disputed)),),
    # An error in who somebody is, that no case revealed, is corrected by the head, or by any handler of the department
    # after an objection; a question of the name only by the head [5.1.3]. Its papers are for them while it is open.
    Scope.DEPARTMENT: (rules.file_of_correction(rules.both(rules.department, rules.of_no_case, rules.not_completed)),),
    # Without `-open`: that there is a subject of a file. The file itself is read while its record is open.
    Scope.ASSIGNED: (rules.file_of_case(rules.assigned), _FILE_OF_ERROR),
    Scope.REVIEWING: (
        rules.file_of_case(rules.either(rules.reviewing, rules.contested_in(rules.to_answer))),
        rules.file_of_objection(rules.to_answer),
    ),
    Scope.FILED: (rules.file_of_application(rules.department),),
    Scope.ASSIGNED_OPEN: (rules.file_of_case(_ASSIGNED_OPEN), _FILE_OF_ERROR),
    Scope.ANSWERING: (rules.file_of_objection(rules.to_answer_in_the_office),),
    Scope.REVIEWING_OPEN: (
        rules.file_of_case(REVIEW_OPEN),
        # Whether a contested record is right is decided on its evidence [5.1.4(6)].
        rules.file_of_case(rules.contested_in(_TO_ANSWER), among=rules.cases_of(_TO_ANSWER)),
        rules.file_of_objection(_TO_ANSWER),
        rules.file_of_application(rules.of_breach(REVIEW_OPEN), among=rules.applications_of(REVIEW_OPEN)),
    ),
    Scope.FILED_OPEN: (rules.file_of_application(_FILED_OPEN, among=rules.open_applications),),
    Scope.SUBMITTED: (rules.file_of_authorisation(rules.both(rules.recipient, rules.on_paper, rules.allows_reads)),),
    Scope.CONTESTED: (rules.file_of_authorisation(rules.contested), rules.file_of_delegation(rules.disputed)),
    Scope.CONTESTED_HERE: (rules.file_of_authorisation(_CONTESTED_HERE),),
    Scope.SECTOR_AREA: (rules.file_of_check(rules.both(rules.checked_here, rules.still_target)),),
}
"""By scope, the records whose files it has. Files are seen with the record that they are attached to."""

_OF_THE_WINDOW = rules.both(rules.department, lambda item, _: item.c.duty_id.is_(None))
TASKS: Mapping[Scope, tuple[Rule, frozenset[Side]]] = {
    # A worklist lists the tasks of its reader; the list of a head has the tasks of the whole department.
    **{scope: (whose, frozenset({Side.SUBJECT})) for scope, whose in _FOR_THE_SUBJECT},
    Scope.DELEGATED_RESTRAINT: (
        rules.both(rules.DELEGATED[Scope.DELEGATED_RESTRAINT], rules.not_of_application_alone),
        frozenset({Side.SUBJECT}),
    ),
    Scope.DELEGATED_APPLICATIONS: (
        rules.both(rules.DELEGATED[Scope.DELEGATED_APPLICATIONS], rules.of_application_alone),
        frozenset({Side.SUBJECT}),
    ),
    Scope.ASSIGNED: (rules.assigned, frozenset({Side.HANDLER})),
    Scope.REVIEWING: (rules.to_review, frozenset({Side.REVIEWER})),
    # A task shows its case: to answer an objection to a case opens the words of the objection, and not the case.
    Scope.REVIEWING_OPEN: (
        rules.both(rules.to_review, rules.either(lambda item, _: item.c.case_id.is_(None), rules.of_case(REVIEW_OPEN))),
        frozenset({Side.REVIEWER}),
    ),
    Scope.UNDER_REVIEW: (rules.both(rules.to_review, rules.of_case(REVIEW_OPEN)), frozenset({Side.REVIEWER})),
    Scope.SUBMITTED: (rules.department, frozenset({Side.CLERK})),
    # Whose information is to be deleted is not read any more: such tasks show that there is somebody, and no name.
    Scope.SUBMITTED_OPEN: (_OF_THE_WINDOW, frozenset({Side.CLERK})),
    Scope.FILED: (_OF_THE_WINDOW, frozenset({Side.CLERK})),
    Scope.DEPARTMENT: (rules.department, _OFFICERS),
    Scope.DEPARTMENT_OPEN: (rules.both(rules.department, rules.of_no_window), _OFFICERS),
    Scope.TO_CONFIRM: (rules.to_confirm_item, frozenset({Side.HEAD})),
    Scope.CONTESTED_HERE: (
        rules.both(rules.department, lambda item, _: item.c.authorisation_id.is_not(None)),
        frozenset({Side.HEAD}),
    ),
    Scope.CONTESTED: (rules.of_a_contest, frozenset({Side.HEAD})),
    Scope.RECORDED_CONTESTED: (rules.both(rules.department, rules.of_a_contest), frozenset({Side.HEAD})),
}
"""By scope, whose tasks it has, and of which sides."""

SCOPE_RULES: Mapping[tuple[Scope, Entity], Rule] = {
    **{(scope, Entity.WORK_ITEM): rules.both(whose, rules.side(*sides)) for scope, (whose, sides) in TASKS.items()},
    # Scope.ALL means every row of every entity that is not confidential.
    **{(scope, entity): whose for scope, whose in _FOR_THE_SUBJECT for entity in _OWNED},
    **{
        (scope, entity): rules.both(whose, condition)
        for scope, whose in _FOR_THE_SUBJECT
        for entity, condition in _OWNED_IF.items()
    },
    # A delegate sees its own delegations, not who else acts for the subject.
    (Scope.DELEGATED, Entity.DELEGATION): rules.delegation_is_mine,
    # An office sees the delegations that it recorded, in order to end them; its head those that were contested.
    (Scope.RECORDED, Entity.DELEGATION): rules.department,
    (Scope.BY_OTHERS, Entity.ACCESS_ENTRY): rules.read_by_others,
    # Who answers a question about a read sees that read, and no other.
    **{(scope, Entity.ACCESS_ENTRY): questioned(scope) for scope in ANSWERED_BY},
    (Scope.SUBMITTED, Entity.DELEGATION): rules.department,
    (Scope.RECORDED_CONTESTED, Entity.DELEGATION): rules.both(rules.department, rules.disputed),
    (Scope.CONTESTED, Entity.DELEGATION): rules.disputed,
    (Scope.RECORDED_CONTESTED, Entity.SUBJECT): rules.with_record(
        delegations, rules.both(rules.department, rules.disputed)
    ),
    # The subject sees a document after it was notified of the case; handler and reviewer see it from the start.
    **{
        (scope, Entity.ISSUED_NOTICE): rules.either(
            rules.of_case(rules.both(whose, rules.notified)), rules.of_application(whose)
        )
        for scope, whose in _FOR_THE_SUBJECT
    },
    # For a delegate each document belongs to the group of what it is about.
    (Scope.DELEGATED_FACTS, Entity.ISSUED_NOTICE): rules.of_case(
        rules.both(rules.DELEGATED[Scope.DELEGATED_FACTS], rules.notified)
    ),
    (Scope.DELEGATED_APPLICATIONS, Entity.ISSUED_NOTICE): rules.of_application(
        rules.DELEGATED[Scope.DELEGATED_APPLICATIONS]
    ),
    # A reminder belongs to the window; a document of a case belongs to its handler, and not to the department.
    (Scope.DEPARTMENT, Entity.ISSUED_NOTICE): rules.of_application(rules.department),
    # The authority corrects an error; the department answers the objection.
    **{(Scope.DEPARTMENT, entity): rules.department for entity in _OF_A_DEPARTMENT},
    # An applicant is in FILED, for the purpose of handling the application: a case begins with the number [5.1.3].
    (Scope.DEPARTMENT, Entity.SUBJECT): rules.either(
        *(rules.with_record(records, rules.department) for records in (restraint_cases, corrections, objections))
    ),
    (Scope.FILED, Entity.SUBJECT): rules.with_record(applications, rules.department),
    **{(scope, Entity.SUBJECT): open_here for scope, open_here in OPEN_HERE.items()},
    **{(Scope.FILED, entity): rules.department for entity in OF_AN_APPLICATION},
    # Of the window: the papers that the officer entered, to no case. Other objections would tell it of cases.
    (Scope.FILED, Entity.OBJECTION): rules.both(
        rules.equals("raised_by", "actor_ref"), rules.department, rules.of_no_case
    ),
    (Scope.FILED, Entity.CREDIT_CHECK): rules.both(rules.department, rules.of_open_application),
    (Scope.FILED, Entity.INCENTIVE_GRANT): rules.both(rules.department, rules.of_open_application),
    (Scope.FILED, Entity.ISSUED_NOTICE): rules.of_application(rules.department),
    (Scope.DEPARTMENT, Entity.AUTHORISATION): rules.recipient,
    (Scope.DEPARTMENT, Entity.CONSULTATION): rules.recipient,
    # What the department or the association has to delete, or did.
    **{(scope, Entity.DELETION_DUTY): rules.recipient for scope in (Scope.DEPARTMENT, Scope.SUBMITTED)},
    # The department that an application was filed at.
    (Scope.DEPARTMENT, Entity.CREDIT_CHECK): rules.both(rules.department, rules.of_open_application),
    (Scope.DEPARTMENT, Entity.INCENTIVE_GRANT): rules.both(rules.department, rules.of_open_application),
    # Records of a case are seen by its officers, and by its subject after it was notified.
    **{(scope, entity): rules.of_case(rule) for scope, rule in _FOR_THE_OFFICERS for entity in _OF_A_CASE},
    (Scope.DEPARTMENT, Entity.CASE_STEP): rules.of_case(rules.department),
    (Scope.DEPARTMENT, Entity.CASE_STATEMENT): rules.of_case(rules.department),
    (Scope.DEPARTMENT, Entity.FACTS_VERSION): rules.of_case(rules.department),
    # What the head confirms, until it is confirmed.
    (Scope.TO_CONFIRM, Entity.RESTRAINT_CASE): rules.to_confirm,
    (Scope.TO_CONFIRM, Entity.SUBJECT): rules.with_record(restraint_cases, rules.to_confirm),
    **{
        (Scope.TO_CONFIRM, entity): rules.of_case(rules.to_confirm)
        for entity in (Entity.CASE_STEP, Entity.FACTS_VERSION)
    },
    # Who issued a document hands it over on that day, whatever has ended with it [A].
    (Scope.ASSIGNED_OPEN, Entity.ISSUED_NOTICE): rules.either(
        rules.of_case(_ASSIGNED_OPEN), rules.both(rules.of_case(rules.assigned), rules.issued_today)
    ),
    (Scope.FILED_OPEN, Entity.ISSUED_NOTICE): rules.either(
        rules.of_application(_FILED_OPEN), rules.both(rules.of_application(rules.department), rules.issued_today)
    ),
    # Notifications: for a subject about what it may see; in a department for the window, the handler, the head.
    **{
        (scope, Entity.NOTIFICATION): rules.addressed_to(
            Audience.SUBJECT, rules.both(whose, rules.of_no_case_without_notice)
        )
        for scope, whose in _FOR_THE_SUBJECT
    },
    # A delegate is notified of what its delegation lets it see.
    (Scope.DELEGATED, Entity.NOTIFICATION): rules.addressed_to(
        Audience.SUBJECT, rules.both(rules.delegated, rules.of_no_case_without_notice, rules.within_the_delegation)
    ),
    (Scope.SUBMITTED, Entity.NOTIFICATION): rules.addressed_to(Audience.DEPARTMENT, rules.of_the_window),
    (Scope.ASSIGNED, Entity.NOTIFICATION): rules.addressed_to(
        Audience.DEPARTMENT, rules.both(rules.of_the_authority, rules.of_case(rules.assigned))
    ),
    (Scope.DEPARTMENT, Entity.NOTIFICATION): rules.addressed_to(Audience.DEPARTMENT, rules.of_the_authority),
    (Scope.REVIEWING, Entity.OBJECTION): rules.to_answer,
    # Those to its cases, and what it entered on paper.
    (Scope.ASSIGNED, Entity.OBJECTION): rules.either(
        rules.of_case(rules.assigned), rules.both(rules.equals("raised_by", "actor_ref"), rules.department)
    ),
    (Scope.ANSWERING, Entity.OBJECTION): rules.to_answer_in_the_office,
    # Under review: the case until its decision is issued, the objection until its answer [5.1.4(4)].
    (Scope.REVIEWING_OPEN, Entity.RESTRAINT_CASE): REVIEW_OPEN,
    (Scope.REVIEWING_OPEN, Entity.OBJECTION): _TO_ANSWER,
    (Scope.REVIEWING_OPEN, Entity.SUBJECT): rules.either(
        rules.with_record(restraint_cases, REVIEW_OPEN), rules.with_record(objections, _TO_ANSWER)
    ),
    **{(Scope.REVIEWING_OPEN, entity): rules.of_case(REVIEW_OPEN) for entity in _OF_A_CASE},
    (Scope.UNDER_REVIEW, Entity.RESTRAINT_CASE): REVIEW_OPEN,
    **{(Scope.UNDER_REVIEW, entity): rules.of_case(REVIEW_OPEN) for entity in _OF_A_CASE},
    (Scope.REVIEWING_OPEN, Entity.ISSUED_NOTICE): rules.either(
        rules.of_case(REVIEW_OPEN),
        rules.both(rules.of_case(rules.reviewing), rules.issued_today),
        rules.of_application(rules.of_breach(REVIEW_OPEN)),
    ),
    # With the application in which a reminder was served or a commitment was not met [5.1.2c] [5.1.2d].
    **{(Scope.REVIEWING_OPEN, entity): rules.of_breach(REVIEW_OPEN) for entity in OF_AN_APPLICATION},
    (Scope.DEPARTMENT, Entity.DEPARTMENT): rules.equals("code", "actor_department"),
    **{(scope, Entity.SUBJECT): rules.with_record(restraint_cases, rule) for scope, rule in _FOR_THE_OFFICERS},
    **{(scope, Entity.RESTRAINT_CASE): rule for scope, rule in _FOR_THE_OFFICERS},
    (Scope.SECTOR_AREA, Entity.SUBJECT): rules.both(
        lambda row, _: in_area(row), rules.with_record(restraint_cases, rules.focused)
    ),
    (Scope.SECTOR_AREA, Entity.RESTRAINT_CASE): rules.focused_case,
    # Of a subject that has left the list since, a supervisor still sees that it checked it [5.2.2].
    (Scope.CHECKED, Entity.FOCUSED_CHECK): rules.checked_here,
    (Scope.CHECKED, Entity.SUBJECT): rules.with_record(focused_checks, rules.checked_here),
    (Scope.SECTOR_AREA, Entity.FOCUSED_CHECK): rules.both(rules.checked_here, rules.still_target),
    # The derived table itself covers only the sector and area of the actor.
    (Scope.SECTOR_AREA, Entity.TARGET_CHANGE): lambda _, __: true(),
    (Scope.RESTRAINED, Entity.SUBJECT): rules.with_record(restraint_cases, in_force),
    (Scope.RESTRAINED, Entity.RESTRAINT_CASE): in_force,
    # The public sees a case that is in force, listed and not confidential; the date alone hides it [5.1.5].
    (Scope.PUBLISHED, Entity.SUBJECT): rules.with_record(restraint_cases, listed),
    (Scope.PUBLISHED, Entity.RESTRAINT_CASE): listed,
    (Scope.FILED, Entity.NOTIFICATION): rules.addressed_to(
        Audience.DEPARTMENT, rules.both(rules.of_the_window, rules.of_an_application)
    ),
    # Of the window: the persons that it put on record, until something is filed there.
    (Scope.SUBMITTED, Entity.SUBJECT): rules.put_on_record_here,
    (Scope.SUBMITTED, Entity.AUTHORISATION): rules.recipient,
    (Scope.CONSULTED, Entity.AUTHORISATION): rules.both(rules.recipient, rules.for_consultation),
    # Files are seen with the record that they are attached to; of a case and an objection the subject sees its own.
    **{
        (scope, Entity.EVIDENCE_FILE): rules.both(
            # A file and its record have one subject. To say it of the file finds its index.
            whose,
            rules.either(
                rules.file_of_case(rules.notified, given=True),
                rules.file_of_objection(rules.anything, given=True),
                rules.file_of_application(rules.anything),
                rules.file_of_authorisation(rules.anything),
                rules.file_of_correction(rules.of_an_objection),
                *((rules.file_of_delegation(rules.anything),) if scope is Scope.OWN else ()),
            ),
        )
        for scope, whose in _FOR_THE_SUBJECT
    },
    **{(scope, Entity.EVIDENCE_FILE): rules.either(*files) for scope, files in FILES.items()},
    # The head of the department, or the office, decides on a contested paper.
    (Scope.CONTESTED, Entity.AUTHORISATION): rules.either(rules.contested, rules.decided_by_the_actor),
    (Scope.CONTESTED_HERE, Entity.AUTHORISATION): rules.both(
        rules.recipient, rules.either(rules.contested, rules.decided_by_the_actor)
    ),
    (Scope.CONTESTED_HERE, Entity.SUBJECT): rules.with_record(authorisations, _CONTESTED_HERE),
}
