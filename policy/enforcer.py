"""Asks Casbin one question at a time, about `who.csv` and `need.csv` under `model.conf`.

The cost of a question grows with the rows of the enforcer (about 0.1 ms, and 15 us for each row), so every (purpose,
class, scope) has an enforcer of its own, with just the rows that could match. Its answers are remembered in
`policy.decisions`. Casbin never forgets a name that it has seen: only words of the enumerations are passed in.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any, Final, Protocol, TypeVar, cast

import casbin
from casbin.core_enforcer import EnforceContext

from consent.vocabulary import DataClass, Form, Purpose
from policy.actions import NEEDS, Action, Effect
from policy.actors import Role
from policy.errors import PolicyRefused
from policy.expand_rules import NeedCell
from policy.rules import GROUPS, MODEL, NEED, WHO, PolicyRules
from queryplan.scopes import Scope

ROLE_DEFINITIONS: Final = {"role": "g", "action": "g2", "class": "g3", "purpose": "g4", "form": "g5"}
"""The name in `model.conf` of each kind of group."""
NEED_CONTEXT: Final = EnforceContext("r2", "p2", "e", "m2")
"""The first argument of a question about `need.csv`. Casbin decides by e, whatever is named here, so it names e."""

_Row = tuple[str, ...]
_Word = TypeVar("_Word", Purpose, DataClass)
_SINGLE_WORDS: Final = frozenset((*Purpose, *DataClass))
_FILES: Final = {"p": WHO, "p2": NEED, **dict.fromkeys(ROLE_DEFINITIONS.values(), GROUPS)}


class _Casbin(Protocol):
    """The part of Casbin's enforcer that we use; Casbin has no types."""

    model: Any

    def enforce(self, *request: object) -> bool: ...
    def add_named_policy(self, kind: str, *row: str) -> bool: ...
    def add_named_grouping_policy(self, kind: str, *link: str) -> bool: ...
    def set_model(self, model: object) -> None: ...


_OfScope = tuple[Scope, frozenset[Role], _Casbin]
"""The enforcer of one scope, and the roles that a row of it allows an action."""


