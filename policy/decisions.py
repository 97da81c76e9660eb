"""What a role may see and do for a purpose: Casbin decides, and its answers are remembered.

Each fresh answer is compared with the second reading (`policy.expand_rules`). If the two differ, the answer is a
refusal and the caller's alarm is called. The basis and citation of a grant, and the hints of a refusal, are read off
the rules.

`unlock`, the hint of a refusal, is a short code of what would be admitted instead:

    purpose:DETERMINATION,REVIEW    this role, for one of these purposes
    role:handler,reviewer           one of these roles, for this purpose (for any purpose, where none was stated)
    authorisation                   the subject's authorisation
                                    (empty) nothing
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Final, Protocol

from consent.vocabulary import WITHOUT_PURPOSE, Basis, DataClass, Form, Purpose
from policy.actions import NEEDS, Action
from policy.actors import Role
from policy.enforcer import Enforcer
from policy.errors import PolicyRefused, ReadingsDisagree
from policy.expand_rules import ActionCell, ExpandedRules, WhoCell, expand
from policy.loader import read_rules
from policy.rules import CLASSES, PolicyRules
from queryplan.scopes import Scope

WIDTH: Final = (
    Scope.ALL,
    Scope.RESTRAINED,
    Scope.PUBLISHED,
    Scope.CHECKED,
    Scope.SECTOR_AREA,
    Scope.DEPARTMENT,
    Scope.DEPARTMENT_OPEN,
    Scope.TO_CONFIRM,
    Scope.FILED,
    Scope.FILED_OPEN,
    Scope.SUBMITTED,
    Scope.SUBMITTED_OPEN,
    Scope.CONSULTED,
    Scope.CONTESTED,
    Scope.CONTESTED_HERE,
    Scope.ANSWERING,
    Scope.BY_OTHERS,
    Scope.RECORDED,
    Scope.RECORDED_CONTESTED,
    Scope.REVIEWING,
    Scope.REVIEWING_OPEN,
    Scope.UNDER_REVIEW,
    Scope.ASSIGNED,
    Scope.ASSIGNED_OPEN,
    Scope.DELEGATED,
    Scope.DELEGATED_CONTACT,
    Scope.DELEGATED_RESTRAINT,
    Scope.DELEGATED_FACTS,
    Scope.DELEGATED_APPLICATIONS,
    Scope.DELEGATED_OVERSIGHT,
    Scope.OWN,
)
"""The scopes from the widest to the narrowest: the order of grants. Only `ALL` is sure to contain every other."""

AUTHORISATION_UNLOCKS: Final = "authorisation"


class WithheldReason(StrEnum):
    """Why a class is withheld."""

    ROLE = "role"
    """This role never has this class for this purpose, or does not have the purpose at all."""
    NECESSITY = "necessity"
    """The purpose does not need this class; without a purpose no class is needed."""
    CONSENT = "consent"
    """The class needs an authorisation, and none is live. The reading statement finds this out, not this module."""
    UNCLASSIFIED = "unclassified"
    """The field has no data class."""
    DAMAGED = "damaged"
    """The sealed value does not open. Only a read finds this out."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Rows in *scope* are shown in *form*, on the legal basis *basis*, by the clauses in *citation*."""

    scope: Scope
    form: Form
    basis: Basis
    citation: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """No scope is admitted; *unlock* says what would be admitted instead."""

    reason: WithheldReason
    unlock: str


OPEN: Final[Mapping[DataClass, tuple[Grant, ...]]] = {
    DataClass.REFERENCE: (Grant(Scope.ALL, Form.CLEAR, Basis.PUBLICATION, "6.3"),),
    DataClass.SESSION: (Grant(Scope.ALL, Form.CLEAR, Basis.OWN_RIGHT, "5.1.6"),),
}
"""The classes that every caller may read without a purpose (`WITHOUT_PURPOSE`): no other person's data, so no rows."""

UNCLASSIFIED: Final = Withheld(WithheldReason.UNCLASSIFIED, "")

Alarm = Callable[[WhoCell], None]
"""Called with each cell about which Casbin and the second reading disagree. The cell is refused in any case."""

_PERSONAL: Final = tuple(data_class for data_class in DataClass if data_class not in WITHOUT_PURPOSE)
_Unlocks = Mapping[tuple[Role | None, Purpose | None, DataClass, Action], str]


