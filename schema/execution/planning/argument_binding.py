"""From a field's arguments to the binds of its statement.

A binder is made once per document and run once per request: `binder(variables, terms) -> binds`. Values reach the
database only in this way, by name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast
from uuid import UUID

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    VariableNode,
    is_non_null_type,
)
from graphql.execution.values import get_argument_values

from credit.core.errors import CreditError
from credit.core.values.identifiers import IdentifierKind, parse_identifier
from queryplan.entities import Entity
from queryplan.plan import Filter
from schema.core.errors import BadArgument, BadId, BadIdentifier, LimitExceeded
from schema.core.fields import FilterColumn
from schema.core.global_ids import GlobalId, decode
from schema.core.representations import id_of_representation


@dataclass(slots=True)
class SearchTerms:
    """What a binder may use besides the variables: *terms* turns an identifier into its search terms.

    There is one for each request: it also holds the binds that all statements of the request share, and the digest of
    the *days* by which orders go.
    """

    terms: Callable[[IdentifierKind, str], Sequence[bytes]]
    days: str = ""
    _shared: dict[str, object] = field(default_factory=dict)

    def shared(self, binds: Mapping[str, object], argument: str) -> Mapping[str, object]:
        """Return *binds* that are shared by the whole document; raises BadArgument where one would have two values."""
        if any(self._shared.setdefault(name, value) != value for name, value in binds.items()):
            raise BadArgument(argument=argument)
        return binds


Binder = Callable[[Any, SearchTerms], dict[str, object]]


def arguments(
    definition: GraphQLField, node: FieldNode, variables: object, *, explaining: bool = False
) -> dict[str, Any]:
    """Return the field's arguments by their names in the schema; absent ones are absent.

    Raises GraphQLError for a value that does not fit; when *explaining*, variables have no values, so it returns none.
    """
    try:
        return get_argument_values(definition, node, cast("Any", variables))
    except GraphQLError:
        if explaining:
            return {}
        raise


class FieldArguments:
    """The arguments of one field for each request. What depends on no variable is worked out once."""

    __slots__ = ("_constants", "_definition", "_is_nested", "_node", "_variables")

    def __init__(self, definition: GraphQLField, node: FieldNode) -> None:
        self._definition, self._node = definition, node
        given = [(one.name.value, one.value) for one in node.arguments or ()]
        self._variables = {
            name: (value.name.value, _may_be_null(definition.args[name]))
            for name, value in given
            if isinstance(value, VariableNode)
        }
        self._is_nested = any(_has_variable(value) for _, value in given if not isinstance(value, VariableNode))
        self._constants: Mapping[str, Any] | None = None

    def of(self, variables: object) -> dict[str, Any]:
        """Return what `arguments` returns."""
        coerced = cast("Any", variables).coerced
        if self._constants is not None:
            found = dict(self._constants)
            for name, (variable, may_be_null) in self._variables.items():
                value = coerced.get(variable)
                if value is None and not may_be_null:
                    break  # it has a default, or is refused
                if variable in coerced:
                    found[name] = value
            else:
                return found
        given = arguments(self._definition, self._node, variables)
        if not self._is_nested:
            self._constants = {name: value for name, value in given.items() if name not in self._variables}
        return given


def _may_be_null(argument: GraphQLArgument) -> bool:
    """Return whether an argument may be left out or null, and has no default."""
    return not is_non_null_type(argument.type) and argument.default is None and argument.default_value is Undefined


def _has_variable(value: object) -> bool:
    if isinstance(value, ListValueNode):
        return any(_has_variable(one) for one in value.values)
    if isinstance(value, ObjectValueNode):
        return any(_has_variable(one.value) for one in value.fields)
    return isinstance(value, VariableNode)


def entities_of(given: Mapping[str, Any], *, explaining: bool, most: int) -> list[Entity]:
    """Return which entities the ids of `node` or `nodes` name, in a stable order; raises LimitExceeded."""
    ids = _ids(given)
    if explaining and not ids:
        return list(Entity)
    if len(ids) > most:
        raise LimitExceeded(limit="node_ids", allowed=most, found=len(ids))
    named = {decode(one).entity for one in ids}
    return [entity for entity in Entity if entity in named]


def ids_of(given: FieldArguments, variables: object) -> list[GlobalId]:
    """Return the ids given to `node` or `nodes`, in the order given; raises BadId."""
    return [decode(one) for one in _ids(given.of(variables))]


def find_by_id(statement: int, entity: Entity, given: FieldArguments) -> tuple[tuple[Filter, ...], Binder]:
    """Return the filters that find the one row whose id is the argument `id`, and their binder."""
    names = [f"s{statement}_key_{index}" for index in range(len(entity.spec.keys))]

    def bind(variables: object, _search_terms: SearchTerms) -> dict[str, object]:
        found = decode(str(given.of(variables)["id"]))
        if found.entity is not entity:
            raise BadId
        return dict(zip(names, found.keys, strict=True))

    return tuple(Filter("", column, "=", name) for column, name in zip(entity.spec.keys, names, strict=True)), bind


def find_by_columns(
    statement: int, choices: Mapping[str, FilterColumn], given: FieldArguments
) -> tuple[tuple[Filter, ...], Binder]:
    """Return the filters that find the one row that the arguments *choices* name, and their binder."""
    filters = tuple(Filter(one.of, one.column, one.operator, f"s{statement}_{name}") for name, one in choices.items())

    def bind(variables: object, _search_terms: SearchTerms) -> dict[str, object]:
        now = given.of(variables)
        return {f"s{statement}_{name}": compared(now[name], name, one) for name, one in choices.items()}

    return filters, bind


def compared(value: object, name: str, choice: FilterColumn) -> object:
    """Return the value of a filter as the database takes it; raises BadId, BadArgument."""
    found = plain(value, name, choice.column)
    return found if choice.normalise is None else choice.normalise(str(found))


def find_by_ids(statement: int, entity: Entity, given: FieldArguments, most: int) -> tuple[tuple[Filter, ...], Binder]:
    """Return the filters that find the rows of *entity* among the ids given, and their binder.

    Each key column is matched separately; then only the rows of `keys_asked` are used.
    """
    names = [f"s{statement}_keys_{index}" for index in range(len(entity.spec.keys))]

    def bind(variables: object, _search_terms: SearchTerms) -> dict[str, object]:
        ids = ids_of(given, variables)
        if len(ids) > most:  # again, because the plan may have been made for fewer ids
            raise LimitExceeded(limit="node_ids", allowed=most, found=len(ids))
        found = [one.keys for one in ids if one.entity is entity]
        return {name: sorted({keys[index] for keys in found}, key=str) for index, name in enumerate(names)}

    return tuple(Filter("", column, "in", name) for column, name in zip(entity.spec.keys, names, strict=True)), bind


def keys_asked(entity: Entity, given: FieldArguments) -> Callable[[object], set[Sequence[object]]]:
    """Return a function of the variables that gives the requested whole keys of *entity*."""
    return lambda variables: {one.keys for one in ids_of(given, variables) if one.entity is entity}


def find_by_identifier(
    statement: int, given: FieldArguments
) -> tuple[tuple[Filter, ...], Binder, Callable[[object], str]]:
    """Return the filter that finds the subject with an exact identifier through the blind index, and its binder.

    The third is a function of the variables that gives the number in its normal form. Both raise BadIdentifier.
    """
    name = f"s{statement}_terms"

    def identifier(variables: object) -> tuple[IdentifierKind, str]:
        now = given.of(variables)
        kind = IdentifierKind(str(plain(now["kind"], "kind", "")))
        try:
            return kind, parse_identifier(kind, now["number"]).text
        except CreditError as invalid:
            raise BadIdentifier(invalid.code, invalid.message, invalid.message_zh) from None

    def bind(variables: object, search_terms: SearchTerms) -> dict[str, object]:
        return {name: list(search_terms.terms(*identifier(variables)))}

    return (Filter("", "identifier_term", "in", name),), bind, lambda variables: identifier(variables)[1]


def _ids(given: Mapping[str, Any]) -> list[str]:
    if given.get("id") is not None:
        return [str(given["id"])]
    if "representations" in given:
        return [id_of_representation(one) for one in given["representations"]]
    return [str(one) for one in given.get("ids") or ()]


_ID_OF = {
    "subject_id": Entity.SUBJECT,
    "sector_code": Entity.SECTOR,
    "area_code": Entity.AREA,
    "department_code": Entity.DEPARTMENT,
    "recipient_code": Entity.DEPARTMENT,
    "matter_code": Entity.MATTER,
}
"""The columns that are filtered by a global id, and the entity that the id must have."""


def plain(value: object, name: str, column: str) -> object:
    """Return a value as the database takes it: enums by their wire name, ids by their key; instants are in UTC already.

    Raises BadId, or BadArgument for a text with NUL.
    """
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        if column in _ID_OF:
            return _key(value, _ID_OF[column])
        if "\0" in value:
            raise BadArgument(argument=name)
    return value


def _key(text: str, entity: Entity) -> UUID | str:
    """Return the last key of a global id of *entity*: a row's own id, or a reference's code; raises BadId."""
    found = decode(text)
    if found.entity is not entity:
        raise BadId
    return found.keys[-1]
