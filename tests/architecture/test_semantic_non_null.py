"""`@semanticNonNull` stands on the fields that are null only where an error says so: derived from tables and policy.

Such a field shows a column that the table never leaves empty, of a class that is shown in every row that any reader
gets. So none is null because its row is out of scope, nor because the subject was erased: what is sealed is none.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pytest
from graphql import GraphQLSchema

import gateway.settings.settings
from consent.vocabulary import WITHOUT_PURPOSE, Basis, DataClass, Form, Purpose
from policy.actors import Role
from policy.decisions import Decisions, Grant, load
from queryplan.entities import SCOPED, Entity
from queryplan.scopes import Scope
from schema.core.entities import KIND_OF, data_class_of
from schema.core.fields import ColumnSource, ManySource, OneSource, RootSource, Source, field_map, refusal_fields
from schema.core.semantic_non_null import SemanticNonNull
from schema.execution.planning.authorizer import _within
from storage.queries.entity_map import SHAPES
from tests.shipped_schema import shipped_types

ENTITY_OF: Mapping[str, Entity] = {
    **{entity.spec.graphql_type: entity for entity in Entity if entity is not Entity.SUBJECT},
    **dict.fromkeys(KIND_OF, Entity.SUBJECT),
}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return shipped_types()


@pytest.fixture(scope="module")
def table(schema: GraphQLSchema) -> Decisions:
    return load(gateway.settings.settings.POLICY_OF_THIS_RELEASE, refusal_fields(schema))


def test_a_field_that_is_null_only_by_an_error_says_so(schema: GraphQLSchema, table: Decisions) -> None:
    sources = field_map(schema)
    classes, shown_by = classes_of_lists(sources, table), shown_in(sources)
    expected = {
        name
        for name, source in sources.items()
        if is_always_filled(schema, name, source)
        and is_shown_in_every_row(table, table.classes[name], ENTITY_OF[type_of(name)], classes, shown_by)
    }
    assert {name for name in sources if is_marked(schema, name)} == expected
    assert len(expected) > 50


def type_of(name: str) -> str:
    return name.partition(".")[0]


def field_of(schema: GraphQLSchema, name: str) -> object:
    return schema.type_map[type_of(name)].fields[name.partition(".")[2]]  # type: ignore[attr-defined]  # an object


def is_marked(schema: GraphQLSchema, name: str) -> bool:
    definition = field_of(schema, name).extensions["strawberry-definition"]  # type: ignore[attr-defined]  # a field
    return any(isinstance(one, SemanticNonNull) for one in definition.directives)


def is_always_filled(schema: GraphQLSchema, name: str, source: Source) -> bool:
    """Say whether a field that may be null shows a column that may not."""
    if type_of(name) not in ENTITY_OF or not isinstance(source, ColumnSource):
        return False
    stored = SHAPES[ENTITY_OF[type_of(name)]]
    columns = stored.table.c if stored.is_stored else {}
    may_be_null = not str(field_of(schema, name).type).endswith("!")  # type: ignore[attr-defined]  # a field
    return may_be_null and source.name in columns and not columns[source.name].nullable


def classes_of_lists(sources: Mapping[str, Source], table: Decisions) -> Mapping[Entity, set[DataClass]]:
    """Give the classes whose grants say which rows of an entity a statement has."""
    found = {entity: {data_class_of(entity)} for entity in Entity}
    for name, source in sources.items():
        if isinstance(source, ManySource | RootSource) and source.entity is not None:
            found[source.entity].add(table.classes[name])
    return found


def shown_in(sources: Mapping[str, Source]) -> Mapping[Entity, set[Entity]]:
    """Give in whose statements the columns of an entity stand: its own, and those of what leads to it."""
    above: dict[Entity, set[Entity]] = defaultdict(set)
    for name, source in sources.items():
        if isinstance(source, OneSource) and type_of(name) in ENTITY_OF:
            above[source.entity].add(ENTITY_OF[type_of(name)])
    found: dict[Entity, set[Entity]] = {}
    for entity in Entity:
        waiting, found[entity] = [entity], set()
        while waiting:
            one = waiting.pop()
            waiting += above[one] - found[entity]
            found[entity].add(one)
    return found


def is_shown_in_every_row(
    table: Decisions,
    data_class: DataClass,
    entity: Entity,
    classes: Mapping[Entity, set[DataClass]],
    shown_by: Mapping[Entity, set[Entity]],
) -> bool:
    """Say whether whoever sees the class clear at all sees it in each row of each statement."""
    if data_class in WITHOUT_PURPOSE:
        return True
    for role in Role:
        for purpose in Purpose:
            clear = [one for one in grants(table, role, purpose, data_class) if one.form is Form.CLEAR]
            for statement in shown_by[entity] if clear else ():
                for of_rows in classes[statement]:
                    admitted = grants(table, role, purpose, of_rows)
                    on_consent = any(one.basis is Basis.CONSENT for one in admitted)
                    usable = {one.scope for one in clear if on_consent or one.basis is not Basis.CONSENT}
                    if admitted and usable and _within(scopes(statement, admitted), usable):
                        return False
    return True


def grants(table: Decisions, role: Role, purpose: Purpose, data_class: DataClass) -> tuple[Grant, ...]:
    found = table.read(role, purpose, data_class)
    return found if isinstance(found, tuple) else ()


def scopes(entity: Entity, admitted: Iterable[Grant]) -> tuple[Scope, ...]:
    found = {one.scope for one in admitted}
    return () if entity not in SCOPED else (Scope.ALL,) if Scope.ALL in found else tuple(sorted(found))
