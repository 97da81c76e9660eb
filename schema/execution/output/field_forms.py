"""In which form an object shows its fields: by what its row shows, and by nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from policy.crypto.keyring import DAMAGED
from policy.decisions import WithheldReason
from schema.core.enums import AccessOutcome
from schema.execution.output.output_nodes import (
    ClearOrMasked,
    ColumnValue,
    MaskValue,
    OnConsent,
    OutputNode,
    OutputObject,
    Parts,
    Row,
    RowContext,
    WithheldValue,
    Worded,
    output_object,
)
from schema.execution.planning.decisions import FieldDecision


@dataclass(frozen=True, slots=True)
class FieldForm:
    """The form of one field, and why it is withheld."""

    field: str
    form: AccessOutcome
    reason: WithheldReason | None = None
    unlock: str = ""

    @classmethod
    def withheld(cls, field: str, decision: FieldDecision) -> Self:
        """Return that *field* is withheld by *decision*."""
        return cls(field, AccessOutcome.WITHHELD, decision.reason, decision.unlock)

    def part(self, name: str) -> str | None:
        """Return what it says under the field *name* of `FieldDisclosure`."""
        reason = None if self.reason is None else self.reason.name
        return {"field": self.field, "form": self.form.value, "reason": reason, "unlock": self.unlock or None}[name]


@dataclass(frozen=True, slots=True)
class FieldForms:
    """In which form the row shows each of *fields*, as (name, node): the requested *parts* of each."""

    fields: Sequence[tuple[str, OutputNode]]
    typename: str
    parts: Parts

    def read(self, row: Row, _rows: RowContext) -> object:
        return [self.project(_form(name, node, row)) for name, node in self.fields]

    def project(self, form: FieldForm) -> OutputObject:
        """Return the requested parts of *form*."""
        parts = ((key, self.typename if part == "__typename" else form.part(part)) for key, part in self.parts)
        return output_object(self.typename, parts)


def _form(name: str, node: OutputNode, row: Row) -> FieldForm:
    if isinstance(node, WithheldValue):
        return FieldForm.withheld(name, node.decision)
    if isinstance(node, OnConsent):
        return _form(name, node.node, row) if node.is_covered(row) else FieldForm.withheld(name, node.marker.decision)
    shown = node.node if isinstance(node, Worded) else node
    is_masked = isinstance(shown, MaskValue)
    if isinstance(shown, ClearOrMasked | ColumnValue):
        value = row[shown.clear if isinstance(shown, ClearOrMasked) else shown.position]
        if value is DAMAGED:
            return FieldForm(name, AccessOutcome.WITHHELD, WithheldReason.DAMAGED)
        is_masked = is_masked or (isinstance(shown, ClearOrMasked) and value is None)
    return FieldForm(name, AccessOutcome.MASKED if is_masked else AccessOutcome.CLEAR)
