"""Plans what is asked of things: their fields, the steps from one to another, and pages of many."""

from __future__ import annotations

from typing import Any, cast

from graphql import FieldNode, GraphQLField, GraphQLObjectType, SelectionSetNode, get_named_type

from consent.vocabulary import Form
from policy.decision_table import Reason, Withheld
from queryplan.plan import Entity
from schema.core.entities import KIND_OF, TYPE_OF
from schema.core.fields import ColumnSource, FunctionSource, IdSource, ManySource, OneSource, SealedSource, Structure
from schema.core.global_ids import KEYS
from schema.execution import output_plan as shapes
from schema.execution.planning.argument_binding import page_arguments
from schema.execution.planning.authorizer import Judge
from schema.execution.planning.field_collector import Selections, subselections
from schema.execution.planning.operation_plan import EVERYWHERE, Asked, Path, View
from schema.execution.planning.statement_builder import Draft


class Things:
    """The part of a visit below the roots. It asks the judge of every field, and turns the answer into readers."""

    def __init__(self, judge: Judge, selections: Selections, variables: Any) -> None:  # noqa: ANN401 - graphql's VariableValues
        self._judge = judge
        self._selections = selections
        self._variables = variables
        self._pages: dict[tuple[object, ...], shapes.PageShape] = {}

    def thing(
        self, draft: Draft, of: str, entity: Entity, sets: list[SelectionSetNode], path: Path, step: View = EVERYWHERE
    ) -> shapes.Reader:
        """Plan what is asked of one thing, for each concrete type that it may have.

        *step* tells in which rows the step to it may be taken; in others there is nothing at its end.
        """
        within, before = step.clear or (), draft.here
        if entity is Entity.SUBJECT:
            here = draft.here = draft.at(of, "kind", "plain", within, step.groups)
            by_kind = {
                kind: self._object(draft, of, entity, typename, sets, path, kind) for typename, kind in KIND_OF.items()
            }
            reader = shapes.one_of(by_kind, here)
        elif of:
            here = draft.here = draft.at(of, KEYS[entity][-1], "plain", within, step.groups)
            reader = shapes.joined(self._object(draft, of, entity, TYPE_OF[entity], sets, path, None), here)
        else:
            draft.here = None
            reader = self._object(draft, of, entity, TYPE_OF[entity], sets, path, None).read
        draft.here = before
        return reader

    def _object(
        self,
        draft: Draft,
        of: str,
        entity: Entity,
        typename: str,
        sets: list[SelectionSetNode],
        path: Path,
        kind: str | None,
    ) -> shapes.ObjectShape:
        concrete = cast("GraphQLObjectType", self._judge.house.schema.type_map[typename])
        fields: list[tuple[str, shapes.Reader]] = []
        for key, nodes in self._selections.collect(concrete, sets).items():
            if nodes[0].name.value == "__typename":
                fields.append((key, shapes.constant(typename)))
            else:
                fields.append((key, self._field(draft, of, entity, concrete, nodes, (*path, key), kind)))
        return shapes.ObjectShape(typename, fields)

    def _field(  # noqa: PLR0911 - one for each kind of source
        self,
        draft: Draft,
        of: str,
        entity: Entity,
        concrete: GraphQLObjectType,
        nodes: list[FieldNode],
        path: Path,
        kind: str | None,
    ) -> shapes.Reader:
        name = f"{concrete.name}.{nodes[0].name.value}"
        data_class = self._judge.class_of(name)
        answer = self._judge.lookup(data_class)
        view = answer if isinstance(answer, Withheld) else self._judge.view(draft, answer, data_class)
        if isinstance(view, Withheld):
            return self._judge.refuse(path, name, data_class, view)
        source = self._judge.house.sources[name]
        definition = concrete.fields[nodes[0].name.value]
        if isinstance(source, SealedSource):
            return self._sealed(draft, of, source, view, Asked(name, data_class, path, kind))
        if view.clear is None:
            return self._judge.refuse(path, name, data_class, Withheld(Reason.NECESSITY, ""))
        self._judge.show(draft, view, Asked(name, data_class, path, kind), Form.CLEAR)
        if isinstance(source, OneSource):
            alias = draft.join(of, source.relation)
            return self.thing(draft, alias, source.entity, subselections(nodes), path, view)
        if isinstance(source, ManySource):
            return self._child_page(draft, of, entity, nodes, definition, source, path, view, kind)
        if isinstance(source, IdSource):
            return shapes.identity(source.entity, [draft.at(of, column) for column in KEYS[source.entity]])
        if isinstance(source, FunctionSource):
            positions = [draft.at(of, column, "plain", view.clear, view.groups, kind) for column in source.columns]
            computed = shapes.computed(source.function, positions)
            below = subselections(nodes)
            return shapes.projected(computed, self._shape_of(definition, below)) if below else computed
        if isinstance(source, ColumnSource):
            return shapes.at(draft.at(of, source.name, "plain", view.clear, view.groups, kind))
        raise TypeError(f"{name} has no source that a row can show")

    def _sealed(self, draft: Draft, of: str, source: SealedSource, view: View, asked: Asked) -> shapes.Reader:
        positions: list[int] = []
        if view.clear is not None:
            self._judge.done.opens.add((source.table, source.name))
            self._judge.show(draft, view, asked, Form.CLEAR)
            positions.append(draft.at(of, source.name, "sealed", view.clear, view.groups, asked.kind))
        if view.masked is not None:
            self._judge.show(draft, view, asked, Form.MASKED)
            positions.append(draft.at(of, source.name, "mask", view.masked, view.groups, asked.kind))
        reader = shapes.first_of(*positions) if len(positions) > 1 else shapes.at(positions[0])
        return reader if source.shown is None else shapes.worded(reader, source.shown)

    def _child_page(
        self,
        draft: Draft,
        of: str,
        entity: Entity,
        nodes: list[FieldNode],
        definition: GraphQLField,
        source: ManySource,
        path: Path,
        view: View,
        kind: str | None,
    ) -> shapes.Reader:
        # What all kinds of subject are asked in the same words is asked once; what one is asked, of that kind only.
        asked = (path, source.relation, *map(id, nodes))
        parent_at = draft.at(of, KEYS[entity][-1], "plain", view.clear or (), view.groups, kind, asked)
        known = (parent_at, of, view.grants, *asked)
        if known not in self._pages:
            parent = (draft.index, parent_at, cast("str", source.relation))
            child = self._judge.draft(source.entity, view.grants, parent=parent)
            child.rows = draft.rows
            self._pages[known] = self.page(child, nodes, definition, source, path, parent_at=parent_at)
        return shapes.page_of(self._pages[known], parent_at)

    def page(
        self,
        draft: Draft,
        nodes: list[FieldNode],
        definition: GraphQLField,
        source: ManySource,
        path: Path,
        *,
        parent_at: int | None,
    ) -> shapes.PageShape:
        tag = f"{source.relation or 'root'}:{source.entity}:{'.'.join(order.name for order in source.order)}"
        given = page_arguments(
            draft.index,
            source,
            definition,
            nodes[0],
            self._variables,
            tag,
            self._judge.house.limits.page,
            explaining=self._judge.explaining,
        )
        for name in given.reads:
            self._judge.admit_filter(draft, name, path)
        draft.filters, draft.first, draft.after, draft.order = given.filters, given.first, given.after, source.order
        draft.rows *= max(1, given.first)
        self._judge.done.binders.append(given.binder)
        connection = cast("GraphQLObjectType", get_named_type(definition.type))
        page = shapes.PageShape(draft.index, connection.name, parent_at, (), tag, [], {}, {}, {})
        for key, part, below in self._parts(connection, subselections(nodes)):
            page.parts.append((key, part))
            sets = subselections(below)
            inner = get_named_type(connection.fields[below[0].name.value].type) if sets else None
            if part == "nodes":
                page.nodes[key] = self.thing(draft, "", source.entity, sets, (*path, key))
            elif part == "edges":
                edge = cast("GraphQLObjectType", inner)
                page.edges[key] = (edge.name, self._edges(draft, edge, source.entity, sets, (*path, key)))
            elif part == "pageInfo":
                info = cast("GraphQLObjectType", inner)
                page.info[key] = [(name, part) for name, part, _ in self._parts(info, sets)]
            elif part == "totalCount":
                draft.total = True
        page.order_at = [draft.at("", order.name) for order in source.order]
        return page

    def _edges(
        self, draft: Draft, edge: GraphQLObjectType, entity: Entity, sets: list[SelectionSetNode], path: Path
    ) -> list[tuple[str, str, shapes.Reader | None]]:
        fields: list[tuple[str, str, shapes.Reader | None]] = []
        for key, part, nodes in self._parts(edge, sets):
            reader = self.thing(draft, "", entity, subselections(nodes), (*path, key)) if part == "node" else None
            fields.append((key, part, reader))
        return fields

    def _parts(self, of: GraphQLObjectType, sets: list[SelectionSetNode]) -> list[tuple[str, str, list[FieldNode]]]:
        """Return the structural fields asked of a page, an edge or a PageInfo: (key, part, nodes)."""
        found: list[tuple[str, str, list[FieldNode]]] = []
        for key, nodes in self._selections.collect(of, sets).items():
            name = nodes[0].name.value
            if name == "__typename":
                found.append((key, "__typename", nodes))
            else:
                found.append((key, cast("Structure", self._judge.house.sources[f"{of.name}.{name}"]).part, nodes))
        return found

    def _shape_of(self, definition: GraphQLField, sets: list[SelectionSetNode]) -> tuple[str, list[tuple[str, str]]]:
        """Return type name and (key, part) of what is asked of the objects that a function gives."""
        of = cast("GraphQLObjectType", get_named_type(definition.type))
        return of.name, [(key, part) for key, part, _ in self._parts(of, sets)]
