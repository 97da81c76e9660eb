"""The FROM of one statement: its own row, the rows of its relations, and the tables that their values need."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, false, func
from sqlalchemy.engine import Dialect

from credit.cases.status import UnrectifiedPolicy
from credit.core.values.identifiers import IdentifierKind
from credit.subjects.subject import SubjectKind
from queryplan.entities import Entity
from queryplan.plan import Join
from storage.errors import UnknownColumn, UnknownRelation
from storage.queries.conditions.row_conditions import bind, is_open
from storage.queries.entity_map import NUMBER, NUMBER_COLUMNS, SHAPES, EntityMapping
from storage.queries.literals import word
from storage.queries.scopes import in_scope
from storage.tables import subject_keys


@dataclass(frozen=True, slots=True)
class QueryContext:
    """What every statement needs: the dialect, and the deployment's reading of [5.1.5]."""

    dialect: Dialect
    unrectified: UnrectifiedPolicy


@dataclass(frozen=True, slots=True)
class SealedColumns:
    """The expressions from which a `Sealed` is made, and the table and item of its place."""

    table: str
    item: str
    text: ColumnElement[Any]
    subject_id: ColumnElement[Any]
    row_id: ColumnElement[Any]
    version: ColumnElement[Any]
    key: ColumnElement[Any]


class FromBuilder:
    """Adds joins to a FROM as values are needed. Every join is a LEFT JOIN: a missing row makes its values NULL."""

    def __init__(
        self, context: QueryContext, entity: Entity, row: FromClause, source: FromClause | None = None
    ) -> None:
        self.context = context
        self.entity = entity
        self.row = row
        self.source: FromClause = row if source is None else source
        self._rows: dict[str, tuple[Entity, FromClause]] = {"": (entity, row)}
        self._numbers: dict[str, FromClause] = {}
        self._keys: FromClause | None = None

    def join(self, step: Join) -> None:
        """Add the to-one *step*. Raises UnknownRelation. A confidential row is never joined [5.1.6]."""
        near, here = self.at(step.of)
        relation = SHAPES[near].step(step.relation)
        there = SHAPES[relation.target].table.alias(f"j{len(self._rows)}")
        on = and_(*(there.c[theirs] == here.c[ours] for ours, theirs in relation.on), is_open(there))
        self.source = self.source.outerjoin(there, on)
        self._rows[step.alias] = (relation.target, there)

    def reach(self, alias: str, steps: Sequence[Join]) -> None:
        """Add the steps that lead to *alias*, and no others."""
        if alias in self._rows:
            return
        step = next((step for step in steps if step.alias == alias), None)
        if step is None:
            raise UnknownRelation(SHAPES[self.entity].table.name, alias)
        self.reach(step.of, [other for other in steps if other is not step])
        self.join(step)

    def at(self, alias: str) -> tuple[Entity, FromClause]:
        """Return the entity and the row behind *alias*. Raises UnknownRelation."""
        if alias not in self._rows:
            raise UnknownRelation(SHAPES[self.entity].table.name, alias)
        return self._rows[alias]

    def value(self, alias: str, name: str) -> ColumnElement[Any]:
        """Return the expression of a plain or computed column. Raises UnknownColumn."""
        entity, row = self.at(alias)
        shape = SHAPES[entity]
        if name in shape.plain:
            return row.c[name]
        if name in shape.answers:
            # NULL where there is no row, and where the day is not given.
            known = and_(row.c[shape.row_id].is_not(None), bind("today").is_not(None))
            inside = in_scope(shape.answers[name], entity, row, self.context.unrectified)
            return case((known, func.coalesce(inside, false())))
        if name in shape.conditions:
            return case((row.c[shape.row_id].is_not(None), shape.conditions[name](row)))
        if entity is Entity.SUBJECT and name in NUMBER_COLUMNS:
            return self._number(alias).c[NUMBER_COLUMNS[name]]
        raise UnknownColumn(shape.table.name, name)

    def mask(self, alias: str, name: str) -> ColumnElement[Any]:
        """Return the stored mask of a sealed item. Raises UnknownColumn."""
        _, row = self._item(alias, name)
        return row.c[f"{name}_mask"]

    def box(self, alias: str, name: str) -> SealedColumns:
        """Return what the `Sealed` of an item is made of. Raises UnknownColumn."""
        shape, row = self._item(alias, name)
        # All entities of a row have the same subject, so its id is selected once, whatever the alias of the item is.
        return SealedColumns(
            table=shape.table.name,
            item=name,
            text=row.c[f"{name}_sealed"],
            subject_id=self.row.c.subject_id,
            row_id=self.row.c.subject_id if shape.row_id == "subject_id" else row.c[shape.row_id],
            version=row.c.version,
            key=self._key().c.wrapped,
        )

    def kind(self, alias: str) -> ColumnElement[Any]:
        """Return the kind of the subject behind *alias*. Raises UnknownColumn."""
        entity, row = self.at(alias)
        if entity is not Entity.SUBJECT:
            raise UnknownColumn(SHAPES[entity].table.name, "kind")
        return row.c.kind

    def _item(self, alias: str, name: str) -> tuple[EntityMapping, FromClause]:
        entity, row = self.at(alias)
        shape = SHAPES[entity]
        if entity is Entity.SUBJECT and name in NUMBER.sealed:
            return NUMBER, self._number(alias)
        if name not in shape.sealed:
            raise UnknownColumn(shape.table.name, name)
        return shape, row

    def _number(self, alias: str) -> FromClause:
        if alias not in self._numbers:
            _, subject = self.at(alias)
            number = NUMBER.table.alias(f"n{len(self._numbers)}")
            person = subject.c.kind == word(SubjectKind.NATURAL_PERSON)
            fitting = case((person, word(IdentifierKind.ID_NUMBER)), else_=word(IdentifierKind.SOCIAL_CREDIT_CODE))
            on = and_(number.c.subject_id == subject.c.subject_id, number.c.kind == fitting)
            self.source = self.source.outerjoin(number, on)
            self._numbers[alias] = number
        return self._numbers[alias]

    def _key(self) -> FromClause:
        # One key is enough for a row: all entities of a row have the same subject (see storage.queries.entity_map).
        if self._keys is None:
            self._keys = subject_keys.alias("k")
            self.source = self.source.outerjoin(self._keys, self._keys.c.subject_id == self.row.c.subject_id)
        return self._keys