class Answers(Protocol):
    """A reading of the rules that answers questions."""

    def ask(self, role: Role, purpose: Purpose, data_class: DataClass, action: Action) -> Iterator[Scope | None]:
        """Yield each scope in which *action* is allowed, and None for others, with at most one question for each."""


def raise_disagreement(cell: WhoCell) -> None:
    """Raise ReadingsDisagree: the alarm for callers without a log."""
    raise ReadingsDisagree(cell)


class Decisions:
    """The policy in force. *version* changes with any byte of its files; *classes* gives "Type.field" its class.

    INVARIANT: only the remembered answers change, and they only grow. Another policy is another object.
    """

    def __init__(self, rules: PolicyRules, expanded: ExpandedRules, answers: Answers, alarm: Alarm) -> None:
        self.version, self.classes, self.rules = rules.version, rules.classes, rules
        self._expanded, self._answers, self._alarm = expanded, answers, alarm
        used = {cell[:2] for cell in expanded.scopes}
        self._purposes = {role: tuple(p for p in Purpose if (role, p) in used) for role in Role}
        self._unlocks = _unlocks(expanded.scopes)
        self._scopes: dict[ActionCell, tuple[Scope, ...]] = {}
        self._grants: dict[tuple[Role, Purpose, DataClass], tuple[Grant, ...]] = {}
        self._prepared: set[tuple[Role, Purpose]] = set()
        self._preparing: dict[tuple[Role, Purpose], asyncio.Lock] = {}

    def read(self, role: Role, purpose: Purpose | None, data_class: DataClass | None) -> tuple[Grant, ...] | Withheld:
        """Return the grants, from the clearest and widest to the least, each scope once; never an empty tuple.

        A class of None, which is what `classes.get` gives for an unknown field, is withheld as unclassified.
        """
        if data_class is None:
            return UNCLASSIFIED
        if data_class in OPEN:
            return OPEN[data_class]
        if purpose is not None and (grants := self._grants_of(role, purpose, data_class)):
            return grants
        return self._withheld(role, purpose, data_class, Action.MASK)

    def act(
        self, role: Role, purpose: Purpose | None, data_class: DataClass | None, action: Action
    ) -> tuple[Scope, ...] | Withheld:
        """Return the scopes in which *action* is admitted, the widest first; never an empty tuple."""
        if data_class is None:
            return UNCLASSIFIED
        if data_class in OPEN:
            return (Scope.ALL,) if action in (Action.MASK, Action.READ) else Withheld(WithheldReason.ROLE, "")
        if purpose is not None and (scopes := self._scopes_of((role, purpose, data_class, action))):
            return scopes
        return self._withheld(role, purpose, data_class, action)

    def purposes_of(self, role: Role) -> tuple[Purpose, ...]:
        """Return the purposes for which *role* may do anything at all."""
        return self._purposes[role]

    @property
    def prepared(self) -> frozenset[tuple[Role, Purpose]]:
        """Return the pairs whose answers are all remembered."""
        return frozenset(self._prepared)

    async def prepare(self, role: Role, purpose: Purpose | None) -> None:
        """Remember every answer for this pair. Other tasks run after each question, which takes well under 1 ms.

        A question that comes meanwhile, or without this call, is answered at once.
        """
        if purpose is None or (role, purpose) in self._prepared:
            return
        # A second caller waits for the first, and does not ask the same questions.
        async with self._preparing.setdefault((role, purpose), asyncio.Lock()):
            for data_class, action in product(_PERSONAL, Action):
                for _ in self._fill((role, purpose, data_class, action)):
                    await asyncio.sleep(0)
        self._prepared.add((role, purpose))
        self._preparing.pop((role, purpose), None)

    async def prepare_admitted(self, pause: float = 0.0) -> None:
        """Remember every answer for each role and the purposes that it has, with *pause* seconds before each pair."""
        for role in Role:
            for purpose in self.purposes_of(role):
                if (role, purpose) not in self._prepared:
                    await asyncio.sleep(pause)
                    await self.prepare(role, purpose)

    def require(self, fields: Iterable[str]) -> None:
        """Refuse a policy that does not fit the schema: names each field without class and each row without field."""
        fields = set(fields)
        bare, idle = sorted(fields - self.classes.keys()), sorted(self.classes.keys() - fields)
        if bare or idle:
            parts = [("these fields have no class: ", bare), ("these rows have no field: ", idle)]
            why = "; ".join(intro + ", ".join(names) for intro, names in parts if names)
            line = self.rules.class_lines[idle[0]] if idle and not bare else 0
            raise PolicyRefused(why, file=CLASSES, line=line)

    def _grants_of(self, role: Role, purpose: Purpose, data_class: DataClass) -> tuple[Grant, ...]:
        cell = role, purpose, data_class
        if (grants := self._grants.get(cell)) is not None:
            return grants
        masked = self._scopes_of((*cell, Action.MASK))
        clear = tuple(scope for scope in self._scopes_of((*cell, Action.READ)) if scope in masked)
        forms = [(scope, Form.CLEAR) for scope in clear]
        forms += [(scope, Form.MASKED) for scope in masked if scope not in clear]
        rows = [(scope, form, self._expanded.need[*cell, form]) for scope, form in forms]
        # A row in force has a basis; a row without one would give no grant.
        return self._grants.setdefault(
            cell, tuple(Grant(scope, form, row.basis, row.citation) for scope, form, row in rows if row.basis)
        )

    def _scopes_of(self, cell: ActionCell) -> tuple[Scope, ...]:
        if (scopes := self._scopes.get(cell)) is not None:
            return scopes
        for _ in self._fill(cell):
            pass
        return self._scopes[cell]

    def _fill(self, cell: ActionCell) -> Iterator[None]:
        """Ask about *cell* and remember the answer, with a pause after each question. Skip a remembered cell."""
        if cell in self._scopes:
            return
        answers: set[Scope] = set()
        for scope in self._answers.ask(*cell):
            if scope is not None:
                answers.add(scope)
            yield
        expanded = self._expanded.scopes.get(cell, frozenset())
        for scope in WIDTH:
            if (scope in answers) != (scope in expanded):
                self._alarm((*cell, scope))
        self._scopes[cell] = tuple(scope for scope in WIDTH if scope in answers and scope in expanded)

    def _withheld(self, role: Role, purpose: Purpose | None, data_class: DataClass, action: Action) -> Withheld:
        own = self._unlocks.get((role, None, data_class, action), "")
        if purpose is None:
            reason = WithheldReason.NECESSITY if own else WithheldReason.ROLE
        elif purpose not in self._purposes[role] or (role, purpose, data_class, NEEDS[action]) in self._expanded.need:
            reason = WithheldReason.ROLE
        else:
            reason = WithheldReason.NECESSITY
        return Withheld(reason, own or self._unlocks.get((None, purpose, data_class, action), ""))


