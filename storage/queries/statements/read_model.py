"""Which lists read published cases from their read model, and where its rows have what belongs to the subject.

    SELECT … FROM published_cases AS r WHERE <scopes, filters, cursor> ORDER BY … LIMIT n

A row of the model is the case, and has copies of its subject's columns; so a list of it needs no other row for them.
What a statement is not found to be covered by is read from the tables of the facts, with the same result.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Table

from queryplan.entities import Entity
from queryplan.plan import Column, Filter, Join, Order, SelectPlan, mirrored, newest
from queryplan.scopes import Scope
from storage import tables
from storage.queries.entity_map import NUMBER, SHAPES, EntityMapping


@dataclass(frozen=True, slots=True)
class ReadModel:
    """A table with the rows of an entity, and copies of columns of the row that *relation* leads to."""

    shape: EntityMapping
    """The entity as the model stores it."""
    relation: str
    copies: Mapping[Table, Mapping[str, str]]
    """By table and column, the name of the copy in a row of the model."""

    def has(self, statement: SelectPlan) -> bool:
        """Return whether its rows have everything that *statement* reads of the entity and of what is copied."""
        related = {join.alias for join in statement.joins if join.of == "" and join.relation == self.relation}
        needed = (
            *(self._has_column(column, related) for column in statement.columns),
            *(self._has_filter(one) for one in statement.filters),
            *(self._has_join(join, related) for join in statement.joins),
        )
        return all(needed)

    def _has_column(self, column: Column, related: AbstractSet[str]) -> bool:
        if not set(column.within) <= _ANSWERED:
            return False
        if column.of == "":
            return self._has_own(column.name, is_item=column.show != "plain")
        if column.of not in related:
            return True  # of a row that is joined as ever
        owned = self.copies[tables.subjects]
        if column.show == "plain":
            return column.name in owned
        table = NUMBER.table if column.name in NUMBER.sealed else tables.subjects
        return f"{column.name}_sealed" in self.copies[table]

    def _has_own(self, name: str, *, is_item: bool) -> bool:
        if is_item:
            return f"{name}_sealed" in self.shape.table.c
        family, _, which = name.partition(":")
        is_of_page = family == "walk" or (family == "scope" and which in _ANSWERED)
        return is_of_page or name in self.shape.table.c or name in self.shape.answers

    def _has_filter(self, one: Filter) -> bool:
        return one.of == "" and self._has_own(one.name, is_item=False)

    def _has_join(self, join: Join, related: AbstractSet[str]) -> bool:
        if join.of == "":
            ours = SHAPES[Entity.RESTRAINT_CASE].step(join.relation).on
            return all(name in self.shape.table.c for name, _ in ours)
        if join.of not in related:
            return True
        return all(name in self.copies[tables.subjects] for name, _ in SHAPES[Entity.SUBJECT].step(join.relation).on)


PUBLISHED_CASES: Final = ReadModel(
    replace(SHAPES[Entity.RESTRAINT_CASE], table=tables.published_cases, conditions={}),
    "subject",
    {
        tables.subjects: {
            "subject_id": "subject_id",
            "kind": "subject_kind",
            "area_code": "subject_area_code",
            "version": "subject_version",
            **{f"{item}_{how}": f"{item}_{how}" for item in ("name", "address") for how in ("sealed", "mask")},
        },
        tables.identifiers: {
            "identifier_id": "identifier_id",
            "version": "number_version",
            "number_sealed": "number_sealed",
            "number_mask": "number_mask",
        },
        tables.subject_keys: {"wrapped": "wrapped"},
    },
)
_BY_PUBLICATION: Final = newest("published_on", "case_id")
_BY_CHANGE: Final = newest("changed_at", "case_id")
_SCOPES: Final = frozenset({Scope.SECTOR_AREA, Scope.PUBLISHED})
"""The scopes that hold published cases alone, by columns that the model has."""
_ORDERS: Final[Mapping[tuple[Order, ...], AbstractSet[Scope]]] = {
    each: scopes
    for order, scopes in ((_BY_PUBLICATION, _SCOPES), (_BY_CHANGE, {Scope.SECTOR_AREA}))
    for each in (order, mirrored(order))
}
"""The orders in which the model has an index, and of which scopes."""
_ANSWERED: Final = _SCOPES | {Scope.RESTRAINED}
"""The scopes that the columns of the model decide."""


def model_of(statement: SelectPlan) -> ReadModel | None:
    """Return the model whose rows have all that *statement* reads, and an index in its order; None without one."""
    is_list = statement.entity is Entity.RESTRAINT_CASE and statement.parent is None and statement.limit is not None
    scopes = frozenset(statement.scopes)
    if not is_list or not scopes or statement.consent is not None:
        return None
    is_ordered = scopes <= _ORDERS.get(statement.order, frozenset())
    return PUBLISHED_CASES if is_ordered and PUBLISHED_CASES.has(statement) else None
