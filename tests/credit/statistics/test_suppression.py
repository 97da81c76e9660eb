"""Small counts stay hidden, and nothing that is shown gives them away [6.1] [5.1.6]."""

from itertools import product

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from credit.core.errors import InconsistentFacts
from credit.statistics.suppression import POOL, Breakdown, Release, release
from tests.hypothesis_profiles import examples

TOTALS = "+"


def records(table, dimension="kind"):
    """Spell a table {group: counts by category} out into single records."""
    return [
        (group, {dimension: f"c{place}"})
        for group, counts in table.items()
        for place, count in enumerate(counts)
        for _ in range(count)
    ]


def released(table, k=5):
    width = max(map(len, table.values()))
    return release(records(table), list(table), {"kind": [f"c{place}" for place in range(width)]}, k)


def shown(found: Release):
    """Return what a reader sees, None for what is hidden, as rows of a table with the totals last."""
    breakdown = found.breakdowns["kind"]
    categories = list(breakdown.totals)
    rows = list(dict.fromkeys(row for row, _ in breakdown.cells))
    return {row: [breakdown.cells[row, category] for category in categories] for row in rows} | {
        TOTALS: list(breakdown.totals.values())
    }


H = None


@pytest.mark.parametrize(
    ("case", "table", "expected"),
    [
        ("nothing small, nothing hidden", {"a": [6, 7], "b": [8, 9]}, {"a": [6, 7], "b": [8, 9], TOTALS: [14, 16]}),
        ("zeros are shown", {"a": [0, 12], "b": [11, 0]}, {"a": [0, 12], "b": [11, 0], TOTALS: [11, 12]}),
        (
            "one small cell takes a square of cells",
            {"a": [2, 20], "b": [20, 20], "c": [20, 20]},
            {"a": [H, H], "b": [H, H], "c": [20, 20], TOTALS: [42, 60]},
        ),
        (
            "a group too small to be broken down shows its size alone",
            {"a": [0, 6], "b": [20, 20], "c": [20, 20]},
            {"a": [H, H], "b": [H, H], "c": [20, 20], TOTALS: [40, 46]},
        ),
        (
            "a cell that is all its group has cannot hide: the total goes instead",
            {"a": [0, 7], "b": [1, 7], "c": [20, 0]},
            {"a": [H, H], "b": [H, H], "c": [20, 0], TOTALS: [H, H]},
        ),
        (
            "small groups stand together",
            {"a": [2, 1], "b": [1, 3], "c": [20, 20]},
            {POOL: [H, H], "c": [H, H], TOTALS: [23, 24]},
        ),
    ],
)
def test_what_a_reader_sees(case, table, expected):
    """[6.1]"""
    assert shown(released(table)) == expected


def test_a_small_group_takes_another_into_its_pool():
    """[6.1] Else the total would give it away."""
    found = released({"a": [3, 0], "b": [20, 20], "c": [20, 20]})
    assert found.groups == {"a": None, "b": None, "c": 40}
    assert (found.pool, found.total) == (43, 83)


def test_a_pool_of_as_many_as_groups_is_too_small():
    """[6.1] Five departments with one case each would be five cases of one."""
    found = released({name: [1, 0] for name in "abcde"})
    assert found.total is None
    assert set(found.groups.values()) == {None}


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_too_few_of_everything_show_nothing_at_all(size):
    """[6.1]"""
    found = released({"a": [size, 0], "b": [0, 0]})
    assert found == Release(
        None,
        {"a": None, "b": None},
        None,
        {
            "kind": Breakdown(
                {("a", "c0"): None, ("a", "c1"): None, ("b", "c0"): None, ("b", "c1"): None}, {"c0": None, "c1": None}
            )
        },
    )


def test_a_count_of_zero_is_shown():
    found = released({"a": [0, 0]})
    assert (found.total, found.groups, found.breakdowns["kind"].totals) == (0, {"a": 0}, {"c0": 0, "c1": 0})


def test_dimensions_are_broken_down_beside_each_other():
    """[6.1]"""
    counted = [("a", {"kind": "x", "way": "p"})] * 12 + [("b", {"kind": "y", "way": "q"})] * 13
    found = release(counted, ["a", "b"], {"kind": ["x", "y"], "way": ["p", "q"]})
    assert found.breakdowns["way"].totals == {"p": 12, "q": 13}
    assert found.breakdowns["kind"].cells["a", "x"] == 12


@pytest.mark.parametrize(
    ("case", "counted", "groups"),
    [
        ("a group that is not listed", [("z", {"kind": "c0"})], ["a"]),
        ("a category that is not listed", [("a", {"kind": "z"})] * 20, ["a"]),
        ("a group named like the pool", [], ["a", POOL]),
    ],
)
def test_what_is_not_listed_is_refused(case, counted, groups):
    with pytest.raises(InconsistentFacts):
        release(counted, groups, {"kind": ["c0", "c1"]})


# --- the adversary -------------------------------------------------------------------------------------------------


def compositions(total, lows):
    """Give every way to spread *total* over as many cells as there are *lows*, each holding at least its own."""
    if len(lows) == 1:
        if total >= lows[0]:
            yield (total,)
        return
    for first in range(lows[0], total - sum(lows[1:]) + 1):
        for rest in compositions(total - first, lows[1:]):
            yield (first, *rest)


def possible_rows(row, size, blank):
    """Give every row that a reader cannot rule out: it adds up, and what is hidden holds 1 at least, if not blank."""
    places = [place for place, count in enumerate(row) if count is None]
    if not places:
        yield tuple(row)
        return
    left = size - sum(count for count in row if count is not None)
    for filling in compositions(left, [0 if blank else 1] * len(places)):
        filled = list(row)
        for place, count in zip(places, filling, strict=True):
            filled[place] = count
        yield tuple(filled)


