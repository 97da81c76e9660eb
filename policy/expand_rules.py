"""The second reading of the rules: every row expanded into the cells that it covers, without Casbin.

The loader's checks (rows that never take effect), `policy explain` and `policy diff` use it, and `policy.decisions`
compares the answers of Casbin with it. A *cell* of `who.csv` is (role, purpose, class, action, scope); of `need.csv`,
(role, purpose, class, form).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from consent.templates import catalogue
from consent.vocabulary import GROUP_OF, NAMES_NOBODY, Basis, DataClass, Form, Purpose
from policy.actions import FORM_REACH, NEEDS, REACH, Action, Effect
from policy.actors import Role
from policy.errors import PolicyRefused
from policy.rules import NEED, WHO, NeedRow, PolicyRules, WhoRow
from queryplan.scopes import CONTAINED_IN, WHILE_OPEN, Scope

WhoCell = tuple[Role, Purpose, DataClass, Action, Scope]
NeedCell = tuple[Role, Purpose, DataClass, Form]
ActionCell = tuple[Role, Purpose, DataClass, Action]


@dataclass(frozen=True, slots=True)
class ExpandedRules:
    """The cells in force: both tables allow them and neither denies them. With the rows that allow them."""

    who: Mapping[WhoCell, tuple[WhoRow, ...]]
    need: Mapping[NeedCell, NeedRow]
    scopes: Mapping[ActionCell, frozenset[Scope]]
    """The scopes of the cells of *who*, by the rest of the cell."""

    def ask(self, role: Role, purpose: Purpose, data_class: DataClass, action: Action) -> Iterator[Scope | None]:
        """Yield the scopes in which *action* is allowed, as `policy.enforcer` yields those of Casbin."""
        yield from self.scopes.get((role, purpose, data_class, action), ())


def expand(rules: PolicyRules) -> ExpandedRules:
    """Return the cells in force under *rules*; raises PolicyRefused for a row that can never take effect."""
    need = _needed(rules)
    who = _allowed(rules, need)
    found = ExpandedRules(who, need, _scopes(who))
    _refuse_idle_who(rules, found)
    _refuse_idle_need(rules, found)
    _refuse_hidden_subjects(found)
    _refuse_other_recipients(found)
    return found


def who_cells(rules: PolicyRules, row: WhoRow) -> Iterable[WhoCell]:
    """Yield every cell that *row* covers, with groups and the order of actions resolved."""
    groups = rules.groups
    return (
        (role, purpose, data_class, action, row.scope)
        for role in groups.roles[row.role]
        for purpose in groups.purposes[row.purpose]
        for data_class in groups.classes[row.data_class]
        for action in REACH[row.effect][row.action]
    )


def need_cells(rules: PolicyRules, row: NeedRow) -> Iterable[NeedCell]:
    """Yield every cell that *row* covers, with groups and the order of forms resolved."""
    groups = rules.groups
    return (
        (role, purpose, data_class, form)
        for role in groups.roles[row.role]
        for purpose in groups.purposes[row.purpose]
        for data_class in groups.classes[row.data_class]
        for form in FORM_REACH[row.effect][row.form]
    )


def _needed(rules: PolicyRules) -> dict[NeedCell, NeedRow]:
    denied = {cell for row in rules.need if row.effect is Effect.DENY for cell in need_cells(rules, row)}
    needed: dict[NeedCell, NeedRow] = {}
    for row in rules.need:
        if row.effect is Effect.DENY:
            continue
        for cell in need_cells(rules, row):
            first = needed.setdefault(cell, row)
            if first is not row:
                # One basis and one citation for each cell: the access log shows exactly one.
                raise _refused(NEED, row, f"line {first.line} says already what is needed here")
            if row.basis is Basis.CONSENT and cell[2] not in GROUP_OF:
                raise _refused(NEED, row, "nobody can be asked to authorise this class", cell[2])
    return {cell: row for cell, row in needed.items() if cell not in denied}


def _allowed(rules: PolicyRules, need: Mapping[NeedCell, NeedRow]) -> dict[WhoCell, tuple[WhoRow, ...]]:
    denied = {cell[:4] for row in rules.who if row.effect is Effect.DENY for cell in who_cells(rules, row)}
    allowed: dict[WhoCell, tuple[WhoRow, ...]] = {}
    for row in rules.who:
        if row.effect is Effect.DENY:
            continue
        for cell in who_cells(rules, row):
            role, purpose, data_class, action, _ = cell
            if cell[:4] not in denied and (role, purpose, data_class, NEEDS[action]) in need:
                allowed[cell] = (*allowed.get(cell, ()), row)
    return allowed


def _scopes(who: Iterable[WhoCell]) -> dict[ActionCell, frozenset[Scope]]:
    scopes: dict[ActionCell, set[Scope]] = {}
    for role, purpose, data_class, action, scope in who:
        scopes.setdefault((role, purpose, data_class, action), set()).add(scope)
    return {cell: frozenset(found) for cell, found in scopes.items()}


def _refuse_idle_who(rules: PolicyRules, found: ExpandedRules) -> None:
    for row in rules.who:
        if row.effect is Effect.DENY:
            continue
        own = [cell for cell in who_cells(rules, row) if cell[3] is row.action and cell in found.who]
        if not own:
            raise _refused(WHO, row, "this row never takes effect: need.csv does not need it, or a deny takes it back")
        if all(_is_allowed_elsewhere(found, row, cell) for cell in own):
            raise _refused(WHO, row, "this row never takes effect: other rows say all of it")


def _is_allowed_elsewhere(found: ExpandedRules, row: WhoRow, cell: WhoCell) -> bool:
    """Return whether another row allows *cell*, or the same cell in scope all."""
    everywhere = (*cell[:4], Scope.ALL)
    return len(found.who[cell]) > 1 or (row.scope is not Scope.ALL and everywhere in found.who)


def _refuse_idle_need(rules: PolicyRules, found: ExpandedRules) -> None:
    used = {(*cell[:3], NEEDS[cell[3]]) for cell in found.who}
    effective = {found.need[cell].line for cell in used if found.need[cell].form is cell[3]}
    for row in rules.need:
        if row.effect is Effect.ALLOW and row.line not in effective:
            raise _refused(NEED, row, "this row never takes effect: who.csv gives it to nobody in this form, or a deny")


def _refuse_hidden_subjects(found: ExpandedRules) -> None:
    """Refuse data about a subject whose existence may not be seen: the answer would reveal it."""
    for cell, rows in found.who.items():
        role, purpose, data_class, action, scope = cell
        if data_class in NAMES_NOBODY:
            continue
        about = (role, purpose, DataClass.SUBJECT, Action.READ)
        wider = {scope, CONTAINED_IN.get(scope, scope), WHILE_OPEN.get(scope, scope), Scope.ALL}
        if action is Action.MASK and not any((*about, each) in found.who for each in wider):
            raise _refused(WHO, rows[0], "class SUBJECT must be readable in the same scope", scope)


def _refuse_other_recipients(found: ExpandedRules) -> None:
    """Refuse a read on consent by a role that an authorisation for the purpose is never given to [5.1.6]."""
    reader = {purpose: template.asked_by for purpose, template in catalogue().items()}
    for (role, purpose, data_class, action, _), rows in found.who.items():
        need = found.need[role, purpose, data_class, NEEDS[action]]
        if action in {Action.MASK, Action.READ} and need.basis is Basis.CONSENT and role != reader.get(purpose):
            raise _refused(WHO, rows[0], "an authorisation for this purpose is given to others", role)


def _refused(file: str, row: WhoRow | NeedRow, why: str, word: str = "") -> PolicyRefused:
    return PolicyRefused(why, file=file, line=row.line, word=word or row.text())
