"""Decides, for each field of a document, what is shown of it and in which rows, and keeps what was decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from consent.vocabulary import GROUP_OF, WITHOUT_PURPOSE, Basis, DataClass, Form, Purpose
from policy.actors import Role
from policy.decision_table import Grant, Reason, Withheld
from queryplan.plan import Entity, ReadPlan, Scope
from schema.core.entities import KIND_OF, OWNED, SCOPED
from schema.core.errors import FilterRefused, LimitExceeded, PurposeRequired
from schema.execution import output_plan as shapes
from schema.execution.planning.decisions import Decision, Outcome
from schema.execution.planning.operation_plan import EVERYWHERE, Asked, Compiled, House, Path, View
from schema.execution.planning.statement_builder import Draft, Shown


@dataclass(slots=True)
class Judge:
    """The guard's side of one visit: the policy's word for one role and purpose, and the statements it allows.

    *explaining* notes refusals of roots instead of raising them, and needs no purpose.
    """

    house: House
    role: Role
    purpose: Purpose | None
    explaining: bool = False
    done: Compiled = field(default_factory=Compiled)

    def class_of(self, name: str) -> DataClass | None:
        return self.house.table.classes.get(name)

    def need_purpose(self, data_class: DataClass | None) -> None:
        if self.purpose is None and data_class not in WITHOUT_PURPOSE:
            raise PurposeRequired

    def lookup(self, data_class: DataClass | None) -> tuple[Grant, ...] | Withheld:
        """Return what the policy says of this class for this role and purpose."""
        if data_class is None:
            return Withheld(Reason.UNCLASSIFIED, "")
        if data_class in WITHOUT_PURPOSE:
            return EVERYWHERE.grants
        if not self.explaining:
            self.need_purpose(data_class)
        return self.house.table.read(self.role, self.purpose, data_class)

    def draft(self, entity: Entity, grants: tuple[Grant, ...], parent: tuple[int, int, str] | None = None) -> Draft:
        """Begin a statement whose rows are those that *grants* admit."""
        scopes = {grant.scope for grant in grants}
        by_consent = any(grant.basis is Basis.CONSENT for grant in grants)
        draft = Draft(
            index=len(self.done.drafts),
            entity=entity,
            scopes=() if entity not in SCOPED else (Scope.ALL,) if Scope.ALL in scopes else tuple(sorted(scopes)),
            consent=self.purpose if by_consent else None,
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

    def view(self, draft: Draft, grants: tuple[Grant, ...], data_class: DataClass | None) -> View | Withheld:
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

    def admit_filter(self, draft: Draft, name: str, path: Path) -> None:
        """Refuse a filter by a field that this caller does not read clear in every row of the list."""
        data_class = self.class_of(name)
        answer = self.lookup(data_class)
        view = answer if isinstance(answer, Withheld) else self.view(draft, answer, data_class)
        if isinstance(view, Withheld) or view.clear != () or view.groups:
            raise FilterRefused(at=list(path), field=name, dataClass=data_class)

    def show_whole(self, draft: Draft, name: str, data_class: DataClass | None, grants: tuple[Grant, ...]) -> None:
        """Note that rows are shown as such: that one is there is told of its subject, whatever else is asked of it."""
        if draft.entity in OWNED:
            form = Form.CLEAR if any(grant.form is Form.CLEAR for grant in grants) else Form.MASKED
            draft.shown.append(Shown(name, cast("DataClass", data_class), form, (), 0, None, None))

    def show(self, draft: Draft, view: View, asked: Asked, form: Form) -> None:
        """Note that rows show this field in this form: for the access entry, the answer's notes and explanations."""
        within = (view.clear if form is Form.CLEAR else view.masked) or ()
        data_class = cast("DataClass", asked.data_class)
        decision = self.note(asked.path, asked.name, data_class, view.grants)
        if data_class in WITHOUT_PURPOSE or draft.entity not in OWNED:
            return
        for scope in within:
            draft.scope_at(scope)
        draft.shown.append(Shown(asked.name, data_class, form, within, view.groups, asked.kind, draft.here))
        if view.groups:
            at = draft.groups_at = draft.at("", "consent:groups")
            self.done.consent_needs.append((draft.index, at, view.groups, decision))

    def note(self, path: Path, name: str, data_class: DataClass | None, grants: tuple[Grant, ...]) -> Decision:
        forms = {grant.form for grant in grants}
        outcome = Outcome.MIXED if len(forms) > 1 else Outcome.CLEAR if Form.CLEAR in forms else Outcome.MASKED
        decision = Decision(path, name, data_class, outcome, grants, types=[name.partition(".")[0]])
        self.done.decisions.append(decision)
        return decision

    def refuse(self, path: Path, name: str, data_class: DataClass | None, why: Withheld) -> shapes.Reader:
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

    def finish(self) -> Compiled:
        """Close the plan; raises LimitExceeded where the document as a whole asks for too much."""
        kinds = len(KIND_OF)
        self.done.plan = ReadPlan(tuple(draft.finish(kinds) for draft in self.done.drafts))
        pairs = zip(self.done.drafts, self.done.plan.statements, strict=True)
        self.done.cost = sum(draft.rows * len(statement.columns) for draft, statement in pairs)
        if self.done.cost > self.house.limits.cost:
            raise LimitExceeded(limit="cost", allowed=self.house.limits.cost, found=self.done.cost)
        return self.done


def _within(statement: tuple[Scope, ...], scopes: set[Scope]) -> tuple[Scope, ...]:
    """Return the scopes to which a column must be narrowed, or () where every row of the statement is in one."""
    if Scope.ALL in scopes or (statement and scopes.issuperset(statement)):
        return ()
    return tuple(sorted(scopes))
