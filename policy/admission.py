"""The admission of one actor for one purpose, and the refusals of what is not admitted."""

from collections.abc import Mapping
from dataclasses import dataclass

from consent.vocabulary import Purpose
from policy.actors import Actor
from policy.decisions import Withheld, WithheldReason
from policy.errors import ConsentMissing, Denied, DeniedByNecessity, DeniedByRole, Unclassified, ValueDamaged


@dataclass(frozen=True, slots=True)
class Admission:
    """What an actor may open for a purpose, under one version of the policy.

    *opens* holds (table, column) of the sealed values that `policy.disclosure` may open, and no others.
    """

    actor: Actor
    purpose: Purpose | None
    policy_version: str
    opens: frozenset[tuple[str, str]]


def denied(withheld: Withheld) -> Denied:
    """Return the refusal that says why something is withheld, with its messages."""
    return _BY_REASON[withheld.reason](withheld.unlock)


_BY_REASON: Mapping[WithheldReason, type[Denied]] = {
    WithheldReason.ROLE: DeniedByRole,
    WithheldReason.NECESSITY: DeniedByNecessity,
    WithheldReason.CONSENT: ConsentMissing,
    WithheldReason.UNCLASSIFIED: Unclassified,
    WithheldReason.DAMAGED: ValueDamaged,
}
