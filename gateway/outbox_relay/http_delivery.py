"""Sends a payload over HTTP, and classifies the outcome.

    Delivered  2xx: the recipient has it, now or from an earlier attempt under the same key
    Rejected   4xx that would be the same tomorrow: given up, a person looks at it
    Retry      a passing failure: the network, a slow or broken recipient, a wrong address, an expired token

Only the status and `Retry-After` of the response are used; nothing else is trusted, stored or logged.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from gateway.outbox_relay.recipients import Recipient
from gateway.telemetry.trace_context import outgoing_headers

DELIVERY_SECONDS: Final = 15.0
"""Seconds for a whole delivery; httpx limits each read separately."""
HEALS: Final = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 426, 429})
"""Statuses that refuse the address, the token or the moment, not this payload."""
AWAY: Final = HEALS | {502, 503, 504}
"""Statuses that any other payload would meet as well. A 500 may be about this payload alone."""
OK, REDIRECTED, REFUSED, BROKEN = 200, 300, 400, 500


@dataclass(frozen=True, slots=True)
class Delivered:
    """The recipient has the payload."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The recipient will never accept the payload."""

    code: str


@dataclass(frozen=True, slots=True)
class Retry:
    """The payload did not arrive, as far as we know. *away*: no other payload to this recipient would arrive either."""

    code: str
    away: bool
    after: timedelta | None = None


DeliveryResult = Delivered | Rejected | Retry


async def post(client: httpx.AsyncClient, recipient: Recipient, key: str, body: bytes, now: datetime) -> DeliveryResult:
    """Send *body* to *recipient* under the idempotency key *key*."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
    headers |= outgoing_headers()
    if recipient.token_file is not None:
        token = _token(recipient)
        if token is None:
            return Retry("NO_TOKEN", away=True)
        headers["Authorization"] = f"Bearer {token}"
    try:
        async with (
            asyncio.timeout(DELIVERY_SECONDS),
            client.stream("POST", recipient.url, content=body, headers=headers, follow_redirects=False) as response,
        ):
            # The response body is not read: it may have any size and any content.
            return delivery_result_of(response.status_code, response.headers.get("retry-after"), now)
    except TimeoutError:
        return Retry("TIMEOUT", away=True)
    except httpx.TimeoutException:
        return Retry("TIMEOUT", away=True)
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return Retry("UNREACHABLE", away=True)


def delivery_result_of(status: int, retry_after: str | None, now: datetime) -> DeliveryResult:
    """Return the result that a status means for the payload."""
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
    """Return the first line of the token file, read each time: tokens are renewed while the process runs."""
    try:
        lines = recipient.token_file.read_text(encoding="ascii").splitlines() if recipient.token_file else []
    except (OSError, UnicodeDecodeError):
        return None
    return lines[0].strip() if lines and lines[0].strip().isprintable() else None
