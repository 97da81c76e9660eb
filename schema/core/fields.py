"""The field map: the source of each field's value, declared only at the type.

A field that shows data is one of: a *column*; a *sealed* value (shown clear or as its stored mask, as policy
decides); a *function of columns*; a relation to *one* other object; or a page of *many*. A field so declared has no
resolver of its own and can do no I/O: the compiler (`schema.execution.planning.operation_planner`) always knows what to
select for it.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema

from consent.vocabulary import DataClass
from credit.core.operator_acts import in_words
from queryplan.entities import Entity
from queryplan.plan import Moving, Order
from queryplan.signals import SignalKind
from schema.core.enums import ListOrder, role_name  # it gives the enums their names before a field uses them
from schema.core.semantic_non_null import SemanticNonNull

KEY = "source"
ACTION = "action"
"""A key of a mutation's metadata: its action, as `policy.actions` names it. The default is `write`."""


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """The value of one column, without conversion."""

    name: str


@dataclass(frozen=True, slots=True)
class SealedSource:
    """A sealed value: *name* is its column, (*table*, *name*) the place that it is bound to.

    *shown* converts the text that a reader may see, the value or its mask, to the value of the field; it gets no other.
    """

    table: str
    name: str
    shown: Callable[[str], object] | None = None


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """`function(*columns, day)`; None where the statement showed none of the columns.

    A column of *guarded* has a class of its own: it counts as NULL in the rows in which the caller does not see that
    class, so that the function answers as if it were not there.
    """

    function: Callable[..., object]
    columns: tuple[str, ...]
    guarded: Mapping[str, DataClass] = field(default_factory=dict)
    shows_ids: bool = False
    """Whether it shows ids of other rows: then the function takes the purpose first, which the ids carry."""


@dataclass(frozen=True, slots=True)
class IdSource:
    """The global id of the row itself."""

    entity: Entity


@dataclass(frozen=True, slots=True)
class CanonicalIdSource:
    """The canonical id of the row itself, of whatever entity it is; None where records are published."""


@dataclass(frozen=True, slots=True)
class OneSource:
    """A to-one relation in the same statement."""

    relation: str
    entity: Entity


@dataclass(frozen=True, slots=True)
class FilterColumn:
    """A filter argument: `column operator value`. It counts as a clear read of the field *reads*."""

    column: str
    operator: Any
    reads: str
    of: str = ""
    normalise: Callable[[str], str] | None = None
    """How the value is read before it is compared; None for as it is given."""


@dataclass(frozen=True, slots=True)
class ManySource:
    """A page of objects in a statement of its own. *relation* is None for a root."""

    entity: Entity
    order: tuple[Order, ...]
    relation: str | None = None
    choices: Mapping[str, FilterColumn] = field(default_factory=dict)
    always: str | None = None
    """A boolean column: the list has only the rows where it is true."""
    since: str | None = None
    """An argument that is no filter, but the instant from which the derived table of the list counts."""
    moving: Moving | None = None
    """For an order in which rows move: how a walk over the pages loses none."""
    size: int = 20
    """How many rows a page has where neither `first` nor `last` is given."""


@dataclass(frozen=True, slots=True)
class OnlyNew:
    """How the rows of a list are told apart that a subscriber was not sent yet.

    *keys* are columns: a row with other values in them is a new one. *place* gives the place in the order of the list
    from which rows of an instant or later come; without it, the list itself counts from that instant.
    """

    keys: tuple[str, ...]
    place: Callable[[datetime], tuple[object, ...]] | None = None


@dataclass(frozen=True, slots=True)
class WatchSource:
    """A subscription: *listed* is read again when *wakes* says that something happened.

    An event shows its first page, where that differs from the one before; with *only_new* the rows that are new.
    *own*: only a subject may subscribe, to what is about itself.
    """

    listed: ManySource
    wakes: SignalKind
    only_new: OnlyNew | None = None
    own: bool = False


class RootLookup(StrEnum):
    """How a root that shows one object finds it."""

    ID = "id"
    IDENTIFIER = "identifier"
    OWN = "own"
    NODE = "node"
    NODES = "nodes"
    COLUMNS = "columns"
    """By columns that name one row to people, such as a code."""
    ENTITIES = "entities"
    """By the representations of a federation gateway: as `nodes`, each with the type that its id names."""


