"""Reads a document once: parsed, validated, measured, and kept by its text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import Any, cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    get_named_type,
    is_enum_type,
    parse,
    specified_rules,
    type_from_ast,
    validate,
)
from graphql.language import EnumValueNode

from consent.purposes import Purpose
from schema.globalid import decode
from schema.keeping import Kept
from schema.limits import Limits, check_size

_FOUND = re.compile(r"(,? (?:found|got invalid value|but got)[: ]).*$", re.DOTALL)
_DIGITS = re.compile(r"\d{6,}[\dXx]*")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document, ready to be compiled. *depends* reads off what its plan depends on."""

    node: OperationDefinitionNode
    document: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    hash: str
    purpose: Purpose | None
    depends: tuple[tuple[str, Callable[[object], object]], ...]


@dataclass(frozen=True, slots=True)
class Unreadable(Exception):
    """A document that GraphQL refuses: syntax, validation, or no such operation."""

    errors: tuple[dict[str, object], ...]


class Documents:
    """Parses and validates; keeps what it read, refusals included, by the document's text."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool, keep: int = 2_000) -> None:
        self._schema = schema
        self._limits = limits
        self._introspection = introspection
        self._rules = [*specified_rules, *([] if introspection else [NoSchemaIntrospectionCustomRule])]
        self._documents: Kept[str, DocumentNode | Unreadable] = Kept(keep)
        self._operations: Kept[tuple[str, str | None], Operation] = Kept(keep)

    def operation(self, text: str, name: str | None) -> Operation:
        """Return the operation *name* of the document *text*; raises Unreadable, LimitExceeded."""
        found = self._operations.get((text, name))
        if found is not None:
            return found
        document = self._documents.get(text) or self._documents.put(text, self._read(text))
        if isinstance(document, Unreadable):
            raise document
        return self._operations.put((text, name), self._select(document, text, name))

    def _read(self, text: str) -> DocumentNode | Unreadable:
        try:
            document = parse(text, max_tokens=self._limits.tokens)
        except GraphQLError as error:
            return self._unreadable([error])
        for node in document.definitions:  # before validation, which is slow on what is too large
            if isinstance(node, OperationDefinitionNode):
                check_size(document, node, self._limits)
        errors = validate(self._schema, document, self._rules, max_errors=20, hide_suggestions=not self._introspection)
        return self._unreadable(errors) if errors else document

    def _select(self, document: DocumentNode, text: str, name: str | None) -> Operation:
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        chosen = [node for node in operations if name is None or (node.name and node.name.value == name)]
        if len(chosen) != 1:
            message = "Unknown operation." if name else "Name the operation to run: the document has none or several."
            raise self._unreadable([GraphQLError(message)])
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        node = chosen[0]
        depends = tuple((one.variable.name.value, self._dependence(one)) for one in node.variable_definitions or ())
        return Operation(node, document, fragments, sha256(text.encode()).hexdigest(), _purpose(node), depends)

    def _dependence(self, definition: Any) -> Callable[[object], object]:  # noqa: ANN401 - a VariableDefinitionNode
        """Return what of a variable's value a plan depends on.

        Conditions, page sizes and orders by their value; ids by the kind of thing they name; anything else only by
        whether it is there, since values reach the archive as binds.
        """
        named = get_named_type(cast("Any", type_from_ast(self._schema, definition.type)))
        if named is None:
            return _presence
        if named.name in {"Boolean", "Int"} or is_enum_type(named):
            return _value
        return _kinds if named.name == "ID" else _presence

    def _unreadable(self, errors: list[GraphQLError]) -> Unreadable:
        return Unreadable(tuple(formatted(error) for error in errors))


def formatted(error: GraphQLError, code: str = "GRAPHQL_VALIDATION_FAILED") -> dict[str, object]:
    """Return the error as the response shows it: without the values that GraphQL likes to quote back."""
    entry: dict[str, object] = {"message": scrubbed(error.message)}
    if error.locations:
        entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        entry["path"] = error.path
    entry["extensions"] = {"code": "GRAPHQL_PARSE_FAILED" if error.message.startswith("Syntax") else code}
    return entry


def scrubbed(message: str) -> str:
    """Return *message* without quoted input: what follows `found` or `got`, and any long run of digits."""
    return _DIGITS.sub("…", _FOUND.sub(r"\1…", message))


def _purpose(node: OperationDefinitionNode) -> Purpose | None:
    """Return the purpose that `@purpose(is: …)` states on the operation, or None."""
    for directive in node.directives or ():
        if directive.name.value == "purpose":
            value = directive.arguments[0].value if directive.arguments else None
            if isinstance(value, EnumValueNode):
                return Purpose(value.value)
    return None


def _presence(value: object) -> object:
    return value is not None


def _value(value: object) -> object:
    return value.value if isinstance(value, Enum) else tuple(value) if isinstance(value, list) else value


def _kinds(value: object) -> object:
    """Return which kinds of thing an id, or a list of ids, names; raises BadId."""
    if value is None:
        return None
    ids = value if isinstance(value, list) else [value]
    return tuple(sorted({decode(str(one)).entity for one in ids}))


__all__ = ["Documents", "Operation", "Unreadable", "formatted", "scrubbed"]
