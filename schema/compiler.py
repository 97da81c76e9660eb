"""Authorises a document and plans its reads, in one visit, before anything is executed.

Every field that the operation reaches is looked up in the policy table; what is allowed becomes columns of a
statement and readers of its rows, what is withheld becomes null and one error. The result holds for every request
with the same document, operation, role, purpose and policy, so it is kept (`schema.road`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)

from consent.purposes import GROUP_OF, WITHOUT_PURPOSE, Basis, DataClass, Form, Purpose
from consent.reading import Entity, Filter, Order, ReadPlan, Scope
from policy.actions import Action
from policy.actors import Role
from policy.table import Grant, Reason, Table, Withheld
from schema import shapes
from schema.arguments import (
    Binder,
    arguments,
    entities_of,
    find_by_id,
    find_by_identifier,
    find_by_ids,
    ids_of,
    keys_asked,
    page_arguments,
)
from schema.entities import ENTITY_CLASS, KIND_OF, OWNED, TYPE_OF
from schema.errors import BadArgument, FilterRefused, LimitExceeded, PurposeRequired, RootRefused
from schema.globalid import KEYS
from schema.limits import Limits
from schema.selections import Selections, subselections
from schema.sources import (
    ColumnSource,
    Finding,
    FunctionSource,
    IdSource,
    ManySource,
    OneSource,
    ReadBack,
    RootSource,
    SealedSource,
    Source,
    Structure,
)
from schema.statements import Draft, Shown
from schema.withheld import Decision, Outcome

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class House:
    """What a document is compiled against: the schema, its field map, the policy and the limits."""

    schema: GraphQLSchema
    sources: Mapping[str, Source]
    table: Table
    limits: Limits


@dataclass(frozen=True, slots=True)
class View:
    """In which rows a class is shown: None nowhere, () in every row of the statement, else in these scopes."""

    clear: tuple[Scope, ...] | None
    masked: tuple[Scope, ...] | None
    groups: int
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One field where it stands in the document; *kind* where it is asked of one kind of subject."""

    name: str
    data_class: DataClass | None
    path: Path
    kind: str | None


@dataclass(slots=True)
class PlannedRoot:
    """A root whose value is made from rows. *missing_is_consent*: an empty answer may mean a missing authorisation."""

    key: str
    read: Callable[[shapes.Rows], object]
    missing_is_consent: bool = False


@dataclass(slots=True)
class Compiled:
    """A document, decided and planned."""

    drafts: list[Draft] = field(default_factory=list)
    roots: list[PlannedRoot] = field(default_factory=list)
    unplanned: list[str] = field(default_factory=list)
    binders: list[Binder] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    consent_needs: list[tuple[int, int, int, Decision]] = field(default_factory=list)
    """(statement, position of the granted groups, groups needed, what is withheld without them)"""
    opens: set[tuple[str, str]] = field(default_factory=set)
    read_backs: dict[Path, Compiled] = field(default_factory=dict)
    """What a mutation's payload reads back, by (root key, payload key)."""
    plan: ReadPlan = field(default_factory=lambda: ReadPlan(()))
    cost: int = 0


