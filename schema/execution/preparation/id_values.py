"""Reads the ids of a request where they come in: those of its variables, and those written in its document.

GraphQL's ID is any text, and graphql-core lets no schema have an ID of its own. So the places that take an ID are found
by their types, and a text that is no global id is refused there, as any scalar refuses what it does not read. Whether
an id is of the right kind of record is decided where it is used.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from graphql import (
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLSchema,
    IntValueNode,
    Node,
    ObjectFieldNode,
    StringValueNode,
    ValidationRule,
    VariableDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_input_object_type,
    is_list_type,
    type_from_ast,
)

from schema.core.errors import BadId
from schema.core.global_ids import MALFORMED, READ_BY, decode
from schema.execution.preparation.variables import MOST_ERRORS

BAD_USER_INPUT: Final = "BAD_USER_INPUT"
Read: TypeAlias = Callable[[str], object]
"""Reads the text of an ID; raises BadId or ValueError for a text that is none."""
IdVariables: TypeAlias = Sequence[tuple[str, Any, VariableDefinitionNode]]
"""The variables of an operation whose values can hold ids: name, type, definition."""


def id_variables(schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> IdVariables:
    """Return those of the variables that *definitions* define whose values can hold ids."""
    typed = ((one.variable.name.value, type_from_ast(schema, one.type), one) for one in definitions)
    return [(name, kind, one) for name, kind, one in typed if kind is not None and _holds_ids(kind, set())]


def malformed_ids(variables: IdVariables, given: Mapping[str, object]) -> list[GraphQLError]:
    """Return an error for each value of *variables* in *given* that should be a global id and is none."""
    errors = []
    for name, kind, definition in variables:
        for path, text, read in _ids(kind, given.get(name), name, decode):
            if not _is_id(text, read):
                place = "" if path == name else f" at '{path}'"
                errors.append(_error(f"Variable '${name}' has an invalid value{place}: {MALFORMED}", definition))
                if len(errors) == MOST_ERRORS:
                    return errors
    return errors


class GlobalIdRule(ValidationRule):
    """The rule that an ID written in a document is a global id."""

    def enter_string_value(self, node: StringValueNode, _key: object, parent: object, *_: object) -> None:
        self._check(node, parent)

    def enter_int_value(self, node: IntValueNode, _key: object, parent: object, *_: object) -> None:
        self._check(node, parent)

    def _check(self, node: StringValueNode | IntValueNode, parent: object) -> None:
        kind = self.context.get_input_type()
        if kind is None or get_named_type(kind).name != "ID":
            return
        of = get_named_type(self.context.get_parent_input_type())
        read: Read = decode
        if isinstance(parent, ObjectFieldNode) and isinstance(of, GraphQLInputObjectType):
            read = _reader(of.fields[parent.name.value])
        if not _is_id(node.value, read):
            self.report_error(_error(MALFORMED, node))


def _error(message: str, node: Node) -> GraphQLError:
    return GraphQLError(message, node, extensions={"code": BAD_USER_INPUT})


def _is_id(text: str, read: Read) -> bool:
    try:
        read(text)
    except (BadId, ValueError):
        return False
    return True


def _reader(field: GraphQLInputField) -> Read:
    """Return what reads the ID of a field: as a global id, unless the field says otherwise."""
    definition = field.extensions.get("strawberry-definition")
    return decode if definition is None else cast("Read", definition.metadata.get(READ_BY, decode))


def _holds_ids(kind: Any, seen: set[str]) -> bool:  # noqa: ANN401 - an input type of graphql-core
    named = get_named_type(kind)
    if not is_input_object_type(named):
        return named.name == "ID"
    if named.name in seen:
        return False
    seen.add(named.name)
    return any(_holds_ids(field.type, seen) for field in named.fields.values())


def _ids(kind: Any, value: object, path: str, read: Read) -> Iterator[tuple[str, str, Read]]:  # noqa: ANN401 - as above
    """Yield each id in *value*, which fits *kind*, with its path and what reads it."""
    kind = get_nullable_type(kind)
    if value is None:
        return
    if is_list_type(kind):
        for at, one in enumerate(value if isinstance(value, list) else [value]):
            yield from _ids(kind.of_type, one, f"{path}.{at}", read)
    elif is_input_object_type(kind):
        for name, field in kind.fields.items():
            found = cast("Mapping[str, object]", value).get(name)
            yield from _ids(field.type, found, f"{path}.{name}", _reader(field))
    elif kind.name == "ID":
        yield path, str(value), read
