"""The gate: what has been admitted, for whom and for what."""

from dataclasses import dataclass

from consent.purposes import Purpose
from policy.actors import Actor


@dataclass(frozen=True, slots=True)
class Admission:
    """What an actor may open for a purpose, under one version of the policy.

    *opens* holds (table, column) of the sealed values that `policy.disclosure` may open, and no other.
    """

    actor: Actor
    purpose: Purpose | None
    policy_version: str
    opens: frozenset[tuple[str, str]]
