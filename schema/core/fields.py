"""The field map: where each field of the schema gets its value, declared at the type and nowhere else.

A field that shows data is one of: a *column*; a *sealed* value (shown clear or as its stored mask, as policy
decides); a *function of columns*; a step to *one* other thing; or a page of *many*. A field so declared has no
resolver of its own and can do no I/O: the compiler (`schema.execution.planning.operation_planner`) always knows what to
select for it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema

from queryplan.entities import Entity
from queryplan.plan import Filter, Order

KEY = "source"
ACTION = "action"
"""In a mutation's metadata: what it does, in the words of the policy (`policy.actions`); without it, it writes."""


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """The value of one archive column, as it is."""

    name: str


@dataclass(frozen=True, slots=True)
class SealedSource:
    """A sealed value: *name* in the archive's words, (*table*, *name*) where it is bound.

    *shown* turns the text that a reader may see, the value or its mask, into what the field gives: it never sees more.
    """

    table: str
    name: str
    shown: Callable[[str], object] | None = None


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """`function(*columns, day)`; None where the statement showed none of the columns."""

    function: Callable[..., object]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdSource:
    """The global id of the row itself."""

    entity: Entity


@dataclass(frozen=True, slots=True)
class OneSource:
    """A to-one step in the same statement."""

    relation: str
    entity: Entity


@dataclass(frozen=True, slots=True)
class FilterColumn:
    """A filter argument: `column operator value`. *reads* is the field that it counts as a clear read of."""

    column: str
    operator: Any
    reads: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class ManySource:
    """A page of things in a statement of its own. *relation* is None for a root."""

    entity: Entity
    order: tuple[Order, ...]
    relation: str | None = None
    choices: Mapping[str, FilterColumn] = field(default_factory=dict)
    always: str | None = None
    """A yes-or-no column of which the list has only the rows where it is yes."""
    since: str | None = None
    """An argument that is no filter, but an instant from which the reading of the list itself counts."""


class RootLookup(StrEnum):
    """How a root that shows one thing finds it."""

    ID = "id"
    IDENTIFIER = "identifier"
    OWN = "own"
    NODE = "node"
    NODES = "nodes"


@dataclass(frozen=True, slots=True)
class RootSource:
    """A root that shows one thing (or, for `nodes`, the things whose ids are given)."""

    finding: RootLookup
    entity: Entity | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """A field of a page: edges, nodes, cursor, pageInfo, totalCount. It carries the data class of its list."""

    part: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """In a mutation's payload: what was just written, read back by the same road."""

    entity: Entity


Source = (
    ColumnSource | SealedSource | FunctionSource | IdSource | OneSource | ManySource | RootSource | Structure | ReadBack
)


def _declared(source: Source, description: str, **options: Any) -> Any:  # noqa: ANN401 - strawberry.field returns Any
    return strawberry.field(metadata={KEY: source}, description=description, **options)


def column(name: str, description: str, **options: Any) -> Any:  # noqa: ANN401 - stands as a field's default value
    """Declare a field that shows the archive column *name*."""
    return _declared(ColumnSource(name), description, **options)


def sealed(
    table: str,
    name: str,
    description: str,
    shown: Callable[[str], object] | None = None,
    deprecation_reason: str | None = None,
) -> Any:  # noqa: ANN401 - as above
    """Declare a field that shows a sealed value, in the form that policy decides; as `shown(text)`, where given."""
    return _declared(SealedSource(table, name, shown), description, deprecation_reason=deprecation_reason)


def function(of: Callable[..., object], *columns: str, description: str) -> Any:  # noqa: ANN401 - as above
    """Declare a field whose value is `of(*columns, day)`, where *day* is a `schema.core.day.Day`."""
    return _declared(FunctionSource(of, columns), description)


def global_id(entity: Entity, description: str) -> Any:  # noqa: ANN401 - as above
    """Declare the global id of a row."""
    return _declared(IdSource(entity), description)


def one(relation: str, entity: Entity, description: str) -> Any:  # noqa: ANN401 - as above
    """Declare a step to one other thing."""
    return _declared(OneSource(relation, entity), description)


def read_back(entity: Entity, description: str) -> Any:  # noqa: ANN401 - as above
    """Declare a payload field that is read back by the same road."""
    return _declared(ReadBack(entity), description)


def structure(part: str, description: str) -> Any:  # noqa: ANN401 - as above
    """Declare a field of a page."""
    return _declared(Structure(part), description)


def planned(source: Source, description: str) -> Callable[[Callable[..., object]], Any]:
    """Decorate a method whose signature gives the field its arguments; its body never runs."""

    def decorate(signature: Callable[..., object]) -> Any:  # noqa: ANN401 - as above
        return strawberry.field(signature, metadata={KEY: source}, description=description)

    return decorate


__all__ = [
    "ACTION",
    "KEY",
    "ColumnSource",
    "Entity",
    "Filter",
    "FilterColumn",
    "FunctionSource",
    "IdSource",
    "ManySource",
    "OneSource",
    "Order",
    "ReadBack",
    "RootLookup",
    "RootSource",
    "SealedSource",
    "Source",
    "Structure",
    "column",
    "function",
    "global_id",
    "one",
    "planned",
    "read_back",
    "sealed",
    "structure",
]


def core(schema: strawberry.Schema) -> GraphQLSchema:
    """Return the graphql-core schema below Strawberry's."""
    return schema._schema  # noqa: SLF001 - Strawberry offers no public way


def field_map(schema: GraphQLSchema) -> dict[str, Source]:
    """Return the source of every field that has one, by "Type.field" of its concrete type."""
    sources: dict[str, Source] = {}
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType) and not named.name.startswith("__"):
            for name, field in named.fields.items():
                definition = field.extensions.get("strawberry-definition")
                source = definition.metadata.get(KEY) if definition is not None else None
                if source is not None:
                    sources[f"{named.name}.{name}"] = source
    return sources


def refusal_fields(schema: GraphQLSchema) -> Iterable[str]:
    """Return every field of the types that say no: what they say of themselves has its class by the policy's loader."""
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType) and any(one.name == "Refusal" for one in named.interfaces):
            yield from (f"{named.name}.{name}" for name in named.fields)


def classified_fields(schema: GraphQLSchema) -> Iterable[str]:
    """Return every field that must have a data class: all but the parts of pages, which carry their list's."""
    sources = field_map(schema)
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType) and not named.name.startswith("__"):
            for name in named.fields:
                if not isinstance(sources.get(f"{named.name}.{name}"), Structure):
                    yield f"{named.name}.{name}"
