"""Counts the requests to every address but `/graphql`, which counts its own: with the same rates, by the same callers.

    by the account     where the headers name one, by a token or by a session, whatever the address does with them
    by the network     everybody else: without a token, and with one that is refused
    not at all         probes; static files, and tiles of the ledger, which caches keep for ever

Checkpoints and proofs of the ledger have a rate of their own, so that who follows it is not counted as who uses it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from gateway.http.client_network import ClientNetworks
from gateway.http.errors import Code, HttpRefusal
from gateway.rates.rate_headers import headers_of_refusal
from gateway.rates.request_rates import LeasedRequestRates
from policy.actors import ANONYMOUS, Actor
from schema.core.errors import RateExceeded
from schema.core.limits import Rate

Authenticate = Callable[[Headers], Awaitable[Actor]]
STATIC: Final = "/static/"
CREDENTIALS: Final = ("authorization", "cookie")


class RouteRates:
    """The rates of the other addresses. Without *rates* nothing is counted. Raises HttpRefusal (RATE_EXCEEDED)."""

    def __init__(self, rates: LeasedRequestRates | None, networks: ClientNetworks, now: Callable[[], datetime]) -> None:
        self._rates = rates
        self._networks = networks
        self._now = now

    async def admit(self, authenticate: Authenticate, scope: Scope, headers: Headers) -> None:
        """Count a request of its caller."""
        if self._rates is not None and not scope["path"].startswith(STATIC):
            caller = await _caller(authenticate, headers)
            await self._spent(scope, self._rates.admit(caller, lambda: self._networks.of(scope)))

    async def take(self, scope: Scope, rate: Rate, whose: str | None = None) -> None:
        """Count one of what *rate* counts: of *whose*, or of the network of the request."""
        if self._rates is not None:
            await self._spent(scope, self._rates.take(rate, whose or self._networks.of(scope)))

    async def _spent(self, scope: Scope, wait: Awaitable[None] | None) -> None:
        if wait is None:
            return
        try:
            await wait
        except RateExceeded as full:
            scope["rate_headers"] = headers_of_refusal(full, self._now())
            refusal = HttpRefusal(Code.RATE_EXCEEDED, **{name: _plain(value) for name, value in full.facts.items()})
            scope["retry_at"] = refusal.retry_at
            raise refusal from None


async def _caller(authenticate: Authenticate, headers: Headers) -> Actor:
    """Return who is counted. Whoever is refused is refused by the address, for its own reason."""
    if not any(name in headers for name in CREDENTIALS):
        return ANONYMOUS
    try:
        return await authenticate(headers)
    except HttpRefusal:
        return ANONYMOUS


def _plain(value: object) -> str | int:
    return value if isinstance(value, int) else str(value)
