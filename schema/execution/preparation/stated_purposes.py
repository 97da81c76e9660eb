"""The purpose that an operation states: by its directive, by the arguments of its roots, or by the request around it.

    query @purpose(is: AUDIT) { … }                         the directive: always written out
    query { restraintCases(accessPurpose: AUDIT) { … } }    an argument: written out, or by a variable

An operation has one purpose: whatever states one has to state the same.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from graphql import (
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import VariableValues

from consent.vocabulary import Purpose
from schema.core.errors import PurposeConflict, PurposeNotConstant, PurposeUnknown
from schema.core.fields import PURPOSE_ARGUMENT
from schema.core.ports import GraphQLRequest


class StatedPurposes(NamedTuple):
    """What the text of an operation states: a purpose that is written out, and *variables* that give one."""

    written: Purpose | None
    variables: tuple[str, ...] = ()


def stated_purposes(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> StatedPurposes:
    """Return what a valid *operation* states; raises PurposeNotConstant, and PurposeConflict where it states two."""
    arguments = list(_arguments(operation.selection_set, fragments, set()))
    written = {Purpose(each.value) for each in arguments if isinstance(each, EnumValueNode)}
    if (directed := _directed(operation)) is not None:
        written.add(directed)
    variables = dict.fromkeys(each.name.value for each in arguments if isinstance(each, VariableNode))
    return StatedPurposes(_the_one(written), tuple(variables))


def purpose_of(stated: StatedPurposes, variables: VariableValues, request: GraphQLRequest) -> Purpose | None:
    """Return the purpose of a request; None where nothing states one. Raises PurposeUnknown, PurposeConflict [5.1.6].

    That with which a document was loaded counts like a directive: tools drop it from queries that they generate.
    """
    found = [stated.written, *(variables.coerced.get(name) for name in stated.variables)]
    if request.trusted is not None:
        found.append(request.trusted.purpose)
    if request.purpose:
        try:
            found.append(Purpose(request.purpose.strip()))
        except ValueError:
            raise PurposeUnknown from None
    return _the_one({each for each in found if each is not None})


def _the_one(found: set[Purpose]) -> Purpose | None:
    if len(found) > 1:
        raise PurposeConflict
    return next(iter(found), None)


def _directed(operation: OperationDefinitionNode) -> Purpose | None:
    """Return the purpose that `@purpose(is: …)` states on the operation, or None; raises PurposeNotConstant."""
    for directive in operation.directives or ():
        if directive.name.value == "purpose":
            value = directive.arguments[0].value if directive.arguments else None
            if not isinstance(value, EnumValueNode):
                raise PurposeNotConstant
            return Purpose(value.value)
    return None


def _arguments(
    selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], seen: set[str]
) -> Iterator[ValueNode]:
    """Yield the purposes that the roots take as arguments, by whatever fragments the roots are reached."""
    for each in selections.selections:
        if isinstance(each, FieldNode):
            yield from (one.value for one in each.arguments or () if one.name.value == PURPOSE_ARGUMENT)
        elif isinstance(each, InlineFragmentNode):
            yield from _arguments(each.selection_set, fragments, seen)
        elif isinstance(each, FragmentSpreadNode) and each.name.value not in seen:
            seen.add(each.name.value)
            yield from _arguments(fragments[each.name.value].selection_set, fragments, seen)
