"""The same tables as Casbin reads them, with `model.conf`: the reference that the compiled table is compared with.

Too slow for a request (its cost grows with the rows), so nothing on the road of a read comes here. Only words of
the enumerations are ever passed in, because Casbin keeps every name that it has seen.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Final, Protocol

import casbin
from casbin.core_enforcer import EnforceContext

from consent.vocabulary import WITHOUT_PURPOSE, DataClass, Form, Purpose
from policy.actions import NEEDS, Action, Effect
from policy.actors import Role
from policy.decision_table import Table
from policy.errors import PolicyRefused
from policy.loader import read_rules
from policy.rules import MODEL, Groups
from queryplan.plan import Scope

Question = tuple[Role, Purpose | None, DataClass, Action, Scope]

_G: Final = {"role": "g", "action": "g2", "class": "g3", "purpose": "g4", "form": "g5"}


class _Enforcer(Protocol):
    """What we use of Casbin, which has no types."""

    def enforce(self, *request: object) -> bool: ...


class CasbinReference:
    """Casbin's answers to one question at a time.

    A row that names one purpose never matches another, and one that allows in one scope never matches another, so
    each (purpose, scope) has an enforcer that holds just the rows that could match: comparing every cell takes
    seconds instead of minutes. *together* gives one enforcer every row; a test shows that it answers the same.
    """

    def __init__(self, folder: Path, *, together: bool = False) -> None:
        rules = read_rules(folder)
        self._model, self._groups = folder / MODEL, rules.groups
        self._who: list[tuple[str, ...]] = [
            (row.role, row.purpose, row.data_class, row.action, row.scope, row.effect) for row in rules.who
        ]
        self._need: list[tuple[str, ...]] = [
            (row.role, row.purpose, row.data_class, row.form, row.effect) for row in rules.need
        ]
        self._together = together
        self._enforcers: dict[tuple[Purpose, Scope | None] | str, _Enforcer | None] = {}
        # Casbin decides by e whatever is named here; naming it keeps anybody from trusting a different e2.
        self._context = EnforceContext("r2", "p2", "e", "m2")
        self._needs: dict[tuple[Role, Purpose, DataClass, Form], bool] = {}

    def allows(self, role: Role, purpose: Purpose | None, data_class: DataClass, action: Action, scope: Scope) -> bool:
        """Tell whether both tables allow this. What needs no purpose has no rows: the code answers for it."""
        if data_class in WITHOUT_PURPOSE:
            return action in (Action.MASK, Action.READ) and scope is Scope.ALL
        if purpose is None or not self._is_needed(role, purpose, data_class, NEEDS[action]):
            return False
        enforcer = self._enforcer(purpose, scope)
        return enforcer is not None and enforcer.enforce(role, purpose, data_class, action, scope)

    def _is_needed(self, role: Role, purpose: Purpose, data_class: DataClass, form: Form) -> bool:
        question = (role, purpose, data_class, form)
        if question not in self._needs:
            enforcer = self._enforcer(purpose, None)
            self._needs[question] = enforcer is not None and enforcer.enforce(self._context, *question)
        return self._needs[question]

    def _enforcer(self, purpose: Purpose, scope: Scope | None) -> _Enforcer | None:
        """Return the enforcer over `who.csv` for *scope*, or over `need.csv` for none.

        None where no row allows anything: Casbin answers an empty policy by trying blank words.
        """
        key = ("need" if scope is None else "who") if self._together else (purpose, scope)
        if key not in self._enforcers:
            rows = self._need if scope is None else self._who
            if not self._together:
                rows = [row for row in rows if row[1] == purpose or row[1] not in list(Purpose)]
                rows = [row for row in rows if scope is None or row[4] == scope or row[5] == Effect.DENY]
            kind = "p2" if scope is None else "p"
            allows = any(row[-1] == Effect.ALLOW for row in rows)
            self._enforcers[key] = _enforcer(self._model, self._groups, kind, rows) if allows else None
        return self._enforcers[key]


def disagreements(table: Table, reference: CasbinReference) -> Iterator[Question]:
    """Give every (role, purpose or none, class, action, scope) that *table* and *reference* answer differently."""
    for role, purpose, data_class, action in product(Role, (None, *Purpose), DataClass, Action):
        scopes = table.act(role, purpose, data_class, action)
        for scope in Scope:
            allowed = isinstance(scopes, tuple) and scope in scopes
            if allowed != reference.allows(role, purpose, data_class, action, scope):
                yield role, purpose, data_class, action, scope


def _enforcer(model: Path, groups: Groups, kind: str, rows: Sequence[tuple[str, ...]]) -> _Enforcer:
    enforcer = casbin.Enforcer(str(model))
    for group, links in groups.links.items():
        for link in links:
            _taken(enforcer.add_named_grouping_policy(_G[group], *link), link)
    for row in rows:
        _taken(enforcer.add_named_policy(kind, *row), row)
    return enforcer  # type: ignore[no-any-return]  # Casbin has no types


def _taken(taken: bool, row: tuple[str, ...]) -> None:  # noqa: FBT001 - what Casbin answers
    """Refuse what Casbin would drop silently."""
    if not taken:
        raise PolicyRefused("Casbin did not take this row", file=MODEL, word=",".join(row))