class Enforcer:
    """Casbin with the rows of one policy. Raises PolicyRefused for rows that Casbin does not accept.

    A row that allows for one purpose, class and scope never matches another, nor does a row that denies for one purpose
    and class. So the rows can be divided by these three without changing an answer; a test compares with all rows
    together. Every enforcer has all denies of groups: if a member were overlooked, more would be allowed.
    """

    def __init__(self, rules: PolicyRules) -> None:
        who: list[_Row] = [(r.role, r.purpose, r.data_class, r.action, r.scope, r.effect) for r in rules.who]
        need: list[_Row] = [(r.role, r.purpose, r.data_class, r.form, r.effect) for r in rules.need]
        self._roles, self._classes = rules.groups.roles, rules.groups.classes
        self._who = {purpose: _rows_of(who, 1, purpose, rules.groups.purposes) for purpose in Purpose}
        self._need = {purpose: _rows_of(need, 1, purpose, rules.groups.purposes) for purpose in Purpose}
        self._without_rows = _without_rows(rules)
        self._who_enforcers: dict[tuple[Purpose, DataClass], tuple[_OfScope, ...]] = {}
        self._need_enforcers: dict[tuple[Purpose, DataClass], _Casbin | None] = {}
        self._needed: dict[NeedCell, bool] = {}

    def ask(self, role: Role, purpose: Purpose, data_class: DataClass, action: Action) -> Iterator[Scope | None]:
        """Ask about each scope in turn: yield the scope if both tables allow *action* in it, else None.

        A scope without a row that allows this role an action on this class is skipped: a missing row is a refusal, and
        Casbin would answer an empty policy by trying blank words.
        """
        for scope, roles, enforcer in self._enforcers(purpose, data_class):
            if role in roles:
                needed = self._is_needed(role, purpose, data_class, NEEDS[action])
                yield scope if needed and enforcer.enforce(role, purpose, data_class, action, scope) else None

    def _is_needed(self, role: Role, purpose: Purpose, data_class: DataClass, form: Form) -> bool:
        cell = (role, purpose, data_class, form)
        if cell not in self._needed:
            enforcer = self._need_enforcer(purpose, data_class)
            self._needed[cell] = enforcer is not None and enforcer.enforce(NEED_CONTEXT, *cell)
        return self._needed[cell]

    def _enforcers(self, purpose: Purpose, data_class: DataClass) -> tuple[_OfScope, ...]:
        """Return the enforcers over `who.csv`, one for each scope in which a row allows an action."""
        key = purpose, data_class
        if key not in self._who_enforcers:
            rows = _rows_of(self._who[purpose], 2, data_class, self._classes)
            roles: dict[str, set[Role]] = {}
            for row in rows:
                if row[5] == Effect.ALLOW:
                    roles.setdefault(row[4], set()).update(self._roles[row[0]])
            self._who_enforcers[key] = tuple(
                (
                    scope,
                    frozenset(roles[scope]),
                    self._over("p", [r for r in rows if r[4] == scope or r[5] == Effect.DENY]),
                )
                for scope in Scope
                if scope in roles
            )
        return self._who_enforcers[key]

    def _need_enforcer(self, purpose: Purpose, data_class: DataClass) -> _Casbin | None:
        """Return the enforcer over `need.csv`; None where no row allows a form."""
        key = purpose, data_class
        if key not in self._need_enforcers:
            rows = _rows_of(self._need[purpose], 2, data_class, self._classes)
            allows = any(row[4] == Effect.ALLOW for row in rows)
            self._need_enforcers[key] = self._over("p2", rows) if allows else None
        return self._need_enforcers[key]

    def _over(self, kind: str, rows: Sequence[_Row]) -> _Casbin:
        """Return an enforcer over *rows*. It shares model and groups with the others; all only read them."""
        model, shared = casbin.Model(), self._without_rows.model
        for section in ("r", "e", "m", "g"):
            model[section] = shared[section]
        for name, definition in shared["p"].items():
            model.add_def("p", name, definition.value)
        enforcer = copy(self._without_rows)
        enforcer.set_model(model)
        for row in rows:
            _require_accepted(enforcer.add_named_policy(kind, *row), kind, row)
        return enforcer


def _rows_of(rows: Sequence[_Row], column: int, word: _Word, groups: Mapping[str, tuple[_Word, ...]]) -> list[_Row]:
    """Return the rows that may match *word* in that column: those that allow it, and those that deny it or a group."""
    return [
        row
        for row in rows
        if word in groups[row[column]] or (row[-1] == Effect.DENY and row[column] not in _SINGLE_WORDS)
    ]


def _without_rows(rules: PolicyRules) -> _Casbin:
    """Return an enforcer that knows the model and the groups. It is asked once, so that a bad model stops the start."""
    try:
        enforcer = cast("_Casbin", casbin.Enforcer(casbin.Enforcer.new_model(text=rules.model)))
        for kind, links in rules.groups.links.items():
            for link in links:
                name = ROLE_DEFINITIONS[kind]
                _require_accepted(enforcer.add_named_grouping_policy(name, *link), name, link)
        enforcer.enforce(*[""] * 5)
        enforcer.enforce(NEED_CONTEXT, *[""] * 4)
    except PolicyRefused:
        raise
    except Exception as error:
        raise PolicyRefused("Casbin does not take this model", file=MODEL) from error
    return enforcer


def _require_accepted(accepted: bool, kind: str, row: _Row) -> None:  # noqa: FBT001 - what Casbin answers
    """Refuse a row that Casbin would drop silently."""
    if not accepted:
        raise PolicyRefused("Casbin did not take this row", file=_FILES[kind], word=",".join(row))
