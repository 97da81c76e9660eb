"""Decides for each field of a document in which form and rows it is shown, and records the decisions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, cast

from graphql import GraphQLField, GraphQLInputObjectType, GraphQLObjectType, get_named_type, is_required_input_field

from consent.vocabulary import GROUP_OF, INVESTIGATING, WITHOUT_PURPOSE, Basis, DataClass, Form, Purpose
from policy.actions import Action
from policy.actors import Role
from policy.decisions import Grant, Withheld, WithheldReason
from queryplan.entities import OWNED, SCOPED, Entity
from queryplan.plan import Filter, QueryPlan
from queryplan.scopes import CONTAINED_IN, Scope
from schema.core.connections import SUBJECT_ID
from schema.core.entities import KIND_OF
from schema.core.enums import AccessOutcome
from schema.core.errors import FilterRefused, LimitExceeded, PurposeRequired
from schema.core.fields import ACTION, ManySource
from schema.core.viewer_steps.topics import AdmittedStep, StepTopic
from schema.execution.output.output_nodes import OnConsent, OutputNode, WithheldValue
from schema.execution.output.withheld_values import WithheldMarker
from schema.execution.planning.decisions import FieldDecision
from schema.execution.planning.operation_plan import (
    EVERYWHERE,
    OperationPlan,
    Path,
    PlanContext,
    RequestedField,
    Visibility,
)
from schema.execution.planning.statement_builder import ShownField, StatementBuilder

AUTHORISATION: Final = "authorisation"
"""What unlocks a field that is withheld for want of consent."""


@dataclass(slots=True)
class FieldAuthorizer:
    """The authorisation side of one visit: the policy for one role and purpose, and the statements that it allows.

    With *explaining*, refusals of roots are noted instead of raised, and no purpose is needed.
    """

    plan_context: PlanContext
    role: Role
    purpose: Purpose | None
    explaining: bool = False
    done: OperationPlan = field(default_factory=OperationPlan)
    _refused: dict[tuple[Path, WithheldReason], WithheldValue] = field(default_factory=dict)
    _on_consent: dict[Path, WithheldMarker] = field(default_factory=dict)
    _kinds: dict[Path, set[str]] = field(default_factory=dict)
    """The kinds of subject of which a place was requested."""

    def class_of(self, name: str) -> DataClass | None:
        return self.plan_context.policy.classes.get(name)

    def need_purpose(self, data_class: DataClass | None) -> None:
        if self.purpose is None and data_class not in WITHOUT_PURPOSE:
            purposes = self._purposes_for(data_class)
            raise PurposeRequired(purposes=purposes) if purposes else PurposeRequired

    def _purposes_for(self, data_class: DataClass | None) -> tuple[str, ...]:
        """Return the purposes for which this role may read the class: one of them would do."""
        policy = self.plan_context.policy
        if data_class is None:
            return ()
        named = policy.purposes_of(self.role)
        return tuple(each.name for each in named if not isinstance(policy.read(self.role, each, data_class), Withheld))

    def lookup(self, data_class: DataClass | None) -> tuple[Grant, ...] | Withheld:
        """Return what the policy says of this class for this role and purpose."""
        if data_class is None:
            return Withheld(WithheldReason.UNCLASSIFIED, "")
        if data_class in WITHOUT_PURPOSE:
            return EVERYWHERE.grants
        if not self.explaining:
            self.need_purpose(data_class)
        return self.plan_context.policy.read(self.role, self.purpose, data_class)

    def act(self, mutation: GraphQLField, data_class: DataClass | None) -> tuple[Scope, ...] | Withheld:
        """Return what the policy says of a *mutation* of this class for this role and purpose."""
        return self.plan_context.policy.act(self.role, self.purpose, data_class, action_of(mutation))

    def admitted_steps(self, topic: StepTopic) -> list[AdmittedStep]:
        """Return the steps of *topic* whose mutations the policy admits, each with what its input must have."""
        root = cast("GraphQLObjectType", self.plan_context.schema.mutation_type)
        found = []
        for step in topic.steps:
            mutation = root.fields[step.name.mutation]
            if not isinstance(self.act(mutation, self.class_of(f"{root.name}.{step.name.mutation}")), Withheld):
                found.append(AdmittedStep(step, _needs(mutation)))
        return found

    def builder(
        self, entity: Entity, grants: tuple[Grant, ...], parent: tuple[int, int, str] | None = None
    ) -> StatementBuilder:
        """Begin a statement whose rows are those that *grants* admit."""
        scopes = {grant.scope for grant in grants}
        by_consent = any(grant.basis is Basis.CONSENT for grant in grants)
        builder = StatementBuilder(
            index=len(self.done.builders),
            entity=entity,
            scopes=() if entity not in SCOPED else (Scope.ALL,) if Scope.ALL in scopes else tuple(sorted(scopes)),
            consent=self.purpose if by_consent else None,
            basis=grants[0].basis,
            citation=grants[0].citation,
            parent=parent,
        )
        self.done.builders.append(builder)
        if entity in OWNED:
            builder.subject_at = builder.at("", "subject_id")
        if entity in OWNED and self.purpose in INVESTIGATING:
            builder.delay_at = builder.at("", "delay:delay_id"), builder.at("", "delay:opens_on")
        if by_consent:
            builder.authorisation_at = builder.at("", "consent:authorisation")
        return builder

    def view(
        self, builder: StatementBuilder, grants: tuple[Grant, ...], data_class: DataClass | None
    ) -> Visibility | Withheld:
        """Return the rows of the statement in which the class is clear, and those in which it is masked."""
        if data_class in WITHOUT_PURPOSE:
            return Visibility((), None, 0, grants)
        usable = tuple(grant for grant in grants if grant.basis is not Basis.CONSENT or builder.consent)
        by_consent = all(grant.basis is Basis.CONSENT for grant in usable)
        if not usable or (by_consent and data_class not in GROUP_OF):
            return Withheld(WithheldReason.CONSENT, AUTHORISATION)
        clear = {grant.scope for grant in usable if grant.form is Form.CLEAR}
        masked = {grant.scope for grant in usable if grant.form is Form.MASKED}
        clear_within = _within(builder.scopes, clear) if clear else None
        masked_within = _within(builder.scopes, masked | clear) if masked and clear_within != () else None
        groups = int(GROUP_OF[cast("DataClass", data_class)]) if by_consent else 0
        return Visibility(clear_within, masked_within, groups, usable)

    def takes_ids_of(self, entity: Entity) -> bool:
        """Return whether an id of *entity* leads to its record.

        INVARIANT: none of a person's records does for PUBLICITY. Who knows an id from elsewhere, as a clerk that of an
        applicant, would read off the public list whether that person is restrained, without authorisation or entry.
        """
        return self.purpose is not Purpose.PUBLICITY or entity not in OWNED

    def admit_filter(self, builder: StatementBuilder, name: str, path: Path) -> None:
        """Refuse a filter on a field that this caller does not read clear in every row of the list."""
        if name == SUBJECT_ID and not self.takes_ids_of(Entity.SUBJECT):
            raise FilterRefused(at=list(path), field=name, dataClass=self.class_of(name))
        data_class = self.class_of(name)
        answer = self.lookup(data_class)
        view = answer if isinstance(answer, Withheld) else self.view(builder, answer, data_class)
        if isinstance(view, Withheld) or view.clear != () or view.groups:
            raise FilterRefused(at=list(path), field=name, dataClass=data_class)

    def seen_states(self, builder: StatementBuilder, one: Filter, source: ManySource, path: Path) -> Filter:
        """Return a filter by states as they are to this caller: as if a guarded field that it does not see were empty.

        Raises FilterRefused where the caller sees the field in some rows.
        """
        choice = next((each for each in source.choices.values() if each.column == one.name), None)
        for name, without in {} if choice is None else choice.guarded.items():
            answer = self.lookup(self.class_of(name))
            view = answer if isinstance(answer, Withheld) else self.view(builder, answer, self.class_of(name))
            if isinstance(view, Withheld):
                return replace(one, name=without)
            self.admit_filter(builder, name, path)
        return one

    def record_shown_row(
        self, builder: StatementBuilder, name: str, data_class: DataClass | None, grants: tuple[Grant, ...]
    ) -> None:
        """Note that rows are shown at all: that a row exists already says something of its subject."""
        if builder.entity in OWNED:
            form = Form.CLEAR if any(grant.form is Form.CLEAR for grant in grants) else Form.MASKED
            builder.shown.append(ShownField(name, cast("DataClass", data_class), form, (), 0, None, None))

    def record_shown_field(
        self, builder: StatementBuilder, view: Visibility, asked: RequestedField, form: Form
    ) -> FieldDecision:
        """Note that rows show this field in this form: for access entries, the notes of the response and `explain`."""
        within = (view.clear if form is Form.CLEAR else view.masked) or ()
        data_class = cast("DataClass", asked.data_class)
        decision = self.record_decision(asked.path, asked.name, data_class, view.grants)
        if data_class in WITHOUT_PURPOSE or builder.entity not in OWNED:
            return decision
        for scope in within:
            builder.scope_at(scope)
        builder.shown.append(ShownField(asked.name, data_class, form, within, view.groups, asked.kind, builder.here))
        return decision

    def on_consent(
        self, builder: StatementBuilder, view: Visibility, asked: RequestedField, node: OutputNode
    ) -> OutputNode:
        """Return *node*, withheld in the rows whose authorisation does not cover the groups that the field needs."""
        if not view.groups or builder.entity not in OWNED:
            return node
        marker = self.without_consent(asked.path, asked.name, asked.data_class)
        at = builder.groups_at = builder.at("", "consent:groups")
        self.done.consent_needs.append((view.groups, marker.decision))
        return OnConsent(node, at, view.groups, marker)

    def without_consent(self, path: Path, name: str, data_class: DataClass | None) -> WithheldMarker:
        """Return the marker of what is withheld at *path* where the authorisation of the row does not cover it."""
        typename = name.partition(".")[0]
        marker = self._on_consent.get(path)
        if marker is None:
            decision = FieldDecision(
                path, name, data_class, AccessOutcome.WITHHELD, reason=WithheldReason.CONSENT, unlock=AUTHORISATION
            )
            marker = self._on_consent[path] = WithheldMarker(decision, by_row=True)
        marker.decision.types.append(typename)
        return marker

    def record_decision(
        self, path: Path, name: str, data_class: DataClass | None, grants: tuple[Grant, ...]
    ) -> FieldDecision:
        forms = {grant.form for grant in grants}
        outcome = (
            AccessOutcome.MIXED
            if len(forms) > 1
            else AccessOutcome.CLEAR
            if Form.CLEAR in forms
            else AccessOutcome.MASKED
        )
        decision = FieldDecision(path, name, data_class, outcome, grants, types=[name.partition(".")[0]])
        self.done.decisions.append(decision)
        return decision

    def refuse(self, path: Path, name: str, data_class: DataClass | None, why: Withheld) -> OutputNode:
        """Note a withheld field once for its place in the document, and return the node of its null."""
        typename = name.partition(".")[0]
        known = self._refused.get((path, why.reason))
        if known is not None:
            known.decision.types.append(typename)
            return known
        refused = FieldDecision(
            path, name, data_class, AccessOutcome.WITHHELD, reason=why.reason, unlock=why.unlock, types=[typename]
        )
        node = self._refused[path, why.reason] = WithheldValue(refused)
        self.done.decisions.append(refused)
        return node

    def note_kind(self, path: Path, kind: str) -> None:
        """Note that a place was requested of this kind of subject: in a row of another it has no place."""
        self._kinds.setdefault(path, set()).add(kind)

    def finish(self) -> OperationPlan:
        """Close the plan; raises LimitExceeded where the document as a whole asks for too much."""
        self._place_what_is_withheld()
        kinds = len(KIND_OF)
        self.done.query_plan = QueryPlan(tuple(builder.finish(kinds) for builder in self.done.builders))
        pairs = zip(self.done.builders, self.done.query_plan.statements, strict=True)
        values = sum(builder.rows * len(statement.columns) for builder, statement in pairs)
        if values > self.plan_context.limits.values:
            raise LimitExceeded(limit="values", allowed=self.plan_context.limits.values, found=values)
        return self.done

    def _place_what_is_withheld(self) -> None:
        """Leave markers where the place in the response depends on the rows."""
        for decision in (*self.done.decisions, *(marker.decision for marker in self._on_consent.values())):
            decision.listed = self._listed(decision.path)
        for node in self._refused.values():
            decision = node.decision
            if decision.listed or not self._is_in_each_row(decision):
                node.marker = WithheldMarker(decision, by_row=False)
                self.done.markers.append(node.marker)
        for marker in self._on_consent.values():
            self.done.markers.append(marker)
        for marker in self.done.markers:
            marker.decision.cut()

    def _listed(self, path: Path) -> tuple[int, ...]:
        return tuple(at for at in range(1, len(path)) if path[:at] in self.done.lists)

    def _is_in_each_row(self, decision: FieldDecision) -> bool:
        """Return whether the objects of every kind of subject have this place, and it is withheld from all."""
        path, kinds = decision.path, len(KIND_OF)
        requested = [self._kinds[path[:at]] for at in range(1, len(path) + 1) if path[:at] in self._kinds]
        return all(len(one) == kinds for one in requested) and (
            path not in self._kinds or len(set(decision.types)) == kinds
        )


def action_of(mutation: GraphQLField) -> Action:
    """Return the action of a mutation, which the policy must allow: `write`, unless the field states another."""
    definition = mutation.extensions.get("strawberry-definition")
    return cast("Action", definition.metadata.get(ACTION, Action.WRITE)) if definition is not None else Action.WRITE


def _needs(mutation: GraphQLField) -> list[str]:
    """Return the fields that the input of *mutation* must have, besides ids: those say which record is meant."""
    given = cast("GraphQLInputObjectType", get_named_type(mutation.args["input"].type))
    return [
        name
        for name, field in given.fields.items()
        if is_required_input_field(field) and get_named_type(field.type).name != "ID"
    ]


def _within(statement: tuple[Scope, ...], scopes: set[Scope]) -> tuple[Scope, ...]:
    """Return the scopes to which a column must be limited, or () where every row of the statement is in one."""
    if Scope.ALL in scopes or (statement and all({one, CONTAINED_IN.get(one)} & scopes for one in statement)):
        return ()
    return tuple(sorted(scopes))
