"""The policy as written in its files: rows of words, each with its line.

A word is one of an enumeration (`clerk`, `FOCUSED_CHECK`, `mask`) or the name of a group of such words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from consent.vocabulary import Basis, DataClass, Form, Purpose
from policy.actions import Action, Effect
from policy.actors import Role
from queryplan.scopes import Scope

WHO: Final = "who.csv"
NEED: Final = "need.csv"
GROUPS: Final = "groups.csv"
CLASSES: Final = "classes.csv"
MODEL: Final = "model.conf"
FILES: Final = (WHO, NEED, GROUPS, CLASSES, MODEL)


@dataclass(frozen=True, slots=True)
class WhoRow:
    """A row of `who.csv`: this role may (or may not) do this with rows in this scope."""

    line: int
    role: str
    purpose: str
    data_class: str
    action: Action
    scope: Scope
    effect: Effect

    def text(self) -> str:
        """Return the row as it is written in the file."""
        return f"{self.role},{self.purpose},{self.data_class},{self.action},{self.scope},{self.effect}"


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A row of `need.csv`: this purpose needs (or must not have) this, in this form. A deny has no basis."""

    line: int
    purpose: str
    role: str
    data_class: str
    form: Form
    basis: Basis | None
    citation: str
    effect: Effect

    def text(self) -> str:
        """Return the row as it is written in the file."""
        what = f"{self.purpose},{self.role},{self.data_class},{self.form}"
        return f"{what},{self.basis or ''},{self.citation},{self.effect}"


@dataclass(frozen=True, slots=True)
class Groups:
    """For each word that a row may use, its meaning: itself, or the members of the group."""

    roles: Mapping[str, tuple[Role, ...]]
    classes: Mapping[str, tuple[DataClass, ...]]
    purposes: Mapping[str, tuple[Purpose, ...]]
    links: Mapping[str, tuple[tuple[str, str], ...]]
    """(member, group) by kind, as written: the g rows of Casbin."""


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """Every row of a policy folder. *version* is a hash over its five files, byte for byte."""

    version: str
    who: tuple[WhoRow, ...]
    need: tuple[NeedRow, ...]
    groups: Groups
    classes: Mapping[str, DataClass]
    class_lines: Mapping[str, int]
    model: str
    """The text of `model.conf`."""
