"""Which rows of an entity are in a scope: one row of `SCOPE_RULES` for each pair of them.

A missing pair means no row, and a bind that is NULL matches no row: a fact about the actor that is not given shows
no record. A record marked confidential is in no scope, nor is any record that belongs to it, and it brings no other
record into a scope [5.1.6].
"""

from collections.abc import Iterable

from sqlalchemy import FromClause, and_, false, or_, select, true, tuple_, union_all
from sqlalchemy.engine import Dialect

from credit.cases.rules.next_steps import Side
from credit.cases.status import UnrectifiedPolicy
from queryplan.entities import Entity
from queryplan.scopes import WHILE_OPEN, Scope
from storage.database.array_binds import one_of
from storage.queries.conditions import scope_rules as rules
from storage.queries.conditions.row_conditions import Condition, Rule, is_open
from storage.queries.scope_tables import (
    FILES,
    OF_AN_APPLICATION,
    OPEN_HERE,
    RECORD_IS_OPEN,
    REVIEW_OPEN,
    SCOPE_RULES,
    TASKS,
)


def in_scope(scope: Scope, entity: Entity, row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* of *entity* is in *scope*."""
    if scope is Scope.ALL:
        return is_open(row)
    rule = SCOPE_RULES.get((scope, entity))
    if rule is None and scope in WHILE_OPEN:
        rule = _while_open(scope, entity)
    if rule is None:
        return false()
    return and_(is_open(row), rule(row, unrectified))


def in_any(scopes: Iterable[Scope], entity: Entity, row: FromClause, unrectified: UnrectifiedPolicy) -> Condition:
    """Return the condition that *row* of *entity* is in one of *scopes*; without a scope no row is."""
    return or_(false(), *(in_scope(scope, entity, row, unrectified) for scope in scopes))


def in_list(
    scopes: Iterable[Scope], entity: Entity, row: FromClause, unrectified: UnrectifiedPolicy, dialect: Dialect
) -> Condition:
    """Return where the rows of a list are that is in any of *scopes*; true where an index in its order says it.

    It follows from the condition of the scopes, which remains and decides. It finds the rows by the records that bring
    them into the list: they are few, however many files, checks and applications are closed.
    """
    wanted = set(scopes)
    if entity is Entity.EVIDENCE_FILE and wanted and wanted <= set(FILES):
        keys = [files.keys(unrectified) for scope in Scope if scope in wanted for files in FILES[scope]]
        found = union_all(*keys).subquery()
        # As one SELECT: SQLite looks for no index to several in a UNION.
        return tuple_(row.c.subject_id, row.c.file_id).in_(select(found.c.subject_id, found.c.file_id))
    if entity is Entity.EVIDENCE_FILE and wanted and wanted <= set(rules.DELEGATED):
        # All of them are files of subjects with some delegation to the actor.
        return one_of(row.c.subject_id, rules.delegating_subjects(Scope.DELEGATED, unrectified), dialect)
    if wanted == {Scope.FILED_OPEN} and entity is Entity.CREDIT_CHECK:
        found = rules.open_applications(unrectified).subquery()
        return one_of(row.c.application_id, select(found.c.application_id), dialect)
    if wanted == {Scope.REVIEWING_OPEN} and entity in OF_AN_APPLICATION:
        keys_of = rules.applications_of(REVIEW_OPEN)
        return tuple_(row.c.subject_id, row.c.application_id).in_(keys_of(unrectified))
    return true()


def _while_open(scope: Scope, entity: Entity) -> Rule | None:
    """Return the rule of *scope* for an entity without a rule of its own there: its rows that are open."""
    rule = SCOPE_RULES.get((WHILE_OPEN[scope], entity))
    if rule is None or entity is Entity.WORK_ITEM:
        return rule  # a task is something open
    if entity is Entity.NOTIFICATION:
        return rules.both(rule, rules.about_what_is_open(OPEN_HERE[scope]))
    return rules.both(rule, RECORD_IS_OPEN.get(entity, OPEN_HERE[scope]))


def may_show(scopes: Iterable[Scope], side: Side) -> bool:
    """Return whether one of *scopes* has tasks of *side*."""
    return any(scope is Scope.ALL or side in _sides(scope) for scope in scopes)


def _sides(scope: Scope) -> frozenset[Side]:
    tasks = TASKS.get(scope) or TASKS.get(WHILE_OPEN.get(scope, scope))
    return frozenset() if tasks is None else tasks[1]
