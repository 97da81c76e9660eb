"""With every mutation that a journey sends: the ledger has what `tests/entries_of_acts.py` says [5.1.6]."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from consent.leaves.formats import LOG_OF
from consent.ports import Log
from storage.repositories import ledger_leaves
from tests.entries_of_acts import OF_MUTATIONS
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
    repeated: set[str] = field(default_factory=set)
    """The requests with an idempotency key that were sent before: a repetition leaves nothing."""

    def require(self, begun: int, who: str, body: Mapping[str, Any], data: Mapping[str, Any] | None) -> None:
        """Raise AssertionError where a mutation of *body* succeeded and left nothing of its kinds since *begun*."""
        text = json.dumps([who, body], default=str, sort_keys=True)
        if "idempotencyKey" in text:
            if text in self.repeated:
                return
            self.repeated.add(text)
        left = set(self.kinds[begun:])
        for name in _FIELD.findall(str(body.get("query"))):
            answer = (data or {}).get(name)
            shown = answer.get("__typename") if isinstance(answer, Mapping) else None
            if name in OF_MUTATIONS and shown is not None and shown not in REFUSALS:
                assert left & set(OF_MUTATIONS[name]), f"{name} left {sorted(left) or 'nothing'}"


@contextmanager
def noted_entries() -> Iterator[LeftEntries]:
    """Note the entries that are appended while the block runs."""
    left, append, commit = LeftEntries(), ledger_leaves.LedgerSession.append, ledger_leaves.commitment

    def noted_append(self: Any, log: Log, *rest: Any) -> None:
        if log == _of_access:
            left.kinds.extend(ATTEMPTS)
        append(self, log, *rest)

    def noted_commitment(salt: bytes, canonical: bytes) -> bytes:
        left.kinds.append(json.loads(canonical)["type"].split("/")[0])
        return commit(salt, canonical)

    ledger_leaves.LedgerSession.append, ledger_leaves.commitment = noted_append, noted_commitment  # type: ignore[method-assign]  # undone below
    try:
        yield left
    finally:
        ledger_leaves.LedgerSession.append, ledger_leaves.commitment = append, commit  # type: ignore[method-assign]  # as above