class Compiler:
    """One visit of one operation."""

    def __init__(
        self,
        house: House,
        selections: Selections,
        variables: Any,  # noqa: ANN401 - graphql's VariableValues
        role: Role,
        purpose: Purpose | None,
        *,
        explaining: bool = False,
    ) -> None:
        self._house = house
        self._selections = selections
        self._variables = variables
        self._role = role
        self._purpose = purpose
        self._explaining = explaining
        self._pages: dict[tuple[object, ...], shapes.PageShape] = {}
        self.done = Compiled()

    # --- the operation -----------------------------------------------------------------------------------------

    def operation(self, operation: OperationDefinitionNode) -> Compiled:
        """Visit *operation*; raises Refused where the whole request is refused."""
        root_type = self._house.schema.get_root_type(operation.operation)
        root = cast("GraphQLObjectType", root_type)
        writes = operation.operation is OperationType.MUTATION
        for key, nodes in self._selections.collect(root, [operation.selection_set]).items():
            name = nodes[0].name.value
            if name.startswith("__"):
                self.done.unplanned.append(key)
            elif writes:
                self._mutation(root, key, nodes)
            else:
                self._root(root, key, nodes)
        return self._finish()

    def _root(self, root: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> None:
        name = nodes[0].name.value
        definition = root.fields[name]
        source = self._house.sources.get(f"{root.name}.{name}")
        if isinstance(source, ManySource):
            grants = self._admit_root(key, f"{root.name}.{name}", self._class(f"{root.name}.{name}"))
            if grants is not None:
                self._page_root(key, nodes, definition, source, grants)
        elif isinstance(source, RootSource):
            self._single_root(key, nodes, definition, source, f"{root.name}.{name}")
        else:
            self._admit_root(key, f"{root.name}.{name}", self._class(f"{root.name}.{name}"))
            self.done.unplanned.append(key)

    def _admit_root(
        self, key: str, name: str, data_class: DataClass | None, finding: Finding | None = None
    ) -> tuple[Grant, ...] | None:
        """Return the grants under which the root may be asked; raises RootRefused, or notes it when explaining."""
        answer = self._lookup(data_class)
        if finding is Finding.IDENTIFIER and self._purpose is Purpose.PUBLICITY:
            # Reads of what is published leave no entry, and no digit is published: nobody may try numbers there.
            answer = Withheld(Reason.NECESSITY, "")
        if not isinstance(answer, Withheld):
            self._note((key,), name, data_class, answer)
            return answer
        if self._explaining:
            self._refuse((key,), name, data_class, answer)
            return None
        raise RootRefused(
            status=401 if self._role is Role.ANONYMOUS else 403,
            at=key,
            field=name,
            dataClass=data_class,
            reason=answer.reason,
            unlock=answer.unlock,
        )

    def _page_root(
        self, key: str, nodes: list[FieldNode], definition: GraphQLField, source: ManySource, grants: tuple[Grant, ...]
    ) -> None:
        draft = self._draft(source.entity, grants)
        page = self._page(draft, nodes, definition, source, (key,), parent_at=None)
        parts = {part for _, part in page.parts}
        filtered = any(one.name != source.always for one in draft.filters)
        # What is told of a list that is narrowed down may be told of one person, be it only a count.
        if parts & {"nodes", "edges"} or (filtered and parts - {"__typename"}):
            name = f"Query.{nodes[0].name.value}"
            self._show_whole(draft, name, self._class(name), grants)
            if filtered and draft.first == 0 and draft.shown:
                raise BadArgument(argument="first")  # no row, so no entry would tell of it
        nobody: shapes.Row = ()
        self.done.roots.append(PlannedRoot(key, lambda rows: page.read(nobody, rows)))

    def _single_root(
        self, key: str, nodes: list[FieldNode], definition: GraphQLField, source: RootSource, name: str
    ) -> None:
        given = arguments(definition, nodes[0], self._variables, explaining=self._explaining)
        if source.finding in {Finding.NODE, Finding.NODES}:
            self._nodes_root(key, nodes, definition, source, given)
            return
        entity = cast("Entity", source.entity)
        grants = self._admit_root(key, name, self._class(name), source.finding)
        if grants is None:
            return
        if source.finding is Finding.OWN:
            grants = tuple(grant for grant in grants if grant.scope in {Scope.OWN, Scope.DELEGATED})
            if not grants:
                raise RootRefused(status=403, at=key, field=name, reason=Reason.ROLE, unlock="role:subject,agent")
        draft = self._draft(entity, grants)
        draft.first = 1
        if source.finding is Finding.ID:
            draft.filters, binder = find_by_id(draft.index, entity, definition, nodes[0])
            self.done.binders.append(binder)
        elif source.finding is Finding.IDENTIFIER:
            draft.filters, binder = find_by_identifier(draft.index, definition, nodes[0])
            self.done.binders.append(binder)
        elif given.get("id"):
            draft.filters, binder = find_by_id(draft.index, entity, definition, nodes[0])
            self.done.binders.append(binder)
        if entity in OWNED:
            draft.order = tuple(Order(column) for column in KEYS[entity])
        self._show_whole(draft, name, self._class(name), grants)
        reader = self._thing(draft, "", entity, subselections(nodes), (key,))
        index = draft.index
        self.done.roots.append(
            PlannedRoot(
                key,
                lambda rows: reader(rows.of[index][0], rows) if rows.of[index] else None,
                missing_is_consent=draft.consent is not None,
            )
        )

    def _nodes_root(
        self, key: str, nodes: list[FieldNode], definition: GraphQLField, source: RootSource, given: Mapping[str, Any]
    ) -> None:
        """Plan one statement for each kind of thing that the given ids name."""
        readers: dict[Entity, tuple[int, shapes.Reader]] = {}
        consent = False
        for entity in entities_of(given, explaining=self._explaining, most=self._house.limits.node_ids):
            data_class = ENTITY_CLASS[entity]
            grants = self._admit_root(key, f"{nodes[0].name.value}:{entity}", data_class)
            if grants is None:
                continue
            draft = self._draft(entity, grants)
            draft.rows = self._house.limits.node_ids if source.finding is Finding.NODES else 1
            draft.filters, binder = find_by_ids(draft.index, entity, definition, nodes[0], self._house.limits.node_ids)
            self.done.binders.append(binder)
            draft.key_at = [draft.at("", column) for column in KEYS[entity]]
            draft.keys_asked = keys_asked(entity, definition, nodes[0])
            self._show_whole(draft, f"Query.{nodes[0].name.value}", data_class, grants)
            reader = self._thing(draft, "", entity, subselections(nodes), (key,))
            readers[entity] = (draft.index, reader)
            consent = consent or draft.consent is not None
        positions = {entity: self.done.drafts[index].key_at for entity, (index, _) in readers.items()}
        is_list = source.finding is Finding.NODES

        def read(rows: shapes.Rows) -> object:
            found: dict[tuple[object, ...], object] = {}
            for entity, (index, reader) in readers.items():
                for row in rows.of[index]:
                    found[(entity, *(row[at] for at in positions[entity]))] = reader(row, rows)
            answer = [found.get((one.entity, *one.keys)) for one in ids_of(definition, nodes[0], rows.variables)]
            return answer if is_list else answer[0]

        self.done.roots.append(PlannedRoot(key, read, missing_is_consent=consent and not is_list))

    # --- things, fields, pages ---------------------------------------------------------------------------------

    def _thing(
        self,
        draft: Draft,
        of: str,
        entity: Entity,
        sets: list[SelectionSetNode],
        path: Path,
        step: tuple[View, str | None] | None = None,
    ) -> shapes.Reader:
        """Plan what is asked of one thing, for each concrete type that it may have.

        *step* tells in which rows the step to it may be taken; in others there is nothing at its end.
        """
        view, of_kind = step or (_EVERYWHERE, None)
        within = view.clear or ()
        if entity is Entity.SUBJECT:
            draft.kind_at = draft.at(of, "kind")
            by_kind = {
                kind: self._object(draft, of, entity, typename, sets, path, kind) for typename, kind in KIND_OF.items()
            }
            return shapes.one_of(by_kind, draft.at(of, "kind", "plain", within, view.groups, of_kind))
        shape = self._object(draft, of, entity, TYPE_OF[entity], sets, path, None)
        if not of:
            return shape.read
        return shapes.joined(shape, draft.at(of, KEYS[entity][-1], "plain", within, view.groups, of_kind))

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
        concrete = cast("GraphQLObjectType", self._house.schema.type_map[typename])
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
        data_class = self._class(name)
        answer = self._lookup(data_class)
        view = answer if isinstance(answer, Withheld) else self._view(draft, answer, data_class)
        if isinstance(view, Withheld):
            return self._refuse(path, name, data_class, view)
        source = self._house.sources[name]
        definition = concrete.fields[nodes[0].name.value]
        if isinstance(source, SealedSource):
            return self._sealed(draft, of, source, view, Asked(name, data_class, path, kind))
        if view.clear is None:
            return self._refuse(path, name, data_class, Withheld(Reason.NECESSITY, ""))
        self._show(draft, view, Asked(name, data_class, path, kind), Form.CLEAR)
        if isinstance(source, OneSource):
            alias = draft.join(of, source.relation)
            return self._thing(draft, alias, source.entity, subselections(nodes), path, (view, kind))
        if isinstance(source, ManySource):
            return self._child_page(draft, of, entity, nodes, definition, source, path, view, kind)
        if isinstance(source, IdSource):
            return shapes.identity(entity, [draft.at(of, column) for column in KEYS[entity]])
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
            self.done.opens.add((source.table, source.name))
            self._show(draft, view, asked, Form.CLEAR)
            positions.append(draft.at(of, source.name, "sealed", view.clear, view.groups, asked.kind))
        if view.masked is not None:
            self._show(draft, view, asked, Form.MASKED)
            positions.append(draft.at(of, source.name, "mask", view.masked, view.groups, asked.kind))
        return shapes.first_of(*positions) if len(positions) > 1 else shapes.at(positions[0])

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
        parent_at = draft.at(of, KEYS[entity][-1], "plain", view.clear or (), view.groups, kind)
        # What all kinds of subject are asked in the same words is asked once.
        known = (parent_at, of, path, source.relation, view.grants, *map(id, nodes))
        if known not in self._pages:
            parent = (draft.index, parent_at, cast("str", source.relation))
            child = self._draft(source.entity, view.grants, parent=parent)
            child.rows = draft.rows
            self._pages[known] = self._page(child, nodes, definition, source, path, parent_at=parent_at)
        return shapes.page_of(self._pages[known], parent_at)

    def _page(
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
            self._house.limits.page,
            explaining=self._explaining,
        )
        for name in given.reads:
            self._admit_filter(draft, name, path)
        draft.filters, draft.first, draft.after, draft.order = given.filters, given.first, given.after, source.order
        draft.rows *= max(1, given.first)
        self.done.binders.append(given.binder)
        connection = cast("GraphQLObjectType", get_named_type(definition.type))
        page = shapes.PageShape(draft.index, connection.name, parent_at, (), tag, [], {}, {}, {})
        for key, part, below in self._parts(connection, subselections(nodes)):
            page.parts.append((key, part))
            sets = subselections(below)
            inner = get_named_type(connection.fields[below[0].name.value].type) if sets else None
            if part == "nodes":
                page.nodes[key] = self._thing(draft, "", source.entity, sets, (*path, key))
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
            reader = self._thing(draft, "", entity, subselections(nodes), (*path, key)) if part == "node" else None
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
                found.append((key, cast("Structure", self._house.sources[f"{of.name}.{name}"]).part, nodes))
        return found

    def _shape_of(self, definition: GraphQLField, sets: list[SelectionSetNode]) -> tuple[str, list[tuple[str, str]]]:
        """Return type name and (key, part) of what is asked of the objects that a function gives."""
        of = cast("GraphQLObjectType", get_named_type(definition.type))
        return of.name, [(key, part) for key, part, _ in self._parts(of, sets)]

    # --- mutations ---------------------------------------------------------------------------------------------

    def _mutation(self, root: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> None:
        """Admit the action, and plan what its payload will read back once it is done."""
        name = f"{root.name}.{nodes[0].name.value}"
        data_class = self._class(name)
        self._need_purpose(data_class)
        allowed = self._house.table.act(self._role, self._purpose, cast("DataClass", data_class), Action.WRITE)
        if isinstance(allowed, Withheld):
            if not self._explaining:
                raise RootRefused(
                    status=401 if self._role is Role.ANONYMOUS else 403,
                    at=key,
                    field=name,
                    dataClass=data_class,
                    reason=allowed.reason,
                    unlock=allowed.unlock,
                )
            self._refuse((key,), name, data_class, allowed)
            return
        self.done.unplanned.append(key)
        payload = get_named_type(root.fields[nodes[0].name.value].type)
        members = self._house.schema.get_possible_types(payload) if is_abstract_type(payload) else [payload]
        for member in cast("Sequence[GraphQLObjectType]", members):
            for inner, below in self._selections.collect(member, subselections(nodes)).items():
                source = self._house.sources.get(f"{member.name}.{below[0].name.value}")
                if isinstance(source, ReadBack):
                    self._read_back(source.entity, (key, inner), f"{member.name}.{below[0].name.value}", below)

    def _read_back(self, entity: Entity, path: Path, name: str, nodes: list[FieldNode]) -> None:
        sub = Compiler(self._house, self._selections, self._variables, self._role, self._purpose)
        answer = sub._lookup(ENTITY_CLASS[entity])
        if isinstance(answer, Withheld):
            self._refuse(path, name, ENTITY_CLASS[entity], answer)
            return
        draft = sub._draft(entity, answer)
        draft.first = 1
        draft.order = tuple(Order(column) for column in KEYS[entity])
        draft.filters = tuple(Filter("", column, "=", f"key_{at}") for at, column in enumerate(KEYS[entity]))
        sub._show_whole(draft, name, ENTITY_CLASS[entity], answer)
        reader = sub._thing(draft, "", entity, subselections(nodes), path)
        sub.done.roots.append(PlannedRoot(path[-1], lambda rows: reader(rows.of[0][0], rows) if rows.of[0] else None))
        self.done.read_backs[path] = sub._finish()
        self.done.decisions += sub.done.decisions

    # --- decisions ---------------------------------------------------------------------------------------------

    def _class(self, name: str) -> DataClass | None:
        return self._house.table.classes.get(name)

    def _need_purpose(self, data_class: DataClass | None) -> None:
        if self._purpose is None and data_class not in WITHOUT_PURPOSE:
            raise PurposeRequired

    def _lookup(self, data_class: DataClass | None) -> tuple[Grant, ...] | Withheld:
        """Return what the policy says of this class for this role and purpose."""
        if data_class is None:
            return Withheld(Reason.UNCLASSIFIED, "")
        if data_class in WITHOUT_PURPOSE:
            return _FREE
        if not self._explaining:
            self._need_purpose(data_class)
        return self._house.table.read(self._role, self._purpose, data_class)

    def _draft(self, entity: Entity, grants: tuple[Grant, ...], parent: tuple[int, int, str] | None = None) -> Draft:
        """Begin a statement whose rows are those that *grants* admit."""
        scopes = {grant.scope for grant in grants}
        by_consent = any(grant.basis is Basis.CONSENT for grant in grants)
        draft = Draft(
            index=len(self.done.drafts),
            entity=entity,
            scopes=() if entity not in OWNED else (Scope.ALL,) if Scope.ALL in scopes else tuple(sorted(scopes)),
            consent=self._purpose if by_consent else None,
            basis=grants[0].basis,
            citation=grants[0].citation,
            parent=parent,
        )
        self.done.drafts.append(draft)
        if entity in OWNED:
            draft.subject_at = draft.at("", "subject_id")
        if by_consent:
            draft.authorisation_at = draft.at("", "consent:authorisation")
        return draft

    def _view(self, draft: Draft, grants: tuple[Grant, ...], data_class: DataClass | None) -> View | Withheld:
        """Return in which rows of the statement the class is clear, in which masked."""
        if data_class in WITHOUT_PURPOSE:
            return View((), None, 0, grants)
        usable = tuple(grant for grant in grants if grant.basis is not Basis.CONSENT or draft.consent)
        by_consent = all(grant.basis is Basis.CONSENT for grant in usable)
        if not usable or (by_consent and data_class not in GROUP_OF):
            return Withheld(Reason.CONSENT, "authorisation")
        clear = {grant.scope for grant in usable if grant.form is Form.CLEAR}
        masked = {grant.scope for grant in usable if grant.form is Form.MASKED}
        clear_within = _within(draft.scopes, clear) if clear else None
        masked_within = _within(draft.scopes, masked | clear) if masked and clear_within != () else None
        groups = int(GROUP_OF[cast("DataClass", data_class)]) if by_consent else 0
        return View(clear_within, masked_within, groups, usable)

    def _admit_filter(self, draft: Draft, name: str, path: Path) -> None:
        """Refuse a filter by a field that this caller does not read clear in every row of the list."""
        data_class = self._class(name)
        answer = self._lookup(data_class)
        view = answer if isinstance(answer, Withheld) else self._view(draft, answer, data_class)
        if isinstance(view, Withheld) or view.clear != () or view.groups:
            raise FilterRefused(at=list(path), field=name, dataClass=data_class)

    def _show_whole(self, draft: Draft, name: str, data_class: DataClass | None, grants: tuple[Grant, ...]) -> None:
        """Note that rows are shown as such: that one is there is told of its subject, whatever else is asked of it."""
        if draft.entity in OWNED:
            form = Form.CLEAR if any(grant.form is Form.CLEAR for grant in grants) else Form.MASKED
            draft.shown.append(Shown(name, cast("DataClass", data_class), form, (), 0, None))

    def _show(self, draft: Draft, view: View, asked: Asked, form: Form) -> None:
        """Note that rows show this field in this form: for the access entry, the answer's notes and explanations."""
        within = (view.clear if form is Form.CLEAR else view.masked) or ()
        data_class = cast("DataClass", asked.data_class)
        decision = self._note(asked.path, asked.name, data_class, view.grants)
        if data_class in WITHOUT_PURPOSE:
            return
        for scope in within:
            draft.scope_at(scope)
        draft.shown.append(Shown(asked.name, data_class, form, within, view.groups, asked.kind))
        if view.groups:
            at = draft.groups_at = draft.at("", "consent:groups")
            self.done.consent_needs.append((draft.index, at, view.groups, decision))

    def _note(self, path: Path, name: str, data_class: DataClass | None, grants: tuple[Grant, ...]) -> Decision:
        forms = {grant.form for grant in grants}
        outcome = Outcome.MIXED if len(forms) > 1 else Outcome.CLEAR if Form.CLEAR in forms else Outcome.MASKED
        decision = Decision(path, name, data_class, outcome, grants, types=[name.partition(".")[0]])
        self.done.decisions.append(decision)
        return decision

    def _refuse(self, path: Path, name: str, data_class: DataClass | None, why: Withheld) -> shapes.Reader:
        """Note a withheld field once for its place in the document, and return the reader of its null."""
        typename = name.partition(".")[0]
        for decision in self.done.decisions:
            if decision.path == path and decision.reason is why.reason:
                decision.types.append(typename)
                return shapes.NOTHING
        self.done.decisions.append(
            Decision(path, name, data_class, Outcome.WITHHELD, reason=why.reason, unlock=why.unlock, types=[typename])
        )
        return shapes.NOTHING

    def _finish(self) -> Compiled:
        """Close the plan; raises LimitExceeded where the document as a whole asks for too much."""
        kinds = len(KIND_OF)
        self.done.plan = ReadPlan(tuple(draft.finish(kinds) for draft in self.done.drafts))
        pairs = zip(self.done.drafts, self.done.plan.statements, strict=True)
        self.done.cost = sum(draft.rows * len(statement.columns) for draft, statement in pairs)
        if self.done.cost > self._house.limits.cost:
            raise LimitExceeded(limit="cost", allowed=self._house.limits.cost, found=self.done.cost)
        return self.done


_FREE = (Grant(Scope.ALL, Form.CLEAR, Basis.STATUTE, ""),)
_EVERYWHERE = View((), None, 0, _FREE)


def _within(statement: tuple[Scope, ...], scopes: set[Scope]) -> tuple[Scope, ...]:
    """Return the scopes to which a column must be narrowed, or () where every row of the statement is in one."""
    if Scope.ALL in scopes or (statement and scopes.issuperset(statement)):
        return ()
    return tuple(sorted(scopes))
