"""The roots that a federation router asks [Federation v2.11]: our objects by their keys, and our schema.

`_entities` is `nodes` by another name: the same plan, the same limits, the same record. `_service` shows the schema, so
it is there only where introspection is on; elsewhere `chengxin schema print --federation` gives the same text.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, NewType, Optional, Union

import strawberry
from strawberry.types.base import has_object_definition

from schema.core.fields import KEY, RootLookup, RootSource
from schema.core.representations import REPRESENTATION
from schema.federation.subgraph_sdl import subgraph_sdl
from schema.reference.types import Node


class Federation(StrEnum):
    """What of federation the schema has: nothing; `_entities`; or `_service` too, where introspection is on."""

    OFF = "off"
    CLOSED = "closed"
    OPEN = "open"


Representation = NewType("Representation", object)
REPRESENTATION_SCALAR = strawberry.scalar(
    name=REPRESENTATION,
    description="One of our objects, as a federation router names it: its `__typename` and its `id`, and nothing else.",
    serialize=lambda value: value,
    parse_value=lambda value: value,
)


@strawberry.type(name="_Service", description="This subgraph.")
class Service:
    sdl: str = strawberry.field(description="The schema of this subgraph, for composition.")


def with_federation(query: type, federation: Federation, built: Callable[[], strawberry.Schema]) -> type:
    """Return the query type with the roots of *federation*; *built* gives the schema with them, once it is there."""
    if federation is Federation.OFF:
        return query
    roots: tuple[type, ...] = (_entities_root(),)
    if federation is Federation.OPEN:
        roots = (*roots, _service_root(built))
    combined = type("Query", (*roots, query), {"__doc__": query.__doc__})
    definition = query.__strawberry_definition__  # type: ignore[attr-defined]  # strawberry.type adds it
    return strawberry.type(combined, name="Query", description=definition.description)


def entity_types() -> list[type]:
    """Return every object type that has a global id, by name."""
    return sorted(set(_objects_below(Node)), key=lambda one: one.__name__)


def _objects_below(interface: type[Any]) -> Iterator[type]:
    for each in interface.__subclasses__():
        if has_object_definition(each) and not each.__strawberry_definition__.is_interface:
            yield each
        yield from _objects_below(each)


def _entities_root() -> type:
    def entities(representations: list[Representation]) -> Any: ...  # noqa: ANN401 - its type is made below

    member: Any = Annotated[Union[tuple(entity_types())], strawberry.union("_Entity")]  # noqa: UP007 - made at run time
    entities.__annotations__["return"] = list[Optional[member]]  # noqa: UP045 - as above
    field: Any = strawberry.field(
        entities,
        name="_entities",
        metadata={KEY: RootSource(RootLookup.ENTITIES)},
        description="Our objects by their keys, in the given order; null for each that the caller does not see. The "
        "purpose comes with the header Access-Purpose [5.1.6].",
    )
    return strawberry.type(type("EntityQuery", (), {"entities": field, "__annotations__": {}}))


def _service_root(built: Callable[[], strawberry.Schema]) -> type:
    sdl = lru_cache(maxsize=1)(lambda: subgraph_sdl(built().as_str()))

    def service() -> Service:
        return Service(sdl=sdl())

    field: Any = strawberry.field(service, name="_service", description="This subgraph, for composition.")
    return strawberry.type(type("ServiceQuery", (), {"service": field, "__annotations__": {}}))
