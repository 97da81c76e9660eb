"""Logs each document that was answered and that no operator has loaded, once for each role in a process."""

from dataclasses import dataclass, field
from typing import Final

import structlog
from cachetools import LRUCache

from policy.actors import Actor, Role

REMEMBERED: Final = 10_000
"""Documents and roles; one that is forgotten is logged again."""


@dataclass(slots=True)
class UnknownDocuments:
    """The documents that one process has logged, by the hash of their shape, which covers no value."""

    _logged: LRUCache[tuple[str, Role], bool] = field(default_factory=lambda: LRUCache(REMEMBERED))

    def note(self, actor: Actor, document_hash: str) -> None:
        """Log a document of this shape, unless it was logged before."""
        if (document_hash, actor.role) not in self._logged:
            self._logged[document_hash, actor.role] = True
            structlog.get_logger().info("document.unknown", document_hash=document_hash, role=actor.role)
