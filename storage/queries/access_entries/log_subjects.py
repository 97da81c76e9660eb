"""Whose entries a statement can show, where it is about some subjects only: an index finds them then."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Self

from sqlalchemy import BindParameter, ColumnElement, Select, Uuid, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.engine import Dialect

from credit.cases.status import UnrectifiedPolicy
from queryplan.plan import SelectPlan
from queryplan.scopes import Scope
from storage.database.array_binds import Several
from storage.database.sql_ids import has_id, id_bytes
from storage.queries.conditions.questions import ANSWERED_BY, questioning_subjects
from storage.queries.conditions.row_conditions import Condition, bind
from storage.queries.conditions.scope_rules import DELEGATED, delegating_subjects
from storage.tables import disclosures

SUBJECT, ENTRY = "named_subject", "named_entry"
"""The binds of the filters by id, until they have the names of the filters."""


@dataclass(frozen=True, slots=True)
class IdChoice:
    """Some ids: one bind, a bind of several, or the ids that a SELECT finds."""

    ids: ColumnElement[Any] | Select[Any]

    @classmethod
    def filtered(cls, operator: str, name: str) -> Self:
        """Return the ids that a filter names in the bind *name*."""
        several = operator == "in"
        return cls(bindparam(name, type_=Several(Uuid()) if several else Uuid(), required=False))

    @property
    def _is_several(self) -> bool:
        return isinstance(self.ids, BindParameter) and isinstance(self.ids.type, Several)

    def holds(self, column: ColumnElement[Any], dialect: Dialect, *, as_bytes: bool) -> Condition:
        """Return the condition that *column* is one of them. *as_bytes*: the column has ids as `column_types.Id`."""
        convert = id_bytes if as_bytes else _as_it_is
        if isinstance(self.ids, Select):
            (found,) = self.ids.selected_columns
            return column.in_(self.ids.with_only_columns(convert(found)))
        if not self._is_several:
            return column == convert(self.ids)
        if dialect.name != "sqlite":
            return column == func.any(self.ids)
        return column.in_(select(convert(func.json_each(self.ids).table_valued("value").c.value)))

    def are_in(self, several: ColumnElement[Any]) -> Condition:
        """Return the condition that one of them is among *several* (`column_types.Ids`), on SQLite."""
        ids = self.ids
        if self._is_several:
            ids = select(func.json_each(ids).table_valued("value").c.value)
        if not isinstance(ids, Select):
            return has_id(several, id_bytes(ids))
        (found,) = ids.selected_columns
        return ids.where(has_id(several, id_bytes(found))).correlate(disclosures).exists()

    def as_array(self) -> ColumnElement[Any]:
        """Return them as an array of PostgreSQL."""
        if isinstance(self.ids, Select):
            return func.array(self.ids.scalar_subquery())
        return self.ids if self._is_several else array([self.ids])


def _in_scope(scope: Scope, unrectified: UnrectifiedPolicy) -> ColumnElement[Any] | Select[Any]:
    if scope is Scope.OWN:
        return bind("actor_subject")
    chosen = questioning_subjects if scope in ANSWERED_BY else delegating_subjects
    return chosen(scope, unrectified)


def _as_it_is(ids: ColumnElement[Any]) -> ColumnElement[Any]:
    return ids


@dataclass(frozen=True, slots=True)
class LogSubjects:
    """The subjects that a statement is about: a row of another subject does not pass its filters or its scopes."""

    choices: Sequence[IdChoice]

    @classmethod
    def of(cls, statement: SelectPlan, unrectified: UnrectifiedPolicy) -> Self | None:
        """Return the subjects that *statement* is about; None where it is about everybody."""
        named = [
            IdChoice.filtered(one.operator, SUBJECT)
            for one in statement.filters
            if (one.of, one.name) == ("", "subject_id")
        ]
        if named:
            return cls(named[:1])
        if not statement.scopes or not set(statement.scopes) <= {Scope.OWN, *DELEGATED, *ANSWERED_BY}:
            return None
        return cls([IdChoice(_in_scope(scope, unrectified)) for scope in statement.scopes])

    def holds(self, column: ColumnElement[Any], dialect: Dialect, *, as_bytes: bool = False) -> Condition:
        """Return the condition that *column* is the id of one of them."""
        return or_(*(choice.holds(column, dialect, as_bytes=as_bytes) for choice in self.choices))

    def are_among(self, subjects: ColumnElement[Any], dialect: Dialect) -> Condition:
        """Return the condition that one of them is among *subjects*, a column of `disclosures`."""
        if dialect.name == "sqlite":
            return or_(*(choice.are_in(subjects) for choice in self.choices))
        arrays = [choice.as_array() for choice in self.choices]
        return subjects.op("&&", is_comparison=True)(reduce(func.array_cat, arrays))
