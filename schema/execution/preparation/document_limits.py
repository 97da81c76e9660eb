"""Checks the size of a document. Every limit is a setting; exceeding it raises a refusal that names the limit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from schema.core.errors import LimitExceeded
from schema.core.limits import Limits


@dataclass(frozen=True, slots=True)
class _Size:
    """*width* counts the fields on the uppermost level, through fragments; *fields* those on every level.

    *directives* are the most at one place.
    """

    depth: int
    fields: int
    aliases: int
    width: int
    directives: int


def check_length(text: str, limits: Limits) -> None:
    """Refuse a text that is too long for its tokens, before it is read at all; raises LimitExceeded."""
    if len(text) > limits.characters:
        raise LimitExceeded(limit="characters", allowed=limits.characters)


def check_size(document: DocumentNode, limits: Limits) -> None:
    """Refuse a document with an operation that is too deep, too wide or too often aliased; raises LimitExceeded.

    Fragments are measured once each and counted wherever they are spread, so a fragment that doubles at every
    step is measured in linear time and refused by its size.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    measured: dict[str, _Size] = {}
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            size = _measure(node.selection_set, fragments, measured, ())
            _check(replace(size, directives=max(size.directives, len(node.directives or ()))), limits)


def _check(size: _Size, limits: Limits) -> None:
    for limit, allowed, found in (
        ("depth", limits.depth, size.depth),
        ("aliases", limits.aliases, size.aliases),
        ("roots", limits.roots, size.width),
        ("fields", limits.tokens, size.fields),
        ("directives", limits.directives, size.directives),
    ):
        if found > allowed:
            raise LimitExceeded(limit=limit, allowed=allowed, found=found)


def _measure(
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    measured: dict[str, _Size],
    inside: tuple[str, ...],
) -> _Size:
    depth = fields = aliases = width = directives = 0
    for node in selections.selections:
        below = _Size(0, 0, 0, 0, 0)
        if isinstance(node, FieldNode):
            if node.selection_set:
                below = _measure(node.selection_set, fragments, measured, inside)
            aliased = below.aliases + (node.alias is not None)
            below = _Size(below.depth + 1, below.fields + 1, aliased, 1, below.directives)
        elif isinstance(node, InlineFragmentNode):
            below = _measure(node.selection_set, fragments, measured, inside)
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name in fragments and name not in inside:  # validation refuses a cycle
                if name not in measured:
                    measured[name] = _measure(fragments[name].selection_set, fragments, measured, (*inside, name))
                below = measured[name]
        depth, fields, aliases = max(depth, below.depth), fields + below.fields, aliases + below.aliases
        width += below.width
        directives = max(directives, below.directives, len(node.directives or ()))
    return _Size(depth, fields, aliases, width, directives)
