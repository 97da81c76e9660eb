"""The decision table: what a role may see and do for a purpose, compiled from the rows and then only looked up.

`unlock`, for whoever is refused, is a short code of what would be admitted instead:

    purpose:DETERMINATION,REVIEW    this role, for one of these purposes
    role:handler,reviewer           one of these roles, for this purpose (for any, where no purpose was said)
    authorisation                   the subject's authorisation
                                    (empty) nothing
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from consent.vocabulary import WITHOUT_PURPOSE, Basis, DataClass, Form, Purpose
from policy.actions import NEEDS, Action
from policy.actors import Role
from policy.errors import PolicyRefused
from policy.expand_rules import Expansion, NeedCell, expand
from policy.loader import read_rules
from policy.rules import CLASSES, PolicyRules
from queryplan.plan import Scope

WIDTH: Final = (
    Scope.ALL,
    Scope.RESTRAINED,
    Scope.PUBLISHED,
    Scope.SECTOR_AREA,
    Scope.DEPARTMENT,
    Scope.SUBMITTED,
    Scope.REVIEWING,
    Scope.ASSIGNED,
    Scope.DELEGATED,
    Scope.OWN,
)
"""The scopes from the widest to the narrowest: the order of grants. Only `ALL` is sure to contain every other."""

AUTHORISATION_UNLOCKS: Final = "authorisation"


class Reason(StrEnum):
    """Why something is withheld."""

    ROLE = "role"
    """This role never has it for this purpose, or does not have the purpose at all."""
    NECESSITY = "necessity"
    """The purpose does not need it; without a purpose nothing is needed."""
    CONSENT = "consent"
    """It rests on an authorisation, and none is live. Found out at run time, never by this table."""
    UNCLASSIFIED = "unclassified"
    """The field has no data class."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Rows in *scope* are shown in *form*, by right of *basis*, as *citation* says."""

    scope: Scope
    form: Form
    basis: Basis
    citation: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing is admitted; *unlock* says what would be."""

    reason: Reason
    unlock: str


OPEN: Final[Mapping[DataClass, tuple[Grant, ...]]] = {
    DataClass.REFERENCE: (Grant(Scope.ALL, Form.CLEAR, Basis.PUBLICATION, "6.3"),),
    DataClass.SESSION: (Grant(Scope.ALL, Form.CLEAR, Basis.OWN_RIGHT, "5.1.6"),),
}
"""What everybody may read without a purpose (`WITHOUT_PURPOSE`): it is about nobody else, so no row decides it."""

UNCLASSIFIED: Final = Withheld(Reason.UNCLASSIFIED, "")

_Acts = Mapping[tuple[Role, Purpose, DataClass, Action], tuple[Scope, ...]]
_Unlocks = Mapping[tuple[Role | None, Purpose | None, DataClass, Action], str]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The compiled policy. *version* changes with any byte of its files; *classes* gives "Type.field" its class."""

    version: str
    classes: Mapping[str, DataClass] = field(repr=False)
    rules: PolicyRules = field(repr=False)
    _reads: Mapping[tuple[Role, Purpose, DataClass], tuple[Grant, ...]] = field(repr=False)
    _acts: _Acts = field(repr=False)
    _needed: frozenset[NeedCell] = field(repr=False)
    _purposes: Mapping[Role, tuple[Purpose, ...]] = field(repr=False)
    _unlocks: _Unlocks = field(repr=False)

    def read(self, role: Role, purpose: Purpose | None, data_class: DataClass | None) -> tuple[Grant, ...] | Withheld:
        """Return the grants, from the clearest and widest to the least, each scope once; never an empty tuple.

        A class of None, which is what `classes.get` gives for an unknown field, is withheld as unclassified.
        """
        if data_class is None:
            return UNCLASSIFIED
        if data_class in OPEN:
            return OPEN[data_class]
        if purpose is not None and (grants := self._reads.get((role, purpose, data_class))):
            return grants
        return self._withheld(role, purpose, data_class, Action.MASK)

    def act(
        self, role: Role, purpose: Purpose | None, data_class: DataClass | None, action: Action
    ) -> tuple[Scope, ...] | Withheld:
        """Return the scopes in which *action* is admitted, the widest first; never an empty tuple."""
        if data_class is None:
            return UNCLASSIFIED
        if data_class in OPEN:
            return (Scope.ALL,) if action in (Action.MASK, Action.READ) else Withheld(Reason.ROLE, "")
        if purpose is not None and (scopes := self._acts.get((role, purpose, data_class, action))):
            return scopes
        return self._withheld(role, purpose, data_class, action)

    def purposes_of(self, role: Role) -> tuple[Purpose, ...]:
        """Return the purposes for which *role* may do anything at all."""
        return self._purposes[role]

    def require(self, fields: Iterable[str]) -> None:
        """Refuse a policy that does not fit the schema: names each field without class and each row without field."""
        fields = set(fields)
        bare, idle = sorted(fields - self.classes.keys()), sorted(self.classes.keys() - fields)
        if bare or idle:
            parts = [("these fields have no class: ", bare), ("these rows have no field: ", idle)]
            why = "; ".join(intro + ", ".join(names) for intro, names in parts if names)
            line = self.rules.class_lines[idle[0]] if idle and not bare else 0
            raise PolicyRefused(why, file=CLASSES, line=line)

    def _withheld(self, role: Role, purpose: Purpose | None, data_class: DataClass, action: Action) -> Withheld:
        own = self._unlocks.get((role, None, data_class, action), "")
        if purpose is None:
            reason = Reason.NECESSITY if own else Reason.ROLE
        elif purpose not in self._purposes[role] or (role, purpose, data_class, NEEDS[action]) in self._needed:
            reason = Reason.ROLE
        else:
            reason = Reason.NECESSITY
        return Withheld(reason, own or self._unlocks.get((None, purpose, data_class, action), ""))


