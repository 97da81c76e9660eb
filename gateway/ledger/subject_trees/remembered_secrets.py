"""The opened secrets of all subjects, from one epoch to the next: opening one takes longer than the rest of a head.

Heads come in the order of their subjects' ids, so what is remembered is walked beside them, and takes 48 bytes each. A
subject that is not in an epoch any more is forgotten with it.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from consent.ledger.epochs import SECRET_BYTES

ID_BYTES: Final = 16
AT_ONCE: Final = 4_096
"""How many secrets are kept, and given up, together."""
_RECORD: Final = ID_BYTES + SECRET_BYTES


class RememberedSecrets:
    """Secrets by subject, given in ascending order of the subjects' ids, once in each epoch."""

    def __init__(self) -> None:
        self._before: deque[bytes] = deque()
        self._now: deque[bytes] = deque()
        self._waiting = bytearray()
        self._at = 0

    def begin(self) -> None:
        """Begin an epoch: from here on the ids ascend again."""
        if self._waiting:
            self._now.append(bytes(self._waiting))
        # What an epoch that broke off did not reach is given up with it, and opened again.
        self._before, self._now, self._waiting, self._at = self._now, deque(), bytearray(), 0

    def secret(self, subject_id: bytes, opened: Callable[[], bytes]) -> bytes:
        """Return the secret of a subject; *opened* opens it where the last epoch did not have it."""
        found = self._find(subject_id)
        secret = opened() if found is None else found
        self._waiting += subject_id + secret
        if len(self._waiting) == AT_ONCE * _RECORD:
            self._now.append(bytes(self._waiting))
            self._waiting = bytearray()
        return secret

    def _find(self, subject_id: bytes) -> bytes | None:
        while self._before:
            part, at = self._before[0], self._at
            while at < len(part):
                known = part[at : at + ID_BYTES]
                if known >= subject_id:
                    self._at = at
                    return part[at + ID_BYTES : at + _RECORD] if known == subject_id else None
                at += _RECORD
            self._before.popleft()
            self._at = 0
        return None
