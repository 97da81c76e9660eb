"""Explains a cell of the policy: the rows that decide it, why it is withheld, and what would unlock it.

RestraintCase.facts for regulator, FOCUSED_CHECK
class     FACTS  (classes.csv:41)
shown     CLEAR in scope sector-area, by STATUTE [5.2.2]
rows      who.csv:82   regulator,FOCUSED_CHECK,FACTS,read,sector-area,allow
          need.csv:75  FOCUSED_CHECK,everyone,FACTS,CLEAR,STATUTE,5.2.2,allow
"""

from collections.abc import Iterator
from dataclasses import dataclass

from consent.vocabulary import WITHOUT_PURPOSE, Basis, DataClass, Form, Purpose
from policy.actions import Action, Effect
from policy.actors import Role
from policy.decisions import AUTHORISATION_UNLOCKS, Decisions, Grant, Withheld, WithheldReason
from policy.expand_rules import need_cells, who_cells
from policy.rules import CLASSES, NEED, WHO


@dataclass(frozen=True, slots=True)
class CitedRow:
    """A row that covers the cell: its file, its line and its text."""

    file: str
    line: int
    text: str
    denies: bool
    """Whether it withholds the masked form, and so both forms."""

    @property
    def place(self) -> str:
        """Its file and line, as `who.csv:82`."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision for one field. *why* says what withholds it, or on what condition it is shown, or is empty."""

    role: Role
    purpose: Purpose | None
    field: str
    data_class: DataClass | None
    classified_at: str
    decision: tuple[Grant, ...] | Withheld
    why: str
    unlock: str
    rows: tuple[CitedRow, ...]

    def lines(self) -> tuple[str, ...]:
        """Return the explanation as text, as in this module's docstring."""
        parts = [("class", [f"{self.data_class}  ({self.classified_at})" if self.data_class else "none"])]
        if isinstance(self.decision, Withheld):
            parts.append(("withheld", [f"by {self.decision.reason}"]))
        else:
            shown = [f"{one.form} in scope {one.scope}, by {one.basis} [{one.citation}]" for one in self.decision]
            parts.append(("shown", shown))
        width = max((len(row.place) for row in self.rows), default=0)
        parts += [("why", [self.why] * bool(self.why)), ("unlock", [self.unlock] * bool(self.unlock))]
        parts.append(("rows", [f"{row.place:<{width}}  {row.text}" for row in self.rows]))
        head = f"{self.field} for {self.role}, {self.purpose or 'without a purpose'}"
        below = [f"{'' if number else label:<10}{text}" for label, texts in parts for number, text in enumerate(texts)]
        return (head, *below)


def explain(policy: Decisions, role: Role, purpose: Purpose | None, type_field: str) -> Explanation:
    """Explain what *role* sees of `Type.field` for *purpose*, and by which rows."""
    data_class = policy.classes.get(type_field)
    decision = policy.read(role, purpose, data_class)
    rows = tuple(_rows(policy, role, purpose, data_class))
    if isinstance(decision, Withheld):
        why, unlock = _why_not(decision, role, purpose, data_class, rows), decision.unlock
    else:
        why, unlock = _on_condition(decision, data_class)
    return Explanation(
        role=role,
        purpose=purpose,
        field=type_field,
        data_class=data_class,
        classified_at=_place(policy, type_field) if data_class else "",
        decision=decision,
        why=why,
        unlock=unlock,
        rows=rows,
    )


def _place(policy: Decisions, type_field: str) -> str:
    line = policy.rules.class_lines.get(type_field)
    return "by the code: a refusal's own words" if line is None else f"{CLASSES}:{line}"


def _rows(policy: Decisions, role: Role, purpose: Purpose | None, data_class: DataClass | None) -> Iterator[CitedRow]:
    """Yield the rows of both tables about reading this class, by this role for this purpose."""
    asked = (role, purpose, data_class)
    for who in policy.rules.who:
        actions = {cell[3] for cell in who_cells(policy.rules, who) if cell[:3] == asked}
        if actions & {Action.MASK, Action.READ}:
            yield CitedRow(WHO, who.line, who.text(), who.effect is Effect.DENY and Action.MASK in actions)
    for need in policy.rules.need:
        forms = {cell[3] for cell in need_cells(policy.rules, need) if cell[:3] == asked}
        if forms:
            yield CitedRow(NEED, need.line, need.text(), need.effect is Effect.DENY and Form.MASKED in forms)


def _on_condition(grants: tuple[Grant, ...], data_class: DataClass | None) -> tuple[str, str]:
    if data_class in WITHOUT_PURPOSE:
        return "it is about nobody else: everybody may read it without a purpose", ""
    if grants[0].basis is Basis.CONSENT:
        return "only while the subject's authorisation for it is live", AUTHORISATION_UNLOCKS
    return "", ""


def _why_not(
    withheld: Withheld, role: Role, purpose: Purpose | None, data_class: DataClass | None, rows: tuple[CitedRow, ...]
) -> str:
    if withheld.reason is WithheldReason.UNCLASSIFIED:
        return f"{CLASSES} has no row for this field"
    if purpose is None:
        return "personal data is shown only for a stated purpose [5.1.6]"
    file = WHO if withheld.reason is WithheldReason.ROLE else NEED
    for row in rows:
        if row.file == file and row.denies:
            return f"{row.place} denies it"
    if withheld.reason is WithheldReason.NECESSITY:
        return f"{NEED} has no row by which {purpose} needs {data_class} for {role}"
    return f"{WHO} has no row by which {role} may read {data_class} for {purpose}"
