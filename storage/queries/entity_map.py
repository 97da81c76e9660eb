"""The entities that a plan may name: the table of each, its columns by name, and its relations to other entities.

A name that is not listed here cannot be read: no salt, no ciphertext by itself, no mask without its item.
All entities of one row belong to the same subject, because every relation between subject-owned tables includes
`subject_id`; so each row of a statement needs the key of one subject.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, select

from credit.cases.status import UnrectifiedPolicy
from queryplan.entities import Entity
from queryplan.scopes import Scope
from storage import tables
from storage.errors import UnknownRelation
from storage.queries.access_entries.entry_rows import OF_GROUNDS, access_log
from storage.queries.access_entries.grounds import grounds_of
from storage.queries.access_entries.leaves import leaf_index_of, leaf_of
from storage.queries.conditions import promise_conditions
from storage.queries.conditions.questions import newest_question
from storage.queries.conditions.row_conditions import (
    deletion_late,
    deletion_open,
    publication_from,
    read_by_another,
    review_from,
)
from storage.queries.target_changes import target_change_rows, target_changes
from storage.queries.work_items import TaskRows, task_rows, work_item_rows, work_items

Computed = Callable[[FromClause], ColumnElement[Any]]
SUFFIXES = ("_sealed", "_mask")
HIDDEN = frozenset({"salt", "confidential"}) | OF_GROUNDS
"""Columns that no read shows: the ledger's salt, `confidential`, which is false on every row that is shown, and what a
disclosure says of all its subjects."""


@dataclass(frozen=True, slots=True)
class ToOne:
    """A relation to the one row of *target* whose columns equal ours: pairs of (our column, their column)."""

    target: Entity
    on: tuple[tuple[str, str], ...]
    only: Callable[[FromClause], ColumnElement[bool]] | None = None
    """The condition on a row of *target* by which it is the one, where several have equal columns."""


@dataclass(frozen=True, slots=True)
class ToMany:
    """A relation to the rows of *target* whose column *theirs* equals our column *ours*."""

    target: Entity
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class EntityMapping:
    """How one entity is stored. *row_id* alone identifies a row; the primary key may begin with the owning subject."""

    table: Table
    row_id: str
    to_one: Mapping[str, ToOne] = field(default_factory=dict)
    to_many: Mapping[str, ToMany] = field(default_factory=dict)
    answers: Mapping[str, Scope] = field(default_factory=dict)
    """Computed columns: whether the row is in this scope today. NULL, not false, where today is unknown [4.1]."""
    conditions: Mapping[str, Computed] = field(default_factory=dict)
    """Computed columns: the same for every reader, most of them whether a condition holds for the row."""
    derived: Callable[[UnrectifiedPolicy, str], FromClause] | None = None
    """For an entity without a stored table: its derived table, under an alias. *table* only names its columns.

    The access log has neither: `storage.queries.access_entries` makes its rows for each statement.
    """
    parts: Callable[[UnrectifiedPolicy], Sequence[TaskRows]] | None = None
    """The SELECTs of the derived table, where each has an index in the order of its pages."""

    def rows(self, alias: str, unrectified: UnrectifiedPolicy) -> FromClause:
        """Return what the rows are selected from."""
        return self.table.alias(alias) if self.derived is None else self.derived(unrectified, alias)

    @property
    def is_stored(self) -> bool:
        """Whether *table* is a table of the database."""
        return self.table.metadata is tables.metadata

    @property
    def owned(self) -> bool:
        """Whether each row belongs to a subject."""
        return "subject_id" in self.table.c

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return _names(self.table).keys

    @property
    def sealed(self) -> frozenset[str]:
        """The items that are stored sealed, beside a mask."""
        return _names(self.table).sealed

    @property
    def plain(self) -> frozenset[str]:
        """The columns that are read without conversion."""
        return _names(self.table).plain

    def step(self, relation: str) -> ToOne:
        """Return the to-one relation of this name. Raises UnknownRelation."""
        if relation not in self.to_one:
            raise UnknownRelation(self.table.name, relation)
        return self.to_one[relation]

    def children(self, relation: str) -> ToMany:
        """Return the to-many relation of this name. Raises UnknownRelation."""
        if relation not in self.to_many:
            raise UnknownRelation(self.table.name, relation)
        return self.to_many[relation]


@dataclass(frozen=True, slots=True)
class _Names:
    keys: tuple[str, ...]
    sealed: frozenset[str]
    plain: frozenset[str]


@cache
def _names(table: Table) -> _Names:
    names = [column.name for column in table.c]
    return _Names(
        keys=tuple(column.name for column in table.primary_key),
        sealed=frozenset(name.removesuffix("_sealed") for name in names if name.endswith("_sealed")),
        plain=frozenset(name for name in names if not name.endswith(SUFFIXES)) - HIDDEN,
    )


def _by_code(target: Entity, ours: str) -> ToOne:
    return ToOne(target, ((ours, "code"),))


def _of_subject(target: Entity, ours: str, theirs: str | None = None) -> ToOne:
    """Return the relation to a record of the same subject, by its id; *theirs* is its name there."""
    return ToOne(target, (("subject_id", "subject_id"), (ours, theirs or ours)))


_USUAL: Mapping[str, ToOne] = {
    "subject": ToOne(Entity.SUBJECT, (("subject_id", "subject_id"),)),
    "department": _by_code(Entity.DEPARTMENT, "department_code"),
    "recipient": _by_code(Entity.DEPARTMENT, "recipient_code"),
    "sector": _by_code(Entity.SECTOR, "sector_code"),
    "area": _by_code(Entity.AREA, "area_code"),
    "case": _of_subject(Entity.RESTRAINT_CASE, "case_id"),
    "application": _of_subject(Entity.APPLICATION, "application_id"),
    "authorisation": _of_subject(Entity.AUTHORISATION, "authorisation_id"),
    "objection": _of_subject(Entity.OBJECTION, "objection_id"),
}
"""Relations that have the same name and columns wherever they occur."""


def _one(*usual: str, **others: ToOne) -> Mapping[str, ToOne]:
    return {name: _USUAL[name] for name in usual} | others


def _many(column: str, **targets: Entity) -> Mapping[str, ToMany]:
    """Return the relations to the rows of *targets* with the same value in *column*."""
    return {name: ToMany(target, column, column) for name, target in targets.items()}


def _recipient_name(authorisation: FromClause) -> ColumnElement[str]:
    named = tables.departments.alias("named")
    return select(named.c.name_zh).where(named.c.code == authorisation.c.recipient_code).scalar_subquery()


def _notice_text(authorisation: FromClause) -> ColumnElement[str]:
    shown = tables.authorisation_notices.alias("shown")
    return select(shown.c.text).where(shown.c.digest == authorisation.c.notice_digest).scalar_subquery()


SHAPES: Mapping[Entity, EntityMapping] = {
    Entity.SUBJECT: EntityMapping(
        tables.subjects,
        "subject_id",
        to_one=_one("area"),
        to_many=_many(
            "subject_id",
            restraint_cases=Entity.RESTRAINT_CASE,
            applications=Entity.APPLICATION,
            authorisations=Entity.AUTHORISATION,
            delegations=Entity.DELEGATION,
            consultation_lines=Entity.CONSULTATION_LINE,
            focused_checks=Entity.FOCUSED_CHECK,
            corrections=Entity.CORRECTION,
            objections=Entity.OBJECTION,
            registrations=Entity.REGISTRATION,
        ),
        answers={"is_restrained": Scope.RESTRAINED},
    ),
    Entity.APPLICATION: EntityMapping(
        tables.applications,
        "application_id",
        to_one=_one(
            "subject",
            "department",
            matter=_by_code(Entity.MATTER, "matter_code"),
            deferral=_of_subject(Entity.DEFERRAL, "application_id"),
            commitment=_of_subject(Entity.COMMITMENT, "application_id"),
        ),
        to_many=_many(
            "application_id",
            credit_checks=Entity.CREDIT_CHECK,
            incentives=Entity.INCENTIVE_GRANT,
            reminders=Entity.ISSUED_NOTICE,
        ),
        conditions={"is_open": promise_conditions.undecided},
    ),
    Entity.DEFERRAL: EntityMapping(
        tables.deferrals,
        "application_id",
        to_one=_one("subject", "department", "application"),
        conditions={"is_open": promise_conditions.documents_owed, "is_overdue": promise_conditions.documents_overdue},
    ),
    Entity.COMMITMENT: EntityMapping(
        tables.commitments,
        "application_id",
        to_one=_one("subject", "department", "application"),
        conditions={"is_open": promise_conditions.commitment_open, "is_overdue": promise_conditions.commitment_overdue},
    ),
    Entity.CREDIT_CHECK: EntityMapping(
        tables.credit_checks, "check_id", to_one=_one("subject", "application", "department", "authorisation")
    ),
    Entity.INCENTIVE_GRANT: EntityMapping(
        tables.incentive_grants,
        "grant_id",
        to_one=_one("subject", "application", "department", check=_of_subject(Entity.CREDIT_CHECK, "check_id")),
    ),
    Entity.RESTRAINT_CASE: EntityMapping(
        tables.restraint_cases,
        "case_id",
        to_one=_one("subject", "department", "sector", "area", "application"),
        to_many=_many(
            "case_id",
            notices=Entity.ISSUED_NOTICE,
            steps=Entity.CASE_STEP,
            statements=Entity.CASE_STATEMENT,
            facts_versions=Entity.FACTS_VERSION,
            corrections=Entity.CORRECTION,
            objections=Entity.OBJECTION,
        ),
        answers={"in_force": Scope.RESTRAINED, "is_listed": Scope.PUBLISHED},
        conditions={"review_from": review_from, "publication_from": publication_from},
    ),
    Entity.AUTHORISATION: EntityMapping(
        tables.authorisations,
        "authorisation_id",
        to_one=_one("subject", "recipient", "application"),
        to_many=_many("authorisation_id", deletions=Entity.DELETION_DUTY),
        conditions={"recipient_name": _recipient_name, "notice_text": _notice_text},
    ),
    Entity.DELETION_DUTY: EntityMapping(
        tables.deletion_duties,
        "duty_id",
        to_one=_one("subject", "recipient"),
        conditions={"is_open": deletion_open, "is_late": deletion_late},
    ),
    Entity.ACCESS_ENTRY: EntityMapping(
        access_log,
        "entry_id",
        to_one=_one(
            "subject",
            "department",
            delay=_of_subject(Entity.ENTRY_DELAY, "delay_id"),
            question=ToOne(
                Entity.OBJECTION, (("subject_id", "subject_id"), ("entry_id", "record_id")), newest_question
            ),
        ),
        conditions={"grounds": grounds_of, "by_others": read_by_another, "leaf_index": leaf_index_of, "leaf": leaf_of},
    ),
    Entity.ENTRY_DELAY: EntityMapping(tables.entry_delays, "delay_id", to_one=_one("subject", "department")),
    Entity.DELEGATION: EntityMapping(tables.delegations, "delegation_id", to_one=_one("subject", "department")),
    Entity.REGISTRATION: EntityMapping(tables.registrations, "registration_id", to_one=_one("subject", "department")),
    Entity.ISSUED_NOTICE: EntityMapping(
        tables.issued_notices, "notice_id", to_one=_one("subject", "case", "application", "department")
    ),
    Entity.WORK_ITEM: EntityMapping(
        work_items,
        "about_id",
        to_one=_one(
            "subject",
            "department",
            "case",
            "application",
            "authorisation",
            delegation=_of_subject(Entity.DELEGATION, "delegation_id"),
            deletion=_of_subject(Entity.DELETION_DUTY, "duty_id"),
        ),
        derived=work_item_rows,
        parts=task_rows,
    ),
    Entity.TARGET_CHANGE: EntityMapping(
        target_changes,
        "subject_id",
        to_one=_one(target=ToOne(Entity.SUBJECT, (("target_id", "subject_id"),))),
        derived=target_change_rows,
    ),
    Entity.FOCUSED_CHECK: EntityMapping(
        tables.focused_checks, "check_id", to_one=_one("subject", "department", "sector", "area", "case")
    ),
    Entity.CONSULTATION: EntityMapping(tables.consultations, "consultation_id", to_one=_one("recipient")),
    Entity.CONSULTATION_LINE: EntityMapping(
        tables.consultation_lines,
        "line_id",
        to_one=_one(
            "subject", "recipient", consultation=ToOne(Entity.CONSULTATION, (("consultation_id", "consultation_id"),))
        ),
    ),
    Entity.CASE_STEP: EntityMapping(tables.case_steps, "step_id", to_one=_one("department")),
    Entity.FACTS_VERSION: EntityMapping(tables.facts_versions, "version_id"),
    Entity.CASE_STATEMENT: EntityMapping(tables.case_statements, "statement_id"),
    Entity.CORRECTION: EntityMapping(
        tables.corrections,
        "correction_id",
        to_one=_one("subject", "case", "department", "objection"),
        to_many=_many("correction_id", tellings=Entity.CORRECTION_TELLING),
    ),
    Entity.CORRECTION_TELLING: EntityMapping(
        tables.correction_told, "telling_id", to_one=_one(correction=_of_subject(Entity.CORRECTION, "correction_id"))
    ),
    Entity.OBJECTION: EntityMapping(tables.objections, "objection_id", to_one=_one("subject", "case", "department")),
    Entity.EVIDENCE_FILE: EntityMapping(tables.files, "file_id", to_one=_one("subject", "department")),
    Entity.NOTIFICATION: EntityMapping(
        tables.notifications,
        "notification_id",
        to_one=_one(
            "subject",
            "department",
            "case",
            "application",
            "authorisation",
            "objection",
            issued_notice=_of_subject(Entity.ISSUED_NOTICE, "issued_notice_id", "notice_id"),
            delegation=_of_subject(Entity.DELEGATION, "delegation_id"),
        ),
        conditions={"is_seen": lambda row: row.c.seen_at.is_not(None)},
    ),
    Entity.DEPARTMENT: EntityMapping(
        tables.departments,
        "code",
        to_one=_one("sector"),
        to_many={"matters": ToMany(Entity.MATTER, "code", "department_code")},
    ),
    Entity.MATTER: EntityMapping(tables.matters, "code", to_one=_one("department", "sector")),
    Entity.SECTOR: EntityMapping(tables.sectors, "code"),
    Entity.AREA: EntityMapping(tables.areas, "code"),
}

NUMBER = EntityMapping(tables.identifiers, "identifier_id")
"""The identifier that fits the subject's kind. Its columns are read as columns of the subject, by these names."""

NUMBER_COLUMNS: Mapping[str, str] = {"number_kind": "kind", "number_derived": "derived"}
