"""The schema as federation composes it [Federation v2.11].

A directive that is printed is a directive that holds. `@key` does: `_entities` finds every object by either id. So does
`@shareable` on `PageInfo`, which means the same in every subgraph, and so do `@cost` and `@listSize`, by which requests
are counted here (`schema.core.measured.costs`); in federation a weight is a number. `@policy`, `@authenticated` and
`@requiresScopes` are not printed: who sees what is decided here, by role and purpose, and no router may believe that it
decides it.
"""

from dataclasses import replace
from typing import Any, Final, TypeVar, cast

from graphql import (
    REMOVE,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    IntValueNode,
    ObjectTypeDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from schema.core.representations import KEYS, REPRESENTATION

SPECIFICATION: Final = "https://specs.apollo.dev/federation/v2.11"
IMPORTED: Final = ("@key", "@shareable", "@cost", "@listSize")
_HEAD: Final = f'extend schema @link(url: "{SPECIFICATION}", import: [{", ".join(f"{name!r}" for name in IMPORTED)}])'
TypeDefinition = TypeVar("TypeDefinition", ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)
_KEYED: Final = " ".join(f'@key(fields: "{name}")' for name in KEYS)
_OWN: Final = frozenset({REPRESENTATION, "_Entity", "_Service"})
_SHARED: Final = frozenset({"PageInfo"})


def subgraph_sdl(printed: str) -> str:
    """Return the *printed* schema with its keys, and without the roots and types that federation itself adds."""
    marked = visit(parse(printed, no_location=True), _Marks())
    return f"{_HEAD.replace(chr(39), chr(34))}\n\n{print_ast(marked)}\n"


class _Marks(Visitor):
    """Gives each type with a global id its key: each object, and the interface of subjects."""

    def leave_object_type_definition(self, node: ObjectTypeDefinitionNode, *_: Any) -> Any:  # noqa: ANN401 - as graphql-core
        if node.name.value in _OWN:
            return REMOVE
        return _with(node, "@shareable") if node.name.value in _SHARED else _keyed(node)

    def leave_interface_type_definition(self, node: InterfaceTypeDefinitionNode, *_: Any) -> Any:  # noqa: ANN401 - as above
        # Federation takes no costs of an interface's fields: those of its types count.
        return _keyed(replace(node, fields=tuple(_without_cost(each) for each in node.fields or ())))

    def leave_scalar_type_definition(self, node: Any, *_: Any) -> Any:  # noqa: ANN401 - as above
        return REMOVE if node.name.value in _OWN else None

    def leave_union_type_definition(self, node: Any, *_: Any) -> Any:  # noqa: ANN401 - as above
        return REMOVE if node.name.value in _OWN else None

    def leave_directive_definition(self, node: Any, *_: Any) -> Any:  # noqa: ANN401 - as above
        return REMOVE if f"@{node.name.value}" in IMPORTED else None

    def leave_directive(self, node: Any, *_: Any) -> Any:  # noqa: ANN401 - as above
        if node.name.value != "cost":
            return None
        (weight,) = node.arguments
        return replace(node, arguments=(replace(weight, value=IntValueNode(value=weight.value.value)),))

    def leave_field_definition(self, node: Any, *_: Any) -> Any:  # noqa: ANN401 - as above
        return REMOVE if node.name.value in {"_entities", "_service"} else None


def _without_cost(node: FieldDefinitionNode) -> FieldDefinitionNode:
    return replace(node, directives=tuple(each for each in node.directives or () if each.name.value != "cost"))


def _keyed(node: TypeDefinition) -> TypeDefinition:
    """Return *node* with its keys, if its objects have a global id."""
    has_id = any(one.name.value == "Node" for one in node.interfaces or ())
    return _with(node, _KEYED) if has_id else node


def _with(node: TypeDefinition, directives: str) -> TypeDefinition:
    """Return *node* with more directives."""
    (written,) = parse(f"type _ {directives}", no_location=True).definitions
    more: Any = cast("ObjectTypeDefinitionNode", written).directives
    return replace(node, directives=(*(node.directives or ()), *more))
