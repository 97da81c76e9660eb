"""Relay connections by keyset cursors [Relay cursor connections]. Totals are counted only where they are requested.

No walk over the pages loses a row that was in the list all the time. In most lists no row moves; where rows move, those
that change during a walk come again at its end (`queryplan.plan.Moving`).
"""

from typing import Generic, TypeVar

import strawberry

from queryplan.plan import Moving, newest
from schema.core.fields import FilterColumn, structure

Node = TypeVar("Node")


SUBJECT_ID = "NaturalPerson.id"
"""The field that a filter by the global id of a subject reads."""
OF_SUBJECT = {"subject": FilterColumn("subject_id", "=", SUBJECT_ID)}
"""The filter of a list by the subject that its rows are about."""
# Not by the day of collection: a cursor would reveal it to callers of the list who do not see it.
CASES_BY_CHANGE = newest("changed_at", "case_id")
"""The order of cases: last changed first. A step moves its case."""
CASES_MOVE = Moving("changed_at", ("case_id",))
"""How a walk over cases in that order loses none."""


@strawberry.type(description="The place of a page in its list.")
class PageInfo:
    has_next_page: bool = structure("hasNextPage", "Whether there are items after this page.")
    has_previous_page: bool = structure("hasPreviousPage", "Whether there are items before this page.")
    start_cursor: str | None = structure(
        "startCursor", "The cursor of the first item on this page: pass it as `before` to go back."
    )
    end_cursor: str | None = structure(
        "endCursor", "The cursor of the last item on this page: pass it as `after` to continue."
    )


@strawberry.type(description="How many items a list has: exactly up to 10,000, beyond that at least so many.")
class Total:
    count: int = structure("count", "How many; 10000 where there are more.")
    is_exact: bool = structure("isExact", "Whether there are no more than `count`.")


@strawberry.type(description="An item on a page, with its cursor.")
class Edge(Generic[Node]):
    cursor: str = structure("cursor", "The position of this item in the list.")
    node: Node = structure("node", "The item itself.")


@strawberry.type(
    description="A page of a list, newest first unless the list says otherwise. Pages that follow each other, forwards "
    "or backwards, lose no item that is in the list all the time. An item may come again at the end of the way, where "
    "it changed shortly before the first page or since: the later one is right."
)
class Connection(Generic[Node]):
    edges: list[Edge[Node]] = structure("edges", "The items on this page with their cursors.")
    nodes: list[Node] = structure("nodes", "The items on this page, without cursors.")
    page_info: PageInfo = structure("pageInfo", "The place of this page in the list.")
    total: Total | None = structure(
        "total", "How many items the whole list has for this caller. Counted only when requested."
    )
    total_count: int | None = structure(
        "totalCount",
        "How many items the whole list has for this caller, however many. Counted only when requested.",
        deprecation_reason="Use `total`, which counts no further than 10,000; exports need the exact count.",
    )


@strawberry.type(
    description="What one event of a subscription shows that follows a list: its first page, as it is now. The list "
    "itself has what comes after it: pass `endCursor` to its `after`."
)
class FirstPage(Generic[Node]):
    nodes: list[Node] = structure("nodes", "The items on this page.")
    page_info: PageInfo = structure("pageInfo", "The place of this page in the list.")
    total: Total | None = structure(
        "total", "How many items the whole list has for this caller. Counted only when requested."
    )


@strawberry.type(
    description="What one event of a subscription shows: what is new since the event before, the oldest first unless "
    "the subscription says otherwise. Where there is more than `first`, the next event follows at once."
)
class Batch(Generic[Node]):
    nodes: list[Node] = structure("nodes", "What is new.")