def possible_tables(found: Release, k):
    """Give every table that shows the same, with what everybody knows: k, the rules, each row's size."""
    table = shown(found)
    totals = table.pop(TOTALS)
    sizes = {row: found.pool if row == POOL else found.groups[row] for row in table}
    enough = k + max(k, len(totals))
    choices = [list(possible_rows(row, sizes[name], 0 < sizes[name] < enough)) for name, row in table.items()]
    for rows in product(*choices):
        sums = tuple(map(sum, zip(*rows, strict=True)))
        if all(total is None or total == found_sum for total, found_sum in zip(totals, sums, strict=True)):
            yield (*rows, sums)


def attack(found: Release, k):
    """Return every hidden count that only one value fits, by its place."""
    table = list(shown(found).values())
    hidden = [(r, c) for r, row in enumerate(table) for c, count in enumerate(row) if count is None]
    values = {place: set() for place in hidden}
    for possible in possible_tables(found, k):
        for r, c in hidden:
            values[r, c].add(possible[r][c])
        if all(len(fitting) > 1 for fitting in values.values()):
            return []
    return [place for place, fitting in values.items() if len(fitting) < 2]


small_tables = st.integers(2, 3).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 4), min_size=width, max_size=width), min_size=1, max_size=3)
)


def broken(rows, k):
    found = released({f"g{place}": counts for place, counts in enumerate(rows)}, k)
    return [] if found.total is None else attack(found, k)


@given(small_tables, st.sampled_from([2, 3]))
@settings(max_examples=examples(300), deadline=None)
@example([[1, 1, 1], [1, 1, 1]], 2)
@example([[0, 2], [1, 1], [4, 0]], 2)
@example([[4, 0], [0, 4]], 3)
@example([[2, 2, 2]], 3)
def test_no_hidden_count_can_be_worked_out(rows, k):
    """[6.1] Brute force: of all tables that show the same, each hidden count has at least two values."""
    assert broken(rows, k) == []


larger_tables = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=2)


@given(larger_tables)
@settings(max_examples=examples(150), deadline=None)
@example([[1, 1, 8], [1, 9, 0]])
@example([[4, 4, 4], [1, 1, 9]])
def test_no_hidden_count_can_be_worked_out_at_the_usual_size(rows):
    """[6.1]"""
    assert broken(rows, 5) == []


@pytest.mark.slow
def test_none_of_all_the_small_tables_gives_a_count_away():
    """[6.1] Every table of three departments and two categories with counts up to 3."""
    assert [flat for flat in product(range(4), repeat=6) if broken([flat[:2], flat[2:4], flat[4:]], 2)] == []


@given(small_tables, st.sampled_from([2, 3, 5]))
@settings(max_examples=examples(300), deadline=None)
def test_the_true_table_is_among_the_possible_ones(rows, k):
    """The adversary of the test above knows nothing wrong."""
    found = released({f"g{place}": counts for place, counts in enumerate(rows)}, k)
    assume(found.total is not None)
    groups = [counts for place, counts in enumerate(rows) if found.groups[f"g{place}"] is not None]
    pooled = [counts for place, counts in enumerate(rows) if found.groups[f"g{place}"] is None]
    true = [*map(tuple, groups), *([tuple(map(sum, zip(*pooled, strict=True)))] if pooled else [])]
    assert (*true, tuple(map(sum, zip(*true, strict=True)))) in set(possible_tables(found, k))


wide_tables = st.lists(st.lists(st.integers(0, 30), min_size=4, max_size=4), min_size=1, max_size=8)


def pools(found: Release):
    """Give every sum that a reader gets by subtracting what is shown in a line from its known sum."""
    table = shown(found)
    totals = table.pop(TOTALS)
    for name, row in table.items():
        if None in row:
            size = found.pool if name == POOL else found.groups[name]
            yield size - sum(count for count in row if count is not None)
    for place, total in enumerate(totals):
        column = [row[place] for row in table.values()]
        if total is not None and None in column:
            yield total - sum(count for count in column if count is not None)
    if None in totals:
        yield found.total - sum(total for total in totals if total is not None)


@given(wide_tables, st.sampled_from([2, 5, 10]))
@settings(deadline=None)
def test_nothing_small_is_shown_and_nothing_small_is_left_by_subtraction(rows, k):
    """[6.1]"""
    found = released({f"g{place}": counts for place, counts in enumerate(rows)}, k)
    counts = [found.total, found.pool, *found.groups.values(), *(c for row in shown(found).values() for c in row)]
    assert all(count is None or count == 0 or count >= k for count in counts)
    if found.total is not None:
        assert all(left >= k for left in pools(found))
        hidden_groups = found.total - sum(count for count in found.groups.values() if count is not None)
        assert hidden_groups == (found.pool or 0)
        assert sum(1 for count in found.groups.values() if count is None) != 1


@given(wide_tables)
@settings(deadline=None)
def test_what_is_shown_is_true(rows):
    """[6.1]"""
    table = {f"g{place}": counts for place, counts in enumerate(rows)}
    for name, row in shown(released(table)).items():
        true = [sum(column) for column in zip(*rows, strict=True)] if name == TOTALS else table.get(name)
        if true is not None:
            assert all(count is None or count == right for count, right in zip(row, true, strict=True))


@given(wide_tables)
def test_with_k_of_one_everything_is_shown(rows):
    found = released({f"g{place}": counts for place, counts in enumerate(rows)}, 1)
    assert None not in found.groups.values()
    assert all(None not in row for row in shown(found).values())
