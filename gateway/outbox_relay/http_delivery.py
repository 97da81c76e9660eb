"""Hands a letter over by HTTP, and says in one of three words what came of it.

    Arrived   2xx: the peer has it, now or from an earlier attempt under the same key
    Refused   4xx that would be the same tomorrow: given up, a person looks at it
    Again     whatever may heal: the network, a slow or broken peer, a wrong address, an expired token

Nothing of the peer's answer but its status and `Retry-After` is believed, kept or logged.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from gateway.outbox_relay.recipients import Recipient

PATIENCE: Final = 15.0
"""Seconds for a whole delivery; httpx counts each read of its own."""
HEALS: Final = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 426, 429})
"""Refusals of the address, the token or the moment, not of this letter."""
AWAY: Final = HEALS | {502, 503, 504}
"""What would become of any other letter as well. A 500 may be about this one."""
OK, REDIRECTED, REFUSED, BROKEN = 200, 300, 400, 500


@dataclass(frozen=True, slots=True)
class Delivered:
    """The peer has it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The peer will never take it."""

    code: str


@dataclass(frozen=True, slots=True)
class Retry:
    """It did not arrive, as far as we know. *away*: nor would any other letter to this recipient."""

    code: str
    away: bool
    after: timedelta | None = None


DeliveryResult = Delivered | Rejected | Retry


async def post(client: httpx.AsyncClient, recipient: Recipient, key: str, body: bytes, now: datetime) -> DeliveryResult:
    """Send *body* to *recipient* under the idempotency key *key*."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
    if recipient.token_file is not None:
        token = _token(recipient)
        if token is None:
            return Retry("NO_TOKEN", away=True)
        headers["Authorization"] = f"Bearer {token}"
    try:
        async with (
            asyncio.timeout(PATIENCE),
            client.stream("POST", recipient.url, content=body, headers=headers, follow_redirects=False) as response,
        ):
            # The body is not read: it could be of any size, and say anything.
            return delivery_result_of(response.status_code, response.headers.get("retry-after"), now)
    except TimeoutError:
        return Retry("TIMEOUT", away=True)
    except httpx.TimeoutException:
        return Retry("TIMEOUT", away=True)
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return Retry("UNREACHABLE", away=True)


def delivery_result_of(status: int, retry_after: str | None, now: datetime) -> DeliveryResult:
    """Return what a status means for the letter."""
    if OK <= status < REDIRECTED:
        return Delivered()
    if REFUSED <= status < BROKEN and status not in HEALS:
        return Rejected(f"REFUSED_{status}")
    return Retry(f"HTTP_{status}", status in AWAY or status < REFUSED, _asked(retry_after, now))


def _asked(retry_after: str | None, now: datetime) -> timedelta | None:
    """Read `Retry-After` [RFC 9110 10.2.3]: seconds, or a date."""
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdecimal():
        return timedelta(seconds=min(int(retry_after[:9]), 86_400))
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max((at if at.tzinfo else at.replace(tzinfo=UTC)) - now, timedelta(0))


def _token(recipient: Recipient) -> str | None:
    """Return the first line of the token file, read anew each time: tokens are renewed while we run."""
    try:
        lines = recipient.token_file.read_text(encoding="ascii").splitlines() if recipient.token_file else []
    except (OSError, UnicodeDecodeError):
        return None
    return lines[0].strip() if lines and lines[0].strip().isprintable() else None
