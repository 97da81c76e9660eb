"""The FROM of one statement: its own row, the rows of its relations, and the tables that their values need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, case, false, func

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
from storage.queries.statements.fragments import OTHER, Expression, Fragment, FragmentStore, MakeValue, joined
from storage.queries.statements.read_model import ReadModel
from storage.tables import subject_keys


@dataclass(frozen=True, slots=True)
class SealedColumns:
    """The expressions from which a `Sealed` is made, and the table and item of its place."""

    table: str
    item: str
    text: Expression
    subject_id: Expression
    row_id: Expression
    version: Expression
    key: Expression


class FromBuilder:
    """Adds joins to a FROM as values are needed. Every join is a LEFT JOIN: a missing row makes its values NULL."""

    def __init__(
        self, store: FragmentStore, entity: Entity, alias: str, source: Fragment, model: ReadModel | None = None
    ) -> None:
        self.store = store
        self.entity = entity
        self.alias = alias
        self.shape = SHAPES[entity] if model is None else model.shape
        self._model = model
        self._copied: set[str] = set()
        self._parts = [source]
        self._rows: dict[str, tuple[Entity, str]] = {"": (entity, alias)}
        self._numbers: dict[str, str] = {}
        self._has_key = False
        self.joins_records = False
        """Whether a table is joined that has rows of subjects."""

    @property
    def source(self) -> Fragment:
        """The text after FROM."""
        return joined("", self._parts)

    @property
    def has_joins(self) -> bool:
        """Whether anything is joined to its own row."""
        return len(self._parts) > 1

    def add(self, part: Fragment) -> None:
        """Add a join."""
        self._parts.append(part)

    def join(self, step: Join) -> None:
        """Add the to-one *step*. Raises UnknownRelation. A confidential row is never joined [5.1.6]."""
        near, here = self.at(step.of)
        relation = SHAPES[near].step(step.relation)
        if self._model is not None and step.of == "" and step.relation == self._model.relation:
            self._rows[step.alias] = (relation.target, here)
            self._copied.add(step.alias)
            return
        there = f"j{len(self._rows)}"
        table, names = self.stored(step.of, SHAPES[near].table)

        def make(row: FromClause) -> FromClause:
            other = SHAPES[relation.target].table.alias(OTHER)
            equal = (other.c[theirs] == row.c[names.get(ours, ours)] for ours, theirs in relation.on)
            the_one = () if relation.only is None else (relation.only(other),)
            return row.outerjoin(other, and_(*equal, *the_one, is_open(other)))

        self.add(self.store.join((near, step.relation), table, make).on(here, there))
        self._rows[step.alias] = (relation.target, there)
        self.joins_records |= SHAPES[relation.target].owned

    def reach(self, alias: str, steps: Sequence[Join]) -> None:
        """Add the steps that lead to *alias*, and no others."""
        if alias in self._rows:
            return
        step = next((step for step in steps if step.alias == alias), None)
        if step is None:
            raise UnknownRelation(SHAPES[self.entity].table.name, alias)
        self.reach(step.of, [other for other in steps if other is not step])
        self.join(step)

    def at(self, alias: str) -> tuple[Entity, str]:
        """Return the entity behind *alias*, and the alias of its row in the text. Raises UnknownRelation."""
        if alias not in self._rows:
            raise UnknownRelation(SHAPES[self.entity].table.name, alias)
        return self._rows[alias]

    def value(self, alias: str, name: str) -> Expression:
        """Return a plain or computed column. Raises UnknownColumn."""
        entity, _ = self.at(alias)
        table, make = column_of(entity, name, self.store.unrectified)
        row = self.row_of(alias, name)
        if name in SHAPES[entity].plain:
            return self._column(alias, table, name, row)
        return self.store.value(name, self.stored(alias, table)[0], make).on(row)

    def row_of(self, alias: str, name: str) -> str:
        """Return the alias of the row that has the column *name* of the entity behind *alias*."""
        entity, row = self.at(alias)
        return self._number(alias) if entity is Entity.SUBJECT and name in NUMBER_COLUMNS else row

    def mask(self, alias: str, name: str) -> Expression:
        """Return the stored mask of a sealed item. Raises UnknownColumn."""
        shape, row = self._item(alias, name)
        return self._column(alias, shape.table, f"{name}_mask", row)

    def box(self, alias: str, name: str) -> SealedColumns:
        """Return what the `Sealed` of an item is made of. Raises UnknownColumn."""
        shape, row = self._item(alias, name)
        # All entities of a row have the same subject, so its id is selected once, whatever the alias of the item is.
        subject_id = self._column("", self.shape.table, "subject_id", self.alias)
        return SealedColumns(
            table=shape.table.name,
            item=name,
            text=self._column(alias, shape.table, f"{name}_sealed", row),
            subject_id=subject_id,
            row_id=subject_id if shape.row_id == "subject_id" else self._column(alias, shape.table, shape.row_id, row),
            version=self._column(alias, shape.table, "version", row),
            key=self._key(),
        )

    def kind(self, alias: str) -> Expression:
        """Return the kind of the subject behind *alias*. Raises UnknownColumn."""
        entity, row = self.at(alias)
        if entity is not Entity.SUBJECT:
            raise UnknownColumn(SHAPES[entity].table.name, "kind")
        return self._column(alias, SHAPES[entity].table, "kind", row)

    def stored(self, alias: str, table: Table) -> tuple[Table, Mapping[str, str]]:
        """Return the table that has the columns of *table* for the row behind *alias*, and their names there."""
        if self._model is None or not (alias == "" or alias in self._copied):
            return table, {}
        return self._model.shape.table, self._model.copies.get(table, {})

    def _column(self, alias: str, table: Table, name: str, row: str) -> Expression:
        stored, names = self.stored(alias, table)
        return self.store.column(stored, names.get(name, name)).on(row)

    def _item(self, alias: str, name: str) -> tuple[EntityMapping, str]:
        entity, row = self.at(alias)
        shape = SHAPES[entity]
        if entity is Entity.SUBJECT and name in NUMBER.sealed:
            return NUMBER, self._number(alias)
        if name not in shape.sealed:
            raise UnknownColumn(shape.table.name, name)
        return shape, row

    def _number(self, alias: str) -> str:
        if alias in self._copied:
            return self.alias
        if alias not in self._numbers:
            number = f"n{len(self._numbers)}"
            self.add(
                self.store.join("number", SHAPES[Entity.SUBJECT].table, _with_number).on(self.at(alias)[1], number)
            )
            self._numbers[alias] = number
            self.joins_records = True
        return self._numbers[alias]

    def _key(self) -> Expression:
        # One key is enough for a row: all entities of a row have the same subject (see storage.queries.entity_map).
        if self._model is not None:
            return self._column("", subject_keys, "wrapped", self.alias)
        if not self._has_key:
            self._has_key = self.joins_records = True
            self.add(self.store.join("key", SHAPES[self.entity].table, _with_key).on(self.alias, "k"))
        return self.store.column(subject_keys, "wrapped").on("k")


def column_of(entity: Entity, name: str, unrectified: UnrectifiedPolicy) -> tuple[Table, MakeValue]:
    """Return the table of a plain or computed column of *entity*, and what makes its value. Raises UnknownColumn."""
    shape = SHAPES[entity]
    if name in shape.plain:
        return shape.table, lambda row: row.c[name]
    if name in shape.answers:

        def answer(row: FromClause) -> ColumnElement[Any]:
            # NULL where there is no row, and where the day is not given.
            known = and_(row.c[shape.row_id].is_not(None), bind("today").is_not(None))
            return case((known, func.coalesce(in_scope(shape.answers[name], entity, row, unrectified), false())))

        return shape.table, answer
    if name in shape.conditions:
        return shape.table, lambda row: case((row.c[shape.row_id].is_not(None), shape.conditions[name](row)))
    if entity is Entity.SUBJECT and name in NUMBER_COLUMNS:
        return NUMBER.table, lambda row: row.c[NUMBER_COLUMNS[name]]
    raise UnknownColumn(shape.table.name, name)


def _with_number(subject: FromClause) -> FromClause:
    """Join the identifier that fits the kind of *subject*."""
    number = NUMBER.table.alias(OTHER)
    person = subject.c.kind == word(SubjectKind.NATURAL_PERSON)
    fitting = case((person, word(IdentifierKind.ID_NUMBER)), else_=word(IdentifierKind.SOCIAL_CREDIT_CODE))
    return subject.outerjoin(number, and_(number.c.subject_id == subject.c.subject_id, number.c.kind == fitting))


def _with_key(row: FromClause) -> FromClause:
    key = subject_keys.alias(OTHER)
    return row.outerjoin(key, key.c.subject_id == row.c.subject_id)
