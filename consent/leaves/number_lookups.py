"""Numbers that were tried, hit or miss [5.1.6]."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from consent.leaves.canonical_form import NOBODY, commitment, entry_bytes
from consent.vocabulary import Purpose


class LookupOutcome(StrEnum):
    """Whether a lookup by number was told of somebody. A miss does not say that the number is not on record."""

    HIT = "HIT"
    MISS = "MISS"


class Entrance(StrEnum):
    """Where a number may be tried: each of these can tell whether it is on record."""

    SEARCH = "SEARCH"
    CONSULTATION = "CONSULTATION"
    REGISTRATION = "REGISTRATION"
    CORRECTION = "CORRECTION"
    IMPORT = "IMPORT"
    """A row of a file."""
    PUSH = "PUSH"
    """A case that another platform pushes."""


@dataclass(frozen=True, slots=True)
class NumberLookup:
    """One number that was tried, hit or miss [5.1.6]. The fields are the columns of `number_lookups`.

    *caller* is a keyed hash of the actor's reference, *neighbourhood* one of the number without its last four
    characters; *is_repeated*: the same caller had just tried the same number. The number itself is kept nowhere.
    """

    entry_id: UUID
    at: datetime
    caller: str
    role: str
    department_code: str | None
    purpose: Purpose
    entrance: Entrance
    outcome: LookupOutcome
    neighbourhood: str
    is_repeated: bool
    salt: bytes = field(repr=False)

    def canonical_bytes(self) -> bytes:
        """Return every field but the salt, by its own name, and `"type":"number-lookup/1"`.

        The bytes are, for example:

            {"at":"2026-03-05T01:02:03.000004Z","caller":"abababababababababababababababab",
            "department_code":"LZ-APPROVAL","entrance":"SEARCH","entry_id":"00000000-0000-0000-0000-00000000000a",
            "is_repeated":false,"neighbourhood":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","outcome":"MISS",
            "purpose":"CREDIT_CHECK","role":"clerk","type":"number-lookup/1"}
        """
        return entry_bytes(
            "number-lookup/1",
            {
                "entry_id": self.entry_id,
                "at": self.at,
                "caller": self.caller,
                "role": self.role,
                "department_code": self.department_code,
                "purpose": self.purpose.value,
                "entrance": self.entrance.value,
                "outcome": self.outcome.value,
                "neighbourhood": self.neighbourhood,
                "is_repeated": self.is_repeated,
            },
        )

    def commitment(self) -> bytes:
        """Return what the entry of this lookup commits to."""
        return commitment(self.salt, self.canonical_bytes())

    def entry(self) -> bytes:
        """Return the entry in the log `access`, which counts for nobody."""
        return NOBODY + self.commitment()
