"""Plans the selections of objects: their fields, their to-one relations, and their pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from typing import Any, Final, cast

from graphql import FieldNode, GraphQLField, GraphQLObjectType, SelectionSetNode, get_named_type

from consent.vocabulary import Form, Purpose
from policy.decisions import Withheld, WithheldReason
from queryplan.entities import REFERENCE, Entity
from queryplan.plan import Figure
from queryplan.scopes import OF_STATE
from schema.core.entities import KIND_OF
from schema.core.fields import (
    CanonicalIdSource,
    ColumnSource,
    DisclosureSource,
    FunctionSource,
    IdSource,
    ManySource,
    OneSource,
    SealedSource,
    Structure,
    ViewerStepsSource,
)
from schema.execution.output import output_nodes
from schema.execution.output.field_forms import FieldForms
from schema.execution.planning.authorizer import FieldAuthorizer
from schema.execution.planning.decisions import FieldDecision
from schema.execution.planning.field_collector import FieldCollector, subselections
from schema.execution.planning.operation_plan import EVERYWHERE, Path, PlannedViewerSteps, RequestedField, Visibility
from schema.execution.planning.page_arguments import page_arguments
from schema.execution.planning.statement_builder import OpenedField, StatementBuilder

AROUND: Final = frozenset({"hasNextPage", "hasPreviousPage"})


class SelectionPlanner:
    """The part of a visit below the roots: asks the authorizer about each field, and makes nodes of the decisions."""

    def __init__(self, authorizer: FieldAuthorizer, selections: FieldCollector, variables: Any) -> None:  # noqa: ANN401 - graphql's VariableValues
        self._authorizer = authorizer
        self._selections = selections
        self._variables = variables
        self._pages: dict[tuple[object, ...], output_nodes.PageNode] = {}

    def plan_object(
        self,
        builder: StatementBuilder,
        of: str,
        entity: Entity,
        sets: list[SelectionSetNode],
        path: Path,
        step: Visibility = EVERYWHERE,
    ) -> output_nodes.OutputNode:
        """Plan the selection of one object, for each concrete type that it may have.

        *step* is the visibility of the relation that leads to it; in other rows the object is null.
        """
        within, before = step.clear or (), builder.here
        if entity is Entity.SUBJECT:
            here = builder.here = builder.at(of, "kind", "plain", within, step.groups)
            by_kind = {
                kind: self._object(builder, of, entity, typename, sets, path, kind)
                for typename, kind in KIND_OF.items()
            }
            node: output_nodes.OutputNode = output_nodes.OneOfTypes(by_kind, here)
        elif of:
            here = builder.here = builder.at(of, entity.spec.keys[-1], "plain", within, step.groups)
            found = self._object(builder, of, entity, entity.spec.graphql_type, sets, path, None)
            found.marker = here
            node = found
        else:
            builder.here = None
            node = self._object(builder, of, entity, entity.spec.graphql_type, sets, path, None)
        builder.here = before
        return node

    def _object(
        self,
        builder: StatementBuilder,
        of: str,
        entity: Entity,
        typename: str,
        sets: list[SelectionSetNode],
        path: Path,
        kind: str | None,
    ) -> output_nodes.ObjectNode:
        concrete = cast("GraphQLObjectType", self._authorizer.plan_context.schema.type_map[typename])
        fields: dict[str, output_nodes.OutputNode] = {}
        disclosures: dict[str, list[FieldNode]] = {}
        shown: dict[str, output_nodes.OutputNode] = {}
        for key, nodes in self._selections.collect(concrete, sets).items():
            name = nodes[0].name.value
            if name == "__typename":
                fields[key] = output_nodes.Constant(typename)
            elif isinstance(self._authorizer.plan_context.sources.get(f"{typename}.{name}"), DisclosureSource):
                fields[key], disclosures[key] = output_nodes.Constant(None), nodes
            else:
                if kind is not None:
                    self._authorizer.note_kind((*path, key), kind)
                fields[key] = self._field(builder, of, entity, concrete, nodes, (*path, key), kind)
                shown.setdefault(name, fields[key])
        for key, nodes in disclosures.items():  # planned last: it tells of all the others
            shape = self._shape_of(concrete.fields[nodes[0].name.value], subselections(nodes))
            fields[key] = FieldForms(list(shown.items()), *shape)
        return output_nodes.ObjectNode(typename, list(fields.items()))

    def _field(
        self,
        builder: StatementBuilder,
        of: str,
        entity: Entity,
        concrete: GraphQLObjectType,
        nodes: list[FieldNode],
        path: Path,
        kind: str | None,
    ) -> output_nodes.OutputNode:
        name = f"{concrete.name}.{nodes[0].name.value}"
        source = self._authorizer.plan_context.sources.get(name)
        if isinstance(source, ViewerStepsSource) and not self._authorizer.admitted_steps(source.topic):
            return output_nodes.ViewerSteps(None, (), (concrete.name, ()))  # whatever the row says, it is empty
        data_class = self._authorizer.class_of(name)
        answer = self._authorizer.lookup(data_class)
        view = answer if isinstance(answer, Withheld) else self._authorizer.view(builder, answer, data_class)
        if isinstance(view, Withheld):
            return self._authorizer.refuse(path, name, data_class, view)
        source = self._authorizer.plan_context.sources[name]
        asked = RequestedField(name, data_class, path, kind)
        if isinstance(source, SealedSource):
            shown = self._sealed(builder, of, source, view, asked)
        elif view.clear is None:
            return self._authorizer.refuse(path, name, data_class, Withheld(WithheldReason.NECESSITY, ""))
        else:
            if isinstance(source, ManySource) and OF_STATE.intersection(view.clear):
                # The rows of the list have the scope; a list without rows is an answer.
                view = replace(view, clear=())
            self._authorizer.record_shown_field(builder, view, asked, Form.CLEAR)
            shown = self._clear(builder, of, entity, concrete, nodes, asked, view)
        return self._authorizer.on_consent(builder, view, asked, shown)

    def _clear(
        self,
        builder: StatementBuilder,
        of: str,
        entity: Entity,
        concrete: GraphQLObjectType,
        nodes: list[FieldNode],
        asked: RequestedField,
        view: Visibility,
    ) -> output_nodes.OutputNode:
        """Plan a field whose value is shown as it is."""
        source = self._authorizer.plan_context.sources[asked.name]
        definition = concrete.fields[nodes[0].name.value]
        path, kind = asked.path, asked.kind
        if isinstance(source, OneSource):
            alias = builder.join(of, source.relation)
            return self.plan_object(builder, alias, source.entity, subselections(nodes), path, view)
        if isinstance(source, ManySource):
            return self._plan_child_page(builder, of, entity, nodes, definition, source, path, view, kind)
        if isinstance(source, IdSource | CanonicalIdSource):
            return self._identity(builder, of, source, entity)
        if isinstance(source, FunctionSource):
            computed = self._computed(builder, of, source, view, kind)
            below = subselections(nodes)
            return output_nodes.Projected(computed, *self._shape_of(definition, below)) if below else computed
        if isinstance(source, ViewerStepsSource):
            keys = [builder.at(of, key, "plain", view.clear or (), view.groups, kind) for key in entity.spec.keys]
            planned = self._authorizer.done.viewer_steps
            admitted = self._authorizer.admitted_steps(source.topic)
            planned.append(PlannedViewerSteps(builder.index, keys, source.topic, admitted))
            return output_nodes.ViewerSteps(
                len(planned) - 1, keys, self._nested_shape(definition, subselections(nodes))
            )
        if isinstance(source, ColumnSource):
            return output_nodes.ColumnValue(builder.at(of, source.name, "plain", view.clear or (), view.groups, kind))
        raise TypeError(f"{asked.name} has no source that a row can show")

    def _identity(
        self, builder: StatementBuilder, of: str, source: IdSource | CanonicalIdSource, entity: Entity
    ) -> output_nodes.OutputNode:
        """Plan a global id. What is published has an id that leads to no record, and no canonical one [5.1.6].

        That of a subject is the subject's in this listing alone: no two listings have it in common.
        """
        named = source.entity if isinstance(source, IdSource) else entity
        positions = [builder.at(of, column) for column in named.spec.keys]
        purpose = self._authorizer.purpose
        is_published = purpose is Purpose.PUBLICITY and named not in REFERENCE
        if isinstance(source, CanonicalIdSource):
            return output_nodes.Constant(None) if is_published else output_nodes.Identity(named, positions)
        if not is_published:
            return output_nodes.Identity(named, positions, purpose=purpose)
        if named is Entity.SUBJECT:
            positions = [*positions, *(builder.at("", column) for column in builder.entity.spec.keys)]
        return output_nodes.Identity(named, positions, self._authorizer.plan_context.public_id_tag)

    def _computed(
        self, builder: StatementBuilder, of: str, source: FunctionSource, view: Visibility, kind: str | None
    ) -> output_nodes.Computed:
        """Plan the columns of a function; a guarded one only in the rows in which its own class is clear."""
        within = [view.clear or () if name not in source.guarded else None for name in source.columns]
        for at, name in enumerate(source.columns):
            if within[at] is None:
                data_class = source.guarded[name]
                answer = self._authorizer.lookup(data_class)
                own = answer if isinstance(answer, Withheld) else self._authorizer.view(builder, answer, data_class)
                within[at] = None if isinstance(own, Withheld) else own.clear
        positions = [
            None if scopes is None else builder.at(of, name, "plain", scopes, view.groups, kind)
            for name, scopes in zip(source.columns, within, strict=True)
        ]
        function = partial(source.function, self._authorizer.purpose) if source.shows_ids else source.function
        return output_nodes.Computed(function, positions)

    def _sealed(
        self, builder: StatementBuilder, of: str, source: SealedSource, view: Visibility, asked: RequestedField
    ) -> output_nodes.OutputNode:
        positions: list[int] = []
        opened: FieldDecision | None = None
        if view.clear is not None:
            self._authorizer.done.opens.add((source.table, source.name))
            opened = self._authorizer.record_shown_field(builder, view, asked, Form.CLEAR)
            positions.append(builder.at(of, source.name, "sealed", view.clear, view.groups, asked.kind))
        if view.masked is not None:
            self._authorizer.record_shown_field(builder, view, asked, Form.MASKED)
            positions.append(builder.at(of, source.name, "mask", view.masked, view.groups, asked.kind))
        if opened is not None:
            shows = OpenedField(opened, asked.kind, builder.here)
            builder.opened.setdefault(positions[0], []).append(shows)
        node: output_nodes.ColumnValue | output_nodes.ClearOrMasked
        if len(positions) > 1:
            node = output_nodes.ClearOrMasked(*positions)
        elif opened is None:
            node = output_nodes.MaskValue(positions[0])
        else:
            node = output_nodes.ColumnValue(positions[0])
        return node if source.shown is None else output_nodes.Worded(node, source.shown)

    def _plan_child_page(
        self,
        builder: StatementBuilder,
        of: str,
        entity: Entity,
        nodes: list[FieldNode],
        definition: GraphQLField,
        source: ManySource,
        path: Path,
        view: Visibility,
        kind: str | None,
    ) -> output_nodes.OutputNode:
        # A selection that all kinds of subject share is planned once; a selection of one kind, for that kind only.
        asked = (path, source.relation, *map(id, nodes))
        parent_at = builder.at(of, entity.spec.keys[-1], "plain", view.clear or (), view.groups, kind, asked)
        known = (parent_at, of, view.grants, *asked)
        if known not in self._pages:
            parent = (builder.index, parent_at, cast("str", source.relation))
            child = self._authorizer.builder(source.entity, view.grants, parent=parent)
            child.rows = builder.rows
            self._pages[known] = self.plan_page(child, nodes, definition, source, path)
        return output_nodes.ChildPage(self._pages[known], parent_at)

    def plan_page(
        self,
        builder: StatementBuilder,
        nodes: list[FieldNode],
        definition: GraphQLField,
        source: ManySource,
        path: Path,
    ) -> output_nodes.PageNode:
        given = page_arguments(
            builder.index,
            source,
            definition,
            nodes[0],
            self._variables,
            self._authorizer.plan_context.limits.page,
            explaining=self._authorizer.explaining,
        )
        for name in given.reads:
            self._authorizer.admit_filter(builder, name, path)
        wanted = given.slice
        builder.filters = tuple(self._authorizer.seen_states(builder, one, source, path) for one in given.filters)
        builder.order, builder.moving = wanted.order, wanted.moving
        builder.size, builder.backward, builder.after, builder.until = (
            wanted.size,
            wanted.backward,
            given.after,
            given.until,
        )
        builder.rows *= max(1, wanted.size)
        self._authorizer.done.binders.append(given.binder)
        connection = cast("GraphQLObjectType", get_named_type(definition.type))
        page = output_nodes.PageNode(builder.index, connection.name, (), wanted.tag, [], backward=wanted.backward)
        for key, part, below in self._parts(connection, subselections(nodes)):
            page.parts.append((key, part))
            sets = subselections(below)
            inner = get_named_type(connection.fields[below[0].name.value].type) if sets else None
            if part in {"nodes", "edges"}:
                self._authorizer.done.lists.add((*path, key))
            if part == "nodes":
                page.nodes[key] = self.plan_object(builder, "", source.entity, sets, (*path, key))
            elif part == "edges":
                edge = cast("GraphQLObjectType", inner)
                page.edges[key] = (edge.name, self._edges(builder, edge, source.entity, sets, (*path, key)))
            elif part == "pageInfo":
                info = cast("GraphQLObjectType", inner)
                page.info[key] = [(name, part) for name, part, _ in self._parts(info, sets)]
                _ask_what_is_around(builder, page, {part for _, part in page.info[key]})
            elif part == "total":
                total = cast("GraphQLObjectType", inner)
                page.totals[key] = [(name, part) for name, part, _ in self._parts(total, sets)]
                builder.figures[Figure.COUNTED] = None
            elif part == "totalCount":
                builder.figures[Figure.TOTAL] = None
        page.order_at = [builder.at("", order.name) for order in wanted.order]
        if wanted.moving is not None:
            page.again_at = builder.at("", "walk:again")
            page.keys_at = [builder.at("", key) for key in wanted.moving.keys]
        return page

    def _edges(
        self,
        builder: StatementBuilder,
        edge: GraphQLObjectType,
        entity: Entity,
        sets: list[SelectionSetNode],
        path: Path,
    ) -> list[tuple[str, str, output_nodes.OutputNode | None]]:
        fields: list[tuple[str, str, output_nodes.OutputNode | None]] = []
        for key, part, nodes in self._parts(edge, sets):
            node = self.plan_object(builder, "", entity, subselections(nodes), (*path, key)) if part == "node" else None
            fields.append((key, part, node))
        return fields

    def _parts(self, of: GraphQLObjectType, sets: list[SelectionSetNode]) -> list[tuple[str, str, list[FieldNode]]]:
        """Return the requested structural fields of a page, an edge or a PageInfo: (key, part, nodes)."""
        found: list[tuple[str, str, list[FieldNode]]] = []
        for key, nodes in self._selections.collect(of, sets).items():
            name = nodes[0].name.value
            if name == "__typename":
                found.append((key, "__typename", nodes))
            else:
                found.append(
                    (key, cast("Structure", self._authorizer.plan_context.sources[f"{of.name}.{name}"]).part, nodes)
                )
        return found

    def _nested_shape(self, definition: GraphQLField, sets: list[SelectionSetNode]) -> output_nodes.Shape:
        """Return the same, with the shapes of the objects that these have in turn."""
        of = cast("GraphQLObjectType", get_named_type(definition.type))
        parts = self._parts(of, sets)
        return of.name, [
            (key, part, self._nested_shape(of.fields[part], inner) if (inner := subselections(below)) else None)
            for key, part, below in parts
        ]

    def _shape_of(self, definition: GraphQLField, sets: list[SelectionSetNode]) -> tuple[str, list[tuple[str, str]]]:
        """Return the type name, and (key, part) of each requested field, of the objects that a function returns."""
        of = cast("GraphQLObjectType", get_named_type(definition.type))
        return of.name, [(key, part) for key, part, _ in self._parts(of, sets)]


def _ask_what_is_around(builder: StatementBuilder, page: output_nodes.PageNode, asked: Collection[str]) -> None:
    """Let the statement say whether there are rows beyond the cursors of the page, where that is *asked*."""
    if page.ahead in asked and builder.until is not None:
        page.beyond = True
        builder.figures[Figure.BEYOND] = None
    if (AROUND - {page.ahead}).intersection(asked) and builder.after is not None:
        page.behind = True
        builder.figures[Figure.BEHIND] = None
