"""The limits of a request, each of which is a setting."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one request.

    *tokens* in a document; *depth* of its fields; *aliases* and *roots* of an operation; *cost* in values selected
    at most; *page* in items on a page; *node_ids* in one request; *seconds* for one response; *names* in one
    consultation.
    """

    tokens: int = 2_000
    depth: int = 15
    aliases: int = 60
    roots: int = 12
    cost: int = 40_000
    page: int = 100
    node_ids: int = 100
    seconds: float = 10.0
    names: int = 500