def load(folder: Path) -> Table:
    """Return the policy of *folder*, whole, or raise PolicyRefused naming file, line and word."""
    return compile_table(read_rules(folder))


def compile_table(rules: PolicyRules) -> Table:
    """Compile *rules*; raises PolicyRefused for a row that can never take effect."""
    found = expand(rules)
    acts = _acts(found)
    used = {(role, purpose) for role, purpose, _, _ in acts}
    return Table(
        version=rules.version,
        classes=rules.classes,
        rules=rules,
        _reads=_reads(found, acts),
        _acts=acts,
        _needed=frozenset(found.need),
        _purposes={role: tuple(p for p in Purpose if (role, p) in used) for role in Role},
        _unlocks=_unlocks(acts),
    )


def _acts(found: Expansion) -> _Acts:
    acts: dict[tuple[Role, Purpose, DataClass, Action], list[Scope]] = {}
    for role, purpose, data_class, action, scope in found.who:
        acts.setdefault((role, purpose, data_class, action), []).append(scope)
    return {key: tuple(sorted(scopes, key=WIDTH.index)) for key, scopes in acts.items()}


def _reads(found: Expansion, acts: _Acts) -> Mapping[tuple[Role, Purpose, DataClass], tuple[Grant, ...]]:
    reads: dict[tuple[Role, Purpose, DataClass], tuple[Grant, ...]] = {}
    for (role, purpose, data_class, action), scopes in acts.items():
        if action is not Action.MASK:
            continue
        clear = acts.get((role, purpose, data_class, Action.READ), ())
        forms = [(scope, Form.CLEAR) for scope in clear]
        forms += [(scope, Form.MASKED) for scope in scopes if scope not in clear]
        rows = [(scope, form, found.need[role, purpose, data_class, form]) for scope, form in forms]
        # What is in force has a basis; were there ever none, then there would be no grant.
        reads[role, purpose, data_class] = tuple(
            Grant(scope, form, row.basis, row.citation) for scope, form, row in rows if row.basis is not None
        )
    return reads


def _unlocks(acts: _Acts) -> _Unlocks:
    """Return the hints: by (role, None, …) the purposes of that role, by (None, purpose or None, …) the roles."""
    purposes: dict[tuple[Role, DataClass, Action], set[Purpose]] = {}
    roles: dict[tuple[Purpose | None, DataClass, Action], set[Role]] = {}
    for role, purpose, data_class, action in acts:
        purposes.setdefault((role, data_class, action), set()).add(purpose)
        for said in (purpose, None):
            roles.setdefault((said, data_class, action), set()).add(role)
    unlocks: dict[tuple[Role | None, Purpose | None, DataClass, Action], str] = {}
    for (role, data_class, action), found in purposes.items():
        unlocks[role, None, data_class, action] = "purpose:" + ",".join(p for p in Purpose if p in found)
    for (said, data_class, action), those in roles.items():
        unlocks[None, said, data_class, action] = "role:" + ",".join(r for r in Role if r in those)
    return unlocks


if frozenset(OPEN) != WITHOUT_PURPOSE:
    raise AssertionError("OPEN and WITHOUT_PURPOSE differ")
