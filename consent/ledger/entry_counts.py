"""How many subjects an entry concerns, which anybody can read off it.

    34 bytes    u16 n ‖ commitment: n subjects; 0 for an attempt that found none, for a read that is delayed, and for
                an act that its subject may not know of yet
    32 bytes    commitment: exactly one

An entry of the log `system` is a readable text, and concerns none.
"""

from typing import Final

from consent.errors import NotCanonical
from consent.ports import Log

COMMITMENT_BYTES: Final = 32
COUNTED_BYTES: Final = 34


def stated_subjects(log: Log, entry: bytes) -> int:
    """Return how many subjects *entry* of *log* concerns. Raises NotCanonical for an entry of another length."""
    if log == "system":
        return 0
    if len(entry) == COMMITMENT_BYTES:
        return 1
    if len(entry) != COUNTED_BYTES:
        raise NotCanonical
    return int.from_bytes(entry[:2], "big")