def load(folder: Path, refusals: Iterable[str] = (), alarm: Alarm = raise_disagreement) -> Decisions:
    """Return the policy of *folder*, decided by Casbin; raises PolicyRefused naming file, line and word.

    *refusals* are the fields of the refusal types, as `schema.core.fields.refusal_fields` gives them.
    """
    rules = read_rules(folder, refusals)
    return Decisions(rules, expand(rules), Enforcer(rules), alarm)


def load_second_reading(folder: Path, refusals: Iterable[str] = ()) -> Decisions:
    """Return the policy of *folder* as the expanded rules have it, without Casbin: for `explain` and `diff`."""
    rules = read_rules(folder, refusals)
    expanded = expand(rules)
    return Decisions(rules, expanded, expanded, raise_disagreement)


def _unlocks(acts: Iterable[ActionCell]) -> _Unlocks:
    """Return the hints: by (role, None, …) the purposes of that role, by (None, purpose or None, …) the roles."""
    purposes: dict[tuple[Role, DataClass, Action], set[Purpose]] = {}
    roles: dict[tuple[Purpose | None, DataClass, Action], set[Role]] = {}
    for role, purpose, data_class, action in acts:
        purposes.setdefault((role, data_class, action), set()).add(purpose)
        for stated in (purpose, None):
            roles.setdefault((stated, data_class, action), set()).add(role)
    unlocks: dict[tuple[Role | None, Purpose | None, DataClass, Action], str] = {}
    for (role, data_class, action), found in purposes.items():
        unlocks[role, None, data_class, action] = "purpose:" + ",".join(p for p in Purpose if p in found)
    for (stated, data_class, action), those in roles.items():
        unlocks[None, stated, data_class, action] = "role:" + ",".join(r for r in Role if r in those)
    return unlocks


if frozenset(OPEN) != WITHOUT_PURPOSE:
    raise AssertionError("OPEN and WITHOUT_PURPOSE differ")
