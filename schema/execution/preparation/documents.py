"""Parses, validates and measures each document once, and caches it by its text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import Any, cast

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FloatValueNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    get_named_type,
    is_enum_type,
    parse,
    print_ast,
    specified_rules,
    type_from_ast,
    validate,
    visit,
)
from graphql.language import EnumValueNode

from consent.vocabulary import Purpose
from schema.core.day import IN_CHINESE
from schema.core.errors import LimitExceeded, PurposeNotConstant
from schema.core.global_ids import decode
from schema.core.limits import Limits
from schema.execution.preparation.document_limits import check_size

_FOUND = re.compile(
    r"((?:\b(?:found|got)|(?<!invalid )value:|represent an? \w+:|Unexpected (?:String|BlockString|Int|Float)\b)).*$",
    re.DOTALL,
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_WORD = re.compile(r"[@$\[]?[_A-Za-z][_A-Za-z0-9.]*[\]!]*", re.ASCII)
_NO_SUCH_VALUE = re.compile(r"Value '.*' does not exist", re.DOTALL)
_DIGITS = re.compile(r"\d(?:[ -]?\d){5,}[Xx]?")
_NOT_OURS = re.compile(r"[^\x00-\x7f]+")
"""GraphQL's own messages are ASCII: other characters come from the request."""
_PARSER_LIMITS = {"tokens": "tokens. Parsing aborted.", "depth": "nested too deeply"}
"""The limits that the parser itself enforces, by the text of its error."""


@dataclass(frozen=True, slots=True)
class ParsedOperation:
    """One operation of a document, ready to be planned. *depends* returns the variable values that its plan depends on.

    *text_hash* distinguishes documents byte for byte, and stays in memory. *hash* is recorded: it covers the document
    without its literal values, because a number that was written into it could be guessed from a hash by trial.
    """

    node: OperationDefinitionNode
    document: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    text_hash: str
    hash: str
    purpose: Purpose | None
    depends: tuple[tuple[str, Callable[[object], object]], ...]


@dataclass(frozen=True, slots=True)
class InvalidDocument(Exception):
    """A document that GraphQL refuses: syntax, validation, or no such operation."""

    errors: tuple[dict[str, object], ...]


