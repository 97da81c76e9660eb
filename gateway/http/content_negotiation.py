"""Chooses one of our two media types by the `Accept` header [RFC 9110, 12.5.1; GraphQL over HTTP]."""

from collections.abc import Sequence
from typing import NamedTuple

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
TEXT = "text/plain"
"""Of the token of a stream, and of what has no body."""
EVENT_STREAM = "text/event-stream"


def choose(accept: Sequence[str]) -> str | None:
    """Return the media type of the response; None if neither is accepted, `application/json` without a header.

    A named type is preferred to one that a wildcard covers; of two named with equal weight, the newer one.
    """
    if len(accept) == 1 and (known := _USUAL.get(accept[0])):
        return known
    return _choose(accept)


def prefers(media: str, accept: Sequence[str]) -> bool:
    """Return whether the client names *media*, and gives it more weight than each of ours."""
    ranges = [found for header in accept for part in header.split(",") if (found := _range(part))]
    wanted = _rank(media, ranges)
    return wanted.named and wanted.quality > 0 and wanted > max(_rank(JSON, ranges), _rank(RESPONSE, ranges))


def _choose(accept: Sequence[str]) -> str | None:
    ranges = [found for header in accept for part in header.split(",") if (found := _range(part))]
    if not ranges:
        return JSON
    json, response = _rank(JSON, ranges), _rank(RESPONSE, ranges)
    chosen = RESPONSE if response > json or (response == json and response.named) else JSON
    return chosen if max(json, response).quality > 0 else None


class _Rank(NamedTuple):
    quality: float
    named: bool


def _range(part: str) -> tuple[str, float] | None:
    media, *parameters = (word.strip().lower() for word in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            quality = _quality(value.strip())
        if name.strip() == "charset" and value.strip().strip('"') not in {"utf-8", "utf8"}:
            media += " in another charset"  # covers neither of ours
    return (media, quality) if media else None


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _rank(media: str, ranges: Sequence[tuple[str, float]]) -> _Rank:
    """Return the weight of *media*, by the most specific range that covers it, and whether it was named."""
    wished = dict(ranges)
    for pattern in (media, "application/*", "*/*"):
        if pattern in wished:
            return _Rank(wished[pattern], pattern == media)
    return _Rank(0.0, named=False)


_USUAL = {
    each: _choose([each])
    for each in (JSON, RESPONSE, "*/*", f"{RESPONSE}, {JSON}", f"{RESPONSE},{JSON};q=0.9", f"{RESPONSE}, {JSON};q=0.9")
}
"""What clients send most often, with its answer."""