@dataclass(frozen=True, slots=True)
class RootSource:
    """A root that shows one object (or, for `nodes`, the objects with the given ids)."""

    finding: RootLookup
    entity: Entity | None = None
    choices: Mapping[str, FilterColumn] = field(default_factory=dict)
    """For `RootLookup.COLUMNS`: the arguments that find the row, all of which are required."""


@dataclass(frozen=True, slots=True)
class Structure:
    """A field of a page: edges, nodes, cursor, pageInfo, total, totalCount. It carries the data class of its list."""

    part: str


@dataclass(frozen=True, slots=True)
class DisclosureSource:
    """In which form the other fields are shown that a selection asks of the same object. It has no data class."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A field of a mutation's payload: what was just written, read back like any query."""

    entity: Entity


Source = (
    ColumnSource
    | SealedSource
    | FunctionSource
    | IdSource
    | CanonicalIdSource
    | OneSource
    | ManySource
    | WatchSource
    | RootSource
    | Structure
    | DisclosureSource
    | ReadBack
)


def _declared(source: Source, description: str, **options: Any) -> Any:  # noqa: ANN401 - strawberry.field returns Any
    return strawberry.field(metadata={KEY: source}, description=description, **options)


def column(name: str, description: str, **options: Any) -> Any:  # noqa: ANN401 - stands as a field's default value
    """Declare a field that shows the column *name*."""
    return _declared(ColumnSource(name), description, **options)


def filled_column(name: str, description: str, **options: Any) -> Any:  # noqa: ANN401 - as above
    """Declare a field that shows a column that every row has, in each row of which anything is shown.

    It is null only where it is withheld: tests/architecture/test_semantic_non_null.py derives which fields are such.
    """
    return column(name, description, directives=[SemanticNonNull()], **options)


def step_version(counted: str, declare: Callable[[str, str], Any] = column) -> Any:  # noqa: ANN401 - as above
    """Declare the version of a record, which counts its *counted*: its changes, or its steps."""
    described = f"Counts its {counted}; give it back as `expectedVersion` to change exactly what you saw."
    return declare("step_version", described)


def sealed(
    table: str,
    name: str,
    description: str,
    shown: Callable[[str], object] | None = None,
    deprecation_reason: str | None = None,
) -> Any:  # noqa: ANN401 - as above
    """Declare a field that shows a sealed value, in the form that policy decides; as `shown(text)`, where given."""
    return _declared(SealedSource(table, name, shown), description, deprecation_reason=deprecation_reason)


def function(
    of: Callable[..., object],
    *columns: str,
    description: str,
    guarded: Mapping[str, DataClass] | None = None,
    shows_ids: bool = False,
) -> Any:  # noqa: ANN401 - as above
    """Declare a field whose value is `of(*columns, day)`, where *day* is a `schema.core.day.EvaluationDay`.

    *guarded* gives some columns a class of their own; a function that *shows_ids* is called as `of(purpose, *columns,
    day)` (see `FunctionSource`).
    """
    return _declared(FunctionSource(of, columns, guarded or {}, shows_ids), description)


def operator_act() -> Any:  # noqa: ANN401 - as above
    """Declare the field of a record that says whether the operator acted; its column `actor_ref` says who did."""
    return function(
        lambda actor_ref, _day: in_words(actor_ref),
        "actor_ref",
        description="代操作：in plain words, that the operator of the system acted at its command line on behalf of an "
        "account, without a token of it; null where the account acted itself.",
    )


def acting_role() -> Any:  # noqa: ANN401 - as above
    """Declare the role in which somebody acted, of the column `role`."""
    return function(lambda role, _day: role_name(role), "role", description="In which role.")


def role_text(declare: Callable[..., Any] = column) -> Any:  # noqa: ANN401 - as above
    """Declare the same as a text, in the words of tokens."""
    return declare("role", "In which role.", deprecation_reason="It is `actingRole`.")


