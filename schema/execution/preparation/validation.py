"""Validates documents by the rules of GraphQL (section 5), in one visit that calls a rule only where it has a say.

graphql-core asks each of its rules about each kind of node anew for every document, which takes most of the time of its
`validate`. What a rule has to say depends on its class alone, so it is looked up once.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from graphql import (
    BREAK,
    SKIP,
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    specified_rules,
    validate,
)
from graphql.language.visitor import EnterLeaveVisitor

from schema.execution.preparation.enum_values import with_enum_values

MERGES: Final = 10_000
"""How many comparisons of fields under one response key a document may take; a repetitive one takes the square."""
MOST_ERRORS: Final = 20

Says = Callable[..., Any]


class BoundedMergeRule(OverlappingFieldsCanBeMergedRule):
    """The rule of fields with one response key, with a bound on its work: tens of milliseconds, not hundreds."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MERGES


class DocumentValidator:
    """Validates documents of one schema."""

    def __init__(
        self, schema: GraphQLSchema, more: Collection[type[ASTValidationRule]] = (), *, hide_suggestions: bool
    ) -> None:
        chosen = [BoundedMergeRule if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules]
        self._schema = schema
        self._rule = _together([*chosen, *more])
        self._hide_suggestions = hide_suggestions

    def errors(self, document: DocumentNode) -> list[GraphQLError]:
        """Return what is wrong with *document*, the first errors at most."""
        hide = self._hide_suggestions
        found = validate(self._schema, document, [self._rule], max_errors=MOST_ERRORS, hide_suggestions=hide)
        return found if hide else with_enum_values(self._schema, found)


def _together(rules: Sequence[type[ASTValidationRule]]) -> type[ASTValidationRule]:
    """Return one rule that applies *rules* in their order, like graphql-core's `ParallelVisitor`."""
    by_kind: dict[str, Sequence[int]] = {}

    class Together(ASTValidationRule):
        """All the rules, for one document."""

        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self._rules = [rule(context) for rule in rules]
            self._skipped: list[object] = [None] * len(rules)

        def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
            if kind not in by_kind:
                by_kind[kind] = [at for at, rule in enumerate(self._rules) if any(rule.get_enter_leave_for_kind(kind))]
            asked = [(at, *self._rules[at].get_enter_leave_for_kind(kind)) for at in by_kind[kind]]
            return EnterLeaveVisitor(*_entering_and_leaving(asked, self._skipped)) if asked else NOBODY

    return Together


NOBODY: Final = EnterLeaveVisitor(None, None)


def _entering_and_leaving(
    asked: Sequence[tuple[int, Says | None, Says | None]], skipped: list[object]
) -> tuple[Says, Says]:
    def enter(node: Any, *where: Any) -> None:  # noqa: ANN401 - graphql's visitors are untyped
        for at, says, _ in asked:
            if says is not None and skipped[at] is None:
                skipped[at] = _skips(says(node, *where), node)

    def leave(node: Any, *where: Any) -> None:  # noqa: ANN401 - as above
        for at, _, says in asked:
            if skipped[at] is None:
                if says is not None and says(node, *where) is BREAK:
                    skipped[at] = BREAK
            elif skipped[at] is node:
                skipped[at] = None

    return enter, leave


def _skips(said: object, node: object) -> object:
    """Return what a rule skips after it said *said*: None, the *node* with what is below it, or BREAK for all."""
    if said is None:
        return None
    if said is SKIP or said is False:
        return node
    if said is BREAK or said is True:
        return BREAK
    raise TypeError("a rule does not edit a document")
