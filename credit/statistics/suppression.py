"""Suppression of small counts: none shown points at a person or allows a hidden one to be computed [6.1] [5.1.6].

Three rules, over groups (departments) and, for each dimension (circumstance, channel, …), over group by category:

1. A group with 1 to k-1 counts is hidden. It shares a pool of at least k with other groups, so that it cannot be
computed by subtracting the rest from the total. Everywhere below, the pool replaces its groups. 2. A group is broken
down only if it is large enough (`_enough`); else all its cells are hidden, zeros included, except in a category that is
empty everywhere. So this depends only on known counts. 3. Elsewhere a cell, or a category's total, of 1 to k-1 is
hidden, and with it as many others as necessary. Zeros stay, so it is public that a cell hidden here is at least 1.

Which others are necessary: a table where each line (a group's cells, a category's cells, the categories' totals) adds
up to a known number is a graph. Groups and categories are its nodes, hidden cells its edges. Adding 1 to a cell is a
step from group to category, taking 1 away a step back, possible only if the cell does not fall below its publicly known
minimum. So a cell can have another value, in another table with the same appearance, exactly if it lies on a cycle. If
it does not, the cheapest cells that close a cycle are hidden as well; their choice depends on their size only if a step
would be impossible. If the hidden cells of a line sum to less than k, more are hidden, because that sum can be computed
by subtraction.

The rules protect against an attacker who knows k, the rules and all shown counts, for each dimension alone: dimensions
share only the groups' totals, which are known. An attacker who could also predict which of several cells the program
picks could in rare tables conclude more, so the order that decides this must not be published (see `release`). The
rules do not protect against comparing releases of overlapping periods: publish a year once, when it is over.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from credit.core.errors import InconsistentFacts

K: Final = 5
"""The smallest count that is shown, other than 0."""
NONE_HIDDEN: Final = 1
"""With this in place of K every count is shown."""
POOL: Final = "*"
"""The row of all hidden groups together."""

Count = int | None
"""A count that is shown; None if it is hidden."""
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
    """The hidden groups together; None if there are none, or if not even their sum may be shown."""
    breakdowns: Mapping[str, Breakdown]


Record = tuple[str, Mapping[str, str]]
"""One counted record: its group, and its category in each dimension."""


def release(
    records: Iterable[Record], groups: Sequence[str], dimensions: Mapping[str, Sequence[str]], k: int = K
) -> Release:
    """Count *records*, and hide what the rules above require. With k = 1 nothing is hidden.

    *groups* and the categories of *dimensions* are complete; a record of another raises InconsistentFacts. If several
    cells could protect one, the first in this order is hidden. Give the groups in an order that is not published, and
    use the same order for the same year, so that the choice reveals nothing.
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
    """Return the groups to pool; None if the counts are too small to show even the total."""
    if 0 < sum(sizes.values()) < k:
        return None
    hidden = [group for group, size in sizes.items() if 0 < size < k]
    spare = [group for group, size in sizes.items() if size >= k]
    # Each pooled group is known to have at least 1: a pool of as many counts as groups would reveal them all.
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
    """Return the smallest size of a group to break down: at least one cell can then always gain or lose one."""
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
        """Hide small counts, then the cells that would reveal them, until nothing reveals them."""
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
            # The rules leave no such cell. If one remains all the same, showing nothing is better than exposing a
            # person.
            self.hidden = set(self.counts)

    def _place(self, cell: Cell) -> tuple[int, int]:
        return self.rows.index(cell[0]), self.categories.index(cell[1])

    def _fill_pools(self) -> None:
        """Ensure that the hidden cells of a line with a known sum add up to k or more: less would be a small count."""
        for row in self.rows:
            if row not in self.blank:
                self._fill([(row, category) for category in self.categories])
        for category in self.categories:
            if (_TOTALS, category) not in self.hidden:
                parts = [(row, category) for row in self.rows if row != _TOTALS]
                if not self._fill(parts):
                    self.hidden.add((_TOTALS, category))

    def _fill(self, line: Sequence[Cell]) -> bool:
        """Hide more of *line* until its hidden part is 0 or at least k. Return whether that is possible."""
        hidden = [cell for cell in line if cell in self.hidden]
        # A cell that is its whole group cannot be hidden: the group's size is known.
        spare = [c for c in line if c not in self.hidden and 0 < self.counts[c] != self.sizes.get(c[0])]
        while hidden and sum(self.counts[cell] for cell in hidden) < self.k:
            if not spare:
                return False
            hidden.append(spare.pop(0))
        self.hidden.update(hidden)
        return True

    def _closing(self, cell: Cell) -> frozenset[Cell] | None:
        """Return the cells to hide so that *cell* may have another value; None if no choice is enough."""
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
        """Return whether *cell* could be one more, or one less, given what is publicly known."""
        row, _ = cell
        if row == _TOTALS:
            return True  # a total follows its parts
        if row in self.blank:
            return up or self.counts[cell] > 0
        return self.counts[cell] > (0 if up else 1)
