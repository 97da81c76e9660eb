"""How a federation gateway names one of our objects [Federation v2.11].

    {"__typename": "RestraintCase", "id": "Uv…"}

The id is a global id, as everywhere else: it says where a row would be, and gives no right to it.
"""

from typing import Final

from queryplan.entities import Entity
from schema.core.entities import KIND_OF
from schema.core.errors import BadArgument
from schema.core.global_ids import decode

REPRESENTATION: Final = "_Any"
"""The scalar of representations, by the name that federation gives it."""
KEYS: Final = frozenset({"__typename", "id"})


def id_of_representation(value: object) -> str:
    """Return the global id in a representation.

    Raises BadArgument where it is not of the form above or names a type of another kind than its id; raises BadId.
    """
    if not isinstance(value, dict) or value.keys() != KEYS or not isinstance(value["id"], str):
        raise BadArgument(argument="representations")
    if value["__typename"] not in _types_of(decode(value["id"]).entity):
        raise BadArgument(argument="representations")
    return value["id"]


def _types_of(entity: Entity) -> frozenset[str]:
    """Return the types that an object of *entity* may be called by: of a subject each kind, or the interface."""
    more = KIND_OF if entity is Entity.SUBJECT else ()
    return frozenset({entity.spec.graphql_type, *more})
