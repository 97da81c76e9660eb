"""How a federation gateway names one of our objects [Federation v2.11].

    {"__typename": "RestraintCase", "id": "BlLf…"}
    {"__typename": "RestraintCase", "canonicalId": "Ut_…"}

Both are global ids, as everywhere else: they say where a row would be, and give no right to it.
"""

from typing import Final

from queryplan.entities import Entity
from schema.core.entities import KIND_OF
from schema.core.errors import BadArgument
from schema.core.global_ids import decode

REPRESENTATION: Final = "_Any"
"""The scalar of representations, by the name that federation gives it."""
KEYS: Final = ("id", "canonicalId")
"""The fields by which another subgraph may know our objects: that of one purpose, and that of all."""


def id_of_representation(value: object) -> str:
    """Return the global id in a representation.

    Raises BadArgument where it is of neither form above or names a type of another kind than its id; raises BadId.
    """
    if not isinstance(value, dict):
        raise BadArgument(argument="representations")
    given = [value[key] for key in KEYS if key in value]
    if len(given) != 1 or value.keys() - {"__typename", *KEYS} or not isinstance(given[0], str):
        raise BadArgument(argument="representations")
    if value.get("__typename") not in _types_of(decode(given[0]).entity):
        raise BadArgument(argument="representations")
    return given[0]


def _types_of(entity: Entity) -> frozenset[str]:
    """Return the types that an object of *entity* may be called by: of a subject each kind, or the interface."""
    more = KIND_OF if entity is Entity.SUBJECT else ()
    return frozenset({entity.spec.graphql_type, *more})
