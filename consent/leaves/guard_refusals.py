"""What the guard refused: counted by caller, role, hour and code; about no subject [5.1.6]."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from consent.leaves.canonical_form import NOBODY, commitment, entry_bytes


@dataclass(frozen=True, slots=True)
class GuardRefusals:
    """How often one caller was refused with one code within one hour, in one process. The fields are the columns.

    *caller* is a keyed hash of the actor's reference, as in a number lookup; *hour* the instant at which the hour began
    (UTC). What was asked for is kept nowhere.
    """

    entry_id: UUID
    hour: datetime
    caller: str
    role: str
    code: str
    count: int
    salt: bytes = field(repr=False)

    def canonical_bytes(self) -> bytes:
        """Return every field but the salt, by its own name, and `"type":"guard-refusals/1"`.

        The bytes are, for example:

            {"caller":"abababababababababababababababab","code":"WITHHELD","count":12,
            "entry_id":"00000000-0000-0000-0000-00000000000a","hour":"2026-03-05T01:00:00.000000Z","role":"clerk",
            "type":"guard-refusals/1"}
        """
        return entry_bytes(
            "guard-refusals/1",
            {
                "entry_id": self.entry_id,
                "hour": self.hour,
                "caller": self.caller,
                "role": self.role,
                "code": self.code,
                "count": self.count,
            },
        )

    def entry(self) -> bytes:
        """Return the entry in the log `access`, which counts for nobody."""
        return NOBODY + commitment(self.salt, self.canonical_bytes())
