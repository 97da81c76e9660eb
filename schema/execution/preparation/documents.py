"""Parses, validates and measures each document once, and caches it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import Any, Final, cast

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
    strip_ignored_characters,
    type_from_ast,
    visit,
)

from schema.core.day import IN_CHINESE
from schema.core.errors import LimitExceeded
from schema.core.global_ids import MALFORMED, MALFORMED_ZH, decode
from schema.core.limits import Limits
from schema.core.representations import REPRESENTATION, id_of_representation
from schema.execution.preparation.byte_cache import ByteCache
from schema.execution.preparation.document_limits import check_length, check_size
from schema.execution.preparation.id_values import GlobalIdRule, IdVariables, id_variables
from schema.execution.preparation.source_locations import SourceLocations
from schema.execution.preparation.stated_purposes import StatedPurposes, stated_purposes
from schema.execution.preparation.validation import DocumentValidator
from schema.execution.preparation.variables import LeafVariables, leaf_variables

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
_IN_CHINESE: Final = {**IN_CHINESE, MALFORMED: MALFORMED_ZH}
_PARSER_LIMITS = {"tokens": "tokens. Parsing aborted.", "depth": "nested too deeply"}
"""The limits that the parser itself enforces, by the text of its error."""


@dataclass(frozen=True, slots=True)
class ParsedOperation:
    """One operation of a document, ready to be planned. *depends* returns the variable values that its plan depends on.

    *text_hash* distinguishes documents by all but white space and comments, and stays in memory. *hash* is recorded: it
    covers the document without its literal values, because a number that was written into it could be guessed from a
    hash by trial.
    """

    node: OperationDefinitionNode
    document: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    text_hash: str
    hash: str
    purposes: StatedPurposes
    depends: tuple[tuple[str, Callable[[object], object]], ...]
    leaf_variables: LeafVariables | None
    id_variables: IdVariables


@dataclass(slots=True, eq=False)
class InvalidDocument(Exception):
    """A document that GraphQL refuses: syntax, validation, or no such operation."""

    errors: tuple[dict[str, object], ...]


@dataclass(slots=True)
class ReadDocument:
    """A valid document, with its operations by the name that was asked for."""

    node: DocumentNode
    hash: str
    operations: dict[str | None, ParsedOperation] = field(default_factory=dict)


class DocumentCache:
    """Parses and validates documents; caches the results, errors included.

    A valid document is cached by the hash of its text without white space and comments, an invalid one by that of the
    very text, because its errors name lines and columns.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits, cache: ByteCache, *, introspection: bool) -> None:
        self._schema = schema
        self._limits = limits
        self._cache = cache
        more = (GlobalIdRule,) if introspection else (GlobalIdRule, NoSchemaIntrospectionCustomRule)
        self._validator = DocumentValidator(schema, more, hide_suggestions=not introspection)

    def known(self, text: str, name: str | None) -> ParsedOperation | None:
        """Return the operation *name* of the document *text* if it was read before; raises InvalidDocument."""
        found = self._cache.get(_text_key(text))
        if isinstance(found, InvalidDocument):
            # A new exception each time: one that is raised again collects every frame that it passed.
            raise InvalidDocument(found.errors)
        document = None if found is None else self._cache.get(found)
        return None if document is None else cast("ReadDocument", document).operations.get(name)

    def read(self, text: str, name: str | None) -> ParsedOperation:
        """Return the operation *name* of the document *text*; raises InvalidDocument, LimitExceeded."""
        check_length(text, self._limits)
        try:
            key, document = self._read(text)
        except InvalidDocument as refused:
            self._cache.put(_text_key(text), InvalidDocument(refused.errors))
            raise
        operation = document.operations.get(name)
        if operation is None:
            operation = document.operations[name] = self._select(document, key, text, name)
            self._cache.put(key, document)
        self._cache.put(_text_key(text), key)
        return operation

    def locations(self, text: str) -> SourceLocations:
        """Return where the nodes of the document *text*, which was read before, stand in it."""
        key = self._cache.get(_text_key(text))
        document = None if key is None or isinstance(key, InvalidDocument) else self._cache.get(key)
        return SourceLocations(None if document is None else cast("ReadDocument", document).node, text)

    def _read(self, text: str) -> tuple[str, ReadDocument]:
        node = self._parsed(text)
        key = sha256(strip_ignored_characters(text).encode()).hexdigest()
        known = self._cache.get(key)
        if known is not None:
            return key, cast("ReadDocument", known)
        check_size(node, self._limits)  # before validation, which is slow on what is too large
        errors = self._validator.errors(node)
        if errors:
            raise _unreadable(errors, SourceLocations(node, text))
        return key, ReadDocument(node, shape_hash(node))

    def _parsed(self, text: str) -> DocumentNode:
        try:
            return parse(text, no_location=True, max_tokens=self._limits.tokens)
        except GraphQLError as error:
            for limit, sign in _PARSER_LIMITS.items():
                if sign in error.message:
                    raise LimitExceeded(limit=limit, allowed=getattr(self._limits, limit)) from None
            raise _unreadable([error], SourceLocations(None, text)) from None

    def _select(self, document: ReadDocument, key: str, text: str, name: str | None) -> ParsedOperation:
        definitions = document.node.definitions
        operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
        chosen = [node for node in operations if name is None or (node.name and node.name.value == name)]
        if len(chosen) != 1:
            message = "Unknown operation." if name else "Name the operation to run: the document has none or several."
            raise _unreadable([GraphQLError(message)], SourceLocations(None, text))
        fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
        node = chosen[0]
        defined = node.variable_definitions or ()
        depends = tuple((one.variable.name.value, self._dependence(one)) for one in defined)
        leaves = leaf_variables(self._schema, defined)
        ids = id_variables(self._schema, defined)
        stated = stated_purposes(node, fragments)
        return ParsedOperation(node, document.node, fragments, key, document.hash, stated, depends, leaves, ids)

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
        if named.name == REPRESENTATION:
            return _represented
        return _kinds if named.name == "ID" else _presence


def _text_key(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _unreadable(errors: list[GraphQLError], places: SourceLocations) -> InvalidDocument:
    return InvalidDocument(tuple(formatted(error, places) for error in errors))


def formatted(
    error: GraphQLError, places: SourceLocations, code: str = "GRAPHQL_VALIDATION_FAILED"
) -> dict[str, object]:
    """Return the error as the response shows it: without the values that GraphQL quotes from the request."""
    chinese = "".join(f"{zh} " for english, zh in _IN_CHINESE.items() if english in error.message)
    entry: dict[str, object] = {"message": chinese + scrubbed(error.message)}
    if at := places.of(error):
        entry["locations"] = at
    if error.path:
        entry["path"] = error.path
    code = str((error.extensions or {}).get("code", code))
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


def _represented(value: object) -> object:
    """Return which entities the representations name; raises BadArgument, BadId."""
    return _kinds([id_of_representation(one) for one in (value if isinstance(value, list) else [value])])


__all__ = ["DocumentCache", "InvalidDocument", "ParsedOperation", "ReadDocument", "formatted", "scrubbed", "shape_hash"]
