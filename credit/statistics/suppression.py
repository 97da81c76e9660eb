"""Counts that may be shown: none so small that it points at somebody, and none that others give away [6.1] [5.1.6].

Three rules, over groups (departments) and, for each dimension (circumstance, channel, …), over group by category:

1. A group with 1 to k-1 counts is hidden. It shares a pool with others, of k at least, so that it cannot be had by
   subtracting the rest from the total. Everywhere below, the pool stands in for its groups.
2. A group is broken down only where it is large enough (`_enough`); else its cells are all hidden, zeros included, save
   in a category that is empty everywhere. So this depends on nothing but counts that are known.
3. Elsewhere a cell, or a category's total, of 1 to k-1 is hidden, and with it as many others as it takes.
   Zeros stay, so everybody knows that what is hidden here is at least 1.

What it takes: a table where each line (a group's cells, a category's cells, the categories' totals) adds up to a known
number is a graph. Groups and categories are its nodes, hidden cells its edges. Adding 1 to a cell is a step from group
to category, taking 1 away a step back, possible where at least as much is left as everybody knows to be there. So a
cell can differ, in another table that looks the same, exactly where it lies on a round trip. Where not, the cheapest
cells that close one are hidden as well; their choice looks at their size only where a step would be impossible. Lines
whose hidden cells come to less than k together are filled up, since that sum can be had by subtraction.

The rules hold against whoever knows k, the rules and all that is shown, for each dimension alone: dimensions share
nothing but the groups' totals, which are known. Whoever could also foresee which of several cells the program would
pick can in rare tables conclude more, so the order that decides it is not to be published (see `release`). They do not
hold against comparing releases over overlapping periods: publish a year once, when it is over.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from credit.core.errors import InconsistentFacts

K: Final = 5
"""The smallest count that is shown, other than 0."""
POOL: Final = "*"
"""The row that stands for all hidden groups together."""

Count = int | None
"""A count that is shown; None where it is hidden."""
Cell = tuple[str, str]

_TOTALS: Final = "+"  # the row of the categories' totals
_PART_COST: Final = 1
_TOTAL_COST: Final = 4  # a category's total says more than a cell


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One dimension: counts by (group, category), the hidden groups together as POOL; and by category."""

    cells: Mapping[Cell, Count]
    totals: Mapping[str, Count]


@dataclass(frozen=True, slots=True)
class Release:
    """What may be shown of one population."""

    total: Count
    groups: Mapping[str, Count]
    pool: Count
    """The hidden groups together; None where there are none, or where not even that may be shown."""
    breakdowns: Mapping[str, Breakdown]


Record = tuple[str, Mapping[str, str]]
"""One counted thing: its group, and its category in each dimension."""


def release(
    records: Iterable[Record], groups: Sequence[str], dimensions: Mapping[str, Sequence[str]], k: int = K
) -> Release:
    """Count *records*, and hide what the rules above want hidden. With k = 1 nothing is.

    *groups* and the categories of *dimensions* are all there are; a record of another raises InconsistentFacts. Where
    several cells would do to protect one, the first in this order is hidden: give the groups in an order that is not
    published, and the same one for the same year, so that nobody can reason from the choice.
    """
    counted = list(records)
    sizes = Counter(group for group, _ in counted)
    if not sizes.keys() <= set(groups) or {POOL, _TOTALS} & set(groups):
        raise InconsistentFacts
    hidden = _hidden_groups({group: sizes[group] for group in groups}, k)
    if hidden is None:
        return _nothing(groups, dimensions)
    pool = sum(sizes[group] for group in hidden) if hidden else None
    rows = {group: sizes[group] for group in groups if group not in hidden} | ({} if pool is None else {POOL: pool})
    return Release(
        len(counted),
        {group: None if group in hidden else sizes[group] for group in groups},
        pool,
        {
            dimension: _broken_down(rows, categories, _cells(counted, dimension, categories, hidden), k)
            for dimension, categories in dimensions.items()
        },
    )


def _hidden_groups(sizes: Mapping[str, int], k: int) -> frozenset[str] | None:
    """Return the groups to pool; None where there are too few of everything to show even the total."""
    if 0 < sum(sizes.values()) < k:
        return None
    hidden = [group for group, size in sizes.items() if 0 < size < k]
    spare = [group for group, size in sizes.items() if size >= k]
    # Each of them is known to hold something: a pool of as many as groups would give every one away.
    while hidden and (len(hidden) == 1 or sum(sizes[group] for group in hidden) < max(k, len(hidden) + 1)):
        if not spare:
            return None
        hidden.append(spare.pop(0))
    return frozenset(hidden)


def _nothing(groups: Sequence[str], dimensions: Mapping[str, Sequence[str]]) -> Release:
    blank = {
        dimension: Breakdown(dict.fromkeys((g, c) for g in groups for c in categories), dict.fromkeys(categories))
        for dimension, categories in dimensions.items()
    }
    return Release(None, dict.fromkeys(groups), None, blank)


def _cells(
    records: Iterable[Record], dimension: str, categories: Sequence[str], pooled: frozenset[str]
) -> Mapping[Cell, int]:
    counts = Counter((POOL if group in pooled else group, facts[dimension]) for group, facts in records)
    if not {category for _, category in counts} <= set(categories):
        raise InconsistentFacts
    return counts


def _enough(categories: int, k: int) -> int:
    """Return the size from which a group is broken down: so large that one cell at least can always give or take."""
    return k + max(k, categories)


