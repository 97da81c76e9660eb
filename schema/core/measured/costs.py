"""What a document costs: the weight of each field and the size of each list, counted and printed from one table.

The cost is the type cost of the specification by IBM, where the weight of a field takes the place of that of its type:

    cost(field) = size × (weight + the costs of the fields below it)

A field that returns an object weighs 1, and one that returns a scalar or an enum weighs nothing. Other weights stand in
the schema as `@cost`, and the size of a list as `@listSize`, so that a client can compute the cost of its documents.
Source: [IBM cost].
"""

from dataclasses import dataclass
from typing import Any, Final

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)
from strawberry.schema_directive import Location

from schema.core.fields import KEY, ManySource, RootLookup, RootSource, SealedSource, Structure, WatchSource

OBJECT: Final = 1
"""The weight of a field that returns an object, where the schema states no other."""
OPENED: Final = 1
"""The weight of a sealed value: it is opened, or its mask is read."""
COUNTED: Final = 10
"""The weight of a total: the whole list is counted for it."""
WORK: Final = 10
"""The weight of a mutation, of a lookup by number, and of a query that is more than a read of rows."""
IDS: Final = 20
"""The size that is assumed of a list by ids."""
LIST_SIZE: Final = 10
"""The size that is assumed of a list without pages."""
SLICING: Final = ("first", "last")
SIZED: Final = ("edges", "nodes")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="What one occurrence of the field costs, besides the fields below it. Without it: 1 for an object, 0 "
    "for a scalar or an enum. Source: [IBM cost].",
)
class CostDirective:
    weight: str


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="By which number the cost of a list is multiplied: the largest of *slicingArguments* that is given, "
    "else *assumedSize*. It counts for the *sizedFields* of the field, or without them for the field itself. Source: "
    "[IBM cost].",
)
class ListSizeDirective:
    assumed_size: int | None = strawberry.directive_field(name="assumedSize", default=strawberry.UNSET)
    slicing_arguments: list[str] | None = strawberry.directive_field(name="slicingArguments", default=strawberry.UNSET)
    sized_fields: list[str] | None = strawberry.directive_field(name="sizedFields", default=strawberry.UNSET)
    require_one_slicing_argument: bool | None = strawberry.directive_field(
        name="requireOneSlicingArgument", default=True
    )


@dataclass(frozen=True, slots=True)
class ListSize:
    """The size of a list: the largest of the arguments *slicing* that is given, else *assumed*.

    The size is that of the fields *sized* below, or without them of the field itself.
    """

    assumed: int
    slicing: tuple[str, ...] = ()
    sized: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldCost:
    """What one field costs. *is_stated*: its weight is not the one that its type gives it."""

    weight: int
    is_stated: bool = False
    size: ListSize | None = None

    def directives(self) -> list[object]:
        """Return what the schema prints of it."""
        found: list[object] = [CostDirective(weight=str(self.weight))] if self.is_stated else []
        if self.size is not None:
            size = self.size
            found.append(
                ListSizeDirective(
                    assumed_size=size.assumed,
                    slicing_arguments=list(size.slicing) or strawberry.UNSET,
                    sized_fields=list(size.sized) or strawberry.UNSET,
                    require_one_slicing_argument=False if size.slicing else strawberry.UNSET,
                )
            )
        return found


def field_costs(schema: GraphQLSchema) -> dict[str, FieldCost]:
    """Return what every field costs, by "Type.field"; those of interfaces too."""
    return {
        f"{named.name}.{name}": _cost_of(named, definition)
        for named in schema.type_map.values()
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType) and not named.name.startswith("__")
        for name, definition in named.fields.items()
    }


def state_costs(schema: GraphQLSchema) -> None:
    """Let the schema print `@cost` and `@listSize` for every field whose cost is not the usual one."""
    for name, cost in field_costs(schema).items():
        type_name, _, field_name = name.partition(".")
        definition = schema.type_map[type_name].fields[field_name].extensions.get("strawberry-definition")  # type: ignore[attr-defined] # types with fields
        if definition is not None:
            others = [each for each in definition.directives if not isinstance(each, CostDirective | ListSizeDirective)]
            definition.directives = [*others, *cost.directives()]


def _cost_of(named: GraphQLObjectType | GraphQLInterfaceType, definition: GraphQLField) -> FieldCost:
    source = _source(definition)
    is_leaf = is_leaf_type(get_named_type(definition.type))
    if isinstance(source, ManySource | WatchSource):
        listed = source.listed if isinstance(source, WatchSource) else source
        slicing = tuple(name for name in SLICING if name in definition.args)
        page = get_named_type(definition.type)
        sized = tuple(name for name in SIZED if name in getattr(page, "fields", ()))
        return FieldCost(OBJECT, size=ListSize(listed.size, slicing, sized))
    if isinstance(source, RootSource) and source.finding is RootLookup.NODES:
        return FieldCost(OBJECT, size=ListSize(IDS))
    if isinstance(source, SealedSource):
        return FieldCost(OPENED, is_stated=is_leaf or OPENED != OBJECT)
    if isinstance(source, Structure):
        is_count = source.part in {"total", "totalCount"}
        return FieldCost(COUNTED if is_count else 0 if is_leaf else OBJECT, is_stated=is_count)
    is_root = named.name in {"Query", "Mutation"}
    if is_root and (source is None or (isinstance(source, RootSource) and source.finding is RootLookup.IDENTIFIER)):
        weight = FieldCost(WORK, is_stated=True)
    else:
        weight = FieldCost(0 if is_leaf else OBJECT)
    if not is_leaf and is_list_type(get_nullable_type(definition.type)):
        return FieldCost(weight.weight, weight.is_stated, ListSize(LIST_SIZE))
    return weight


def _source(definition: GraphQLField) -> Any:  # noqa: ANN401 - a Source, or None
    declared = definition.extensions.get("strawberry-definition")
    return None if declared is None else declared.metadata.get(KEY)
