"""Builds the schema, gathers its field map, and hands its planned fields to the compiler."""

from typing import Annotated, Any

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo
from strawberry.directive import DirectiveLocation, DirectiveValue
from strawberry.schema.config import StrawberryConfig

from consent.vocabulary import Purpose
from schema.core.enums import describe_arguments, describe_values
from schema.core.fields import ReadBack, core, field_map
from schema.mutations import Mutation
from schema.queries import Query
from schema.subjects.types import LegalPerson, NaturalPerson, OtherOrganisation, SoleTrader


@strawberry.directive(
    name="purpose",
    locations=[DirectiveLocation.QUERY, DirectiveLocation.MUTATION],
    description="What the operation is for. It never has a default: no purpose, no personal data [5.1.6]. Clients that "
    "cannot write it send the header Access-Purpose instead.",
)
def purpose(
    value: DirectiveValue[str],
    is_: Annotated[Purpose, strawberry.argument(name="is", description="The one purpose of this operation.")],
) -> str:
    """Stand in the schema; the counter reads the directive off the document (`schema.execution.documents`)."""
    del is_
    return value


def build() -> strawberry.Schema:
    """Return the schema, with the planned fields' values taken from the plan's rows."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=[NaturalPerson, LegalPerson, SoleTrader, OtherOrganisation],
        directives=[purpose],
        config=StrawberryConfig(),
    )
    graphql_schema = core(schema)
    describe_values(graphql_schema)
    describe_arguments(graphql_schema)
    sources = field_map(graphql_schema)
    for named in graphql_schema.type_map.values():
        if isinstance(named, GraphQLInterfaceType) and named.name in {"Node", "Subject"}:
            named.resolve_type = _typename
        elif isinstance(named, GraphQLObjectType):
            planned = [name for name in named.fields if f"{named.name}.{name}" in sources]
            if planned and named.name not in {"Query", "Mutation"}:
                named.is_type_of = (
                    None
                    if not any(isinstance(sources[f"{named.name}.{name}"], ReadBack) for name in planned)
                    else named.is_type_of
                )
            for name in planned:
                is_back = isinstance(sources[f"{named.name}.{name}"], ReadBack)
                named.fields[name].resolve = _read_back if is_back else _from_plan
    return schema


def _typename(value: Any, *_: object) -> str:  # noqa: ANN401 - a Record of the plan
    return str(value.typename)


def _from_plan(source: Any, info: GraphQLResolveInfo[Any], **_: object) -> object:  # noqa: ANN401 - a Record of the plan
    """Return what the plan's readers have already put under this response key."""
    return info.context.planned[info.path.key] if source is None else source[info.path.key]


async def _read_back(source: Any, info: GraphQLResolveInfo[Any], **_: object) -> object:  # noqa: ANN401 - a payload
    """Read back what a mutation wrote, by the same road as any read."""
    keys = getattr(source, info.field_name)
    return await info.context.read_back(tuple(str(step) for step in info.path.as_list()), keys)