def _broken_down(rows: Mapping[str, int], categories: Sequence[str], counts: Mapping[Cell, int], k: int) -> Breakdown:
    table = _Table(rows, categories, counts, k)
    # With a single category, each cell is its group's size, which is shown.
    if k > 1 and len(categories) > 1:
        table.protect()
    shown = {cell: None if cell in table.hidden else count for cell, count in table.counts.items()}
    return Breakdown(
        {cell: count for cell, count in shown.items() if cell[0] != _TOTALS},
        {category: shown[_TOTALS, category] for category in categories},
    )


class _Table:
    """A table being protected. Sums of rows are known, and so is that of the categories' totals."""

    def __init__(self, rows: Mapping[str, int], categories: Sequence[str], counts: Mapping[Cell, int], k: int) -> None:
        self.k = k
        self.categories = tuple(categories)
        self.counts = {(row, category): counts.get((row, category), 0) for row in rows for category in categories}
        self.counts |= {
            (_TOTALS, category): sum(counts.get((row, category), 0) for row in rows) for category in categories
        }
        enough = _enough(len(self.categories), k)
        self.blank = {row for row, size in rows.items() if 0 < size < enough} if k > 1 else set()
        self.rows = (*rows, _TOTALS)
        self.sizes = rows
        self.hidden: set[Cell] = set()

    def protect(self) -> None:
        """Hide what is small, then what would give it away, until nothing would."""
        self.hidden = {
            cell
            for cell, count in self.counts.items()
            if 0 < count < self.k or (cell[0] in self.blank and self.counts[_TOTALS, cell[1]] > 0)
        }
        before = -1
        while len(self.hidden) > before:
            before = len(self.hidden)
            for cell in sorted(self.hidden, key=self._place):
                self.hidden |= self._closing(cell) or frozenset()
            self._fill_pools()
        if any(self._closing(cell) is None for cell in self.hidden):
            # The rules leave no such cell. Should one remain all the same, nothing is better than a figure of somebody.
            self.hidden = set(self.counts)

    def _place(self, cell: Cell) -> tuple[int, int]:
        return self.rows.index(cell[0]), self.categories.index(cell[1])

    def _fill_pools(self) -> None:
        """See that what is hidden in a line with a known sum comes to k together: less would be a small count too."""
        for row in self.rows:
            if row not in self.blank:
                self._fill([(row, category) for category in self.categories])
        for category in self.categories:
            if (_TOTALS, category) not in self.hidden:
                parts = [(row, category) for row in self.rows if row != _TOTALS]
                if not self._fill(parts):
                    self.hidden.add((_TOTALS, category))

    def _fill(self, line: Sequence[Cell]) -> bool:
        """Hide more of *line* until its hidden part is none or k. Tells whether that can be done."""
        hidden = [cell for cell in line if cell in self.hidden]
        # A cell that is all its group has cannot be hidden: the group's size is known.
        spare = [c for c in line if c not in self.hidden and 0 < self.counts[c] != self.sizes.get(c[0])]
        while hidden and sum(self.counts[cell] for cell in hidden) < self.k:
            if not spare:
                return False
            hidden.append(spare.pop(0))
        self.hidden.update(hidden)
        return True

    def _closing(self, cell: Cell) -> frozenset[Cell] | None:
        """Return what else has to be hidden so that *cell* may differ; None where nothing would do."""
        row, category = cell
        trips = []
        if self._may_step(cell, up=True):
            trips.append(self._cheapest(("category", category), ("row", row), cell))
        if self._may_step(cell, up=False):
            trips.append(self._cheapest(("row", row), ("category", category), cell))
        possible = [trip for trip in trips if trip is not None]
        return min(possible, key=lambda trip: trip[0])[1] if possible else None

    def _cheapest(
        self, start: tuple[str, str], goal: tuple[str, str], without: Cell
    ) -> tuple[int, frozenset[Cell]] | None:
        """Return the cheapest way from *start* to *goal* (Dijkstra) and the shown cells on it."""
        reached: set[tuple[str, str]] = set()
        waiting: list[tuple[int, int, tuple[str, str], frozenset[Cell]]] = [(0, 0, start, frozenset())]
        turn = 0
        while waiting:
            cost, _, node, uses = heapq.heappop(waiting)
            if node == goal:
                return cost, uses
            if node in reached:
                continue
            reached.add(node)
            for cell, beyond in self._steps(node):
                if cell == without or beyond in reached:
                    continue
                shown = cell not in self.hidden
                price = (_TOTAL_COST if cell[0] == _TOTALS else _PART_COST) if shown else 0
                turn += 1
                heapq.heappush(waiting, (cost + price, turn, beyond, uses | {cell} if shown else uses))
        return None

    def _steps(self, node: tuple[str, str]) -> Iterable[tuple[Cell, tuple[str, str]]]:
        kind, name = node
        if kind == "row":
            for category in self.categories:
                if self._may_step((name, category), up=True):
                    yield (name, category), ("category", category)
        else:
            for row in self.rows:
                if self._may_step((row, name), up=False):
                    yield (row, name), ("row", row)

    def _may_step(self, cell: Cell, *, up: bool) -> bool:
        """Tell whether *cell* could hold one more, or one less, for all that everybody knows of it."""
        row, _ = cell
        if row == _TOTALS:
            return True  # it follows its parts
        if row in self.blank:
            return up or self.counts[cell] > 0
        return self.counts[cell] > (0 if up else 1)
