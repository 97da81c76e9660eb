"""Rules of files: each is shown with the record that it is attached to; lists begin with the keys of such records."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, FromClause, Select, Table, and_, or_, select, true, tuple_, union_all

from credit.cases.status import UnrectifiedPolicy
from credit.core.evidence_files import SUBJECTS_SIDE, FileRecord
from storage.queries.conditions import promise_conditions
from storage.queries.conditions.row_conditions import Condition, Rule, bind, is_open, same
from storage.queries.literals import number, word
from storage.tables import (
    applications,
    authorisations,
    commitments,
    corrections,
    deferrals,
    delegations,
    file_attachments,
    focused_checks,
    objections,
    restraint_cases,
)

Keys = Callable[[UnrectifiedPolicy], Select[Any] | CompoundSelect[Any]]
"""Gives the keys of records, each with its subject: where a list begins."""


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


def file_of_case(rule: Rule, *, given: bool = False, among: Keys | None = None) -> FileRule:
    """Return the rule for files of the cases that *rule* selects; *given*: of those that its subject gave."""
    return FileRule(FileRecord.RESTRAINT_CASE, restraint_cases, "case_id", rule, given, among)


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


def cases_of(rule: Rule) -> Keys:
    """Return what gives the keys of the cases that an objection contests which *rule* selects."""

    def keys(unrectified: UnrectifiedPolicy) -> Select[Any]:
        objection = objections.alias()
        named = objection.c.case_id.is_not(None), rule(objection, unrectified)
        return select(objection.c.subject_id, objection.c.case_id).where(*named)

    return keys


def applications_of(rule: Rule) -> Keys:
    """Return what gives the keys of the applications in which the breach of a case was that *rule* selects."""

    def keys(unrectified: UnrectifiedPolicy) -> Select[Any]:
        case = restraint_cases.alias()
        named = case.c.application_id.is_not(None), is_open(case), rule(case, unrectified)
        return select(case.c.subject_id, case.c.application_id).where(*named)

    return keys
