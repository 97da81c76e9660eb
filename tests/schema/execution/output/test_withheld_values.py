"""An error of a withheld value stands where the null stands in the response, and nowhere else."""

from typing import Any

import orjson
import pytest

from policy.crypto.keyring import DAMAGED
from policy.decisions import WithheldReason
from schema.core.enums import AccessOutcome
from schema.execution.output.withheld_values import WithheldMarker, clear_markers, find_markers, mark_damaged, tree_of
from schema.execution.planning.decisions import MOST_ERRORS, FieldDecision

AT = ("cases", "nodes", "subject", "phone")


def decided(path: tuple[str, ...], listed: tuple[int, ...]) -> FieldDecision:
    return FieldDecision(
        path, "A.b", None, AccessOutcome.WITHHELD, reason=WithheldReason.ROLE, types=["A"], listed=listed
    )


M, N = (WithheldMarker(decided(AT, (2,)), by_row=by_row) for by_row in (False, True))
SHARED = {"phone": M}
FOUND: list[tuple[str, Any, dict[WithheldMarker, list[tuple[int, ...]]]]] = [
    ("in each item", [{"subject": {"phone": M}}, {"subject": {"phone": M}}], {M: [(0,), (1,)]}),
    ("not below what is null", [None, {"subject": None}, {"subject": {"phone": M}}], {M: [(2,)]}),
    ("not in a type that has no such field", [{"other": 1}, {"subject": {"name": "x"}}], {}),
    ("not where a type shows it", [{"subject": {"phone": "138"}}, {"subject": {"phone": M}}], {M: [(1,)]}),
    ("by two decisions", [{"subject": {"phone": M}}, {"subject": {"phone": N}}], {M: [(0,)], N: [(1,)]}),
    ("an object that stands twice", [{"subject": SHARED}, {"subject": SHARED}], {M: [(0,), (1,)]}),
    ("nothing", [], {}),
]


@pytest.mark.parametrize(("case", "nodes", "expected"), FOUND, ids=[one[0] for one in FOUND])
def test_markers_are_found_at_their_places(
    case: str, nodes: Any, expected: dict[WithheldMarker, list[tuple[int, ...]]]
) -> None:
    del case
    found: dict[WithheldMarker, list[tuple[int, ...]]] = {}
    data = {"cases": {"nodes": nodes}, "others": {"nodes": [{"subject": {"phone": "1"}}]}}
    find_markers(data, tree_of([AT]), found)
    assert found == expected


def test_a_list_in_a_list_has_two_indexes() -> None:
    found: dict[WithheldMarker, list[tuple[int, ...]]] = {}
    find_markers({"a": [{"b": []}, {"b": [{"c": 1}, {"c": M}]}]}, tree_of([("a", "b", "c")]), found)
    assert found == {M: [(1, 1)]}


def test_the_executor_gets_null_and_what_did_not_open_is_withheld() -> None:
    data = {"cases": {"nodes": [{"subject": {"phone": DAMAGED}}, {"subject": {"phone": M}}]}}
    mark_damaged(data, {AT: N})
    assert data["cases"]["nodes"][0]["subject"]["phone"] is N
    clear_markers(data, tree_of([AT]))
    assert data == {"cases": {"nodes": [{"subject": {"phone": None}}] * 2}}


PATHS = [
    ("no list", ("a", "b"), (), (), ["a", "b"]),
    ("an item", ("a", "b"), (1,), (3,), ["a", 3, "b"]),
    ("an item of an item", AT, (1, 2), (0, 12), ["cases", 0, "nodes", 12, "subject", "phone"]),
]


@pytest.mark.parametrize(("case", "path", "listed", "indexes", "place"), PATHS, ids=[one[0] for one in PATHS])
def test_an_error_has_the_path_of_its_place(
    case: str, path: tuple[str, ...], listed: tuple[int, ...], indexes: tuple[int, ...], place: list[str | int]
) -> None:
    del case
    decision = decided(path, listed)
    (text,) = decision.errors([indexes])
    error = orjson.loads(text)
    assert error["path"] == place
    assert error["extensions"]["at"] == decision.note()["at"] == list(path)
    assert decision.note()["path"] == ["*" if isinstance(key, int) else key for key in place]
    assert listed or text == orjson.dumps(decision.error()), "an error that is known with the plan is no other"


@pytest.mark.parametrize("count", [0, 1, MOST_ERRORS, MOST_ERRORS + 1, MOST_ERRORS + 250])
def test_beyond_a_hundred_one_error_says_how_many_more(count: int) -> None:
    errors = [orjson.loads(one) for one in decided(("a", "b"), (1,)).errors([(at,) for at in range(count)])]
    placed = [error for error in errors if "path" in error]
    assert [error["path"][1] for error in placed] == list(range(min(count, MOST_ERRORS)))
    more = [error["extensions"]["more"] for error in errors if "path" not in error]
    assert more == ([count - MOST_ERRORS] if count > MOST_ERRORS else [])
    assert all(f" {one} " in errors[-1]["message"] for one in more)