class DocumentCache:
    """Parses and validates documents; caches the results, errors included, by the text of the document."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool, capacity: int = 2_000) -> None:
        self._schema = schema
        self._limits = limits
        self._introspection = introspection
        self._rules = [*specified_rules, *([] if introspection else [NoSchemaIntrospectionCustomRule])]
        self._documents: LRUCache[str, DocumentNode | InvalidDocument] = LRUCache(capacity)
        self._operations: LRUCache[tuple[str, str | None], ParsedOperation] = LRUCache(capacity)

    def operation(self, text: str, name: str | None) -> ParsedOperation:
        """Return the operation *name* of the document *text*; raises InvalidDocument, LimitExceeded."""
        try:
            return self._operations[text, name]
        except KeyError:
            pass
        document = self._documents.get(text)
        if document is None:
            document = self._documents[text] = self._read(text)
        if isinstance(document, InvalidDocument):
            # A new exception each time: one that is raised again collects every frame that it passed.
            raise InvalidDocument(document.errors)
        operation = self._operations[text, name] = self._select(document, text, name)
        return operation

    def _read(self, text: str) -> DocumentNode | InvalidDocument:
        try:
            document = parse(text, max_tokens=self._limits.tokens)
        except GraphQLError as error:
            for limit, sign in _PARSER_LIMITS.items():
                if sign in error.message:
                    raise LimitExceeded(limit=limit, allowed=getattr(self._limits, limit)) from None
            return self._unreadable([error])
        for node in document.definitions:  # before validation, which is slow on what is too large
            if isinstance(node, OperationDefinitionNode):
                check_size(document, node, self._limits)
        errors = validate(self._schema, document, self._rules, max_errors=20, hide_suggestions=not self._introspection)
        return self._unreadable(errors) if errors else document

    def _select(self, document: DocumentNode, text: str, name: str | None) -> ParsedOperation:
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        chosen = [node for node in operations if name is None or (node.name and node.name.value == name)]
        if len(chosen) != 1:
            message = "Unknown operation." if name else "Name the operation to run: the document has none or several."
            raise self._unreadable([GraphQLError(message)])
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        node = chosen[0]
        depends = tuple((one.variable.name.value, self._dependence(one)) for one in node.variable_definitions or ())
        text_hash = sha256(text.encode()).hexdigest()
        return ParsedOperation(node, document, fragments, text_hash, shape_hash(document), _purpose(node), depends)

    def _dependence(self, definition: Any) -> Callable[[object], object]:  # noqa: ANN401 - a VariableDefinitionNode
        """Return the part of a variable's value that a plan depends on.

        Conditions, page sizes and orders count by their value; ids by the entity that they name; other variables only
        by their presence, because their values reach the database as binds.
        """
        named = get_named_type(cast("Any", type_from_ast(self._schema, definition.type)))
        if named is None:
            return _presence
        if named.name in {"Boolean", "Int"} or is_enum_type(named):
            return _value
        return _kinds if named.name == "ID" else _presence

    def _unreadable(self, errors: list[GraphQLError]) -> InvalidDocument:
        return InvalidDocument(tuple(formatted(error) for error in errors))


def formatted(error: GraphQLError, code: str = "GRAPHQL_VALIDATION_FAILED") -> dict[str, object]:
    """Return the error as the response shows it: without the values that GraphQL quotes from the request."""
    chinese = "".join(f"{zh} " for english, zh in IN_CHINESE.items() if english in error.message)
    entry: dict[str, object] = {"message": chinese + scrubbed(error.message)}
    if error.locations:
        entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        entry["path"] = error.path
    entry["extensions"] = {"code": "GRAPHQL_PARSE_FAILED" if error.message.startswith("Syntax") else code}
    return entry


def scrubbed(message: str) -> str:
    """Return *message* without quoted input: only words that may occur in a document stay in quotes."""
    message = _NO_SUCH_VALUE.sub("Value … does not exist", _FOUND.sub(r"\1 …", message))
    message = _QUOTED.sub(lambda one: one[0] if _WORD.fullmatch(one[0][1:-1]) else "…", message)
    return _NOT_OURS.sub("…", _DIGITS.sub("…", message))


class _WithoutLiterals(Visitor):
    """Blanks every literal value."""

    def enter_string_value(self, *_: object) -> StringValueNode:
        return StringValueNode(value="")

    def enter_int_value(self, *_: object) -> IntValueNode:
        return IntValueNode(value="0")

    def enter_float_value(self, *_: object) -> FloatValueNode:
        return FloatValueNode(value="0.0")


def shape_hash(document: DocumentNode) -> str:
    """Return SHA-256 of the document as GraphQL prints it, each literal text, number or id left blank."""
    return sha256(print_ast(visit(document, _WithoutLiterals())).encode()).hexdigest()


def _purpose(node: OperationDefinitionNode) -> Purpose | None:
    """Return the purpose that `@purpose(is: …)` states on the operation, or None; raises PurposeNotConstant."""
    for directive in node.directives or ():
        if directive.name.value == "purpose":
            value = directive.arguments[0].value if directive.arguments else None
            if not isinstance(value, EnumValueNode):
                raise PurposeNotConstant
            return Purpose(value.value)
    return None


def _presence(value: object) -> object:
    return value is not None


def _value(value: object) -> object:
    return value.value if isinstance(value, Enum) else tuple(value) if isinstance(value, list) else value


def _kinds(value: object) -> object:
    """Return which entities an id, or a list of ids, names; raises BadId."""
    if value is None:
        return None
    ids = value if isinstance(value, list) else [value]
    return tuple(sorted({decode(str(one)).entity for one in ids}))


__all__ = ["DocumentCache", "InvalidDocument", "ParsedOperation", "formatted", "scrubbed", "shape_hash"]
