"""The limits of one request, and the quotas over time; each is a setting."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CHARACTERS_PER_TOKEN: Final = 50
"""A document is read in time that is proportional to its length, not only to its tokens."""
ROWS_AT_ONCE: Final = 200
"""The rows of a file that are looked up at once: no quota of imports may be smaller."""


class Quota(StrEnum):
    """What is counted over time, in the database that replicas share; the number of each is a setting."""

    LOOKUPS_OF_ACTOR = "lookups-of-actor"
    LOOKUPS_OF_DEPARTMENT = "lookups-of-department"
    CONSULTED_BY_ACTOR = "consulted-by-actor"
    CONSULTED_BY_DEPARTMENT = "consulted-by-department"
    IMPORTED_BY_ACTOR = "imported-by-actor"
    IMPORTED_BY_DEPARTMENT = "imported-by-department"
    PUSHED_BY_ACTOR = "pushed-by-actor"
    NOTICE_MISSES_OF_NETWORK = "notice-misses-of-network"
    ALARMS = "alarms"
    """How often one alarm about the same caller is logged."""


class Rate(StrEnum):
    """What is counted of all requests from outside, for which a setting states how much is admitted in a time."""

    REQUESTS_OF_ACTOR = "requests-of-actor"
    REQUESTS_OF_DEPARTMENT = "requests-of-department"
    REQUESTS_OF_NETWORK = "requests-of-network"
    REQUESTS_OF_DOCUMENT = "requests-of-document"
    COST_OF_ACTOR = "cost-of-actor"
    COST_OF_DEPARTMENT = "cost-of-department"
    COST_OF_NETWORK = "cost-of-network"
    COST_OF_DOCUMENT = "cost-of-document"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one request.

    *tokens* in a document; *depth* of its fields; *aliases* and *roots* of an operation; *directives* at one place of
    it; *cost* of it, as the schema states it; *values* that it selects at most; *page* in items
    on a page; *node_ids* in one request; *seconds* for one response; *names* in one consultation.
    """

    tokens: int = 2_000
    depth: int = 15
    aliases: int = 60
    roots: int = 12
    directives: int = 8
    cost: int = 10_000
    values: int = 40_000
    page: int = 100
    node_ids: int = 100
    seconds: float = 10.0
    names: int = 500

    @property
    def characters(self) -> int:
        """How long a document may be; values belong in variables."""
        return self.tokens * CHARACTERS_PER_TOKEN


@dataclass(frozen=True, slots=True)
class SubscriptionLimits:
    """How many subscriptions run at once, and how often each looks for what is new.

    *reads_at_once* of all of them together. A subscription looks when something has happened, but not sooner than
    *pause_seconds* after its last look, and by itself after *look_seconds*: signals may be lost, and a day begins.
    After *check_seconds* it asks whether its subscriber still is who it was.
    """

    per_connection: int = 20
    per_actor: int = 50
    per_process: int = 1_000
    reads_at_once: int = 4
    pause_seconds: float = 1.0
    check_seconds: float = 10.0
    look_seconds: float = 30.0
