"""What each mutation of a journey leaves in the ledger, by `architecture/sources/entries_of_acts.py` [5.1.6]."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from consent.leaves.formats import LOG_OF
from consent.ports import Log
from storage.repositories import ledger_leaves
from tests.architecture.sources.entries_of_acts import DONE_ONCE, OF_MUTATIONS
from tests.shipped_schema import shipped_types

_FIELD: Final = re.compile(r"(\w+)\s*\(\s*input\s*:")
REFUSALS: Final = {
    one.name
    for one in shipped_types().type_map.values()
    if "Refusal" in {each.name for each in getattr(one, "interfaces", ())}
}
_of_access: Log = "access"
ATTEMPTS: Final = frozenset(kind.split("/")[0] for kind, log in LOG_OF.items() if log == _of_access)


@dataclass(slots=True)
class LeftEntries:
    """The kinds of the entries that the process has appended, in their order."""

    kinds: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    """What leaves nothing any more: requests under a key that were sent, and mutations that find it done."""

    def require(self, begun: int, body: Mapping[str, Any], data: Mapping[str, Any] | None) -> None:
        """Raise AssertionError where a mutation of *body* succeeded and left nothing of its kinds since *begun*."""
        text = json.dumps(body, default=str, sort_keys=True)
        left = set(self.kinds[begun:])
        for name in _FIELD.findall(str(body.get("query"))):
            answer = (data or {}).get(name)
            shown = answer.get("__typename") if isinstance(answer, Mapping) else None
            if name not in OF_MUTATIONS or shown is None or shown in REFUSALS:
                continue
            once = name if name in DONE_ONCE else text if "idempotencyKey" in text else None
            if once is None or once not in self.done:
                assert left & set(OF_MUTATIONS[name]), f"{name} left {sorted(left) or 'nothing'}"
            if once is not None:
                self.done.add(once)


@contextmanager
def noted_entries() -> Iterator[LeftEntries]:
    """Note the entries that are appended while the block runs."""
    left, append, commit = LeftEntries(), ledger_leaves.LedgerSession.append, ledger_leaves.commitment

    def noted_append(self: Any, log: Log, *rest: Any, **named: Any) -> None:
        if log == _of_access:
            left.kinds.extend(ATTEMPTS)
        append(self, log, *rest, **named)

    def noted_commitment(salt: bytes, canonical: bytes) -> bytes:
        left.kinds.append(json.loads(canonical)["type"].split("/")[0])
        return commit(salt, canonical)

    ledger_leaves.LedgerSession.append, ledger_leaves.commitment = noted_append, noted_commitment  # type: ignore[method-assign]  # undone below
    try:
        yield left
    finally:
        ledger_leaves.LedgerSession.append, ledger_leaves.commitment = append, commit  # type: ignore[method-assign]  # as above
