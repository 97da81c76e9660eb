"""Lookups by number: counted before anything is looked for, and recorded before the answer, hit or miss [5.1.6].

The quota does not depend on what is found, so a refusal says nothing about a number. The number itself is kept
nowhere: `neighbourhood` is a keyed hash of it without its last four characters, by which neighbours are recognised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cachetools import LRUCache

from consent.leaves.canonical_form import SALT_BYTES
from consent.leaves.number_lookups import Entrance, LookupOutcome, NumberLookup
from consent.vocabulary import Purpose
from policy.actors import Actor
from policy.crypto.keyring import Keyring
from schema.core.errors import LookupQuota, NotRecorded, PurposeRequired
from schema.core.limits import Quota
from schema.core.ports import AccessRecorder, RateLimiter, Runtime, TriedNumber

REMEMBERED: Final = 10_000
"""How many tried numbers a process remembers, as keyed hashes: who asks for one person twice tries one number."""
LAST: Final = 4
"""The characters that tell neighbours apart: of an ID number the sequence and the check character."""
OF_ACTOR: Final[Mapping[Entrance, Quota]] = {
    Entrance.CONSULTATION: Quota.CONSULTED_BY_ACTOR,
    Entrance.IMPORT: Quota.IMPORTED_BY_ACTOR,
    Entrance.PUSH: Quota.PUSHED_BY_ACTOR,
}
OF_DEPARTMENT: Final[Mapping[Entrance, Quota]] = {
    Entrance.CONSULTATION: Quota.CONSULTED_BY_DEPARTMENT,
    Entrance.IMPORT: Quota.IMPORTED_BY_DEPARTMENT,
    Entrance.PUSH: Quota.IMPORTED_BY_DEPARTMENT,
}
"""A consultation has many names, a file many rows, a platform many cases: each has quotas of its own."""


@dataclass(frozen=True, slots=True)
class RecordedLookups:
    """Implements `schema.core.ports.NumberLookups`."""

    limiter: RateLimiter
    recorder: AccessRecorder
    keyring: Keyring
    runtime: Runtime
    _tried: LRUCache[tuple[str, str], bool] = field(default_factory=lambda: LRUCache(REMEMBERED), repr=False)

    async def admit(self, actor: Actor, entrance: Entrance, numbers: int) -> None:
        """Count *numbers* for the account and its department; raises LookupQuota."""
        if not numbers:
            return
        # The account first, in every transaction: see SqlRateLimiter.
        account = self.keyring.tag("caller", actor.account)
        takings = [(OF_ACTOR.get(entrance, Quota.LOOKUPS_OF_ACTOR), account, numbers)]
        if actor.department is not None:
            quota = OF_DEPARTMENT.get(entrance, Quota.LOOKUPS_OF_DEPARTMENT)
            takings.append((quota, self.keyring.tag("department", actor.department), numbers))
        until = await self.limiter.take(takings)
        if until is not None:
            raise LookupQuota(until=instant_text(until))

    def entries(
        self, actor: Actor, purpose: Purpose | None, entrance: Entrance, tried: Sequence[TriedNumber]
    ) -> list[NumberLookup]:
        """Return the entry of each number."""
        if purpose is None:
            raise PurposeRequired
        at, caller = self.runtime.now(), self._caller(actor)
        return [
            NumberLookup(
                entry_id=self.runtime.new_entry_id(at),
                at=at,
                caller=caller,
                role=actor.role.value,
                department_code=actor.department,
                purpose=purpose,
                entrance=entrance,
                outcome=LookupOutcome.HIT if one.is_hit else LookupOutcome.MISS,
                neighbourhood=self.keyring.tag("neighbourhood", one.number[:-LAST]),
                is_repeated=self._is_repeated(caller, one.number),
                salt=self.runtime.random(SALT_BYTES),
            )
            for one in tried
        ]

    async def record(
        self, actor: Actor, purpose: Purpose | None, entrance: Entrance, tried: Sequence[TriedNumber]
    ) -> None:
        """Make the entries durable; raises NotRecorded."""
        try:
            await self.recorder.record((), (), self.entries(actor, purpose, entrance, tried))
        except Exception as failed:
            raise NotRecorded(reason=getattr(failed, "code", "UNAVAILABLE")) from failed

    def _is_repeated(self, caller: str, number: str) -> bool:
        """Return whether the caller has just tried this number; it is remembered in this process only."""
        key = caller, self.keyring.tag("tried", number)
        is_repeated = key in self._tried
        self._tried[key] = True
        return is_repeated

    def _caller(self, actor: Actor) -> str:
        return self.keyring.tag("caller", actor.ref)


def instant_text(at: datetime) -> str:
    """Return an instant in UTC as clients read it: `2026-03-05T01:00:00Z`."""
    return at.isoformat().replace("+00:00", "Z")