def global_id(entity: Entity, description: str) -> Any:  # noqa: ANN401 - as above
    """Declare the global id of a row."""
    return _declared(IdSource(entity), description)


def canonical_id(description: str) -> Any:  # noqa: ANN401 - as above
    """Declare the canonical id of a row: once, at the interface of all that have a global id."""
    return _declared(CanonicalIdSource(), description)


def former(field: Any, now: str) -> Any:  # noqa: ANN401 - as above
    """Declare a field under the name that it had before; *field* is the same one under its name *now*."""
    return _declared(field.metadata[KEY], field.description, deprecation_reason=f"It is `{now}`.")


def one(relation: str, entity: Entity, description: str) -> Any:  # noqa: ANN401 - as above
    """Declare a relation to one other object."""
    return _declared(OneSource(relation, entity), description)


def read_back(entity: Entity, description: str) -> Any:  # noqa: ANN401 - as above
    """Declare a payload field that is read back like any query."""
    return _declared(ReadBack(entity), description)


def structure(part: str, description: str, deprecation_reason: str | None = None) -> Any:  # noqa: ANN401 - as above
    """Declare a field of a page."""
    return _declared(Structure(part), description, deprecation_reason=deprecation_reason)


def disclosed_fields(description: str) -> Any:  # noqa: ANN401 - as above
    """Declare the field that tells in which form the other fields of its object are shown."""
    return _declared(DisclosureSource(), description)


def planned(source: Source, description: str) -> Callable[[Callable[..., object]], Any]:
    """Decorate a method whose signature gives the field its arguments; its body never runs.

    A list takes the arguments of a page besides, and a subscription `first`.
    """

    def decorate(signature: Callable[..., object]) -> Any:  # noqa: ANN401 - as above
        if isinstance(source, ManySource):
            _take_pages(signature, source.size)
        elif isinstance(source, WatchSource):
            _take(signature, {"first": (int, f"How many rows an event shows, at most. {source.listed.size} if null.")})
        return strawberry.field(signature, metadata={KEY: source}, description=description)

    return decorate


def _take_pages(function: Callable[..., object], size: int) -> None:
    """Let *function* take the arguments of a page [Relay cursor connections]."""
    described: Mapping[str, tuple[type, str]] = {
        "order_by": (ListOrder, "From which end the list goes; as its description says, if not given."),
        "first": (int, f"How many, at most, from the beginning or after `after`. {size}, if `last` is not given."),
        "after": (str, "A cursor: the page has what comes after it. Pass the `endCursor` of the page before."),
        "last": (
            int,
            f"How many, at most, from the end or before `before`; {size} with `before` alone. Not with `first`.",
        ),
        "before": (str, "A cursor: the page has what comes before it. Pass the `startCursor` of the page after."),
    }
    _take(function, described)


def _take(function: Callable[..., object], described: Mapping[str, tuple[type, str]]) -> None:
    """Let *function* take these arguments, each with its type and what it means."""
    signature = inspect.signature(function)
    more = {
        name: Annotated[kind | None, strawberry.argument(description=told)] for name, (kind, told) in described.items()
    }
    taken = [
        inspect.Parameter(
            name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=strawberry.UNSET, annotation=annotation
        )
        for name, annotation in more.items()
    ]
    function.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *taken])  # type: ignore[attr-defined]  # read by inspect
    function.__annotations__ |= more


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
    """Return every field of the refusal types: the loader of the policy classes those that every refusal has."""
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType) and any(one.name == "Refusal" for one in named.interfaces):
            yield from (f"{named.name}.{name}" for name in named.fields)


def classified_fields(schema: GraphQLSchema) -> Iterable[str]:
    """Return every field that must have a data class.

    Parts of pages have that of their list, and `disclosure` says no more of the fields of an object than they do.
    Names that begin with `_` are of GraphQL and of federation: they show the schema, or what has a class of its own.
    """
    sources = field_map(schema)
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType) and not named.name.startswith("_"):
            for name in named.fields:
                source = sources.get(f"{named.name}.{name}")
                if not name.startswith("_") and not isinstance(source, Structure | DisclosureSource):
                    yield f"{named.name}.{name}"
