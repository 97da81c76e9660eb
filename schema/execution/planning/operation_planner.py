"""Authorises a document and plans its reads, in one visit, before a statement runs.

The policy is asked about every field that the operation reaches; an allowed field becomes columns of a
statement and nodes of the output, a withheld field becomes null and one error. The result is valid for every request
with the same document, operation, role, purpose and policy, so `OperationPreparer` caches it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    is_abstract_type,
)

from consent.vocabulary import Basis, DataClass, Purpose
from policy.actions import Action
from policy.actors import Role
from policy.decisions import Grant, Withheld, WithheldReason
from queryplan.entities import OWNED, Entity
from queryplan.plan import Filter, Order
from queryplan.scopes import Scope
from schema.core.entities import data_class_of
from schema.core.errors import BadArgument, BadId, LimitExceeded, ListOnConsent, RootRefused
from schema.core.fields import ACTION, ManySource, ReadBack, RootLookup, RootSource, WatchSource
from schema.execution.output.output_nodes import FoundById, OutputNode, RootNode, RootObject, RootPage
from schema.execution.planning.argument_binding import (
    FieldArguments,
    arguments,
    entities_of,
    find_by_columns,
    find_by_id,
    find_by_identifier,
    find_by_ids,
    ids_of,
    keys_asked,
)
from schema.execution.planning.authorizer import FieldAuthorizer
from schema.execution.planning.field_collector import MOST_VISITS, FieldCollector, subselections
from schema.execution.planning.operation_plan import OperationPlan, Path, PlanContext, PlannedRoot, PlannedWatch
from schema.execution.planning.selection_planner import SelectionPlanner
from schema.execution.planning.statement_builder import StatementBuilder
from schema.execution.planning.static_cost import StaticCost

EXPLAIN: Final = "explainAccess"
SERVICE: Final = "_service"
"""Shows the schema, as introspection does, and is there only where introspection is on."""
MOST_NEW: Final = 1_000
"""How many rows of the last minute a subscription looks through; one with more of them cannot follow."""
SEVERAL = frozenset({RootLookup.NODES, RootLookup.ENTITIES})
"""The roots that show several objects by their ids: lists, so none rests on consent."""
ONE_AT_A_TIME = frozenset({(Purpose.CREDIT_CHECK, Entity.EVIDENCE_FILE)})
"""Lists that are read one record at a time: a window's papers are no library of who gave an authorisation [5.1.6]."""


