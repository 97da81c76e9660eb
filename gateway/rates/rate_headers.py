"""Header fields that tell a client of its limits [draft-ietf-httpapi-ratelimit-headers-10].

    RateLimit-Policy: "requests-of-actor-60s";q=600;w=60
    RateLimit: "requests-of-actor-60s";r=412;t=17

*q* requests in a window of *w* seconds; *r* remain, and the window ends in *t* seconds. Limits of cost are not stated:
the draft has no unit for it, and `Prefer: cost` asks for it.
"""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Final, NamedTuple

from schema.core.errors import RateExceeded
from schema.core.limits import Rate

FIELDS: Final = ("RateLimit", "RateLimit-Policy")
HeaderList = list[tuple[bytes, bytes]]


class ServiceLimit(NamedTuple):
    """How one limit stands: *quota* and what *remains* of it, and in how many seconds its *window* *ends*."""

    rate: Rate
    quota: int
    window: int
    remains: int
    ends: int


def rate_headers(limits: Sequence[ServiceLimit]) -> HeaderList:
    """Return the header fields that tell of *limits*; none where there are none."""
    if not limits:
        return []
    named = [(f'"{each.rate}-{each.window}s"', each) for each in limits]
    policies = ", ".join(f"{name};q={each.quota};w={each.window}" for name, each in named)
    stand = ", ".join(f"{name};r={each.remains};t={each.ends}" for name, each in named)
    return [(b"ratelimit-policy", policies.encode()), (b"ratelimit", stand.encode())]


def headers_of_refusal(full: RateExceeded, now: datetime) -> HeaderList:
    """Return the header fields that tell of the limit that is used up."""
    rate, quota, window = Rate[str(full.facts["rate"])], int(str(full.facts["allowed"])), int(str(full.facts["window"]))
    until = datetime.fromisoformat(str(full.facts["until"]))
    return rate_headers([ServiceLimit(rate, quota, window, 0, max(0, ceil((until - now).total_seconds())))])
