"""The effect of a policy change: cell by cell, and whether a role would see or do more than before.

wider     regulator  FOCUSED_CHECK  PHONE  read   withheld -> MASKED sector-area, STATUTE [5.2.2]
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path

from consent.vocabulary import Basis, DataClass, Form, Purpose
from policy.actions import Action
from policy.actors import Role
from policy.decisions import Decisions, Grant, Withheld, load_second_reading
from queryplan.scopes import Scope

_Rank = tuple[int, int]
"""How clear the form is, and how free of a condition."""


class Direction(StrEnum):
    """What a change means for the subjects of the data."""

    WIDER = "wider"
    """More rows, a clearer form, a further action, or no longer only on consent: such a change needs a decision."""
    NARROWER = "narrower"
    MIXED = "mixed"
    """Wider in one respect, narrower in another."""
    GROUND = "ground"
    """The same is shown, on another basis or citation."""


@dataclass(frozen=True, slots=True)
class CellChange:
    """A changed cell. *action* is `read` for both forms."""

    role: Role
    purpose: Purpose
    data_class: DataClass
    action: Action
    before: str
    after: str
    direction: Direction

    def line(self) -> str:
        """Return the change as one line of text."""
        cell = f"{self.role}  {self.purpose}  {self.data_class}  {self.action}"
        return f"{self.direction:<8}  {cell}  {self.before} -> {self.after}"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that was added, was removed or has another class. None means no class."""

    field: str
    before: DataClass | None
    after: DataClass | None

    def line(self) -> str:
        """Return the change as one line of text."""
        return f"field     {self.field}  {self.before or 'unclassified'} -> {self.after or 'unclassified'}"


def diff(old: Decisions, new: Decisions) -> tuple[CellChange | FieldChange, ...]:
    """Return what *new* changes, cells first, in the order of the words. Rows with the same meaning are no change."""
    return (*_cells(old, new), *_fields(old.classes, new.classes))


def diff_folders(old: Path, new: Path) -> tuple[CellChange | FieldChange, ...]:
    """Return what the policy of folder *new* changes; raises PolicyRefused if either does not load."""
    return diff(load_second_reading(old), load_second_reading(new))


def _cells(old: Decisions, new: Decisions) -> Iterator[CellChange]:
    for role, purpose, data_class in product(Role, Purpose, DataClass):
        was, now = _read(old, role, purpose, data_class), _read(new, role, purpose, data_class)
        if was != now:
            yield CellChange(
                role, purpose, data_class, Action.READ, _words(was), _words(now), _direction(_ranks(was), _ranks(now))
            )
        for action in (Action.WRITE, Action.TRANSITION):
            had, has = (_scopes(policy.act(role, purpose, data_class, action)) for policy in (old, new))
            if had.keys() != has.keys():
                change = _direction(had, has)
                yield CellChange(role, purpose, data_class, action, _named(had), _named(has), change)


def _read(policy: Decisions, role: Role, purpose: Purpose, data_class: DataClass) -> tuple[Grant, ...]:
    found = policy.read(role, purpose, data_class)
    return () if isinstance(found, Withheld) else found


def _ranks(grants: tuple[Grant, ...]) -> dict[Scope, _Rank]:
    return {grant.scope: (1 + (grant.form is Form.CLEAR), 1 + (grant.basis is not Basis.CONSENT)) for grant in grants}


def _scopes(found: tuple[Scope, ...] | Withheld) -> dict[Scope, _Rank]:
    return {} if isinstance(found, Withheld) else dict.fromkeys(found, (1, 1))


def _direction(before: Mapping[Scope, _Rank], after: Mapping[Scope, _Rank]) -> Direction:
    gains, losses = _exceeds(after, before), _exceeds(before, after)
    if gains and losses:
        return Direction.MIXED
    if gains:
        return Direction.WIDER
    return Direction.NARROWER if losses else Direction.GROUND


def _exceeds(more: Mapping[Scope, _Rank], less: Mapping[Scope, _Rank]) -> bool:
    """Return whether anything in *more* goes beyond what *less* gives in that scope or for every row."""
    nothing = (0, 0)
    return any(
        rank[part] > max(less.get(scope, nothing)[part], less.get(Scope.ALL, nothing)[part])
        for scope, rank in more.items()
        for part in (0, 1)
    )


def _words(grants: tuple[Grant, ...]) -> str:
    words = (f"{grant.form} {grant.scope}, {grant.basis} [{grant.citation}]" for grant in grants)
    return "; ".join(words) or "withheld"


def _named(scopes: Mapping[Scope, _Rank]) -> str:
    return ", ".join(scopes) or "withheld"


def _fields(old: Mapping[str, DataClass], new: Mapping[str, DataClass]) -> Iterator[FieldChange]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) is not new.get(name):
            yield FieldChange(name, old.get(name), new.get(name))
