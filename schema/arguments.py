"""From a field's arguments to the binds of its statement.

A binder is made once per document and run once per request: `binder(variables, desk) -> binds`. Values reach the
archive only in this way, by name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast
from uuid import UUID

from graphql import FieldNode, GraphQLField
from graphql.execution.values import get_argument_values

from consent.reading import Entity, Filter
from credit.errors import CreditError
from credit.identifiers import parse_identifier
from credit.subjects import IdentifierKind
from schema.cursors import position
from schema.errors import BadArgument, BadId, BadIdentifier, LimitExceeded
from schema.globalid import KEYS, GlobalId, decode
from schema.sources import ManySource


@dataclass(frozen=True, slots=True)
class Desk:
    """What a binder may use besides the variables: *terms* turns an identifier into its search terms."""

    terms: Callable[[IdentifierKind, str], Sequence[bytes]]


Binder = Callable[[Any, Desk], dict[str, object]]


def arguments(definition: GraphQLField, node: FieldNode, variables: object) -> dict[str, Any]:
    """Return the field's arguments by their names in the schema; absent ones are absent."""
    return get_argument_values(definition, node, cast("Any", variables))


def entities_of(given: Mapping[str, Any], *, explaining: bool, most: int) -> list[Entity]:
    """Return which kinds of thing the ids of `node` or `nodes` name, in a stable order; raises LimitExceeded."""
    ids = _ids(given)
    if explaining and not ids:
        return list(Entity)
    if len(ids) > most:
        raise LimitExceeded(limit="node_ids", allowed=most, found=len(ids))
    named = {decode(one).entity for one in ids}
    return [entity for entity in Entity if entity in named]


def ids_of(definition: GraphQLField, node: FieldNode, variables: object) -> list[GlobalId]:
    """Return the ids given to `node` or `nodes`, in the order given; raises BadId."""
    return [decode(one) for one in _ids(arguments(definition, node, variables))]


def find_by_id(
    statement: int, entity: Entity, definition: GraphQLField, node: FieldNode
) -> tuple[tuple[Filter, ...], Binder]:
    """Return the filters that find the one row whose id is the argument `id`, and their binder."""
    names = [f"s{statement}_key_{index}" for index in range(len(KEYS[entity]))]

    def bind(variables: object, _desk: Desk) -> dict[str, object]:
        found = decode(str(arguments(definition, node, variables)["id"]))
        if found.entity is not entity:
            raise BadId
        return dict(zip(names, found.keys, strict=True))

    return tuple(Filter("", column, "=", name) for column, name in zip(KEYS[entity], names, strict=True)), bind


def find_by_ids(
    statement: int, entity: Entity, definition: GraphQLField, node: FieldNode
) -> tuple[tuple[Filter, ...], Binder]:
    """Return the filters that find the rows of *entity* among the ids given, and their binder.

    Each key column is matched on its own; the root reader then takes the rows whose whole key was given.
    """
    names = [f"s{statement}_keys_{index}" for index in range(len(KEYS[entity]))]

    def bind(variables: object, _desk: Desk) -> dict[str, object]:
        found = [one.keys for one in ids_of(definition, node, variables) if one.entity is entity]
        return {name: sorted({keys[index] for keys in found}, key=str) for index, name in enumerate(names)}

    return tuple(Filter("", column, "in", name) for column, name in zip(KEYS[entity], names, strict=True)), bind


def find_by_identifier(statement: int, definition: GraphQLField, node: FieldNode) -> tuple[tuple[Filter, ...], Binder]:
    """Return the filter that finds the subject with an exact identifier, through the blind index."""
    name = f"s{statement}_terms"

    def bind(variables: object, desk: Desk) -> dict[str, object]:
        given = arguments(definition, node, variables)
        kind = IdentifierKind(str(_plain(given["kind"], "")))
        try:
            number = parse_identifier(kind, given["number"]).text
        except CreditError as unreadable:
            raise BadIdentifier(unreadable.code, unreadable.message, unreadable.message_zh) from None
        return {name: list(desk.terms(kind, number))}

    return (Filter("", "identifier_term", "in", name),), bind


@dataclass(frozen=True, slots=True)
class PageArguments:
    """What a page's arguments come to."""

    first: int
    after: str | None
    filters: tuple[Filter, ...]
    reads: tuple[str, ...]
    binder: Binder


def page_arguments(
    statement: int,
    source: ManySource,
    definition: GraphQLField,
    node: FieldNode,
    variables: object,
    tag: str,
    most: int,
) -> PageArguments:
    """Return the filters, cursor and size of a page; raises BadArgument, LimitExceeded."""
    given = arguments(definition, node, variables)
    first = int(given.get("first", 20))
    if first < 0:
        raise BadArgument(argument="first")
    if first > most:
        raise LimitExceeded(limit="page", allowed=most, found=first)
    chosen = [name for name in source.choices if given.get(name) is not None]
    after = f"s{statement}_after" if given.get("after") is not None else None
    filters = tuple(
        Filter(
            source.choices[name].of, source.choices[name].column, source.choices[name].operator, f"s{statement}_{name}"
        )
        for name in chosen
    )

    if source.always is not None:
        filters = (*filters, Filter("", source.always, "=", f"s{statement}_always"))

    def bind(variables: object, _desk: Desk) -> dict[str, object]:
        now = arguments(definition, node, variables)
        binds: dict[str, object] = {} if source.always is None else {f"s{statement}_always": True}
        binds |= {f"s{statement}_{name}": _plain(now[name], source.choices[name].column) for name in chosen}
        if after is not None:
            values = position(tag, str(now["after"]))
            if len(values) != len(source.order):
                raise BadArgument(argument="after")
            binds.update({f"{after}_{index}": value for index, value in enumerate(values)})
        return binds

    return PageArguments(first, after, filters, tuple(source.choices[name].reads for name in chosen), bind)


def _ids(given: Mapping[str, Any]) -> list[str]:
    if given.get("id") is not None:
        return [str(given["id"])]
    return [str(one) for one in given.get("ids") or ()]


def _plain(value: object, column: str) -> object:
    """Return a value as the archive takes it: enums by their wire name, ids by their key."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str) and column.endswith(("_id", "_code")):
        return _key(value)
    return value


def _key(text: str) -> UUID | str:
    """Return the last key of a global id: a row's own id, or a reference's code."""
    return decode(text).keys[-1]
