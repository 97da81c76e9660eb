"""Counts the requests from outside, and what they cost, against the rates of the settings. Implements `RequestRates`.

A caller with a token is counted as its account and its department; one without, as its network. A document is counted
by its hash, for all callers together. What is refused is counted nowhere. `gateway.rates.route_rates` counts requests
to other addresses here as well.
"""

from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from limits import RateLimitItem

from gateway.rates.rate_headers import ServiceLimit
from policy.actors import Actor, Role
from schema.core.errors import RateExceeded
from schema.core.limits import Rate
from storage.rate_limits.leases import Lease, LeasePool

REMEMBERED: Final = 20_000
"""How many accounts, departments, networks and documents a process remembers; one that is forgotten gets a new part."""


class _Kind(NamedTuple):
    """The two rates of one kind of caller, or of documents; what counts no cost has one."""

    requests: Rate
    cost: Rate | None = None


_ACTOR: Final = _Kind(Rate.REQUESTS_OF_ACTOR, Rate.COST_OF_ACTOR)
_DEPARTMENT: Final = _Kind(Rate.REQUESTS_OF_DEPARTMENT, Rate.COST_OF_DEPARTMENT)
_NETWORK: Final = _Kind(Rate.REQUESTS_OF_NETWORK, Rate.COST_OF_NETWORK)
_DOCUMENT: Final = _Kind(Rate.REQUESTS_OF_DOCUMENT, Rate.COST_OF_DOCUMENT)


class _Leases(NamedTuple):
    """The leases of one account, department, network or document."""

    requests: tuple[Lease, ...]
    cost: tuple[Lease, ...]


class LeasedRequestRates:
    """Spends leases. *tag* is a keyed hash: the shared counts hold no account, department or network."""

    def __init__(
        self, rates: Mapping[Rate, Sequence[RateLimitItem]], pool: LeasePool, tag: Callable[[str, str], str]
    ) -> None:
        self._rates, self._pool, self._tag = rates, pool, tag
        self._limited = frozenset(
            kind
            for kind in (_ACTOR, _DEPARTMENT, _NETWORK, _DOCUMENT)
            if any(rate is not None and rates.get(rate) for rate in kind)
        )
        self._known: OrderedDict[tuple[_Kind, str], _Leases] = OrderedDict()
        self.refused: Counter[Rate] = Counter()
        """How many requests this process has refused, by the rate that was used up."""

    def admit(self, actor: Actor, network: Callable[[], str]) -> Awaitable[None] | None:
        """Count a request of the caller before its document is looked at."""
        return self._spend([(lease, 1) for one in self._callers(actor, network) for lease in one.requests])

    def charge(self, actor: Actor, network: Callable[[], str], document: str, cost: int) -> Awaitable[None] | None:
        """Count a use of *document*, and *cost* for the caller and for the document."""
        spendings = [(lease, cost) for one in self._callers(actor, network) for lease in one.cost]
        if _DOCUMENT in self._limited:
            of_document = self._of(_DOCUMENT, document)
            spendings += [(lease, 1) for lease in of_document.requests]
            spendings += [(lease, cost) for lease in of_document.cost]
        return self._spend(spendings)

    def take(self, rate: Rate, whose: str) -> Awaitable[None] | None:
        """Count one of what *rate* counts, where that is no request to `/graphql`."""
        if not self._rates.get(rate):
            return None
        return self._spend([(lease, 1) for lease in self._of(_Kind(rate), whose).requests])

    def limits(self, actor: Actor, network: Callable[[], str]) -> Sequence[ServiceLimit]:
        """Return how the caller's own limits of requests stand. A department's would tell what colleagues do."""
        own = self._callers(actor, network)[:1]
        rate = Rate.REQUESTS_OF_NETWORK if actor.role is Role.ANONYMOUS else Rate.REQUESTS_OF_ACTOR
        return [
            ServiceLimit(rate, lease.amount, lease.seconds, lease.remaining, self._pool.seconds_left(lease))
            for leases in own
            for lease in leases.requests
        ]

    def cost_left(self, actor: Actor, network: Callable[[], str]) -> tuple[int, int] | None:
        """Return the caller's own limit of cost that is nearest to its end, and what remains of it; None for none."""
        leases = [lease for one in self._callers(actor, network)[:1] for lease in one.cost]
        lease = min(leases, key=lambda each: each.remaining, default=None)
        return None if lease is None else (lease.amount, lease.remaining)

    async def close(self) -> None:
        """Let what is under way end."""
        await self._pool.close()

    def _spend(self, spendings: Sequence[tuple[Lease, int]]) -> Awaitable[None] | None:
        return None if self._pool.spend(spendings) else self._spend_when_extended(spendings)

    async def _spend_when_extended(self, spendings: Sequence[tuple[Lease, int]]) -> None:
        full = await self._pool.spend_when_extended(spendings)
        if full is not None:
            rate = Rate(full.what.partition(":")[0])
            self.refused[rate] += 1
            until = datetime.fromtimestamp(full.ends, UTC).isoformat()
            raise RateExceeded(rate=rate.name, allowed=full.amount, window=full.seconds, until=until)

    def _callers(self, actor: Actor, network: Callable[[], str]) -> Sequence[_Leases]:
        """Return the leases of the caller: its own come first."""
        if actor.role is Role.ANONYMOUS:
            return (self._of(_NETWORK, network()),) if _NETWORK in self._limited else ()
        own = (self._of(_ACTOR, actor.account),)
        if _DEPARTMENT not in self._limited or actor.department is None:
            return own
        return (*own, self._of(_DEPARTMENT, actor.department))

    def _of(self, kind: _Kind, whose: str) -> _Leases:
        known = self._known.get((kind, whose))
        if known is not None:
            self._known.move_to_end((kind, whose))
            return known
        if len(self._known) >= REMEMBERED:
            self._known.popitem(last=False)
        tag = self._tag("rate", whose)
        found = (
            () if rate is None else tuple(Lease(each, f"{rate}:{tag}") for each in self._rates.get(rate, ()))
            for rate in kind
        )
        known = self._known[kind, whose] = _Leases(*found)
        return known