class OperationPlanner:
    """One visit of one operation."""

    def __init__(
        self,
        plan_context: PlanContext,
        selections: FieldCollector,
        variables: Any,  # noqa: ANN401 - graphql's VariableValues
        role: Role,
        purpose: Purpose | None,
        *,
        explaining: bool = False,
    ) -> None:
        self._authorizer = FieldAuthorizer(plan_context, role, purpose, explaining)
        self._selection_planner = SelectionPlanner(self._authorizer, selections, variables)
        self._selections = selections
        self._variables = variables
        self._explained = 0

    @property
    def done(self) -> OperationPlan:
        """The plan so far."""
        return self._authorizer.done

    def operation(self, operation: OperationDefinitionNode) -> OperationPlan:
        """Visit *operation*; raises Refused where the whole request is refused."""
        root_type = self._authorizer.plan_context.schema.get_root_type(operation.operation)
        root = cast("GraphQLObjectType", root_type)
        writes = operation.operation is OperationType.MUTATION
        for key, nodes in self._selections.collect(root, [operation.selection_set]).items():
            name = nodes[0].name.value
            if name.startswith("__") or name == SERVICE:
                self.done.unplanned.append(key)
            elif writes:
                self._mutation(root, key, nodes)
            else:
                self._root(root, key, nodes)
        self.done.cost = self._cost(operation)
        return self._authorizer.finish()

    def _cost(self, operation: OperationDefinitionNode) -> int:
        context = self._authorizer.plan_context
        selections = replace(self._selections, visits_left=MOST_VISITS)  # a bound of its own
        cost = StaticCost(context.schema, context.costs, selections, self._variables).of(operation)
        if cost > context.limits.cost:
            raise LimitExceeded(limit="cost", allowed=context.limits.cost, found=cost)
        return cost

    def _root(self, root: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> None:
        name = nodes[0].name.value
        definition = root.fields[name]
        source = self._authorizer.plan_context.sources.get(f"{root.name}.{name}")
        if isinstance(source, ManySource):
            grants = self._admit_root(key, f"{root.name}.{name}", self._authorizer.class_of(f"{root.name}.{name}"))
            if grants is not None and self._is_list_admitted(key, f"{root.name}.{name}", grants):
                self._page_root(key, nodes, definition, source, grants)
        elif isinstance(source, WatchSource):
            self._watch_root(key, nodes, definition, source, f"{root.name}.{name}")
        elif isinstance(source, RootSource):
            self._single_root(key, nodes, definition, source, f"{root.name}.{name}")
        else:
            self._admit_root(key, f"{root.name}.{name}", self._authorizer.class_of(f"{root.name}.{name}"))
            if name == EXPLAIN:
                self._admit_explanation(key)
            self.done.unplanned.append(key)

    def _admit_explanation(self, key: str) -> None:
        """Refuse a second explanation, because each plans a document, and one to a role that gets none."""
        self._explained += 1
        if self._explained > 1:
            raise LimitExceeded(limit=EXPLAIN, allowed=1)
        authorizer = self._authorizer
        explains_to = authorizer.plan_context.explains_to
        if authorizer.role not in explains_to:
            raise RootRefused(
                status=401 if authorizer.role is Role.ANONYMOUS else 403,
                at=[key],
                field=f"Query.{EXPLAIN}",
                reason=WithheldReason.ROLE,
                unlock="role:" + ",".join(role for role in Role if role in explains_to),
            )

    def _admit_root(self, key: str, name: str, data_class: DataClass | None) -> tuple[Grant, ...] | None:
        """Return the grants that admit the root; raises RootRefused, or notes it when explaining."""
        answer = self._authorizer.lookup(data_class)
        if not isinstance(answer, Withheld):
            self._authorizer.record_decision((key,), name, data_class, answer)
            return answer
        if self._authorizer.explaining:
            self._authorizer.refuse((key,), name, data_class, answer)
            return None
        raise RootRefused(
            status=401 if self._authorizer.role is Role.ANONYMOUS else 403,
            at=[key],
            field=name,
            dataClass=data_class,
            reason=answer.reason,
            unlock=answer.unlock,
        )

    def _is_list_admitted(self, key: str, name: str, grants: tuple[Grant, ...]) -> bool:
        """Refuse a list that would rest on consent, or note the refusal when explaining [5.1.6].

        INVARIANT: an authorisation serves one person at the window; it neither finds who gave one nor is used up by a
        list.
        """
        if all(grant.basis is not Basis.CONSENT for grant in grants):
            return True
        self._refuse_list(key, name)
        return False

    def _are_ids_taken(self, key: str, name: str, entity: Entity, data_class: DataClass | None) -> bool:
        """Refuse an id that leads to no record for this purpose, or note the refusal when explaining [5.1.6]."""
        if self._authorizer.takes_ids_of(entity):
            return True
        if not self._authorizer.explaining:
            raise BadId
        self._authorizer.refuse((key,), name, data_class, Withheld(WithheldReason.NECESSITY, ""))
        return False

    def _refuse_list(self, key: str, name: str) -> None:
        if not self._authorizer.explaining:
            raise ListOnConsent(at=[key], field=name)
        self._authorizer.refuse((key,), name, self._authorizer.class_of(name), Withheld(WithheldReason.CONSENT, ""))

    def _page_root(
        self, key: str, nodes: list[FieldNode], definition: GraphQLField, source: ManySource, grants: tuple[Grant, ...]
    ) -> None:
        builder = self._authorizer.builder(source.entity, grants)
        page = self._selection_planner.plan_page(builder, nodes, definition, source, (key,))
        if not builder.filters and (self._authorizer.purpose, source.entity) in ONE_AT_A_TIME:
            self._refuse_list(key, f"Query.{nodes[0].name.value}")
            return
        parts = {part for _, part in page.parts}
        filtered = any(one.name != source.always for one in builder.filters)
        # A narrowed list may be about one person, so even its count reveals something of that person.
        if parts & {"nodes", "edges"} or (filtered and parts - {"__typename"}):
            name = f"Query.{nodes[0].name.value}"
            self._authorizer.record_shown_row(builder, name, self._authorizer.class_of(name), grants)
            if filtered and builder.size == 0 and builder.shown:
                raise BadArgument(
                    argument="last" if builder.backward else "first"
                )  # without a row no access entry would record it
        self.done.roots.append(PlannedRoot(key, RootPage(page)))

    def _watch_root(
        self, key: str, nodes: list[FieldNode], definition: GraphQLField, source: WatchSource, name: str
    ) -> None:
        """Plan a subscription: the page of its list. That there is an event already says that a row is there."""
        data_class = self._authorizer.class_of(name)
        grants = self._admit_root(key, name, data_class)
        if grants is None or not self._is_list_admitted(key, name, grants):
            return
        grants = self._limited(key, name, grants, {Scope.OWN: "subject"}) if source.own else grants
        if not grants:
            return
        builder = self._authorizer.builder(source.listed.entity, grants)
        page = self._selection_planner.plan_page(builder, nodes, definition, source.listed, (key,))
        if builder.size == 0:
            raise BadArgument(argument="first")
        self._authorizer.record_shown_row(builder, name, data_class, grants)
        watch = PlannedWatch(nodes[0].name.value, source, builder.index)
        if source.only_new is not None:
            builder.window = MOST_NEW
            keys_at = tuple(builder.at("", column) for column in source.only_new.keys)
            builder.after = None if source.only_new.place is None else f"s{builder.index}_after"
            watch = PlannedWatch(watch.root, source, builder.index, keys_at, builder.after)
        self.done.watch = watch
        self.done.roots.append(PlannedRoot(key, RootPage(page)))

    def _limited(self, key: str, name: str, grants: tuple[Grant, ...], roles: Mapping[Scope, str]) -> tuple[Grant, ...]:
        """Return the grants of these scopes, which such *roles* have; raises RootRefused without any, or notes it."""
        grants = tuple(grant for grant in grants if grant.scope in roles)
        if grants:
            return grants
        unlock = f"role:{','.join(roles.values())}"
        if not self._authorizer.explaining:
            raise RootRefused(status=403, at=[key], field=name, reason=WithheldReason.ROLE, unlock=unlock)
        self._authorizer.refuse((key,), name, self._authorizer.class_of(name), Withheld(WithheldReason.ROLE, unlock))
        return ()

    def _single_root(
        self, key: str, nodes: list[FieldNode], definition: GraphQLField, source: RootSource, name: str
    ) -> None:
        given = arguments(definition, nodes[0], self._variables, explaining=self._authorizer.explaining)
        if source.finding in {RootLookup.NODE, *SEVERAL}:
            self._nodes_root(key, nodes, definition, source, given)
            return
        entity = cast("Entity", source.entity)
        grants = self._admit_single(key, name, source, entity)
        if grants is None:
            return
        if source.finding is RootLookup.OWN:
            grants = self._limited(key, name, grants, {Scope.OWN: "subject", Scope.DELEGATED: "agent"})
            if not grants:
                return
        builder = self._authorizer.builder(entity, grants)
        builder.size = 1
        self._find(builder, key, source, FieldArguments(definition, nodes[0]), is_chosen=bool(given.get("id")))
        if entity in OWNED:
            builder.order = tuple(Order(column) for column in entity.spec.keys)
        self._authorizer.record_shown_row(builder, name, self._authorizer.class_of(name), grants)
        node = self._selection_planner.plan_object(builder, "", entity, subselections(nodes), (key,))
        found = RootObject(builder.index, node)
        self._add_root_on_consent(key, found, name if builder.consent is not None else None)

    def _find(
        self, builder: StatementBuilder, key: str, source: RootSource, given: FieldArguments, *, is_chosen: bool
    ) -> None:
        """Let the statement find the one object; *is_chosen*: by its id, among those that the caller is or acts for."""
        if source.finding is RootLookup.COLUMNS:
            for one in source.choices.values():
                self._authorizer.admit_filter(builder, one.reads, (key,))
            builder.filters, binder = find_by_columns(builder.index, source.choices, given)
            for column in builder.entity.spec.keys:
                builder.at("", column)  # that there is a row, where nothing else is asked of it
        elif source.finding is RootLookup.IDENTIFIER:
            builder.filters, binder, number = find_by_identifier(builder.index, given)
            self.done.lookups.append((builder.index, number))
        elif source.finding is RootLookup.ID or is_chosen:
            builder.filters, binder = find_by_id(builder.index, builder.entity, given)
        else:
            return
        self.done.binders.append(binder)

    def _admit_single(self, key: str, name: str, source: RootSource, entity: Entity) -> tuple[Grant, ...] | None:
        """Return the grants that admit a root of one object; None where it is refused, and that was noted."""
        data_class = self._authorizer.class_of(name)
        is_named = source.finding in {RootLookup.ID, RootLookup.COLUMNS}
        if is_named and not self._are_ids_taken(key, name, entity, data_class):
            return None
        grants = self._admit_root(key, name, data_class)
        if (
            grants is not None
            and source.finding is RootLookup.COLUMNS
            and not self._is_list_admitted(key, name, grants)
        ):
            return None  # what is read on consent is not looked for
        return grants

    def _nodes_root(
        self, key: str, nodes: list[FieldNode], definition: GraphQLField, source: RootSource, given: Mapping[str, Any]
    ) -> None:
        """Plan one statement for each entity that the given ids name."""
        found: dict[Entity, tuple[int, Sequence[int], OutputNode]] = {}
        each = FieldArguments(definition, nodes[0])
        on_consent: str | None = None
        is_list = source.finding in SEVERAL
        for entity in entities_of(
            given, explaining=self._authorizer.explaining, most=self._authorizer.plan_context.limits.node_ids
        ):
            data_class = data_class_of(entity)
            name = f"{nodes[0].name.value}:{entity}"
            if not self._are_ids_taken(key, name, entity, data_class):
                continue
            grants = self._admit_root(key, name, data_class)
            if grants is None or (is_list and not self._is_list_admitted(key, name, grants)):
                continue
            builder = self._authorizer.builder(entity, grants)
            builder.rows = self._authorizer.plan_context.limits.node_ids if is_list else 1
            builder.filters, binder = find_by_ids(
                builder.index, entity, each, self._authorizer.plan_context.limits.node_ids
            )
            self.done.binders.append(binder)
            builder.key_at = [builder.at("", column) for column in entity.spec.keys]
            builder.keys_asked = keys_asked(entity, each)
            self._authorizer.record_shown_row(builder, f"Query.{nodes[0].name.value}", data_class, grants)
            node = self._selection_planner.plan_object(builder, "", entity, subselections(nodes), (key,))
            found[entity] = builder.index, builder.key_at, node
            on_consent = on_consent or (name if builder.consent is not None else None)
        root = FoundById(found, lambda variables: ids_of(each, variables), is_list)
        if is_list:
            self.done.lists.add((key,))
        self._add_root_on_consent(key, root, None if is_list else on_consent)

    def _add_root_on_consent(self, key: str, value: RootNode, name: str | None) -> None:
        """Add a root. With its *name*, its null means that there is no authorisation."""
        authorizer = self._authorizer
        data_class = next((one.data_class for one in self.done.decisions if one.path == (key,)), None)
        marker = None if name is None else authorizer.without_consent((key,), name, data_class)
        self.done.roots.append(PlannedRoot(key, value, marker))

    def _mutation(self, root: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> None:
        """Admit the action, and plan what its payload reads back after it."""
        name = f"{root.name}.{nodes[0].name.value}"
        data_class = self._authorizer.class_of(name)
        self._authorizer.need_purpose(data_class)
        allowed = self._authorizer.plan_context.policy.act(
            self._authorizer.role,
            self._authorizer.purpose,
            cast("DataClass", data_class),
            action_of(root.fields[nodes[0].name.value]),
        )
        if isinstance(allowed, Withheld):
            if not self._authorizer.explaining:
                raise RootRefused(
                    status=401 if self._authorizer.role is Role.ANONYMOUS else 403,
                    at=[key],
                    field=name,
                    dataClass=data_class,
                    reason=allowed.reason,
                    unlock=allowed.unlock,
                )
            self._authorizer.refuse((key,), name, data_class, allowed)
            return
        self.done.unplanned.append(key)
        payload = get_named_type(root.fields[nodes[0].name.value].type)
        members = (
            self._authorizer.plan_context.schema.get_possible_types(payload) if is_abstract_type(payload) else [payload]
        )
        for member in cast("Sequence[GraphQLObjectType]", members):
            for inner, below in self._selections.collect(member, subselections(nodes)).items():
                source = self._authorizer.plan_context.sources.get(f"{member.name}.{below[0].name.value}")
                if isinstance(source, ReadBack):
                    self._read_back(source.entity, (key, inner), f"{member.name}.{below[0].name.value}", below)

    def _read_back(self, entity: Entity, path: Path, name: str, nodes: list[FieldNode]) -> None:
        sub = OperationPlanner(
            self._authorizer.plan_context,
            self._selections,
            self._variables,
            self._authorizer.role,
            self._authorizer.purpose,
        )
        answer = sub._authorizer.lookup(data_class_of(entity))
        if isinstance(answer, Withheld):
            self._authorizer.refuse(path, name, data_class_of(entity), answer)
            return
        builder = sub._authorizer.builder(entity, answer)
        builder.size = 1
        builder.order = tuple(Order(column) for column in entity.spec.keys)
        builder.filters = tuple(Filter("", column, "=", f"key_{at}") for at, column in enumerate(entity.spec.keys))
        sub._authorizer.record_shown_row(builder, name, data_class_of(entity), answer)
        node = sub._selection_planner.plan_object(builder, "", entity, subselections(nodes), path)
        sub.done.roots.append(PlannedRoot(path[-1], RootObject(builder.index, node)))
        self.done.read_backs[path] = sub._authorizer.finish()
        self.done.decisions += sub.done.decisions
        self.done.lists |= sub.done.lists


def action_of(mutation: GraphQLField) -> Action:
    """Return the action of a mutation, which the policy must allow: `write`, unless the field states another."""
    definition = mutation.extensions.get("strawberry-definition")
    return cast("Action", definition.metadata.get(ACTION, Action.WRITE)) if definition is not None else Action.WRITE
